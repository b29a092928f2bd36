"""Filters that somebody keeps under a name: no rows, so that each reader sees what they may see today."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.people import User
from accounts.models.states import Institution
from accounts.querysets import SavedViewQuerySet


class SavedView(models.Model):
    """A list or the dashboard with its filters. Shared, it is a name and an address and nothing more."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views")
    institution = models.ForeignKey(Institution, null=True, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=80)
    page = models.CharField(max_length=40)  # the name of its address
    query = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)  # it can be brought back for a while
    pinned_by = models.ManyToManyField(User, through="ViewPin", related_name="pinned_views")

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(name__gt=""), name="saved_view_has_name"),
            models.CheckConstraint(condition=Q(query__regex=r"^[A-Za-z0-9_.=&-]*$"), name="saved_view_query_of_codes"),
        ]

    def __str__(self) -> str:
        return self.name


class ViewPin(models.Model):
    """On whose start page a view stands."""

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="pins")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("view", "user"), name="view_pin_once")]

    def __str__(self) -> str:
        return f"{self.view_id} {self.user_id}"
