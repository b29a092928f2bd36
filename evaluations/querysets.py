from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from accounts.enums import SECRETARIAT_ROLES, Role
from accounts.models import RoleAssignment, User
from evaluations.enums import today
from workplan.models import Report
from workplan.querysets import own_states

if TYPE_CHECKING:
    from evaluations.models import (
        Consultation,
        Document,
        Element,
        Evaluation,
        Exclusion,
        Meeting,
        Publication,
        StateComment,
        StatePaper,
        Translation,
    )

AnyUser = User | AnonymousUser


def _prepares_evaluations(user: AnyUser) -> bool:
    return user.is_active and RoleAssignment.objects.of(user, *SECRETARIAT_ROLES, Role.MEETING_OFFICER).exists()


def _translates(user: AnyUser) -> bool:
    return user.is_active and RoleAssignment.objects.of(user, *SECRETARIAT_ROLES, Role.TRANSLATOR).exists()


class EvaluationQuerySet(QuerySet["Evaluation"]):
    def visible_to(self, user: AnyUser) -> "EvaluationQuerySet":
        """The Secretariat prepares it, the officers of the Meeting read the draft; nobody else before publication."""
        return self if _prepares_evaluations(user) else self.none()

    def translated_by(self, user: AnyUser) -> "EvaluationQuerySet":
        """Those that were built, for whoever translates; a translator sees the texts and nothing else of them."""
        return self.filter(snapshot__isnull=False).select_related("snapshot") if _translates(user) else self.none()

    def with_page_data(self) -> "EvaluationQuerySet":
        return self.select_related("plan", "round__catalogue", "compared_round", "meeting", "job", "snapshot")

    def for_list(self) -> "EvaluationQuerySet":
        """Without the frozen data, which are large: a list shows their day alone."""
        return self.with_page_data().defer("snapshot__content")


class ExclusionQuerySet(QuerySet["Exclusion"]):
    def visible_to(self, user: AnyUser) -> "ExclusionQuerySet":
        return self if _prepares_evaluations(user) else self.none()

    def in_effect(self) -> "ExclusionQuerySet":
        """What a State answered and the Secretariat accepted counts, whatever was decided before it came."""
        return self.exclude(self._accepted())

    def overtaken(self) -> "ExclusionQuerySet":
        """Of a State whose report was accepted after all."""
        return self.filter(self._accepted())

    def _accepted(self) -> Exists:
        accepted = Report.objects.filter(accepted_version__isnull=False, state=OuterRef("state"))
        return Exists(accepted.filter(round=OuterRef("evaluation__round")))


class EvaluationDocumentQuerySet(QuerySet["Document"]):
    def visible_to(self, user: AnyUser) -> "EvaluationDocumentQuerySet":
        return self if _prepares_evaluations(user) else self.none()

    def current(self) -> "EvaluationDocumentQuerySet":
        """The documents of the last build that ended well; earlier ones are kept and not offered."""
        return self.filter(snapshot=F("snapshot__evaluation__snapshot"))

    def published(self) -> "EvaluationDocumentQuerySet":
        """Those of a publication; a later build of the same evaluation stays inside."""
        return self.filter(snapshot__publication__isnull=False)


class StatePaperQuerySet(QuerySet["StatePaper"]):
    def visible_to(self, user: AnyUser) -> "StatePaperQuerySet":
        """All for those who prepare the evaluation; for others the own State's, while it is asked to comment."""
        if _prepares_evaluations(user):
            return self
        if not user.is_active:
            return self.none()
        open_ones = {"snapshot__consultation__ended_at": None, "snapshot__consultation__closes_on__gte": today()}
        return self.filter(state__in=own_states(user), **open_ones)

    def current(self) -> "StatePaperQuerySet":
        """Those of the last build that ended well."""
        return self.filter(snapshot=F("snapshot__evaluation__snapshot"))

    def published(self) -> "StatePaperQuerySet":
        return self.filter(snapshot__publication__isnull=False)

    def shown(self, hidden: frozenset[str]) -> "StatePaperQuerySet":
        """Without those of States that this reader is told nothing of."""
        return self.exclude(state__iso2__in=hidden)

    def with_page_data(self) -> "StatePaperQuerySet":
        """Without the frozen data, which are large."""
        return self.select_related("state", "snapshot__evaluation").defer("snapshot__content")


