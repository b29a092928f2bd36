"""The note verbale as a file: taken into quarantine, checked behind the page, given out as a copy."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.enums import NOTE_KINDS, NoteRefusal
from accounts.models import FocalPointAppointment, NoteDocument, User
from core import audit
from core.enums import ScanState
from core.exceptions import NotAllowed, PortalError
from core.files import store_once
from core.jobs import enqueue
from core.sanitize import check, refuse_locked
from core.sanitize.kinds import Refused

_TASK = "accounts.process_note"


@dataclass(frozen=True)
class NoteFile:
    name: str
    content: bytes


@transaction.atomic
def attach_note(*, appointment: FocalPointAppointment, file: NoteFile, actor: User) -> NoteDocument:
    """Put the file in quarantine and ask for its check; it takes the place of the one before.

    The same file again finds its row. Raises NotAllowed, or PortalError where the file cannot be taken.
    """
    if not permissions.can_record_appointments(actor):
        raise NotAllowed(_("Only the Secretariat records appointments."))
    name, kind = check_note(file)
    FocalPointAppointment.objects.select_for_update().get(pk=appointment.pk)
    standing = appointment.documents.filter(replaced_at=None)
    same = standing.filter(sha256=hashlib.sha256(file.content).hexdigest()).exclude(scan_state=ScanState.REFUSED)
    found: NoteDocument | None = same.first()
    if found is not None:
        return found
    standing.update(replaced_at=timezone.now())
    stored, digest = store_once(file.content, folder="quarantine", suffix="bin")
    document = NoteDocument.objects.create(
        appointment=appointment,
        original_name=name,
        kind=kind,
        size=len(file.content),
        sha256=digest,
        original=stored,
        uploaded_by=actor,
    )
    enqueue(_TASK, document.pk, key=f"note:{document.pk}")
    _audit_note("note.attached", document, actor)
    return document


def check_note(file: NoteFile) -> tuple[str, str]:
    """The cleaned name and the kind, by looks that need no waiting. Raises PortalError."""
    try:
        name, kind = check(file.name, file.content, settings.MAX_UPLOAD_BYTES)
        refuse_locked(kind, file.content)
    except Refused as refusal:
        raise PortalError(NoteRefusal.of(refusal.code).label) from refusal
    if kind not in NOTE_KINDS:
        raise PortalError(NoteRefusal.TYPE.label)
    return name, kind


@transaction.atomic
def note_download(*, document: NoteDocument, actor: User) -> None:
    _audit_note("note.downloaded", document, actor)


def _audit_note(verb: str, document: NoteDocument, actor: User) -> None:
    appointment = document.appointment
    data = {"note": appointment.note_verbale, "sha256": document.sha256}
    audit.record(verb=verb, obj=appointment, chain=appointment.state.iso2, actor=actor, data=data)
