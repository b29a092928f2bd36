"""Timed work of the kernel. Fired by the clock, so it needs no outbox: a missed run is made up by the next."""

from importlib import import_module

from celery import shared_task
from django.conf import settings

from core.anchors import write_anchor
from core.audit import write_tallies as write_audit_tallies
from core.checked_files import recheck_files as ask_again_for_files
from core.jobs import sweep_files
from core.sent_forms import forget_old


@shared_task(name="core.anchor_audit", queue="default")
def anchor_audit() -> None:
    write_anchor()


@shared_task(name="core.write_tallies", queue="default")
def write_tallies() -> None:
    write_audit_tallies()


@shared_task(name="core.recheck_files", queue="default")
def recheck_files() -> None:
    ask_again_for_files()


@shared_task(name="core.sweep_ended", queue="default")
def sweep_ended() -> None:
    """Sessions that are over, and forms whose second sending is no longer looked for."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    forget_old()


@shared_task(name="core.sweep_job_files", queue="default")
def sweep_job_files() -> None:
    sweep_files()
