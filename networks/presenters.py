"""Values that the pages of networks print. Nothing here decides who may do what."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import State, User
from core.templatetags.portal import month_date
from networks import permissions
from networks.enums import (
    MatchStatus,
    RequestKind,
    RequestStatus,
    Side,
    Step,
    Topic,
    TranslationStatus,
    Urgency,
)
from networks.models import (
    AssistanceItem,
    AssistanceMatch,
    CooperationRequest,
    Desk,
    Network,
    RequestChange,
    RequestMessage,
    RequestTranslation,
    RouteFigure,
    Seat,
)
from networks.queries import Pair, Route, TopicRow

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


# --- the sections of these pages ------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    label: str
    url: str
    current: bool


def sections(mine: permissions.Standing, current: str) -> list[Section]:
    """The menu inside the directory, networks and requests; the pages check for themselves who may enter."""
    pages = [("directory_list", _("Contacts"))]
    if mine.for_authority:
        pages.append(("focal_point_list", _("Focal points")))
    if mine.held:
        pages.append(("network_list", _("Networks")))
    if mine.writes_requests:
        pages.append(("request_list", _("Requests")))
    if mine.writes_requests or mine.follows_late:
        pages.append(("corridor_list", _("Answer times")))
    if mine.held:
        pages.append(("assistance_list", _("Technical assistance")))
    if mine.for_authority:
        pages += [("cooperation_map", _("Map of cooperation")), ("route_list", _("Routes"))]
    return [Section(label, reverse(name), name == current) for name, label in pages]


# --- directory ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A line of a summary list."""

    key: str
    value: str
    lang: str = ""
    note: str = ""


def desk_rows(desk: Desk) -> list[Row]:
    hours = desk.response_hours
    within = ngettext("%(hours)s hour", "%(hours)s hours", hours or 0) % {"hours": hours} if hours else ""
    rows = [
        Row(_("Institution"), desk.institution.name, lang=desk.institution.name_language),
        Row(_("State"), str(desk.institution.state or "—")),
        Row(_("Service"), desk.get_service_display()),
        Row(_("Telephone"), desk.phone),
        Row(_("E-mail"), desk.email),
        Row(_("Address"), desk.address),
        Row(_("Languages"), desk.language_names),
        Row(_("Hours"), desk.hours),
        Row(_("Usually answers within"), within),
        Row(_("What others should know"), desk.notes, lang=desk.name_language),
        Row(_("Verified on"), month_date(desk.verified_on)),
        Row(_("Visible to"), desk.get_visibility_display()),
        Row(_("Source"), desk.source),
    ]
    return [row for row in rows if row.value]


@dataclass(frozen=True)
class FocalPoint:
    state: State
    name: str
    since: date | None
    before: list[str]


def focal_point_rows(states: Iterable[State]) -> list[FocalPoint]:
    return sorted((_focal_point(state) for state in states), key=lambda row: row.state.sort_key)


def _focal_point(state: State) -> FocalPoint:
    appointments = state.focal_points  # type: ignore[attr-defined]
    now = next((one for one in appointments if one.valid_to is None), None)
    before = [_tenure(one) for one in appointments if one.valid_to is not None]
    if now is None:
        return FocalPoint(state, "", None, before)
    name = now.user.full_name if now.user else _("Invited, has not accepted yet")
    return FocalPoint(state, name, now.valid_from, before)


def _tenure(appointment: Any) -> str:
    name = appointment.user.full_name if appointment.user else "—"
    return _("%(name)s, %(first)s to %(last)s") % {
        "name": name,
        "first": month_date(appointment.valid_from, "short"),
        "last": month_date(appointment.valid_to, "short"),
    }


# --- networks -------------------------------------------------------------------------------------


def network_rows(network: Network) -> list[Row]:
    text, language = network.text_in("purpose")
    dates = (_("since %(date)s") % {"date": month_date(network.valid_from)}) if network.valid_from else ""
    until = (_("until %(date)s") % {"date": month_date(network.valid_to)}) if network.valid_to else ""
    rows = [
        Row(_("Purpose"), text, lang=language),
        Row(_("Level"), network.get_level_display()),
        Row(_("Acronym"), network.acronym),
        Row(_("Legal basis or agreement"), network.legal_basis),
        Row(_("Exists"), ", ".join(part for part in (dates, until) if part)),
        Row(_("Source"), network.source),
    ]
    return [row for row in rows if row.value]


def seat_dates(seat: Seat) -> str:
    if seat.valid_from and seat.valid_to:
        return f"{month_date(seat.valid_from, 'short')} – {month_date(seat.valid_to, 'short')}"
    if seat.valid_to:
        return _("until %(date)s") % {"date": month_date(seat.valid_to, "short")}
    return _("since %(date)s") % {"date": month_date(seat.valid_from, "short")} if seat.valid_from else "—"


# --- requests -------------------------------------------------------------------------------------


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


