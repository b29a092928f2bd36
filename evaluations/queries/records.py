"""Whether a record of the register is still the one that a page showed."""

from typing import Any

from django.db import models

from core.canonical import content_hash


def fingerprint(record: models.Model) -> str:
    """Of everything that is stored of a record; of a new one nothing."""
    if record.pk is None:
        return ""
    return content_hash({f.attname: f.value_to_string(record) for f in record._meta.concrete_fields})


def stored_version(record: models.Model) -> Any:
    """The record as it is stored now, whatever a form has put into this one. For whoever may correct it."""
    return type(record)._base_manager.get(pk=record.pk)
