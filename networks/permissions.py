"""Who may do what in the directory, in networks and with requests. A step must also be possible: TRANSITIONS."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.enums import SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import Institution, RoleAssignment, State
from accounts.permissions import has_role
from networks.enums import LIAISON_ROLES, TALKING_STATUSES, TRANSITIONS, AssistanceSide, SeatRole, Side, Step
from networks.models import (
    AssistanceItem,
    AssistanceMatch,
    CooperationRequest,
    Desk,
    Network,
    RequestTranslation,
    Seat,
)
from networks.querysets import AUTHORITY_KINDS, AnyUser, acts_for_authority

_AUTHORITY = InstitutionKind.AUTHORITY


def _institutions(user: AnyUser, *roles: str) -> QuerySet[Institution]:
    mine = RoleAssignment.objects.of(user, *roles).values("institution")
    return Institution.objects.current().filter(pk__in=mine).select_related("state")


@dataclass(frozen=True)
class Standing:
    """What a person is, by one query: enough for menus and buttons. Every act asks the functions below again."""

    held: frozenset[tuple[str, str]]  # role and kind of institution

    def _has(self, roles: tuple[str, ...], kinds: tuple[str, ...] = ()) -> bool:
        return any(role in roles and (not kinds or kind in kinds) for role, kind in self.held)

    @property
    def for_authority(self) -> bool:
        return any(kind in AUTHORITY_KINDS for _role, kind in self.held)

    @property
    def writes_requests(self) -> bool:
        return self._has(LIAISON_ROLES, (_AUTHORITY, InstitutionKind.AGENCY))

    @property
    def follows_late(self) -> bool:
        return self._has(SECRETARIAT_ROLES)

    @property
    def keeps_desks(self) -> bool:
        return self._has((*LIAISON_ROLES, Role.PARTNER, *SECRETARIAT_ROLES))

    @property
    def founds_networks(self) -> bool:
        return self._has((Role.FOCAL_POINT, *SECRETARIAT_ROLES))

    @property
    def offers_assistance(self) -> bool:
        return self.keeps_desks

    @property
    def records_shared_facts(self) -> bool:
        return self._has((Role.FOCAL_POINT, Role.CONTRIBUTOR), (_AUTHORITY,))


def standing(user: AnyUser) -> Standing:
    if not user.is_active:
        return Standing(frozenset())
    return Standing(frozenset(RoleAssignment.objects.of(user).values_list("role", "institution__kind")))


# --- directory ------------------------------------------------------------------------------------


def desk_institutions(user: AnyUser) -> QuerySet[Institution]:
    """Whose desks the person keeps: all bodies of the State for its authority, the own institution for others."""
    of_authority = RoleAssignment.objects.of(user, *LIAISON_ROLES).filter(institution__kind=_AUTHORITY).states()
    own = RoleAssignment.objects.of(user, *LIAISON_ROLES, Role.PARTNER, *SECRETARIAT_ROLES).values("institution")
    bodies = Institution.objects.current().filter(state__in=of_authority)
    return (bodies | Institution.objects.current().filter(pk__in=own)).select_related("state").distinct()


def keeps_desks(user: AnyUser) -> bool:
    return has_role(user, *LIAISON_ROLES, Role.PARTNER, *SECRETARIAT_ROLES)


def can_keep_desk(user: AnyUser, desk: Desk) -> bool:
    return Desk.objects.kept_by(user).filter(pk=desk.pk).exists()


def can_see_focal_points(user: AnyUser) -> bool:
    return acts_for_authority(user)


# --- networks -------------------------------------------------------------------------------------


def can_found_networks(user: AnyUser) -> bool:
    return has_role(user, Role.FOCAL_POINT, *SECRETARIAT_ROLES)


def founding_institutions(user: AnyUser) -> QuerySet[Institution]:
    return _institutions(user, Role.FOCAL_POINT, *SECRETARIAT_ROLES)


@dataclass(frozen=True)
class Place:
    """What a network is to a person, from the seats of both: for its page, which asks all of it at once."""

    own: list[Seat]
    coordinates: bool

    @property
    def can_post(self) -> bool:
        return any(seat.role in (SeatRole.COORDINATOR, SeatRole.MEMBER) for seat in self.own)

    @property
    def keys(self) -> set[int]:
        return {seat.pk for seat in self.own}

    @property
    def offered(self) -> list[Seat]:
        return [seat for seat in self.own if seat.taken_at is None]


def place_in(user: AnyUser, network: Network, mine: Standing) -> Place:
    """As can_post and can_coordinate say it."""
    own = list(Seat.objects.of(user).filter(network=network).select_related("state", "institution__state"))
    coordinates = any(seat.role == SeatRole.COORDINATOR for seat in own)
    if not coordinates and mine.follows_late:
        coordinates = can_coordinate(user, network)
    return Place(own, coordinates)


def has_room(user: AnyUser, network: Network) -> bool:
    return Network.objects.with_room_for(user).filter(pk=network.pk).exists()


def can_coordinate(user: AnyUser, network: Network) -> bool:
    """Its coordinator; where nobody coordinates yet, the Secretariat may give the first seats."""
    coordinators = Seat.objects.current().filter(network=network, role=SeatRole.COORDINATOR)
    if coordinators.of(user).exists():
        return True
    return has_role(user, *SECRETARIAT_ROLES) and not coordinators.exists()


def can_post(user: AnyUser, network: Network) -> bool:
    """Put files and announcements into the room: members, not observers and guests."""
    return Seat.objects.of(user, SeatRole.COORDINATOR, SeatRole.MEMBER).filter(network=network).exists()


def speaks_for(user: AnyUser, network: Network) -> Institution | None:
    """The institution in whose name the person writes in the room."""
    seats = Seat.objects.of(user).filter(network=network, institution__isnull=False)
    seat = seats.select_related("institution").order_by("pk").first()
    if seat is not None:
        return seat.institution
    return _institutions(user, Role.FOCAL_POINT).first()


# --- cooperation requests -------------------------------------------------------------------------


def asking_institutions(user: AnyUser) -> QuerySet[Institution]:
    return _institutions(user, *LIAISON_ROLES).filter(state__isnull=False)


def receiving_institutions(user: AnyUser) -> QuerySet[Institution]:
    """National authorities of other States, and every body there that has a contact the person may see."""
    own = asking_institutions(user).values("state")
    desks = Desk.objects.visible_to(user).open().values("institution")
    reachable = Institution.objects.current().filter(Q(kind=_AUTHORITY) | Q(pk__in=desks), state__isnull=False)
    return reachable.exclude(state__in=own).select_related("state")


def writes_requests(user: AnyUser) -> bool:
    return asking_institutions(user).exists()


def sides_of(user: AnyUser, request: CooperationRequest) -> frozenset[str]:
    """For which side the person acts: in the institution itself, or as national coordinator."""
    of_request = CooperationRequest.objects.filter(pk=request.pk)
    sides = set()
    if of_request.sent_by_side_of(user).exists():
        sides.add(Side.SENDER)
    if of_request.received_by_side_of(user).exists():
        sides.add(Side.RECEIVER)
    return frozenset(sides)


def acting_institution(user: AnyUser, request: CooperationRequest) -> Institution | None:
    """In whose name the person writes: the institution concerned, or the coordinator's own authority."""
    mine = list(_institutions(user, *LIAISON_ROLES).order_by("pk"))
    concerned = [one for one in mine if one.pk in (request.sender_id, request.receiver_id)]
    of_states = [one for one in mine if one.state_id in (request.sender_state_id, request.receiver_state_id)]
    return next(iter(concerned or of_states), None)


