from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models


class JobQuerySet(models.QuerySet["Job"]):  # type: ignore[name-defined]
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> "JobQuerySet":
        """Whoever asked for a job follows it; what it makes has a scope of its own."""
        return self.filter(created_by=user.pk) if user.is_active else self.none()
