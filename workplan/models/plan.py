"""The Work Plan and its catalogue of activities."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.i18n import Localized
from workplan.enums import (
    Responsible,
    Theme,
)
from workplan.querysets import (
    ActivityQuerySet,
)


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
    def is_for_states(self) -> bool:
        return self.responsible != Responsible.GENERAL_SECRETARIAT

    @property
    def theme_pairs(self) -> list[tuple[str, str]]:
        """Code and words of each theme, in the order of the Conclusions."""
        return [(theme.value, str(theme.label)) for theme in Theme if theme.value in self.themes]
