"""What several of the services need."""

from django.db import models
from django.utils.translation import gettext as _

from core.canonical import fingerprint
from core.exceptions import StaleVersion


def refuse_stale(record: models.Model, seen: str) -> None:
    """Lock the record; StaleVersion where it is no longer as it was before the person who writes."""
    stored = type(record)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
    if fingerprint(stored) != seen:
        raise StaleVersion(_("Somebody else changed this in the meantime. Open it again."))
