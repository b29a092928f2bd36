"""Counts of a State's own cases for its statistics. Whole tables leave the area, and nothing of a person (ADR 81)."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import State, User
from core import jobs
from core.db import sealed_scope
from core.exceptions import NotAllowed
from core.models import Job, OutboxMessage
from indicators import services as statistics
from indicators.enums import TABLES
from victims.enums import CountStage, FieldClass, Purpose
from victims.models import Case, Consent
from victims.permissions import Officer, can_count_cases, officer_of
from victims.services.records import read_facts

COUNTED = ("VIC_SEX_AGE", "VIC_SEX_EXP", "VIC_CIT_MOV")
TASK = "victims.count_cases"  # also the name under which a proposal says where it comes from
AT_ONCE = 200  # cases between two looks at whether somebody cancelled
PERCENT = 100
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


def ask_for_count(*, actor: Officer, year: int) -> Job:
    """Have this State's cases of a year counted behind the page. While such a count is open, that one is followed."""
    _require_counting(actor)
    with transaction.atomic():
        running = open_counts(actor.state).filter(args=_arguments(actor, year)).first()
        if running is not None and running.job is not None:
            return running.job
        job = jobs.create_job(kind=TASK, actor=actor.user, total=PERCENT)
        jobs.enqueue(TASK, *_arguments(actor, year), key=f"count:{job.public_id}", queue="sealed", job=job)
    return job


def open_counts(state: str) -> QuerySet[OutboxMessage]:
    """Counts of this State that wait or run, with their jobs."""
    asked = OutboxMessage.objects.filter(task=TASK, args__1=state, done_at=None, dead_at=None)
    return asked.select_related("job__created_by").order_by("created_at")


def _arguments(actor: Officer, year: int) -> list[int | str]:
    return [actor.user.pk, actor.state, year]


def count_cases(message: OutboxMessage, *, user_id: int, state: str, year: int) -> None:
    """Propose this State's return of a year from its own cases. A person of the State takes it or declines.

    Nothing that was found is given back: who is counted, and how many, is told by the proposal alone. Whoever asked
    must still be a supervisor of this State when the work begins.
    """
    actor = officer_of(User.objects.get(pk=user_id, is_active=True))
    _require_counting(actor, state)
    with sealed_scope(actor.context()):
        counts = _tables(_identified_in(year, actor, message.job), actor.state)
    _propose(message, State.objects.get(iso2=actor.state), year, counts)


def _require_counting(actor: Officer, state: str = "") -> None:
    if not can_count_cases(actor) or state not in ("", actor.state):
        raise NotAllowed(_("Only supervisors count the cases of their State."))


@transaction.atomic
def _propose(message: OutboxMessage, state: State, year: int, counts: Mapping[str, Counter[Cell]]) -> None:
    if not jobs.finish(message):
        return  # cancelled meanwhile, or told by another delivery
    for table in COUNTED:
        cells = {cell: counts[table][cell] for cell in TABLES[table].cells()}
        statistics.propose_return(state=state, year=year, table=table, counts=cells, system=TASK)


def _identified_in(year: int, actor: Officer, job: Job | None) -> Iterator[Facts]:
    """When the status was decided is sealed too, so that every case that may be counted is read."""
    agreed = Consent.objects.live().filter(purpose=Purpose.STATISTICS, classes__contains=[FieldClass.QUASI])
    cases = list(Case.objects.visible_to(actor).confirmed().filter(id__in=agreed.values("case_id")))
    for start in range(0, len(cases), AT_ONCE):
        if job is not None and jobs.is_cancelled(job):
            return
        _tell_progress(job, start, len(cases))
        facts = read_facts(actor=actor, cases=cases[start : start + AT_ONCE], reason=Purpose.STATISTICS, how="count")
        yield from (facts[case.id] for case in cases[start : start + AT_ONCE] if _year_of(case, facts[case.id]) == year)


def _tell_progress(job: Job | None, done: int, total: int) -> None:
    """In hundredths: how many cases a State keeps is not for the open area."""
    if job is not None:
        share = done * PERCENT // total
        jobs.report_progress(job, stage=CountStage.READ, stage_number=1, stage_count=1, done=share, total=PERCENT)


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
