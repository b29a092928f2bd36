"""Scope of people and institutions. Membership first: a dated role in an institution decides what is seen."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.enums import HOOK_ROLES, MANAGER_ROLES, NOTE_READERS, TWO_PERSON_ROLES, InstitutionKind, NoticeState, Role
from core.clocks import today_by_utc
from core.enums import SERVED_STATES

if TYPE_CHECKING:
    from accounts.models import (
        ApiKey,
        FactorReset,
        HookNotice,
        Institution,
        RoleAssignment,
        SavedView,
        State,
        User,
        Webhook,
    )

AnyUser: TypeAlias = "User | AnonymousUser"
UNDO_FOR = timedelta(days=1)  # a view that was removed
# Not literals at the call: the type checker would declare the attributes a second time.
_ROLES_NOW: str = "roles_now"
_DOCUMENTS_NOW: str = "documents_now"


class StateQuerySet(QuerySet["State"]):
    def visible_to(self, user: AnyUser) -> "StateQuerySet":
        """Which States exist, and their names, is public."""
        return self

    def participating(self) -> "StateQuerySet":
        """States that take part in the Plan today: a question to dated rows, never a number in the code."""
        today = today_by_utc()
        return self.filter(
            Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=today),
            Q(memberships__valid_from=None) | Q(memberships__valid_from__lte=today),
            memberships__kind="participates",
        )


class RoleAssignmentQuerySet(QuerySet["RoleAssignment"]):
    def current(self) -> "RoleAssignmentQuerySet":
        """Roles in force today, of people and institutions that are active."""
        today = today_by_utc()
        return self.filter(
            Q(valid_to=None) | Q(valid_to__gte=today),
            Q(institution__valid_to=None) | Q(institution__valid_to__gte=today),
            valid_from__lte=today,
            ended_at=None,
            user__is_active=True,
        )

    def not_over(self) -> "RoleAssignmentQuerySet":
        """Roles in force today or later, whether or not the person can sign in."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=today_by_utc()), ended_at=None)

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
    roles: tuple[str, ...] = MANAGER_ROLES

    def visible_to(self, user: AnyUser) -> "Any":
        if not user.is_active:
            return self.none()
        mine = user.role_assignments.current()
        if mine.filter(role=Role.SECRETARIAT_ADMIN).exists():
            return self
        return self.filter(**{f"{self.state_path}__in": mine.filter(role__in=self.roles).states()})


class InvitationQuerySet(ManagedQuerySet):
    def pending(self) -> "InvitationQuerySet":
        """Not used and not revoked; their link may have expired and can be sent again."""
        return self.filter(accepted_at=None, revoked_at=None)

    def usable(self) -> "InvitationQuerySet":
        """Those whose link opens: of a role that two people give, both have spoken."""
        confirmed = ~Q(role__in=TWO_PERSON_ROLES) | Q(confirmed_at__isnull=False)
        return self.pending().filter(confirmed, expires_at__gt=timezone.now())


class OfStateQuerySet(ManagedQuerySet):
    state_path = "state"


class AppointmentQuerySet(OfStateQuerySet):
    """Also for the State's auditor."""

    roles = NOTE_READERS

    def with_documents(self) -> "AppointmentQuerySet":
        documents: Any = self.model._meta.get_field("documents").related_model
        return self.prefetch_related(Prefetch("documents", documents.objects.standing(), to_attr=_DOCUMENTS_NOW))


class NoteDocumentQuerySet(AppointmentQuerySet):
    state_path = "appointment__state"

    def standing(self) -> "NoteDocumentQuerySet":
        return self.filter(replaced_at=None)

    def served(self) -> "NoteDocumentQuerySet":
        return self.standing().filter(scan_state__in=SERVED_STATES)


class FactorResetQuerySet(QuerySet["FactorReset"]):
    def open(self) -> "FactorResetQuerySet":
        return self.filter(stopped_at=None, applied_at=None)

    def due(self) -> "FactorResetQuerySet":
        """A closed account waits: what is removed there would be removed unseen."""
        return self.open().filter(effective_at__lte=timezone.now(), person__is_active=True)

    def visible_to(self, user: AnyUser) -> "FactorResetQuerySet":
        """One's own, and those of the people one manages now."""
        if not user.is_active:
            return self.none()
        managed = user.role_assignments.model.objects.visible_to(user).not_over()
        return self.filter(Q(person=user.pk) | Q(person__in=managed.values("user")))


class ApiKeyQuerySet(QuerySet["ApiKey"]):
    def visible_to(self, user: AnyUser) -> "ApiKeyQuerySet":
        """One's own; an organization's to its people, a State's to whoever manages its people."""
        if not user.is_active or user.pk is None:
            return self.none()
        mine = user.role_assignments.current()
        organization = Q(institution__in=mine.filter(role=Role.PARTNER).values("institution"))
        managed = Q(institution__state__in=mine.filter(role__in=MANAGER_ROLES).states())
        return self.filter(Q(user=user.pk) | organization | managed)

    def usable(self) -> "ApiKeyQuerySet":
        """Keys that open today: not ended, and of somebody who still acts for that institution."""
        return self.filter(
            revoked_at=None,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )


class SavedViewQuerySet(QuerySet["SavedView"]):
    def visible_to(self, user: AnyUser) -> "SavedViewQuerySet":
        """One's own, and those shared with an institution one acts for today."""
        if not user.is_active or not user.pk:
            return self.none()
        mine = user.role_assignments.current().values("institution")
        return self.filter(Q(owner=user.pk) | Q(institution__in=mine), removed_at=None)

    def just_removed_by(self, user: AnyUser) -> "SavedViewQuerySet":
        """Of a day; older ones cannot be brought back."""
        return self.filter(owner=user.pk, removed_at__gt=timezone.now() - UNDO_FOR)

    def with_list_data(self, user: AnyUser) -> "SavedViewQuerySet":
        pins: Any = self.model._meta.get_field("pins").related_model
        is_pinned = Exists(pins.objects.filter(view=OuterRef("pk"), user=user.pk))
        return self.select_related("institution__state", "owner").annotate(is_pinned=is_pinned)

    def pinned_by_person(self, user: AnyUser) -> "SavedViewQuerySet":
        return self.filter(pins__user=user.pk)


class WebhookQuerySet(QuerySet["Webhook"]):
    def visible_to(self, user: AnyUser) -> "WebhookQuerySet":
        """For whoever answers for the institution, until it is removed."""
        if not user.is_active:
            return self.none()
        mine = user.role_assignments.current().filter(role__in=HOOK_ROLES)
        return self.filter(institution__in=mine.values("institution"), ended_at=None)

    def told_of(self, kind: str) -> "WebhookQuerySet":
        """Those that notices of the kind are kept for, while they are paused too; of institutions in force."""
        today = today_by_utc()
        in_force = Q(institution__valid_to=None) | Q(institution__valid_to__gte=today)
        return self.filter(in_force, kinds__contains=[kind], ended_at=None, stopped_at=None)


class HookNoticeQuerySet(QuerySet["HookNotice"]):
    def waiting(self) -> "HookNoticeQuerySet":
        return self.filter(state=NoticeState.WAITING)

    def deliverable(self) -> "HookNoticeQuerySet":
        """Waiting, at a system that is switched on."""
        return self.waiting().filter(hook__ended_at=None, hook__stopped_at=None, hook__paused_at=None)


class InstitutionQuerySet(QuerySet["Institution"]):
    def current(self) -> "InstitutionQuerySet":
        today = today_by_utc()
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
