"""Systems of institutions that are told when something happened, and what they were told: never any content."""

import uuid
from datetime import timedelta

from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.enums import HookKind, HookState, NoticeState
from accounts.models.states import Institution
from accounts.querysets import HookNoticeQuerySet, WebhookQuerySet
from core.envelope import cipher
from core.outgoing import Trouble

OVERLAP = timedelta(hours=24)  # in which both secrets sign, so that the other side can change its own in peace


class Webhook(models.Model):
    """An address of an institution's own system, and what it is told of."""

    app_rights = ("SELECT", "INSERT", "UPDATE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="webhooks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="webhooks")
    label = models.CharField(max_length=80)
    url = models.CharField(max_length=300)
    kinds = ArrayField(models.CharField(max_length=32, choices=HookKind))
    secret = models.CharField(max_length=300)  # sealed, as the next one
    old_secret = models.CharField(max_length=300, blank=True)
    rotated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(label__gt=""), name="webhook_has_label"),
            models.CheckConstraint(condition=Q(url__startswith="https://"), name="webhook_is_https"),
            models.CheckConstraint(condition=Q(kinds__len__gte=1), name="webhook_is_told_of_something"),
            models.CheckConstraint(
                condition=Q(kinds__contained_by=HookKind.values) & ~Q(kinds__contains=[HookKind.TEST]),
                name="webhook_kinds",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, secret__gt="") | Q(ended_at__isnull=False, secret="", old_secret=""),
                name="webhook_secret_ends_with_it",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def state(self) -> HookState:
        moments = ((self.ended_at, HookState.ENDED), (self.stopped_at, HookState.STOPPED))
        found = [state for moment, state in (*moments, (self.paused_at, HookState.PAUSED)) if moment]
        return found[0] if found else HookState.ACTIVE

    @property
    def kind_labels(self) -> list[str]:
        return [str(HookKind(kind).label) for kind in self.kinds]

    def secrets(self) -> list[bytes]:
        """Those that sign now, the newest first."""
        both = self.rotated_at is not None and timezone.now() < self.rotated_at + OVERLAP
        sealed = [self.secret, self.old_secret] if both else [self.secret]
        return [hook_cipher().decrypt(text.encode()) for text in sealed if text]


def hook_cipher() -> Fernet:
    return cipher("accounts.webhook")


class HookEvent(models.Model):
    """Something that happened, by codes and an opaque name alone. Its id comes again with every attempt."""

    app_rights = ("SELECT", "INSERT", "DELETE")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=32, choices=HookKind)
    at = models.DateTimeField(default=timezone.now)
    object_kind = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64)
    link = models.CharField(max_length=200, blank=True)  # path of the API under which its key reads more

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class HookNotice(models.Model):
    """One event on its way to one system. Attempts are counted here, with no word of what was answered."""

    hook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="notices")
    event = models.ForeignKey(HookEvent, on_delete=models.PROTECT, related_name="notices")
    state = models.CharField(max_length=8, choices=NoticeState, default=NoticeState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=12, choices=Trouble, blank=True)  # of the last attempt
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP, of the last attempt
    tried_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = HookNoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=("hook", "event"), name="hook_notice_once"),
            models.CheckConstraint(condition=Q(state__in=NoticeState.values), name="hook_notice_state"),
        ]

    def __str__(self) -> str:
        return f"{self.hook_id} {self.event_id} {self.state}"
