"""Work of the kernel that somebody asks for. Timed work is in schedule.py."""

from celery import shared_task

from core.alerts import tell_operators
from core.jobs import ALERT, claim, finish


@shared_task(name=ALERT)
def send_alert(message_id: str, dead_id: str) -> None:
    """Tell those who run the portal that a piece of work was given up."""
    with claim(message_id) as message:
        if message is not None:
            tell_operators(dead_id)
            finish(message)
