"""States of the Americas, their groupings, and the institutions that own what is in the portal."""

import unicodedata
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import BodyType, Confidence, InstitutionKind, Language
from accounts.querysets import (
    InstitutionQuerySet,
    StateQuerySet,
)
from core.i18n import Localized


def dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")), name=name
    )


class State(models.Model):
    """A member state of the OAS. Codes after ISO 3166-1."""

    iso2 = models.CharField(max_length=2, unique=True)
    iso3 = models.CharField(max_length=3, unique=True)
    numeric = models.CharField(max_length=3, unique=True)
    name_es = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    name_fr = models.CharField(max_length=80)
    name_pt_br = models.CharField(max_length=80)
    official_name_es = models.CharField(max_length=120)
    official_name_en = models.CharField(max_length=120)
    official_name_fr = models.CharField(max_length=120)
    official_name_pt_br = models.CharField(max_length=120)
    languages = ArrayField(models.CharField(max_length=5, choices=Language))
    time_zone = models.CharField(max_length=40)
    tile_row = models.PositiveSmallIntegerField(null=True)  # place on the tile map; none where not taking part
    tile_column = models.PositiveSmallIntegerField(null=True)
    one_person_office = models.BooleanField(default=False)  # declared by the State: one person writes and approves

    objects = StateQuerySet.as_manager()

    name = Localized("name")
    official_name = Localized("official_name")

    class Meta:
        ordering = ("iso2",)
        constraints = [
            models.CheckConstraint(condition=Q(iso2__regex=r"^[A-Z]{2}$"), name="state_iso2_form"),
            models.CheckConstraint(condition=Q(languages__len__gte=1), name="state_has_a_language"),
            models.UniqueConstraint(fields=("tile_row", "tile_column"), name="state_own_tile"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def language(self) -> str:
        """The State's first official language, used for messages until a person chooses."""
        return self.languages[0]

    @property
    def language_names(self) -> str:
        return ", ".join(Language(code).label for code in self.languages)

    @property
    def sort_key(self) -> str:
        """The name's place in the alphabet of the page's language: É beside E, not behind Z."""
        return unicodedata.normalize("NFD", self.name).casefold()


class StateMembership(models.Model):
    """A dated fact: the State is a member of the OAS, or takes part in the Work Plan."""

    class Kind(models.TextChoices):
        MEMBER = "member", _("Member State of the OAS")
        PARTICIPATES = "participates", _("Takes part in the Work Plan")

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="memberships")
    kind = models.CharField(max_length=16, choices=Kind)
    valid_from = models.DateField(null=True)  # empty: before anything recorded here
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            dates_in_order("state_membership_dates"),
            models.UniqueConstraint(
                fields=("state", "kind", "valid_from"), nulls_distinct=False, name="state_membership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.kind}"


class Grouping(models.Model):
    """A sub-regional grouping of States, as found in a public source."""

    slug = models.SlugField(unique=True)
    name_es = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160)
    name_fr = models.CharField(max_length=160)
    name_pt_br = models.CharField(max_length=160)
    acronym = models.CharField(max_length=20, blank=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300)
    confidence = models.CharField(max_length=12, choices=Confidence, default=Confidence.BACKGROUND)

    name = Localized("name")

    def __str__(self) -> str:
        return self.name


class GroupingMember(models.Model):
    """A State belongs to a grouping from one day to another; empty where no date was found."""

    grouping = models.ForeignKey(Grouping, on_delete=models.PROTECT, related_name="members")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="groupings")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300)
    confidence = models.CharField(max_length=12, choices=Confidence, default=Confidence.BACKGROUND)

    class Meta:
        constraints = [
            dates_in_order("grouping_member_dates"),
            models.UniqueConstraint(
                fields=("grouping", "state", "valid_from"), nulls_distinct=False, name="grouping_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grouping_id} {self.state_id}"


class Institution(models.Model):
    """A body that owns data in the portal: a national authority, a ministry, the Secretariat, a partner."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=InstitutionKind)
    state = models.ForeignKey(State, null=True, on_delete=models.PROTECT, related_name="institutions")
    name = models.CharField(max_length=250)  # in the institution's own language
    name_language = models.CharField(max_length=5, choices=Language)
    body_type = models.CharField(max_length=20, choices=BodyType, default=BodyType.OTHER)
    parent_institution = models.CharField(max_length=200, blank=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300, blank=True)
    confidence = models.CharField(max_length=12, choices=Confidence, default=Confidence.BACKGROUND)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            dates_in_order("institution_dates"),
            models.CheckConstraint(
                condition=Q(kind__in=("authority", "agency", "mission"), state__isnull=False)
                | Q(kind__in=("secretariat", "meeting", "partner"), state__isnull=True),
                name="institution_state_fits_kind",
            ),
            models.UniqueConstraint(fields=("state", "name"), nulls_distinct=False, name="institution_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def with_state(self) -> str:
        return f"{self.state} · {self.name}" if self.state else self.name

    @property
    def is_fact(self) -> bool:
        """Whether pages may show this body as established."""
        return self.confidence in {Confidence.CONFIRMED, Confidence.VERIFIED}
