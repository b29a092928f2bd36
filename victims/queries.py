"""The catalog of fields and codes (data/*.csv), names of countries, and what a case adds up to."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from django.db.models import Min, Q
from django.utils import timezone

from accounts.enums import Role
from accounts.models import RoleAssignment, User
from core.i18n import SUFFIXES, column_suffix
from core.models import AuditEvent
from victims.enums import Decision, EntryStatus, Kind, Question, Stage, Standing, Status
from victims.models import Approval, Case, Entry, RetentionRule

_DATA = Path(__file__).parent / "data"
# Babel's list holds regions and test codes beside countries.
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
OWN_WORDS = "declined"  # names of the fields the person preferred not to speak of
CHILD = 18


@dataclass(frozen=True)
class Field:
    """One field of a record, as data: where it stands, how it is sealed and typed, and its name in HTCDS 2.0."""

    name: str
    section: str
    field_class: str
    kind: str  # text, long, number, date, choice, multi, country, countries
    codes: str
    is_intake: bool
    htcds: str
    labels: Mapping[str, str]

    @property
    def label(self) -> str:
        return self.labels[column_suffix()]


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="|"))


def _words(row: Mapping[str, str]) -> dict[str, str]:
    return {suffix: row[suffix] for suffix in SUFFIXES.values()}


@cache
def fields() -> tuple[Field, ...]:
    return tuple(
        Field(
            row["name"],
            row["section"],
            row["field_class"],
            row["kind"],
            row["codes"],
            row["intake"] == "1",
            row["htcds"],
            _words(row),
        )
        for row in _rows("fields")
    )


def fields_of(*sections: str, intake: bool = False) -> list[Field]:
    return [each for each in fields() if each.section in sections and (each.is_intake or not intake)]


@cache
def _codes() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in _rows("codes"):
        found.setdefault(row["list"], {})[row["code"]] = _words(row)
    return found


def choices(name: str) -> list[tuple[str, str]]:
    """Codes of a list with their words in the language of the page."""
    return [(code, words[column_suffix()]) for code, words in _codes()[name].items()]


def label_of(name: str, code: str) -> str:
    words = _codes()[name].get(code)
    return words[column_suffix()] if words else code


# --- countries ------------------------------------------------------------------------------------


@cache
def _countries(suffix: str) -> dict[str, str]:
    names = Locale.parse({"pt_br": "pt_BR"}.get(suffix, suffix)).territories
    return {code: name for code, name in names.items() if len(code) == 2 and code not in _NO_COUNTRIES}


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


@cache
def _country_words() -> dict[str, str]:
    words = {_plain(name): code for suffix in SUFFIXES.values() for code, name in _countries(suffix).items()}
    return words | {code.casefold(): code for code in _countries("en")}


def country_code(text: str) -> str | None:
    """ISO code of a country that is named in any of the four languages, or by its code."""
    return _country_words().get(_plain(text))


def country_name(code: str) -> str:
    return _countries(column_suffix()).get(code, code)


# --- what a case adds up to -----------------------------------------------------------------------


def is_child(facts: Mapping[str, Any]) -> bool:
    """At registration or when it began: then no means is needed, and a second person approves the plan."""
    ages = (facts.get("age"), facts.get("age_first_trafficked"))
    return any(isinstance(age, int) and age < CHILD for age in ages)


def stage_of(status: str, kinds: Iterable[str], approved: Iterable[str], asked: Iterable[str] = ()) -> Stage:
    """Where a case stands, read from what is in it: there is no second truth that could drift."""
    kinds = set(kinds)
    if status != Status.OPEN or Question.CLOSURE in {*approved, *asked} or Kind.EXIT in kinds:
        return Stage.EXIT
    if Question.PLAN in set(approved):
        return Stage.FOLLOW_UP if Kind.SERVICE in kinds and Kind.TASK in kinds else Stage.SERVICES
    if Kind.GOAL in kinds:
        return Stage.PLAN
    return Stage.ASSESSMENT if Kind.SAFETY in kinds else Stage.INTAKE


@dataclass(frozen=True)
class Listed:
    case: Case
    stage: Stage
    next_due: date | None
    is_overdue: bool


def listed(cases: Iterable[Case]) -> list[Listed]:
    """Cases with their stage and next task, soonest first; nothing of them is opened."""
    cases = list(cases)
    ids = [case.id for case in cases]
    kinds: dict[Any, set[str]] = {}
    for case_id, kind in Entry.objects.filter(case_id__in=ids).values_list("case_id", "kind").order_by().distinct():
        kinds.setdefault(case_id, set()).add(kind)
    approved, asked = _answers(ids, Decision.APPROVED), _answers(ids, Decision.ASKED)
    open_tasks = Q(kind=Kind.TASK, status=EntryStatus.OPEN, case_id__in=ids)
    due = dict(Entry.objects.filter(open_tasks).values_list("case_id").annotate(first=Min("due_on")).order_by())
    rows = [
        Listed(
            case,
            stage_of(case.status, kinds.get(case.id, ()), approved.get(case.id, ()), asked.get(case.id, ())),
            due.get(case.id),
            bool(due.get(case.id) and due[case.id] < timezone.localdate()),
        )
        for case in cases
    ]
    return sorted(rows, key=lambda row: (row.next_due is None, row.next_due or date.max, row.case.code))


def _answers(ids: list[Any], decision: str) -> dict[Any, set[str]]:
    found: dict[Any, set[str]] = {}
    rows = Approval.objects.filter(case_id__in=ids, decision=decision)
    for case_id, question in rows.values_list("case_id", "question").order_by():
        found.setdefault(case_id, set()).add(question)
    return found


def access_log(case: Case, *, state: str) -> list[AuditEvent]:
    """Every event about the case, newest first: readings alone, and those of lists that held it."""
    about = Q(object_id=str(case.id)) | Q(object_id="list", data__cases__contains=str(case.id))
    events = AuditEvent.objects.filter(about, chain=state, object_type="victims.case")
    return list(events.select_related("actor").order_by("-seq")[:500])


def people(codes: Iterable[str]) -> dict[str, str]:
    """Names of colleagues by the codes the area knows them by."""
    wanted = {code for code in codes if code}
    return {str(user.public_id): str(user) for user in User.objects.filter(public_id__in=wanted)}


def supervisors(state: str) -> list[str]:
    """Names of whoever may be asked about the cases of a State."""
    held = RoleAssignment.objects.current().filter(
        role=Role.CASE_SUPERVISOR, institution__state__iso2=state, user__is_active=True
    )
    return sorted({str(each.user) for each in held.select_related("user")})


def colleagues(state: str, taken: set[str]) -> dict[str, User]:
    """Case workers of the State, by code, who are not `taken`: not on the team yet, and not whoever asks."""
    held = RoleAssignment.objects.current().filter(
        role=Role.CASE_WORKER, institution__state__iso2=state, user__is_active=True
    )
    found = {str(each.user.public_id): each.user for each in held.select_related("user")}
    return {code: user for code, user in found.items() if code not in taken}


# Unless the State says otherwise: two years after closing, and one where nobody was trafficked (docs/adr/0120).
YEARS_KEPT = {Standing.POSSIBLE: 2, Standing.CONFIRMED: 2, Standing.NOT_A_VICTIM: 1}


def years_kept() -> dict[str, int]:
    """By what was found, as the State of the scope has it."""
    return {str(kind): years for kind, years in YEARS_KEPT.items()} | dict(
        RetentionRule.objects.values_list("standing", "years")
    )
