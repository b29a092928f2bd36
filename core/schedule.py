"""Timed work of the kernel. Fired by the clock, so it needs no outbox: a missed run is made up by the next."""

from celery import shared_task

from core.anchors import write_anchor
from core.audit import write_tallies as write_audit_tallies
from core.jobs import sweep_files


@shared_task(name="core.anchor_audit", queue="default")
def anchor_audit() -> None:
    write_anchor()


@shared_task(name="core.write_tallies", queue="default")
def write_tallies() -> None:
    write_audit_tallies()


@shared_task(name="core.sweep_job_files", queue="default")
def sweep_job_files() -> None:
    sweep_files()
