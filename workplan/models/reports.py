"""The rounds of reporting, the reports of States and Secretariat, and the answers in them."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from guardian.managers import UserObjectPermissionManager as EntryGrantManager
from guardian.models import UserObjectPermissionBase

from accounts.enums import Language
from accounts.models import State
from workplan.enums import (
    ActionKind,
    ImplementationStatus,
    Obstacle,
    ReportStatus,
    RoundStatus,
)
from workplan.models.plan import Activity, Catalogue, Plan
from workplan.querysets import (
    SECRETARIAT_TIME_ZONE,
    BlankFormQuerySet,
    EntryDraftQuerySet,
    EntryGrantQuerySet,
    EntryPresenceQuerySet,
    ReportEntryQuerySet,
    ReportQuerySet,
    RoundQuerySet,
)

User = settings.AUTH_USER_MODEL


class NoNegativeNumber(models.Func):
    """Whether no value of a JSON object is a number below zero."""

    template = "NOT jsonb_path_exists(%(expressions)s, '$.* ? (@ < 0)')"
    output_field = models.BooleanField()


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
        "workplan.ReportVersion", null=True, on_delete=models.PROTECT, related_name="accepted_for"
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


class BlankForm(models.Model):
    """A report's questions on paper, with room to write and no answer. Written once; another day on which it is due
    makes another."""

    app_rights = ("SELECT", "INSERT")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="forms")
    language = models.CharField(max_length=5, choices=Language)
    due_on = models.DateField()
    file = models.FileField(max_length=120)  # named by its hash (core.files)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)

    objects = BlankFormQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("report", "language", "due_on"), name="form_once"),
            models.CheckConstraint(
                condition=Q(size__gt=0, sha256__regex=r"^[0-9a-f]{64}$") & ~Q(file=""), name="form_has_content"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.language} {self.due_on}"


class ReportEntry(models.Model):
    """The answer to one activity. Edited in place until submission; ReportVersion keeps what was sent."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="entries")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="entries")
    status = models.CharField(max_length=16, choices=ImplementationStatus, blank=True)
    reason = models.TextField(blank=True)  # why it does not apply
    narrative = models.TextField(blank=True)
    results = models.TextField(blank=True)
    good_practice = models.TextField(blank=True, default="", db_default="")  # what others could take up
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
