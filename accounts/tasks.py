"""Mails of accounts. Each task takes ids only and may run twice without a second mail."""

from celery import shared_task

from accounts import delivery
from core.jobs import claim, finish


@shared_task(name="accounts.send_notice")
def send_notice(message_id: str, user_id: int, change: str) -> None:
    """Tell a person that something about the security of their account has changed."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_notice(user_id, change)
            finish(message)


@shared_task(name="accounts.send_reset")
def send_reset(message_id: str, user_id: int) -> None:
    """Send the link for a new password; user 0 is somebody without an account and gets nothing."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_reset(user_id)
            finish(message)


@shared_task(name="accounts.send_invitation")
def send_invitation(message_id: str, invitation_id: int) -> None:
    """Send the link of an invitation."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_invitation(invitation_id)
            finish(message)
