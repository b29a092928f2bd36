"""What pages of a record show: words for codes, the frame around every section, never a name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.models import AuditEvent, Job, OutboxMessage
from core.querysets import AnyUser
from indicators.enums import TABLES
from victims import queries
from victims.catalogue import FIELDS
from victims.enums import (
    Decision,
    Element,
    EntryStatus,
    FieldClass,
    GivenBy,
    Kind,
    Manner,
    NoteKind,
    Purpose,
    Question,
    Reason,
    RetentionStep,
    SearchReason,
    Stage,
    Status,
)
from victims.models import Case, Disposal, Referral, ReferralMessage, Tombstone
from victims.permissions import Officer
from victims.services import Part, Record
from victims.services.counts import COUNTED
from victims.services.retention import Retention, steps_for

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
# Code lists of what entries hold; everything else in them is text, a date or yes.
_LISTS = {
    "risk": "risk", "dangers": "danger", "need": "service", "levels": "level", "area": "goal_area",
    "plan_type": "plan_type", "outcome": "outcome", "service": "service", "judicial_stage": "judicial_stage",
    "measure": "measure", "by": "interview_by", "again": "interview_again", "type": "event_type", "goals": "outcome",
    "contact": "contact",
}  # fmt: skip
_TITLE = {
    Kind.NEED: "need", Kind.GOAL: "objective", Kind.STEP: "what", Kind.SERVICE: "service", Kind.PROTECTION: "measure",
    Kind.INTERVIEW: "by", Kind.EVENT: "type", Kind.TASK: "what",
}  # fmt: skip
_APPROXIMATE = {"began", "ended", "held_on", "happened"}
_RISKS = ("high", "medium", "low")


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool = False
    note: str = ""
    kind: str = ""

    @property
    def text(self) -> str:
        return self.label


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    status: str = ""


@dataclass(frozen=True)
class Row:
    key: str
    value: str
    url: str = ""
    action: str = ""
    note: str = ""


@dataclass(frozen=True)
class StageStep:
    label: str
    state: str


@dataclass(frozen=True)
class EntryRow:
    """A line of a section: its title, what is known beside it, and where it stands."""

    title: str
    details: list[Row]
    status: str
    status_label: str
    due: date | None
    url: str
    done_url: str
    steps: "Sequence[EntryRow]" = ()
    step_url: str = ""


def approximate(text: str) -> str:
    """2013-05 as May 2013, in the language of the page."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date_format(date(*parts), "DATE_FORMAT")
    return f"{MONTHS[parts[1]]} {parts[0]}" if len(parts) == 2 else text


def shown(field: queries.Field, value: Any) -> str:
    if field.kind in {"choice", "multi"}:
        codes = value if isinstance(value, list) else [value]
        return ", ".join(queries.label_of(field.codes, code) for code in codes)
    if field.kind in {"country", "countries"}:
        return ", ".join(queries.country_name(code) for code in ([value] if isinstance(value, str) else value))
    return approximate(value) if field.kind == "date" else str(value)


def fact_rows(facts: Mapping[str, Any], fields: Sequence[queries.Field]) -> list[Row]:
    """Every field, also those without an answer: not asked is something to know."""
    declined = facts.get(queries.OWN_WORDS, [])
    return [
        Row(f.label, shown(f, facts[f.name]) if f.name in facts else _unanswered(f.name in declined)) for f in fields
    ]


def _unanswered(declined: bool) -> str:
    return _("Preferred not to say") if declined else _("Not asked yet")


# --- the frame ------------------------------------------------------------------------------------


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
        Link(_("Register a service"), _url("record_entry_new", record.case, kind=Kind.SERVICE)),
        Link(_("Refer to another State"), _url("referral_new", record.case), kind="secondary"),
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


def _url(name: str, case: Case, **words: Any) -> str:
    return reverse(name, kwargs={"token": case.token, **words})


def _sections(record: Record, current: str) -> list[Link]:
    case, links = record.case, []
    live = sum(_in_force(part.row) for part in record.consents)
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
        links.append(Link(label, _url(name, case), key == current, note))
    for key, (title, kinds) in SECTIONS.items():
        count = len(record.of(*kinds))
        note = str(count) if count else ""
        links.append(Link(str(title), _url("case_section", case, section=key), key == current, note))
    return links + [Link(label, _url(name, case), key == current, note) for name, key, label, note in last]


# --- referrals ------------------------------------------------------------------------------------


