"""Scope inside a State. That no other State's row is ever in it is the database's work, not that of a filter."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.enums import Role
from victims.enums import Decision, DisposalStage, EntryStatus, Kind, Purpose, Question, Standing, Status

if TYPE_CHECKING:
    from victims.models import (
        Alert,
        Approval,
        Case,
        Consent,
        Disposal,
        Entry,
        LegalHold,
        Referral,
        ReferralMessage,
        TeamMember,
        Tombstone,
    )
    from victims.permissions import Officer


class CaseQuerySet(QuerySet["Case"]):
    def visible_to(self, officer: "Officer") -> "CaseQuerySet":
        """Case workers know their own cases, and for an hour one they opened in an emergency; supervisors and
        custodians know which cases their State has."""
        if officer.roles & {Role.CASE_SUPERVISOR, Role.CUSTODIAN}:
            return self
        if Role.CASE_WORKER in officer.roles:
            own, lent = _teams().of(officer).values("case_id"), _approvals().lent_to(officer).values("case_id")
            return self.filter(Q(id__in=own) | Q(id__in=lent))
        return self.none()

    def open(self) -> "CaseQuerySet":
        return self.filter(status=Status.OPEN)

    def due_for_review(self) -> "CaseQuerySet":
        return self.filter(status=Status.CLOSED, review_on__lte=timezone.localdate())

    def without_consent(self) -> "CaseQuerySet":
        """The person agreed that the record is kept and took it back; no later answer says otherwise."""
        asked = apps.get_model("victims", "Consent")._default_manager
        back = asked.filter(purpose=Purpose.STORAGE).exclude(withdrawn_at=None)
        live = asked.live().filter(purpose=Purpose.STORAGE)
        return (
            self.exclude(status=Status.ERASED)
            .filter(id__in=back.values("case_id"))
            .exclude(id__in=live.values("case_id"))
        )

    def undecided(self) -> "CaseQuerySet":
        """Nobody is asked about them yet, and nothing holds them."""
        waiting = apps.get_model("victims", "Disposal")._default_manager.waiting()
        held = apps.get_model("victims", "LegalHold")._default_manager.in_force()
        return self.exclude(id__in=waiting.values("case_id")).exclude(id__in=held.values("case_id"))

    def for_retention(self, ids: "list[Any]") -> "CaseQuerySet":
        """These cases and all that are closed, what is due first."""
        listed = self.exclude(status=Status.ERASED).filter(Q(id__in=ids) | Q(status=Status.CLOSED))
        return listed.order_by(F("review_on").asc(nulls_first=True), "code")

    def confirmed(self) -> "CaseQuerySet":
        """Victims, whether their case is open or closed; of an erased one nothing is left to read."""
        return self.filter(standing=Standing.CONFIRMED, status__in=(Status.OPEN, Status.CLOSED))


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


class EntryQuerySet(QuerySet["Entry"]):
    def visible_to(self, officer: "Officer") -> "EntryQuerySet":
        return self.filter(case_id__in=_cases().visible_to(officer).values("id"))

    def open_tasks(self) -> "EntryQuerySet":
        return self.filter(kind=Kind.TASK, status=EntryStatus.OPEN)

    def overdue(self) -> "EntryQuerySet":
        return self.open_tasks().filter(due_on__lt=timezone.localdate())


class ApprovalQuerySet(QuerySet["Approval"]):
    def waiting(self) -> "ApprovalQuerySet":
        return self.filter(decision=Decision.ASKED)

    def emergencies_of(self, officer: "Officer") -> "ApprovalQuerySet":
        return self.filter(question=Question.EMERGENCY, asked_by=officer.code)

    def returned_since(self, moment: datetime) -> "ApprovalQuerySet":
        return self.filter(decision=Decision.RETURNED, decided_at__gt=moment)

    def lent_to(self, officer: "Officer") -> "ApprovalQuerySet":
        """Emergencies whose hour is not over, and that nobody who reviewed them returned."""
        return self._in_force().emergencies_of(officer)

    def shows_identity_to(self, officer: "Officer") -> "ApprovalQuerySet":
        granted = Q(question=Question.IDENTITY, decision=Decision.APPROVED) | Q(question=Question.EMERGENCY)
        return self._in_force().filter(granted, asked_by=officer.code)

    def _in_force(self) -> "ApprovalQuerySet":
        return self.filter(until__gt=timezone.now()).exclude(decision=Decision.RETURNED)

    def visible_to(self, officer: "Officer") -> "ApprovalQuerySet":
        return self.filter(case_id__in=_cases().visible_to(officer).values("id"))


class AlertQuerySet(QuerySet["Alert"]):
    def open(self) -> "AlertQuerySet":
        return self.filter(closed_by=None)

    def visible_to(self, officer: "Officer") -> "AlertQuerySet":
        """To supervisors and custodians, never to the person it is about."""
        if officer.roles & {Role.CASE_SUPERVISOR, Role.CUSTODIAN}:
            return self.exclude(subject=officer.code)
        return self.none()


def _approvals() -> Any:
    return apps.get_model("victims", "Approval")._default_manager


class ReferralQuerySet(QuerySet["Referral"]):
    def received_by(self, officer: "Officer") -> "ReferralQuerySet":
        return self.filter(to_state=officer.state)

    def sent_by(self, officer: "Officer") -> "ReferralQuerySet":
        """Those of cases one knows. Which case it is stands in a table of the sender's alone."""
        mine = _origins().filter(case_id__in=_cases().visible_to(officer).values("id"))
        return self.filter(from_state=officer.state, id__in=mine.values("id"))

    def visible_to(self, officer: "Officer") -> "ReferralQuerySet":
        """Envelopes that came are for all who take cases; the database hides what was not sent to this State."""
        if not officer.roles & {Role.CASE_WORKER, Role.CASE_SUPERVISOR}:
            return self.none()
        mine = _origins().filter(case_id__in=_cases().visible_to(officer).values("id"))
        return self.filter(Q(to_state=officer.state) | Q(from_state=officer.state, id__in=mine.values("id")))


class MessageQuerySet(QuerySet["ReferralMessage"]):
    def visible_to(self, officer: "Officer") -> "MessageQuerySet":
        seen = apps.get_model("victims", "Referral")._default_manager
        return self.filter(referral__in=seen.visible_to(officer).values("id"))


class DisposalQuerySet(QuerySet["Disposal"]):
    def waiting(self) -> "DisposalQuerySet":
        return self.exclude(stage=DisposalStage.KEPT)

    def visible_to(self, officer: "Officer") -> "DisposalQuerySet":
        return self.filter(case_id__in=_cases().visible_to(officer).values("id"))


class HoldQuerySet(QuerySet["LegalHold"]):
    def in_force(self) -> "HoldQuerySet":
        return self.filter(lifted_at=None)

    def visible_to(self, officer: "Officer") -> "HoldQuerySet":
        return self.filter(case_id__in=_cases().visible_to(officer).values("id"))


class TombstoneQuerySet(QuerySet["Tombstone"]):
    def of_token(self, token: str) -> "TombstoneQuerySet":
        return self.filter(id__in=_cases().filter(token=token).values("id"))

    def visible_to(self, officer: "Officer") -> "TombstoneQuerySet":
        return self.filter(id__in=_cases().visible_to(officer).values("id"))


def _origins() -> Any:
    return apps.get_model("victims", "ReferralOrigin")._default_manager


def _teams() -> Any:
    return apps.get_model("victims", "TeamMember")._default_manager


def _cases() -> Any:
    return apps.get_model("victims", "Case")._default_manager
