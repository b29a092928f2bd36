"""Needs, offers and routes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import State, User
from networks import permissions
from networks.enums import (
    MatchStatus,
    Topic,
)
from networks.models import (
    AssistanceItem,
    AssistanceMatch,
    RouteFigure,
)
from networks.queries import Route, TopicRow


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
