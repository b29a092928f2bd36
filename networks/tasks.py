"""Mails and checks of files that services ask for. Each takes ids only and may run twice."""

from celery import shared_task

from core.jobs import claim, finish
from networks import delivery


@shared_task(name="networks.send_notice")
def send_notice(message_id: str, user_id: int, notice: str, request_id: int) -> None:
    """Tell one person that something waits for them."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_notice(user_id, notice, request_id)
            finish(message)


@shared_task(name="networks.process_document")
def process_document(message_id: str, document_id: int) -> None:
    """Check a file and make the copy that is given out."""
    with claim(message_id) as message:
        if message is not None:
            delivery.process_document(message, document_id)
