"""Scope of contributions. What a State may see of one is decided here; how, in presenters.StateView."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.enums import REPORT_ROLES, SECRETARIAT_ROLES, Role
from accounts.models import RoleAssignment, State, User
from contributions.enums import RENEWAL_WINDOW, SERVED_STATES, STATE_STATUSES, Status, Visibility
from core.clocks import today_by_utc

if TYPE_CHECKING:
    from contributions.models import Accreditation, Attachment, BulkFiling, Contribution

AnyUser = User | AnonymousUser


def _held(user: AnyUser) -> set[str]:
    return set(RoleAssignment.objects.of(user).values_list("role", flat=True)) if user.is_active else set()


def _own_institutions(user: AnyUser) -> Any:
    return RoleAssignment.objects.of(user, Role.PARTNER).values("institution")


def reading_states(user: AnyUser) -> Any:
    """States for which the person reads reports, and so what partners say beside them."""
    return (
        RoleAssignment.objects.of(user, *REPORT_ROLES).filter(institution__kind__in=("authority", "mission")).states()
    )


class AccreditationQuerySet(QuerySet["Accreditation"]):
    def visible_to(self, user: AnyUser) -> "AccreditationQuerySet":
        held = _held(user)
        if held & set(SECRETARIAT_ROLES):
            return self
        return self.filter(institution__in=_own_institutions(user)) if Role.PARTNER in held else self.none()

    def in_force(self) -> "AccreditationQuerySet":
        return self.filter(status="accredited", valid_to__gte=today_by_utc())

    def waiting(self) -> "AccreditationQuerySet":
        return self.filter(status__in=("applied", "vetted"))

    def ending(self) -> "AccreditationQuerySet":
        """In force, but so near the end that a renewal may be asked for."""
        return self.in_force().filter(valid_to__lte=today_by_utc() + RENEWAL_WINDOW)

    def with_list_data(self) -> "AccreditationQuerySet":
        return self.select_related("institution").prefetch_related("states")


class ContributionQuerySet(QuerySet["Contribution"]):
    def visible_to(self, user: AnyUser) -> "ContributionQuerySet":
        """The organization its own; the Secretariat what was sent; a State what it may know that concerns it."""
        held = _held(user)
        scope = Q(pk__in=[])
        if Role.PARTNER in held:
            scope |= Q(institution__in=_own_institutions(user))
        if held & set(SECRETARIAT_ROLES):
            scope |= Q(sent_at__isnull=False)
        if held & set(REPORT_ROLES):
            scope |= Q(pk__in=self.model._default_manager.shown_to_states(reading_states(user)).values("pk"))
        if Role.TRANSLATOR in held:
            scope |= Q(visibility=Visibility.PUBLIC, status=Status.ACCEPTED)
        return self.filter(scope)

    def written_for(self, user: AnyUser) -> "ContributionQuerySet":
        """Those of the person's own organizations."""
        return self.filter(institution__in=_own_institutions(user))

    def shown_to_states(self, states: Any) -> "ContributionQuerySet":
        """What these States may read: never what is for the Secretariat alone, never before it was received."""
        about: Any = self.model._meta.get_field("about").related_model
        concerned = about.objects.filter(contribution=OuterRef("pk"), state__in=states)
        seen = Q(visibility__in=(Visibility.STATE, Visibility.PUBLIC), status__in=STATE_STATUSES)
        return self.filter(seen, Exists(concerned))

    def published(self) -> "ContributionQuerySet":
        """Public, accepted, and its period over."""
        return self.filter(visibility=Visibility.PUBLIC, status=Status.ACCEPTED, round__status__in=("closed", "frozen"))

    def beside(self, round_id: int, state: State, activity_id: int) -> "ContributionQuerySet":
        """Those that stand beside one answer of one State."""
        shown = self.shown_to_states([state.pk]).filter(round=round_id)
        return shown.filter(activities=activity_id)

    def of_institution(self, institution_id: int) -> "ContributionQuerySet":
        return self.filter(institution=institution_id)

    def with_list_data(self) -> "ContributionQuerySet":
        return self.select_related("institution", "round").prefetch_related("states", "activities")


class BulkQuerySet(QuerySet["BulkFiling"]):
    def visible_to(self, user: AnyUser) -> "BulkQuerySet":
        """The own organization's. The Secretariat reads what is sent, not the file it came in."""
        return self.filter(institution__in=_own_institutions(user)) if user.is_active else self.none()


class AttachmentQuerySet(QuerySet["Attachment"]):
    def visible_to(self, user: AnyUser) -> "AttachmentQuerySet":
        contributions: Any = self.model._meta.get_field("contribution").related_model
        accreditations: Any = self.model._meta.get_field("accreditation").related_model
        seen = Q(contribution__in=contributions.objects.visible_to(user).values("pk"))
        return self.filter(seen | Q(accreditation__in=accreditations.objects.visible_to(user).values("pk")))

    def standing(self) -> "AttachmentQuerySet":
        return self.filter(removed_at=None)

    def served(self) -> "AttachmentQuerySet":
        return self.standing().filter(scan_state__in=SERVED_STATES)
