"""Values that the pages of reports and reviews print. Nothing here decides who may do what."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.forms import BoundField, Form
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.enums import Language
from accounts.models import Institution, State, User
from core.enums import ScanState
from core.i18n import LANGUAGES, NATIVE_NAMES, SUFFIXES
from core.spreadsheets import csv_text
from core.templatetags.portal import month_date
from workplan import permissions
from workplan.delivery import Mark, Reading, Sheet, SheetRow, detail_words
from workplan.enums import (
    NOT_YET_SENT,
    ActionKind,
    EntryField,
    EvidenceType,
    ImplementationStatus,
    NotificationKind,
    Obstacle,
    RemovedPart,
    ReportStatus,
    RoundStatus,
    SheetColumn,
    Step,
)
from workplan.models import (
    Activity,
    EntryPresence,
    Evidence,
    ImportRun,
    Notification,
    Plan,
    Question,
    Rating,
    Report,
    ReportEntry,
    Round,
    StatusChange,
)
from workplan.queries import ANSWER_FIELDS, changed_parts, entry_content, is_open_at_review
from workplan.querysets import EvidenceQuerySet, ReportEntryQuerySet
from workplan.services import ActionData, faulty_rows

PROGRESS_WORDS = {
    "not_started": gettext_lazy("Not started"),
    "in_progress": gettext_lazy("In progress"),
    "problem": gettext_lazy("Question to answer"),
    "proposed": gettext_lazy("Proposal to accept"),
    "ready": gettext_lazy("Ready"),
}
# Steps between the State and its reviewer; the others stay inside the State.
STEPS_BETWEEN = (
    Step.APPROVE,
    Step.RETURN,
    Step.ACCEPT,
    Step.WITHDRAW,
    Step.ASK_RETURN,
    Step.REOPEN,
    Step.FILE_FOR_STATE,
)
STEP_DONE_WORDS = {
    Step.SEND_TO_COORDINATOR: gettext_lazy("Sent to the coordinator"),
    Step.TAKE_BACK: gettext_lazy("Taken back"),
    Step.RETURN_TO_AUTHOR: gettext_lazy("Returned to the author"),
    Step.APPROVE: gettext_lazy("Approved and sent to the Secretariat"),
    Step.RETURN: gettext_lazy("Returned to the State"),
    Step.ACCEPT: gettext_lazy("Accepted"),
    Step.WITHDRAW: gettext_lazy("Taken back before the review began"),
    Step.ASK_RETURN: gettext_lazy("The State asked for the report’s return"),
    Step.REOPEN: gettext_lazy("Reopened for a new version"),
    Step.FILE_FOR_STATE: gettext_lazy("Filed by the Secretariat for the State"),
}
# The Secretariat reports on the same pages; those who review it are the officers of the Meeting.
SECRETARIATS_OWN_WORDS = {
    Step.APPROVE: gettext_lazy("Approved and sent to the officers of the Meeting"),
    Step.RETURN: gettext_lazy("Returned to the Secretariat"),
    Step.ASK_RETURN: gettext_lazy("The Secretariat asked for the report’s return"),
}


def step_done(step: str, report: Report) -> str:
    own = SECRETARIATS_OWN_WORDS.get(Step(step)) if report.state_id is None else None
    return str(own or STEP_DONE_WORDS[Step(step)])


# --- where a report stands -----------------------------------------------------------------------


def is_overdue(report: Report) -> bool:
    """Past the date in force for this report, to midnight in the reporter's own time zone."""
    return report.submitted_at is None and report.today > report.due_on


def due_words(report: Report) -> str:
    """The date in force; where it was moved, the word says so."""
    if report.extended_to:
        return _("extended to %(date)s") % {"date": month_date(report.extended_to)}
    return _("due %(date)s") % {"date": month_date(report.round.due_on)}


def report_tag(report: Report) -> tuple[str, str]:
    """Code and word of a report's status. Overdue is a label on what is due, not a status of its own."""
    if is_overdue(report):
        return "overdue", _("Overdue")
    if report.status == ReportStatus.IN_PREPARATION:
        return "due", _("Due")
    return report.status, str(report.get_status_display())


def reporter_name(report: Report) -> str:
    return report.state.name if report.state else _("General Secretariat")


