"""Reads of contributions for other pages: beside an answer, and for the evaluation summary."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import State
from contributions.enums import Status, Visibility
from contributions.models import Accreditation, Contribution, ContributionTranslation
from contributions.querysets import AnyUser, ContributionQuerySet, reading_states
from workplan.models import Activity, Area, ReportEntry, Round

MAX_WORDS = 8  # of a search; more only cost time
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
    return with_all(Contribution.objects.published()).prefetch_related("translations__by", "translations__contribution")


def translations_of(contribution: Contribution) -> QuerySet[ContributionTranslation]:
    return contribution.translations.select_related("by", "contribution")


def found(rows: ContributionQuerySet, text: str) -> ContributionQuerySet:
    """Those that have every word somewhere: in reference, title or text, or in the name that may be read."""
    for word in text.split()[:MAX_WORDS]:
        has = Q(reference__iexact=word) | Q(title__icontains=word) | Q(text__icontains=word)
        rows = rows.filter(has | Q(shown_name__icontains=word))
    return rows


# --- where it is cited ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Cited:
    """A published document that gives a contribution word for word: which, where, and the address of the passage."""

    title: str
    place: str
    url: str


Citing = Callable[[Contribution], list[Cited]]
_citing: list[Citing] = []


def register_citing(provider: Citing) -> None:
    """For apps above this one, whose documents cite contributions."""
    _citing.append(provider)


def cited_in(contribution: Contribution) -> list[Cited]:
    return [cited for provider in _citing for cited in provider(contribution)]


def activities_of(round_: Round, accreditation: Accreditation) -> QuerySet[Activity]:
    """Those of the period that an organization may speak of, in the order of the plan."""
    asked = Activity.objects.filter(catalogue=round_.catalogue_id).order_by("position")
    return asked.filter(themes__overlap=accreditation.themes) if accreditation.themes else asked


def state_names() -> dict[str, str]:
    return {state.iso2: state.name for state in State.objects.visible_to(AnonymousUser())}


def areas_of(activities: QuerySet[Activity]) -> list[Area]:
    return list(Area.objects.filter(activities__in=activities).distinct())


def open_rounds() -> QuerySet[Round]:
    """Periods that take contributions."""
    return Round.objects.filter(status="open")


def open_activities() -> QuerySet[Activity]:
    """Activities of the catalogues that open periods ask about."""
    return Activity.objects.filter(catalogue__rounds__status="open").distinct()
