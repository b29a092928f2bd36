"""Scope of the directory, of networks, their rooms and of cooperation requests."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.enums import SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import RoleAssignment, User
from core.clocks import today_by_utc
from core.enums import SERVED_STATES
from networks.enums import LIAISON_ROLES, TALKING_STATUSES, WAITING_STATUSES

if TYPE_CHECKING:
    from networks.models import (
        Agreement,
        AssistanceItem,
        CooperationRequest,
        Desk,
        Document,
        Escalation,
        GuestOffer,
        LegalInstrument,
        Meeting,
        Network,
        NetworkUserObjectPermission,
        RouteFigure,
        Seat,
    )

AnyUser = User | AnonymousUser

# Whoever acts for one of these may know of everything that authorities share; partners may not.
AUTHORITY_KINDS = (
    InstitutionKind.AUTHORITY,
    InstitutionKind.AGENCY,
    InstitutionKind.MISSION,
    InstitutionKind.SECRETARIAT,
    InstitutionKind.MEETING,
)
# Who takes an institution's seat in a network. Case workers do not: rooms are of the open area.
_SEAT_ROLES = (*LIAISON_ROLES, *SECRETARIAT_ROLES, Role.PARTNER)


def _for_authority(user: AnyUser) -> Any:
    return RoleAssignment.objects.of(user).filter(institution__kind__in=AUTHORITY_KINDS)


def acts_for_authority(user: AnyUser) -> bool:
    return user.is_active and bool(_for_authority(user).exists())


def _institutions(user: AnyUser, *roles: str) -> Any:
    return RoleAssignment.objects.of(user, *roles).values("institution")


def _coordinated(user: AnyUser) -> Any:
    """States whose focal point the person is: the national coordinator sees what the State's institutions do."""
    return RoleAssignment.objects.of(user, Role.FOCAL_POINT).states()


# --- networks -------------------------------------------------------------------------------------


class SeatQuerySet(QuerySet["Seat"]):
    def current(self) -> "SeatQuerySet":
        """Seats held today. Whoever leaves is out at once, not at the end of the day."""
        today = today_by_utc()
        return self.filter(
            Q(valid_to=None) | Q(valid_to__gte=today), Q(valid_from=None) | Q(valid_from__lte=today), left_at=None
        )

    def of(self, user: AnyUser, *roles: str) -> "SeatQuerySet":
        """Current seats the person sits in: an institution's people, or the focal point for a State's own seat."""
        if not user.is_active:
            return self.none()
        own = Q(institution__in=_institutions(user, *_SEAT_ROLES))
        of_state = Q(institution=None, state__in=_coordinated(user))
        seats = self.current().filter(own | of_state)
        return seats.filter(role__in=roles) if roles else seats

    def visible_to(self, user: AnyUser) -> "SeatQuerySet":
        networks: Any = self.model._meta.get_field("network").related_model
        return self.filter(network__in=networks.objects.visible_to(user))

    def with_list_data(self) -> "SeatQuerySet":
        return self.select_related("state", "institution__state").order_by("role", "state__iso2", "institution__name")


