"""Cooperation requests, their thread, and files shared in a room or with a request."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Language
from accounts.models import Institution, State
from core.enums import SERVED_STATES, ScanState
from networks.enums import (
    DeclineReason,
    EscalationLevel,
    Outcome,
    RequestKind,
    RequestStatus,
    Step,
    TranslationStatus,
    Urgency,
)
from networks.models.common import CheckedText, has_text
from networks.models.directory import Desk
from networks.models.rooms import Network
from networks.querysets import (
    DocumentQuerySet,
    EscalationQuerySet,
    RequestQuerySet,
)


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
            has_text("request_has_subject", "subject"),
            has_text("request_has_text"),
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
        constraints = [has_text("request_message_has_text")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.at}"


class RequestTranslation(CheckedText):
    """What the request, or a message of its thread, says in another language. The original alone counts.

    What was sent is never changed (a trigger, and no right to update a message), so a translation is never out of date.
    """

    app_rights = ("SELECT", "INSERT", "UPDATE")

    request = models.ForeignKey(CooperationRequest, on_delete=models.PROTECT, related_name="translations")
    message = models.ForeignKey(RequestMessage, null=True, on_delete=models.PROTECT, related_name="translations")
    subject = models.CharField(max_length=160, blank=True)  # a message has none
    status = models.CharField(max_length=8, choices=TranslationStatus, default=TranslationStatus.DRAFT)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("language", "pk")
        # A trigger in migration 0007 holds that the message is of the request and in another language.
        constraints = [
            models.UniqueConstraint(
                fields=("request", "message", "language"), nulls_distinct=False, name="request_translation_once"
            ),
            has_text("request_translation_has_text"),
            models.CheckConstraint(
                condition=Q(message=None, subject__gt="") | Q(message__isnull=False, subject=""),
                name="request_translation_subject",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", reviewed_by=None)
                | Q(status="reviewed", reviewed_by__isnull=False) & ~Q(reviewed_by=F("by")),
                name="request_translation_by_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.language}"


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
            has_text("document_has_title", "title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_served(self) -> bool:
        return self.scan_state in SERVED_STATES
