"""Copies of strangers' files that are safe to give out: rebuilt, without active content and without metadata.

`kinds` looks at the first bytes and answers at once, in the form. `safe_copy` does the rest in the sandbox:
each format has a module whose `clean` returns the copy or raises `Refused` with a code. Nothing here knows
Django, the portal or its words.
"""

import json
import re
from dataclasses import dataclass

from core.sandbox import SandboxFailed, run
from core.sanitize.kinds import Code, Refused

_PDF_LOCK = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")


@dataclass(frozen=True)
class Copy:
    content: bytes
    removed: tuple[str, ...]  # codes of what the original has and the copy has not


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


def needs_password(kind: str, content: bytes) -> bool:
    """Whether a PDF opens only with a password. One that merely forbids printing opens, and is taken."""
    if kind != "pdf" or not _PDF_LOCK.search(content):
        return False
    try:
        safe_copy(kind, content)
    except Refused as refusal:
        return refusal.code is Code.PASSWORD
    return False
