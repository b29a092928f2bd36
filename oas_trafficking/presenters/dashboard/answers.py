"""Lists of answers: what a count of the dashboard is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from evaluations.delivery.content import name_key
from evaluations.queries.figures import addressed_to_states
from oas_trafficking.presenters.dashboard.parts import (
    title_of,
)
from oas_trafficking.queries.dashboard import Overview
from workplan.enums import ImplementationStatus


@dataclass(frozen=True)
class AnswerRow:
    state: str
    state_url: str
    code: str
    title: str
    url: str
    status: str
    label: str
    own: str  # where the State rated itself otherwise
    before: str


def answer_choices(of: Overview, names: Mapping[str, str], language: str) -> dict[str, list[tuple[str, str]]]:
    """What a list of answers can be narrowed to; States by name."""
    activities = addressed_to_states(of.live)
    return {
        "areas": [(area["code"], title_of(area["title"], language)) for area in of.live["areas"]],
        "states": sorted(names.items(), key=lambda pair: name_key(pair[1])),
        "activities": [(a["code"], a["number"]) for a in activities],
    }


def answer_rows(pairs: Iterable[Any], of: Overview, names: Mapping[str, str], language: str) -> list[AnswerRow]:
    titles = {a["code"]: (a["number"], title_of(a["title"], language)) for a in of.live["activities"]}
    return [_answer_row(pair, titles, names) for pair in pairs]


def _answer_row(pair: Any, titles: Mapping[str, tuple[str, str]], names: Mapping[str, str]) -> AnswerRow:
    now, before = pair.now, pair.before
    return AnswerRow(
        state=names[now.reporter],
        state_url=reverse("state_detail", args=[now.reporter.lower()]),
        code=titles[now.activity][0],
        title=titles[now.activity][1],
        url=reverse("activity_detail", args=[now.activity]),
        status=now.rating,
        label=_status(now.rating),
        own=_status(now.own) if now.own != now.rating else "",
        before=_status(before.rating) if before else "",
    )


def _status(code: str) -> str:
    return str(ImplementationStatus(code).label)