class ElementQuerySet(QuerySet["Element"]):
    def visible_to(self, user: AnyUser) -> "ElementQuerySet":
        return self if _prepares_evaluations(user) else self.none()

    def last_versions(self) -> "ElementQuerySet":
        """The last version of each key."""
        return self.order_by("evaluation_id", "key", "-number").distinct("evaluation_id", "key")

    def printed(self) -> "ElementQuerySet":
        """What documents print: the last version of each key that is no draft, unless the key was withdrawn since."""
        of_key = self.model.objects.filter(evaluation=OuterRef("evaluation"), key=OuterRef("key")).order_by("-number")
        standing = self.annotate(is_gone=Subquery(of_key.values("is_withdrawn")[:1])).filter(is_gone=False)
        return standing.filter(is_draft=False, is_withdrawn=False).last_versions()


class PublicationQuerySet(QuerySet["Publication"]):
    def visible_to(self, user: AnyUser) -> "PublicationQuerySet":
        """Published is published."""
        return self

    def with_page_data(self) -> "PublicationQuerySet":
        of_evaluation = ("plan", "round__catalogue", "compared_round", "meeting")
        return self.select_related(*(f"evaluation__{name}" for name in of_evaluation), "snapshot")

    def for_list(self) -> "PublicationQuerySet":
        """And for whoever takes a file: without the frozen data."""
        return self.with_page_data().defer("snapshot__content")


class RegisterQuerySet(QuerySet["Meeting"]):
    def visible_to(self, user: AnyUser) -> "RegisterQuerySet":
        """The Meetings and what they concluded are public."""
        return self

    def with_page_data(self) -> "RegisterQuerySet":
        of_the_page = ("officers__state", "agenda", "papers", "conclusions__follow_ups")
        return self.select_related("host").prefetch_related(*of_the_page)


class ConsultationQuerySet(QuerySet["Consultation"]):
    def visible_to(self, user: AnyUser) -> "ConsultationQuerySet":
        """Those of evaluations one prepares; for others those that ask a State whose report they read."""
        if _prepares_evaluations(user):
            return self
        if not user.is_active:
            return self.none()
        return self.filter(evaluation__round__reports__state__in=own_states(user)).distinct()

    def still_open(self) -> "ConsultationQuerySet":
        return self.filter(ended_at=None, closes_on__gte=today())

    def with_page_data(self) -> "ConsultationQuerySet":
        return self.select_related("evaluation__round", "evaluation__plan", "snapshot")

    def for_list(self) -> "ConsultationQuerySet":
        """With the codes of the States that are asked, and nothing else of the frozen data."""
        return self.with_page_data().defer("snapshot__content").annotate(frozen_states=F("snapshot__content__states"))


class StateCommentQuerySet(QuerySet["StateComment"]):
    def visible_to(self, user: AnyUser) -> "StateCommentQuerySet":
        """A State's own; all for those who prepare the evaluation."""
        if _prepares_evaluations(user):
            return self
        return self.filter(state__in=own_states(user)) if user.is_active else self.none()

    def of(self, consultation: "Consultation") -> "StateCommentQuerySet":
        """Of its evaluation: what was said in an earlier consultation still stands, and can be taken back."""
        return self.filter(consultation__evaluation=consultation.evaluation_id)

    def last_versions(self) -> "StateCommentQuerySet":
        """The last version of each; one that was taken back has no text."""
        keys = ("consultation__evaluation_id", "state_id", "area")
        return self.select_related("state").order_by(*keys, "-pk").distinct(*keys)


class TranslationQuerySet(QuerySet["Translation"]):
    def visible_to(self, user: AnyUser) -> "TranslationQuerySet":
        return self if _translates(user) else self.none()

    def last_versions(self) -> "TranslationQuerySet":
        """The last version of each text in each language."""
        keys = ("evaluation_id", "key", "language")
        return self.order_by(*keys, "-number").distinct(*keys)
