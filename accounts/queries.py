"""What pages of people show."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.enums import API_ROLES, HOOK_ROLES, NOTE_READERS
from accounts.models import (
    AccessReview,
    ApiKey,
    FactorReset,
    Institution,
    Invitation,
    RoleAssignment,
    SavedView,
    State,
    User,
)
from accounts.querysets import AnyUser, UserQuerySet


def invitation_of_link(token: str) -> Invitation | None:
    """The invitation whose link this is, if it can still be used."""
    digest = sha256(token.encode()).hexdigest()
    usable = Invitation.objects.usable().select_related("institution__state", "invited_by")
    return usable.filter(token_digest=digest).first()


def is_address_of(user: User, email: str) -> bool:
    """Whether this is one of the person's own addresses, however it is spelled."""
    return user.email.lower() == email.lower() or EmailAddress.objects.filter(user=user, email__iexact=email).exists()


def told_of_appointments(state: State) -> list[int]:
    """Who of a State hears at once that a focal point is named: those who manage its people, and its auditors."""
    readers = RoleAssignment.objects.current().filter(institution__state=state, role__in=NOTE_READERS)
    return sorted(set(readers.values_list("user", flat=True)))


def reset_of_link(public_id: str) -> FactorReset | None:
    """The reset that a link in a mail may still stop."""
    return FactorReset.objects.open().select_related("person").filter(public_id=public_id).first()


def people_of(state: State | None) -> QuerySet[User]:
    """Active people with a role in the State; with no State, in the Secretariat, the Meeting and partners."""
    roles = RoleAssignment.objects.current().filter(institution__state=state)
    people: QuerySet[User] = User.objects.filter(pk__in=roles.values("user")).with_roles()
    return people.order_by("full_name", "pk")


def team(user: AnyUser, *, state: State | None = None, text: str = "", everybody: bool = False) -> QuerySet[User]:
    """People the person manages, by name; those without a role today only on request."""
    managed = RoleAssignment.objects.visible_to(user)
    roles = managed if everybody else managed.not_over()
    if state is not None:
        roles = roles.filter(institution__state=state)
    people: UserQuerySet = User.objects.visible_to(user).filter(pk__in=roles.values("user"))
    if text:
        people = people.filter(Q(full_name__icontains=text) | Q(email__icontains=text))
    return people.with_roles(seen_by=user).order_by("full_name", "pk")


def digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def key_of(secret: str) -> ApiKey | None:
    """The key that opens now, and only while its person acts for that institution."""
    key = ApiKey.objects.usable().filter(digest=digest_of(secret)).select_related("user", "institution").first()
    if key is None or not RoleAssignment.objects.of(key.user, *API_ROLES).filter(institution=key.institution_id):
        return None
    return key


def institutions_with_keys(user: AnyUser) -> QuerySet[Institution]:
    """Institutions in whose name the person may have a key."""
    mine = RoleAssignment.objects.of(user, *API_ROLES).values("institution")
    return Institution.objects.visible_to(user).current().filter(pk__in=mine).select_related("state")


def removed_views(user: AnyUser) -> QuerySet[SavedView]:
    """One's own views that can still be brought back."""
    return SavedView.objects.just_removed_by(user)


def own_institutions(user: AnyUser) -> QuerySet[Institution]:
    """Those the person acts for today."""
    mine = RoleAssignment.objects.of(user).values("institution")
    return Institution.objects.current().filter(pk__in=mine).select_related("state")


def institutions_with_hooks(user: AnyUser) -> QuerySet[Institution]:
    """Institutions whose systems the person may have told."""
    mine = RoleAssignment.objects.of(user, *HOOK_ROLES).values("institution")
    return Institution.objects.visible_to(user).current().filter(pk__in=mine).select_related("state")


@dataclass(frozen=True)
class ReviewState:
    last: AccessReview | None
    due_at: datetime | None  # none: never reviewed, so due now

    @property
    def is_due(self) -> bool:
        return self.due_at is None or self.due_at <= timezone.now()


def review_state(state: State | None) -> ReviewState:
    last = AccessReview.objects.filter(state=state).select_related("reviewed_by").first()
    return ReviewState(last, last.reviewed_at + settings.ACCESS_REVIEW_INTERVAL if last else None)


def successors(person: User) -> QuerySet[User]:
    """Active people of the same side, who could take over."""
    held = RoleAssignment.objects.not_over().filter(user=person)  # not those of a side they left
    institutions, states = held.values("institution"), held.states()
    beside = RoleAssignment.objects.current().filter(Q(institution__state__in=states) | Q(institution__in=institutions))
    people: QuerySet[User] = User.objects.filter(pk__in=beside.values("user")).exclude(pk=person.pk)
    return people.order_by("full_name", "pk")
