"""More time for a report, and what people are told."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workplan.enums import (
    NOT_YET_SENT,
    Decision,
    NotificationKind,
)
from workplan.models.reports import Report
from workplan.querysets import (
    ExtensionQuerySet,
    NotificationQuerySet,
)

User = settings.AUTH_USER_MODEL


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
