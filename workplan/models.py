"""The Work Plan, its catalogue of activities, the rounds of reporting and the reports of States and Secretariat."""

import uuid
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager as EntryGrantManager
from guardian.models import UserObjectPermissionBase

from accounts.enums import Language
from accounts.models import State
from core.enums import SERVED_STATES, ScanState
from core.i18n import Localized
from workplan.enums import (
    NOT_YET_SENT,
    ActionKind,
    Channel,
    Decision,
    EntryField,
    EvidenceType,
    ImplementationStatus,
    ImportState,
    NotificationKind,
    Obstacle,
    QuestionStatus,
    Refusal,
    RemovedPart,
    ReportStatus,
    Responsible,
    RoundStatus,
    Step,
    Theme,
    Visibility,
)
from workplan.querysets import (
    SECRETARIAT_TIME_ZONE,
    ActivityQuerySet,
    EntryDraftQuerySet,
    EntryGrantQuerySet,
    EntryPresenceQuerySet,
    EvidenceQuerySet,
    ExtensionQuerySet,
    ImportRunQuerySet,
    NotificationQuerySet,
    QuestionQuerySet,
    ReportEntryQuerySet,
    ReportPaperQuerySet,
    ReportQuerySet,
    ReportVersionQuerySet,
    RoundQuerySet,
)

User = settings.AUTH_USER_MODEL


class NoNegativeNumber(models.Func):
    """Whether no value of a JSON object is a number below zero."""

    template = "NOT jsonb_path_exists(%(expressions)s, '$.* ? (@ < 0)')"
    output_field = models.BooleanField()


class Plan(models.Model):
    """A work plan adopted by the General Assembly. Its end date has a history (PlanAmendment)."""

    slug = models.SlugField(unique=True)
    title_es = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    title_fr = models.CharField(max_length=200)
    title_pt_br = models.CharField(max_length=200)
    resolution = models.CharField(max_length=80)
    adopted_on = models.DateField()
    start_date = models.DateField()
    original_end_date = models.DateField()
    source = models.CharField(max_length=300)

    title = Localized("title")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(original_end_date__gt=F("start_date")), name="plan_dates"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def end_date(self) -> date:
        """The date in force: that of the latest amendment."""
        last = self.amendments.order_by("-decided_on").first()
        return last.new_end_date if last else self.original_end_date


