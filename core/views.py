"""Health of the process, and the page of a job."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseTrouble
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_GET, require_POST, require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core import clocks
from core.jobs import cancel_job
from core.metrics import exposition, may_scrape
from core.models import Job
from core.presenters import job_context


@login_not_required
@require_safe
def health_live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def health_ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and agrees about the time, 503 otherwise; says nothing else to a stranger."""
    try:
        apart = clocks.measure()
    except DatabaseTrouble:
        return JsonResponse({"status": "unavailable"}, status=503)
    if apart > clocks.APART_SECONDS:
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For the scraper of those who run the portal, who knows its token; for anybody else it is not there."""
    if not may_scrape(request):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


# --- jobs -----------------------------------------------------------------


@require_GET
def job_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole page; without JavaScript it loads itself again until the job is over."""
    job = get_object_or_404(Job.objects.visible_to(request.user), public_id=public_id)
    return render(request, "jobs/job_detail.html", job_context(job, request.user))


def _progress_etag(request: HttpRequest, public_id: UUID) -> str | None:
    job = Job.objects.visible_to(request.user).filter(public_id=public_id).first()
    return f'"{job.state}-{job.updated_at.timestamp()}"' if job else None


@require_GET
@condition(etag_func=_progress_etag)
def job_progress(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The fragment that is polled; the last one asks for no other."""
    job = get_object_or_404(Job.objects.visible_to(request.user), public_id=public_id)
    return render(request, "jobs/job_progress.html", {**job_context(job, request.user), "polled": True})


@require_POST
def job_cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), public_id=public_id)
    job_context(job, request.user)  # what it makes has a scope of its own: no page, no cancelling
    if not cancel_job(job=job, actor=request.user):  # type: ignore[arg-type]
        messages.info(request, _("This work was already over."))
    return redirect(job)
