"""Scope of the statistics: a State's exact figures are its own; everybody else reads releases."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.enums import SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import RoleAssignment, User

if TYPE_CHECKING:
    from indicators.models import Release, ReleaseFile, ReturnProposal, ReturnUpload, ReturnVersion, StatisticalReturn

AnyUser = User | AnonymousUser
RETURN_ROLES = (Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.APPROVER)
SIGNING_ROLES = (Role.FOCAL_POINT, Role.APPROVER)


def counting_states(user: AnyUser) -> "QuerySet[RoleAssignment]":
    """States whose exact figures the person reads: those whose authority they work for. No mission, no Secretariat."""
    mine = RoleAssignment.objects.of(user, *RETURN_ROLES)
    return mine.filter(institution__kind=InstitutionKind.AUTHORITY).states()  # type: ignore[no-any-return]


class StatisticalReturnQuerySet(QuerySet["StatisticalReturn"]):
    def visible_to(self, user: AnyUser) -> "StatisticalReturnQuerySet":
        return self.filter(state__in=counting_states(user)) if user.is_active else self.none()

    def waiting_for(self, user: AnyUser) -> "StatisticalReturnQuerySet":
        """What this person may sign off: sent for their State, by somebody else or in an office of one person."""
        mine = RoleAssignment.objects.of(user, *SIGNING_ROLES)
        states = mine.filter(institution__kind=InstitutionKind.AUTHORITY).states()
        waiting = self.visible_to(user).filter(status="sent", state__in=states)
        return waiting.filter(Q(state__one_person_office=True) | ~Q(sent_by=user.pk))


class ReturnVersionQuerySet(QuerySet["ReturnVersion"]):
    def visible_to(self, user: AnyUser) -> "ReturnVersionQuerySet":
        return self.filter(source__state__in=counting_states(user)) if user.is_active else self.none()


class ReturnProposalQuerySet(QuerySet["ReturnProposal"]):
    def visible_to(self, user: AnyUser) -> "ReturnProposalQuerySet":
        return self.filter(state__in=counting_states(user)) if user.is_active else self.none()

    def undecided(self) -> "ReturnProposalQuerySet":
        return self.filter(decided_at=None)


class ReturnUploadQuerySet(QuerySet["ReturnUpload"]):
    def visible_to(self, user: AnyUser) -> "ReturnUploadQuerySet":
        """A file waits for the person who sent it."""
        return self.filter(state__in=counting_states(user), uploaded_by=user.pk) if user.is_active else self.none()


def _prepares_releases(user: AnyUser) -> bool:
    return user.is_active and RoleAssignment.objects.of(user, *SECRETARIAT_ROLES).exists()


class ReleaseQuerySet(QuerySet["Release"]):
    def visible_to(self, user: AnyUser) -> "ReleaseQuerySet":
        """Published ones are everybody's; the Secretariat also sees those in preparation."""
        return self if _prepares_releases(user) else self.published()

    def published(self) -> "ReleaseQuerySet":
        return self.filter(status="published")


class ReleaseFileQuerySet(QuerySet["ReleaseFile"]):
    def visible_to(self, user: AnyUser) -> "ReleaseFileQuerySet":
        return self if _prepares_releases(user) else self.filter(Q(content__release__status="published"))
