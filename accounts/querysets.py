"""Scope of people and institutions. Membership first: a dated role in an institution decides what is seen."""

from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.enums import MANAGER_ROLES, InstitutionKind, Role

if TYPE_CHECKING:
    from accounts.models import Institution, RoleAssignment, State, User

AnyUser: TypeAlias = "User | AnonymousUser"


class StateQuerySet(QuerySet["State"]):
    def visible_to(self, user: AnyUser) -> "StateQuerySet":
        """Which States exist, and their names, is public."""
        return self

    def participating(self) -> "StateQuerySet":
        """States that take part in the Plan today: a question to dated rows, never a number in the code."""
        today = timezone.localdate()
        return self.filter(
            Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=today),
            Q(memberships__valid_from=None) | Q(memberships__valid_from__lte=today),
            memberships__kind="participates",
        )


class RoleAssignmentQuerySet(QuerySet["RoleAssignment"]):
    def current(self) -> "RoleAssignmentQuerySet":
        """Roles in force today, of people and institutions that are active."""
        today = timezone.localdate()
        return self.filter(
            Q(valid_to=None) | Q(valid_to__gte=today),
            Q(institution__valid_to=None) | Q(institution__valid_to__gte=today),
            valid_from__lte=today,
            ended_at=None,
            user__is_active=True,
        )

    def not_over(self) -> "RoleAssignmentQuerySet":
        """Roles in force today or later, whether or not the person can sign in."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=timezone.localdate()), ended_at=None)

    def of(self, user: AnyUser, *roles: str) -> "RoleAssignmentQuerySet":
        """Current roles of one person, narrowed to the roles named."""
        if user.pk is None:
            return self.none()
        mine = self.current().filter(user_id=user.pk)
        return mine.filter(role__in=roles) if roles else mine

    def states(self) -> Any:
        """Keys of the States these roles belong to, as a subquery."""
        return self.filter(institution__state__isnull=False).values("institution__state")

    def visible_to(self, user: AnyUser) -> "RoleAssignmentQuerySet":
        """Own roles; those of the own State for whoever manages its people; all for the Secretariat's administrator."""
        mine = self.model._default_manager.of(user)
        if not user.is_active:
            return self.none()
        if mine.filter(role=Role.SECRETARIAT_ADMIN).exists():
            return self
        return self.filter(Q(user_id=user.pk) | Q(institution__state__in=mine.filter(role__in=MANAGER_ROLES).states()))


class ManagedQuerySet(QuerySet[Any]):
    """Rows about the people of an institution: for whoever manages these people, and nobody else."""

    state_path = "institution__state"

    def visible_to(self, user: AnyUser) -> "Any":
        if not user.is_active:
            return self.none()
        mine = user.role_assignments.current()
        if mine.filter(role=Role.SECRETARIAT_ADMIN).exists():
            return self
        return self.filter(**{f"{self.state_path}__in": mine.filter(role__in=MANAGER_ROLES).states()})


class InvitationQuerySet(ManagedQuerySet):
    def pending(self) -> "InvitationQuerySet":
        """Not used and not revoked; their link may have expired and can be sent again."""
        return self.filter(accepted_at=None, revoked_at=None)

    def usable(self) -> "InvitationQuerySet":
        return self.pending().filter(expires_at__gt=timezone.now())


class OfStateQuerySet(ManagedQuerySet):
    state_path = "state"


class InstitutionQuerySet(QuerySet["Institution"]):
    def current(self) -> "InstitutionQuerySet":
        today = timezone.localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=today))

    def visible_to(self, user: AnyUser) -> "InstitutionQuerySet":
        """National authorities and the Secretariat are known to all who sign in; agencies to their own State."""
        if not user.is_active:
            return self.none()
        mine = user.role_assignments.current().of(user)
        return self.filter(
            Q(kind__in=(InstitutionKind.AUTHORITY, InstitutionKind.SECRETARIAT))
            | Q(state__in=mine.states())
            | Q(pk__in=mine.values("institution"))
        )


# Not a literal at the call: the type checker would declare the attribute a second time.
_ROLES_NOW: str = "roles_now"


class UserQuerySet(QuerySet["User"]):
    def with_roles(self, *, seen_by: "AnyUser | None" = None) -> "UserQuerySet":
        """People with the roles that are not over, the institution of each, in one further query; `seen_by`
        leaves out what somebody does for a side that is not the reader's."""
        roles: Any = self.model._meta.get_field("role_assignments").related_model
        visible = roles.objects.visible_to(seen_by) if seen_by is not None else roles.objects.all()
        rows = visible.not_over().select_related("institution__state").order_by("role")
        return self.prefetch_related(Prefetch("role_assignments", rows, to_attr=_ROLES_NOW))

    def visible_to(self, user: AnyUser) -> "UserQuerySet":
        """Oneself, and the people whose roles one may see."""
        if not user.is_active:
            return self.none()
        from_roles = user.role_assignments.model.objects.visible_to(user).values("user")
        return self.filter(Q(pk=user.pk) | Q(pk__in=from_roles))
