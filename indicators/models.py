"""Statistical returns of the States, and the releases made of them."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Language
from accounts.models import State
from core.models import Job
from indicators.enums import (
    CATALOGUE,
    TABLE_CHOICES,
    TABLES,
    CoverageCitizenship,
    CoverageMovement,
    FileFormat,
    Marker,
    ReleaseStatus,
    ReleaseTable,
    ReturnStatus,
    Table,
)
from indicators.querysets import (
    ReleaseFileQuerySet,
    ReleaseQuerySet,
    ReturnProposalQuerySet,
    ReturnUploadQuerySet,
    ReturnVersionQuerySet,
    StatisticalReturnQuerySet,
)
from indicators.validators import FIRST_YEAR, LAST_YEAR, MAX_COUNT, validate_year

User = settings.AUTH_USER_MODEL
SHA256 = r"^[0-9a-f]{64}$"


def _year(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR), name=name)


class StatisticalReturn(models.Model):
    """One table of one State and year, as it is being filled in. What was signed off is a ReturnVersion."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="statistical_returns")
    year = models.PositiveSmallIntegerField(validators=[validate_year])
    table = models.CharField(max_length=16, choices=TABLE_CHOICES)
    status = models.CharField(max_length=8, choices=ReturnStatus, default=ReturnStatus.DRAFT)
    source = models.CharField(max_length=300, blank=True)
    coverage_citizenship = models.CharField(max_length=8, choices=CoverageCitizenship, blank=True)
    coverage_movement = models.CharField(max_length=12, choices=CoverageMovement, blank=True)
    criminal_code_article = models.CharField(max_length=200, blank=True)
    definition_note = models.TextField(max_length=2000, blank=True)
    language = models.CharField(max_length=5, choices=Language)
    reasons = models.JSONField(default=dict, blank=True)  # why a figure stands although a soft check doubts it
    version = models.PositiveIntegerField(default=1)  # counts the savings, so that nobody overwrites another
    updated_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = StatisticalReturnQuerySet.as_manager()

    class Meta:
        ordering = ("state", "year", "table")
        constraints = [
            models.UniqueConstraint(fields=("state", "year", "table"), name="return_once"),
            models.CheckConstraint(condition=Q(table__in=list(TABLES)), name="return_known_table"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(sent_by__isnull=False), name="return_sent_by_somebody"
            ),
            _year("return_year"),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.year} {self.table}"

    def get_absolute_url(self) -> str:
        return reverse("return_edit", args=[self.state.iso2, self.year, self.table])

    @property
    def definition(self) -> Table:
        return TABLES[self.table]


