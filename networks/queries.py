"""Reads that join several tables: search, corridors, the matrix of States, assistance, routes."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import and_, or_
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.search import SearchQuery
from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Prefetch,
    Q,
    QuerySet,
    Value,
    Window,
)
from django.utils import timezone

from accounts.enums import SECRETARIAT_ROLES
from accounts.models import FocalPointAppointment, State, User
from accounts.permissions import has_role
from core.i18n import SUFFIXES
from core.identity_guard import plain
from networks.models import (
    STEMMERS,
    Agreement,
    AgreementParty,
    AssistanceItem,
    AssistanceMatch,
    CooperationRequest,
    Desk,
    Escalation,
    Network,
    RouteFigure,
    Seat,
)
from networks.querysets import AnyUser, DeskQuerySet, RequestQuerySet, acts_for_authority

_SERVICE_WORDS = Path(__file__).parent / "data" / "service_words.csv"
MAX_WORDS = 8  # of a search; more only cost time


# --- directory ------------------------------------------------------------------------------------


@cache
def _service_words() -> dict[str, str]:
    with _SERVICE_WORDS.open(encoding="utf-8", newline="") as file:
        return {row["code"]: " ".join(row[end] for end in SUFFIXES.values()) for row in csv.DictReader(file)}


def search_words(desk: Desk) -> str:
    """All a desk can be found by, in the four languages at once and without accents."""
    state = desk.institution.state
    names = [getattr(state, f"name_{end}") for end in SUFFIXES.values()] + [state.iso3] if state else []
    own = [desk.name, desk.institution.name, desk.notes, desk.address, desk.language_names]
    return " ".join(plain(text) for text in (*own, *names, _service_words()[desk.service]) if text)


def found_desks(desks: DeskQuerySet, text: str) -> DeskQuerySet:
    """Desks that have every word, by its beginning or by its stem in any of the four languages."""
    words = "".join(char if char.isalnum() else " " for char in plain(text)).split()
    if not words:
        return desks
    # One condition for all words: the index then begins with the rarest.
    return desks.filter(search=reduce(and_, [_word_query(word) for word in words[:MAX_WORDS]]))


def _word_query(word: str) -> Any:
    stems = [SearchQuery(word, config=stemmer) for stemmer in STEMMERS[1:]]
    return reduce(or_, stems, SearchQuery(f"{word}:*", config="simple", search_type="raw"))


def states_with_focal_points(user: AnyUser) -> QuerySet[State]:
    """Who is and who was the focal point of each State, with dates; only for those who act for an authority."""
    appointments = FocalPointAppointment.objects.select_related("user").order_by("-valid_from", "-pk")
    shown = appointments if acts_for_authority(user) else appointments.none()
    rows = Prefetch("appointments", shown, to_attr="focal_points")
    return State.objects.participating().distinct().prefetch_related(rows)


def stale_by_state() -> dict[int, int]:
    """How many desks each State has to verify."""
    stale = Desk.objects.stale().filter(institution__state__isnull=False)
    counts = stale.order_by().values_list("institution__state").annotate(n=Count("pk"))
    return dict(counts)


# --- requests -------------------------------------------------------------------------------------


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


_WAITED = ExpressionWrapper(F("answered_at") - F("sent_at"), output_field=DurationField())


def known_requests(user: AnyUser, *, all_states: bool | None = None) -> RequestQuerySet:
    """Requests that may be counted for the person: their own and, as metadata, all for the Secretariat.

    `all_states`: whether the person is of the Secretariat, where the caller knows.
    """
    requests = CooperationRequest.objects.filter(sent_at__isnull=False)
    follows = has_role(user, *SECRETARIAT_ROLES) if all_states is None else all_states
    return requests if follows else requests.visible_to(user)


def corridors(user: AnyUser, *, all_states: bool | None = None) -> "QuerySet[CooperationRequest, Any]":
    """State to State: how many were asked, how many wait, and half of the answers came within `median`."""
    waiting = Q(status__in=("sent", "transferred", "acknowledged"))
    grouped = known_requests(user, all_states=all_states).order_by().values("sender_state", "receiver_state")
    return grouped.annotate(
        asked=Count("pk"),
        waiting=Count("pk", filter=waiting),
        overdue=Count("pk", filter=waiting & Q(coordinator_due_at__lte=timezone.now())),
        answered=Count("answered_at"),
        median=Median(_WAITED, filter=Q(answered_at__isnull=False)),
    ).order_by("sender_state__iso2", "receiver_state__iso2")


def busiest_corridors(count: int) -> list[dict[str, Any]]:
    """For the Secretariat: the pairs of States that ask each other most, and their number in `pairs`; one query.

    By how much they work together, which is no order of merit.
    """
    grouped: Any = corridors(AnonymousUser(), all_states=True).annotate(pairs=Window(Count("*")))
    return list(grouped.order_by("-asked", "sender_state__iso2", "receiver_state__iso2")[:count])


ESCALATED_COLUMNS = (
    "request__kind",
    "request__urgency",
    "request__status",
    "request__answer_by",
    "request__sender_state",
    "request__receiver_state",
    "due_at",
)


def escalated_rows(user: AnyUser) -> "QuerySet[Escalation, Any]":
    """What the Secretariat learns: two States, kind, urgency, dates. Neither the reference nor a word of it."""
    return Escalation.objects.visible_to(user).values(*ESCALATED_COLUMNS).order_by("-due_at", "-pk")  # type: ignore[no-any-return]


# --- the map --------------------------------------------------------------------------------------


@dataclass
class Pair:
    """What connects two States, as far as the viewer may know."""

    agreements: int = 0
    networks: int = 0
    requests: int = 0


def cooperation_pairs(user: AnyUser, *, all_states: bool | None = None) -> dict[tuple[int, int], Pair]:
    """Every connected pair of States, in one grouped query; requests count from the first State to the second."""
    pairs: dict[tuple[int, int], Pair] = {}
    for row in _pair_rows(user, all_states):
        setattr(pairs.setdefault((row["a"], row["b"]), Pair()), row["what"], row["n"])
    return pairs


def _pair_rows(user: AnyUser, all_states: bool | None) -> Iterable[dict[str, Any]]:
    parties = AgreementParty.objects.filter(agreement__in=Agreement.objects.visible_to(user).in_force())
    agreements = _counted(parties, "agreement__memberships__state", "agreement", "agreements")
    seats = _current_seats("network__seats__").filter(network__in=Network.objects.visible_to(user))
    networks = _counted(seats, "network__seats__state", "network", "networks")
    asked = known_requests(user, all_states=all_states).order_by().annotate(a=F("sender_state"), b=F("receiver_state"))
    requests = asked.values("a", "b").annotate(n=Count("pk"), what=Value("requests"))
    return agreements.union(networks, requests, all=True)  # type: ignore[no-any-return]


def _current_seats(path: str) -> QuerySet[Seat]:
    """Seats of States held today, and, at the end of the path, those beside them."""
    today = timezone.localdate()
    beside = (
        Q(**{f"{path}valid_to": None}) | Q(**{f"{path}valid_to__gte": today}),
        Q(**{f"{path}valid_from": None}) | Q(**{f"{path}valid_from__lte": today}),
    )
    fixed = {f"{path}left_at": None, f"{path}state__isnull": False}
    return Seat.objects.current().filter(*beside, state__isnull=False, **fixed)


def _counted(rows: QuerySet[Any], other: str, thing: str, what: str) -> Any:
    pairs = rows.order_by().annotate(a=F("state"), b=F(other)).exclude(a=F("b"))
    return pairs.values("a", "b").annotate(n=Count(thing, distinct=True), what=Value(what))


def connections_of(state: State, user: AnyUser) -> dict[int, Pair]:
    """The States one State is connected with; requests of both directions together."""
    found: dict[int, Pair] = {}
    for (a, b), pair in cooperation_pairs(user).items():
        if state.pk in (a, b):
            other = found.setdefault(b if a == state.pk else a, Pair())
            if a == state.pk:
                other.agreements, other.networks = pair.agreements, pair.networks
            other.requests += pair.requests
    return found


def between(user: AnyUser, one: State, other: State) -> dict[str, Any]:
    """All that the person may see between two States."""
    today_seats = Seat.objects.current()
    networks = Network.objects.visible_to(user).filter(pk__in=today_seats.filter(state=one).values("network"))
    agreements = Agreement.objects.visible_to(user).in_force().filter(memberships__state=one)
    return {
        "agreements": agreements.filter(pk__in=AgreementParty.objects.filter(state=other).values("agreement")),
        "networks": networks.filter(pk__in=today_seats.filter(state=other).values("network")),
        "requests": CooperationRequest.objects.visible_to(user).between(one, other).with_list_data(),
    }


# --- technical assistance -------------------------------------------------------------------------


@dataclass
class TopicRow:
    needs: int = 0
    needs_met: int = 0
    offers: int = 0
    offers_used: int = 0


def assistance_matrix(user: AnyUser) -> dict[str, TopicRow]:
    """By topic: what is needed, what is offered, and how much of both has found the other. For the summary, too."""
    items = AssistanceItem.objects.visible_to(user).open().order_by()
    matched = ("agreed", "done")
    rows = items.values("topic", "side").annotate(
        n=Count("pk", distinct=True),
        matched=Count(
            "pk",
            filter=Q(matches_as_need__status__in=matched) | Q(matches_as_offer__status__in=matched),
            distinct=True,
        ),
    )
    matrix: dict[str, TopicRow] = {}
    for row in rows:
        cell = matrix.setdefault(row["topic"], TopicRow())
        if row["side"] == "need":
            cell.needs, cell.needs_met = row["n"], row["matched"]
        else:
            cell.offers, cell.offers_used = row["n"], row["matched"]
    return matrix


# --- routes ---------------------------------------------------------------------------------------


@dataclass
class Route:
    """One way from a State of origin to one of destination, as each of the two reports it."""

    origin: int
    destination: int
    by_origin: int | None = None
    by_destination: int | None = None
    transit: list[tuple[int, int]] = field(default_factory=list)


def routes(user: AnyUser, year: int) -> list[Route]:
    """Own nationals abroad and others' nationals here are two reports on the same way: side by side, never added."""
    found: dict[tuple[int, int], Route] = {}
    for figure in RouteFigure.objects.visible_to(user).filter(year=year).exclude(side="transit"):
        abroad = figure.side == "own_abroad"
        ends = (figure.state_id, figure.other_id) if abroad else (figure.other_id, figure.state_id)
        route = found.setdefault(ends, Route(*ends))
        setattr(route, "by_origin" if abroad else "by_destination", figure.rounded)
    return sorted(found.values(), key=lambda route: -max(route.by_origin or 0, route.by_destination or 0))


def transit_figures(user: AnyUser, year: int) -> QuerySet[RouteFigure]:
    figures = RouteFigure.objects.visible_to(user).filter(year=year, side="transit")
    return figures.select_related("state", "other")  # type: ignore[no-any-return]


def route_years(user: AnyUser) -> list[int]:
    years = RouteFigure.objects.visible_to(user).order_by("-year").values_list("year", flat=True).distinct()
    return list(years)


def corridors_between(
    user: AnyUser, one: State, other: State, *, all_states: bool | None = None
) -> "QuerySet[CooperationRequest, Any]":
    both = Q(sender_state=one, receiver_state=other) | Q(sender_state=other, receiver_state=one)
    return corridors(user, all_states=all_states).filter(both)


def matches_of(item: AssistanceItem) -> QuerySet[AssistanceMatch]:
    related = ("need__institution__state", "offer__institution__state")
    return AssistanceMatch.objects.filter(Q(need=item) | Q(offer=item)).select_related(*related)


def account_by_address(email: str) -> User | None:
    return User.objects.filter(email__iexact=email, is_active=True).first()  # type: ignore[no-any-return]
