"""Contacts of authorities, by State and service."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Language
from accounts.models import Institution
from networks.enums import (
    DeskVisibility,
    Service,
)
from networks.models.common import has_text
from networks.querysets import (
    DeskQuerySet,
)

STEMMERS = ("simple", "spanish", "english", "french", "portuguese")


class Desk(models.Model):
    """Where another authority can turn: one service of one institution, with its ways and hours."""

    STALE_AFTER = timedelta(days=180)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="desks")
    service = models.CharField(max_length=20, choices=Service)
    name = models.CharField(max_length=200)
    name_language = models.CharField(max_length=5, choices=Language)
    languages = ArrayField(models.CharField(max_length=5, choices=Language))  # spoken there
    hours = models.CharField(max_length=120, blank=True)
    response_hours = models.PositiveSmallIntegerField(null=True, blank=True)  # as the institution says
    phone = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=250, blank=True)
    notes = models.TextField(blank=True)
    visibility = models.CharField(max_length=12, choices=DeskVisibility, default=DeskVisibility.AUTHORITIES)
    source = models.CharField(max_length=300, blank=True)
    verified_on = models.DateField()
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(null=True, blank=True)
    # Words in four languages without accents (queries.search_words); the vector follows by itself.
    search_text = models.TextField(editable=False)
    search = models.GeneratedField(
        expression=(
            SearchVector("search_text", config=STEMMERS[0])
            + SearchVector("search_text", config=STEMMERS[1])
            + SearchVector("search_text", config=STEMMERS[2])
            + SearchVector("search_text", config=STEMMERS[3])
            + SearchVector("search_text", config=STEMMERS[4])
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = DeskQuerySet.as_manager()

    class Meta:
        ordering = ("institution__state__iso2", "service", "name", "pk")
        indexes = [GinIndex(fields=["search"], name="desk_search")]
        constraints = [
            has_text("desk_has_name", "name"),
            models.CheckConstraint(
                condition=Q(phone__gt="") | Q(email__gt="") | Q(address__gt=""), name="desk_can_be_reached"
            ),
            models.CheckConstraint(condition=Q(languages__len__gte=1), name="desk_speaks_a_language"),
            models.UniqueConstraint(
                fields=("institution", "service", "name"), condition=Q(closed_on=None), name="desk_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("desk_detail", args=[self.public_id])

    @property
    def is_stale(self) -> bool:
        return self.verified_on < timezone.localdate() - self.STALE_AFTER

    @property
    def language_names(self) -> str:
        return ", ".join(Language(code).label for code in self.languages)
