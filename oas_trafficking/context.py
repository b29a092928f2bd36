"""What every page's frame needs: the menu with its counts and the line under the portal's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.enums import REPORT_ROLES, SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import User
from indicators.querysets import RETURN_ROLES
from networks.enums import LIAISON_ROLES
from oas_trafficking.permissions import is_served
from oas_trafficking.presenters.public import is_indexed
from oas_trafficking.queries import Desk
from workplan.queries import count_unread

EVERYBODY: tuple[str, ...] = ()
CASE_ROLES = (Role.CASE_WORKER, Role.CASE_SUPERVISOR, Role.CUSTODIAN)
_REVIEWERS = (*SECRETARIAT_ROLES, Role.MEETING_OFFICER)
# Name of the page, word in the menu, who has it there; the pages check for themselves who may enter.
MENU: tuple[tuple[str, Promise, tuple[str, ...]], ...] = (
    ("home", _("Home"), EVERYBODY),
    ("dashboard", _("Dashboard"), SECRETARIAT_ROLES),
    ("report_list", _("Reports"), (*REPORT_ROLES, *_REVIEWERS)),
    ("review_queue", _("Review"), _REVIEWERS),
    ("case_list", _("Cases"), CASE_ROLES),
    ("plan_detail", _("Work Plan"), EVERYBODY),
    ("state_list", _("States"), EVERYBODY),
    ("return_list", _("Returns"), RETURN_ROLES),
    ("release_list", _("Releases"), SECRETARIAT_ROLES),
    ("data_list", _("Statistics"), EVERYBODY),
    ("directory_list", _("Directory"), EVERYBODY),
    ("register_list", _("Meetings"), EVERYBODY),
    ("request_list", _("Requests"), LIAISON_ROLES),
    ("contribution_list", _("Contributions"), (Role.PARTNER, Role.FOCAL_POINT, *SECRETARIAT_ROLES)),
    ("round_list", _("Periods"), SECRETARIAT_ROLES),
    ("evaluation_list", _("Evaluation"), _REVIEWERS),
    ("consultation_list", _("Consultation"), REPORT_ROLES),
    ("translation_list", _("Translations"), (Role.TRANSLATOR, *SECRETARIAT_ROLES)),
    ("notification_list", _("Messages"), (*REPORT_ROLES, *SECRETARIAT_ROLES)),
    ("team", _("Team"), (Role.FOCAL_POINT, Role.STATE_USER_ADMIN, Role.SECRETARIAT_ADMIN)),
    ("appointment_list", _("Appointments"), (Role.STATE_AUDITOR,)),  # others reach them from their team
    ("audit_trail", _("Audit trail"), (Role.STATE_AUDITOR, Role.SECRETARIAT_ADMIN)),
    ("operations", _("Operations"), (Role.SECRETARIAT_ADMIN,)),
)
# Pages that stand under another page's word in the menu.
UNDER = {
    "case_list": ("task_list", "approval_list", "case_search", "alert_list"),
    "directory_list": ("network_list", "assistance_list", "cooperation_map"),
    "register_list": ("publication_list",),
}
PUBLIC = ("plan_detail", "state_list", "data_list", "directory_list", "register_list")
OF_AUTHORITIES = {"return_list"}  # an agency's people have the same roles and no part in it


# What the menu measures on the widest page, in pixels: none of its words may fall to a second line.
ROOM, LETTER, AROUND, BADGE, MORE = 1150, 8.6, 32, 34, 104


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    current: bool
    badge: int | None = None
    badge_label: str = ""

    @property
    def width(self) -> float:
        return len(self.label) * LETTER + AROUND + (BADGE if self.badge else 0)


def places_in_line(items: Sequence[NavItem]) -> int:
    """How many items stand in the line of the menu; the rest is folded under one more word."""
    if sum(item.width for item in items) <= ROOM:
        return len(items)
    ends = accumulate(item.width for item in items)
    return sum(end <= ROOM - MORE for end in ends)


def desk_of(request: HttpRequest) -> Desk:
    """One desk per request: the menu and the start page count the same piles once."""
    if not hasattr(request, "desk"):
        request.desk = Desk(cast(User, request.user))  # type: ignore[attr-defined]
    desk: Desk = request.desk  # type: ignore[attr-defined]
    return desk


def portal(request: HttpRequest) -> dict[str, Any]:
    """Lazy: a fragment or a file that prints no frame costs nothing."""
    items: Any = SimpleLazyObject(lambda: nav_items(request))
    return {
        "demo": settings.OAS_DEMO,
        "version": settings.OAS_VERSION,
        "indexed": is_indexed(request),
        "nav_items": items,
        "nav_line": SimpleLazyObject(lambda: items[: places_in_line(items)]),
        "nav_rest": SimpleLazyObject(lambda: items[places_in_line(items) :]),
        "institution": SimpleLazyObject(lambda: institution_line(request)),
    }


def _signed_in(request: HttpRequest) -> bool:
    return hasattr(request, "user") and request.user.is_authenticated


def nav_items(request: HttpRequest) -> list[NavItem]:
    if not _signed_in(request):
        return [item for name, label, _roles in MENU if name in PUBLIC for item in _item(request, name, label)]
    desk, counts = desk_of(request), not getattr(request, "is_refused", False)
    return [
        item
        for name, label, roles in MENU
        if _is_for(desk, name, roles)
        for item in _item(request, name, label, *(_badge(desk, name) if counts else ()))
    ]


def _is_for(desk: Desk, name: str, roles: tuple[str, ...]) -> bool:
    kind = InstitutionKind.AUTHORITY if name in OF_AUTHORITIES else ""
    return not roles or desk.holds(*roles, kind=kind)


def _item(request: HttpRequest, name: str, label: Promise, count: int = 0, words: str = "") -> list[NavItem]:
    """The link, or none where this process does not serve that page."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return []
    if not is_served(resolve(url).func, name):
        return []
    here = request.path.startswith((url, *map(reverse, UNDER.get(name, ()))))
    return [NavItem(str(label), url, here, count or None, words)]


def _badge(desk: Desk, name: str) -> tuple[int, str]:
    if name == "review_queue":
        count = len(desk.waiting)
        return count, ngettext("report to review", "reports to review", count)
    if name == "request_list":
        count = len(desk.to_answer)
        return count, ngettext("request to answer", "requests to answer", count)
    if name == "report_list":
        count = len(desk.to_approve)
        return count, ngettext("report to approve", "reports to approve", count)
    if name == "notification_list":
        count = count_unread(desk.user)
        return count, ngettext("new message", "new messages", count)
    return 0, ""


def institution_line(request: HttpRequest) -> str:
    """For whom the person acts: the State and the institution of their first role."""
    roles = desk_of(request).roles if _signed_in(request) else []
    if not roles:
        return ""
    institution = roles[0].institution
    return f"{institution.state.name} · {institution.name}" if institution.state else institution.name
