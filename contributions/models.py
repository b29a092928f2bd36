"""Partner organizations, what they contribute beside a State's own answer, and what became of it.

A contribution never changes an answer or a rating. The name of who wrote it is kept from the State where that was
asked: pages on the State's side read `shown_name` alone, and the database holds that it is empty then.
"""

import uuid
from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Language
from accounts.models import Institution, State
from contributions.enums import (
    SERVED_STATES,
    AccreditationStatus,
    BulkState,
    Kind,
    OrganizationKind,
    ScanState,
    Status,
    Step,
    TranslationStatus,
    Visibility,
)
from contributions.querysets import AccreditationQuerySet, AttachmentQuerySet, BulkQuerySet, ContributionQuerySet
from core.clocks import today_by_utc
from workplan.enums import Theme
from workplan.models import Activity, Round


def _has_text(name: str, field: str = "text") -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__gt": ""}), name=name)


# --- accreditation --------------------------------------------------------------------------------


class Accreditation(models.Model):
    """An organization asks to contribute, and two people of the Secretariat decide. A renewal is a row of its own."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, null=True, on_delete=models.PROTECT, related_name="accreditations")
    renews = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="renewal")
    name = models.CharField(max_length=250)
    name_language = models.CharField(max_length=5, choices=Language)
    kind = models.CharField(max_length=16, choices=OrganizationKind)
    register_reference = models.CharField(max_length=60, blank=True)  # in the OAS register of civil society
    purpose = models.TextField()
    contact_name = models.CharField(max_length=120)
    contact_email = models.EmailField()
    states = models.ManyToManyField(State, related_name="+")
    themes = ArrayField(models.CharField(max_length=24, choices=Theme), default=list, blank=True)  # none is all
    status = models.CharField(max_length=12, choices=AccreditationStatus, default=AccreditationStatus.APPLIED)
    applied_at = models.DateTimeField(default=timezone.now)
    vetted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    vetted_at = models.DateTimeField(null=True)
    vetting_note = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal_reason = models.TextField(blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # last day

    objects = AccreditationQuerySet.as_manager()

    class Meta:
        ordering = ("-applied_at", "-pk")
        constraints = [
            _has_text("accreditation_has_name", "name"),
            _has_text("accreditation_has_purpose", "purpose"),
            models.UniqueConstraint(
                Lower("name"), condition=Q(status__in=("applied", "vetted")), name="accreditation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(vetted_by__isnull=False) & ~Q(decided_by=F("vetted_by")),
                name="accreditation_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(status="applied", vetted_by=None)
                | ~Q(status="applied") & Q(vetted_by__isnull=False, vetted_at__isnull=False),
                name="accreditation_vetted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="accredited", institution__isnull=False, decided_by__isnull=False)
                & Q(valid_to__gte=F("valid_from"))
                | ~Q(status="accredited") & Q(valid_from=None, valid_to=None),
                name="accreditation_in_force_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(status="refused", refusal_reason__gt="", decided_by__isnull=False)
                | ~Q(status="refused") & Q(refusal_reason=""),
                name="accreditation_refused_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accreditation_detail", args=[self.public_id])

    @property
    def is_in_force(self) -> bool:
        return self.valid_to is not None and self.valid_to >= today_by_utc()


# --- contributions --------------------------------------------------------------------------------


class Contribution(models.Model):
    """What one organization says about one or several States in a period. Fixed once it is sent."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    reference = models.CharField(max_length=12, unique=True)  # PC-7Q4M9X: tells neither who nor how many
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="contributions")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="contributions")
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.SECRETARIAT)
    name_withheld = models.BooleanField(default=False)
    shown_name = models.CharField(max_length=250, blank=True)  # what States and the public read of who wrote it
    kind = models.CharField(max_length=16, choices=Kind)
    states = models.ManyToManyField(State, through="About", related_name="contributions")
    activities = models.ManyToManyField(Activity, related_name="contributions")
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=5, choices=Language)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    identity_reason = models.CharField(max_length=300, blank=True)  # why it names no victim, where the guard warned
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1)
    reason = models.TextField(blank=True)  # why it is not used
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=("institution", "status"), name="contribution_of"),
            models.Index(fields=("round", "status"), name="contribution_in_round"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(name_withheld=True, shown_name="") | Q(name_withheld=False, shown_name__gt=""),
                name="contribution_withheld_has_no_name",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", sent_at=None)
                | Q(status="withdrawn")
                | ~Q(status__in=("draft", "withdrawn")) & Q(sent_at__isnull=False),
                name="contribution_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None)
                | Q(title__gt="", text__gt="", period_from__isnull=False, period_to__gte=F("period_from")),
                name="contribution_sent_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(status="not_used", reason__gt="") | ~Q(status="not_used") & Q(reason=""),
                name="contribution_not_used_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("contribution_detail", args=[self.reference])

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def deadline(self) -> date:
        return self.round.due_on

    @property
    def is_late(self) -> bool:
        return self.sent_at is not None and timezone.localdate(self.sent_at) > self.deadline


class About(models.Model):
    """That a contribution is about a State."""

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="about")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("contribution", "state"), name="about_state_once")]

    def __str__(self) -> str:
        return f"{self.contribution_id} {self.state_id}"


