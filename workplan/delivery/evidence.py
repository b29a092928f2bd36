"""What the worker does with files that people hand in."""

from typing import Any

from core import audit
from core.checked_files import process_file
from core.models import OutboxMessage
from workplan.models import Evidence


def process_evidence(message: OutboxMessage, evidence_id: int) -> None:
    evidence = Evidence.objects.select_related("entry__report__state").get(pk=evidence_id)

    def record(verdict: dict[str, Any]) -> None:
        audit.record(
            system="evidence",
            verb=f"evidence.{verdict['scan_state']}",
            obj=evidence,
            chain=evidence.entry.report.chain,
            data={"sha256": evidence.sha256, "refusal": verdict.get("refusal", "")},
        )

    process_file(message, evidence, folder="evidence", record=record)
