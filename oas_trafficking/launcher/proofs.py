"""The latest of each proof, as the tests and commands that measured them wrote it to var/proofs.jsonl."""

import json
from typing import Any

from oas_trafficking.launcher.place import ROOT

FILE = ROOT / "var" / "proofs.jsonl"


def latest() -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.exists() else []
    for line in filter(str.strip, lines):
        proof = json.loads(line)
        found[proof["proof"]] = proof
    return [found[name] for name in sorted(found)]


def show(*, as_json: bool) -> int:
    proofs = latest()
    if as_json:
        print(json.dumps(proofs, ensure_ascii=False, indent=2))
        return 0
    if not proofs:
        print("No proof has been written yet: run ./portal test or ./portal smoke.")
        return 0
    width = max(len(proof["proof"]) for proof in proofs)
    for proof in proofs:
        figures = ", ".join(f"{key} {value}" for key, value in proof.items() if key not in {"proof", "at"})
        print(f"{proof['proof']:<{width}}  {proof['at']}  {figures}")
    return 0
