"""A State's consent that what was accepted is shown to everybody."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from workplan.models.versions import ReportVersion
from workplan.querysets import PublicConsentQuerySet

User = settings.AUTH_USER_MODEL


class PublicConsent(models.Model):
    """Given for one accepted version, and taken back by its end. A report that is opened again is not shown."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    version = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="consents")
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = PublicConsentQuerySet.as_manager()

    class Meta:
        ordering = ("given_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("version",), condition=Q(ended_at=None), name="public_consent_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__gte=F("given_at"), ended_by__isnull=False),
                name="public_consent_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.given_at}"