class PlanAmendment(models.Model):
    """A decision that changed the plan's term."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="amendments")
    decided_on = models.DateField()
    meeting = models.CharField(max_length=160)
    symbol = models.CharField(max_length=80, blank=True)
    new_end_date = models.DateField()
    text_es = models.TextField()
    text_en = models.TextField()
    text_fr = models.TextField()
    text_pt_br = models.TextField()
    source = models.CharField(max_length=300)

    text = Localized("text")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("plan", "decided_on"), name="amendment_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.decided_on}"


class Area(models.Model):
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="areas")
    code = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    title_es = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    title_fr = models.CharField(max_length=120)
    title_pt_br = models.CharField(max_length=120)

    title = Localized("title")

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=("plan", "code"), name="area_code")]

    def __str__(self) -> str:
        return self.title


class Catalogue(models.Model):
    """One version of the plan's list of activities. A round points to one; a new list is a new version."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="catalogues")
    number = models.PositiveSmallIntegerField()
    is_official = models.BooleanField(default=False)  # text verified against the annex of the resolution
    is_current = models.BooleanField(default=False)
    source = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)  # of the file it was read from
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("plan", "number")
        constraints = [
            models.UniqueConstraint(fields=("plan", "number"), name="catalogue_number"),
            models.UniqueConstraint(fields=("plan",), condition=Q(is_current=True), name="catalogue_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class Activity(models.Model):
    catalogue = models.ForeignKey(Catalogue, on_delete=models.PROTECT, related_name="activities")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="activities")
    code = models.CharField(max_length=12)  # provisional code of the portal
    official_number = models.CharField(max_length=24, null=True, blank=True)  # noqa: DJ001 - unknown is not ""
    position = models.PositiveSmallIntegerField()
    responsible = models.CharField(max_length=24, choices=Responsible)
    themes = ArrayField(models.CharField(max_length=2, choices=Theme), default=list)
    basis = models.CharField(max_length=200, blank=True)
    verified = models.BooleanField(default=False)  # text verified against AG/RES. 2551
    title_es = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    title_fr = models.CharField(max_length=300)
    title_pt_br = models.CharField(max_length=300)
    text_es = models.TextField()
    text_en = models.TextField()
    text_fr = models.TextField()
    text_pt_br = models.TextField()

    objects = ActivityQuerySet.as_manager()

    title = Localized("title")
    text = Localized("text")

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("catalogue", "code"), name="activity_code"),
            models.UniqueConstraint(fields=("catalogue", "official_number"), name="activity_official_number"),
            models.CheckConstraint(
                condition=Q(title_es__gt="", title_en__gt="", title_fr__gt="", title_pt_br__gt=""),
                name="activity_title_in_four_languages",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """The official number once there is one; the provisional code until then."""
        return self.official_number or self.code

    @property
    def theme_pairs(self) -> list[tuple[str, str]]:
        """Code and words of each theme, in the order of the Conclusions."""
        return [(theme.value, str(theme.label)) for theme in Theme if theme.value in self.themes]


class Round(models.Model):
    """A period for which every State and the Secretariat report."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="rounds")
    catalogue = models.ForeignKey(Catalogue, on_delete=models.PROTECT, related_name="rounds")
    code = models.CharField(max_length=12, unique=True)  # such as 2014-1
    period_start = models.DateField()
    period_end = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=12, choices=RoundStatus, default=RoundStatus.DRAFT)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("-period_start",)
        constraints = [
            models.CheckConstraint(condition=Q(period_end__gt=F("period_start")), name="round_period"),
            models.CheckConstraint(condition=Q(due_on__gt=F("period_start")), name="round_due"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(opened_at__isnull=False), name="round_opened_has_time"
            ),
            models.CheckConstraint(
                condition=Q(status="frozen", frozen_at__isnull=False) | ~Q(status="frozen") & Q(frozen_at=None),
                name="round_frozen_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def previous(self) -> "Round | None":
        return Round.objects.filter(plan=self.plan_id, period_start__lt=self.period_start).first()


class Report(models.Model):
    """What one State (or, with no State, the General Secretariat) reports in a round."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="reports")
    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT, related_name="reports")
    reference = models.CharField(max_length=20, unique=True)  # CR-2014-1; SG-2014-1 for the Secretariat
    status = models.CharField(max_length=20, choices=ReportStatus, default=ReportStatus.IN_PREPARATION)
    language = models.CharField(max_length=5, choices=Language)
    extended_to = models.DateField(null=True)  # the date of the last extension granted
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    one_person_office = models.BooleanField(default=False)  # as declared when it was approved
    submitted_at = models.DateTimeField(null=True)  # first submission
    accepted_at = models.DateTimeField(null=True)
    accepted_version = models.OneToOneField(
        "ReportVersion", null=True, on_delete=models.PROTECT, related_name="accepted_for"
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("reference",)
        constraints = [
            models.UniqueConstraint(fields=("round", "state"), nulls_distinct=False, name="report_one_per_reporter"),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | Q(one_person_office=True)
                | Q(sent_by__isnull=False) & ~Q(approved_by=F("sent_by")),
                name="report_author_is_not_approver",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("in_preparation", "with_coordinator")) | Q(submitted_at__isnull=False),
                name="report_submitted_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", accepted_version__isnull=False, accepted_at__isnull=False)
                | ~Q(status="accepted") & Q(accepted_version=None, accepted_at=None),
                name="report_accepted_has_version",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("report_detail", args=[self.reference])

    @property
    def due_on(self) -> date:
        """The effective date: the last one granted, or the round's."""
        return self.extended_to or self.round.due_on

    @property
    def time_zone(self) -> ZoneInfo:
        """Deadlines last to midnight where the reporter is."""
        return ZoneInfo(self.state.time_zone if self.state else SECRETARIAT_TIME_ZONE)

    @property
    def today(self) -> date:
        return timezone.localdate(timezone=self.time_zone)

    @property
    def chain(self) -> str:
        """Audit chain of the reporter."""
        return self.state.iso2 if self.state else "SG"


