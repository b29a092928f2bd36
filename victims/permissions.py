"""Who works in the sealed area. Roles of a State's institutions alone; there is no other way in."""

from dataclasses import dataclass
from uuid import UUID

from accounts.enums import SEALED_ROLES, Role
from accounts.models import RoleAssignment, User
from core.db import SealedContext
from core.exceptions import NotAllowed
from victims.enums import Decision, Question, Status
from victims.models import Approval, Case, TeamMember

# The auditor reads the trail, never a record: the audit page is in the open area.
WORKING_ROLES = SEALED_ROLES - {Role.STATE_AUDITOR}


@dataclass(frozen=True)
class Officer:
    """A person at work for one State, as the database's context knows them: by codes."""

    user: User
    state: str
    roles: frozenset[str]

    @property
    def code(self) -> str:
        return str(self.user.public_id)

    def context(self) -> SealedContext:
        return SealedContext(self.state, self.code, tuple(sorted(self.roles)))


def officer_of(user: User) -> Officer:
    """Asked at every request, before the scope opens: a role that ended is over at once."""
    mine = RoleAssignment.objects.of(user, *WORKING_ROLES).filter(institution__state__isnull=False)
    held = set(mine.values_list("institution__state__iso2", "role"))
    states = {state for state, _role in held}
    if len(states) != 1:  # none; or two, which the database does not let happen
        raise NotAllowed("No role in the sealed area")
    return Officer(user, states.pop(), frozenset(role for _state, role in held))


def works_on(officer: Officer, *cases: Case) -> bool:
    """On the team of the case, at this moment; of a list, on that of every one."""
    return Role.CASE_WORKER in officer.roles and not _of_other_teams(officer, {case.id for case in cases})


def _of_other_teams(officer: Officer, ids: set[UUID]) -> set[UUID]:
    return ids - set(TeamMember.objects.of(officer).filter(case_id__in=ids).values_list("case_id", flat=True))


def has_emergency(officer: Officer, case: Case) -> bool:
    """The hour of an emergency is not over."""
    return Approval.objects.lent_to(officer).filter(case_id=case.id).exists()


def can_read_facts(officer: Officer, *cases: Case) -> bool:
    """Of a list, those of every case; asked once for all of them."""
    if any(case.status == Status.ERASED for case in cases):
        return False
    return Role.CASE_SUPERVISOR in officer.roles or not _strange_to(officer, {case.id for case in cases})


def _strange_to(officer: Officer, ids: set[UUID]) -> set[UUID]:
    """Of these cases, those the person neither works on nor opened in an emergency that is not over."""
    if Role.CASE_WORKER in officer.roles and not (ids := _of_other_teams(officer, ids)):
        return ids
    return ids - set(Approval.objects.lent_to(officer).filter(case_id__in=ids).values_list("case_id", flat=True))


def can_read_notes(officer: Officer, case: Case) -> bool:
    return case.status != Status.ERASED and (works_on(officer, case) or has_emergency(officer, case))


def can_reveal_identity(officer: Officer, case: Case) -> bool:
    """The team; others for a time, once a custodian said so who does not know who it is, or in an emergency."""
    lent = Approval.objects.shows_identity_to(officer).filter(case_id=case.id)
    return case.status != Status.ERASED and (works_on(officer, case) or lent.exists())


def can_change_team(officer: Officer, case: Case) -> bool:
    return Role.CASE_SUPERVISOR in officer.roles and case.state == officer.state


def can_search(officer: Officer) -> bool:
    """Whoever takes cases or watches over them; a custodian knows no person."""
    return bool(officer.roles & {Role.CASE_WORKER, Role.CASE_SUPERVISOR})


def can_watch(officer: Officer) -> bool:
    return bool(officer.roles & {Role.CASE_SUPERVISOR, Role.CUSTODIAN})


def can_count_cases(officer: Officer) -> bool:
    """Whoever may read the facts of every case of the State."""
    return Role.CASE_SUPERVISOR in officer.roles


def can_dispose(officer: Officer) -> bool:
    """Keep, ask for an erasure, hold."""
    return Role.CASE_SUPERVISOR in officer.roles


def can_confirm_erasure(officer: Officer) -> bool:
    """As the second person; a custodian does it by code and reason. The same people set the State's periods."""
    return bool(officer.roles & {Role.CASE_SUPERVISOR, Role.CUSTODIAN})


def can_see_accesses(officer: Officer, case: Case) -> bool:
    return Role.CASE_SUPERVISOR in officer.roles or works_on(officer, case)


DECIDERS: dict[str, frozenset[str]] = {
    Question.PLAN: frozenset({Role.CASE_SUPERVISOR}),
    Question.CLOSURE: frozenset({Role.CASE_SUPERVISOR}),
    Question.IDENTITY: frozenset({Role.CUSTODIAN}),
    Question.EMERGENCY: frozenset({Role.CASE_SUPERVISOR, Role.CUSTODIAN}),
}


def decides(officer: Officer, question: str) -> bool:
    return bool(officer.roles & DECIDERS[question])


def can_decide(officer: Officer, approval: Approval) -> bool:
    """A second person, by the role the question asks for."""
    waits = approval.decision == Decision.ASKED and approval.asked_by != officer.code
    return waits and decides(officer, approval.question)
