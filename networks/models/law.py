"""National plans and treaties: what a State says of its law, with the days from which the rest is computed."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from accounts.models import State
from core.i18n import Localized
from networks.enums import Act, Force, force_on
from networks.models.common import has_text
from networks.querysets import InstrumentQuerySet, LawQuerySet, PlanQuerySet


class LegalInstrument(models.Model):
    """A treaty on which States say where they stand: reference data, each with its source (data/instruments.csv)."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    code = models.CharField(max_length=12, unique=True)  # the depositary's own, the same in every language
    name_es = models.CharField(max_length=250)
    name_en = models.CharField(max_length=250)
    name_fr = models.CharField(max_length=250)
    name_pt_br = models.CharField(max_length=250)
    adopted_on = models.DateField()
    source = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField()

    objects = InstrumentQuerySet.as_manager()

    name = Localized("name")

    class Meta:
        ordering = ("position", "code")
        constraints = [has_text("instrument_has_source", "source")]

    def __str__(self) -> str:
        return self.name


class LawRecord(models.Model):
    """What a State entered. It is removed from sight and never from the table, so that it can be put back."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(max_length=300)
    identity_reason = models.CharField(max_length=300, blank=True)  # why it names no victim, where the guard warned
    version = models.PositiveIntegerField(default=1)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class NationalPlan(LawRecord):
    """A national plan or policy with its dates. Whether it is in force is asked of them, never of anybody."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="national_plans")
    title = models.CharField(max_length=250)
    language = models.CharField(max_length=5, choices=Language)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # none: no end is set
    adopted_by = models.CharField(max_length=200)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ("-valid_from", "title", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="national_plan_dates",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(
                fields=("state", "title", "valid_from"),
                condition=Q(removed_at=None),
                name="national_plan_once",
                violation_error_message=_("This plan is in the register already."),
            ),
            has_text("national_plan_has_title", "title"),
            has_text("national_plan_has_decision", "adopted_by"),
            has_text("national_plan_has_source", "source"),
        ]

    def __str__(self) -> str:
        return self.title

    def force_on(self, day: date) -> Force:
        return force_on(day, self.valid_from, self.valid_to)


class InstrumentAct(LawRecord):
    """A State signs, ratifies, accedes to or denounces a treaty; a trigger holds that the treaty was there by then."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="instrument_acts")
    instrument = models.ForeignKey(LegalInstrument, on_delete=models.PROTECT, related_name="acts")
    act = models.CharField(max_length=9, choices=Act)
    done_on = models.DateField()

    objects = LawQuerySet.as_manager()

    class Meta:
        ordering = ("instrument__position", "done_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("state", "instrument", "act", "done_on"),
                condition=Q(removed_at=None),
                name="instrument_act_once",
                violation_error_message=_("This is in the register already."),
            ),
            has_text("instrument_act_has_source", "source"),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.instrument_id} {self.act}"
