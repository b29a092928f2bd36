"""Focal points named by note verbale, and the note itself."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.enums import NoteRefusal
from accounts.models.people import Invitation
from accounts.models.states import State, dates_in_order
from accounts.querysets import (
    AppointmentQuerySet,
    NoteDocumentQuerySet,
)
from core.enums import SERVED_STATES, ScanState


class FocalPointAppointment(models.Model):
    """The State names its focal point by note verbale; one is in force at a time."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="appointments")
    # Nobody until a person who had no account accepts the invitation.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="appointments")
    invitation = models.OneToOneField(Invitation, null=True, on_delete=models.PROTECT, related_name="appointment")
    note_verbale = models.CharField(max_length=80)
    note_date = models.DateField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    documents_now: "list[NoteDocument]"  # filled by AppointmentQuerySet.with_documents

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ("-valid_from", "-pk")
        constraints = [
            dates_in_order("appointment_dates"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(invitation__isnull=False), name="appointment_of_somebody"
            ),
            models.UniqueConstraint(fields=("state",), condition=Q(valid_to=None), name="appointment_one_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.note_verbale}"


class NoteDocument(models.Model):
    """The note verbale itself. Another file takes its place; the original lies in quarantine and is never given out."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    appointment = models.ForeignKey(FocalPointAppointment, on_delete=models.PROTECT, related_name="documents")
    original_name = models.CharField(max_length=120)  # cleaned (core.sanitize.names)
    kind = models.CharField(max_length=8)  # by content: enums.NOTE_KINDS
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)  # of the original, as it was handed in
    original = models.FileField(max_length=120)  # named by its hash (core.files)
    scan_state = models.CharField(max_length=12, choices=ScanState, default=ScanState.PENDING)
    refusal = models.CharField(max_length=12, choices=NoteRefusal, blank=True)
    served = models.FileField(max_length=120, blank=True)
    served_size = models.PositiveIntegerField(default=0)
    served_sha256 = models.CharField(max_length=64, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    objects = NoteDocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("pdf", "jpeg", "png")), name="note_document_kind"),
            models.CheckConstraint(
                condition=Q(size__gt=0, size__lte=10 * 1024 * 1024, sha256__regex=r"^[0-9a-f]{64}$") & ~Q(original=""),
                name="note_document_has_original",
            ),
            # An infected or refused file cannot be given out, whatever the code does: there is nothing to give.
            models.CheckConstraint(
                condition=Q(scan_state__in=("clean", "not_scanned"), served_size__gt=0)
                & Q(served_sha256__regex=r"^[0-9a-f]{64}$")
                & ~Q(served="")
                | ~Q(scan_state__in=("clean", "not_scanned")) & Q(served="", served_size=0, served_sha256=""),
                name="note_document_served_when_checked",
            ),
            models.CheckConstraint(
                condition=Q(scan_state="refused") & ~Q(refusal="") | ~Q(scan_state="refused") & Q(refusal=""),
                name="note_document_refused_says_why",
            ),
            models.UniqueConstraint(
                fields=("appointment",), condition=Q(replaced_at=None), name="note_document_one_stands"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_served(self) -> bool:
        return self.scan_state in SERVED_STATES