class ReportEntry(models.Model):
    """The answer to one activity. Edited in place until submission; ReportVersion keeps what was sent."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="entries")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="entries")
    status = models.CharField(max_length=16, choices=ImplementationStatus, blank=True)
    reason = models.TextField(blank=True)  # why it does not apply
    narrative = models.TextField(blank=True)
    results = models.TextField(blank=True)
    obstacles = models.TextField(blank=True)
    obstacle_kinds = ArrayField(models.CharField(max_length=16, choices=Obstacle), default=list, blank=True)
    language = models.CharField(max_length=5, choices=Language)
    is_ready = models.BooleanField(default=False)
    # Copied from that period and not confirmed yet by anybody.
    carried_from = models.ForeignKey(Round, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Written by somebody it was handed to; it stands once one of those who write the whole report has saved it.
    proposed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)  # optimistic lock, one per entry
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ReportEntryQuerySet.as_manager()

    class Meta:
        ordering = ("activity__position",)
        constraints = [
            models.UniqueConstraint(fields=("report", "activity"), name="entry_one_per_activity"),
            models.CheckConstraint(
                condition=~Q(status="not_applicable") | Q(reason__gt=""), name="entry_not_applicable_has_reason"
            ),
            models.CheckConstraint(condition=Q(is_ready=False) | Q(status__gt=""), name="entry_ready_has_status"),
            models.CheckConstraint(condition=Q(is_ready=False) | Q(carried_from=None), name="entry_ready_is_confirmed"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.activity_id}"

    def get_absolute_url(self) -> str:
        return reverse("entry_edit", args=[self.report.reference, self.activity.code])

    @property
    def progress(self) -> str:
        """Code of the task list: not_started, in_progress, proposed or ready."""
        if self.proposed_by_id:
            return "proposed"
        if self.is_ready:
            return "ready"
        return "in_progress" if self.version > 1 else "not_started"


class EntryUserObjectPermission(UserObjectPermissionBase):
    """An entry handed to one person of another institution of the same State (guardian, direct foreign key)."""

    content_object = models.ForeignKey(ReportEntry, on_delete=models.CASCADE, related_name="grants")
    reason = models.CharField(max_length=300, blank=True)
    valid_to = models.DateField(null=True, blank=True)  # last day
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    objects = EntryGrantManager.from_queryset(EntryGrantQuerySet)()  # type: ignore[misc]


class Action(models.Model):
    """Something carried out in the period; conclusions of the Third Meeting ask for countable things."""

    entry = models.ForeignKey(ReportEntry, on_delete=models.CASCADE, related_name="actions")
    kind = models.CharField(max_length=20, choices=ActionKind)
    title = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    details = models.JSONField(default=dict, blank=True)  # of its kind (enums.DETAILS); what is blank is not there

    class Meta:
        ordering = ("starts_on", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="action_dates"),
            models.CheckConstraint(condition=NoNegativeNumber("details"), name="action_counts_not_negative"),
        ]

    def __str__(self) -> str:
        return self.title


class EntryDraft(models.Model):
    """What somebody typed into an entry and has not saved: raw, unchecked, and theirs alone.

    The row outlives its text: `page`, `sequence` and `ended` tell a late autosave from a new one.
    """

    entry = models.ForeignKey(ReportEntry, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    entry_version = models.PositiveIntegerField()  # of the answer the person had before them
    answer = models.JSONField(default=dict)  # posted names, each with its values; empty: nothing is unsaved
    page = models.UUIDField()  # on which it was typed
    sequence = models.PositiveIntegerField()  # of the page's sendings
    ended = models.JSONField(default=list)  # pages whose text was saved, each with its last sequence
    is_discarded = models.BooleanField(default=False)  # can be brought back until something else is typed
    kept_at = models.DateTimeField(default=timezone.now)

    objects = EntryDraftQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("entry", "user"), name="draft_one_per_person")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.user_id}"

    @property
    def mark(self) -> str:
        """Names this very text, so that a page can say which one it shows."""
        return f"{self.page}:{self.sequence}"


class EntryPresence(models.Model):
    """Somebody has the form of an entry open. Told to whoever opens it too; nobody is locked out."""

    entry = models.ForeignKey(ReportEntry, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    objects = EntryPresenceQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("entry", "user"), name="presence_one_per_person")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.user_id}"


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


class Extension(models.Model):
    """More time for one report: asked for by the focal point, decided by the Secretariat. Nothing is overwritten."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="extensions")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    requested_date = models.DateField()
    reason = models.TextField()
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    new_date = models.DateField(null=True)
    decision_reason = models.TextField(blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ("requested_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(reason__gt=""), name="extension_has_reason"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None, new_date=None, decision_reason="")
                | Q(decision="granted", decided_by__isnull=False, decided_at__isnull=False, new_date__isnull=False)
                | Q(decision="refused", decided_by__isnull=False, decided_at__isnull=False, new_date=None)
                & Q(decision_reason__gt=""),
                name="extension_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="extension_decided_by_another"
            ),
            models.UniqueConstraint(fields=("report",), condition=Q(decision=""), name="extension_one_open"),
        ]
        verbose_name = _("extension")

    def __str__(self) -> str:
        return f"{self.report_id} {self.requested_date}"