def sources_of(step: str) -> frozenset[str]:
    return TRANSITIONS[step].sources


def can_take_step(user: AnyUser, request: CooperationRequest, step: str) -> bool:
    """Whether the person may take the step and the request's status allows it. An unknown step raises KeyError."""
    transition = TRANSITIONS[step]
    return request.status in transition.sources and transition.side in sides_of(user, request)


def possible_steps(sides: frozenset[str], request: CooperationRequest) -> list[Step]:
    return [Step(s) for s, row in TRANSITIONS.items() if request.status in row.sources and row.side in sides]


def can_write_message(user: AnyUser, request: CooperationRequest) -> bool:
    return is_talking(request) and bool(sides_of(user, request))


def is_talking(request: CooperationRequest) -> bool:
    return request.status in TALKING_STATUSES


def can_translate(user: AnyUser, request: CooperationRequest) -> bool:
    """Either side, once it is sent; also after it is closed, since what was said is read again."""
    return request.sent_at is not None and bool(sides_of(user, request))


def can_rewrite_translation(user: AnyUser, translation: RequestTranslation) -> bool:
    """Only the side that wrote it: nobody changes the other's words."""
    speaker = acting_institution(user, translation.request)
    return speaker is not None and speaker.state_id == translation.by_institution.state_id


def can_review_translation(user: AnyUser, translation: RequestTranslation) -> bool:
    """Somebody else, of either side."""
    waits = translation.status == "draft" and translation.by_id != user.pk
    return waits and can_translate(user, translation.request)


def transfer_institutions(request: CooperationRequest) -> QuerySet[Institution]:
    """The other authorities and agencies of the State that was asked: no request travels to a third State."""
    kinds = (InstitutionKind.AUTHORITY, InstitutionKind.AGENCY)
    of_state = Institution.objects.current().filter(state=request.receiver_state, kind__in=kinds)
    return of_state.exclude(pk=request.receiver_id)


def follows_escalations(user: AnyUser) -> bool:
    return has_role(user, *SECRETARIAT_ROLES)


# --- technical assistance -------------------------------------------------------------------------

_HELPERS = (*LIAISON_ROLES, *SECRETARIAT_ROLES, Role.PARTNER)


def assistance_institutions(user: AnyUser, side: str) -> QuerySet[Institution]:
    """Authorities and agencies ask; they, the Secretariat and partners offer."""
    mine = _institutions(user, *_HELPERS)
    return mine.filter(state__isnull=False) if side == AssistanceSide.NEED else mine


def can_keep_assistance(user: AnyUser, item: AssistanceItem) -> bool:
    return AssistanceItem.objects.kept_by(user).filter(pk=item.pk).exists()


def can_decide_match(user: AnyUser, match: AssistanceMatch) -> bool:
    """The side that did not propose decides."""
    other = match.offer if match.proposed_side == AssistanceSide.NEED else match.need
    return can_keep_assistance(user, other)


# --- shared responsibility ------------------------------------------------------------------------


def reporting_states(user: AnyUser) -> QuerySet[State]:
    """For which State the person records agreements and routes: in its authority, to write for it."""
    mine = RoleAssignment.objects.of(user, Role.FOCAL_POINT, Role.CONTRIBUTOR).filter(institution__kind=_AUTHORITY)
    return State.objects.filter(pk__in=mine.states())


def writes_law_of(user: AnyUser, state: State) -> bool:
    """Plans and treaties of a State: whoever reports for it."""
    return reporting_states(user).filter(pk=state.pk).exists()


def records_shared_facts(user: AnyUser) -> bool:
    return reporting_states(user).exists()
