"""Timed work of the plan."""

from celery import shared_task

from workplan import services


@shared_task(name="workplan.remove_ended_grants", queue="default")
def remove_ended_grants() -> None:
    services.remove_ended_grants()


@shared_task(name="workplan.remind", queue="default")
def remind() -> None:
    services.remind()
