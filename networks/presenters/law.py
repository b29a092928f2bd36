"""Plans and treaties of States on a day: found from the dates, shown without an order of States."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import State
from core.templatetags.portal import month_date
from networks.enums import Act, last_act
from networks.models import InstrumentAct, LegalInstrument, NationalPlan


@dataclass(frozen=True)
class PlanRow:
    plan: NationalPlan
    standing: str


@dataclass(frozen=True)
class LawRow:
    """A State with its plans, and a cell for each treaty: its last act, or nothing."""

    state: State
    url: str
    plans: list[PlanRow]
    cells: list[str]


def law_url(state: State) -> str:
    return reverse("law_state", args=[state.iso2.lower()])


def plan_rows(plans: Iterable[NationalPlan], day: date) -> list[PlanRow]:
    return [PlanRow(plan, str(plan.force_on(day).label)) for plan in plans]


def law_rows(
    states: Sequence[State],
    instruments: Sequence[LegalInstrument],
    plans: Iterable[NationalPlan],
    acts: Iterable[InstrumentAct],
    day: date,
) -> list[LawRow]:
    of_state: dict[int, list[NationalPlan]] = {}
    for plan in plans:
        of_state.setdefault(plan.state_id, []).append(plan)
    of_treaty: dict[tuple[int, int], list[tuple[str, date]]] = {}
    for act in acts:
        of_treaty.setdefault((act.state_id, act.instrument_id), []).append((act.act, act.done_on))
    return [
        LawRow(
            state,
            law_url(state),
            plan_rows(of_state.get(state.pk, []), day),
            [act_words(of_treaty.get((state.pk, one.pk), []), day) for one in instruments],
        )
        for state in states
    ]


def act_words(acts: Iterable[tuple[str, date]], day: date) -> str:
    """The last act until the day, and its own day; empty where none is recorded."""
    found = last_act(acts, day)
    return f"{Act(found[0]).label}, {month_date(found[1], 'short')}" if found else ""
