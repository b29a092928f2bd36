"""What several people decide about one: a lost second factor taken away, access looked through."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.enums import FactorNotice, Identified
from accounts.models.people import User
from accounts.models.states import State
from accounts.querysets import (
    FactorResetQuerySet,
    OfStateQuerySet,
)


class FactorReset(models.Model):
    """Somebody lost their second factor: one person asks, another confirms, and a day passes before it is removed.

    A trigger of migration 0005 keeps what was said as it was said.
    """

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    identified = models.CharField(max_length=12, choices=Identified)
    reason = models.CharField(max_length=300)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at",)
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="factor_reset_has_reason"),
            models.CheckConstraint(condition=~Q(requested_by=F("person")), name="factor_reset_not_for_oneself"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("requested_by")) & ~Q(confirmed_by=F("person")),
                name="factor_reset_two_people",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, effective_at=None)
                | Q(
                    confirmed_by__isnull=False,
                    confirmed_at__gte=F("requested_at"),
                    effective_at__gte=F("confirmed_at") + timedelta(hours=24),
                ),
                name="factor_reset_takes_a_day",
            ),
            models.CheckConstraint(
                condition=Q(stopped_by=None, stopped_at=None) | Q(stopped_by__isnull=False, stopped_at__isnull=False),
                name="factor_reset_stopped_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(stopped_at=None, applied_at__gte=F("effective_at")),
                name="factor_reset_applied_in_time",
            ),
            models.UniqueConstraint(
                fields=("person",), condition=Q(stopped_at=None, applied_at=None), name="factor_reset_one_open"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def notice(self) -> FactorNotice:
        """How far it is, in the words of the mails."""
        if self.stopped_at is not None:
            return FactorNotice.STOPPED
        if self.applied_at is not None:
            return FactorNotice.APPLIED
        return FactorNotice.CONFIRMED if self.confirmed_at is not None else FactorNotice.REQUESTED


class AccessReview(models.Model):
    """Every quarter somebody goes through the people and says who stays. No State: Secretariat, partners."""

    app_rights = ("SELECT", "INSERT")

    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT, related_name="access_reviews")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(default=timezone.now)

    objects = OfStateQuerySet.as_manager()

    class Meta:
        ordering = ("-reviewed_at",)

    def __str__(self) -> str:
        return f"{self.state_id} {self.reviewed_at:%Y-%m-%d}"


class AccessDecision(models.Model):
    """What a review said about one person."""

    app_rights = ("SELECT", "INSERT")

    review = models.ForeignKey(AccessReview, on_delete=models.PROTECT, related_name="decisions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stays = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("review", "user"), name="access_decision_once")]

    def __str__(self) -> str:
        return f"{self.review_id} {self.user_id}"
