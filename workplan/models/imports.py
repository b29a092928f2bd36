"""Files of answers."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workplan.enums import (
    Channel,
    ImportState,
)
from workplan.models.reports import Report
from workplan.querysets import (
    ImportRunQuerySet,
)

User = settings.AUTH_USER_MODEL


class ImportRun(models.Model):
    """One file of answers, read once: what it would change, what is wrong in it, and how to undo it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="imports")
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.READ)
    channel = models.CharField(max_length=16, choices=Channel, blank=True)  # where the Secretariat does it for a State
    file_name = models.CharField(max_length=120)  # cleaned (core.sanitize.names)
    sha256 = models.CharField(max_length=64)
    table = models.JSONField()  # the cells as they were read, to be given back with the problems marked
    lines = models.JSONField()  # rows without a problem: what each would make of its entry
    problems = models.JSONField()  # the others; kept as what is left to do where the rest was imported
    undo = models.JSONField(default=list)  # of each entry: its content and what it waited for before, its version after
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    imported_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="read", imported_at=None, undone_at=None, undone_by=None)
                | Q(state="imported", imported_at__isnull=False, undone_at=None, undone_by=None)
                | Q(state="undone", imported_at__isnull=False, undone_at__isnull=False, undone_by__isnull=False),
                name="import_state_has_times",
            ),
        ]
        verbose_name = _("import")

    def __str__(self) -> str:
        return f"{self.report_id} {self.file_name}"

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.public_id])
