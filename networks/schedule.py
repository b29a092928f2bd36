"""Timed work. Each run looks at what is due by now, so a run that was missed is made up by the next."""

from celery import shared_task

from networks import services


@shared_task(name="networks.escalate_overdue", queue="default")
def escalate_overdue() -> None:
    services.escalate_overdue()


@shared_task(name="networks.remind_stale_desks", queue="default")
def remind_stale_desks() -> None:
    services.remind_stale_desks()


@shared_task(name="networks.remove_ended_guests", queue="default")
def remove_ended_guests() -> None:
    services.remove_ended_guests()