class Cell(models.Model):
    """One answer of a return. No row: not answered yet."""

    source = models.ForeignKey(StatisticalReturn, on_delete=models.CASCADE, related_name="cells")
    row = models.CharField(max_length=8)
    column = models.CharField(max_length=8)
    marker = models.CharField(max_length=16, choices=Marker)
    value = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("source", "row", "column"), name="cell_once"),
            models.CheckConstraint(
                condition=Q(marker="value", value__isnull=False, value__gt=0, value__lte=MAX_COUNT)
                | Q(marker="zero", value__isnull=False, value=0)
                | Q(marker__in=("not_available", "not_applicable", "suppressed"), value__isnull=True),
                name="cell_marker_fits_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.row} {self.column}"


class ReturnVersion(models.Model):
    """Exactly what was signed off. The application role may insert and read, nothing else."""

    app_rights = ("SELECT", "INSERT")

    source = models.ForeignKey(StatisticalReturn, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()  # queries.return_content
    sha256 = models.CharField(max_length=64)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)
    one_person_office = models.BooleanField(default=False)

    objects = ReturnVersionQuerySet.as_manager()

    class Meta:
        ordering = ("source", "number")
        constraints = [
            models.UniqueConstraint(fields=("source", "number"), name="return_version_number"),
            models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="return_version_hash_form"),
            models.CheckConstraint(
                condition=Q(one_person_office=True) | ~Q(sent_by=F("signed_by")), name="return_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} v{self.number}"


class ReturnProposal(models.Model):
    """What was counted from a State's own cases, beside the return: a person of the State takes it or leaves it."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    table = models.CharField(max_length=16, choices=TABLE_CHOICES)
    cells = models.JSONField()  # row, column and count of every cell
    counted_at = models.DateTimeField(default=timezone.now)
    taken = models.BooleanField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ReturnProposalQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "table", "-counted_at")
        constraints = [
            models.UniqueConstraint(
                fields=("state", "year", "table"), condition=Q(decided_at=None), name="proposal_one_open"
            ),
            models.CheckConstraint(condition=Q(table__in=list(TABLES)), name="proposal_known_table"),
            # One that a later count replaced was decided by nobody.
            models.CheckConstraint(
                condition=Q(taken=None) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_decided_by_somebody",
            ),
            _year("proposal_year"),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.year} {self.table}"

    def get_absolute_url(self) -> str:
        return reverse("return_proposal", args=[self.state.iso2, self.year, self.table])

    @property
    def definition(self) -> Table:
        return TABLES[self.table]


class ReturnUpload(models.Model):
    """A file that was read without a fault and waits for its sender to confirm what it would change."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    content = models.JSONField()  # imports.read_workbook, and the version of each table when it was read
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    objects = ReturnUploadQuerySet.as_manager()

    class Meta:
        constraints = [_year("upload_year")]

    def __str__(self) -> str:
        return f"{self.state_id} {self.year} {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("upload_detail", args=[self.public_id])


class Release(models.Model):
    """One edition of the catalogue's tables. Its number counts; what it tells is in its frozen content."""

    number = models.PositiveSmallIntegerField(unique=True)
    year = models.PositiveSmallIntegerField(validators=[validate_year])  # the newest year it tells
    status = models.CharField(max_length=12, choices=ReleaseStatus, default=ReleaseStatus.BUILDING)
    findings = models.JSONField(default=list)  # where the audit stopped it: tables, areas and categories, no figures
    job = models.OneToOneField(Job, null=True, on_delete=models.PROTECT, related_name="statistics_release")
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = [
            models.CheckConstraint(
                condition=Q(status="published", published_at__isnull=False)
                | (~Q(status="published") & Q(published_at=None)),
                name="release_published_has_time",
            ),
            models.UniqueConstraint(
                fields=("status",), condition=Q(status__in=("building", "ready")), name="release_one_at_work"
            ),
            _year("release_year"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("data_release", args=[self.number])


class ReleaseContent(models.Model):
    """What a release tells, and of which signed returns it was made. Frozen."""

    app_rights = ("SELECT", "INSERT")

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="content")
    inputs = models.JSONField()  # keys of ReturnVersion by State, year and table: to make it again, byte by byte
    steps = models.JSONField()  # what the audit had told less of, by year and measure
    told = models.JSONField()  # delivery.compose
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="release_content_hash_form")]

    def __str__(self) -> str:
        return f"{self.release_id} {self.sha256[:12]}"

    @property
    def years(self) -> list[int]:
        return sorted((int(year) for year in self.told["years"]), reverse=True)


class ReleaseFile(models.Model):
    """One file of a release; written once, never changed."""

    app_rights = ("SELECT", "INSERT")

    content = models.ForeignKey(ReleaseContent, on_delete=models.PROTECT, related_name="files")
    table = models.CharField(max_length=40)  # of the catalogue, or "dictionary"
    language = models.CharField(max_length=5, choices=Language)
    format = models.CharField(max_length=4, choices=FileFormat)
    file = models.FileField(max_length=120)  # named by its hash (core.files)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    objects = ReleaseFileQuerySet.as_manager()

    class Meta:
        ordering = ("table", "language", "format")
        constraints = [
            models.UniqueConstraint(fields=("content", "table", "language", "format"), name="release_file_once"),
            models.CheckConstraint(condition=Q(size__gt=0, sha256__regex=SHA256), name="release_file_has_content"),
            models.CheckConstraint(condition=Q(table__in=[*CATALOGUE, "dictionary"]), name="release_file_in_catalogue"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.table} {self.language} {self.format}"

    @property
    def definition(self) -> ReleaseTable | Any:
        return CATALOGUE.get(self.table)
