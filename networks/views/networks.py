"""Networks: which there are, who sits in them, who may enter the room."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.views.fresh import fresh_to_change
from core.exceptions import NotAllowed, PortalError
from networks import permissions, presenters, services
from networks.forms import GuestForm, NetworkFilterForm, NetworkForm, SeatForm
from networks.models import Announcement, Document, GuestOffer, Meeting, Network, Seat
from networks.views.common import attempt, form_page, page, paged, person


def visible_network(user: User, slug: str) -> Network:
    return get_object_or_404(Network.objects.visible_to(user).select_related("parent"), slug=slug)


def own_network(user: User, slug: str) -> Network:
    """A network that the person coordinates."""
    network = visible_network(user, slug)
    if not permissions.can_coordinate(user, network):
        raise PermissionDenied
    return network


def room(user: User, slug: str) -> Network:
    """A network whose room the person may enter."""
    network = visible_network(user, slug)
    if not permissions.has_room(user, network):
        raise PermissionDenied
    return network


def way_back(network: Network) -> tuple[str, str]:
    return network.get_absolute_url(), network.name


@require_GET
def network_list(request: HttpRequest) -> HttpResponse:
    form = NetworkFilterForm(request.GET)
    user = person(request)
    networks = Network.objects.visible_to(user).filter(**form.wanted()).with_list_data().with_room_mark(user)
    context = {"form": form, "page": paged(request, networks)}
    return page(request, "networks/network_list.html", "network_list", **context)


@require_http_methods(["GET", "POST"])
def network_new(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not permissions.can_found_networks(user):
        raise PermissionDenied
    form = NetworkForm(request.POST or None, user=user, initial={"level": "regional"})
    if request.method == "POST" and form.is_valid():
        institution = form.cleaned_data["institution"]
        data = form.network_data()
        network = attempt(form, lambda: services.found_network(data=data, institution=institution, actor=user))
        if network is not None:
            messages.success(request, _("The network is founded. Now give its members their seats."))
            return redirect(network)
    back = (reverse("network_list"), _("Networks"))
    return form_page(request, "network_list", form, title=_("New network"), back=back, button=_("Found the network"))


@require_http_methods(["GET", "POST"])
def network_edit(request: HttpRequest, slug: str) -> HttpResponse:
    user = person(request)
    network = own_network(user, slug)
    initial = NetworkForm.initial_of(network)
    form = NetworkForm(request.POST or None, user=user, network=network, initial=initial)
    if request.method == "POST" and form.is_valid():
        change = {"data": form.network_data(), "seen": form.cleaned_data["seen"]}
        if attempt(form, lambda: (services.change_network(network=network, actor=user, **change), True)):
            messages.success(request, _("The network is saved."))
            return redirect(network)
    return form_page(request, "network_list", form, title=_("Change the network"), back=way_back(network))


@require_GET
def network_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Who sits in it; and, for those who may enter, what lies in its room."""
    user = person(request)
    seen = Network.objects.visible_to(user)
    network: Any = get_object_or_404(seen.with_room_mark(user), slug=slug)
    seats = Seat.objects.visible_to(user).filter(network=network).with_list_data()
    mine = permissions.standing(user)
    place = permissions.place_in(user, network, mine)
    related = list(seen.filter(Q(parent=network) | Q(subnetworks=network)).distinct())
    context = {
        "mine": mine,
        "network": network,
        "rows": presenters.network_rows(network),
        "seats": [(seat, presenters.seat_dates(seat)) for seat in seats],
        "subnetworks": [one for one in related if one.parent_id == network.pk],
        "parent": next((one for one in related if one.pk == network.parent_id), None),
        "has_room": network.is_open,
        "can_post": place.can_post,
        "coordinates": place.coordinates,
        "own_seats": place.keys,
        "offered": place.offered,
    }
    if context["has_room"]:
        context |= {
            "meetings": Meeting.objects.visible_to(user).filter(network=network).with_list_data(),
            "announcements": Announcement.objects.visible_to(user)
            .filter(network=network)
            .select_related("by_institution__state")[:20],
            "documents": Document.objects.visible_to(user)
            .filter(network=network)
            .select_related("by_institution__state")[:50],
        }
    return page(request, "networks/network_detail.html", "network_list", **context)


@require_GET
def network_drawing(request: HttpRequest, slug: str) -> HttpResponse:
    """The members around the network; the table beneath is what is drawn."""
    user = person(request)
    network = visible_network(user, slug)
    seats = list(Seat.objects.visible_to(user).current().filter(network=network).with_list_data())
    around = [(seat.state.name if seat.state else seat.holder, 1) for seat in seats]
    context = {"network": network, "seats": seats, "drawing": presenters.drawing(network.acronym or "●", around)}
    return page(request, "networks/network_drawing.html", "network_list", **context)


@fresh_to_change
@require_http_methods(["GET", "POST"])
def seat_new(request: HttpRequest, slug: str) -> HttpResponse:
    user = person(request)
    network = own_network(user, slug)
    form = SeatForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        seat = attempt(form, lambda: services.seat_member(network=network, actor=user, **form.cleaned_data))
        if seat is not None:
            messages.success(request, _("The seat is given."))
            return redirect(network)
    title = _("Give a seat in the network")
    return form_page(request, "network_list", form, title=title, back=way_back(network), button=_("Give the seat"))


@require_POST
def seat_take(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A seat that another gave to one's own institution."""
    user = person(request)
    network = visible_network(user, slug)
    seat = get_object_or_404(Seat.objects.visible_to(user).current().select_related("network"), pk=pk, network=network)
    try:
        services.take_seat(seat=seat, actor=user)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    messages.success(request, _("The seat is taken."))
    return redirect(network)


@fresh_to_change
@require_POST
def seat_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Leave the network, or end a member's seat as its coordinator."""
    user = person(request)
    network = visible_network(user, slug)
    seat = get_object_or_404(Seat.objects.visible_to(user).current().select_related("network"), pk=pk, network=network)
    try:
        services.end_seat(seat=seat, actor=user)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
        return redirect(network)
    messages.success(request, _("The seat is ended."))
    return redirect("network_list")


@fresh_to_change
@require_http_methods(["GET", "POST"])
def guest_list(request: HttpRequest, slug: str) -> HttpResponse:
    user = person(request)
    network = own_network(user, slug)
    form = GuestForm(request.POST or None)
    sent = request.method == "POST" and form.is_valid()
    if sent and attempt(form, lambda: services.let_in_guest(network=network, actor=user, **form.cleaned_data)):
        messages.success(request, _("If the address has an account, its holder may enter the room."))
        return redirect("guest_list", network.slug)
    offers = GuestOffer.objects.visible_to(user).standing().filter(network=network)
    context = {"network": network, "form": form, "offers": offers}
    return page(request, "networks/guest_list.html", "network_list", **context)


@fresh_to_change
@require_POST
def guest_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    user = person(request)
    network = own_network(user, slug)
    offer = get_object_or_404(GuestOffer.objects.visible_to(user).standing(), pk=pk, network=network)
    services.show_out_guest(offer=offer, actor=user)
    messages.success(request, _("The room is closed to this guest."))
    return redirect("guest_list", network.slug)
