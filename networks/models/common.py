"""What the texts and dates of several models have in common."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.enums import Language
from accounts.models import Institution


def dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")), name=name
    )


def has_text(name: str, field: str = "text") -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__gt": ""}), name=name)


class CheckedText(models.Model):
    """A text of a person, in its own language, that the identity guard has read."""

    text = models.TextField()
    language = models.CharField(max_length=5, choices=Language)
    identity_reason = models.CharField(max_length=300, blank=True)  # why it names no victim, where the guard warned
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
