"""Needs, goals, services, tasks and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from victims import queries
from victims.enums import EntryStatus, Kind, NoteKind
from victims.models import Case
from victims.presenters.parts import Row, approximate, page_of
from victims.services import Part, Record

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
        page_of("record_entry_edit", case, entry=row.id),
        page_of("record_entry_done", case, entry=row.id) if is_task else "",
        [_entry_row(case, step, ()) for step in steps if step.row.parent == row.id],
        page_of("step_new", case, goal=row.id) if row.kind == Kind.GOAL else "",
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
