"""One evaluation: its definition, its frozen data, its documents and its publication."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.enums import Language
from accounts.models import State
from core.models import Job
from evaluations.enums import DocumentFormat, Suggestion
from evaluations.querysets import (
    ElementQuerySet,
    EvaluationDocumentQuerySet,
    EvaluationQuerySet,
    ExclusionQuerySet,
    PublicationQuerySet,
    StatePaperQuerySet,
)
from evaluations.validators import SYMBOL, validate_symbol
from indicators.models import Release
from workplan.models import Plan, Round

User = settings.AUTH_USER_MODEL
SHA256 = r"^[0-9a-f]{64}$"


def all_languages() -> list[str]:
    return list(Language.values)


def all_formats() -> list[str]:
    return list(DocumentFormat.values)


class Evaluation(models.Model):
    """One summary: which round it evaluates, which it compares with, and what came out of it last."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="evaluations")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="evaluations")
    compared_round = models.ForeignKey(Round, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Earlier periods looked at beside these two, each by itself (docs/adr/0206).
    further_rounds = models.ManyToManyField(Round, through="FurtherRound", blank=True, related_name="+")
    states = ArrayField(models.CharField(max_length=2))  # ISO codes of the States covered; none other has a figure
    releases = models.ManyToManyField(Release, blank=True, related_name="+")  # of statistics; others are not read
    # Whose documents it belongs to; the cover names it. None where the register did not hold it.
    meeting = models.ForeignKey("Meeting", null=True, blank=True, on_delete=models.PROTECT, related_name="evaluations")
    series = models.CharField(max_length=40, default="OEA/Ser.K/XXXIX.4")
    symbol = models.CharField(max_length=60, validators=[validate_symbol])  # such as RTP-IV/doc.6/14
    original_language = models.CharField(max_length=5, choices=Language)
    languages = ArrayField(models.CharField(max_length=5, choices=Language), default=all_languages)
    formats = ArrayField(models.CharField(max_length=5, choices=DocumentFormat), default=all_formats)
    with_contributions = models.BooleanField(default=True)  # of international bodies and civil society
    with_papers = models.BooleanField(default=True, db_default=True)  # a document of its own for each State
    # The last build, whatever became of it.
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="evaluations")
    # The data of the last build that ended well; its documents are the current ones.
    snapshot = models.ForeignKey("Snapshot", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(fields=("symbol",), name="evaluation_symbol_once"),
            models.CheckConstraint(condition=Q(symbol__regex=SYMBOL), name="evaluation_symbol_form"),
            models.CheckConstraint(
                condition=Q(compared_round=None) | ~Q(compared_round=F("round")), name="evaluation_two_rounds"
            ),
            models.CheckConstraint(
                condition=Q(languages__len__gte=1, formats__len__gte=1), name="evaluation_makes_something"
            ),
            models.CheckConstraint(condition=Q(states__len__gte=1), name="evaluation_covers_a_state"),
            *(
                models.CheckConstraint(
                    condition=~Q(original_language=code) | Q(languages__contains=[code]),
                    name=f"evaluation_original_{code.replace('-', '_')}",
                )
                for code in Language.values
            ),
        ]

    def __str__(self) -> str:
        return self.symbol

    def get_absolute_url(self) -> str:
        return reverse("evaluation_detail", args=[self.public_id])

    @property
    def is_building(self) -> bool:
        return self.job is not None and not self.job.is_over


class FurtherRound(models.Model):
    """An earlier period of the same plan that an evaluation looks at beside the one that it compares with. A trigger
    refuses any other; their order is that of time."""

    app_rights = ("SELECT", "INSERT")

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("round__period_start",)
        constraints = [models.UniqueConstraint(fields=("evaluation", "round"), name="further_round_once")]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.round_id}"


class Exclusion(models.Model):
    """A State left out of an evaluation, with the reason that the document prints; taken back by deleting it."""

    app_rights = ("SELECT", "INSERT", "DELETE")

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="exclusions")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    language = models.CharField(max_length=5, choices=Language)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        ordering = ("state__iso2",)
        constraints = [
            models.UniqueConstraint(fields=("evaluation", "state"), name="exclusion_once"),
            models.CheckConstraint(condition=Q(reason__gt=""), name="exclusion_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.state_id}"


class Snapshot(models.Model):
    """The data of one build, frozen in a step of its own. Every figure of its documents comes from here."""

    app_rights = ("SELECT", "INSERT")

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="snapshots")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="snapshot")  # a retry finds it again
    content = models.JSONField()  # queries.snapshot.build_snapshot
    content_hash = models.CharField(max_length=64)  # SHA-256 of the canonical content, printed on the cover
    cutoff_at = models.DateTimeField()  # when these data were first read; not part of the hash
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(content_hash__regex=SHA256), name="snapshot_hash_form"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.content_hash[:12]}"


