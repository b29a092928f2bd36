"""Kernel tables: the audit trail, the outbox and the progress of long work. No word of the domain."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.querysets import AuditEventQuerySet, JobFileQuerySet, JobQuerySet


class AuditEvent(models.Model):
    """One event of a hash chain. Written by the database function core_audit_append alone (core.audit)."""

    app_rights = ("SELECT",)

    chain = models.CharField(max_length=8)  # ISO code of the State whose data it concerns, or "platform"
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    system = models.CharField(max_length=64, blank=True)  # which machinery acted, where no person did
    verb = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    previous = models.BinaryField()
    hash = models.BinaryField()

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ("chain", "seq")
        constraints = [
            models.UniqueConstraint(fields=("chain", "seq"), name="audit_event_chain_seq"),
            models.CheckConstraint(
                condition=models.Q(actor__isnull=False) | ~models.Q(system=""), name="audit_event_somebody_acted"
            ),
        ]
        indexes = [models.Index(fields=("object_type", "object_id"), name="audit_event_object")]

    def __str__(self) -> str:
        return f"{self.chain} {self.seq} {self.verb}"


class AuditHead(models.Model):
    """Last sequence and hash of each chain; the row is locked while an event is appended."""

    app_rights = ("SELECT",)

    chain = models.CharField(max_length=8, primary_key=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.chain} {self.seq}"


class AuditTally(models.Model):
    """How often one thing happened within an hour, where somebody could make it happen any number of times: the
    first times are events of their own, the others are counted here until the hour is over (core.audit)."""

    chain = models.CharField(max_length=8)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    system = models.CharField(max_length=64, blank=True)
    verb = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    hour = models.DateTimeField()
    written = models.PositiveIntegerField(default=0)
    counted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("hour", "verb", "actor", "object_id", "object_type", "chain", "system"),
                nulls_distinct=False,
                name="audit_tally_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.chain} {self.verb}"


class Job(models.Model):
    """Progress of one long piece of work, as shown on a page that polls."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=64, blank=True)  # a code; translated when shown
    stage_number = models.PositiveSmallIntegerField(default=0)
    stage_count = models.PositiveSmallIntegerField(default=0)
    # Shares of the whole work: one piece may be a hundred of them, so that the time left is told from them.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # Pieces of the stage, for work that counts them.
    stage_done = models.PositiveIntegerField(db_default=0, default=0)
    stage_total = models.PositiveIntegerField(db_default=0, default=0)
    error_code = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(condition=models.Q(done__lte=models.F("total")), name="job_done_within_total"),
            models.CheckConstraint(
                condition=models.Q(stage_done__lte=models.F("stage_total")), name="job_stage_within_total"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("queued", "running"), finished_at__isnull=True)
                | models.Q(state__in=("done", "failed", "cancelled"), finished_at__isnull=False),
                name="job_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("job_detail", args=[self.public_id])

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None

    @property
    def percent(self) -> int:
        return 100 if self.state == self.State.DONE else (100 * self.done // self.total if self.total else 0)


class JobFile(models.Model):
    """What a job wrote for whoever asked for it, and for nobody else: for a day, then it is asked for anew."""

    class Format(models.TextChoices):
        XLSX = "xlsx", "XLSX"
        CSV = "csv", "CSV"

    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="file")
    reference = models.CharField(max_length=40)  # begins the name of the file: codes alone
    format = models.CharField(max_length=5, choices=Format)
    file = models.FileField(max_length=120)  # named by its hash (core.files)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    objects = JobFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="job_file_has_content"),
            models.CheckConstraint(condition=models.Q(reference__regex=r"^[A-Za-z0-9-]+$"), name="job_file_reference"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.reference}.{self.format}"


class OutboxMessage(models.Model):
    """A task that must happen, written in the transaction that causes it (core.jobs)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField(max_length=100)
    queue = models.CharField(max_length=32, default="default")
    args = models.JSONField(default=list)
    key = models.CharField(max_length=200, unique=True)  # a second request for the same effect finds this row
    job = models.OneToOneField(Job, null=True, on_delete=models.PROTECT, related_name="message")
    created_at = models.DateTimeField(auto_now_add=True)
    next_publish_at = models.DateTimeField(db_default=models.functions.Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)  # class and place of the error, never its data

    class Meta:
        indexes = [
            models.Index(
                fields=("next_publish_at",),
                condition=models.Q(done_at=None, dead_at=None),
                name="outbox_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.id}"


class SentForm(models.Model):
    """A posted form that was answered with a redirect. Sent again, it gets the same answer and does nothing more."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64, unique=True)  # digest of who sends what where (core.sent_forms)
    location = models.TextField(blank=True)  # blank until the first one is answered, in the same transaction
    # Of a request that brought a key of its own, the digest of what was sent: another text under it is refused.
    content = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=("user", "sent_at"), name="sent_form_age")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.sent_at}"
