"""Answers of a report in words, and what changed between two of them. Pages and documents print the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.enums import Language
from core.differences import ADDED, REMOVED, SAME, Run, line_changes, word_changes
from core.templatetags.portal import month_date
from workplan.delivery.figures import Reading, detail_words
from workplan.enums import ActionKind, EntryField, EvidenceType, ImplementationStatus, Obstacle, SheetColumn, Visibility
from workplan.models import Activity

Row = Mapping[str, Any]  # of queries.entry_content


@dataclass(frozen=True)
class Part:
    """One part of an answer. Prose is a person's own words, in the answer's language."""

    label: str
    lines: list[str]
    is_prose: bool = False


@dataclass(frozen=True)
class Change:
    """A part that differs, as lines of stretches that stayed, went or came."""

    label: str
    lines: list[list[Run]]
    is_prose: bool


@dataclass(frozen=True)
class Wording:
    """One answer in words; of two answers compared, with what changed."""

    code: str
    number: str
    title: str
    language: str = ""
    language_before: str = ""
    parts: list[Part] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    is_new: bool = False  # the earlier of two reports did not ask for it
    is_gone: bool = False  # the later one does not


@dataclass(frozen=True)
class WordingArea:
    code: str
    title: str
    answers: list[Wording]


# --- one answer -----------------------------------------------------------------------------------


def answer_parts(row: Row, *, all_evidence: bool, reading: Reading | None = None) -> list[Part]:
    """Every part, also the empty ones. Of evidence, all that was sent or what may be published."""
    if not row:
        return []
    kinds = [str(Obstacle(kind).label) for kind in row["obstacle_kinds"]]
    evidence = [item for item in row.get("evidence", []) if all_evidence or item["visibility"] == Visibility.PUBLIC]
    return [
        Part(str(EntryField.STATUS.label), [str(ImplementationStatus(row["status"]).label), *_carried(row)]),
        Part(str(SheetColumn.REASON.label), _text(row["reason"]), is_prose=True),
        Part(str(EntryField.NARRATIVE.label), _text(row["narrative"]), is_prose=True),
        Part(str(EntryField.RESULTS.label), _text(row["results"]), is_prose=True),
        Part(str(EntryField.PRACTICE.label), _text(row.get("good_practice", "")), is_prose=True),
        Part(str(SheetColumn.OBSTACLE_KINDS.label), kinds),
        Part(str(EntryField.OBSTACLES.label), _text(row["obstacles"]), is_prose=True),
        Part(str(EntryField.ACTIONS.label), [action_line(action, reading) for action in row["actions"]], is_prose=True),
        Part(_("Evidence"), [_evidence_line(item) for item in evidence], is_prose=True),
        Part(_("Language of the answer"), [str(Language(row["language"]).label)]),
    ]


def _carried(row: Row) -> list[str]:
    """Working answers alone can be unconfirmed: none is sent."""
    return [_("Copied from %(period)s, not confirmed yet") % {"period": row["carried"]}] if row.get("carried") else []


def _text(text: str) -> list[str]:
    return [text] if text else []


def action_line(action: Row, reading: Reading | None = None) -> str:
    days = " – ".join(
        month_date(parse_date(action[name]), "short") for name in ("starts_on", "ends_on") if action[name]
    )
    details = detail_words(action["kind"], action.get("details", {}), reading or Reading())
    figures = [f"{label}: {words}" for label, words in details]
    words = (str(ActionKind(action["kind"]).label), action["title"], action["place"], days, *figures)
    return ", ".join(word for word in words if word)


def _evidence_line(item: Row) -> str:
    """With the beginning of the fingerprint: another file of the same title is another file."""
    mark = item["url"] or f"SHA-256 {item['sha256'][:16]}"
    return f"{EvidenceType(item['type']).label}: {item['title']} ({mark})"


def worded_areas(content: Row, activities: Iterable[Activity], *, all_evidence: bool) -> list[WordingArea]:
    """A whole report in words, for a document: parts without a word are left out."""
    by_code = {activity.code: activity for activity in activities}
    reading = Reading(period_end=date.fromisoformat(content["period"][1]))
    answers = [_worded(row, by_code[row["activity"]], all_evidence, reading) for row in content["entries"]]
    return _by_area(answers, by_code)


def _worded(row: Row, activity: Activity, all_evidence: bool, reading: Reading) -> Wording:
    parts = [part for part in answer_parts(row, all_evidence=all_evidence, reading=reading) if part.lines]
    if not any(part.is_prose for part in parts):
        parts.pop()  # no text, no language of it
    return Wording(activity.code, activity.number, activity.title, row["language"], parts=parts)


def _by_area(answers: Iterable[Wording], activities: Mapping[str, Activity]) -> list[WordingArea]:
    groups = groupby(answers, key=lambda answer: activities[answer.code].area)
    return [WordingArea(area.code, area.title, list(rows)) for area, rows in groups]


# --- two answers ----------------------------------------------------------------------------------


def part_changes(before: Row, after: Row, *, all_evidence: bool, reading: Reading | None = None) -> list[Change]:
    """The parts that differ. A missing answer is one without a word."""
    old, new = (answer_parts(row, all_evidence=all_evidence, reading=reading) for row in (before, after))
    return changed_parts(old, new)


def changed_parts(old: list[Part], new: list[Part]) -> list[Change]:
    """Of the same parts twice, or of none and some."""
    labels = new or old
    pairs = [(part, _lines(old, place), _lines(new, place)) for place, part in enumerate(labels)]
    return [Change(part.label, _changed(part, was, now), part.is_prose) for part, was, now in pairs if was != now]


def _lines(parts: list[Part], place: int) -> list[str]:
    return parts[place].lines if parts else []


def _changed(part: Part, before: list[str], after: list[str]) -> list[list[Run]]:
    if part.is_prose:
        one_text = len(before) <= 1 and len(after) <= 1
        return [word_changes("".join(before), "".join(after))] if one_text else line_changes(before, after)
    stays = [Run(SAME, line) for line in after if line in before]
    went = [Run(REMOVED, line) for line in before if line not in after]
    return [[run] for run in (*stays, *went, *(Run(ADDED, line) for line in after if line not in before))]


def compared_areas(
    before: Row, after: Row, activities: Iterable[Activity], *, all_evidence: bool, code: str = ""
) -> list[WordingArea]:
    """What changed from one content to another, by area; only the answers that changed. `code`: of one activity.

    `activities` are those of both catalogues, the later one's last: its numbers and titles stand.
    """
    by_code = {activity.code: activity for activity in activities if code in ("", activity.code)}
    old, new = ({row["activity"]: row for row in content["entries"]} for content in (before, after))
    ordered = sorted((by_code[key] for key in old.keys() | new.keys() if key in by_code), key=_place)
    reading = Reading()  # one for all: the names of States are asked for once
    answers = [_compared(a, old.get(a.code, {}), new.get(a.code, {}), all_evidence, reading) for a in ordered]
    return _by_area((answer for answer in answers if answer.changes), by_code)


def _place(activity: Activity) -> tuple[int, int, str]:
    return activity.area.position, activity.position, activity.code


def _compared(activity: Activity, before: Row, after: Row, all_evidence: bool, reading: Reading) -> Wording:
    return Wording(
        activity.code,
        activity.number,
        activity.title,
        language=(after or before)["language"],
        language_before=(before or after)["language"],
        changes=part_changes(before, after, all_evidence=all_evidence, reading=reading),
        is_new=not before,
        is_gone=not after,
    )