def ready_words(ready: int, total: int) -> str:
    return ngettext("%(ready)d of %(total)d ready", "%(ready)d of %(total)d ready", ready) % {
        "ready": ready,
        "total": total,
    }


@dataclass(frozen=True)
class ReportRow:
    """A line of a list of reports. `ready` stays empty where the working answers are not the reader's."""

    report: Report
    name: str
    url: str
    tag: tuple[str, str]
    ready: str
    waiting_days: int | None = None


def report_rows(reports: Iterable[Report], own: Iterable[int]) -> list[ReportRow]:
    mine = set(own)
    return [
        ReportRow(
            report=report,
            name=reporter_name(report),
            url=report.get_absolute_url(),
            tag=report_tag(report),
            ready=ready_words(report.ready_count, report.entry_count) if report.pk in mine else "",  # type: ignore[attr-defined]
        )
        for report in reports
    ]


def review_rows(reports: Iterable[Report]) -> list[ReportRow]:
    return [
        ReportRow(
            report=report,
            name=reporter_name(report),
            url=reverse("review_detail", args=[report.reference]),
            tag=(report.status, report.get_status_display()),
            ready="",
            waiting_days=(timezone.now() - report.waiting_since).days,  # type: ignore[attr-defined]
        )
        for report in reports
    ]


# --- task list -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    title: str
    url: str
    hint: str
    status: str
    status_label: str


@dataclass(frozen=True)
class TaskArea:
    code: str
    title: str
    items: list[Task]
    ready: int

    @property
    def count(self) -> str:
        return ready_words(self.ready, len(self.items))


def task_areas(entries: ReportEntryQuerySet, open_activities: Iterable[int] = ()) -> list[TaskArea]:
    """Entries by area; `open_activities` are those with a question that waits for an answer."""
    waiting = set(open_activities)
    rows = list(entries)
    return [
        TaskArea(
            code=area.code,
            title=area.title,
            items=[_task(entry, waiting) for entry in group],
            ready=sum(entry.is_ready for entry in rows if entry.activity.area_id == area.pk),
        )
        for area, group in groupby(rows, key=lambda entry: entry.activity.area)
    ]


def _task(entry: ReportEntry, waiting: set[int]) -> Task:
    progress = "problem" if entry.activity_id in waiting else entry.progress
    return Task(
        title=f"{entry.activity.number} {entry.activity.title}",
        url=entry.get_absolute_url(),
        hint=entry.get_status_display() if entry.status else "",
        status="returned" if progress in ("problem", "proposed") else progress,
        status_label=str(PROGRESS_WORDS[progress]),
    )


# --- content of a report, as it stands or as it was sent -----------------------------------------


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


# --- words of an action ---------------------------------------------------------------------------


def action_words(action: ActionLine) -> str:
    days = " – ".join(month_date(day, "short") for day in (action.starts_on, action.ends_on) if day)
    figures = [f"{label}: {words}" for label, words in action.figures]
    return ", ".join(part for part in (action.kind, action.title, action.place, days, *figures) if part)


# --- two people in one entry ---------------------------------------------------------------------


@dataclass(frozen=True)
class ConflictPart:
    """What I typed and what is stored, in words, and the choice between them."""

    mine: list[str]
    theirs: list[str]
    choice: BoundField


def conflict_parts(parts: Mapping[str, tuple[Any, Any]], choice: Form) -> list[ConflictPart]:
    return [
        ConflictPart(conflict_words(name, mine), conflict_words(name, theirs), choice[name])
        for name, (mine, theirs) in parts.items()
        if name in choice.fields
    ]


def conflict_words(name: str, value: Any) -> list[str]:
    if name == "status":
        return [str(ImplementationStatus(value).label)] if value else []
    if name == "obstacle_kinds":
        return [str(Obstacle(kind).label) for kind in value]
    if name == "is_ready":
        return [_("Yes") if value else _("No")]
    if name == "completed":
        return [_("Yes") if value == "yes" else _("No")]
    if name == "language":
        return [str(Language(value).label)]
    if name == "actions":
        return [action_words(stored_action(action)) for action in value]
    return [value] if value else []


def stored_action(action: ActionData) -> ActionLine:
    kind = str(ActionKind(action.kind).label)
    figures = detail_words(action.kind, action.details, Reading())
    return ActionLine(kind, action.title, action.starts_on, action.ends_on, action.place, figures)


