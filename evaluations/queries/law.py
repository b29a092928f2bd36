"""Plans and treaties in frozen data, on the last day of the period: everything is computed from the days."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from networks.enums import BINDING, Force, force_on, last_act

Json = Mapping[str, Any]


def law_day(snapshot: Json) -> date:
    """The end of the period that is evaluated."""
    return date.fromisoformat(snapshot["rounds"][0]["period"][1])


def plan_force(plan: Json, day: date) -> Force:
    last = date.fromisoformat(plan["until"]) if plan["until"] else None
    return force_on(day, date.fromisoformat(plan["from"]), last)


def standing_of_states(plans: list[Json], day: date) -> dict[str, Force]:
    """By State: in force where one plan is; else expired where one has; a State without a plan is not in it."""
    found: dict[str, set[Force]] = {}
    for plan in plans:
        found.setdefault(plan["state"], set()).add(plan_force(plan, day))
    order = (Force.IN_FORCE, Force.EXPIRED, Force.NOT_YET)
    return {state: next(force for force in order if force in forces) for state, forces in found.items()}


def last_of(acts: list[Json], state: str, treaty: str, day: date) -> tuple[str, date] | None:
    """What a State did last with a treaty."""
    of = (
        (row["act"], date.fromisoformat(row["on"])) for row in acts if (row["state"], row["treaty"]) == (state, treaty)
    )
    return last_act(of, day)


def bound_states(acts: list[Json], treaty: str, day: date) -> set[str]:
    """States whose last act is a ratification or an accession."""
    states = {row["state"] for row in acts if row["treaty"] == treaty}
    return {state for state in states if (found := last_of(acts, state, treaty, day)) and found[0] in BINDING}
