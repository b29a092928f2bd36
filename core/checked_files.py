"""Files that people hand in. Nobody is given one: a copy is given out, once the original was scanned and rebuilt.

Every kind of file takes this one way; what differs is where it belongs and what the trail says of it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from core import clamd
from core.enums import ScanState
from core.files import store_once
from core.jobs import enqueue_again, finish
from core.models import OutboxMessage
from core.sanitize import safe_copy
from core.sanitize.kinds import Code, Refused

RECHECK_AFTER = timedelta(minutes=10)


class FileDamaged(Exception):
    """The file in quarantine is not the one that was handed in."""


@dataclass(frozen=True)
class Kind:
    """A model of files: the task that checks one, and how the keys of its messages begin."""

    model: type[models.Model]
    task: str
    name: str


_kinds: dict[str, Kind] = {}


def register_files(model: type[models.Model], *, task: str, name: str) -> None:
    """Called by the app of the model when it is ready."""
    _kinds[task] = Kind(model, task, name)


def kinds() -> list[Kind]:
    return list(_kinds.values())


def process_file(
    message: OutboxMessage,
    file: Any,
    *,
    folder: str,
    record: Callable[[dict[str, Any]], None],
    refusal: Callable[[Code], str] = str,
) -> None:
    """Scan the original and make the copy that is given out, or say why there is none.

    `record` writes the verdict into the trail, once; `refusal` says in the words of the model why there is no copy.
    """
    verdict = _examine(file, folder, refusal) if file.scan_state == ScanState.PENDING else {}
    with transaction.atomic():
        if not finish(message) or not verdict:
            return
        model = type(file)
        kept = {name: value for name, value in verdict.items() if name in _fields(model)}
        if model._default_manager.filter(pk=file.pk, scan_state=ScanState.PENDING).update(**kept):
            record(verdict)


def _fields(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def _examine(file: Any, folder: str, refusal: Callable[[Code], str]) -> dict[str, Any]:
    """All that the check can say of a file; a model keeps what it has a field for.

    Where the scanner is away it raises, and the file stays pending.
    """
    content, now = _read(file), timezone.now()
    malware = clamd.find_malware(content) if clamd.is_configured() else ""
    if malware:
        return {"scan_state": ScanState.INFECTED, "malware": malware[:100], "checked_at": now}
    try:
        copy = safe_copy(file.kind, content)
    except Refused as refused:
        return {"scan_state": ScanState.REFUSED, "refusal": refusal(refused.code), "checked_at": now}
    name, digest = store_once(copy.content, folder=folder, suffix=file.kind)
    return {
        "scan_state": ScanState.CLEAN if clamd.is_configured() else ScanState.NOT_SCANNED,
        "served": name,
        "served_size": len(copy.content),
        "served_sha256": digest,
        "removed_parts": list(copy.removed),
        "checked_at": now,
    }


def _read(file: Any) -> bytes:
    with file.original.open() as original:
        content: bytes = original.read()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise FileDamaged(file.pk)
    return content


@transaction.atomic
def recheck_files() -> int:
    """Ask again for files whose check gave up, as when the scanner was away for longer than the attempts last."""
    over = timezone.now() - RECHECK_AFTER
    return sum(_ask_again(kind, over) for kind in kinds())


def _ask_again(kind: Kind, over: Any) -> int:
    waiting = kind.model._default_manager.filter(scan_state=ScanState.PENDING, uploaded_at__lt=over)
    return enqueue_again(kind.task, waiting.values_list("pk", flat=True), name=kind.name)
