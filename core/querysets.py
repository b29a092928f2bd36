from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Cast

if TYPE_CHECKING:
    from core.models import AuditEvent, Job


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> "JobQuerySet":
        """Whoever asked for a job follows it; what it makes has a scope of its own."""
        return self.filter(created_by=user.pk) if user.is_active else self.none()


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def in_chains(self, chains: Iterable[str]) -> "AuditEventQuerySet":
        """The scope of a reader; which chains those are follows from roles (accounts.permissions.audit_chains)."""
        return self.filter(chain__in=list(chains))

    def with_data_text(self) -> "AuditEventQuerySet":
        """Annotates `data_text`: the very text of `data` that the hash covers."""
        return self.annotate(data_text=Cast("data", models.TextField()))
