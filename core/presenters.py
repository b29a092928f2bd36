"""How a job is told: the sentence, the steps, what is left."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.jobs import KINDS, JobKind
from core.models import Job
from core.querysets import AnyUser
from core.templatetags.portal import percent

QUICK, CALM = 2, 5  # seconds between two looks: at first, and after half a minute
QUICK_FOR = 30
SHORT = 15  # a time left that is not worth a number
EARLY = 3  # hundredths


@dataclass(frozen=True)
class JobStep:
    label: "str | Promise"
    state: str  # done, current or next


def job_context(job: Job, user: AnyUser) -> dict[str, Any]:
    """Everything the page and the fragment show. A process without the app that does the work shows none of it."""
    kind = KINDS.get(job.kind)
    if kind is None:
        raise Http404
    context = {
        "job": job,
        "kind": kind,
        "heading": _heading(job),
        "sentence": _sentence(job, kind),
        "steps": job_steps(job, kind),
        "announce": _announcement(job, kind),
    }
    if not job.is_over:
        address = [job.public_id]
        context |= {
            "poll_url": reverse("job_progress", args=address),
            "cancel_url": reverse("job_cancel", args=address),
            "poll_seconds": poll_seconds(job),
        }
    return context | kind.context(job, user)


def poll_seconds(job: Job) -> int:
    return QUICK if (timezone.now() - job.created_at).total_seconds() < QUICK_FOR else CALM


def job_steps(job: Job, kind: JobKind) -> list[JobStep]:
    over = job.state == Job.State.DONE
    current = job.stage_number or 1
    steps = []
    for number, (_code, label) in enumerate(kind.stages, start=1):
        state = "done" if over or number < current else "current" if number == current and not job.is_over else "next"
        steps.append(JobStep(label, state))
    return steps


def _heading(job: Job) -> str:
    if job.state == Job.State.RUNNING:
        return _("Generating: %(percent)s") % {"percent": percent(job.percent)}
    headings = {
        Job.State.QUEUED: _("Waiting to start"),
        Job.State.DONE: _("Done"),
        Job.State.FAILED: _("It could not be completed"),
        Job.State.CANCELLED: _("Cancelled"),
    }
    return headings[Job.State(job.state)]


def _sentence(job: Job, kind: JobKind) -> str:
    if job.state == Job.State.DONE:
        return _("The work is complete.")
    if job.state == Job.State.FAILED:
        return _("The portal tried several times and stopped. The people who run it have been told; try again later.")
    if job.state == Job.State.CANCELLED:
        return _("Nothing was written. What was there before is still there.")
    parts = [_step_words(job, kind), _time_left(job), _("You can close this page: the work goes on.")]
    return " ".join(part for part in parts if part)


def _step_words(job: Job, kind: JobKind) -> str:
    if not job.stage_number:
        return ""
    return _("Step %(number)s of %(count)s: %(stage)s (%(done)s of %(total)s).") % {
        "number": job.stage_number,
        "count": job.stage_count,
        "stage": _stage_label(job, kind),
        "done": job.stage_done if job.stage_total else job.done,
        "total": job.stage_total or job.total,
    }


def _stage_label(job: Job, kind: JobKind) -> str:
    return str(dict(kind.stages).get(job.stage, ""))


def _time_left(job: Job) -> str:
    """From the speed so far; nothing before there is a speed: the first hundredths would promise an hour."""
    if not job.started_at or job.percent < EARLY or job.state != Job.State.RUNNING:
        return ""
    seconds = (timezone.now() - job.started_at).total_seconds() * (job.total - job.done) / job.done
    if seconds < SHORT:
        return _("A few seconds left.")
    if seconds < 55:
        return _("About %(seconds)s seconds left.") % {"seconds": 10 * round(seconds / 10)}
    minutes = round(seconds / 60)
    return ngettext("About %(minutes)s minute left.", "About %(minutes)s minutes left.", minutes) % {"minutes": minutes}


def _announcement(job: Job, kind: JobKind) -> str:
    """Read aloud when it changes: once per step and at the end, never per cent."""
    if job.is_over:
        return _heading(job)
    return _stage_label(job, kind)