def envelope_rows(referral: Referral) -> list[Row]:
    """What both sides see: nothing of the person."""
    rows = [
        Row(_("From the authority of"), queries.country_name(referral.from_state)),
        Row(_("To the authority of"), queries.country_name(referral.to_state)),
        Row(_("What kind of referral"), referral.get_kind_display()),
        Row(_("What help is asked for"), referral.get_help_display()),
        Row(_("How soon"), referral.get_urgency_display()),
        Row(_("What is sent"), ", ".join(str(FieldClass(each).label) for each in referral.classes)),
        Row(_("Status"), referral.get_stage_display()),
    ]
    if referral.answer_by:
        rows.append(Row(_("Answer by"), _moment(referral.answer_by)))
    if referral.refusal:
        rows.append(Row(_("Why"), referral.get_refusal_display()))
    return rows


def preview_parts(contents: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[Row]]]:
    """Exactly what the other side reads, class by class, in words of this page's language."""
    known = {field.name: field for field in queries.fields()}
    return [
        (str(FieldClass(each).label), [_preview_row(known, name, value) for name, value in values.items()])
        for each, values in contents.items()
    ]


def _preview_row(known: Mapping[str, queries.Field], name: str, value: Any) -> Row:
    if name in known:
        return Row(known[name].label, shown(known[name], value))
    if name == queries.OWN_WORDS:
        labels = [known[each].label if each in known else each for each in value]
        return Row(_("The person preferred not to say"), ", ".join(labels) or "—")
    label = str(FIELDS[name].label) if name in FIELDS else name
    return Row(label, ", ".join(value) if isinstance(value, list) else str(value))


def timeline(referral: Referral, said: Sequence[tuple[ReferralMessage, str]]) -> list[tuple[Any, str, str]]:
    """(moment, what, words), newest first."""
    steps = [(referral.created_at, _("Prepared"), "")]
    if referral.sent_at:
        steps.append((referral.sent_at, _("Approved and sent"), ""))
    if referral.answered_at:
        steps.append((referral.answered_at, referral.get_stage_display(), ""))
    steps += [(row.sent_at, row.get_kind_display(), text) for row, text in said]
    return sorted(steps, key=lambda step: step[0], reverse=True)


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


# --- how long a record is kept --------------------------------------------------------------------


def retention_rows(case: Case, now: Retention, names: Mapping[str, str], words: Mapping[str, str]) -> list[Row]:
    """What is clear of a case, and the words for whoever may read them."""
    rows = [Row(_("Status"), case.get_status_display()), Row(_("What was found"), case.get_standing_display())]
    if case.closed and case.review_on:
        rows += [Row(_("Closed on"), _day(case.closed)), Row(_("To be decided on"), _day(case.review_on))]
    if now.disposal is not None:
        rows += _disposal_rows(now.disposal, names, words.get("disposal", ""))
    if (hold := now.hold) is not None:
        said = _("%(who)s on %(when)s") % {"who": names.get(hold.set_by, "—"), "when": _moment(hold.set_at)}
        rows.append(Row(_("Legal hold"), hold.get_reason_display(), note=said))
        rows += [Row(_("Why it is held"), words["legal_hold"])] if words.get("legal_hold") else []
    return rows


def _disposal_rows(row: Disposal, names: Mapping[str, str], words: str) -> list[Row]:
    rows = [Row(_("Why it is decided now"), row.get_cause_display()), Row(_("Decision"), row.get_stage_display())]
    if row.asked_by and row.asked_at:
        said = _("%(who)s on %(when)s") % {"who": names.get(row.asked_by, "—"), "when": _moment(row.asked_at)}
        rows.append(Row(_("Erasure asked for"), row.get_reason_display(), note=said))
    return [*rows, Row(_("Remarks"), words)] if words else rows


def retention_steps(officer: Officer, case: Case, now: Retention) -> list[Link]:
    """What this person may do now, in words."""
    return [
        Link(str(RetentionStep(step).label), _url("retention_step", case, step=step), kind=step)
        for step in steps_for(officer, case, now)
    ]


def erased_rows(case: Case, stone: Tombstone, names: Mapping[str, str]) -> list[Row]:
    both = [names.get(code, "—") for code in (stone.asked_by, stone.confirmed_by)]
    return [
        Row(_("Erased on"), _moment(stone.erased_at)),
        Row(_("By decision of"), _("%(one)s and %(other)s") % {"one": both[0], "other": both[1]}),
        Row(_("Reason"), stone.get_reason_display()),
        Row(_("Year of opening"), str(case.opened.year)),
    ]


def key_finding(found: Mapping[str, int]) -> tuple[str, str]:
    """For the list of checks of an installation (core.doctor)."""
    numbers = {name: found.get(name, 0) for name in ("orphan", "package", "erased", "keyless")}
    text = _(
        "%(orphan)s records and %(package)s packages that are not there have keys, %(erased)s erased cases have keys,"
        " %(keyless)s keys of cases are missing"
    )
    level = "FAIL" if numbers["keyless"] or numbers["erased"] else "warn" if any(numbers.values()) else "ok"
    return level, text % numbers


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


