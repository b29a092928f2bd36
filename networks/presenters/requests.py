"""Requests between States: where they stand, their facts and what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.templatetags.portal import month_date
from networks.enums import (
    RequestStatus,
    Step,
)
from networks.models import (
    CooperationRequest,
    RequestChange,
)
from networks.presenters.common import Row

STEP_DONE = {
    Step.SEND: gettext_lazy("Sent"),
    Step.ACKNOWLEDGE: gettext_lazy("Acknowledged"),
    Step.TRANSFER: gettext_lazy("Transferred"),
    Step.ANSWER: gettext_lazy("Answered"),
    Step.DECLINE: gettext_lazy("Declined"),
    Step.CLOSE: gettext_lazy("Closed"),
    Step.WITHDRAW: gettext_lazy("Withdrawn"),
}


# Steps by one button; the others ask something first.
PLAIN_STEPS = (Step.SEND, Step.ACKNOWLEDGE, Step.WITHDRAW)


TAGS = {
    RequestStatus.DRAFT: "draft",
    RequestStatus.SENT: "submitted",
    RequestStatus.TRANSFERRED: "submitted",
    RequestStatus.ACKNOWLEDGED: "in_progress",
    RequestStatus.ANSWERED: "accepted",
    RequestStatus.DECLINED: "returned",
    RequestStatus.CLOSED: "draft",
    RequestStatus.WITHDRAWN: "draft",
}


@dataclass(frozen=True)
class RequestRow:
    request: CooperationRequest
    tag: tuple[str, str]
    direction: str


def request_tag(request: CooperationRequest) -> tuple[str, str]:
    if request.is_overdue:
        return "overdue", _("Overdue")
    return TAGS[RequestStatus(request.status)], request.get_status_display()


def request_rows(requests: Iterable[CooperationRequest], own_states: set[int]) -> list[RequestRow]:
    """With the direction as the reader sees it."""
    words = {True: _("Sent"), False: _("Received")}
    return [RequestRow(one, request_tag(one), words[one.sender_state_id in own_states]) for one in requests]


@dataclass(frozen=True)
class Stage:
    label: str
    state: str
    url: str = ""


def request_stages(request: CooperationRequest) -> list[Stage]:
    """Where a request stands on its way."""
    order = (RequestStatus.SENT, RequestStatus.ACKNOWLEDGED, RequestStatus.ANSWERED, RequestStatus.CLOSED)
    reached = {
        RequestStatus.SENT: request.sent_at,
        RequestStatus.ACKNOWLEDGED: request.acknowledged_at,
        RequestStatus.ANSWERED: request.answered_at,
        RequestStatus.CLOSED: request.closed_at,
    }
    declined = request.status == RequestStatus.DECLINED or request.decline_reason
    stages = []
    waiting = next((status for status in order if not reached[status]), None)
    for status in order:
        word = RequestStatus.DECLINED if status == RequestStatus.ANSWERED and declined else status
        state = "done" if reached[status] else "current" if status == waiting else "next"
        stages.append(Stage(str(RequestStatus(word).label), state))
    return stages


@dataclass(frozen=True)
class StepButton:
    step: Step
    label: str
    url: str
    plain: bool
    kind: str


def step_buttons(steps: Iterable[Step], request: CooperationRequest) -> list[StepButton]:
    """The steps open to the person, the usual one first."""
    return [
        StepButton(
            step,
            str(step.label),
            reverse("request_step", args=[request.reference, step.value]),
            step in PLAIN_STEPS,
            "primary" if number == 0 else "secondary",
        )
        for number, step in enumerate(steps)
    ]


@dataclass(frozen=True)
class Happened:
    title: str
    at: datetime
    byline: str


def history(changes: Iterable[RequestChange], own: set[int]) -> list[Happened]:
    """Newest first. Names of the other State's people stay there."""
    items = []
    for change in changes:
        title = str(STEP_DONE[Step(change.step)])
        if change.to_institution:
            title = _("Transferred to %(institution)s") % {"institution": change.to_institution.name}
        is_ours = change.by_institution.state_id in own
        who = f"{change.by}, {change.by_institution.name}" if is_ours else change.by_institution.with_state
        items.append(Happened(title, change.at, who))
    return items[::-1]


def request_facts(request: CooperationRequest) -> list[Row]:
    rows = [
        Row(pgettext("request", "From"), request.sender.with_state),
        Row(pgettext("request", "To"), request.receiver.with_state),
        Row(_("Kind"), request.get_kind_display()),
        Row(_("Urgency"), request.get_urgency_display()),
        Row(_("Answer by"), month_date(request.answer_by), note=_by_zone(request)),
        Row(_("Activity of the Work Plan"), request.activity_code),
        Row(_("Reason for declining"), request.get_decline_reason_display() if request.decline_reason else ""),
        Row(_("Outcome"), request.get_outcome_display() if request.outcome else ""),
    ]
    return [row for row in rows if row.value]


def _by_zone(request: CooperationRequest) -> str:
    return _("until midnight in %(state)s") % {"state": request.receiver_state.name} if request.answer_by else ""
