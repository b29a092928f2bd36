"""Work of the plan's pages that is done behind them."""

from celery import shared_task

from core.jobs import claim
from workplan import delivery


@shared_task(name="workplan.process_evidence")
def process_evidence(message_id: str, evidence_id: int) -> None:
    """Check a file and make the copy that is given out."""
    with claim(message_id) as message:
        if message is not None:
            delivery.process_evidence(message, evidence_id)


@shared_task(name="workplan.send_digest")
def send_digest(message_id: str, digest_id: int) -> None:
    """Send one person the mail of the day."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_digest(message, digest_id)
