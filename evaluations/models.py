"""The evaluation summary for the Fourth Meeting: its definition, its frozen data and its documents."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.enums import Language
from core.models import Job
from evaluations.enums import DocumentFormat, EvaluationStatus
from evaluations.querysets import DocumentQuerySet, EvaluationQuerySet
from workplan.models import Plan, Round

User = settings.AUTH_USER_MODEL


class Evaluation(models.Model):
    """One summary: which rounds it compares, the snapshot it was computed from and where it stands."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="evaluations")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="evaluations")
    compared_round = models.ForeignKey(Round, null=True, on_delete=models.PROTECT, related_name="+")
    symbol = models.CharField(max_length=60)  # such as RTP-IV/doc.6/14
    original_language = models.CharField(max_length=5, choices=Language)
    status = models.CharField(max_length=10, choices=EvaluationStatus, default=EvaluationStatus.DRAFT)
    snapshot = models.JSONField(null=True)  # queries.build_snapshot; every figure comes from here
    content_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the canonical snapshot
    cutoff_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="evaluations")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="ready") | Q(snapshot__isnull=False, content_hash__gt="", cutoff_at__isnull=False),
                name="evaluation_ready_has_data",
            ),
            models.CheckConstraint(
                condition=Q(compared_round=None) | ~Q(compared_round=models.F("round")), name="evaluation_two_rounds"
            ),
        ]

    def __str__(self) -> str:
        return self.symbol

    def get_absolute_url(self) -> str:
        return reverse("evaluation_detail", args=[self.public_id])


class Document(models.Model):
    """One file of an evaluation; one per language and format and content."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="documents")
    language = models.CharField(max_length=5, choices=Language)
    format = models.CharField(max_length=5, choices=DocumentFormat)
    content_hash = models.CharField(max_length=64)  # of the snapshot it was made from
    file = models.FileField(upload_to="evaluations/")
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ("language", "format")
        constraints = [
            models.UniqueConstraint(fields=("evaluation", "language", "format", "content_hash"), name="document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.language} {self.format}"
