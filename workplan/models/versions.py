"""What was sent, and what the review makes of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from workplan.enums import (
    Channel,
    EntryField,
    ImplementationStatus,
    QuestionStatus,
    ReportStatus,
    Step,
)
from workplan.models.plan import Activity
from workplan.models.reports import Report
from workplan.querysets import (
    QuestionQuerySet,
    ReportPaperQuerySet,
    ReportVersionQuerySet,
)

User = settings.AUTH_USER_MODEL


class ReportVersion(models.Model):
    """Exactly what was submitted. The application role may insert and read, nothing else."""

    app_rights = ("SELECT", "INSERT")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()  # queries.report_content: round, reporter, entries in catalogue order
    sha256 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    # Where the Secretariat filed it for the State: how it came, when, and under which number.
    channel = models.CharField(max_length=16, choices=Channel, blank=True)
    received_on = models.DateField(null=True)
    received_as = models.CharField(max_length=120, blank=True)
    # The body in whose name it was sent, as it was called then; blank in versions of before this was recorded.
    on_behalf_of = models.CharField(max_length=250, blank=True)

    objects = ReportVersionQuerySet.as_manager()

    class Meta:
        ordering = ("report", "number")
        constraints = [
            models.UniqueConstraint(fields=("report", "number"), name="report_version_number"),
            models.CheckConstraint(
                condition=Q(channel="", received_on=None, received_as="")
                | Q(channel__gt="", received_on__isnull=False, received_as__gt=""),
                name="report_version_filed_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} rev. {self.number - 1}"


class ReportPaper(models.Model):
    """A PDF of one version, the receipt of what was sent, or of what changed between two. Written once, the same
    for whoever takes it again."""

    app_rights = ("SELECT", "INSERT")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="papers")
    compared = models.ForeignKey(ReportVersion, null=True, on_delete=models.PROTECT, related_name="+")  # the earlier
    language = models.CharField(max_length=5, choices=Language)
    is_whole = models.BooleanField()  # with all evidence that was sent, or with what may be published
    file = models.FileField(max_length=120)  # named by its hash (core.files)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)

    objects = ReportPaperQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("version", "compared", "language", "is_whole"), nulls_distinct=False, name="paper_once"
            ),
            models.CheckConstraint(
                condition=Q(compared=None) | ~Q(compared=F("version")), name="paper_of_two_versions"
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0, sha256__regex=r"^[0-9a-f]{64}$") & ~Q(file=""), name="paper_has_content"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.compared_id or ''} {self.language}"

    def get_absolute_url(self) -> str:
        return reverse("report_paper", args=[self.version.report.reference, self.public_id])


class ReviewOpening(models.Model):
    """Somebody who reviews has opened the version: from then on the State cannot take it back."""

    app_rights = ("SELECT", "INSERT")

    version = models.OneToOneField(ReportVersion, on_delete=models.PROTECT, related_name="opening")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.version_id} {self.at}"


class Rating(models.Model):
    """The Secretariat's rating of one activity of one version, beside the self-rating. Fixed once accepted."""

    app_rights = ("SELECT", "INSERT")

    version = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="ratings")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="ratings")
    status = models.CharField(max_length=16, choices=ImplementationStatus)
    self_status = models.CharField(max_length=16, choices=ImplementationStatus)
    reason = models.TextField(blank=True)
    rated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    rated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("version", "activity"), name="rating_once"),
            models.CheckConstraint(
                condition=Q(status=F("self_status")) | Q(reason__gt=""), name="rating_difference_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.activity_id} {self.status}"


class StatusChange(models.Model):
    """One step of a report: what people see as its history."""

    app_rights = ("SELECT", "INSERT")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="changes")
    step = models.CharField(max_length=24, choices=Step)
    from_status = models.CharField(max_length=20, choices=ReportStatus)
    to_status = models.CharField(max_length=20, choices=ReportStatus)
    version = models.ForeignKey(ReportVersion, null=True, on_delete=models.PROTECT, related_name="changes")
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.report_id} {self.step}"


class Question(models.Model):
    """A thread on one field of one entry, asked by the Secretariat and answered by the State."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="questions")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="questions")
    version = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="questions")
    field = models.CharField(max_length=12, choices=EntryField)
    status = models.CharField(max_length=10, choices=QuestionStatus, default=QuestionStatus.OPEN)
    text = models.TextField()
    language = models.CharField(max_length=5, choices=Language)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at", "pk")
        constraints = [models.CheckConstraint(condition=Q(text__gt=""), name="question_has_text")]
        verbose_name = _("question")

    def __str__(self) -> str:
        return f"{self.report_id} {self.activity_id} {self.field}"


class Reply(models.Model):
    app_rights = ("SELECT", "INSERT")

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField()
    language = models.CharField(max_length=5, choices=Language)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")
        constraints = [models.CheckConstraint(condition=Q(text__gt=""), name="reply_has_text")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.at}"
