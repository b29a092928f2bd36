"""Reads of contributions for other pages: beside an answer, and for the evaluation summary."""

from django.db.models import QuerySet

from accounts.models import State
from contributions.enums import Status, Visibility
from contributions.models import Contribution
from contributions.querysets import AnyUser, ContributionQuerySet, reading_states
from workplan.models import Activity, Area, ReportEntry, Round

SIDE_BY_SIDE = ("states", "activities", "replies__state", "files")


def with_all(rows: ContributionQuerySet) -> ContributionQuerySet:
    return rows.select_related("institution", "round").prefetch_related(*SIDE_BY_SIDE)


def beside_entry(user: AnyUser, entry: ReportEntry) -> list[Contribution]:
    """What partners say of the same activity in the same period, for whoever reads the State's whole report."""
    state = entry.report.state
    if state is None or not State.objects.filter(pk=state.pk, pk__in=reading_states(user)).exists():
        return []
    return list(with_all(Contribution.objects.beside(entry.report.round_id, state, entry.activity_id)))


def for_summary(round_: Round) -> QuerySet[Contribution]:
    """What was accepted, each with the replies of the States: the two are never read apart."""
    rows = with_all(Contribution.objects.filter(round=round_, status=Status.ACCEPTED))
    return rows.exclude(visibility=Visibility.SECRETARIAT).order_by("sent_at", "pk")


def published() -> ContributionQuerySet:
    return with_all(Contribution.objects.published())


def areas_of(activities: QuerySet[Activity]) -> list[Area]:
    return list(Area.objects.filter(activities__in=activities).distinct())


def open_rounds() -> QuerySet[Round]:
    """Periods that take contributions."""
    return Round.objects.filter(status="open")


def open_activities() -> QuerySet[Activity]:
    """Activities of the catalogues that open periods ask about."""
    return Activity.objects.filter(catalogue__rounds__status="open").distinct()
