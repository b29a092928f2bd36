"""Technical assistance, agreements and routes: responsibility that States share."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Language
from accounts.models import Institution, State
from networks.enums import (
    AssistanceSide,
    MatchStatus,
    RouteSide,
    Topic,
)
from networks.models.common import CheckedText, dates_in_order, has_text
from networks.querysets import (
    AgreementQuerySet,
    AssistanceQuerySet,
    RouteQuerySet,
)


class AssistanceItem(CheckedText):
    """What an authority needs, or what a State, the Secretariat or a partner offers."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    side = models.CharField(max_length=5, choices=AssistanceSide)
    topic = models.CharField(max_length=16, choices=Topic)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="assistance")
    title = models.CharField(max_length=160)
    activity_code = models.CharField(max_length=12, blank=True)
    closed_on = models.DateField(null=True)

    objects = AssistanceQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [has_text("assistance_has_title", "title"), has_text("assistance_has_text")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("assistance_detail", args=[self.public_id])


class AssistanceMatch(models.Model):
    """A need and an offer brought together; a trigger in migration 0002 holds that it is one of each."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    need = models.ForeignKey(AssistanceItem, on_delete=models.PROTECT, related_name="matches_as_need")
    offer = models.ForeignKey(AssistanceItem, on_delete=models.PROTECT, related_name="matches_as_offer")
    status = models.CharField(max_length=8, choices=MatchStatus, default=MatchStatus.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The side that did not propose decides.
    proposed_side = models.CharField(max_length=5, choices=AssistanceSide)
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("need", "offer"), name="match_once"),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at=None) | ~Q(status="proposed") & Q(decided_at__isnull=False),
                name="match_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.offer_id}"


class Agreement(models.Model):
    """A treaty, protocol or memorandum between States."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=250)
    language = models.CharField(max_length=5, choices=Language)
    parties = models.ManyToManyField(State, through="AgreementParty", related_name="agreements")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ("-valid_from", "pk")
        constraints = [
            dates_in_order("agreement_dates"),
            has_text("agreement_has_title", "title"),
            has_text("agreement_has_source", "source"),
        ]

    def __str__(self) -> str:
        return self.title


class AgreementParty(models.Model):
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="memberships")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("agreement", "state"), name="agreement_party_once")]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.state_id}"


class RouteFigure(models.Model):
    """How many victims of a year one State connects with another: rounded to base 10 before it is stored.

    The true count never enters this area, so no page, export or backup of it can give it away (docs/adr/0019).
    """

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="route_figures")
    side = models.CharField(max_length=12, choices=RouteSide)
    other = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    rounded = models.PositiveIntegerField()
    source = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = RouteQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "state__iso2", "other__iso2")
        constraints = [
            models.UniqueConstraint(fields=("state", "side", "other", "year"), name="route_figure_once"),
            models.CheckConstraint(condition=~Q(state=F("other")), name="route_between_two_states"),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="route_year"),
            models.CheckConstraint(condition=Q(rounded=F("rounded") / 10 * 10), name="route_figure_rounded"),
            has_text("route_has_source", "source"),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.side} {self.other_id} {self.year}"
