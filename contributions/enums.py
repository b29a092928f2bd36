"""Codes of partner organizations, of what they contribute and of how far it has come."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.enums import SECRETARIAT_ROLES, Role
from core.enums import SERVED_STATES as SERVED_STATES
from core.enums import ScanState as ScanState

# --- accreditation --------------------------------------------------------------------------------


class OrganizationKind(TextChoices):
    INTERNATIONAL = "international", _("International organization")
    REGIONAL = "regional", _("Regional organization")
    CIVIL_SOCIETY = "civil_society", _("Civil-society organization")
    ACADEMIC = "academic", _("University or research center")


class AccreditationStatus(TextChoices):
    APPLIED = "applied", _("Waiting for its first look")
    VETTED = "vetted", _("Waiting for the second person")
    ACCREDITED = "accredited", _("Accredited")
    REFUSED = "refused", _("Refused")


LIFETIME = timedelta(days=2 * 365)  # of an accreditation
RENEWAL_WINDOW = timedelta(days=90)  # before its end, from when on it may be renewed

# --- contributions --------------------------------------------------------------------------------


class Kind(TextChoices):
    PROJECT = "project", _("Project")
    EVIDENCE = "evidence", _("Evidence")
    RECOMMENDATION = "recommendation", _("Recommendation")
    DATA = "data", _("Data")
    GOOD_PRACTICE = "good_practice", _("Good practice")


class Visibility(TextChoices):
    SECRETARIAT = "secretariat", _("The General Secretariat only")
    STATE = "state", _("The General Secretariat and the States it is about")
    PUBLIC = "public", _("Everybody, after the period has ended")


VISIBILITY_HINTS = {
    Visibility.SECRETARIAT: _("No State reads it or learns that it exists."),
    Visibility.STATE: _("These States read it beside their own answer and may reply once."),
    Visibility.PUBLIC: _("The States read it first and may reply; what is accepted is published with their reply."),
}


class Status(TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent")
    RECEIVED = "received", _("Received")
    UNDER_REVIEW = "under_review", _("Under review")
    ACCEPTED = "accepted", _("Accepted")
    NOT_USED = "not_used", _("Not used")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Step(TextChoices):
    SEND = "send", _("Send")
    RECEIVE = "receive", _("Confirm receipt")
    REVIEW = "review", _("Begin the review")
    ACCEPT = "accept", _("Accept")
    NOT_USE = "not_use", _("Do not use")
    WITHDRAW = "withdraw", _("Withdraw")


@dataclass(frozen=True)
class Transition:
    sources: frozenset[str]
    target: str
    roles: tuple[str, ...]  # whose step it is


_S = Status
# The one table of steps. A trigger holds the same in the database; a test compares the two.
TRANSITIONS: dict[str, Transition] = {
    Step.SEND: Transition(frozenset({_S.DRAFT}), _S.SENT, (Role.PARTNER,)),
    Step.RECEIVE: Transition(frozenset({_S.SENT}), _S.RECEIVED, SECRETARIAT_ROLES),
    Step.REVIEW: Transition(frozenset({_S.RECEIVED}), _S.UNDER_REVIEW, SECRETARIAT_ROLES),
    Step.ACCEPT: Transition(frozenset({_S.UNDER_REVIEW}), _S.ACCEPTED, SECRETARIAT_ROLES),
    Step.NOT_USE: Transition(frozenset({_S.RECEIVED, _S.UNDER_REVIEW}), _S.NOT_USED, SECRETARIAT_ROLES),
    Step.WITHDRAW: Transition(
        frozenset({_S.DRAFT, _S.SENT, _S.RECEIVED, _S.UNDER_REVIEW}), _S.WITHDRAWN, (Role.PARTNER,)
    ),
}
# A State reads what the Secretariat has received and so has looked through for victims' identities.
STATE_STATUSES = (_S.RECEIVED, _S.UNDER_REVIEW, _S.ACCEPTED, _S.NOT_USED)
# While these last, the Secretariat may put its one question.
ASKING_STATUSES = (_S.RECEIVED, _S.UNDER_REVIEW)

# --- quotas ---------------------------------------------------------------------------------------

MAX_OPEN_DRAFTS = 50  # of one organization
MAX_PER_STATE = 20  # sent by one organization about one State in one period
MAX_FILES = 5  # of one contribution or application

# --- many at once ---------------------------------------------------------------------------------

MAX_BULK_ROWS = 200  # of one workbook


class SheetColumn(TextChoices):
    """Columns of the workbook, by their headings."""

    VISIBILITY = "visibility", _("Who may read it")
    WITHHELD = "withheld", _("Withhold our name")
    KIND = "kind", _("What you send")
    LANGUAGE = "language", _("Language of the text")
    STATES = "states", _("States it is about")
    ACTIVITIES = "activities", _("Activities")
    TITLE = "title", _("Title")
    TEXT = "text", _("Text")
    FROM = "period_from", _("From when")
    UNTIL = "period_to", _("Until when")
    REASON = "identity_reason", _("Why it names no victim")


class BulkState(TextChoices):
    READ = "read", _("Checked, not sent")
    SENT = "sent", _("Sent")


# --- files ----------------------------------------------------------------------------------------


class TranslationStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEWED = "reviewed", _("Reviewed")
