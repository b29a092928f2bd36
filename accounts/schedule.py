"""Timed work of accounts. Each run looks at what is due by now, so a run that was missed is made up by the next."""

from celery import shared_task

from accounts import services


@shared_task(name="accounts.remind", queue="default")
def remind() -> None:
    services.remind()


@shared_task(name="accounts.apply_factor_resets", queue="default")
def apply_factor_resets() -> None:
    services.apply_factor_resets()


@shared_task(name="accounts.sweep_notices", queue="default")
def sweep_notices() -> None:
    services.sweep_notices()
