"""Words that several apps share."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ScanState(TextChoices):
    """Where the check of an uploaded file stands."""

    PENDING = "pending", _("Being checked")
    CLEAN = "clean", _("Scanned, no virus found")
    NOT_SCANNED = "not_scanned", _("Not scanned for viruses")
    INFECTED = "infected", _("Virus found, not given out")
    REFUSED = "refused", _("Not accepted")


# A copy exists and is given out.
SERVED_STATES = (ScanState.CLEAN, ScanState.NOT_SCANNED)
