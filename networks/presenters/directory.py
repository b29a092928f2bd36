"""The sections, and contacts, focal points and networks in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import State
from core.templatetags.portal import month_date
from networks import permissions
from networks.models import (
    Desk,
    Network,
    Seat,
)
from networks.presenters.common import Row


@dataclass(frozen=True)
class Section:
    label: str
    url: str
    current: bool


def sections(mine: permissions.Standing, current: str) -> list[Section]:
    """The menu inside the directory, networks and requests; the pages check for themselves who may enter."""
    pages = [("directory_list", _("Contacts"))]
    if mine.for_authority:
        pages.append(("focal_point_list", _("Focal points")))
    if mine.held:
        pages.append(("network_list", _("Networks")))
    if mine.writes_requests:
        pages.append(("request_list", _("Requests")))
    if mine.writes_requests or mine.follows_late:
        pages.append(("corridor_list", _("Answer times")))
    if mine.held:
        pages.append(("assistance_list", _("Technical assistance")))
    if mine.for_authority:
        pages += [("cooperation_map", _("Map of cooperation")), ("route_list", _("Routes"))]
        pages.append(("law_list", _("Plans and treaties")))
    return [Section(label, reverse(name), name == current) for name, label in pages]


def desk_rows(desk: Desk) -> list[Row]:
    hours = desk.response_hours
    within = ngettext("%(hours)s hour", "%(hours)s hours", hours or 0) % {"hours": hours} if hours else ""
    rows = [
        Row(_("Institution"), desk.institution.name, lang=desk.institution.name_language),
        Row(_("State"), str(desk.institution.state or "—")),
        Row(_("Service"), desk.get_service_display()),
        Row(_("Telephone"), desk.phone),
        Row(_("E-mail"), desk.email),
        Row(_("Address"), desk.address),
        Row(_("Languages"), desk.language_names),
        Row(_("Hours"), desk.hours),
        Row(_("Usually answers within"), within),
        Row(_("What others should know"), desk.notes, lang=desk.name_language),
        Row(_("Verified on"), month_date(desk.verified_on)),
        Row(_("Visible to"), desk.get_visibility_display()),
        Row(_("Source"), desk.source),
    ]
    return [row for row in rows if row.value]


@dataclass(frozen=True)
class FocalPoint:
    state: State
    name: str
    since: date | None
    before: list[str]


def focal_point_rows(states: Iterable[State]) -> list[FocalPoint]:
    return sorted((_focal_point(state) for state in states), key=lambda row: row.state.sort_key)


def _focal_point(state: State) -> FocalPoint:
    appointments = state.focal_points  # type: ignore[attr-defined]
    now = next((one for one in appointments if one.valid_to is None), None)
    before = [_tenure(one) for one in appointments if one.valid_to is not None]
    if now is None:
        return FocalPoint(state, "", None, before)
    name = now.user.full_name if now.user else _("Invited, has not accepted yet")
    return FocalPoint(state, name, now.valid_from, before)


def _tenure(appointment: Any) -> str:
    name = appointment.user.full_name if appointment.user else "—"
    return _("%(name)s, %(first)s to %(last)s") % {
        "name": name,
        "first": month_date(appointment.valid_from, "short"),
        "last": month_date(appointment.valid_to, "short"),
    }


def network_rows(network: Network) -> list[Row]:
    text, language = network.text_in("purpose")
    dates = (_("since %(date)s") % {"date": month_date(network.valid_from)}) if network.valid_from else ""
    until = (_("until %(date)s") % {"date": month_date(network.valid_to)}) if network.valid_to else ""
    rows = [
        Row(_("Purpose"), text, lang=language),
        Row(_("Level"), network.get_level_display()),
        Row(_("Acronym"), network.acronym),
        Row(_("Legal basis or agreement"), network.legal_basis),
        Row(_("Exists"), ", ".join(part for part in (dates, until) if part)),
        Row(_("Source"), network.source),
    ]
    return [row for row in rows if row.value]


def seat_dates(seat: Seat) -> str:
    if seat.valid_from and seat.valid_to:
        return f"{month_date(seat.valid_from, 'short')} – {month_date(seat.valid_to, 'short')}"
    if seat.valid_to:
        return _("until %(date)s") % {"date": month_date(seat.valid_to, "short")}
    return _("since %(date)s") % {"date": month_date(seat.valid_from, "short")} if seat.valid_from else "—"
