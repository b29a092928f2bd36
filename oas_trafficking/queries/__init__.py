"""Reads of the audit trail, and of what a person has to do."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.enums import REPORT_ROLES, SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import RoleAssignment, User
from core.models import AuditEvent
from evaluations.models import Evaluation
from indicators.models import ReturnProposal, StatisticalReturn
from indicators.querysets import SIGNING_ROLES
from networks.enums import LIAISON_ROLES
from networks.models import CooperationRequest
from workplan.models import Report, ReportEntry, Round

Events = QuerySet[AuditEvent]


def audit_events(chain: str, wanted: Mapping[str, Any]) -> Events:
    """Events of one chain, newest first. `wanted` is what AuditFilterForm found valid."""
    events = AuditEvent.objects.in_chains([chain]).select_related("actor").order_by("-seq")
    if person := wanted.get("person"):
        events = events.filter(Q(actor__full_name__icontains=person) | Q(actor__email__iexact=person))
    if about := wanted.get("about"):
        events = events.filter(Q(object_id=about) | Q(data__reference=about))
    exact = {
        "verb": wanted.get("verb"),
        "at__date__gte": wanted.get("since"),
        "at__date__lte": wanted.get("until"),
        "seq__lt": wanted.get("before"),
    }
    return events.filter(**{lookup: value for lookup, value in exact.items() if value})


class Desk:
    """What lies on one person's desk. Each pile is counted once, and only if a role can have it at all."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def roles(self) -> list[RoleAssignment]:
        mine = RoleAssignment.objects.of(self.user).select_related("institution__state")
        return list(mine.order_by("valid_from", "pk"))

    def holds(self, *roles: str, kind: str = "") -> bool:
        """Whether one of these roles is held, in an institution of this kind where one is named."""
        held = [a for a in self.roles if a.role in roles]
        return any(kind in ("", assignment.institution.kind) for assignment in held)

    @property
    def is_secretariat(self) -> bool:
        return self.holds(*SECRETARIAT_ROLES)

    @property
    def is_reviewer(self) -> bool:
        return self.holds(*SECRETARIAT_ROLES, Role.MEETING_OFFICER)

    @cached_property
    def to_write(self) -> list[Report]:
        if not self.holds(Role.FOCAL_POINT, Role.CONTRIBUTOR, *SECRETARIAT_ROLES):
            return []
        reports = Report.objects.visible_to(self.user).written_by(self.user)
        return list(reports.with_list_data().with_open_questions())

    @cached_property
    def to_approve(self) -> list[Report]:
        if not self.holds(Role.FOCAL_POINT, Role.APPROVER, Role.SECRETARIAT_ADMIN):
            return []
        reports = Report.objects.visible_to(self.user).approved_by_person(self.user)
        return list(reports.select_related("round", "state", "sent_by"))

    @cached_property
    def to_sign(self) -> list[StatisticalReturn]:
        """Tables of statistics that wait for this person's signature."""
        if not self.holds(*SIGNING_ROLES, kind=InstitutionKind.AUTHORITY):
            return []
        returns = StatisticalReturn.objects.waiting_for(self.user)
        return list(returns.select_related("state", "sent_by").order_by("-year", "table")[:50])

    @cached_property
    def counted(self) -> list[ReturnProposal]:
        """Counts of the State's cases that a writer of its returns takes or leaves."""
        if not self.holds(Role.FOCAL_POINT, Role.CONTRIBUTOR, kind=InstitutionKind.AUTHORITY):
            return []
        return list(ReturnProposal.objects.visible_to(self.user).undecided().select_related("state")[:50])

    @cached_property
    def to_answer(self) -> list[CooperationRequest]:
        """Requests of other States that wait for an answer, the most pressing first."""
        if not self.holds(*LIAISON_ROLES):
            return []
        requests = CooperationRequest.objects.visible_to(self.user).received_by_side_of(self.user).waiting()
        return list(requests.with_list_data().order_by("coordinator_due_at", "pk")[:50])

    @cached_property
    def handed(self) -> list[ReportEntry]:
        if not self.holds(*REPORT_ROLES):
            return []
        entries = ReportEntry.objects.visible_to(self.user).handed_to(self.user).open_for_writing()
        return list(entries.with_list_data())

    @cached_property
    def waiting(self) -> list[datetime]:
        """When each report that waits for this person's review was sent."""
        if not self.is_reviewer:
            return []
        reports = Report.objects.visible_to(self.user).reviewed_by(self.user).filter(status="submitted")
        return [report.waiting_since for report in reports.waiting_longest()]  # type: ignore[attr-defined]

    @cached_property
    def open_rounds(self) -> list[Round]:
        """With `arrived` of `total` States' reports."""
        if not self.is_secretariat:
            return []
        states = Q(reports__state__isnull=False)
        rounds = Round.objects.visible_to(self.user).filter(status="open")
        return list(
            rounds.annotate(
                total=Count("reports", filter=states),
                arrived=Count("reports", filter=states & Q(reports__submitted_at__isnull=False)),
            )
        )

    @cached_property
    def evaluations(self) -> list[Evaluation]:
        """Summaries that are not made yet, or being made."""
        if not self.is_reviewer:
            return []
        drafts = Q(snapshot=None) | Q(job__finished_at=None, job__isnull=False)
        return list(Evaluation.objects.visible_to(self.user).filter(drafts).select_related("job")[:10])
