"""Counts of a State's own cases for its statistics. Whole tables leave the area, and nothing of a person (ADR 81)."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import State
from core.exceptions import NotAllowed
from indicators import services as statistics
from indicators.enums import TABLES
from victims.enums import FieldClass, Purpose
from victims.models import Case, Consent
from victims.permissions import Officer, can_count_cases
from victims.services.records import read_facts

COUNTED = ("VIC_SEX_AGE", "VIC_SEX_EXP", "VIC_CIT_MOV")
SYSTEM = "victims.count_cases"
Facts = Mapping[str, Any]
Cell = tuple[str, str]

# Another gender than these two is a category of its own in the return, as in CTDC.
_SEX = {"Feminine": "F", "Masculine": "M"}
# Groups of CTDC. What it does not name forced labor is another form, servitude and begging included.
_FORMS = {"SexualExploitation": "SEX", "ForcedLabour": "LAB", "ChildLabour": "LAB"}
_AGE_FROM = {
    0: "Y0T8", 9: "Y9T17", 18: "Y18T20", 21: "Y21T23", 24: "Y24T26", 27: "Y27T29", 30: "Y30T38", 39: "Y39T47",
    48: "Y_GE48",
}  # fmt: skip


def count_cases(*, actor: Officer, year: int) -> None:
    """Propose this State's return of a year from its own cases. A person of the State takes it or declines.

    Nothing that was found is given back: who is counted, and how many, is told by the proposal alone.
    """
    if not can_count_cases(actor):
        raise NotAllowed(_("Only supervisors count the cases of their State."))
    counts = _tables(_identified_in(year, actor), actor.state)
    state = State.objects.get(iso2=actor.state)
    with transaction.atomic():
        for table in COUNTED:
            cells = {cell: counts[table][cell] for cell in TABLES[table].cells()}
            statistics.propose_return(state=state, year=year, table=table, counts=cells, system=SYSTEM)


def _identified_in(year: int, actor: Officer) -> list[Facts]:
    """When the status was decided is sealed too, so that every case that may be counted is read."""
    agreed = Consent.objects.live().filter(purpose=Purpose.STATISTICS, classes__contains=[FieldClass.QUASI])
    cases = list(Case.objects.visible_to(actor).confirmed().filter(id__in=agreed.values("case_id")))
    if not cases:
        return []
    facts = read_facts(actor=actor, cases=cases, reason=Purpose.STATISTICS, how="count")
    return [facts[case.id] for case in cases if _year_of(case, facts[case.id]) == year]


def _year_of(case: Case, facts: Facts) -> int:
    """Of the decision on the status, as far as its date is known; else of the opening."""
    return int(str(facts["decided_on"])[:4]) if facts.get("decided_on") else case.opened.year


def _tables(people: Iterable[Facts], state: str) -> dict[str, Counter[Cell]]:
    found: dict[str, Counter[Cell]] = {table: Counter() for table in COUNTED}
    for facts in people:
        sex = _SEX.get(facts.get("gender", ""), "_O")
        found["VIC_SEX_AGE"][sex, _age(facts)] += 1
        found["VIC_SEX_EXP"][sex, _form(facts)] += 1
        found["VIC_CIT_MOV"][_citizenship(facts, state), _movement(facts)] += 1
    return found


def _age(facts: Facts) -> str:
    age = facts.get("age")
    if not isinstance(age, int) or age < 0:
        return "_U"
    return list(_AGE_FROM.values())[bisect_right(list(_AGE_FROM), age) - 1]


def _form(facts: Facts) -> str:
    forms = {_FORMS.get(code, "OTH") for code in facts.get("exploitation_types", [])}
    return "MIX" if len(forms) > 1 else next(iter(forms), "_U")


def _citizenship(facts: Facts, state: str) -> str:
    countries = facts.get("citizenship", [])
    return "OWN" if state in countries else "FOR" if countries else "_U"


def _movement(facts: Facts) -> str:
    """Two countries on the way are a border; one is none only where both ends are known."""
    ends = [facts.get("recruitment_country"), facts.get("exploitation_country")]
    countries = {code for code in (*ends, *facts.get("transit_countries", [])) if code}
    if len(countries) > 1:
        return "CRO"
    return "INT" if all(ends) else "_U"
