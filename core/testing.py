"""Support for tests and proofs: what a test measured goes to var/proofs.jsonl, one JSON object a line."""

import fcntl
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROOFS = Path(__file__).resolve().parent.parent / "var" / "proofs.jsonl"


def record_proof(proof: str, **figures: Any) -> None:
    """Append what was measured just now. Never called with a figure that was not measured."""
    PROOFS.parent.mkdir(exist_ok=True)
    line = json.dumps({"proof": proof, "at": datetime.now(UTC).isoformat(timespec="seconds"), **figures})
    with PROOFS.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run in several processes
        file.write(line + "\n")
