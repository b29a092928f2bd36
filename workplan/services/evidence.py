"""Files and addresses that support an answer."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.enums import ScanState
from core.exceptions import PortalError
from core.files import store_once
from core.jobs import enqueue
from core.sanitize import check
from core.sanitize.kinds import Refused
from workplan.enums import Refusal, Visibility
from workplan.models import Evidence, ReportEntry
from workplan.services.locks import locked_entry

MAX_EVIDENCE = 20  # of one entry


@dataclass(frozen=True)
class EvidenceData:
    """What people say of a file or an address."""

    type: str
    title: str
    language: str
    visibility: str = Visibility.SECRETARIAT


@transaction.atomic
def attach_file(*, entry: ReportEntry, data: EvidenceData, name: str, content: bytes, actor: User) -> Evidence:
    """Put a file in quarantine and ask for its check. The same file again finds its row.

    Raises NotAllowed, or PortalError where the file cannot be taken.
    """
    entry = locked_entry(entry, actor)
    try:
        clean_name, kind = check(name, content, settings.MAX_UPLOAD_BYTES)
    except Refused as refusal:
        raise PortalError(Refusal(refusal.code).label) from refusal
    digest = hashlib.sha256(content).hexdigest()
    same = entry.evidence.standing().filter(sha256=digest).first()
    if same is not None:
        return same
    _check_room(entry)
    stored, digest = store_once(content, folder="quarantine", suffix="bin")
    evidence = _create_evidence(
        entry,
        replace(data, title=data.title or clean_name),
        actor,
        original_name=clean_name,
        kind=kind,
        size=len(content),
        sha256=digest,
        original=stored,
        scan_state=ScanState.PENDING,
    )
    enqueue("workplan.process_evidence", evidence.pk, key=f"evidence:{evidence.pk}")
    return evidence


@transaction.atomic
def attach_address(*, entry: ReportEntry, data: EvidenceData, url: str, actor: User) -> Evidence:
    """Name a web page as evidence. The portal never opens it."""
    entry = locked_entry(entry, actor)
    same = entry.evidence.standing().filter(url=url).first()
    if same is not None:
        return same
    _check_room(entry)
    return _create_evidence(entry, data, actor, url=url)


@transaction.atomic
def remove_evidence(*, evidence: Evidence, actor: User) -> None:
    """Take it off the entry. The row and the file stay; in a version that was sent it can still be read."""
    entry = locked_entry(evidence.entry, actor)
    removed = entry.evidence.current().filter(pk=evidence.pk).update(removed_at=timezone.now(), removed_by=actor)
    if removed:
        _audit_evidence("evidence.removed", evidence, entry, actor)


@transaction.atomic
def note_download(*, evidence: Evidence, actor: User) -> None:
    _audit_evidence("evidence.downloaded", evidence, evidence.entry, actor)


def _check_room(entry: ReportEntry) -> None:
    if entry.evidence.standing().count() >= MAX_EVIDENCE:
        raise PortalError(
            _("This entry has %(count)s pieces of evidence, as many as it can hold. Remove one first.")
            % {"count": MAX_EVIDENCE}
        )


def _create_evidence(entry: ReportEntry, data: EvidenceData, actor: User, **fields: Any) -> Evidence:
    evidence = Evidence.objects.create(
        entry=entry,
        type=data.type,
        title=data.title[:200],
        language=data.language,
        visibility=data.visibility,
        uploaded_by=actor,
        **fields,
    )
    _audit_evidence("evidence.attached", evidence, entry, actor)
    return evidence


def _audit_evidence(verb: str, evidence: Evidence, entry: ReportEntry, actor: User) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        obj=evidence,
        chain=entry.report.chain,
        data={"activity": entry.activity.code, "type": evidence.type, "visibility": evidence.visibility},
    )
