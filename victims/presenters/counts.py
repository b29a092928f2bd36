"""Counting for the statistics."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.models import Job, OutboxMessage
from core.querysets import AnyUser
from indicators.enums import TABLES
from victims.permissions import Officer
from victims.services.counts import COUNTED


def running_counts(messages: Iterable[OutboxMessage], officer: Officer) -> list[dict[str, Any]]:
    """Counts that are not over, with whoever asked; only that person follows the work."""
    return [
        {
            "year": str(message.args[2]),
            "person": str(job.created_by),
            "since": job.created_at,
            "url": job.get_absolute_url() if job.created_by_id == officer.user.pk else "",
        }
        for message in messages
        if (job := message.job)
    ]


def count_job_context(job: Job, user: AnyUser) -> dict[str, Any]:
    """For core.jobs.JobKind: the year and the tables, never a number."""
    year = str(job.message.args[2])
    return {
        "back_url": reverse("case_count"),
        "subject": year,
        "facts": [{"key": _("Year"), "value": year}],
        "tables": [TABLES[code] for code in COUNTED],
    }
