"""The work of tasks: mails without content, and the copies of files that are given out."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from contributions.enums import ScanState
from contributions.models import Attachment
from core import audit, clamd
from core.files import store_once
from core.jobs import finish
from core.models import OutboxMessage
from core.sanitize import safe_copy
from core.sanitize.kinds import Refused

NOTICES = {
    "news": gettext_lazy("There is news of what your organization contributed."),
    "ending": gettext_lazy("The accreditation of your organization ends soon. It can be renewed now."),
}


class FileDamaged(Exception):
    """The file in quarantine is not the one that was handed in."""


def send_notice(user_id: int, notice: str) -> None:
    """Say that there is something to read: no State, no title, no organization."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        url = f"{settings.PORTAL_ADDRESS}{reverse('contribution_list')}"
        body = render_to_string("contributions/mail/notice.txt", {"what": str(NOTICES[notice]), "url": url})
        send_mail(_("There is something for you in the portal"), body, None, [user.email])


def process_attachment(message: OutboxMessage, attachment_id: int) -> None:
    """Scan the original and make the copy that is given out, or say why there is none."""
    attachment = Attachment.objects.get(pk=attachment_id)
    verdict = _examine(attachment) if attachment.scan_state == ScanState.PENDING else {}
    with transaction.atomic():
        if not finish(message) or not verdict:
            return
        pending = Attachment.objects.filter(pk=attachment.pk, scan_state=ScanState.PENDING)
        if pending.update(**verdict):
            data = {"sha256": attachment.sha256, "state": verdict["scan_state"]}
            audit.record(system="contributions", verb="attachment.checked", obj=attachment, data=data)


def _examine(attachment: Attachment) -> dict[str, Any]:
    """The fields that the check decides. Where the scanner is away it raises, and the file stays pending."""
    content = _read(attachment)
    if clamd.is_configured() and clamd.find_malware(content):
        return {"scan_state": ScanState.INFECTED}
    try:
        copy = safe_copy(attachment.kind, content)
    except Refused as refusal:
        return {"scan_state": ScanState.REFUSED, "refusal": refusal.code.value}
    name, _digest = store_once(copy.content, folder="contributions", suffix=attachment.kind)
    state = ScanState.CLEAN if clamd.is_configured() else ScanState.NOT_SCANNED
    return {"scan_state": state, "served": name, "served_size": len(copy.content)}


def _read(attachment: Attachment) -> bytes:
    with attachment.original.open() as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise FileDamaged(attachment.public_id)
    return content
