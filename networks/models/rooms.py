"""Networks, who sits in them, and what is in their rooms."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from accounts.enums import Confidence
from accounts.models import Institution, State
from core.clocks import today_by_utc
from core.i18n import SUFFIXES, column_suffix
from networks.enums import (
    DecisionStatus,
    Level,
    SeatRole,
)
from networks.models.common import CheckedText, dates_in_order, has_text
from networks.querysets import (
    GuestOfferQuerySet,
    GuestQuerySet,
    MeetingQuerySet,
    NetworkQuerySet,
    RoomQuerySet,
    SeatQuerySet,
)


class Network(models.Model):
    """Authorities and partners who work together, from one town to the hemisphere."""

    slug = models.SlugField(max_length=60, unique=True)
    level = models.CharField(max_length=12, choices=Level)
    name_es = models.CharField(max_length=160, blank=True)
    name_en = models.CharField(max_length=160, blank=True)
    name_fr = models.CharField(max_length=160, blank=True)
    name_pt_br = models.CharField(max_length=160, blank=True)
    purpose_es = models.TextField(blank=True)
    purpose_en = models.TextField(blank=True)
    purpose_fr = models.TextField(blank=True)
    purpose_pt_br = models.TextField(blank=True)
    acronym = models.CharField(max_length=20, blank=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="subnetworks")
    activity_code = models.CharField(max_length=12, blank=True)  # of the Work Plan; codes outlive catalogues
    # Listed: every authority may know that it exists and who sits in it. Its room stays closed all the same.
    is_listed = models.BooleanField(default=False)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)
    confidence = models.CharField(max_length=12, choices=Confidence, default=Confidence.CONFIRMED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = NetworkQuerySet.as_manager()

    class Meta:
        ordering = ("slug",)
        constraints = [
            dates_in_order("network_dates"),
            models.CheckConstraint(
                condition=Q(name_es__gt="") | Q(name_en__gt="") | Q(name_fr__gt="") | Q(name_pt_br__gt=""),
                name="network_has_a_name",
            ),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("pk")), name="network_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("network_detail", args=[self.slug])

    def text_in(self, base: str) -> tuple[str, str]:
        """The text in the language of the page or, where nobody wrote it, in the first there is; and its language."""
        here = column_suffix()
        order = sorted(SUFFIXES.items(), key=lambda pair: pair[1] != here)
        found = ((getattr(self, f"{base}_{suffix}"), code) for code, suffix in order)
        return next(((text, code) for text, code in found if text), ("", "en"))

    @property
    def name(self) -> str:
        return self.text_in("name")[0]

    @property
    def name_language(self) -> str:
        return self.text_in("name")[1]

    @property
    def is_fact(self) -> bool:
        return self.confidence in {Confidence.CONFIRMED, Confidence.VERIFIED}


class NetworkUserObjectPermission(UserObjectPermissionBase):
    """A guest: one person of no member institution who may enter the room until a day (docs/adr/0018)."""

    content_object = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="guests")
    reason = models.CharField(max_length=300, blank=True)
    valid_to = models.DateField(default=timezone.localdate)  # last day
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = UserObjectPermissionManager.from_queryset(GuestQuerySet)()  # type: ignore[misc]


class GuestOffer(models.Model):
    """A guest as the coordinator named them. Whether the address has an account is told to nobody: the list is of
    these rows, and the right to enter is a row of its own, if there is somebody to have it."""

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="guest_offers")
    email = models.EmailField()
    reason = models.CharField(max_length=300)
    valid_to = models.DateField()  # last day
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = GuestOfferQuerySet.as_manager()

    class Meta:
        ordering = ("email",)
        constraints = [
            models.UniqueConstraint("network", Lower("email"), condition=Q(ended_at=None), name="guest_offered_once")
        ]

    def __str__(self) -> str:
        return f"{self.network_id} {self.pk}"


class Seat(models.Model):
    """A State or an institution belongs to a network, in a role, from one day to another."""

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="seats")
    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT, related_name="seats")
    # Empty: the State itself; its focal point sits there.
    institution = models.ForeignKey(Institution, null=True, on_delete=models.PROTECT, related_name="seats")
    role = models.CharField(max_length=12, choices=SeatRole, default=SeatRole.MEMBER)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    # When its holder took it. Until then the room is open to them, and nothing of theirs to the other members.
    taken_at = models.DateTimeField(null=True, default=timezone.now)
    left_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=300, blank=True)
    confidence = models.CharField(max_length=12, choices=Confidence, default=Confidence.CONFIRMED)

    objects = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            dates_in_order("seat_dates"),
            models.CheckConstraint(condition=Q(state__isnull=False) | Q(institution__isnull=False), name="seat_of"),
            models.CheckConstraint(condition=Q(left_at=None) | Q(valid_to__isnull=False), name="seat_left_has_day"),
            models.UniqueConstraint(
                fields=("network", "state", "institution"),
                condition=Q(valid_to=None),
                nulls_distinct=False,
                name="seat_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network_id} {self.state_id} {self.institution_id}"

    @property
    def holder(self) -> str:
        if self.institution is None:
            return str(self.state)
        return self.institution.with_state

    @property
    def is_over(self) -> bool:
        return self.left_at is not None or (self.valid_to is not None and self.valid_to < today_by_utc())

    @property
    def is_fact(self) -> bool:
        return self.confidence in {Confidence.CONFIRMED, Confidence.VERIFIED}


class Meeting(CheckedText):
    """A meeting of a network; the text is its minutes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField(max_length=200)
    held_on = models.DateField()
    place = models.CharField(max_length=120, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("-held_on", "-pk")
        constraints = [has_text("meeting_has_title", "title")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("meeting_detail", args=[self.network.slug, self.public_id])


class Decision(CheckedText):
    """What a meeting decided, and what became of it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="decisions")
    responsible = models.ForeignKey(Seat, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions")
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=DecisionStatus, default=DecisionStatus.OPEN)
    note = models.CharField(max_length=300, blank=True)
    followed_up_on = models.DateField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            has_text("decision_has_text"),
            models.CheckConstraint(
                condition=Q(status="open", followed_up_on=None) | ~Q(status="open") & Q(followed_up_on__isnull=False),
                name="decision_closed_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.pk}"

    @property
    def is_late(self) -> bool:
        return self.status == DecisionStatus.OPEN and self.due_on is not None and self.due_on < timezone.localdate()


class Announcement(CheckedText):
    app_rights = ("SELECT", "INSERT")

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="announcements")
    title = models.CharField(max_length=200)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [has_text("announcement_has_title", "title"), has_text("announcement_has_text")]

    def __str__(self) -> str:
        return self.title