# --- sections -------------------------------------------------------------------------------------


def summary_rows(record: Record) -> list[Row]:
    case = record.case
    elements = ", ".join(str(one) for one in _elements(case)) or _("none yet")
    tasks = [part for part in record.of(Kind.TASK) if part.row.status == EntryStatus.OPEN]
    rows = [
        Row(_("What was found"), case.get_standing_display(), _url("facts_edit", case, section="trafficking")),
        Row(_("Elements recorded"), elements),
        Row(_("Open tasks"), str(len(tasks)), _url("case_section", case, section="tasks"), _("Show")),
        Row(_("Opened"), date_format(case.opened, "DATE_FORMAT")),
    ]
    if case.review_on:
        rows.append(Row(_("Whether it is kept is decided on"), _day(case.review_on)))
    return rows


def _elements(case: Case) -> list[Any]:
    return [Element(code).label for code in case.elements]


def entry_rows(record: Record, *kinds: str) -> list[EntryRow]:
    steps = record.of(Kind.STEP)
    return [_entry_row(record.case, part, steps) for part in record.of(*kinds) if part.row.kind != Kind.STEP]


def _entry_row(case: Case, part: Part, steps: Sequence[Part]) -> EntryRow:
    row = part.row
    is_task = row.kind in {Kind.TASK, Kind.STEP} and row.status == EntryStatus.OPEN
    return EntryRow(
        entry_title(part),
        entry_details(part),
        "overdue" if row.is_late else {"open": "in_progress", "done": "done"}.get(row.status, ""),
        _("Overdue") if row.is_late else row.get_status_display(),
        row.due_on,
        _url("record_entry_edit", case, entry=row.id),
        _url("record_entry_done", case, entry=row.id) if is_task else "",
        [_entry_row(case, step, ()) for step in steps if step.row.parent == row.id],
        _url("step_new", case, goal=row.id) if row.kind == Kind.GOAL else "",
    )


def entry_title(part: Part) -> str:
    name = _TITLE.get(part.row.kind, "")
    value = part.data.get(name)
    if not value:
        return str(part.row.get_kind_display())
    return queries.label_of(_LISTS[name], value) if name in _LISTS else str(value)


def entry_details(part: Part) -> list[Row]:
    hidden = _TITLE.get(part.row.kind)
    labels = entry_labels()
    return [Row(labels.get(n, n), _entry_value(n, v)) for n, v in part.data.items() if n != hidden]


def _entry_value(name: str, value: Any) -> str:
    if name in _LISTS:
        return ", ".join(
            queries.label_of(_LISTS[name], code) for code in ([value] if isinstance(value, str) else value)
        )
    if value is True:
        return _("Yes")
    if name == "country":
        return queries.country_name(value)
    return approximate(value) if name in _APPROXIMATE else str(value)


def entry_labels() -> dict[str, str]:
    return {
        "risk": _("Risk"), "dangers": _("Urgent"), "levels": _("Level"), "words": _("Remarks"), "area": _("Area"),
        "plan_type": _("Kind of support"), "outcome": _("Outcome"), "provider": _("Provider"), "began": _("Since"),
        "ended": _("Until"), "judicial_stage": _("Stage of the proceedings"), "authority": _("Authority"),
        "held_on": _("When"), "again": _("Why again"), "recorded": _("Recorded"), "accompanied": _("Accompanied"),
        "happened": _("When"), "place": _("Where"), "country": _("Country"), "who": _("Who"), "goals": _("Goals"),
        "risks": _("Risks that remain"), "contact": _("Contact afterwards"), "referrals": _("Referrals"),
    }  # fmt: skip


def note_rows(notes: Sequence[Part], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "title": str(NoteKind(part.data["note_kind"]).label),
            "text": part.data["text"],
            "at": part.row.made_at,
            "byline": names.get(part.row.made_by, ""),
        }
        for part in notes
    ]


def told_times(record: Record) -> str:
    """How often the person had to tell it; the number is there before anybody asks again."""
    count = len(record.of(Kind.INTERVIEW))
    if not count:
        return _("No interview or statement is recorded.")
    text = ngettext("The person has told it %(n)s time.", "The person has told it %(n)s times.", count)
    return text % {"n": count}


def _in_force(consent: Any) -> bool:
    is_over = consent.expires_on and consent.expires_on <= timezone.localdate()
    return bool(consent.given and not consent.withdrawn_at and not is_over)


def consent_rows(record: Record, states: Mapping[str, str]) -> list[dict[str, Any]]:
    return [_consent_row(record.case, part, states) for part in record.consents]


