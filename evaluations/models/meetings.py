"""The register of the Meetings of National Authorities: what they dealt with, decided, and what became of it.

Everything here is public. What is not known is empty; nothing is guessed.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from accounts.models import State
from core.i18n import Localized
from evaluations.enums import FollowUpStatus, OfficerRole
from evaluations.querysets import RegisterQuerySet
from workplan.enums import Responsible

User = settings.AUTH_USER_MODEL
KEPT = ("SELECT", "INSERT", "UPDATE")  # a register is corrected, never emptied
CONCLUSION = r"^[1-9][0-9]?[a-z]?$"


class Meeting(models.Model):
    app_rights = KEPT

    number = models.PositiveSmallIntegerField(unique=True)
    title_es = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    title_fr = models.CharField(max_length=200)
    title_pt_br = models.CharField(max_length=200)
    place_es = models.CharField(max_length=120)
    place_en = models.CharField(max_length=120)
    place_fr = models.CharField(max_length=120)
    place_pt_br = models.CharField(max_length=120)
    host = models.ForeignKey(State, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    series = models.CharField(max_length=40, blank=True)  # such as OEA/Ser.K/XXXIX.3

    title = Localized("title")
    place = Localized("place")
    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="meeting_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("register_detail", args=[self.number])


class Officer(models.Model):
    """Who chaired a Meeting or reported from it, as its papers name them."""

    app_rights = KEPT

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="officers")
    role = models.CharField(max_length=12, choices=OfficerRole)
    name = models.CharField(max_length=120)
    state = models.ForeignKey(State, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("meeting", "role", "name"), name="officer_once")]

    def __str__(self) -> str:
        return self.name


class AgendaItem(models.Model):
    app_rights = KEPT

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="agenda")
    position = models.PositiveSmallIntegerField()
    title_es = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    title_fr = models.CharField(max_length=300)
    title_pt_br = models.CharField(max_length=300)
    source = models.CharField(max_length=300)

    title = Localized("title")

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=("meeting", "position"), name="agenda_position_once")]

    def __str__(self) -> str:
        return self.title


class MeetingDocument(models.Model):
    """One revision of a paper of a Meeting. A later revision is another row, so that both can be cited."""

    app_rights = KEPT

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="papers")
    symbol = models.CharField(max_length=80, blank=True)
    revision = models.PositiveSmallIntegerField(null=True, blank=True)
    dated_on = models.DateField(null=True, blank=True)
    original_language = models.CharField(max_length=5, choices=Language, blank=True)
    title = models.CharField(max_length=300)
    title_language = models.CharField(max_length=5, choices=Language)
    note = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300)

    class Meta:
        ordering = ("dated_on", "symbol", "revision")
        constraints = [
            models.UniqueConstraint(
                fields=("meeting", "symbol", "revision"), condition=~Q(symbol=""), nulls_distinct=False,
                name="paper_revision_once",
            ),
            models.CheckConstraint(condition=Q(revision=None) | ~Q(symbol=""), name="paper_revision_of_a_symbol"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.reference or self.title

    @property
    def reference(self) -> str:
        """As it is cited: RTP-III/doc.10/12 rev. 1."""
        return f"{self.symbol} rev. {self.revision}" if self.revision else self.symbol


class Conclusion(models.Model):
    """One point that a Meeting agreed on: 1 to 6 and 4a to 4h of the Third. The words are a summary of the portal's."""

    app_rights = KEPT

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="conclusions")
    number = models.CharField(
        max_length=4, validators=[RegexValidator(CONCLUSION, _("Write a number with or without a letter, such as 4a"))]
    )
    position = models.PositiveSmallIntegerField()
    meaning_es = models.TextField()
    meaning_en = models.TextField()
    meaning_fr = models.TextField()
    meaning_pt_br = models.TextField()
    source = models.CharField(max_length=300)
    # Who is to act, in which activities of the Work Plan, by when; without a responsible party there is nothing to do.
    responsible = models.CharField(max_length=24, choices=Responsible, blank=True)
    activities = ArrayField(models.CharField(max_length=12), default=list, blank=True)  # codes of the catalogue
    due_on = models.DateField(null=True, blank=True)

    meaning = Localized("meaning")

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("meeting", "number"), name="conclusion_once"),
            models.CheckConstraint(condition=Q(number__regex=CONCLUSION), name="conclusion_number_form"),
        ]

    def __str__(self) -> str:
        return self.number


class FollowUp(models.Model):
    """What became of a conclusion by a certain day. Each is kept; the last one says how it stands."""

    app_rights = ("SELECT", "INSERT")

    conclusion = models.ForeignKey(Conclusion, on_delete=models.PROTECT, related_name="follow_ups")
    status = models.CharField(max_length=12, choices=FollowUpStatus)
    text = models.TextField()
    language = models.CharField(max_length=5, choices=Language)
    who = models.CharField(max_length=200, blank=True)  # whoever acts, where it is narrower than the party
    due_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [models.CheckConstraint(condition=Q(text__gt=""), name="follow_up_says_what")]

    def __str__(self) -> str:
        return f"{self.conclusion_id} {self.status}"
