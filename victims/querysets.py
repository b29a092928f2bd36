"""Scope inside a State. That no other State's row is ever in it is the database's work, not that of a filter."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.enums import Role

if TYPE_CHECKING:
    from victims.models import Case, Consent, TeamMember
    from victims.permissions import Officer


class CaseQuerySet(QuerySet["Case"]):
    def visible_to(self, officer: "Officer") -> "CaseQuerySet":
        """Case workers know their own cases; supervisors and custodians know which cases their State has."""
        if officer.roles & {Role.CASE_SUPERVISOR, Role.CUSTODIAN}:
            return self
        if Role.CASE_WORKER in officer.roles:
            return self.filter(id__in=_teams().of(officer).values("case_id"))
        return self.none()


class TeamQuerySet(QuerySet["TeamMember"]):
    def current(self) -> "TeamQuerySet":
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()))

    def of(self, officer: "Officer") -> "TeamQuerySet":
        return self.current().filter(user_id=officer.code)

    def visible_to(self, officer: "Officer") -> "TeamQuerySet":
        return self.filter(case_id__in=_cases().visible_to(officer).values("id"))


class ConsentQuerySet(QuerySet["Consent"]):
    def live(self) -> "ConsentQuerySet":
        """Given, not withdrawn, not expired: asked anew at each use."""
        today = timezone.localdate()
        return self.filter(Q(expires_on=None) | Q(expires_on__gt=today), given=True, withdrawn_at=None)

    def visible_to(self, officer: "Officer") -> "ConsentQuerySet":
        return self.filter(case_id__in=_cases().visible_to(officer).values("id"))


def _teams() -> Any:
    return apps.get_model("victims", "TeamMember")._default_manager


def _cases() -> Any:
    return apps.get_model("victims", "Case")._default_manager
