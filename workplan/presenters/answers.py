"""The content of a report, as it stands or as it was sent, ready to print."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.templatetags.portal import month_date
from workplan.delivery import Reading, detail_words
from workplan.enums import (
    ActionKind,
    EntryField,
    EvidenceType,
    ImplementationStatus,
    Obstacle,
)
from workplan.models import (
    Activity,
    Question,
    Rating,
    Report,
)
from workplan.queries import changed_parts
from workplan.querysets import EvidenceQuerySet


@dataclass(frozen=True)
class ActionLine:
    kind: str
    title: str
    starts_on: date
    ends_on: date | None
    place: str
    figures: list[tuple[str, str]] = field(default_factory=list)  # what its kind asks for, in words


@dataclass(frozen=True)
class EvidenceLine:
    type: str
    title: str
    lang: str
    url: str
    public_id: str


@dataclass
class Answer:
    """One activity's answer, ready to print; `extra` carries what a page adds to it (forms, links)."""

    code: str
    number: str
    title: str
    status: str
    status_label: str
    reason: str
    narrative: str
    results: str
    good_practice: str
    obstacles: str
    obstacle_kinds: list[str]
    language: str
    actions: list[ActionLine]
    evidence: list[EvidenceLine] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    url: str = ""
    changes_url: str = ""
    carried: str = ""  # the period it was copied from, as long as nobody confirmed it
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return self.status == ImplementationStatus.NO_INFORMATION

    @property
    def lacks_text(self) -> bool:
        return self.status in ("planned", "partial", "substantial", "full") and not self.narrative


@dataclass(frozen=True)
class AnswerArea:
    code: str
    title: str
    answers: list[Answer]


def answer_areas(
    content: Mapping[str, Any],
    activities: Iterable[Activity],
    before: dict[str, Any] | None = None,
    questions: Iterable[Question] = (),
) -> list[AnswerArea]:
    """The content of a report by area, with what changed since `before` and the questions on each activity."""
    by_code = {activity.code: activity for activity in activities}
    changes = changed_parts(before, dict(content))
    asked: dict[int, list[Question]] = {}
    for question in questions:
        asked.setdefault(question.activity_id, []).append(question)
    answers = [(by_code[row["activity"]], row) for row in content["entries"]]
    reading = Reading(date.fromisoformat(content["period"][1]))
    return [
        AnswerArea(
            code=area.code,
            title=area.title,
            answers=[
                answer(row, activity, changes.get(activity.code, []), asked.get(activity.pk, []), reading)
                for activity, row in group
            ],
        )
        for area, group in groupby(answers, key=lambda pair: pair[0].area)
    ]


def answer(
    row: Mapping[str, Any],
    activity: Activity,
    changed: Sequence[str],
    questions: list[Question],
    reading: Reading,
) -> Answer:
    return Answer(
        code=activity.code,
        number=activity.number,
        title=activity.title,
        status=row["status"],
        status_label=str(ImplementationStatus(row["status"]).label),
        reason=row["reason"],
        narrative=row["narrative"],
        results=row["results"],
        good_practice=row.get("good_practice", ""),
        obstacles=row["obstacles"],
        obstacle_kinds=[str(Obstacle(kind).label) for kind in row["obstacle_kinds"]],
        language=row["language"],
        actions=[_action_line(action, reading) for action in row["actions"]],
        evidence=[_evidence_line(item) for item in row.get("evidence", [])],  # none in versions of before
        changed=[str(EntryField(part).label) for part in changed],
        questions=questions,
        carried=row.get("carried", ""),
    )


def _action_line(row: Mapping[str, Any], reading: Reading) -> ActionLine:
    return ActionLine(
        kind=str(ActionKind(row["kind"]).label),
        title=row["title"],
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
        place=row["place"],
        figures=detail_words(row["kind"], row.get("details", {}), reading),
    )


def _evidence_line(row: Mapping[str, Any]) -> EvidenceLine:
    return EvidenceLine(
        type=str(EvidenceType(row["type"]).label),
        title=row["title"],
        lang=row["language"],
        url=reverse("evidence_detail", args=[row["id"]]),
        public_id=row["id"],
    )


@dataclass(frozen=True)
class Summary:
    """What a reader checks first: how many of each status, what is blank, what lacks a text."""

    total: int
    statuses: list[tuple[str, str, int]]
    blank: list[Answer]
    without_text: list[Answer]
    changed: list[Answer]
    action_count: int
    open_questions: int

    @property
    def answered(self) -> int:
        return self.total - len(self.blank)


def summarize(areas: Iterable[AnswerArea]) -> Summary:
    answers = [answer for area in areas for answer in area.answers]
    counts = Counter(answer.status for answer in answers)
    return Summary(
        total=len(answers),
        statuses=[(code, str(label), counts[code]) for code, label in ImplementationStatus.choices],
        blank=[answer for answer in answers if answer.is_blank],
        without_text=[answer for answer in answers if answer.lacks_text],
        changed=[answer for answer in answers if answer.changed],
        action_count=sum(len(answer.actions) for answer in answers),
        open_questions=sum(q.status == "open" for answer in answers for q in answer.questions),
    )


def action_words(action: ActionLine) -> str:
    days = " – ".join(month_date(day, "short") for day in (action.starts_on, action.ends_on) if day)
    figures = [f"{label}: {words}" for label, words in action.figures]
    return ", ".join(part for part in (action.kind, action.title, action.place, days, *figures) if part)


def area_menu(report: Report, areas: Iterable[AnswerArea], wanted: str) -> list[dict[str, Any]]:
    """One page for the whole report and one for each area."""
    url = reverse("report_check", args=[report.reference])
    items: list[dict[str, Any]] = [{"label": _("Whole report"), "url": url, "current": not wanted, "note": ""}]
    for area in areas:
        answered = sum(not answer.is_blank for answer in area.answers)
        note = f"{answered}/{len(area.answers)}"
        items.append(
            {"label": area.title, "url": f"{url}?area={area.code}", "current": wanted == area.code, "note": note}
        )
    return items


def keep_evidence(areas: Sequence[AnswerArea], visible: EvidenceQuerySet) -> None:
    """A version is kept whole, for its hash; of its evidence each reader is shown what they may see."""
    shown = {str(public_id) for public_id in visible.values_list("public_id", flat=True)}
    for answer in (answer for area in areas for answer in area.answers):
        answer.evidence = [line for line in answer.evidence if line.public_id in shown]


def add_ratings(areas: Iterable[AnswerArea], ratings: Iterable[Rating], report: Report) -> None:
    by_code = {rating.activity.code: rating for rating in ratings}
    for area in areas:
        for answer in area.answers:
            answer.extra |= {"rating": by_code.get(answer.code), "rated_by_meeting": report.state_id is None}
