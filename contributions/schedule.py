"""Timed work. Each run looks at what is due by now, so a run that was missed is made up by the next."""

from celery import shared_task

from contributions import services


@shared_task(name="contributions.send_digests", queue="default")
def send_digests() -> None:
    services.send_digests()


@shared_task(name="contributions.remind_of_end", queue="default")
def remind_of_end() -> None:
    services.remind_of_end()
