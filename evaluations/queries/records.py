"""Whether a record of the register is still the one that a page showed."""

from django.db import models

from core.canonical import content_hash


def fingerprint(record: models.Model) -> str:
    """Of everything that is stored of a record; of a new one nothing."""
    if record.pk is None:
        return ""
    return content_hash({f.attname: f.value_to_string(record) for f in record._meta.concrete_fields})
