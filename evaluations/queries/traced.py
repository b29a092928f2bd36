"""The queries behind sentences: a name and arguments, over frozen data. What an annex prints of one can be run again.

Each gives the figures of one sentence: n, where it is a share also its whole, and what stands beside the whole.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from evaluations.enums import SECRETARIAT
from evaluations.queries import figures
from evaluations.queries.figures import Distribution, Json, Moves
from evaluations.queries.law import bound_states, standing_of_states
from networks.enums import Force
from workplan.enums import ImplementationStatus

Figures = dict[str, int]
NO_PLAN = "none"  # beside the standings of a plan: nothing is registered
PRINTED = re.compile(r"(\w+)\((.*)\)")


@dataclass(frozen=True)
class Query:
    function: str
    arguments: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, function: str, **arguments: str) -> Self:
        return cls(function, tuple(arguments.items()))

    @classmethod
    def read(cls, printed: str) -> Self:
        """As it stands in an annex."""
        found = PRINTED.fullmatch(printed)
        if found is None:
            raise ValueError(printed)
        return cls.of(found[1], **dict(pair.split("=") for pair in found[2].split(", ") if pair))

    def __str__(self) -> str:
        return f"{self.function}({', '.join(f'{name}={value}' for name, value in self.arguments)})"

    def run(self, snapshot: Json) -> Figures:
        return FUNCTIONS[self.function](snapshot, **dict(self.arguments))


# --- reports --------------------------------------------------------------


def _round(snapshot: Json, code: str) -> Json:
    found: Json = next(round_ for round_ in snapshot["rounds"] if round_["code"] == code)
    return found


def reported(snapshot: Json, period: str) -> Figures:
    found = figures.response(_round(snapshot, period))
    return {"n": len(found.accepted), "total": found.asked}


def left_out(snapshot: Json, period: str) -> Figures:
    found = figures.response(_round(snapshot, period))
    return {"n": len(found.left_out), "total": found.asked}


# --- answers of States ----------------------------------------------------


def _codes(snapshot: Json, area: str, activity: str, theme: str) -> list[str]:
    return [
        row["code"]
        for row in figures.addressed_to_states(snapshot)
        if area in {"", row["area"]} and activity in {"", row["code"]} and (not theme or theme in row["themes"])
    ]


def _answers(snapshot: Json, period: str, area: str = "", activity: str = "", theme: str = "") -> list[figures.Answer]:
    round_ = _round(snapshot, period)
    return figures.answers(round_, _codes(snapshot, area, activity, theme), figures.reporters(round_))


def advanced(snapshot: Json, period: str, **where: str) -> Figures:
    of = figures.distribution(_answers(snapshot, period, **where))
    return {"n": of.advanced, "total": of.counted}


def ratings(snapshot: Json, period: str, **where: str) -> Figures:
    """As `advanced`, with the answers that are not on the scale."""
    return _with_rest(figures.distribution(_answers(snapshot, period, **where)))


def _with_rest(of: Distribution) -> Figures:
    rest = (ImplementationStatus.NOT_APPLICABLE.value, ImplementationStatus.NO_INFORMATION.value)
    return {"n": of.advanced, "total": of.counted, **{status: of.counts[status] for status in rest}}


def without_information(snapshot: Json, period: str, **where: str) -> Figures:
    of = figures.distribution(_answers(snapshot, period, **where))
    return {"n": of.counts[figures.NO_INFORMATION], "total": of.total}


def _moves(snapshot: Json, period: str, before: str, where: dict[str, str]) -> Moves:
    return figures.moves(_answers(snapshot, before, **where), _answers(snapshot, period, **where))


def moved_forward(snapshot: Json, period: str, before: str, **where: str) -> Figures:
    found = _moves(snapshot, period, before, where)
    return {"n": found.forward, "total": found.paired}


def moved_back(snapshot: Json, period: str, before: str, **where: str) -> Figures:
    found = _moves(snapshot, period, before, where)
    return {"n": found.back, "total": found.paired}


# --- activities -----------------------------------------------------------


def _by_activity(snapshot: Json, period: str, area: str = "") -> Iterator[Distribution]:
    for code in _codes(snapshot, area, "", ""):
        yield figures.distribution(_answers(snapshot, period, activity=code))


def majority(snapshot: Json, period: str) -> Figures:
    """Activities of which more than half of the answers on the scale are mostly or fully implemented."""
    rows = list(_by_activity(snapshot, period))
    return {"n": sum(2 * of.advanced > of.counted for of in rows), "total": len(rows)}


def nowhere(snapshot: Json, period: str, area: str) -> Figures:
    """Activities that no State has mostly or fully implemented."""
    rows = list(_by_activity(snapshot, period, area))
    return {"n": sum(not of.advanced for of in rows), "total": len(rows)}


def least_known(snapshot: Json, period: str, area: str) -> Figures:
    """Of the activity with most answers without information: how many, of how many asked for."""
    rows = list(_by_activity(snapshot, period, area))
    most = max((of.counts[figures.NO_INFORMATION] for of in rows), default=0)
    return {"n": most, "total": max((of.total for of in rows), default=0)}


def actions(snapshot: Json, area: str) -> Figures:
    return {"n": sum(figures.count_actions(snapshot, area).values())}


def obstacles(snapshot: Json, area: str) -> Figures:
    """Answers that name the kind of obstacle named most often."""
    return {"n": max(figures.count_obstacles(snapshot, area).values(), default=0)}


def mandates(snapshot: Json, period: str) -> Figures:
    codes = [row["code"] for row in figures.addressed_to_secretariat(snapshot)]
    return _with_rest(figures.distribution(figures.answers(_round(snapshot, period), codes, [SECRETARIAT])))


# --- beside the reports ---------------------------------------------------


def authorities(snapshot: Json, period: str) -> Figures:
    """States in the figures, and those of them whose authority is established."""
    counted = figures.reporters(_round(snapshot, period))
    known = {row["state"] for row in snapshot["sections"]["institutions"]["authorities"]}
    return {"n": len(known & {*counted}), "total": len(counted)}


def plans(snapshot: Json, on: str, standing: str) -> Figures:
    """States in the figures, and those of them that stand so on the day: in force, expired, or none registered."""
    counted = figures.reporters(snapshot["rounds"][0])
    known = standing_of_states(snapshot["sections"]["law"]["plans"], date.fromisoformat(on))
    return {"n": sum(known.get(state, NO_PLAN) == standing for state in counted), "total": len(counted)}


def plans_ahead(snapshot: Json, on: str) -> Figures:
    return {"n": plans(snapshot, on, Force.NOT_YET.value)["n"]}


def bound(snapshot: Json, on: str, treaty: str) -> Figures:
    """States in the figures whose last act on a treaty is a ratification or an accession."""
    counted = figures.reporters(snapshot["rounds"][0])
    found = bound_states(snapshot["sections"]["law"]["acts"], treaty, date.fromisoformat(on))
    return {"n": len(found & {*counted})}


def networks(snapshot: Json, level: str) -> Figures:
    return {"n": snapshot["sections"]["networks"]["counts"][level]}


def agreements(snapshot: Json) -> Figures:
    return {"n": len(snapshot["sections"]["agreements"]["agreements"])}


def contributions(snapshot: Json) -> Figures:
    return {"n": len(snapshot["sections"]["contributions"]["contributions"])}


def closed(snapshot: Json) -> Figures:
    """Contributions that were accepted and are not public."""
    return {"n": snapshot["sections"]["contributions"]["closed"]}


def assistance(snapshot: Json, of: str) -> Figures:
    return {"n": sum(topic[of] for topic in snapshot["sections"]["assistance"]["topics"])}


FUNCTIONS: dict[str, Callable[..., Figures]] = {
    function.__name__: function
    for function in (
        reported, left_out, advanced, ratings, without_information, moved_forward, moved_back, majority, nowhere,
        least_known, actions, obstacles, mandates, authorities, plans, plans_ahead,
        bound, networks, agreements, contributions, closed, assistance,
    )
}  # fmt: skip
