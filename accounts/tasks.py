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


@shared_task(name="accounts.send_invitation_reminder")
def send_invitation_reminder(message_id: str, invitation_id: int) -> None:
    """Send the link of an invitation once more, where nobody took it up."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_invitation_reminder(invitation_id)
            finish(message)


@shared_task(name="accounts.send_role_waits")
def send_role_waits(message_id: str, invitation_id: int, user_id: int) -> None:
    """Tell whoever may confirm a role that one waits."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_role_waits(invitation_id, user_id)
            finish(message)


@shared_task(name="accounts.send_appointment_notice")
def send_appointment_notice(message_id: str, appointment_id: int, user_id: int) -> None:
    """Tell those of a State who answer for its people that the Secretariat recorded a focal point."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_appointment_notice(appointment_id, user_id)
            finish(message)


@shared_task(name="accounts.send_review_reminder")
def send_review_reminder(message_id: str, user_id: int) -> None:
    """Tell whoever manages people that the access review is due."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_review_reminder(user_id)
            finish(message)


@shared_task(name="accounts.send_area_notice")
def send_area_notice(message_id: str, user_id: int) -> None:
    """Tell whoever watches over the sealed area that an emergency access waits for a review."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_area_notice(user_id)
            finish(message)


@shared_task(name="accounts.send_referral_notice")
def send_referral_notice(message_id: str, user_id: int) -> None:
    """Tell somebody of the sealed area that a referral waits, without a word about it."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_referral_notice(user_id)
            finish(message)


@shared_task(name="accounts.send_watch_notice")
def send_watch_notice(message_id: str, user_id: int) -> None:
    """Tell whoever watches over the sealed area that there is an alert, without a word about it."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_watch_notice(user_id)
            finish(message)


@shared_task(name="accounts.send_decisions_notice")
def send_decisions_notice(message_id: str, user_id: int, count: int) -> None:
    """Tell a supervisor how many decisions wait, without a word about them."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_decisions_notice(user_id, count)
            finish(message)


@shared_task(name="accounts.send_factor_notice")
def send_factor_notice(message_id: str, reset_id: int, user_id: int, notice: str) -> None:
    """Tell one of those concerned how far the reset of a second factor is."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_factor_notice(reset_id, user_id, notice)
            finish(message)


@shared_task(name="accounts.process_note")
def process_note(message_id: str, document_id: int) -> None:
    """Check the file of a note verbale."""
    with claim(message_id) as message:
        if message is not None:
            delivery.process_note(message, document_id)


@shared_task(name=delivery.DELIVER_NOTICE)
def deliver_notice(message_id: str, notice_id: int) -> None:
    """Tell a system of an institution that something happened: codes alone."""
    with claim(message_id) as message:
        if message is not None:
            delivery.deliver_notice(message, notice_id)


@shared_task(name=delivery.HOOK_TROUBLE)
def send_hook_trouble(message_id: str, hook_id: int, user_id: int) -> None:
    """Tell whoever answers for an institution that its system cannot be reached."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_hook_trouble(hook_id, user_id)
            finish(message)
