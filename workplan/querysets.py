"""Scope of the plan and of reports."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q, QuerySet

from accounts.enums import REPORT_ROLES, SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import RoleAssignment, User
from workplan.enums import Responsible

if TYPE_CHECKING:
    from workplan.models import Activity, Question, Report, ReportEntry, ReportVersion, Round

AnyUser = User | AnonymousUser

# A ministry's contributor is handed single entries; the authority's own people read the whole report.
_WHOLE_REPORT_KINDS = (InstitutionKind.AUTHORITY, InstitutionKind.MISSION)


def own_states(user: AnyUser) -> "QuerySet[RoleAssignment]":
    """States whose whole report the person reads, as a subquery of State keys."""
    mine = RoleAssignment.objects.of(user, *REPORT_ROLES)
    return mine.filter(institution__kind__in=_WHOLE_REPORT_KINDS).states()  # type: ignore[no-any-return]


class ActivityQuerySet(QuerySet["Activity"]):
    def visible_to(self, user: AnyUser) -> "ActivityQuerySet":
        """The plan is public."""
        return self

    def addressed_to_states(self) -> "ActivityQuerySet":
        return self.filter(responsible__in=(Responsible.MEMBER_STATES, Responsible.JOINT))

    def addressed_to_secretariat(self) -> "ActivityQuerySet":
        return self.filter(responsible__in=(Responsible.GENERAL_SECRETARIAT, Responsible.JOINT))


class RoundQuerySet(QuerySet["Round"]):
    def visible_to(self, user: AnyUser) -> "RoundQuerySet":
        """Rounds that have opened; the Secretariat also sees the ones in preparation."""
        if not user.is_active:
            return self.none()
        if RoleAssignment.objects.of(user, *SECRETARIAT_ROLES).exists():
            return self
        return self.exclude(status="draft")


def _report_scope(user: AnyUser, prefix: str = "") -> Q:
    """The own State's reports; for the Secretariat what was submitted, and its own; for the officers of the
    Meeting what was submitted, the Secretariat's included. `prefix` leads from another table to the report."""
    scope = Q(**{f"{prefix}state__in": own_states(user)})
    roles = set(RoleAssignment.objects.of(user).values_list("role", flat=True))
    if roles & set(SECRETARIAT_ROLES):
        scope |= Q(**{f"{prefix}submitted_at__isnull": False}) | Q(**{f"{prefix}state": None})
    if Role.MEETING_OFFICER in roles:
        scope |= Q(**{f"{prefix}submitted_at__isnull": False})
    return scope


class ReportQuerySet(QuerySet["Report"]):
    def visible_to(self, user: AnyUser) -> "ReportQuerySet":
        return self.filter(_report_scope(user)) if user.is_active else self.none()

    def with_list_data(self) -> "ReportQuerySet":
        """What a row of a list shows: round, State, entries ready of all, open questions."""
        return self.select_related("round", "state").annotate(
            entry_count=Count("entries", distinct=True),
            ready_count=Count("entries", filter=Q(entries__is_ready=True), distinct=True),
            open_questions=Count("questions", filter=Q(questions__status="open"), distinct=True),
        )

    def waiting_longest(self) -> "ReportQuerySet":
        return self.order_by(F("submitted_at").asc(nulls_last=True), "pk")


class ReportEntryQuerySet(QuerySet["ReportEntry"]):
    def visible_to(self, user: AnyUser) -> "ReportEntryQuerySet":
        """Entries of the own State's reports (the Secretariat's own, for its officers), and entries handed over.

        The Secretariat reads a State's submitted versions, not its working entries.
        """
        if not user.is_active:
            return self.none()
        scope = Q(report__state__in=own_states(user)) | Q(grants__user=user, report__state__in=_states_of(user))
        if RoleAssignment.objects.of(user, *SECRETARIAT_ROLES).exists():
            scope |= Q(report__state=None)
        return self.filter(pk__in=self.model._default_manager.filter(scope).values("pk"))

    def with_list_data(self) -> "ReportEntryQuerySet":
        return self.select_related("report__round", "report__state", "activity__area")


def _states_of(user: AnyUser) -> "QuerySet[RoleAssignment]":
    return RoleAssignment.objects.of(user).states()  # type: ignore[no-any-return]


class ReportVersionQuerySet(QuerySet["ReportVersion"]):
    def visible_to(self, user: AnyUser) -> "ReportVersionQuerySet":
        return self.filter(_report_scope(user, "report__")) if user.is_active else self.none()


class QuestionQuerySet(QuerySet["Question"]):
    def visible_to(self, user: AnyUser) -> "QuestionQuerySet":
        return self.filter(_report_scope(user, "report__")) if user.is_active else self.none()
