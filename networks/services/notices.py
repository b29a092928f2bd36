"""Who is told by mail that something waits. The mail itself says nothing but that (delivery.send_notice)."""

from collections.abc import Iterable

from accounts.enums import Role
from accounts.models import Institution, RoleAssignment, State, User
from core.jobs import enqueue
from networks.enums import LIAISON_ROLES


def people_of(institution: Institution) -> list[int]:
    """Those who work on requests there; where there is nobody yet, the State's coordinator."""
    roles = RoleAssignment.objects.current().filter(institution=institution, role__in=LIAISON_ROLES)
    found = list(roles.order_by("user").values_list("user", flat=True).distinct())
    return found or (coordinators(institution.state) if institution.state else [])


def coordinators(state: State) -> list[int]:
    roles = RoleAssignment.objects.current().filter(institution__state=state, role=Role.FOCAL_POINT)
    return list(roles.order_by("user").values_list("user", flat=True).distinct())


def officers() -> list[int]:
    roles = RoleAssignment.objects.current().filter(role=Role.SECRETARIAT_OFFICER)
    return list(roles.order_by("user").values_list("user", flat=True).distinct())


def notify(users: Iterable[int], notice: str, *, key: str, request_id: int = 0, but: User | None = None) -> None:
    """One mail for each, whatever happens twice: `key` names the event."""
    for user_id in users:
        if but is None or user_id != but.pk:
            enqueue("networks.send_notice", user_id, notice, request_id, key=f"notice:{key}:{user_id}", queue="mail")
