"""Who may do what with contributions. A step must also be possible: TRANSITIONS."""

from django.db.models import QuerySet

from accounts.enums import SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import Institution, RoleAssignment, State
from accounts.permissions import has_role
from contributions.enums import (
    ASKING_STATUSES,
    STATE_STATUSES,
    TRANSITIONS,
    AccreditationStatus,
    Status,
    Step,
    Visibility,
)
from contributions.models import Accreditation, Contribution, ContributionTranslation
from contributions.querysets import AnyUser
from workplan.models import Activity

TRANSLATING = (Role.TRANSLATOR, *SECRETARIAT_ROLES)


def follows(user: AnyUser) -> bool:
    """Whether the person works on what organizations send."""
    return has_role(user, *SECRETARIAT_ROLES)


# --- the organization -----------------------------------------------------------------------------


def own_organization(user: AnyUser) -> Institution | None:
    roles = RoleAssignment.objects.of(user, Role.PARTNER).filter(institution__kind=InstitutionKind.PARTNER)
    role = roles.select_related("institution").order_by("pk").first()
    return role.institution if role else None


def accreditation_of(institution: Institution) -> Accreditation | None:
    return Accreditation.objects.in_force().filter(institution=institution).order_by("-valid_to").first()


def contributing_for(user: AnyUser) -> Accreditation | None:
    """The accreditation in force under which the person contributes."""
    institution = own_organization(user)
    return accreditation_of(institution) if institution else None


def states_in_scope(accreditation: Accreditation) -> QuerySet[State]:
    return accreditation.states.all()


def activities_in_scope(accreditation: Accreditation, activities: QuerySet[Activity]) -> QuerySet[Activity]:
    """Those of the themes the organization is accredited for; without themes, all."""
    return activities.filter(themes__overlap=accreditation.themes) if accreditation.themes else activities


def is_own(user: AnyUser, contribution: Contribution) -> bool:
    institution = own_organization(user)
    return institution is not None and institution.pk == contribution.institution_id


def can_edit(user: AnyUser, contribution: Contribution) -> bool:
    return contribution.status == Status.DRAFT and is_own(user, contribution)


def can_answer(user: AnyUser, contribution: Contribution) -> bool:
    question = getattr(contribution, "clarification", None)
    return question is not None and question.answered_at is None and is_own(user, contribution)


# --- steps ----------------------------------------------------------------------------------------


def is_side_of(user: AnyUser, contribution: Contribution, step: str) -> bool:
    """Whether the step is the person's side's. An unknown step raises KeyError."""
    roles = TRANSITIONS[step].roles
    return is_own(user, contribution) if Role.PARTNER in roles else has_role(user, *roles)


def can_take_step(user: AnyUser, contribution: Contribution, step: str) -> bool:
    """Whether the person may take the step and the status allows it."""
    return contribution.status in TRANSITIONS[step].sources and is_side_of(user, contribution, step)


def possible_steps(user: AnyUser, contribution: Contribution) -> list[Step]:
    return [Step(step) for step in TRANSITIONS if can_take_step(user, contribution, step)]


def can_ask(user: AnyUser, contribution: Contribution) -> bool:
    """One question, while it is being worked on."""
    waits = contribution.status in ASKING_STATUSES and not hasattr(contribution, "clarification")
    return waits and follows(user)


def can_cite(user: AnyUser, contribution: Contribution) -> bool:
    return contribution.status == Status.ACCEPTED and follows(user)


# --- the State ------------------------------------------------------------------------------------


def replying_state(user: AnyUser, contribution: Contribution) -> State | None:
    """The State for which the person may still reply: one voice, that of the focal point."""
    if contribution.status not in STATE_STATUSES or contribution.visibility == Visibility.SECRETARIAT:
        return None
    mine = State.objects.filter(pk__in=RoleAssignment.objects.of(user, Role.FOCAL_POINT).states())
    concerned = mine.filter(pk__in=contribution.about.values("state"))
    return concerned.exclude(pk__in=contribution.replies.values("state")).first()


# --- accreditation --------------------------------------------------------------------------------


def can_vet(user: AnyUser, accreditation: Accreditation) -> bool:
    return accreditation.status == AccreditationStatus.APPLIED and follows(user)


def can_decide(user: AnyUser, accreditation: Accreditation) -> bool:
    """A second person, and an administrator, since the decision opens an account."""
    waits = accreditation.status == AccreditationStatus.VETTED and accreditation.vetted_by_id != user.pk
    return waits and has_role(user, Role.SECRETARIAT_ADMIN)


def renewable(user: AnyUser) -> Accreditation | None:
    """The own accreditation that ends soon or has ended, unless its renewal is already asked for."""
    institution = own_organization(user)
    if institution is None:
        return None
    newest = Accreditation.objects.filter(institution=institution, status="accredited").order_by("-valid_to").first()
    if newest is None or hasattr(newest, "renewal"):
        return None
    ending = Accreditation.objects.ending().filter(pk=newest.pk).exists()
    return newest if ending or not newest.is_in_force else None


# --- translations ---------------------------------------------------------------------------------


def can_translate(user: AnyUser, contribution: Contribution) -> bool:
    published = contribution.visibility == Visibility.PUBLIC and contribution.status == Status.ACCEPTED
    return published and has_role(user, *TRANSLATING)


def translates(user: AnyUser) -> bool:
    return has_role(user, *TRANSLATING)


def can_review_translation(user: AnyUser, translation: ContributionTranslation) -> bool:
    return translation.status == "draft" and translation.by_id != user.pk and has_role(user, *TRANSLATING)
