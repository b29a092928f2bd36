"""States, institutions and the people who act for them. Institutions own things; people come and go."""

import unicodedata
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.enums import (
    SERVED_STATES,
    BodyType,
    Confidence,
    FactorNotice,
    Identified,
    InstitutionKind,
    Language,
    NoteRefusal,
    Role,
    ScanState,
)
from accounts.querysets import (
    AppointmentQuerySet,
    FactorResetQuerySet,
    InstitutionQuerySet,
    InvitationQuerySet,
    NoteDocumentQuerySet,
    OfStateQuerySet,
    RoleAssignmentQuerySet,
    StateQuerySet,
    UserQuerySet,
)
from core.i18n import Localized


def _dates_in_order(name: str) -> models.CheckConstraint:
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
            _dates_in_order("state_membership_dates"),
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
            _dates_in_order("grouping_member_dates"),
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
            _dates_in_order("institution_dates"),
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


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user  # type: ignore[no-any-return]


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do follows from their current roles, never from a flag on the person."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    full_name = models.CharField(_("full name"), max_length=120)
    language = models.CharField(_("language"), max_length=5, choices=Language, default=Language.EN)
    time_zone = models.CharField(max_length=40, default="UTC")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    roles_now: "list[RoleAssignment]"  # filled by UserQuerySet.with_roles
    session_epoch = models.PositiveIntegerField(default=0)  # raised to end every session, services.end_sessions

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ("full_name",)
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_ci"),
            # A superuser would pass every object permission: there is none, and the database holds that.
            models.CheckConstraint(condition=Q(is_superuser=False), name="user_never_superuser"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django compares this at every request: a new password or a new epoch ends all sessions at the next one."""
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class RoleAssignment(models.Model):
    """A person holds a role in an institution from one day to another."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="role_assignments")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=24, choices=Role)
    valid_from = models.DateField(default=timezone.localdate)
    valid_to = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="granted_roles"
    )
    reason = models.CharField(max_length=300, blank=True)
    # Ended by a person before its day, at once; `valid_to` is the last day, and a day is too long to wait.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        # Two triggers more, in migration 0003: the role fits the institution, and nobody acts for two States.
        constraints = [
            _dates_in_order("role_assignment_dates"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(valid_to__isnull=False), name="role_assignment_ended_has_day"
            ),
            models.UniqueConstraint(
                fields=("user", "institution", "role"), condition=Q(valid_to=None), name="role_assignment_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Invitation(models.Model):
    """A role offered to an address. The link works once; the database holds its digest alone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"))
    full_name = models.CharField(_("full name"), max_length=120)
    language = models.CharField(_("language"), max_length=5, choices=Language)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=24, choices=Role)
    valid_from = models.DateField(default=timezone.localdate)  # of the role, once accepted
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    issue = models.PositiveSmallIntegerField(default=1)  # each sending has a link of its own; earlier ones are void
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-invited_at",)
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "institution",
                "role",
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_pending_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_accepted_or_revoked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.role}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class FocalPointAppointment(models.Model):
    """The State names its focal point by note verbale; one is in force at a time."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="appointments")
    # Nobody until a person who had no account accepts the invitation.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="appointments")
    invitation = models.OneToOneField(Invitation, null=True, on_delete=models.PROTECT, related_name="appointment")
    note_verbale = models.CharField(max_length=80)
    note_date = models.DateField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    documents_now: "list[NoteDocument]"  # filled by AppointmentQuerySet.with_documents

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ("-valid_from", "-pk")
        constraints = [
            _dates_in_order("appointment_dates"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(invitation__isnull=False), name="appointment_of_somebody"
            ),
            models.UniqueConstraint(fields=("state",), condition=Q(valid_to=None), name="appointment_one_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.note_verbale}"


class NoteDocument(models.Model):
    """The note verbale itself. Another file takes its place; the original lies in quarantine and is never given out."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    appointment = models.ForeignKey(FocalPointAppointment, on_delete=models.PROTECT, related_name="documents")
    original_name = models.CharField(max_length=120)  # cleaned (core.sanitize.names)
    kind = models.CharField(max_length=8)  # by content: enums.NOTE_KINDS
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)  # of the original, as it was handed in
    original = models.FileField(max_length=120)  # named by its hash (core.files)
    scan_state = models.CharField(max_length=12, choices=ScanState, default=ScanState.PENDING)
    refusal = models.CharField(max_length=12, choices=NoteRefusal, blank=True)
    served = models.FileField(max_length=120, blank=True)
    served_size = models.PositiveIntegerField(default=0)
    served_sha256 = models.CharField(max_length=64, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    objects = NoteDocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("pdf", "jpeg", "png")), name="note_document_kind"),
            models.CheckConstraint(
                condition=Q(size__gt=0, size__lte=10 * 1024 * 1024, sha256__regex=r"^[0-9a-f]{64}$") & ~Q(original=""),
                name="note_document_has_original",
            ),
            # An infected or refused file cannot be given out, whatever the code does: there is nothing to give.
            models.CheckConstraint(
                condition=Q(scan_state__in=("clean", "not_scanned"), served_size__gt=0)
                & Q(served_sha256__regex=r"^[0-9a-f]{64}$")
                & ~Q(served="")
                | ~Q(scan_state__in=("clean", "not_scanned")) & Q(served="", served_size=0, served_sha256=""),
                name="note_document_served_when_checked",
            ),
            models.CheckConstraint(
                condition=Q(scan_state="refused") & ~Q(refusal="") | ~Q(scan_state="refused") & Q(refusal=""),
                name="note_document_refused_says_why",
            ),
            models.UniqueConstraint(
                fields=("appointment",), condition=Q(replaced_at=None), name="note_document_one_stands"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_served(self) -> bool:
        return self.scan_state in SERVED_STATES


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
