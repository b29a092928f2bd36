from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, QuerySet

from accounts.enums import SECRETARIAT_ROLES, Role
from accounts.models import RoleAssignment, User

if TYPE_CHECKING:
    from evaluations.models import Document, Element, Evaluation, Exclusion, Meeting, Publication

AnyUser = User | AnonymousUser


def _prepares_evaluations(user: AnyUser) -> bool:
    return user.is_active and RoleAssignment.objects.of(user, *SECRETARIAT_ROLES, Role.MEETING_OFFICER).exists()


class EvaluationQuerySet(QuerySet["Evaluation"]):
    def visible_to(self, user: AnyUser) -> "EvaluationQuerySet":
        """The Secretariat prepares it, the officers of the Meeting read the draft; nobody else before publication."""
        return self if _prepares_evaluations(user) else self.none()

    def with_page_data(self) -> "EvaluationQuerySet":
        return self.select_related("plan", "round__catalogue", "compared_round", "job", "snapshot")


class ExclusionQuerySet(QuerySet["Exclusion"]):
    def visible_to(self, user: AnyUser) -> "ExclusionQuerySet":
        return self if _prepares_evaluations(user) else self.none()


class EvaluationDocumentQuerySet(QuerySet["Document"]):
    def visible_to(self, user: AnyUser) -> "EvaluationDocumentQuerySet":
        return self if _prepares_evaluations(user) else self.none()

    def current(self) -> "EvaluationDocumentQuerySet":
        """The documents of the last build that ended well; earlier ones are kept and not offered."""
        return self.filter(snapshot=F("snapshot__evaluation__snapshot"))

    def published(self) -> "EvaluationDocumentQuerySet":
        """Those of a publication; a later build of the same evaluation stays inside."""
        return self.filter(snapshot__publication__isnull=False)


class ElementQuerySet(QuerySet["Element"]):
    def visible_to(self, user: AnyUser) -> "ElementQuerySet":
        return self if _prepares_evaluations(user) else self.none()

    def last_versions(self) -> "ElementQuerySet":
        """The last version of each key."""
        return self.order_by("evaluation_id", "key", "-number").distinct("evaluation_id", "key")


class PublicationQuerySet(QuerySet["Publication"]):
    def visible_to(self, user: AnyUser) -> "PublicationQuerySet":
        """Published is published."""
        return self

    def with_page_data(self) -> "PublicationQuerySet":
        return self.select_related("evaluation__plan", "evaluation__round", "evaluation__compared_round", "snapshot")


class RegisterQuerySet(QuerySet["Meeting"]):
    def visible_to(self, user: AnyUser) -> "RegisterQuerySet":
        """The Meetings and what they concluded are public."""
        return self

    def with_page_data(self) -> "RegisterQuerySet":
        of_the_page = ("officers__state", "agenda", "papers", "conclusions__follow_ups")
        return self.select_related("host").prefetch_related(*of_the_page)