# --- one entry -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Others:
    """Who else has the form of an entry open: by name those whom the reader may know, the others unnamed."""

    key: str
    names: list[str]
    unnamed: int


def others_in(entry: ReportEntry, user: User) -> Others:
    found = list(EntryPresence.objects.visible_to(user).filter(entry=entry).of_others(user))
    people = [presence.user_id for presence in found]
    # Whoever reads the whole report finds its writers named in the history.
    all_known = bool(found) and permissions.can_read_answers(user, entry.report)
    known = set(
        people if all_known else User.objects.visible_to(user).filter(pk__in=people).values_list("pk", flat=True)
    )
    names = sorted(str(presence.user) for presence in found if presence.user_id in known)
    return Others("-".join(map(str, people)), names, len(people) - len(names))


def entry_answer(entry: ReportEntry) -> Answer:
    """The working answer. Its evidence has a table of its own, which also shows what is not sent."""
    reading = Reading(entry.report.round.period_end)
    return answer({**entry_content(entry), "evidence": []}, entry.activity, [], [], reading)


def previous_answer(before: ReportEntry | None) -> Answer | None:
    """Last round's answer, unless there was none."""
    return entry_answer(before) if before is not None and before.status else None


# --- threads -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comment:
    author: str
    at: datetime
    text: str
    lang: str
    mine: bool


@dataclass(frozen=True)
class Thread:
    question: Question
    title: str
    comments: list[Comment]
    entry_url: str
    answer_url: str  # empty where this person cannot answer it, or not any more

    @property
    def status_label(self) -> str:
        return str(self.question.get_status_display())


def threads(questions: Iterable[Question], user: User, answerable: bool) -> list[Thread]:
    return [thread(question, user, answerable) for question in questions]


def thread(question: Question, user: User, answerable: bool = True) -> Thread:
    address = [question.report.reference, question.public_id]
    asked = Comment(
        str(question.asked_by), question.asked_at, question.text, question.language, question.asked_by_id == user.pk
    )
    replies = [
        Comment(str(reply.by), reply.at, reply.text, reply.language, reply.by_id == user.pk)
        for reply in question.replies.all()
    ]
    return Thread(
        question=question,
        title=f"{question.activity.number}: {question.get_field_display()}",
        comments=[asked, *replies],
        entry_url=reverse("entry_edit", args=[question.report.reference, question.activity.code]),
        answer_url=reverse("question_answer", args=address) if answerable and question.status != "resolved" else "",
    )


# --- parts of a page -----------------------------------------------------------------------------


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


# --- history -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    title: str
    at: Any
    byline: str
    text: str = ""
    url: str = ""


def history(
    changes: Iterable[StatusChange], readable: Container[int] | None = None, *, with_notes: bool = True
) -> list[Event]:
    """Steps newest first. `readable` are the versions that the reader may open; None: all of them."""
    return [_event(change, readable, with_notes) for change in changes][::-1]


def _event(change: StatusChange, readable: Container[int] | None, with_notes: bool) -> Event:
    version = change.version
    opens = version is not None and (readable is None or version.pk in readable)
    return Event(
        title=step_done(change.step, change.report),
        at=change.at,
        byline=str(change.by),
        text=change.note if with_notes else "",
        url=reverse("report_version", args=[change.report.reference, version.number]) if version and opens else "",
    )


def entry_history(entry: ReportEntry, user: User) -> list[Event]:
    """What happened to this entry lately, and to its report for whoever reads the whole of it."""
    reads_all = permissions.can_read_answers(user, entry.report)
    events = history(entry.report.changes.select_related("by", "report", "version"))[:4] if reads_all else []
    if entry.updated_by is None:
        return events
    saved = Event(title=_("This answer was saved"), at=entry.updated_at, byline=str(entry.updated_by))
    return sorted([saved, *events], key=lambda event: event.at, reverse=True)


# --- steps a person may take ---------------------------------------------------------------------


@dataclass(frozen=True)
class Steps:
    """Booleans for the templates."""

    edit: bool
    send: bool
    take_back: bool
    approve: bool
    own_approval: bool  # would approve, but sent it: another person must
    review: bool
    withdraw: bool
    ask_return: bool
    reopen: bool
    more_time: bool
    import_file: bool