class NetworkQuerySet(QuerySet["Network"]):
    def with_room_for(self, user: AnyUser) -> "NetworkQuerySet":
        """Networks whose room the person may enter: members, and guests for as long as they were let in."""
        seats: Any = self.model._meta.get_field("seats").related_model
        guests: Any = self.model._meta.get_field("guests").related_model
        member = Q(pk__in=seats.objects.of(user).values("network"))
        return self.filter(member | Q(pk__in=guests.objects.in_force().of(user).values("content_object")))

    def visible_to(self, user: AnyUser) -> "NetworkQuerySet":
        """Those with a room for the person, and to authorities those that are listed."""
        if not user.is_active:
            return self.none()
        room = Q(pk__in=self.model._default_manager.with_room_for(user).values("pk"))
        return self.filter(room | Q(Exists(_for_authority(user)), is_listed=True))

    def with_room_mark(self, user: AnyUser) -> "NetworkQuerySet":
        """Annotates `is_open`: whether the person may enter the room."""
        rooms = self.model._default_manager.with_room_for(user)
        return self.annotate(is_open=Exists(rooms.filter(pk=OuterRef("pk"))))

    def with_list_data(self) -> "NetworkQuerySet":
        seats: Any = self.model._meta.get_field("seats").related_model
        current = seats.objects.current().filter(network=OuterRef("pk")).order_by().values("network")
        count = current.annotate(n=Count("pk")).values("n")
        return self.select_related("parent").annotate(member_count=count)

    def coordinated_by(self, user: AnyUser) -> "NetworkQuerySet":
        seats: Any = self.model._meta.get_field("seats").related_model
        return self.filter(pk__in=seats.objects.of(user, "coordinator").values("network"))


class GuestQuerySet(QuerySet["NetworkUserObjectPermission"]):
    def in_force(self) -> "GuestQuerySet":
        return self.filter(valid_to__gte=today_by_utc(), user__is_active=True)

    def ended(self) -> "GuestQuerySet":
        return self.filter(valid_to__lt=today_by_utc())

    def of(self, user: AnyUser) -> "GuestQuerySet":
        """A guest comes as somebody's: without a current role anywhere the door is closed."""
        has_role = Exists(RoleAssignment.objects.of(user))
        return self.filter(has_role, user=user.pk, permission__codename="view_network")

    def visible_to(self, user: AnyUser) -> "GuestQuerySet":
        """One's own. Whoever let somebody in sees the offer, not whether there was an account for it."""
        return self.filter(user=user.pk) if user.is_active and user.pk else self.none()


class GuestOfferQuerySet(QuerySet["GuestOffer"]):
    def standing(self) -> "GuestOfferQuerySet":
        return self.filter(ended_at=None, valid_to__gte=today_by_utc())

    def visible_to(self, user: AnyUser) -> "GuestOfferQuerySet":
        networks: Any = self.model._meta.get_field("network").related_model
        return self.filter(network__in=networks.objects.coordinated_by(user))


class RoomQuerySet(QuerySet[Any]):
    """What lies in the room of a network."""

    def visible_to(self, user: AnyUser) -> "Any":
        if not user.is_active:
            return self.none()
        networks: Any = self.model._meta.get_field("network").related_model
        return self.filter(network__in=networks.objects.with_room_for(user))


class MeetingQuerySet(RoomQuerySet):
    def with_list_data(self) -> "MeetingQuerySet":
        open_ones = Count("decisions", filter=Q(decisions__status="open"))
        counted = self.annotate(decision_count=Count("decisions"), open_count=open_ones)
        return counted.order_by("-held_on", "-pk")  # type: ignore[no-any-return]


class DocumentQuerySet(QuerySet["Document"]):
    def visible_to(self, user: AnyUser) -> "DocumentQuerySet":
        """Files of rooms the person may enter and of requests they see."""
        if not user.is_active:
            return self.none()
        networks: Any = self.model._meta.get_field("network").related_model
        requests: Any = self.model._meta.get_field("request").related_model
        room = Q(network__in=networks.objects.with_room_for(user))
        return self.filter(room | Q(request__in=requests.objects.visible_to(user)), removed_at=None)

    def served(self) -> "DocumentQuerySet":
        return self.filter(scan_state__in=SERVED_STATES)


# --- directory ------------------------------------------------------------------------------------


