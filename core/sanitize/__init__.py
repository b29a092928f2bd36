"""Copies of strangers' files that are safe to give out: rebuilt, without active content and without metadata.

`kinds` looks at the first bytes and answers at once, in the form. `safe_copy` does the rest in the sandbox:
each format has a module whose `clean` returns the copy or raises `Refused` with a code. Nothing here knows
Django, the portal or its words.
"""

import json
import re
from dataclasses import dataclass

from core.sandbox import SandboxFailed, run
from core.sanitize.kinds import Code, Refused, kind_of
from core.sanitize.names import split_name

_PDF_LOCK = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")


@dataclass(frozen=True)
class Copy:
    content: bytes
    removed: tuple[str, ...]  # codes of what the original has and the copy has not


def check(name: str, content: bytes, limit: int) -> tuple[str, str]:
    """The cleaned name and the kind of a file, by cheap looks alone. Raises Refused."""
    stem, extension = split_name(name)
    return stem + extension, kind_of(extension, content, limit)


def safe_copy(kind: str, content: bytes) -> Copy:
    """The copy that may be given out. Raises Refused; a parser that crashes or starves is a refusal too."""
    try:
        answer = run("core.sanitize", kind, source=content)
    except SandboxFailed:
        raise Refused(Code.UNREADABLE) from None
    head, _, body = answer.partition(b"\n")
    said = json.loads(head)
    if said["refused"]:
        raise Refused(Code(said["refused"]))
    return Copy(body, tuple(said["removed"]))


def refuse_locked(kind: str, content: bytes) -> None:
    """Raises Refused for a PDF that opens only with a password; one that merely forbids printing is taken."""
    if kind != "pdf" or not _PDF_LOCK.search(content):
        return
    try:
        safe_copy(kind, content)
    except Refused as refusal:
        if refusal.code is Code.PASSWORD:
            raise