def steps_for(user: User, report: Report) -> Steps:
    def can(step: str) -> bool:
        return permissions.can_take_step(user, report, step)

    waits = report.status == ReportStatus.WITH_COORDINATOR
    return Steps(
        edit=permissions.can_edit_report(user, report),
        send=can(Step.SEND_TO_COORDINATOR),
        take_back=can(Step.TAKE_BACK),
        approve=can(Step.APPROVE),
        own_approval=waits and permissions.can_approve(user, report) and permissions.approves_own(user, report),
        review=report.submitted_at is not None and permissions.can_review(user, report),
        withdraw=can(Step.WITHDRAW) and not is_open_at_review(report),
        ask_return=can(Step.ASK_RETURN) and is_open_at_review(report),
        reopen=can(Step.REOPEN),
        more_time=permissions.can_ask_for_time(user, report),
        import_file=permissions.can_import(user, report),
    )


def reason_words(step: str, report: Report) -> dict[str, str]:
    """Heading, explanation and button of a step that asks for a reason."""
    words = {"reference": report.reference}
    if step == Step.REOPEN:
        return {
            "title": _("Reopen %(reference)s") % words,
            "text": _(
                "The reporter can write again and sends a new version. The accepted version and its ratings can "
                "still be read; until a new one is accepted, the report counts as sent and not as accepted."
            ),
            "button": _("Reopen the report"),
        }
    return {
        "title": _("Ask for the return of %(reference)s") % words,
        "text": _("The review has begun, so the reviewer decides and sees your reason at the top of the review."),
        "button": _("Ask for return"),
    }


# --- the plan ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlanArea:
    code: str
    title: str
    activities: list[Activity]


def plan_areas(activities: Iterable[Activity]) -> list[PlanArea]:
    """Activities under their areas, both in the order of the plan."""
    ordered = sorted(activities, key=lambda activity: (activity.area.position, activity.position))
    groups = ((area, list(rows)) for area, rows in groupby(ordered, key=lambda activity: activity.area))
    return [PlanArea(area.code, area.title, rows) for area, rows in groups]


def plan_events(plan: Plan) -> list[Event]:
    """Adoption and amendments, newest first."""
    years = {"first": plan.start_date.year, "last": plan.original_end_date.year}
    adopted = Event(_("Adopted for %(first)s-%(last)s") % years, plan.adopted_on, plan.resolution)
    amended = [
        Event(
            _("Extended to %(year)s") % {"year": amendment.new_end_date.year}, amendment.decided_on, "", amendment.text
        )
        for amendment in plan.amendments.order_by("-decided_on")
    ]
    return [*amended, adopted]


def plan_years(plan: Plan) -> str:
    years = {"first": plan.start_date.year, "last": plan.original_end_date.year, "end": plan.end_date.year}
    if years["end"] == years["last"]:
        return _("%(first)s-%(last)s") % years
    return _("%(first)s-%(last)s, extended to %(end)s") % years


def chips(form: Form, wanted: Mapping[str, str], url: str) -> list[dict[str, str]]:
    """The filters in force, each with the address of the page without it."""
    rows = []
    for name, value in wanted.items():
        rest = urlencode({key: other for key, other in wanted.items() if key != name})
        label = dict(form.fields[name].choices)[value]  # type: ignore[attr-defined]
        rows.append({"label": str(label), "url": f"{url}?{rest}" if rest else url})
    return rows


@dataclass(frozen=True)
class Neighbors:
    before: Activity | None
    after: Activity | None


def neighbors(activities: Sequence[Activity], activity: Activity) -> Neighbors:
    place = activities.index(activity)
    return Neighbors(
        before=activities[place - 1] if place else None,
        after=activities[place + 1] if place + 1 < len(activities) else None,
    )


def translations(activity: Activity) -> list[dict[str, str]]:
    """Title and text in the languages other than the page's."""
    return [
        {
            "language": code,
            "name": NATIVE_NAMES[code],
            "title": getattr(activity, f"title_{SUFFIXES[code]}"),
            "text": getattr(activity, f"text_{SUFFIXES[code]}"),
        }
        for code in LANGUAGES
        if code != get_language()
    ]


# --- States --------------------------------------------------------------------------------------


def by_name(states: Iterable[State]) -> list[State]:
    return sorted(states, key=lambda state: state.sort_key)


