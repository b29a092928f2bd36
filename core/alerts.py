"""What those who run the portal are told by mail (settings.ADMINS): codes and counts, nothing of anybody's data."""

from django.core.mail import mail_admins
from django.utils.translation import gettext as _

from core.models import OutboxMessage


def tell_operators(dead_id: str) -> None:
    dead = OutboxMessage.objects.get(pk=dead_id)
    words = {"task": dead.task, "attempts": dead.attempts, "error": dead.last_error, "id": dead_id}
    body = _("The portal gave up %(task)s after %(attempts)s attempts (%(error)s). Message %(id)s.") % words
    mail_admins(_("Work was given up"), body)
