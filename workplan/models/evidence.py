"""Files and addresses that support an answer."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from core.enums import SERVED_STATES, ScanState
from workplan.enums import (
    EvidenceType,
    Refusal,
    RemovedPart,
    Visibility,
)
from workplan.models.reports import ReportEntry
from workplan.models.versions import ReportVersion
from workplan.querysets import (
    EvidenceQuerySet,
)

User = settings.AUTH_USER_MODEL


class Evidence(models.Model):
    """A file, or the address of a web page, that supports an answer. Removed softly, never deleted.

    The original lies in quarantine and is never given out. What people download is a copy made from it, without
    active content and without metadata (delivery.process_evidence).
    """

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(ReportEntry, on_delete=models.PROTECT, related_name="evidence")
    type = models.CharField(max_length=16, choices=EvidenceType)
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=5, choices=Language)
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.SECRETARIAT)
    url = models.URLField(max_length=500, blank=True)  # never fetched by the portal
    original_name = models.CharField(max_length=120, blank=True)  # cleaned (core.sanitize.names)
    kind = models.CharField(max_length=8, blank=True)  # by content: core.sanitize.kinds.KINDS
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)  # of the original, as it was handed in
    original = models.FileField(max_length=120, blank=True)  # named by its hash (core.files)
    scan_state = models.CharField(max_length=12, choices=ScanState, blank=True)
    refusal = models.CharField(max_length=12, choices=Refusal, blank=True)
    malware = models.CharField(max_length=100, blank=True)  # as the scanner calls it
    served = models.FileField(max_length=120, blank=True)
    served_size = models.PositiveIntegerField(default=0)
    served_sha256 = models.CharField(max_length=64, blank=True)
    removed_parts = ArrayField(models.CharField(max_length=12, choices=RemovedPart), default=list, blank=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    first_version = models.ForeignKey(ReportVersion, null=True, on_delete=models.PROTECT, related_name="new_evidence")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ("uploaded_at", "pk")
        verbose_name = _("evidence")
        constraints = [
            models.CheckConstraint(condition=Q(title__gt=""), name="evidence_has_title"),
            models.CheckConstraint(
                condition=Q(type="web_page", url__startswith="https://", original="", size=0, scan_state="", sha256="")
                | ~Q(type="web_page")
                & ~Q(original="")
                & ~Q(scan_state="")
                & Q(url="", size__gt=0, size__lte=10 * 1024 * 1024, sha256__regex=r"^[0-9a-f]{64}$"),
                name="evidence_file_or_address",
            ),
            # An infected or refused file cannot be given out, whatever the code does: there is nothing to give.
            models.CheckConstraint(
                condition=Q(scan_state__in=("clean", "not_scanned"), served_size__gt=0)
                & Q(served_sha256__regex=r"^[0-9a-f]{64}$")
                & ~Q(served="")
                | ~Q(scan_state__in=("clean", "not_scanned")) & Q(served="", served_size=0, served_sha256=""),
                name="evidence_served_only_when_checked",
            ),
            models.CheckConstraint(
                condition=Q(scan_state="refused", refusal__gt="") | ~Q(scan_state="refused") & Q(refusal=""),
                name="evidence_refused_says_why",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="evidence_removed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(first_version=None) | ~Q(visibility="state"), name="evidence_sent_is_not_only_ours"
            ),
            # The same file sent twice by a double click is one row.
            models.UniqueConstraint(
                fields=("entry", "sha256"),
                condition=Q(removed_at=None, scan_state__in=("pending", "clean", "not_scanned")),
                name="evidence_file_once",
            ),
            models.UniqueConstraint(
                fields=("entry", "url"), condition=Q(removed_at=None, type="web_page"), name="evidence_address_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evidence_detail", args=[self.public_id])

    @property
    def is_served(self) -> bool:
        return self.scan_state in SERVED_STATES

    @property
    def goes_along(self) -> bool:
        """Whether it is part of the report when it is sent: EvidenceQuerySet.to_be_sent, for rows at hand."""
        stands = self.removed_at is None and self.scan_state not in (ScanState.INFECTED, ScanState.REFUSED)
        return stands and self.visibility != Visibility.STATE

    @property
    def is_pending(self) -> bool:
        return self.scan_state == ScanState.PENDING