class Change(models.Model):
    """One step of a contribution: its history, without any text. `told_at`: when the digest spoke of it."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="changes")
    step = models.CharField(max_length=12, choices=Step)
    from_status = models.CharField(max_length=12, choices=Status)
    to_status = models.CharField(max_length=12, choices=Status)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=("told_at",), condition=Q(told_at=None), name="change_untold")]

    def __str__(self) -> str:
        return f"{self.contribution_id} {self.step}"


class Clarification(models.Model):
    """The Secretariat's one question and the organization's answer."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    contribution = models.OneToOneField(Contribution, on_delete=models.PROTECT, related_name="clarification")
    text = models.TextField()
    language = models.CharField(max_length=5, choices=Language)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answer_language = models.CharField(max_length=5, choices=Language, blank=True)
    answer_identity_reason = models.CharField(max_length=300, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            _has_text("clarification_has_text"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by=None)
                | Q(answer__gt="", answer_language__gt="", answered_at__isnull=False, answered_by__isnull=False),
                name="clarification_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id}"


class StateReply(models.Model):
    """The right of reply: a State's one word on a contribution about it. It travels with the contribution."""

    app_rights = ("SELECT", "INSERT")

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="replies")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    language = models.CharField(max_length=5, choices=Language)
    identity_reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")
        # A trigger in migration 0002 holds that the contribution is about the State and shown to it.
        constraints = [
            models.UniqueConstraint(fields=("contribution", "state"), name="state_reply_once"),
            _has_text("state_reply_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id} {self.state_id}"


class Citation(models.Model):
    """The sentence of the evaluation summary that rests on a contribution."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="citations")
    sentence = models.TextField()
    language = models.CharField(max_length=5, choices=Language)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [_has_text("citation_has_sentence", "sentence")]

    def __str__(self) -> str:
        return f"{self.contribution_id}"


class ContributionTranslation(models.Model):
    """A published contribution in another language. The original stays the one that counts."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=5, choices=Language)
    version = models.PositiveIntegerField(default=1, db_default=1)
    title = models.CharField(max_length=200)
    text = models.TextField()
    status = models.CharField(max_length=8, choices=TranslationStatus, default=TranslationStatus.DRAFT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("language",)
        constraints = [
            models.UniqueConstraint(fields=("contribution", "language"), name="contribution_translation_once"),
            _has_text("contribution_translation_has_title", "title"),
            _has_text("contribution_translation_has_text"),
            models.CheckConstraint(
                condition=Q(status="draft", reviewed_by=None)
                | Q(status="reviewed", reviewed_by__isnull=False) & ~Q(reviewed_by=F("by")),
                name="contribution_translation_reviewed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id} {self.language}"


class BulkFiling(models.Model):
    """A workbook of many contributions: what its rows say, what is wrong, and what was sent of it.

    Rows are kept as read, in codes; the file itself is not.
    """

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    lines = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=BulkState, default=BulkState.READ)
    contributions = models.ManyToManyField(Contribution, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = BulkQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            # The same file sends its rows once, however often it is handed in.
            models.UniqueConstraint(fields=("institution", "round", "sha256"), name="bulk_file_once"),
            models.CheckConstraint(
                condition=Q(state="read", sent_at=None) | Q(state="sent", sent_at__isnull=False),
                name="bulk_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("contribution_bulk_detail", args=[self.public_id])

    @property
    def faulty_rows(self) -> set[int]:
        return {problem["row"] for problem in self.problems}


class Attachment(models.Model):
    """A file of a contribution or of an application. What is given out is a copy that was checked (delivery)."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contribution = models.ForeignKey(Contribution, null=True, on_delete=models.PROTECT, related_name="files")
    accreditation = models.ForeignKey(Accreditation, null=True, on_delete=models.PROTECT, related_name="files")
    original_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    original = models.FileField(max_length=120)
    scan_state = models.CharField(max_length=12, choices=ScanState, default=ScanState.PENDING)
    refusal = models.CharField(max_length=12, blank=True)
    served = models.FileField(max_length=120, blank=True)
    served_size = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("uploaded_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(contribution__isnull=False, accreditation=None)
                | Q(contribution=None, accreditation__isnull=False),
                name="attachment_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(scan_state__in=("clean", "not_scanned"), served_size__gt=0) & ~Q(served="")
                | ~Q(scan_state__in=("clean", "not_scanned")) & Q(served="", served_size=0),
                name="attachment_served_only_when_checked",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_served(self) -> bool:
        return self.scan_state in SERVED_STATES