def by_state(institutions: Iterable[Institution]) -> list[tuple[State, list[Institution]]]:
    """Bodies under their States, States by name."""
    bodies: dict[State, list[Institution]] = {}
    for institution in institutions:
        if institution.state is not None:
            bodies.setdefault(institution.state, []).append(institution)
    return [(state, bodies[state]) for state in by_name(bodies)]


def official_names(state: State) -> list[dict[str, str]]:
    return [
        {"key": NATIVE_NAMES[code], "value": getattr(state, f"official_name_{SUFFIXES[code]}"), "lang": code}
        for code in LANGUAGES
    ]


# --- who has reported ----------------------------------------------------------------------------


@dataclass(frozen=True)
class MatrixRow:
    """Where one State stands in a round. `code` is a tag's; overdue and no report are labels, not statuses."""

    state: State
    code: str
    label: str
    reference: str  # empty where the reader may not open the report
    submitted_at: datetime | None
    accepted_at: datetime | None
    versions: int
    ready: str
    extended_to: date | None
    asks_for_time: bool

    @property
    def tag(self) -> str:
        return "no_information" if self.code in ("none", "not_sent") else self.code


MATRIX_WORDS = {
    "due": gettext_lazy("Due"),
    "overdue": gettext_lazy("Overdue"),
    "none": gettext_lazy("No report"),
    "not_sent": gettext_lazy("Not sent"),
    "received": gettext_lazy("Received"),  # a filter: sent at least once, whatever became of it
    **dict(ReportStatus.choices),
}


def matrix_rows(overview: Iterable[Any], round_: Round) -> list[MatrixRow]:
    return [_matrix_row(state, round_) for state in by_name(overview)]


def _matrix_row(state: Any, round_: Round) -> MatrixRow:
    code = _matrix_code(state, round_)
    return MatrixRow(
        state=state,
        code=code,
        label=str(MATRIX_WORDS[code]),
        reference=state.reference if state.submitted_at else "",
        submitted_at=state.submitted_at,
        accepted_at=state.accepted_at,
        versions=state.version_count,
        ready=f"{state.ready_count} / {state.entry_count}" if state.reference else "—",
        extended_to=state.extended_to,
        asks_for_time=state.asks_for_time,
    )


def _matrix_code(state: Any, round_: Round) -> str:
    if state.reference is None:
        return "none"
    return _standing(state.report_status, state.submitted_at, state.extended_to, state, round_)


def _standing(status: str, submitted_at: datetime | None, extended_to: date | None, state: State, round_: Round) -> str:
    """Code of a cell: the report's status, or what its absence is called at this point of the round."""
    if status not in NOT_YET_SENT or submitted_at:
        return status
    today = timezone.localdate(timezone=ZoneInfo(state.time_zone))
    if round_.status == RoundStatus.FROZEN:
        return "not_sent"
    return "overdue" if today > (extended_to or round_.due_on) else "due"


def matrix_selection(rows: Iterable[MatrixRow], wanted: str) -> list[MatrixRow]:
    if wanted == "received":
        return [row for row in rows if row.submitted_at]
    return [row for row in rows if wanted in ("", row.code)]


@dataclass(frozen=True)
class PeriodCell:
    """One State in one period."""

    code: str
    label: str
    url: str  # empty where there is nothing the reader may open
    extended_to: date | None

    @property
    def tag(self) -> str:
        return "no_information" if self.code in ("none", "not_sent") else self.code


def period_rows(states: Iterable[Any], rounds: Sequence[Round]) -> list[tuple[State, list[PeriodCell]]]:
    return [(state, [_period_cell(state, round_) for round_ in rounds]) for state in by_name(states)]


def _period_cell(state: Any, round_: Round) -> PeriodCell:
    report = next((report for report in state.reports_shown if report.round_id == round_.pk), None)
    if report is None:
        return PeriodCell("none", str(MATRIX_WORDS["none"]), "", None)
    code = _standing(report.status, report.submitted_at, report.extended_to, state, round_)
    url = report.get_absolute_url() if report.submitted_at else ""
    return PeriodCell(code, str(MATRIX_WORDS[code]), url, report.extended_to)


