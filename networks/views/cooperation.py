"""The map of cooperation: State by State, in pairs, and the routes on which responsibility is shared."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import State, User
from networks import permissions, presenters, queries, services
from networks.forms import AgreementForm, MapFilterForm, RouteForm
from networks.views.common import attempt, form_page, page, person


def _viewer(request: HttpRequest) -> User:
    user = person(request)
    if not permissions.can_see_focal_points(user):
        raise PermissionDenied
    return user


def _states(user: User) -> list[State]:
    return sorted(State.objects.visible_to(user).participating().distinct(), key=lambda state: state.sort_key)


def _state(user: User, iso2: str) -> State:
    return get_object_or_404(State.objects.visible_to(user), iso2=iso2.upper())


def _two_states(user: User, one: str, other: str) -> tuple[State, State]:
    found = {state.iso2: state for state in State.objects.visible_to(user).filter(iso2__in=(one, other))}
    if len(found) < 2:
        raise Http404
    return found[one], found[other]


@require_GET
def cooperation_map(request: HttpRequest) -> HttpResponse:
    """States × States: each count leads to what it counts."""
    user = person(request)
    mine = permissions.standing(user)
    if not mine.for_authority:
        raise PermissionDenied
    form = MapFilterForm(request.GET or {"what": "networks"})
    states = _states(user)
    pairs = queries.cooperation_pairs(user, all_states=mine.follows_late)
    context = {"form": form, "states": states, "rows": presenters.map_rows(states, pairs, form.wanted()), "mine": mine}
    return page(request, "networks/cooperation_map.html", "cooperation_map", **context)


@require_GET
def cooperation_state(request: HttpRequest, iso2: str) -> HttpResponse:
    """With whom one State is connected, as a table and as a drawing of it."""
    user = _viewer(request)
    state = _state(user, iso2)
    by_key = {one.pk: one for one in State.objects.visible_to(user)}
    rows = presenters.connection_rows(state, queries.connections_of(state, user), by_key)
    drawn = presenters.drawing(state.iso2, [(row.state.name, row.total) for row in rows])
    context = {"state": state, "rows": rows, "drawing": drawn}
    return page(request, "networks/cooperation_state.html", "cooperation_map", **context)


@require_GET
def cooperation_pair(request: HttpRequest, one: str, other: str) -> HttpResponse:
    user = person(request)
    mine = permissions.standing(user)
    if not mine.for_authority:
        raise PermissionDenied
    first, second = _two_states(user, one.upper(), other.upper())
    found = queries.between(user, first, second)
    requests = found.pop("requests")
    context = {
        "mine": mine,
        "one": first,
        "other": second,
        **found,
        "requests": [(row, presenters.request_tag(row)) for row in requests[:50]],
        "corridors": presenters.corridor_rows(
            queries.corridors_between(user, first, second, all_states=mine.follows_late),
            {first.pk: first, second.pk: second},
        ),
    }
    return page(request, "networks/cooperation_pair.html", "cooperation_map", **context)


@require_http_methods(["GET", "POST"])
def agreement_new(request: HttpRequest) -> HttpResponse:
    user = _viewer(request)
    if not permissions.records_shared_facts(user):
        raise PermissionDenied
    form = AgreementForm(request.POST or None, initial={"language": user.language})
    sent = request.method == "POST" and form.is_valid()
    if sent and attempt(form, lambda: services.record_agreement(actor=user, **form.cleaned_data)):
        messages.success(request, _("The agreement is recorded."))
        return redirect("cooperation_map")
    back = (reverse("cooperation_map"), _("Map of cooperation"))
    return form_page(request, "cooperation_map", form, title=_("Record an agreement"), back=back)


@require_GET
def route_list(request: HttpRequest) -> HttpResponse:
    """Origin, transit and destination as each State reports them, in rounded figures."""
    user = _viewer(request)
    years = queries.route_years(user)
    wanted = {str(year): year for year in years}.get(request.GET.get("year", ""))
    year = wanted or (years[0] if years else None)
    by_key = {state.pk: state for state in State.objects.visible_to(user)}
    context = {
        "years": years,
        "year": year,
        "lines": presenters.route_lines(queries.routes(user, year), by_key) if year else [],
        "transit": presenters.transit_lines(queries.transit_figures(user, year)) if year else [],
    }
    return page(request, "networks/route_list.html", "route_list", **context)


@require_http_methods(["GET", "POST"])
def route_new(request: HttpRequest) -> HttpResponse:
    user = _viewer(request)
    state = permissions.reporting_states(user).first()
    if state is None:
        raise PermissionDenied
    form = RouteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.route_data()
        if attempt(form, lambda: services.report_route(state=state, data=data, actor=user)):
            messages.success(request, _("The figure is recorded, rounded."))
            return redirect("route_list")
    title, back = _("Report a route"), (reverse("route_list"), _("Routes"))
    return form_page(request, "route_list", form, title=title, back=back, caption=state.name)
