"""Mails and checks of files that services ask for. Each takes ids only and may run twice."""

from celery import shared_task

from contributions import delivery
from core.jobs import claim, finish


@shared_task(name="contributions.send_notice")
def send_notice(message_id: str, user_id: int, notice: str) -> None:
    """Tell one person of an organization that there is something to read."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_notice(user_id, notice)
            finish(message)


@shared_task(name="contributions.process_attachment")
def process_attachment(message_id: str, attachment_id: int) -> None:
    """Check a file and make the copy that is given out."""
    with claim(message_id) as message:
        if message is not None:
            delivery.process_attachment(message, attachment_id)