def matrix_counts(rows: Iterable[MatrixRow]) -> list[dict[str, Any]]:
    """How many States stand where, each a filter of the table; empty ones are left out."""
    found = Counter(row.code for row in rows)
    order = ("overdue", "due", "not_sent", ReportStatus.SUBMITTED, ReportStatus.RETURNED, ReportStatus.ACCEPTED, "none")
    known = [*order, *(code for code in found if code not in order)]
    return [{"code": str(code), "label": MATRIX_WORDS[code], "count": found[code]} for code in known if found[code]]


# --- evidence ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EvidenceRow:
    """One line of the table of evidence."""

    title: str
    lang: str
    type: str
    note: str  # name and size of the file, or the address of the page
    visibility: str
    state: str  # clean, waiting or failed, as for components/file_row.html
    state_label: str
    reason: str  # why a file was refused
    removed_parts: list[str]  # what the copy has no more
    url: str  # empty where there is nothing to open
    remove_url: str


@dataclass(frozen=True)
class EvidenceTable:
    rows: list[EvidenceRow]
    poll_url: str  # empty when nothing is being checked
    add_url: str  # empty for whoever only reads


def evidence_of(entry: ReportEntry, user: User) -> EvidenceTable:
    """The evidence of an entry as this person sees it."""
    may_edit = permissions.can_edit_entry(user, entry)
    found = list(Evidence.objects.visible_to(user).filter(entry=entry).current())
    address = [entry.report.reference, entry.activity.code]
    waiting = any(evidence.is_pending for evidence in found)
    return EvidenceTable(
        rows=[evidence_row(evidence, may_edit=may_edit) for evidence in found],
        poll_url=reverse("evidence_table", args=address) if waiting else "",
        add_url=reverse("evidence_add", args=address) if may_edit else "",
    )


def evidence_row(evidence: Evidence, *, may_edit: bool) -> EvidenceRow:
    state, label = _check_words(evidence)
    remove_url = reverse("evidence_remove", args=[evidence.public_id]) if may_edit else ""
    download = reverse("evidence_download", args=[evidence.public_id]) if evidence.is_served else ""
    return EvidenceRow(
        title=evidence.title,
        lang=evidence.language,
        type=str(evidence.get_type_display()),
        note=evidence.url or f"{evidence.original_name}, {filesizeformat(evidence.size)}",
        visibility=str(evidence.get_visibility_display()),
        state=state,
        state_label=label,
        reason=_refusal_words(evidence),
        removed_parts=[str(RemovedPart(code).label) for code in evidence.removed_parts],
        url=evidence.url or download,
        remove_url=remove_url,
    )


def _check_words(evidence: Evidence) -> tuple[str, str]:
    if evidence.url:
        return "", _("Not opened by the portal")
    state = {ScanState.CLEAN: "clean", ScanState.PENDING: "waiting", ScanState.NOT_SCANNED: ""}
    return state.get(ScanState(evidence.scan_state), "failed"), str(evidence.get_scan_state_display())


def _refusal_words(evidence: Evidence) -> str:
    if evidence.scan_state == ScanState.INFECTED:
        return _("The scanner found “%(malware)s”. Clean the computer it comes from and attach another copy.") % {
            "malware": evidence.malware
        }
    return str(evidence.get_refusal_display())


# --- imports -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImportedPart:
    label: str
    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class ImportedRow:
    """One row of a file: what it makes of its entry."""

    title: str
    place: str
    is_new: bool
    parts: list[ImportedPart]


@dataclass(frozen=True)
class ImportPreview:
    total: int
    new: int
    changes: int
    same: int
    faulty: int
    rows: list[ImportedRow]

    @property
    def to_write(self) -> int:
        return self.new + self.changes

    @property
    def sentence(self) -> str:
        """“412 rows: 380 new, 20 changes, 12 with problems”."""
        parts = [
            ngettext("%(count)d new", "%(count)d new", self.new) % {"count": self.new},
            ngettext("%(count)d change", "%(count)d changes", self.changes) % {"count": self.changes},
        ]
        if self.same:
            parts.append(ngettext("%(count)d as before", "%(count)d as before", self.same) % {"count": self.same})
        if self.faulty:
            words = ngettext("%(count)d with problems", "%(count)d with problems", self.faulty)
            parts.append(words % {"count": self.faulty})
        rows = ngettext("%(count)d row", "%(count)d rows", self.total) % {"count": self.total}
        return _("%(rows)s: %(parts)s") % {"rows": rows, "parts": ", ".join(parts)}