class DeskQuerySet(QuerySet["Desk"]):
    def open(self) -> "DeskQuerySet":
        return self.filter(closed_on=None)

    def visible_to(self, user: AnyUser) -> "DeskQuerySet":
        """Public desks; those for authorities; those for members of a network the desk's institution sits in; and
        all of the own State's or institution's."""
        if not user.is_active:
            return self.filter(visibility="public", closed_on=None)
        seats: Any = self.model._meta.get_field("institution").related_model._meta.get_field("seats").related_model
        mine = seats.objects.of(user).values("network")
        # Whoever coordinates a network seats whom they like: only who took the seat shows anything for it.
        beside = seats.objects.current().filter(network__in=mine, taken_at__isnull=False)
        shared = Q(institution__in=beside.filter(institution__isnull=False).values("institution")) | Q(
            institution__state__in=beside.filter(institution=None).values("state")
        )
        roles = RoleAssignment.objects.of(user)
        own = Q(institution__state__in=roles.states()) | Q(institution__in=roles.values("institution"))
        circle = Q(visibility="public") | shared & Q(visibility="networks")
        circle |= Q(Exists(_for_authority(user)), visibility="authorities")
        return self.filter(own | circle & Q(closed_on=None))

    def kept_by(self, user: AnyUser) -> "DeskQuerySet":
        """Those the person keeps up to date (permissions.can_keep_desks, for lists)."""
        if not user.is_active:
            return self.none()
        authority = RoleAssignment.objects.of(user, *LIAISON_ROLES).filter(institution__kind=InstitutionKind.AUTHORITY)
        own = Q(institution__in=_institutions(user, *LIAISON_ROLES, Role.PARTNER, *SECRETARIAT_ROLES))
        return self.filter(Q(institution__state__in=authority.states()) | own)

    def stale(self) -> "DeskQuerySet":
        """Nobody has verified them for half a year."""
        return self.open().filter(verified_on__lt=self.stale_since())

    def stale_since(self) -> date:
        return today_by_utc() - self.model.STALE_AFTER

    def numbers(self, user: AnyUser) -> dict[str, int]:
        """How many there are, and how many of those that the person keeps are stale; in one query."""
        kept = self.model._default_manager.kept_by(user)
        stale = Q(verified_on__lt=self.stale_since(), pk__in=kept.values("pk"))
        return self.order_by().aggregate(total=Count("pk"), stale=Count("pk", filter=stale))

    def with_list_data(self) -> "DeskQuerySet":
        return self.select_related("institution__state").defer("search", "search_text")


# --- cooperation requests -------------------------------------------------------------------------


class RequestQuerySet(QuerySet["CooperationRequest"]):
    def sent_by_side_of(self, user: AnyUser) -> "RequestQuerySet":
        mine = Q(sender__in=_institutions(user, *LIAISON_ROLES)) | Q(sender_state__in=_coordinated(user))
        return self.filter(mine) if user.is_active else self.none()

    def received_by_side_of(self, user: AnyUser) -> "RequestQuerySet":
        """What was sent to the person's institution or, for the national coordinator, to any of the State's."""
        mine = Q(receiver__in=_institutions(user, *LIAISON_ROLES)) | Q(receiver_state__in=_coordinated(user))
        return self.filter(mine, sent_at__isnull=False) if user.is_active else self.none()

    def matching(self, user: AnyUser, side: str = "", status: str = "", kind: str = "") -> "RequestQuerySet":
        """Seen from the person's side; empty is no filter."""
        sides = {"received": self.received_by_side_of, "sent": self.sent_by_side_of}
        rows = sides[side](user) if side else self
        if status:
            rows = rows.open() if status == "open" else rows.filter(status=status)
        return rows.filter(kind=kind) if kind else rows

    def visible_to(self, user: AnyUser) -> "RequestQuerySet":
        """The two institutions concerned and their national coordinators; nobody else, the Secretariat included."""
        if not user.is_active:
            return self.none()
        institutions, states = _institutions(user, *LIAISON_ROLES), _coordinated(user)
        sent = Q(sender__in=institutions) | Q(sender_state__in=states)
        received = Q(receiver__in=institutions) | Q(receiver_state__in=states)
        return self.filter(sent | received & Q(sent_at__isnull=False))

    def waiting(self) -> "RequestQuerySet":
        return self.filter(status__in=WAITING_STATUSES)

    def overdue(self) -> "RequestQuerySet":
        return self.waiting().filter(coordinator_due_at__lte=timezone.now())

    def open(self) -> "RequestQuerySet":
        return self.filter(status__in=TALKING_STATUSES)

    def with_list_data(self) -> "RequestQuerySet":
        return self.select_related("sender", "receiver", "sender_state", "receiver_state").defer("text")

    def between(self, one: object, other: object) -> "RequestQuerySet":
        return self.filter(Q(sender_state=one, receiver_state=other) | Q(sender_state=other, receiver_state=one))


