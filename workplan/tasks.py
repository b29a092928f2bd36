"""Work of the plan's pages that is done behind them."""

from datetime import date

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


@shared_task(name="workplan.write_form")
def write_form(message_id: str, report_id: int, language: str, due_on: str) -> None:
    """Write the printable form of a report."""
    with claim(message_id) as message:
        if message is not None:
            delivery.write_form(message, report_id, language, date.fromisoformat(due_on))


@shared_task(name="workplan.write_paper")
def write_paper(message_id: str, version_id: int, compared_id: int | None, language: str, is_whole: bool) -> None:
    """Write a receipt, or what changed between two versions."""
    with claim(message_id) as message:
        if message is not None:
            delivery.write_paper(message, version_id, compared_id, language, is_whole=is_whole)