class Artefact(models.Model):
    """A file that was written once: what it was made of, and where it lies. The same input is not written again."""

    app_rights = ("SELECT", "INSERT")

    input_hash = models.CharField(max_length=64, unique=True)  # delivery.pipeline.made_of
    file = models.FileField(max_length=120)  # named by its hash (core.files)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gt=0, sha256__regex=SHA256, input_hash__regex=SHA256), name="artefact_has_content"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class Document(models.Model):
    """One file of a build; written once, never changed."""

    app_rights = ("SELECT", "INSERT")

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="documents")
    language = models.CharField(max_length=5, choices=Language)
    format = models.CharField(max_length=5, choices=DocumentFormat)
    file = models.FileField(max_length=120)  # named by its hash (core.files)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EvaluationDocumentQuerySet.as_manager()

    class Meta:
        ordering = ("language", "format")
        constraints = [
            models.UniqueConstraint(fields=("snapshot", "language", "format"), name="document_once"),
            models.CheckConstraint(condition=Q(size__gt=0, sha256__regex=SHA256), name="document_has_content"),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.language} {self.format}"


class StatePaper(models.Model):
    """The document of one State in one language: what the evaluation says of it and of nobody else. Never changed.

    Its fingerprint is that of the State's part of the frozen data: from build to build it stays the same paper until
    something of the State changes.
    """

    app_rights = ("SELECT", "INSERT")

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="papers")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=5, choices=Language)
    file = models.FileField(max_length=120)  # named by its hash (core.files)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StatePaperQuerySet.as_manager()

    class Meta:
        ordering = ("state__iso2", "language")
        constraints = [
            models.UniqueConstraint(fields=("snapshot", "state", "language"), name="state_paper_once"),
            models.CheckConstraint(
                condition=Q(size__gt=0, sha256__regex=SHA256, content_hash__regex=SHA256),
                name="state_paper_has_content",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.state_id} {self.language}"


class Element(models.Model):
    """One version of what the Secretariat suggests for an activity in a second Work Plan. Versions are never changed.

    The key is the code of the activity, or N1, N2 and so on for what would be new. Documents print the last version
    that is not a draft.
    """

    app_rights = ("SELECT", "INSERT")
    SAID = (
        "suggestion",
        "merge_into",
        "text",
        "language",
        "is_draft",
    )  # and what restoring says again

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="elements")
    key = models.CharField(max_length=12)
    number = models.PositiveSmallIntegerField()
    suggestion = models.CharField(max_length=8, choices=Suggestion)
    merge_into = models.CharField(max_length=12, blank=True, db_default="")  # key of the activity or of what is new
    text = models.TextField(blank=True)
    language = models.CharField(max_length=5, choices=Language)
    is_draft = models.BooleanField(default=True)
    is_withdrawn = models.BooleanField(default=False, db_default=False)  # entered by mistake; the key is not used again
    restored_from = models.PositiveSmallIntegerField(null=True, blank=True)  # number of the version that it repeats
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ElementQuerySet.as_manager()

    class Meta:
        ordering = ("key", "number")
        constraints = [
            models.UniqueConstraint(fields=("evaluation", "key", "number"), name="element_version_once"),
            models.CheckConstraint(condition=Q(suggestion="keep") | Q(text__gt=""), name="element_says_what"),
            models.CheckConstraint(
                condition=Q(suggestion="new", key__regex=r"^N[0-9]+$")
                | ~Q(suggestion="new") & ~Q(key__regex=r"^N[0-9]+$"),
                name="element_new_has_own_key",
            ),
            models.CheckConstraint(
                condition=Q(restored_from=None) | Q(restored_from__gte=1, restored_from__lt=F("number")),
                name="element_restores_an_earlier",
            ),
            models.CheckConstraint(
                condition=Q(is_withdrawn=False) | Q(suggestion="new"), name="element_withdrawn_is_new"
            ),
            # Not validated (0014): a merge of before names none, and versions are never changed.
            models.CheckConstraint(
                condition=Q(suggestion="merge", merge_into__gt="") | ~Q(suggestion="merge") & Q(merge_into=""),
                name="element_merge_has_target",
            ),
            models.CheckConstraint(condition=~Q(merge_into=F("key")), name="element_merges_with_another"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.key} v{self.number}"


class Publication(models.Model):
    """A build that was given to the public. Whoever generated it does not publish it."""

    app_rights = ("SELECT", "INSERT")

    evaluation = models.OneToOneField(Evaluation, on_delete=models.PROTECT, related_name="publication")
    snapshot = models.OneToOneField(Snapshot, on_delete=models.PROTECT, related_name="publication")
    generated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ("-published_at",)
        constraints = [
            models.CheckConstraint(condition=~Q(generated_by=F("published_by")), name="publication_by_a_second_person"),
        ]

    def __str__(self) -> str:
        return str(self.evaluation)

    def get_absolute_url(self) -> str:
        return reverse("publication_detail", args=[self.evaluation.public_id])
