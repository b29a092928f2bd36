"""What stands between an evaluation and its documents, as of now. Nothing here is frozen or printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q

from evaluations.enums import Standing, day_of
from evaluations.models import Evaluation, Exclusion
from evaluations.queries.snapshot import build_written, standing_of
from evaluations.queries.statistics import ToldLess, told_less
from evaluations.queries.translations import count_unreviewed
from workplan.enums import NotificationKind, QuestionStatus
from workplan.models import Notification, Report


@dataclass(frozen=True)
class Awaited:
    """A State whose report is not accepted."""

    report: Report
    standing: str
    due_on: date
    is_late: bool
    reminded_on: date | None
    open_questions: int
    exclusion: Exclusion | None


@dataclass(frozen=True)
class Preflight:
    total: int
    accepted: int
    awaited: Sequence[Awaited]
    open_questions: int  # all of the round, of accepted reports too
    overtaken: Sequence[Exclusion]  # recorded still, and without effect: the report was accepted since
    asked: Sequence[Report]  # those with questions that are not settled
    told_less: Sequence[ToldLess] | None  # none without a release
    unreviewed: Mapping[str, int]  # translations that are missing or not reviewed, by language

    @property
    def excluded(self) -> int:
        return sum(row.exclusion is not None for row in self.awaited)

    @property
    def late(self) -> int:
        return sum(row.is_late for row in self.awaited)


def preflight(evaluation: Evaluation) -> Preflight:
    reports = list(_reports(evaluation))
    exclusions = {row.state_id: row for row in evaluation.exclusions.all()}
    reminded = _last_reminders(reports)
    return Preflight(
        total=len(reports),
        accepted=sum(report.accepted_version_id is not None for report in reports),
        awaited=[_awaited(r, exclusions, reminded) for r in reports if r.accepted_version_id is None],
        open_questions=sum(report.open_questions for report in reports),  # type: ignore[attr-defined]
        overtaken=list(evaluation.exclusions.overtaken().select_related("state")),
        asked=[report for report in reports if report.open_questions],  # type: ignore[attr-defined]
        told_less=told_less(evaluation),
        unreviewed=count_unreviewed(evaluation, build_written(evaluation)),  # as of now, before the first build too
    )


def _reports(evaluation: Evaluation) -> Sequence[Report]:
    asked = Report.objects.filter(round=evaluation.round, state__iso2__in=evaluation.states)
    waiting = Count("questions", filter=~Q(questions__status=QuestionStatus.RESOLVED))
    return asked.select_related("round", "state").annotate(open_questions=waiting)  # type: ignore[return-value]


def _last_reminders(reports: Sequence[Report]) -> dict[int, date]:
    told = Notification.objects.filter(report__in=reports, kind=NotificationKind.DEADLINE).order_by()
    return {pk: day_of(last) for pk, last in told.values_list("report").annotate(last=Max("created_at"))}


def _awaited(report: Report, exclusions: dict[int, Exclusion], reminded: dict[int, date]) -> Awaited:
    standing = standing_of(report)
    return Awaited(
        report=report,
        standing=standing,
        due_on=report.due_on,
        is_late=standing == Standing.NOT_REPORTED and report.today > report.due_on,
        reminded_on=reminded.get(report.pk),
        open_questions=report.open_questions,  # type: ignore[attr-defined]
        exclusion=exclusions.get(report.state_id or 0),
    )
