"""Keys to the API."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.enums import KeyScope
from accounts.models.states import Institution
from accounts.querysets import ApiKeyQuerySet


class ApiKey(models.Model):
    """An institution's key to the API, in the name of one of its people. The database holds its digest alone."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="api_keys")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_keys")
    label = models.CharField(max_length=80)
    scope = models.CharField(max_length=8, choices=KeyScope)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(label__gt=""), name="api_key_has_label"),
            models.CheckConstraint(condition=Q(scope__in=KeyScope.values), name="api_key_scope"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_key_ends"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="api_key_is_a_digest"),
        ]

    def __str__(self) -> str:
        return self.label
