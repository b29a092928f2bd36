"""Codes of the directory, of networks and of cooperation requests."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import Role

_DATA = Path(__file__).parent / "data"


# --- directory ------------------------------------------------------------------------------------


class Service(TextChoices):
    SHELTER = "shelter", _("Shelter")
    LEGAL_AID = "legal_aid", _("Legal aid")
    POLICE = "police", _("Police unit")
    PROSECUTOR = "prosecutor", _("Prosecutor")
    CONSULATE = "consulate", _("Consulate")
    LABOR_INSPECTION = "labor_inspection", _("Labor inspection")
    HOTLINE = "hotline", _("Hotline")
    COORDINATION = "coordination", _("Coordination")
    OTHER = "other", _("Other service")


class DeskVisibility(TextChoices):
    PUBLIC = "public", _("Everybody")
    AUTHORITIES = "authorities", _("Authorities only")
    NETWORKS = "networks", _("Only members of our networks")


# --- networks -------------------------------------------------------------------------------------


class Level(TextChoices):
    LOCAL = "local", _("Local")
    NATIONAL = "national", _("National")
    REGIONAL = "regional", _("Regional")
    CONTINENTAL = "continental", _("Continental")


class SeatRole(TextChoices):
    COORDINATOR = "coordinator", _("Coordinates")
    MEMBER = "member", _("Member")
    OBSERVER = "observer", _("Observer")


class DecisionStatus(TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


# --- cooperation requests -------------------------------------------------------------------------


class RequestKind(TextChoices):
    INFORMATION = "information", _("Information")
    JOINT_OPERATION = "joint_operation", _("Joint operation")
    REPATRIATION = "repatriation", _("Arrangements for a return")
    TRAINING = "training", _("Training")
    LEGAL_ASSISTANCE = "legal_assistance", _("Contact for legal assistance")
    GOOD_PRACTICE = "good_practice", _("Good practice")


class Urgency(TextChoices):
    """How soon an answer is wanted; the days are data (data/urgencies.csv)."""

    IMMEDIATE = "immediate", _("Immediate")
    URGENT = "urgent", _("Urgent")
    PRIORITY = "priority", _("Priority")
    ROUTINE = "routine", _("Routine")


@dataclass(frozen=True)
class UrgencyTerms:
    answer_days: int  # whole days of the receiving State after the day of sending
    secretariat_days: int  # further days until the Secretariat is told


@cache
def urgency_terms() -> dict[str, UrgencyTerms]:
    with (_DATA / "urgencies.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row["code"]: UrgencyTerms(int(row["answer_days"]), int(row["secretariat_days"])) for row in rows}


class RequestStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent")
    TRANSFERRED = "transferred", _("Transferred")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    ANSWERED = "answered", _("Answered")
    DECLINED = "declined", _("Declined")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Step(TextChoices):
    SEND = "send", _("Send")
    ACKNOWLEDGE = "acknowledge", _("Acknowledge")
    TRANSFER = "transfer", _("Transfer to the right authority")
    ANSWER = "answer", _("Answer")
    DECLINE = "decline", _("Decline")
    CLOSE = "close", _("Close")
    WITHDRAW = "withdraw", _("Withdraw")


class Side(TextChoices):
    SENDER = "sender", _("The State that asks")
    RECEIVER = "receiver", _("The State that is asked")


@dataclass(frozen=True)
class Transition:
    sources: frozenset[str]
    target: str
    side: str  # whose step it is


_S = RequestStatus
_WAITING = frozenset({_S.SENT, _S.TRANSFERRED, _S.ACKNOWLEDGED})
# The one table of steps; services, pages and tests all read it.
TRANSITIONS: dict[str, Transition] = {
    Step.SEND: Transition(frozenset({_S.DRAFT}), _S.SENT, Side.SENDER),
    Step.ACKNOWLEDGE: Transition(frozenset({_S.SENT, _S.TRANSFERRED}), _S.ACKNOWLEDGED, Side.RECEIVER),
    Step.TRANSFER: Transition(_WAITING, _S.TRANSFERRED, Side.RECEIVER),
    Step.ANSWER: Transition(frozenset({_S.ACKNOWLEDGED}), _S.ANSWERED, Side.RECEIVER),
    Step.DECLINE: Transition(_WAITING, _S.DECLINED, Side.RECEIVER),
    Step.CLOSE: Transition(frozenset({_S.ANSWERED, _S.DECLINED}), _S.CLOSED, Side.SENDER),
    Step.WITHDRAW: Transition(_WAITING | {_S.DRAFT}, _S.WITHDRAWN, Side.SENDER),
}
# The receiving side still owes an answer: these escalate.
WAITING_STATUSES = tuple(sorted(_WAITING))
# While these last, both sides write in the thread.
TALKING_STATUSES = (*WAITING_STATUSES, _S.ANSWERED, _S.DECLINED)


class DeclineReason(TextChoices):
    NOT_COMPETENT = "not_competent", _("No authority of ours is competent")
    LAW = "law", _("Our law does not allow it")
    INCOMPLETE = "incomplete", _("The request lacks what is needed to answer")
    OTHER_CHANNEL = "other_channel", _("Another channel is prescribed, such as mutual legal assistance")
    RESOURCES = "resources", _("No resources for it at present")
    OTHER = "other", _("Other reason")


class Outcome(TextChoices):
    MET = "met", _("Met in full")
    PARTLY = "partly", _("Met in part")
    NOT_MET = "not_met", _("Not met")
    CONTINUES = "continues", _("Goes on through another channel")


class TranslationStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEWED = "reviewed", _("Reviewed")


class EscalationLevel(TextChoices):
    COORDINATOR = "coordinator", _("National coordinator")
    SECRETARIAT = "secretariat", _("General Secretariat")


class Notice(TextChoices):
    """Why somebody is told by mail that something waits in the portal; the mail says no more than this."""

    REQUEST_ARRIVED = "request_arrived", _("A cooperation request has arrived.")
    REQUEST_MOVED = "request_moved", _("A cooperation request has a new status.")
    REQUEST_MESSAGE = "request_message", _("There is a new message on a cooperation request.")
    REQUEST_LATE = "request_late", _("A cooperation request to your State has not been answered in time.")
    REQUEST_ESCALATED = "request_escalated", _("A cooperation request between two States is overdue.")
    DESK_STALE = "desk_stale", _("Contacts of your State in the directory need to be verified.")
    MATCH_PROPOSED = "match_proposed", _("A match was proposed for technical assistance.")


# --- technical assistance -------------------------------------------------------------------------


class AssistanceSide(TextChoices):
    NEED = "need", _("Need")
    OFFER = "offer", _("Offer")


class Topic(TextChoices):
    LAW = "law", _("Law and policy")
    IDENTIFICATION = "identification", _("Identification of victims")
    PROTECTION = "protection", _("Assistance and protection")
    INVESTIGATION = "investigation", _("Investigation and prosecution")
    PREVENTION = "prevention", _("Prevention and awareness")
    DATA = "data", _("Data and statistics")
    COORDINATION = "coordination", _("Coordination between institutions")
    BORDERS = "borders", _("Borders and travel documents")


class MatchStatus(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    AGREED = "agreed", _("Agreed")
    DECLINED = "declined", _("Declined")
    DONE = "done", _("Done")


# --- shared responsibility ------------------------------------------------------------------------


class RouteSide(TextChoices):
    """What a State says of victims it came to know of."""

    OWN_ABROAD = "own_abroad", _("Own nationals exploited in the other State")
    FROM_THERE = "from_there", _("Nationals of the other State exploited here")
    TRANSIT = "transit", _("People brought through the other State")


# --- law ------------------------------------------------------------------------------------------


class Act(TextChoices):
    """What a State does with a treaty, each with its day."""

    SIGNED = "signed", _("Signed")
    RATIFIED = "ratified", _("Ratified")
    ACCEDED = "acceded", _("Acceded")
    DENOUNCED = "denounced", _("Denounced")


class Force(TextChoices):
    """Where a plan stands on a day. Never stored: `force_on` finds it from the dates."""

    IN_FORCE = "in_force", _("In force")
    EXPIRED = "expired", pgettext_lazy("plan", "Expired")
    NOT_YET = "not_yet", _("Not yet in force")


def force_on(day: date, first: date, last: date | None) -> Force:
    """The first and the last day are both in force."""
    if day < first:
        return Force.NOT_YET
    return Force.EXPIRED if last is not None and day > last else Force.IN_FORCE


# By these a State is bound, until it denounces.
BINDING = (Act.RATIFIED, Act.ACCEDED)


def last_act(acts: Iterable[tuple[str, date]], day: date) -> tuple[str, date] | None:
    """What a State did last with a treaty until the end of a day; on one day a signature comes first."""
    done = [(act, on) for act, on in acts if on <= day]
    return max(done, key=lambda one: (one[1], Act.values.index(one[0])), default=None)


# --- who ------------------------------------------------------------------------------------------

# Those who work with other authorities: they keep desks, write requests and sit in networks.
LIAISON_ROLES = (Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.APPROVER)
