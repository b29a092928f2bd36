"""People, the roles they hold, and roles that are offered to them."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.enums import TWO_PERSON_ROLES, Language, Role
from accounts.models.states import Institution, dates_in_order
from accounts.querysets import (
    InvitationQuerySet,
    RoleAssignmentQuerySet,
    UserQuerySet,
)


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
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    # Ended by a person before its day, at once; `valid_to` is the last day, and a day is too long to wait.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        # Three triggers more, in migrations 0004 and 0010: the role fits the institution, nobody acts for two States,
        # and what somebody gives of TWO_PERSON_ROLES names who confirmed it.
        constraints = [
            dates_in_order("role_assignment_dates"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(valid_to__isnull=False), name="role_assignment_ended_has_day"
            ),
            # What was given against the rule before there was one has been ended by migration 0009.
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("user")) | Q(ended_at__isnull=False),
                name="role_assignment_not_by_oneself",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("granted_by")) & ~Q(confirmed_by=F("user")),
                name="role_assignment_two_people",
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
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
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
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("invited_by")),
                name="invitation_two_people",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | Q(confirmed_by=None) | ~Q(confirmed_by=F("accepted_by")),
                name="invitation_not_confirmed_by_invited",
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
    def waits_for_second(self) -> bool:
        """Whether somebody has yet to confirm it, before its link is sent."""
        return self.role in TWO_PERSON_ROLES and self.confirmed_at is None

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()
