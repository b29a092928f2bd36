"""Files of contributions and applications: into quarantine, then checked by a worker (delivery)."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from contributions import permissions
from contributions.enums import MAX_FILES
from contributions.models import Attachment, Contribution
from core import audit
from core.exceptions import NotAllowed, PortalError
from core.file_text import Unreadable, text_of
from core.files import store_once
from core.identity import refuse_identity
from core.identity_guard import plain
from core.jobs import enqueue
from core.sanitize import check
from core.sanitize.kinds import Refused


@dataclass(frozen=True)
class FileData:
    name: str
    content: bytes
    identity_reason: str = ""


@transaction.atomic
def attach(*, contribution: Contribution, file: FileData, actor: User) -> Attachment:
    """Add a file to a draft. Raises IdentitySuspected, or PortalError where it cannot be taken."""
    row = Contribution.objects.select_for_update(of=("self",)).select_related("institution").get(pk=contribution.pk)
    if not permissions.can_edit(actor, row):
        raise NotAllowed(_("What is sent is not changed any more."))
    refuse_own_name(row, file)
    attachment = store(file, actor, contribution=row)
    audit.record(verb="contribution.file_attached", obj=row, actor=actor, data={"kind": attachment.kind})
    return attachment


def refuse_own_name(contribution: Contribution, file: FileData) -> None:
    """Where the name is withheld, no file may tell it in its text. What cannot be read is for a person to judge."""
    if not contribution.name_withheld:
        return
    kind = file.name.rpartition(".")[2].lower()
    try:
        text = text_of(kind, file.content)
    except Unreadable:
        text = ""
    if plain(contribution.institution.name) in plain(text):
        raise PortalError(_("This file names your organization, and you asked that its name be withheld."))


def store(file: FileData, actor: User | None, **place: Any) -> Attachment:
    try:
        clean_name, kind = check(file.name, file.content, settings.MAX_UPLOAD_BYTES)
    except Refused as refusal:
        raise PortalError(
            _("This file is not accepted. Attach a PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV of at most 10 MB.")
        ) from refusal
    digest = hashlib.sha256(file.content).hexdigest()
    standing = Attachment.objects.standing().filter(**place)
    same = standing.filter(sha256=digest).first()
    if same is not None:
        return same
    if standing.count() >= MAX_FILES:
        raise PortalError(_("There are %(count)s files, as many as it can hold.") % {"count": MAX_FILES})
    refuse_identity((clean_name,), reason=file.identity_reason, files=[(kind, file.content)])
    return _create(file, clean_name, kind, actor, place)


def _create(file: FileData, name: str, kind: str, actor: User | None, place: dict[str, Any]) -> Attachment:
    stored, digest = store_once(file.content, folder="quarantine", suffix="bin")
    attachment = Attachment.objects.create(
        original_name=name,
        kind=kind,
        size=len(file.content),
        sha256=digest,
        original=stored,
        uploaded_by=actor,
        **place,
    )
    enqueue("contributions.process_attachment", attachment.pk, key=f"attachment:{attachment.pk}")
    return attachment


@transaction.atomic
def remove(*, attachment: Attachment, actor: User) -> None:
    contribution = attachment.contribution
    if contribution is None or not permissions.can_edit(actor, contribution):
        raise NotAllowed(_("What is sent is not changed any more."))
    Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=timezone.now())
    audit.record(verb="contribution.file_removed", obj=contribution, actor=actor)


@transaction.atomic
def note_download(*, attachment: Attachment, actor: User, chain: str) -> None:
    """In the chain of whoever reads: a State's auditor sees that its people read, and not whom."""
    audit.record(verb="contribution.file_downloaded", obj=attachment, chain=chain, actor=actor)
