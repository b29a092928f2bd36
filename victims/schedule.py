"""Timed work of the sealed area: what is due by now. A process of the open area alone has none of it."""

from celery import shared_task

from victims.services import referrals


@shared_task(name="victims.escalate_referrals", queue="sealed")
def escalate_referrals() -> None:
    referrals.escalate_overdue()


@shared_task(name="victims.destroy_ended_packages", queue="sealed")
def destroy_ended_packages() -> None:
    referrals.destroy_ended()
