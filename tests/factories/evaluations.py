"""Rounds full of reports for the tests of evaluations. Written in bulk, through the models' own constraints."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from accounts.enums import Language
from core.canonical import content_hash
from evaluations import services
from evaluations.models import Consultation, Evaluation, Publication
from tests.factories.workplan import make_round
from workplan import services as workplan_services
from workplan.enums import SELECTABLE_STATUSES, ReportStatus
from workplan.models import PublicConsent, Rating, Report, ReportVersion, Round
from workplan.queries import report_content

STATUSES = [code for code, _label in SELECTABLE_STATUSES]
OPENED = datetime(2014, 1, 6, 12, tzinfo=UTC)


def fill_round(
    cast: SimpleNamespace, code: str, start: date, end: date, *, accepted: int, submitted: int, narrative: str = ""
) -> Round:
    """An open round in which the first States' reports are accepted, the next submitted, the rest missing.

    The Secretariat's own report is accepted. Statuses come from a generator with a fixed seed.
    """
    round_ = make_round(code, start, end)
    workplan_services.open_round(round=round_, actor=cast.denise)
    reports = list(Report.objects.filter(round=round_).exclude(state=None).order_by("state__iso2"))
    chance = random.Random(code)
    for report in [Report.objects.get(round=round_, state=None), *reports[:accepted]]:
        accept(report, cast, chance, narrative)
    for report in reports[accepted : accepted + submitted]:
        _send(report, cast)
    return round_


def _send(report: Report, cast: SimpleNamespace) -> None:
    Report.objects.filter(pk=report.pk).update(
        status=ReportStatus.SUBMITTED, submitted_at=timezone.now(), sent_by=cast.ana, approved_by=cast.beto
    )


def accept(report: Report, cast: SimpleNamespace, chance: random.Random, narrative: str = "") -> ReportVersion:
    """Accept a report whose statuses are drawn; in one of eight the Secretariat rates otherwise."""
    content = report_content(report)
    for entry in content["entries"]:
        entry["status"] = chance.choice([*STATUSES, "no_information", "partial", "substantial"])
        entry["narrative"], entry["results"] = narrative, narrative[:200]
    version = ReportVersion.objects.create(
        report=report, number=1, content=content, sha256=content_hash(content), submitted_by=cast.beto
    )
    _send(report, cast)
    Rating.objects.bulk_create(_ratings(version, content["entries"], cast, chance))
    Report.objects.filter(pk=report.pk).update(
        status=ReportStatus.ACCEPTED, accepted_version=version, accepted_at=timezone.now()
    )
    return version


def _ratings(version: ReportVersion, entries: Sequence[Any], cast: SimpleNamespace, chance: Any) -> list[Rating]:
    activities = {a.code: a for a in version.report.round.catalogue.activities.all()}
    rows = []
    for entry in entries:
        own = entry["status"]
        status = chance.choice(STATUSES) if chance.random() < 1 / 8 else own
        reason = "" if status == own else "Diferencia de prueba."
        activity = activities[entry["activity"]]
        rows.append(
            Rating(
                version=version, activity=activity, status=status, self_status=own, reason=reason, rated_by=cast.denise
            )
        )
    return rows


def make_evaluation(
    cast: SimpleNamespace,
    *,
    accepted: int = 26,
    submitted: int = 3,
    symbol: str = "RTP-IV/doc.6/14",
    formats: Sequence[str] = ("pdf", "xlsx"),
    languages: Sequence[str] = Language.values,
    papers: bool = False,
    further: Sequence[str] = (),
) -> Evaluation:
    """An evaluation of 2014-1 compared with 2012-2, with reports to evaluate; looking further back at first half-years
    such as 2011-1. Papers of the States are 136: where a
    test looks at them, let only a few States take part."""
    before = fill_round(cast, "2012-2", date(2012, 7, 1), date(2012, 12, 31), accepted=accepted - 4, submitted=2)
    now = fill_round(cast, "2014-1", date(2014, 1, 1), date(2014, 6, 30), accepted=accepted, submitted=submitted)
    return services.create_evaluation(
        round=now,
        compared_round=before,
        symbol=symbol,
        original_language="es",
        languages=languages,
        formats=formats,
        with_papers=papers,
        further_rounds=[
            fill_round(cast, code, date(int(code[:4]), 1, 1), date(int(code[:4]), 6, 30), accepted=number, submitted=1)
            for number, code in enumerate(further, start=9)
        ],
        actor=cast.denise,
    )


def consulted(evaluation: Evaluation, cast: SimpleNamespace) -> Consultation:
    """The States were asked about the last build, and their time is over."""
    return Consultation.objects.create(
        evaluation=evaluation, snapshot=evaluation.snapshot, opened_by=cast.denise, closes_on=date(2014, 10, 17)
    )


def show_reports(cast: SimpleNamespace, **where: Any) -> None:
    """States make accepted reports public: all, or those of some."""
    versions = ReportVersion.objects.filter(accepted_for__isnull=False, report__state__isnull=False, **where)
    PublicConsent.objects.bulk_create([PublicConsent(version=version, given_by=cast.beto) for version in versions])


def publish(evaluation: Evaluation, cast: SimpleNamespace, *, shown: bool = True) -> Publication:
    """By the second person, after the States were asked; with all reports made public, or none."""
    evaluation.refresh_from_db()
    consulted(evaluation, cast)
    if shown:
        show_reports(cast)
    return services.publish(evaluation=evaluation, actor=cast.didier)
