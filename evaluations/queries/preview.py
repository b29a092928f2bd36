"""One State's own part of frozen data: its ratings, its words, what it named. Nothing of another State is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluations.queries.figures import Answer, Quote, achieved, answers, area_activities

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Own:
    """An activity: the answer in this period, and in the one compared with."""

    activity: str
    now: Answer
    before: Answer | None


@dataclass(frozen=True)
class OwnArea:
    code: str
    answers: list[Own]
    quotes: list[Quote]


def own_part(snapshot: Json, iso2: str) -> list[OwnArea]:
    """By area, in the order of the plan."""
    return [_area(snapshot, area["code"], iso2) for area in snapshot["areas"]]


def _area(snapshot: Json, area: str, iso2: str) -> OwnArea:
    codes = [activity["code"] for activity in area_activities(snapshot, area)]
    now, *earlier = (answers(round_, codes, [iso2]) for round_ in snapshot["rounds"])
    before = {answer.activity: answer for answer in earlier[0]} if earlier else {}
    return OwnArea(
        area,
        [Own(answer.activity, answer, before.get(answer.activity)) for answer in now],
        [quote for quote in achieved(snapshot, area) if quote.reporter == iso2],
    )


def own_standing(snapshot: Json, iso2: str) -> str:
    """Where the State's report stood when the data were frozen."""
    standing: str = snapshot["rounds"][0]["reports"][iso2]["standing"]
    return standing
