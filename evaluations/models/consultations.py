"""What each State was shown of itself before publication, and what it said about it."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.enums import Language
from accounts.models import State
from evaluations.enums import today
from evaluations.models.evaluations import Evaluation, Snapshot
from evaluations.querysets import ConsultationQuerySet, StateCommentQuerySet

User = settings.AUTH_USER_MODEL


class Consultation(models.Model):
    """The period in which States read their own part of one build and comment on it.

    A later one asks again those whose part has changed. What was said in the earlier one stays said.
    """

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="consultations")
    snapshot = models.OneToOneField(Snapshot, on_delete=models.PROTECT, related_name="consultation")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    closes_on = models.DateField()  # the last day for comments, by enums.CLOCK
    ended_at = models.DateTimeField(null=True)  # when a later one took its place
    asks = ArrayField(models.CharField(max_length=2), default=list, db_default=[])  # codes of States; none: all

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at",)

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.closes_on}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and today() <= self.closes_on

    @property
    def asked(self) -> set[str]:
        """Codes of the States that are asked to comment: all that were asked to report, or some of them."""
        states = getattr(self, "frozen_states", None)  # querysets.for_list reads them without the rest
        return set(self.asks) or {
            state["iso2"] for state in (self.snapshot.content["states"] if states is None else states)
        }

    def preview_url(self, iso2: str) -> str:
        return reverse("consultation_preview", args=[self.public_id, iso2.lower()])


class StateComment(models.Model):
    """One version of what a State says on an area, or on the whole; the documents print the last one word for word.

    An empty text takes back what was said.
    """

    app_rights = ("SELECT", "INSERT")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="comments")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=8, blank=True)  # empty: on the whole
    number = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    language = models.CharField(max_length=5, choices=Language)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = StateCommentQuerySet.as_manager()

    class Meta:
        ordering = ("state__iso2", "area", "number")
        constraints = [
            models.UniqueConstraint(fields=("consultation", "state", "area", "number"), name="comment_version_once"),
            models.CheckConstraint(condition=Q(number__gt=1) | Q(text__gt=""), name="comment_begins_with_words"),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.area} v{self.number}"