class Digest(models.Model):
    """The one mail that a person gets on a day, if there is something to say."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("user", "day"), name="digest_one_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class Notification(models.Model):
    """Something a person is told once: on a page, and in the digest of the day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=NotificationKind)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()  # the effective date it speaks of: a date moved is spoken of anew
    offset = models.SmallIntegerField(default=0)  # days from that date; a reminder's place in the series
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    digest = models.ForeignKey(Digest, null=True, on_delete=models.PROTECT, related_name="notifications")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("user", "kind", "report", "due_on", "offset"), name="notification_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.report_id} {self.offset}"

    @property
    def is_current(self) -> bool:
        """Whether it need still be said: a reminder goes with the date that is in force and a report that waits."""
        if self.kind != NotificationKind.DEADLINE:
            return True
        return self.report.status in NOT_YET_SENT and self.report.due_on == self.due_on


class DigestChoice(models.Model):
    """Somebody who does not want the digest as a mail; the page shows it all the same."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    by_mail = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.by_mail}"


class ImportRun(models.Model):
    """One file of answers, read once: what it would change, what is wrong in it, and how to undo it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="imports")
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.READ)
    channel = models.CharField(max_length=16, choices=Channel, blank=True)  # where the Secretariat does it for a State
    file_name = models.CharField(max_length=120)  # cleaned (core.sanitize.names)
    sha256 = models.CharField(max_length=64)
    table = models.JSONField()  # the cells as they were read, to be given back with the problems marked
    lines = models.JSONField()  # rows without a problem: what each would make of its entry
    problems = models.JSONField()  # the others; kept as what is left to do where the rest was imported
    undo = models.JSONField(default=list)  # of each entry changed: its content before, its version after
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    imported_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="read", imported_at=None, undone_at=None, undone_by=None)
                | Q(state="imported", imported_at__isnull=False, undone_at=None, undone_by=None)
                | Q(state="undone", imported_at__isnull=False, undone_at__isnull=False, undone_by__isnull=False),
                name="import_state_has_times",
            ),
        ]
        verbose_name = _("import")

    def __str__(self) -> str:
        return f"{self.report_id} {self.file_name}"

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.public_id])