def import_preview(run: ImportRun, activities: Iterable[Activity]) -> ImportPreview:
    titles = {activity.code: f"{activity.number} {activity.title}" for activity in activities}
    kinds = Counter(line["kind"] for line in run.lines)
    faulty = len(faulty_rows(run))
    return ImportPreview(
        total=len(run.lines) + faulty,
        new=kinds["new"],
        changes=kinds["change"],
        same=kinds["same"],
        faulty=faulty,
        rows=[_imported_row(line, titles) for line in run.lines if line["kind"] != "same"],
    )


def _imported_row(line: Mapping[str, Any], titles: Mapping[str, str]) -> ImportedRow:
    before, after = line["before"], line["after"]
    parts = [(column, conflict_words(name, before[name]), conflict_words(name, after[name])) for name, column in _PARTS]
    return ImportedRow(
        title=titles[line["activity"]],
        place=row_place(line),
        is_new=line["kind"] == "new",
        parts=[ImportedPart(str(column.label), old, new) for column, old, new in parts if old != new],
    )


_PARTS = [(name, SheetColumn(name)) for name in ANSWER_FIELDS]


def row_place(row: Mapping[str, Any]) -> str:
    if row["sheet"]:
        return _("%(sheet)s, row %(row)s") % {"sheet": row["sheet"], "row": row["row"]}
    return _("row %(row)s") % {"row": row["row"]}


def problem_rows(run: ImportRun) -> list[dict[str, str]]:
    """Where, what stands there and what is expected, in the order of the file."""
    return [
        {**problem, "place": row_place(problem), "column": column_label(problem["column"])} for problem in run.problems
    ]


def column_label(name: str) -> str:
    return str(SheetColumn(name).label) if name in SheetColumn.values else name


def marked_sheets(run: ImportRun) -> list[Sheet]:
    """The file as it was handed in, with each problem at its cell."""
    marks: dict[tuple[str, int], list[Mark]] = {}
    for problem in run.problems:
        mark = Mark(problem["column"], f"{column_label(problem['column'])}: {problem['expected']}")
        marks.setdefault((problem["sheet"], problem["row"]), []).append(mark)
    return [
        Sheet(
            table["sheet"],
            [
                SheetRow(
                    number, dict(zip(table["header"], cells, strict=False)), marks.get((table["sheet"], number), ())
                )
                for number, cells in table["rows"]
            ],
        )
        for table in run.table
    ]


def marked_csv(run: ImportRun) -> str:
    """The same for a file of plain text: its own rows, with the problems in a last column."""
    (sheet,) = marked_sheets(run)
    head = [name for name in run.table[0]["header"] if name != SheetColumn.PROBLEM]
    rows = {row.number: row for row in sheet.rows}
    lines = [_csv_line(head, rows.get(number)) for number in range(2, max(rows, default=1) + 1)]
    return csv_text([*head, SheetColumn.PROBLEM.value], lines)


def _csv_line(head: Sequence[str], row: SheetRow | None) -> list[str]:
    """Blank where the file had a blank line, so that row numbers stay what they were."""
    if row is None:
        return []
    return [*(row.cells.get(name, "") for name in head), " / ".join(mark.text for mark in row.marks)]


# --- what people are told ------------------------------------------------------------------------


@dataclass(frozen=True)
class ToldRow:
    title: str
    at: datetime
    is_new: bool
    url: str  # empty where the reader may not open the report


def told_rows(notifications: Iterable[Notification], readable: Container[int]) -> list[ToldRow]:
    return [
        ToldRow(
            title=told_words(row),
            at=row.created_at,
            is_new=row.read_at is None,
            url=row.report.get_absolute_url() if row.report_id in readable else "",
        )
        for row in notifications
    ]


def told_words(row: Notification) -> str:
    words = {"reference": row.report.reference, "date": month_date(row.due_on)}
    if row.kind == NotificationKind.EXTENSION:
        return _("Your request for more time for %(reference)s was decided: it is due on %(date)s.") % words
    if row.offset > 0:
        return _("Report %(reference)s was due on %(date)s.") % words
    return _("Report %(reference)s is due on %(date)s.") % words