def states_of(sides: frozenset[str], request: CooperationRequest) -> set[int]:
    """Whose people are named to the reader: those of the own side."""
    states = {Side.SENDER: request.sender_state_id, Side.RECEIVER: request.receiver_state_id}
    return {states[Side(side)] for side in sides}


@dataclass(frozen=True)
class Said:
    """A message of the thread. To the other State the institution speaks, not the person."""

    author: str
    institution: str
    at: datetime
    text: str
    lang: str
    mine: bool
    translations: list["Translated"]
    translate_url: str


@dataclass(frozen=True)
class Translated:
    """What stands beside an original, with who wrote it and whether somebody else has read it over."""

    subject: str
    text: str
    lang: str
    author: str
    at: datetime
    tag: tuple[str, str]
    edit_url: str  # empty for the other side's
    review_url: str  # empty for its author, and once it is reviewed


def translations(
    rows: Iterable[RequestTranslation], user: User, request: CooperationRequest, own: set[int]
) -> dict[int | None, list[Translated]]:
    """By message; under None those of the request itself."""
    found: dict[int | None, list[Translated]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(_translated(row, user, request, own))
    return found


def _translated(row: RequestTranslation, user: User, request: CooperationRequest, own: set[int]) -> Translated:
    is_ours = row.by_institution.state_id in own
    waits = row.status == TranslationStatus.DRAFT and row.by_id != user.pk
    edit = f"{_translate_url(request, row.message_id)}?{urlencode({'language': row.language})}"
    return Translated(
        subject=row.subject,
        text=row.text,
        lang=row.language,
        author=f"{row.by}, {row.by_institution.name}" if is_ours else row.by_institution.with_state,
        at=row.at,
        tag=("accepted" if row.status == TranslationStatus.REVIEWED else "draft", row.get_status_display()),
        edit_url=edit if is_ours else "",
        review_url=reverse("translation_review", args=[request.reference, row.pk]) if waits else "",
    )


def _translate_url(request: CooperationRequest, message_id: int | None) -> str:
    if message_id is None:
        return reverse("request_translation", args=[request.reference])
    return reverse("message_translation", args=[request.reference, message_id])


def thread(
    messages: Iterable[RequestMessage],
    user: User,
    request: CooperationRequest,
    own: set[int],
    beside: Mapping[int | None, list[Translated]],
) -> list[Said]:
    """Each message with what translates it."""
    return [
        _said(message, user, message.by_institution.state_id in own, beside.get(message.pk, []), request)
        for message in messages
    ]


def _said(
    message: RequestMessage, user: User, is_ours: bool, beside: list[Translated], request: CooperationRequest
) -> Said:
    institution = message.by_institution.with_state
    author = str(message.by) if is_ours else institution
    step = f"{STEP_DONE[Step(message.step)]} · " if message.step else ""
    return Said(
        author=f"{step}{author}",
        institution=institution if is_ours else "",
        at=message.at,
        text=message.text,
        lang=message.language,
        mine=message.by_id == user.pk,
        translations=beside,
        translate_url=_translate_url(request, message.pk),
    )


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


@dataclass(frozen=True)
class CorridorRow:
    sender: State
    receiver: State
    asked: int
    waiting: int
    overdue: int
    answered: int
    median: str


def corridor_rows(rows: Iterable[Mapping[str, Any]], states: Mapping[int, State]) -> list[CorridorRow]:
    return [
        CorridorRow(
            states[row["sender_state"]],
            states[row["receiver_state"]],
            row["asked"],
            row["waiting"],
            row["overdue"],
            row["answered"],
            duration_words(row["median"]),
        )
        for row in rows
    ]


def duration_words(value: timedelta | None) -> str:
    """Whole days; hours where it was less than two days."""
    if value is None:
        return "—"
    hours = round(value.total_seconds() / 3600)
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


@dataclass(frozen=True)
class EscalatedRow:
    sender: State
    receiver: State
    kind: str
    urgency: str
    status: str
    answer_by: date
    due_at: datetime


def escalated_rows(rows: Iterable[Mapping[str, Any]], states: Mapping[int, State]) -> list[EscalatedRow]:
    return [
        EscalatedRow(
            states[row["request__sender_state"]],
            states[row["request__receiver_state"]],
            str(RequestKind(row["request__kind"]).label),
            str(Urgency(row["request__urgency"]).label),
            str(RequestStatus(row["request__status"]).label),
            row["request__answer_by"],
            row["due_at"],
        )
        for row in rows
    ]


# --- the map --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapCell:
    count: int
    url: str
    label: str


@dataclass(frozen=True)
class MapRow:
    state: State
    cells: list[MapCell | None]


def map_rows(states: Sequence[State], pairs: Mapping[tuple[int, int], Pair], what: str) -> list[MapRow]:
    return [MapRow(one, [_map_cell(one, other, pairs, what) for other in states]) for one in states]


def _map_cell(one: State, other: State, pairs: Mapping[tuple[int, int], Pair], what: str) -> MapCell | None:
    pair = pairs.get((one.pk, other.pk))
    count = getattr(pair, what) if pair else 0
    if not count:
        return None
    url = reverse("cooperation_pair", args=[one.iso2.lower(), other.iso2.lower()])
    return MapCell(count, url, f"{one.name} – {other.name}")


@dataclass(frozen=True)
class Node:
    x: float
    y: float
    label: str
    anchor: str
    text_x: float
    weight: float = 0
    width: float = 1


@dataclass(frozen=True)
class Drawing:
    """A star: what all are connected with in the middle, the others around, in the order of the table."""

    center: str
    nodes: list[Node] = field(default_factory=list)
    size: int = 460

    @property
    def middle(self) -> int:
        return self.size // 2

    @property
    def view_box(self) -> str:
        """Room for the names on both sides."""
        return f"-200 0 {self.size + 400} {self.size}"


def drawing(center: str, around: Sequence[tuple[str, int]]) -> Drawing:
    """Down the right side and up the left, at even heights, so that no name lies over another."""
    half = (len(around) + 1) // 2
    size = max(Drawing.size, 40 + 23 * half)
    heaviest = max((weight for _label, weight in around), default=1)
    nodes = []
    for number, (label, weight) in enumerate(around):
        right = number < half
        row = number if right else len(around) - 1 - number
        y = 20 + (size - 40) * (row + 0.5) / half
        reach = max(60.0, math.sqrt(max(0.0, (size * 0.42) ** 2 - (y - size / 2) ** 2)))
        x, shift = (size / 2 + reach, 12) if right else (size / 2 - reach, -12)
        anchor = "start" if right else "end"
        width = _width(weight, heaviest)
        nodes.append(Node(round(x, 1), round(y, 1), label, anchor, round(x + shift, 1), weight, width))
    return Drawing(center, nodes, size)


def _width(weight: int, heaviest: int) -> float:
    return round(1 + 5 * weight / heaviest, 1) if heaviest else 1


@dataclass(frozen=True)
class Connection:
    state: State
    pair: Pair
    url: str

    @property
    def total(self) -> int:
        return self.pair.agreements + self.pair.networks + self.pair.requests


def connection_rows(state: State, found: Mapping[int, Pair], states: Mapping[int, State]) -> list[Connection]:
    rows = [
        Connection(states[pk], pair, reverse("cooperation_pair", args=[state.iso2.lower(), states[pk].iso2.lower()]))
        for pk, pair in found.items()
    ]
    return sorted(rows, key=lambda row: row.state.sort_key)


# --- assistance and routes ------------------------------------------------------------------------


@dataclass(frozen=True)
class TopicLine:
    code: str
    label: str
    row: TopicRow


def topic_lines(matrix: Mapping[str, TopicRow]) -> list[TopicLine]:
    return [TopicLine(code, str(label), matrix.get(code, TopicRow())) for code, label in Topic.choices]


@dataclass(frozen=True)
class RouteLine:
    origin: State
    destination: State
    by_origin: str
    by_destination: str


def route_lines(found: Iterable[Route], states: Mapping[int, State]) -> list[RouteLine]:
    return [
        RouteLine(
            states[route.origin], states[route.destination], _figure(route.by_origin), _figure(route.by_destination)
        )
        for route in found
    ]


def _figure(value: int | None) -> str:
    """A released 0 means 0 to 4; nothing reported is not zero."""
    return _("not reported") if value is None else "0–4" if value == 0 else str(value)


@dataclass(frozen=True)
class TransitLine:
    state: State
    through: State
    figure: str


def transit_lines(figures: Iterable[RouteFigure]) -> list[TransitLine]:
    return [TransitLine(one.state, one.other, _figure(one.rounded)) for one in figures]


@dataclass(frozen=True)
class MatchRow:
    match: AssistanceMatch
    other: AssistanceItem
    tag: tuple[str, str]
    answers: list[tuple[str, str]]  # status and word of each answer open to the person


_MATCH_TAGS = {"proposed": "open", "agreed": "accepted", "declined": "draft", "done": "done"}


def match_rows(matches: Iterable[AssistanceMatch], item: AssistanceItem, user: User) -> list[MatchRow]:
    rows = []
    for match in matches:
        other = match.offer if match.need_id == item.pk else match.need
        tag = (_MATCH_TAGS[match.status], match.get_status_display())
        rows.append(MatchRow(match, other, tag, _answers(match, user)))
    return rows


def _answers(match: AssistanceMatch, user: User) -> list[tuple[str, str]]:
    if match.status == MatchStatus.PROPOSED and permissions.can_decide_match(user, match):
        return [(MatchStatus.AGREED, _("Agree")), (MatchStatus.DECLINED, _("Decline"))]
    own = any(permissions.can_keep_assistance(user, item) for item in (match.need, match.offer))
    return [(MatchStatus.DONE, _("Was carried out"))] if match.status == MatchStatus.AGREED and own else []
