"""Two closed rounds and an open one, dated in the years of the Plan.

Written in bulk and not by the services: their rows of history carry the time of the act, and those of the
demonstration lie in 2012-2014. The contents of versions come from the same query as in the services.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.enums import Language, Role
from accounts.models import State, User
from core import audit
from core.canonical import content_hash
from oas_trafficking.demo.answers import Course, Writer, starting_courses
from oas_trafficking.demo.people import People
from workplan.enums import COUNTED_STATUSES, EntryField, QuestionStatus, ReportStatus, RoundStatus, Step
from workplan.models import (
    Action,
    Activity,
    Catalogue,
    EntryUserObjectPermission,
    Plan,
    PublicConsent,
    Question,
    Rating,
    Reply,
    Report,
    ReportEntry,
    ReportVersion,
    Round,
    StatusChange,
)
from workplan.queries import own_body, report_content
from workplan.services import publish_report

# Code, first and last day of the period, due day, whether it is over.
ROUNDS = (
    ("2012-2", date(2012, 7, 1), date(2012, 12, 31), date(2013, 1, 31), True),
    ("2013-1", date(2013, 1, 1), date(2013, 6, 30), date(2013, 7, 31), True),
    ("2014-1", date(2014, 1, 1), date(2014, 6, 30), date(2014, 7, 31), False),
)
# What becomes of a report, and how many of a hundred; dealt out to the States in a fixed, shuffled order.
CLOSED_FATES = {"accepted": 58, "answered": 18, "late": 9, "kept_returned": 6, "never": 9}
OPEN_FATES = {"never": 18, "started": 22, "coordinator": 12, "submitted": 20, "kept_returned": 10, "accepted": 18}
# The main job is walked with these two: their open reports are in preparation.
STARTED = {"CR", "GT"}
PUBLISHING = ("AR", "BB", "BR", "CL", "CR", "GT", "HT", "JM")
SUBMITTED_FATES = {"accepted", "answered", "late", "kept_returned", "submitted"}


@dataclass
class Story:
    """One report, who acts on it, and when."""

    report: Report
    fate: str
    author: User
    approver: User
    reviewer: User
    writer: Writer
    sent_at: datetime

    def after(self, days: int, hours: int = 0) -> datetime:
        return self.sent_at + timedelta(days=days, hours=hours)


def create_rounds(plan: Plan, states: list[State], people: People, rng: random.Random) -> None:
    catalogue = Catalogue.objects.get(plan=plan, is_current=True)
    activities = list(catalogue.activities.select_related("area"))
    reporters = [*states, None]
    courses = starting_courses(reporters, activities, rng)
    for code, start, end, due, is_over in ROUNDS:
        round_ = _create_round(catalogue, code, (start, end, due), is_over, people)
        _create_reports(round_, reporters, activities, courses, people, rng)
        for course in courses.values():
            course.move(rng)
    focal = people.teams["CR"][Role.FOCAL_POINT]
    _hand_over(people.marta, focal)


def publish_some(people: People) -> None:
    """What a few States of all four languages show to everybody: each by its own focal point, as in the portal."""
    accepted = Report.objects.filter(state__iso2__in=PUBLISHING, accepted_version__isnull=False)
    for report in accepted.select_related("state", "round").order_by("reference"):
        focal = people.teams[report.chain][Role.FOCAL_POINT]
        consent = publish_report(report=report, actor=focal)
        PublicConsent.objects.filter(pk=consent.pk).update(
            given_at=(report.accepted_at or consent.given_at) + timedelta(days=7)
        )


def _moment(day: date, hour: int = 15) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def _create_round(
    catalogue: Catalogue, code: str, days: tuple[date, date, date], is_over: bool, people: People
) -> Round:
    start, end, due = days
    round_ = Round.objects.create(
        plan=catalogue.plan,
        catalogue=catalogue,
        code=code,
        period_start=start,
        period_end=end,
        due_on=due,
        status=RoundStatus.CLOSED if is_over else RoundStatus.OPEN,
        opened_at=_moment(start + timedelta(days=60)),
        closed_at=_moment(due + timedelta(days=75)) if is_over else None,
    )
    audit.record(actor=people.denise, verb="round.opened", obj=round_, data={"code": code, "demo": True})
    if is_over:
        audit.record(actor=people.denise, verb="round.closed", obj=round_, data={"code": code, "demo": True})
    return round_


def _create_reports(
    round_: Round,
    reporters: list[State | None],
    activities: list[Activity],
    courses: dict[str, Course],
    people: People,
    rng: random.Random,
) -> None:
    fates = _fates(round_, reporters, rng)
    stories = [_story(round_, state, fates[state.iso2 if state else "SG"], people, rng) for state in reporters]
    Report.objects.bulk_create(story.report for story in stories)
    entries = [entry for story in stories for entry in _entries(story, activities, courses[story.report.chain], rng)]
    ReportEntry.objects.bulk_create(entries)
    writers = {story.report.pk: story.writer for story in stories}
    Action.objects.bulk_create(action for entry in entries for action in writers[entry.report_id].actions(entry))
    for story in stories:
        _tell(story, activities, rng)
        _date(story)


def _fates(round_: Round, reporters: list[State | None], rng: random.Random) -> dict[str, str]:
    is_open = round_.status == RoundStatus.OPEN
    shares = OPEN_FATES if is_open else CLOSED_FATES
    codes = [state.iso2 for state in reporters if state]
    rng.shuffle(codes)
    pile = [fate for fate, share in shares.items() for _index in range(share)]
    fates = {code: pile[index * len(pile) // len(codes)] for index, code in enumerate(codes)}
    fates["SG"] = "started" if is_open else "accepted"
    return {code: "started" if is_open and code in STARTED else fate for code, fate in fates.items()}


def _story(round_: Round, state: State | None, fate: str, people: People, rng: random.Random) -> Story:
    language = state.language if state else Language.ES.value
    report = Report(
        round=round_, state=state, reference=f"{state.iso2 if state else 'SG'}-{round_.code}", language=language
    )
    day = round_.period_end + timedelta(days=rng.randint(4, 28))
    if fate == "late":
        day = round_.due_on + timedelta(days=rng.randint(4, 24))
    team = people.teams[state.iso2] if state else {Role.CONTRIBUTOR: people.denise, Role.APPROVER: people.didier}
    return Story(
        report=report,
        fate=fate,
        author=team[Role.CONTRIBUTOR],
        approver=team[Role.APPROVER],
        reviewer=people.denise if state else people.evan,
        writer=Writer(round_, state, language, rng),
        sent_at=_moment(day, rng.randint(13, 21)),
    )


def _entries(story: Story, activities: list[Activity], course: Course, rng: random.Random) -> Iterator[ReportEntry]:
    done = {"never": 0.0, "started": rng.uniform(0.35, 0.8)}.get(story.fate, 1.0)
    if story.fate == "never" and rng.random() < 0.5:
        done = 0.2
    audience = {"general_secretariat", "joint"} if story.report.state is None else {"member_states", "joint"}
    for activity in activities:
        if activity.responsible in audience:
            entry = ReportEntry(report=story.report, activity=activity, language=story.report.language)
            if rng.random() < done:
                story.writer.fill(entry, course.levels[activity.code])
                entry.updated_by = story.author if entry.status else None
            yield entry


# --- what happened to each report ---------------------------------------------------------------


def _tell(story: Story, activities: list[Activity], rng: random.Random) -> None:
    """The steps of the report in their order, each with its rows."""
    if story.fate in {"never", "started"}:
        return
    _step(story, Step.SEND_TO_COORDINATOR, story.author, story.after(-3))
    story.report.sent_by = story.author
    if story.fate in SUBMITTED_FATES:
        _submit(story, 1, story.sent_at)
    if story.fate in {"answered", "kept_returned"}:
        _return(story, rng)
    if story.fate == "answered":
        _resubmit(story, rng)
    if story.fate in {"accepted", "answered", "late"}:
        _accept(story, activities, rng)
    story.report.save()


def _date(story: Story) -> None:
    """Saving wrote the time of the seeding; these rows belong to the years of the Plan."""
    last = story.report.changes.last()
    Report.objects.filter(pk=story.report.pk).update(updated_at=last.at if last else story.after(-5))
    story.report.entries.update(updated_at=story.after(-5))


def _step(
    story: Story, step: str, by: User, at: datetime, note: str = "", version: ReportVersion | None = None
) -> None:
    report = story.report
    before = report.status
    report.status = {
        Step.SEND_TO_COORDINATOR: ReportStatus.WITH_COORDINATOR,
        Step.APPROVE: ReportStatus.SUBMITTED,
        Step.RETURN: ReportStatus.RETURNED,
        Step.ACCEPT: ReportStatus.ACCEPTED,
    }[Step(step)]
    StatusChange.objects.create(
        report=report,
        step=step,
        from_status=before,
        to_status=report.status,
        version=version,
        note=note,
        by=by,
        at=at,
    )
    data = {"from": before, "to": report.status, "reference": report.reference, "demo": True}
    audit.record(actor=by, verb=f"report.{step}", obj=report, chain=report.chain, data=data)


def _submit(story: Story, number: int, at: datetime) -> ReportVersion:
    report = story.report
    report.approved_by = story.approver
    report.submitted_at = report.submitted_at or at
    content = report_content(report)
    version = ReportVersion.objects.create(
        report=report,
        number=number,
        content=content,
        sha256=content_hash(content),
        submitted_by=story.approver,
        submitted_at=at,
        on_behalf_of=str(own_body(story.approver, report) or ""),
    )
    _step(story, Step.APPROVE, story.approver, at, version=version)
    return version


def _return(story: Story, rng: random.Random) -> None:
    entries = list(story.report.entries.exclude(status="").select_related("activity"))
    version = story.report.versions.get()
    for entry in rng.sample(entries, min(3, len(entries))):
        Question.objects.create(
            public_id=UUID(int=rng.getrandbits(128), version=4),
            report=story.report,
            activity=entry.activity,
            version=version,
            field=rng.choice((EntryField.STATUS, EntryField.NARRATIVE, EntryField.ACTIONS)),
            text=story.writer.phrases.common("return_comments"),
            language=story.report.language,
            asked_by=story.reviewer,
            asked_at=story.after(9),
        )
    _step(story, Step.RETURN, story.reviewer, story.after(10), story.writer.phrases.common("return_comments"), version)


def _resubmit(story: Story, rng: random.Random) -> None:
    """The State answers each question, adds to what was asked about, and sends a second version."""
    questions = list(story.report.questions.all())
    for question in questions:
        reply = story.writer.phrases.common("replies")
        Reply.objects.create(
            question=question, text=reply, language=story.report.language, by=story.author, at=story.after(15)
        )
        entry = story.report.entries.get(activity=question.activity_id)
        entry.results, entry.version = f"{entry.results} {reply}".strip(), entry.version + 1
        entry.save()
    story.report.questions.update(status=QuestionStatus.RESOLVED)
    _step(story, Step.SEND_TO_COORDINATOR, story.author, story.after(16))
    _submit(story, 2, story.after(17))


def _accept(story: Story, activities: Iterable[Activity], rng: random.Random) -> None:
    version = story.report.versions.latest("number")
    at = max(story.after(rng.randint(20, 40)), story.after(18))
    by_code = {activity.code: activity for activity in activities}
    Rating.objects.bulk_create(
        _rating(story, version, by_code[entry["activity"]], entry["status"], at, rng)
        for entry in version.content["entries"]
    )
    story.report.accepted_version, story.report.accepted_at = version, at
    _step(story, Step.ACCEPT, story.reviewer, at, version=version)


def _rating(
    story: Story, version: ReportVersion, activity: Activity, own: str, at: datetime, rng: random.Random
) -> Rating:
    """The Secretariat mostly agrees; where it does not, it rates one step lower, or now and then higher."""
    status, reason = own, ""
    if own in COUNTED_STATUSES and rng.random() < 0.12:
        place = COUNTED_STATUSES.index(own) + rng.choice((-1, -1, -1, 1))
        status = COUNTED_STATUSES[min(4, max(0, place))]
        reason = story.writer.phrases.common("rating_reasons") if status != own else ""
    return Rating(
        version=version,
        activity=activity,
        status=status,
        self_status=own,
        reason=reason,
        rated_by=story.reviewer,
        rated_at=at,
    )


def _hand_over(person: User, coordinator: User) -> None:
    """Two entries of Costa Rica's open report are with its ministry, for a month from now."""
    terms = {"reason": "Los datos son del ministerio", "valid_to": timezone.localdate() + timedelta(days=30)}
    permission = Permission.objects.get(codename="change_reportentry", content_type__app_label="workplan")
    entries = ReportEntry.objects.filter(report__reference=f"CR-{ROUNDS[-1][0]}", is_ready=False)[:2]
    EntryUserObjectPermission.objects.bulk_create(
        EntryUserObjectPermission(
            content_object=entry, user=person, permission=permission, granted_by=coordinator, **terms
        )
        for entry in entries
    )