class EscalationQuerySet(QuerySet["Escalation"]):
    def visible_to(self, user: AnyUser) -> "EscalationQuerySet":
        """The Secretariat sees that a request is late, never what it says (queries.escalated_rows)."""
        if not user.is_active or not RoleAssignment.objects.of(user, *SECRETARIAT_ROLES).exists():
            return self.none()
        return self.filter(level="secretariat")


# --- what authorities share -----------------------------------------------------------------------


class SharedQuerySet(QuerySet[Any]):
    """Known to all who act for an authority."""

    def visible_to(self, user: AnyUser) -> "Any":
        return self.all() if acts_for_authority(user) else self.none()


class AgreementQuerySet(SharedQuerySet):
    def with_list_data(self) -> "AgreementQuerySet":
        return self.prefetch_related("parties")

    def in_force(self) -> "AgreementQuerySet":
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=today_by_utc()))


class RouteQuerySet(SharedQuerySet):
    pass


class AssistanceQuerySet(QuerySet["AssistanceItem"]):
    def visible_to(self, user: AnyUser) -> "AssistanceQuerySet":
        """Authorities, the Secretariat and partners: whoever could ask or help."""
        return self if user.is_active and RoleAssignment.objects.of(user).exists() else self.none()

    def open(self) -> "AssistanceQuerySet":
        return self.filter(closed_on=None)

    def kept_by(self, user: AnyUser) -> "AssistanceQuerySet":
        """Those of the own institution, and of the State for its focal point."""
        if not user.is_active:
            return self.none()
        own = Q(institution__in=_institutions(user, *_SEAT_ROLES))
        return self.filter(own | Q(institution__state__in=_coordinated(user)))

    def with_list_data(self) -> "AssistanceQuerySet":
        counted = ("proposed", "agreed", "done")
        return (
            self.select_related("institution__state")
            .annotate(
                match_count=Count("matches_as_need", filter=Q(matches_as_need__status__in=counted), distinct=True)
                + Count("matches_as_offer", filter=Q(matches_as_offer__status__in=counted), distinct=True)
            )
            .order_by("-at", "-pk")
        )


# --- law ------------------------------------------------------------------------------------------


class InstrumentQuerySet(QuerySet["LegalInstrument"]):
    def visible_to(self, user: AnyUser | None) -> "InstrumentQuerySet":
        """Which treaties there are is public."""
        return self.all()


class LawQuerySet(QuerySet[Any]):
    """What States say of their plans and treaties: known to authorities; what was removed, to the State alone."""

    def visible_to(self, user: AnyUser) -> "LawQuerySet":
        if not user.is_active:
            return self.none()
        return self.filter(Q(Exists(_for_authority(user))), Q(removed_at=None) | Q(state__in=_written_for(user)))

    def standing(self) -> "LawQuerySet":
        return self.filter(removed_at=None)


class PlanQuerySet(LawQuerySet):
    def in_force_on(self, day: date) -> "PlanQuerySet":
        """As networks.enums.force_on says it of one."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


def _written_for(user: AnyUser) -> Any:
    """States whose authority the person writes for."""
    writing = RoleAssignment.objects.of(user, Role.FOCAL_POINT, Role.CONTRIBUTOR)
    return writing.filter(institution__kind=InstitutionKind.AUTHORITY).states()
