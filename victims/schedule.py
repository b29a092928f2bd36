"""Work of the sealed area behind its pages, timed or asked for. A process of the open area alone has none of it."""

from celery import shared_task

from core.jobs import claim
from victims.services import counts, referrals, retention, tombstones, watch


@shared_task(name="victims.escalate_referrals", queue="sealed")
def escalate_referrals() -> None:
    referrals.escalate_overdue()


@shared_task(name="victims.destroy_ended_packages", queue="sealed")
def destroy_ended_packages() -> None:
    referrals.destroy_ended()


@shared_task(name=counts.TASK, queue="sealed")
def count_cases(message_id: str, user_id: int, state: str, year: int) -> None:
    with claim(message_id) as message:
        if message is not None:
            counts.count_cases(message, user_id=user_id, state=state, year=year)


@shared_task(name="victims.watch_browsing", queue="sealed")
def watch_browsing() -> None:
    watch.look()


@shared_task(name="victims.propose_retention", queue="sealed")
def propose_retention() -> None:
    retention.propose_due()


@shared_task(name="victims.note_erasures", queue="sealed")
def note_erasures() -> None:
    tombstones.note_erasures()


@shared_task(name="victims.sweep_keys", queue="sealed")
def sweep_keys() -> None:
    tombstones.sweep_keys()
