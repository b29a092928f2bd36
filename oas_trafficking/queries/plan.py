"""Reads of the pages of an activity and of a theme: what States answered, and what stands beside it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Func, JSONField, Q, QuerySet, Value

from contributions.models import Contribution
from contributions.querysets import ContributionQuerySet
from evaluations.models import Conclusion
from evaluations.queries.figures import Json
from evaluations.queries.snapshot import build_live
from indicators.models import Release
from workplan.models import Activity, Report, ReportVersion, Round
from workplan.queries import published_versions
from workplan.querysets import AnyUser, ReportQuerySet

PERIODS = 4  # that a page sets side by side


class EntriesOn(Func):
    """A version's answers to these activities, without carrying the others out of the database."""

    function = "jsonb_path_query_array"
    output_field = JSONField()

    def __init__(self, codes: Sequence[str]) -> None:
        path, wanted = (
            '$.entries[*] ? (@.activity == $codes[*] && @.status != "no_information")',
            {"codes": list(codes)},
        )
        super().__init__(F("content"), Value(path), Value(json.dumps(wanted)))


def on_activities(versions: QuerySet[ReportVersion], codes: Sequence[str]) -> list[ReportVersion]:
    """Each with `entries`: what it says of these activities; those that say nothing are left out."""
    found = versions.defer("content").select_related("report__round", "report__state")
    newest = found.annotate(entries=EntriesOn(codes)).order_by("-report__round__period_start", "pk")
    return [version for version in newest if version.entries]


def published_on(codes: Sequence[str]) -> list[ReportVersion]:
    """What States show to everybody, the newest period first."""
    return on_activities(published_versions(), codes)


@dataclass(frozen=True)
class Opened:
    """Accepted answers that a reader may open, and the figures they make; periods with none of them are not there."""

    rounds: list[Round]
    live: Json
    versions: list[ReportVersion]


def opened_on(user: AnyUser, activity: Activity, *, follows_all: bool) -> Opened | None:
    """The answers to an activity in the latest periods; none without any."""
    reports = opened_reports(user, follows_all=follows_all)
    versions = on_activities(ReportVersion.objects.filter(accepted_for__in=reports), [activity.code])
    rounds = list({version.report.round_id: version.report.round for version in versions}.values())[:PERIODS]
    return Opened(rounds, build_live(rounds, reports, [activity]), versions) if rounds else None


def opened_reports(user: AnyUser, *, follows_all: bool) -> ReportQuerySet:
    """Whoever follows all States counts the reports that have not arrived too."""
    of_states = Report.objects.filter(state__isnull=False)
    return of_states if follows_all else of_states.visible_to(user).filter(accepted_version__isnull=False)


def live_of_last(user: AnyUser, activities: Sequence[Activity], *, follows_all: bool) -> Json | None:
    """Figures of the last period of which the reader may open an accepted report."""
    reports = opened_reports(user, follows_all=follows_all)
    accepted = Round.objects.filter(reports__in=reports.filter(accepted_version__isnull=False))
    last = accepted.order_by("-period_start").first()
    return build_live([last], reports, activities) if last else None


def activities_of_theme(theme: str) -> list[Activity]:
    """Of the list in force, in the order of the plan."""
    current = Activity.objects.filter(catalogue__is_current=True, themes__contains=[theme])
    found = list(current.select_related("area", "catalogue__plan").order_by("area__position", "position"))
    newest = max((row.catalogue.plan.adopted_on for row in found), default=None)
    return [row for row in found if row.catalogue.plan.adopted_on == newest]


def contributions_on(codes: Sequence[str], kind: str = "") -> ContributionQuerySet:
    """What organizations said in public of these activities, the newest first."""
    found = Contribution.objects.published().filter(activities__code__in=codes).select_related("round").distinct()
    return (found.filter(kind=kind) if kind else found).order_by("-sent_at", "pk")


def last_release() -> Release | None:
    """Of the statistics that everybody may read, whoever asks."""
    return Release.objects.published().select_related("content").first()


def conclusions_on(theme: str, codes: Sequence[str]) -> list[Conclusion]:
    """The point of that number first, then those that are carried out by the same activities."""
    found = Conclusion.objects.filter(Q(number=theme) | Q(activities__overlap=list(codes)))
    rows = found.select_related("meeting").order_by("meeting__number", "position")
    return sorted(rows, key=lambda row: row.number != theme)
