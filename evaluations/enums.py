from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Where a day ends last among the capitals of the States. What one may still say, what may already be published and the
# days that documents print go by this one clock, wherever the reader is.
CLOCK = ZoneInfo("America/Guatemala")


FOURTH_MEETING = 4  # the one that is to evaluate the Work Plan
SECRETARIAT = "SG"  # the General Secretariat among the reporters


def day_of(moment: datetime) -> date:
    return timezone.localdate(moment, CLOCK)


def today() -> date:
    return timezone.localdate(timezone=CLOCK)


class DocumentFormat(TextChoices):
    PDF = "pdf", "PDF"
    DOCX = "docx", "DOCX"
    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"
    JSON = "json", "JSON"


class Standing(TextChoices):
    """Where a participating State stands in a round, as the evaluation sees it."""

    ACCEPTED = "accepted", _("Report accepted")
    SUBMITTED = "submitted", _("Submitted, not accepted")
    NOT_REPORTED = "not_reported", _("No report")
    EXCLUDED = "excluded", _("Left out of this evaluation")


class Stage(TextChoices):
    """What a build does, in this order; the labels are those of the job page."""

    FREEZE = "freeze", _("Fix the data")
    FIGURES = "figures", _("Compute the figures and compare the periods")
    PDF = "pdf", _("PDF documents")
    DOCX = "docx", _("DOCX documents")
    XLSX = "xlsx", _("XLSX workbooks")
    DATA = "data", _("Matrix as CSV and JSON")
    PAPERS = "papers", _("Papers of the States")
    PUBLISH = "publish", _("Check and store the documents")


class Suggestion(TextChoices):
    """What becomes of an activity in a second Work Plan."""

    KEEP = "keep", _("Keep")
    AMEND = "amend", _("Amend")
    MERGE = "merge", _("Merge with another")
    CLOSE = "close", _("Close")
    NEW = "new", _("New")


class OfficerRole(TextChoices):
    """Who leads a Meeting."""

    CHAIR = "chair", _("Chair")
    VICE_CHAIR = "vice_chair", _("Vice-chair")
    RAPPORTEUR = "rapporteur", _("Rapporteur")


class FollowUpStatus(TextChoices):
    """How a conclusion of a Meeting stands; no measure of how well."""

    PLANNED = "planned", _("Planned")
    UNDER_WAY = "under_way", _("Under way")
    DONE = "done", _("Carried out")
    DROPPED = "dropped", _("No longer pursued")


class UnitKind(TextChoices):
    """Texts of an evaluation that are translated."""

    QUOTE = "quote", _("Quotation of a State")
    PRACTICE = "practice", _("Good practice of a State")
    ELEMENT = "element", _("Element for a second Work Plan")
    EXCLUSION = "exclusion", _("Why a State is left out")
    REPLY = "reply", _("Reply of a State to a contribution")
    COMMENT = "comment", _("Comment of a State")


class TranslationStatus(TextChoices):
    MISSING = "missing", _("Not translated")
    DRAFT = "draft", _("Draft")
    REVIEWED = "reviewed", _("Reviewed")
    STALE = "stale", _("Source changed since")
