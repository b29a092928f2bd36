"""The directory, networks and their rooms, cooperation requests, assistance, agreements and routes.

Nothing here may hold a victim's identity: texts and files pass core.identity_guard, and what was confirmed after
a warning is kept beside the text.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from accounts.enums import Confidence, Language
from accounts.models import Institution, State
from core.enums import SERVED_STATES, ScanState
from core.i18n import SUFFIXES, column_suffix
from networks.enums import (
    AssistanceSide,
    DecisionStatus,
    DeclineReason,
    DeskVisibility,
    EscalationLevel,
    Level,
    MatchStatus,
    Outcome,
    RequestKind,
    RequestStatus,
    RouteSide,
    SeatRole,
    Service,
    Step,
    Topic,
    Urgency,
)
from networks.querysets import (
    AgreementQuerySet,
    AssistanceQuerySet,
    DeskQuerySet,
    DocumentQuerySet,
    EscalationQuerySet,
    GuestOfferQuerySet,
    GuestQuerySet,
    MeetingQuerySet,
    NetworkQuerySet,
    RequestQuerySet,
    RoomQuerySet,
    RouteQuerySet,
    SeatQuerySet,
)

STEMMERS = ("simple", "spanish", "english", "french", "portuguese")


def _dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")), name=name
    )


def _has_text(name: str, field: str = "text") -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__gt": ""}), name=name)


class CheckedText(models.Model):
    """A text of a person, in its own language, that the identity guard has read."""

    text = models.TextField()
    language = models.CharField(max_length=5, choices=Language)
    identity_reason = models.CharField(max_length=300, blank=True)  # why it names no victim, where the guard warned
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


# --- directory ------------------------------------------------------------------------------------


class Desk(models.Model):
    """Where another authority can turn: one service of one institution, with its ways and hours."""

    STALE_AFTER = timedelta(days=180)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="desks")
    service = models.CharField(max_length=20, choices=Service)
    name = models.CharField(max_length=200)
    name_language = models.CharField(max_length=5, choices=Language)
    languages = ArrayField(models.CharField(max_length=5, choices=Language))  # spoken there
    hours = models.CharField(max_length=120, blank=True)
    response_hours = models.PositiveSmallIntegerField(null=True, blank=True)  # as the institution says
    phone = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=250, blank=True)
    notes = models.TextField(blank=True)
    visibility = models.CharField(max_length=12, choices=DeskVisibility, default=DeskVisibility.AUTHORITIES)
    source = models.CharField(max_length=300, blank=True)
    verified_on = models.DateField()
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(null=True, blank=True)
    # Words in four languages without accents (queries.search_words); the vector follows by itself.
    search_text = models.TextField(editable=False)
    search = models.GeneratedField(
        expression=(
            SearchVector("search_text", config=STEMMERS[0])
            + SearchVector("search_text", config=STEMMERS[1])
            + SearchVector("search_text", config=STEMMERS[2])
            + SearchVector("search_text", config=STEMMERS[3])
            + SearchVector("search_text", config=STEMMERS[4])
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = DeskQuerySet.as_manager()

    class Meta:
        ordering = ("institution__state__iso2", "service", "name", "pk")
        indexes = [GinIndex(fields=["search"], name="desk_search")]
        constraints = [
            _has_text("desk_has_name", "name"),
            models.CheckConstraint(
                condition=Q(phone__gt="") | Q(email__gt="") | Q(address__gt=""), name="desk_can_be_reached"
            ),
            models.CheckConstraint(condition=Q(languages__len__gte=1), name="desk_speaks_a_language"),
            models.UniqueConstraint(
                fields=("institution", "service", "name"), condition=Q(closed_on=None), name="desk_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("desk_detail", args=[self.public_id])

    @property
    def is_stale(self) -> bool:
        return self.verified_on < timezone.localdate() - self.STALE_AFTER

    @property
    def language_names(self) -> str:
        return ", ".join(Language(code).label for code in self.languages)


# --- networks -------------------------------------------------------------------------------------


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
            _dates_in_order("network_dates"),
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
            _dates_in_order("seat_dates"),
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

    def is_offered_in(self, network: Network) -> bool:
        return self.network_id == network.pk and self.taken_at is None

    @property
    def holder(self) -> str:
        if self.institution is None:
            return str(self.state)
        return self.institution.with_state

    @property
    def is_over(self) -> bool:
        return self.left_at is not None or (self.valid_to is not None and self.valid_to < timezone.localdate())

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
        constraints = [_has_text("meeting_has_title", "title")]

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
            _has_text("decision_has_text"),
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
        constraints = [_has_text("announcement_has_title", "title"), _has_text("announcement_has_text")]

    def __str__(self) -> str:
        return self.title


# --- cooperation requests -------------------------------------------------------------------------


class CooperationRequest(CheckedText):
    """One authority asks an authority of another State. The text says what is wanted, never who a victim is."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    reference = models.CharField(max_length=16, unique=True)  # CR-GT-7Q4M9X: no sequence that would tell how many
    kind = models.CharField(max_length=20, choices=RequestKind)
    urgency = models.CharField(max_length=12, choices=Urgency)
    subject = models.CharField(max_length=160)
    sender = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="requests_sent")
    sender_state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="requests_sent")
    receiver = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="requests_received")
    receiver_state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="requests_received")
    desk = models.ForeignKey(Desk, null=True, on_delete=models.PROTECT, related_name="requests")
    activity_code = models.CharField(max_length=12, blank=True)
    status = models.CharField(max_length=12, choices=RequestStatus, default=RequestStatus.DRAFT)
    version = models.PositiveIntegerField(default=1)
    decline_reason = models.CharField(max_length=16, choices=DeclineReason, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)  # answered or declined: what the sender waited for
    closed_at = models.DateTimeField(null=True)
    # Fixed when it is sent, by the table of that day, to midnight in the receiving State's own time zone.
    answer_by = models.DateField(null=True)
    coordinator_due_at = models.DateTimeField(null=True)
    secretariat_due_at = models.DateTimeField(null=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=("sender_state", "receiver_state", "status"), name="request_corridor"),
            models.Index(fields=("receiver", "status"), name="request_receiver"),
            models.Index(fields=("sender", "status"), name="request_sender"),
            models.Index(fields=("-at", "-id"), name="request_latest"),
            models.Index(
                fields=("coordinator_due_at",),
                condition=Q(status__in=("sent", "transferred", "acknowledged")),
                name="request_due",
            ),
        ]
        # A trigger in migration 0002 holds that each institution belongs to its State.
        constraints = [
            models.CheckConstraint(condition=~Q(sender_state=F("receiver_state")), name="request_between_two_states"),
            models.CheckConstraint(
                condition=Q(status="draft", sent_at=None)
                | Q(status="withdrawn")
                | ~Q(status__in=("draft", "withdrawn")) & Q(sent_at__isnull=False),
                name="request_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None, answer_by=None, coordinator_due_at=None, secretariat_due_at=None)
                | Q(
                    sent_at__isnull=False,
                    answer_by__isnull=False,
                    coordinator_due_at__gt=F("sent_at"),
                    secretariat_due_at__gt=F("coordinator_due_at"),
                ),
                name="request_sent_has_deadlines",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | Q(decline_reason__gt=""), name="request_declined_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(outcome__gt=""), name="request_closed_has_outcome"
            ),
            _has_text("request_has_subject", "subject"),
            _has_text("request_has_text"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("request_detail", args=[self.reference])

    @property
    def is_waiting(self) -> bool:
        return self.status in {"sent", "transferred", "acknowledged"}

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.coordinator_due_at is not None and self.coordinator_due_at <= timezone.now()


class RequestChange(models.Model):
    """One step of a request: its history, without any text."""

    app_rights = ("SELECT", "INSERT")

    request = models.ForeignKey(CooperationRequest, on_delete=models.PROTECT, related_name="changes")
    step = models.CharField(max_length=12, choices=Step)
    from_status = models.CharField(max_length=12, choices=RequestStatus)
    to_status = models.CharField(max_length=12, choices=RequestStatus)
    to_institution = models.ForeignKey(Institution, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.request_id} {self.step}"


class RequestMessage(CheckedText):
    """A message of the thread, each in its own language; a step's note is one too."""

    app_rights = ("SELECT", "INSERT")

    request = models.ForeignKey(CooperationRequest, on_delete=models.PROTECT, related_name="messages")
    step = models.CharField(max_length=12, choices=Step, blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [_has_text("request_message_has_text")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.at}"


class Escalation(models.Model):
    """That a request was late, and who was told. Each level once, whenever the clock comes back."""

    app_rights = ("SELECT", "INSERT")

    request = models.ForeignKey(CooperationRequest, on_delete=models.PROTECT, related_name="escalations")
    level = models.CharField(max_length=12, choices=EscalationLevel)
    due_at = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("request", "level"), name="escalation_once"),
            models.CheckConstraint(condition=Q(at__gte=F("due_at")), name="escalation_not_early"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.level}"


class Document(models.Model):
    """A file of a network's room or of a request. What is given out is a copy that was checked (delivery)."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    network = models.ForeignKey(Network, null=True, on_delete=models.PROTECT, related_name="documents")
    request = models.ForeignKey(CooperationRequest, null=True, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=5, choices=Language)
    original_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    original = models.FileField(max_length=120)
    scan_state = models.CharField(max_length=12, choices=ScanState, default=ScanState.PENDING)
    refusal = models.CharField(max_length=12, blank=True)
    served = models.FileField(max_length=120, blank=True)
    served_size = models.PositiveIntegerField(default=0)
    identity_reason = models.CharField(max_length=300, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(network__isnull=False, request=None) | Q(network=None, request__isnull=False),
                name="document_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(scan_state__in=("clean", "not_scanned"), served_size__gt=0) & ~Q(served="")
                | ~Q(scan_state__in=("clean", "not_scanned")) & Q(served="", served_size=0),
                name="document_served_only_when_checked",
            ),
            _has_text("document_has_title", "title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_served(self) -> bool:
        return self.scan_state in SERVED_STATES


# --- technical assistance -------------------------------------------------------------------------


class AssistanceItem(CheckedText):
    """What an authority needs, or what a State, the Secretariat or a partner offers."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    side = models.CharField(max_length=5, choices=AssistanceSide)
    topic = models.CharField(max_length=16, choices=Topic)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="assistance")
    title = models.CharField(max_length=160)
    activity_code = models.CharField(max_length=12, blank=True)
    closed_on = models.DateField(null=True)

    objects = AssistanceQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [_has_text("assistance_has_title", "title"), _has_text("assistance_has_text")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("assistance_detail", args=[self.public_id])


class AssistanceMatch(models.Model):
    """A need and an offer brought together; a trigger in migration 0002 holds that it is one of each."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    need = models.ForeignKey(AssistanceItem, on_delete=models.PROTECT, related_name="matches_as_need")
    offer = models.ForeignKey(AssistanceItem, on_delete=models.PROTECT, related_name="matches_as_offer")
    status = models.CharField(max_length=8, choices=MatchStatus, default=MatchStatus.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The side that did not propose decides.
    proposed_side = models.CharField(max_length=5, choices=AssistanceSide)
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("need", "offer"), name="match_once"),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at=None) | ~Q(status="proposed") & Q(decided_at__isnull=False),
                name="match_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.offer_id}"


# --- shared responsibility ------------------------------------------------------------------------


class Agreement(models.Model):
    """A treaty, protocol or memorandum between States."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=250)
    language = models.CharField(max_length=5, choices=Language)
    parties = models.ManyToManyField(State, through="AgreementParty", related_name="agreements")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ("-valid_from", "pk")
        constraints = [
            _dates_in_order("agreement_dates"),
            _has_text("agreement_has_title", "title"),
            _has_text("agreement_has_source", "source"),
        ]

    def __str__(self) -> str:
        return self.title


class AgreementParty(models.Model):
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="memberships")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("agreement", "state"), name="agreement_party_once")]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.state_id}"


class RouteFigure(models.Model):
    """How many victims of a year one State connects with another: rounded to base 10 before it is stored.

    The true count never enters this area, so no page, export or backup of it can give it away (docs/adr/0019).
    """

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="route_figures")
    side = models.CharField(max_length=12, choices=RouteSide)
    other = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    rounded = models.PositiveIntegerField()
    source = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = RouteQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "state__iso2", "other__iso2")
        constraints = [
            models.UniqueConstraint(fields=("state", "side", "other", "year"), name="route_figure_once"),
            models.CheckConstraint(condition=~Q(state=F("other")), name="route_between_two_states"),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="route_year"),
            models.CheckConstraint(condition=Q(rounded=F("rounded") / 10 * 10), name="route_figure_rounded"),
            _has_text("route_has_source", "source"),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.side} {self.other_id} {self.year}"
