"""A record of the register as it is stored."""

from typing import Any

from django.db import models


def stored_version(record: models.Model) -> Any:
    """Whatever a form has put into this one. For whoever may correct it."""
    return type(record)._base_manager.get(pk=record.pk)
