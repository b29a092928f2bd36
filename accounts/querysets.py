"""Scope of people and institutions. Membership first: a dated role in an institution decides what is seen."""

from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.enums import InstitutionKind, Role

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
            user__is_active=True,
        )

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
        managed = mine.filter(role__in=(Role.FOCAL_POINT, Role.STATE_USER_ADMIN)).states()
        if mine.filter(role=Role.SECRETARIAT_ADMIN).exists():
            return self
        return self.filter(Q(user_id=user.pk) | Q(institution__state__in=managed))


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


class UserQuerySet(QuerySet["User"]):
    def visible_to(self, user: AnyUser) -> "UserQuerySet":
        """Oneself, and the people whose roles one may see."""
        if not user.is_active:
            return self.none()
        from_roles = user.role_assignments.model.objects.visible_to(user).values("user")
        return self.filter(Q(pk=user.pk) | Q(pk__in=from_roles))