def _consent_row(case: Case, part: Part, states: Mapping[str, str]) -> dict[str, Any]:
    row, live = part.row, _in_force(part.row)
    title = str(Purpose(row.purpose).label)
    if row.recipient:
        title = f"{title}: {states.get(row.recipient, row.recipient)}"
    word = _("In force") if live else _("Refused") if not row.given else _("Withdrawn or over")
    withdraw = _url("consent_withdraw", case, consent=row.id) if live else ""
    return {
        "title": title,
        "status": "accepted" if live else "",
        "status_label": word,
        "rows": _consent_details(part),
        "withdraw_url": withdraw,
    }


def _consent_details(part: Part) -> list[Row]:
    row, data = part.row, part.data
    classes = ", ".join(str(FieldClass(code).label) for code in row.classes)
    how = str(Manner(data["manner"]).label) if "manner" in data else ""
    language = queries.label_of("language", data.get("language", ""))
    interpreter = _(", with an interpreter") if data.get("interpreter") else ""
    rows = [
        Row(_("Covers"), classes or "—"),
        Row(_("Answered by"), str(GivenBy(data["given_by"]).label) if "given_by" in data else "—"),
        Row(_("How"), f"{how} · {language}{interpreter}"),
        Row(_("Asked on"), date_format(row.given_on, "DATE_FORMAT")),
    ]
    if explained := data.get("explained"):
        rows.append(Row(_("Explained"), ", ".join(queries.label_of("explained", code) for code in explained)))
    return rows


def approval_rows(record: Record, question: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    found = [part for part in record.approvals if part.row.question == question]
    return [
        {
            "status": {"asked": "submitted", "approved": "accepted"}.get(part.row.decision, "returned"),
            "status_label": part.row.get_decision_display(),
            "asked_by": names.get(part.row.asked_by, ""),
            "asked_at": part.row.asked_at,
            "words": part.data.get("returned") or part.data.get("asked", ""),
        }
        for part in found
    ]


# --- who has seen it ------------------------------------------------------------------------------

_VERBS: dict[str, Promise] = {
    "case.opened": gettext_lazy("Began the case"),
    "case.read": gettext_lazy("Looked at it"),
    "case.changed": gettext_lazy("Changed"),
    "consent.recorded": gettext_lazy("Recorded a consent"),
    "consent.withdrawn": gettext_lazy("Recorded that a consent was withdrawn"),
    "search.answered": gettext_lazy("Found it in a search"),
    "identity.refused": gettext_lazy("Asked for the identity and was refused"),
    "team.joined": gettext_lazy("Joined a colleague to the team"),
    "team.left": gettext_lazy("Ended a colleague’s work on the case"),
    "approval.asked": gettext_lazy("Asked for a decision"),
    "approval.decided": gettext_lazy("Decided"),
    "emergency.begun": gettext_lazy("Opened it in an emergency"),
    "emergency.refused": gettext_lazy("An emergency access was refused"),
}


def access_rows(events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    return [
        {
            "title": f"{_VERBS.get(event.verb, event.verb)}{_what(event.data)}",
            "byline": str(event.actor or event.system),
            "at": event.at,
            "text": _why(event.data),
        }
        for event in events
    ]


def _what(data: Mapping[str, Any]) -> str:
    words = [str(FieldClass(data["class"]).label)] if data.get("class") in FieldClass.values else []
    if data.get("question") in Question.values:
        words.append(str(Question(data["question"]).label))
    if data.get("what") in Kind.values:
        words.append(str(Kind(data["what"]).label))
    return f" · {', '.join(words)}" if words else ""


def _why(data: Mapping[str, Any]) -> str:
    code = data.get("purpose") or data.get("reason")
    if code == Purpose.STATISTICS:
        return str(Purpose.STATISTICS.label)
    if code in SearchReason.values and code not in Reason.values:
        return str(SearchReason(code).label)
    return str(Reason(code).label) if code in Reason.values else ""


# --- counting for the statistics --------------------------------------------------------------------


def running_counts(messages: Iterable[OutboxMessage], officer: Officer) -> list[dict[str, Any]]:
    """Counts that are not over, with whoever asked; only that person follows the work."""
    return [
        {
            "year": str(message.args[2]),
            "person": str(job.created_by),
            "since": job.created_at,
            "url": job.get_absolute_url() if job.created_by_id == officer.user.pk else "",
        }
        for message in messages
        if (job := message.job)
    ]


def count_job_context(job: Job, user: AnyUser) -> dict[str, Any]:
    """For core.jobs.JobKind: the year and the tables, never a number."""
    year = str(job.message.args[2])
    return {
        "back_url": reverse("case_count"),
        "subject": year,
        "facts": [{"key": _("Year"), "value": year}],
        "tables": [TABLES[code] for code in COUNTED],
    }
