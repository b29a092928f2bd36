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

from accounts.models import User
from core import audit, clamd
from core.files import store_once
from core.jobs import finish
from core.models import OutboxMessage
from core.sanitize import safe_copy
from core.sanitize.kinds import Refused
from networks.enums import Notice, ScanState
from networks.models import CooperationRequest, Document

# Where each notice leads; those about one request lead to it.
PAGES = {
    Notice.REQUEST_ESCALATED: "escalation_list",
    Notice.DESK_STALE: "directory_stale",
    Notice.MATCH_PROPOSED: "assistance_list",
}


class FileDamaged(Exception):
    """The file in quarantine is not the one that was handed in."""


def send_notice(user_id: int, notice: str, request_id: int) -> None:
    """Say that something waits: no State, no subject, no name. Whoever may no longer see it gets nothing."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        url = _address(user, notice, request_id)
        if url:
            body = render_to_string("networks/mail/notice.txt", {"what": str(Notice(notice).label), "url": url})
            send_mail(_("There is something for you in the portal"), body, None, [user.email])


def _address(user: User, notice: str, request_id: int) -> str:
    if Notice(notice) in PAGES:
        return str(settings.PORTAL_ADDRESS) + reverse(PAGES[Notice(notice)])
    request = CooperationRequest.objects.visible_to(user).filter(pk=request_id).first()
    return f"{settings.PORTAL_ADDRESS}{request.get_absolute_url()}" if request else ""


def process_document(message: OutboxMessage, document_id: int) -> None:
    """Scan the original and make the copy that is given out, or say why there is none."""
    document = Document.objects.get(pk=document_id)
    verdict = _examine(document) if document.scan_state == ScanState.PENDING else {}
    with transaction.atomic():
        if not finish(message) or not verdict:
            return
        pending = Document.objects.filter(pk=document.pk, scan_state=ScanState.PENDING)
        if pending.update(**verdict):
            data = {"sha256": document.sha256, "state": verdict["scan_state"]}
            audit.record(system="networks", verb="document.checked", obj=document, data=data)


def _examine(document: Document) -> dict[str, Any]:
    """The fields that the check decides. Where the scanner is away it raises, and the file stays pending."""
    content = _read(document)
    if clamd.is_configured() and clamd.find_malware(content):
        return {"scan_state": ScanState.INFECTED}
    try:
        copy = safe_copy(document.kind, content)
    except Refused as refusal:
        return {"scan_state": ScanState.REFUSED, "refusal": refusal.code.value}
    name, _digest = store_once(copy.content, folder="networks", suffix=document.kind)
    state = ScanState.CLEAN if clamd.is_configured() else ScanState.NOT_SCANNED
    return {"scan_state": state, "served": name, "served_size": len(copy.content)}


def _read(document: Document) -> bytes:
    with document.original.open() as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise FileDamaged(document.public_id)
    return content
