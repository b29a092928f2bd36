"""The frame around every section of a record, and its summary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from victims import queries
from victims.enums import Decision, Element, EntryStatus, Kind, Question, Stage, Status
from victims.models import Case
from victims.presenters.consents import is_in_force
from victims.presenters.parts import Fact, Link, Row, day_words, page_of
from victims.services import Record

SECTIONS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "assessment": (gettext_lazy("Needs assessment"), (Kind.SAFETY, Kind.NEED)),
    "plan": (gettext_lazy("Life project"), (Kind.GOAL, Kind.STEP)),
    "services": (gettext_lazy("Services"), (Kind.SERVICE,)),
    "protection": (gettext_lazy("Protection"), (Kind.PROTECTION, Kind.INTERVIEW)),
    "events": (gettext_lazy("What happened"), (Kind.EVENT,)),
    "tasks": (gettext_lazy("Tasks"), (Kind.TASK,)),
    "exit": (gettext_lazy("Exit plan"), (Kind.EXIT,)),
}

SECTION_OF = {kind: name for name, (_label, kinds) in SECTIONS.items() for kind in kinds} | {Kind.NOTE: "notes"}

FACT_SECTIONS: dict[str, Promise] = {
    "profile": gettext_lazy("The person"),
    "trafficking": gettext_lazy("What was done: acts, means, purpose"),
    "recruitment": gettext_lazy("Recruitment and route"),
    "referral": gettext_lazy("Referrals and closing"),
}

ADD: dict[str, Promise] = {
    Kind.SAFETY: gettext_lazy("Look at safety again"),
    Kind.NEED: gettext_lazy("Add a need"),
    Kind.GOAL: gettext_lazy("Add a goal"),
    Kind.STEP: gettext_lazy("Add a step"),
    Kind.SERVICE: gettext_lazy("Register a service"),
    Kind.PROTECTION: gettext_lazy("Add a protection measure"),
    Kind.INTERVIEW: gettext_lazy("Record an interview or statement"),
    Kind.EVENT: gettext_lazy("Add what happened"),
    Kind.NOTE: gettext_lazy("Write a note"),
    Kind.TASK: gettext_lazy("Add a task"),
    Kind.EXIT: gettext_lazy("Write the exit plan"),
}

_RISKS = ("high", "medium", "low")


@dataclass(frozen=True)
class StageStep:
    label: str
    state: str


def frame(record: Record, names: Mapping[str, str], owner: str, section: str) -> dict[str, Any]:
    case = record.case
    return {
        "case": case,
        "bar": _bar(record, names.get(owner, "")),
        "actions": _actions(record),
        "stages": _stages(record),
        "sections": _sections(record, section),
        "is_child": queries.is_child(record.facts),
        "is_open": case.status == Status.OPEN,
        "plan_approved": is_answered(record, Question.PLAN, Decision.APPROVED),
    }


def is_answered(record: Record, question: str, decision: str) -> bool:
    return any(part.row.question == question and part.row.decision == decision for part in record.approvals)


def risk_of(record: Record) -> str:
    found = {part.data.get("risk") for part in record.of(Kind.SAFETY, Kind.NEED) if part.row.status == EntryStatus.OPEN}
    return next((risk for risk in _RISKS if risk in found), "")


def _bar(record: Record, owner: str) -> list[Fact]:
    facts, risk = record.facts, risk_of(record)
    types = [queries.label_of("exploitation", code) for code in facts.get("exploitation_types", [])]
    shown_facts = [
        Fact(_("Age"), str(facts.get("age", _("not known")))),
        Fact(_("Form of exploitation"), ", ".join(types[:2]) or _("not known")),
        Fact(_("In charge"), owner or "—"),
    ]
    status = {"high": "overdue", "medium": "open"}.get(risk, "")
    word = queries.label_of("risk", risk) if risk else _("not assessed")
    return [*shown_facts, Fact(_("Risk"), word, status)]


def _actions(record: Record) -> list[Link]:
    if record.case.status != Status.OPEN:
        return []
    return [
        Link(_("Register a service"), page_of("record_entry_new", record.case, kind=Kind.SERVICE)),
        Link(_("Refer to another State"), page_of("referral_new", record.case), kind="secondary"),
    ]


def _stages(record: Record) -> list[StageStep]:
    answered = {d: [p.row.question for p in record.approvals if p.row.decision == d] for d in Decision.values}
    kinds = [part.row.kind for part in record.entries]
    now = queries.stage_of(record.case.status, kinds, answered[Decision.APPROVED], answered[Decision.ASKED])
    order = list(Stage)
    place = order.index(now)
    return [
        StageStep(str(stage.label), "done" if at < place else "current" if at == place else "next")
        for at, stage in enumerate(order)
    ]


def _sections(record: Record, current: str) -> list[Link]:
    case, links = record.case, []
    live = sum(is_in_force(part.row) for part in record.consents)
    first = [
        ("case_detail", "summary", _("Summary"), ""),
        ("identity_detail", "identity", _("Identity"), _("protected")),
        ("consent_list", "consents", _("Consents"), str(live)),
        ("facts_detail", "facts", _("Facts"), ""),
    ]
    last = [
        ("note_list", "notes", _("Notes"), ""),
        ("case_team", "team", _("Team"), ""),
        ("access_log", "access", _("Who has seen this case"), ""),
        ("case_retention", "retention", _("How long it is kept"), ""),
    ]
    for name, key, label, note in first:
        links.append(Link(label, page_of(name, case), key == current, note))
    for key, (title, kinds) in SECTIONS.items():
        count = len(record.of(*kinds))
        note = str(count) if count else ""
        links.append(Link(str(title), page_of("case_section", case, section=key), key == current, note))
    return links + [Link(label, page_of(name, case), key == current, note) for name, key, label, note in last]


def summary_rows(record: Record) -> list[Row]:
    case = record.case
    elements = ", ".join(str(one) for one in _elements(case)) or _("none yet")
    tasks = [part for part in record.of(Kind.TASK) if part.row.status == EntryStatus.OPEN]
    rows = [
        Row(_("What was found"), case.get_standing_display(), page_of("facts_edit", case, section="trafficking")),
        Row(_("Elements recorded"), elements),
        Row(_("Open tasks"), str(len(tasks)), page_of("case_section", case, section="tasks"), _("Show")),
        Row(_("Opened"), date_format(case.opened, "DATE_FORMAT")),
    ]
    if case.review_on:
        rows.append(Row(_("Whether it is kept is decided on"), day_words(case.review_on)))
    return rows


def _elements(case: Case) -> list[Any]:
    return [Element(code).label for code in case.elements]
