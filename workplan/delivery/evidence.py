"""What the worker does with files that people hand in."""

import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit, clamd
from core.enums import ScanState
from core.files import store_once
from core.jobs import finish
from core.models import OutboxMessage
from core.sanitize import safe_copy
from core.sanitize.kinds import Refused
from workplan.models import Evidence


class FileDamaged(Exception):
    """The file in quarantine is not the one that was handed in."""


def process_evidence(message: OutboxMessage, evidence_id: int) -> None:
    """Scan the original and make the copy that is given out, or say why there is none."""
    evidence = Evidence.objects.select_related("entry__report__state").get(pk=evidence_id)
    verdict = _examine(evidence) if evidence.is_pending else {}
    with transaction.atomic():
        if not finish(message) or not verdict:
            return
        pending = Evidence.objects.filter(pk=evidence.pk, scan_state=ScanState.PENDING)
        if pending.update(checked_at=timezone.now(), **verdict):
            audit.record(
                system="evidence",
                verb=f"evidence.{verdict['scan_state']}",
                obj=evidence,
                chain=evidence.entry.report.chain,
                data={"sha256": evidence.sha256, "refusal": verdict.get("refusal", "")},
            )


def _examine(evidence: Evidence) -> dict[str, Any]:
    """The fields that the check decides. Where the scanner is away it raises, and the file stays pending."""
    content = _read(evidence)
    malware = clamd.find_malware(content) if clamd.is_configured() else ""
    if malware:
        return {"scan_state": ScanState.INFECTED, "malware": malware[:100]}
    try:
        copy = safe_copy(evidence.kind, content)
    except Refused as refusal:
        return {"scan_state": ScanState.REFUSED, "refusal": refusal.code.value}
    name, digest = store_once(copy.content, folder="evidence", suffix=evidence.kind)
    return {
        "scan_state": ScanState.CLEAN if clamd.is_configured() else ScanState.NOT_SCANNED,
        "served": name,
        "served_size": len(copy.content),
        "served_sha256": digest,
        "removed_parts": list(copy.removed),
    }


def _read(evidence: Evidence) -> bytes:
    with evidence.original.open() as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != evidence.sha256:
        raise FileDamaged(evidence.public_id)
    return content
