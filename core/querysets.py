from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Cast
from django.utils import timezone

if TYPE_CHECKING:
    from core.models import AuditEvent, Job, JobFile


KEPT = timedelta(days=1)  # of a file made for one person
AnyUser = AbstractBaseUser | AnonymousUser
# Colleagues who follow jobs of a kind, whoever asked for them; each app enters its rule (core.jobs.register_kind).
JOB_FOLLOWERS: dict[str, Callable[[Any], bool]] = {}


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: AnyUser) -> "JobQuerySet":
        """Whoever asked for a job follows it, and so do their colleagues; what it makes has a scope of its own."""
        if not user.is_active:
            return self.none()
        kinds = [kind for kind, may_follow in JOB_FOLLOWERS.items() if may_follow(user)]
        return self.filter(models.Q(created_by=user.pk) | models.Q(kind__in=kinds))


class JobFileQuerySet(models.QuerySet["JobFile"]):
    def visible_to(self, user: AnyUser) -> "JobFileQuerySet":
        """Whoever asked for it, while it is kept. Colleagues who follow the job ask for one of their own."""
        if not user.is_active:
            return self.none()
        return self.filter(job__created_by=user.pk, created_at__gt=timezone.now() - KEPT)

    def over(self) -> "JobFileQuerySet":
        return self.filter(created_at__lte=timezone.now() - KEPT)


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def in_chains(self, chains: Iterable[str]) -> "AuditEventQuerySet":
        """The scope of a reader; which chains those are follows from roles (accounts.permissions.audit_chains)."""
        return self.filter(chain__in=list(chains))

    def with_data_text(self) -> "AuditEventQuerySet":
        """Annotates `data_text`: the very text of `data` that the hash covers."""
        return self.annotate(data_text=Cast("data", models.TextField()))
