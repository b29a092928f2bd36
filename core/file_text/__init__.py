"""The words of a stranger's file, read in the sandbox. Nothing here knows Django or the portal."""

from core.sandbox import SandboxFailed, run


class Unreadable(Exception):
    """No text could be read: a picture, a scan, or a file that the reader cannot take."""


def text_of(kind: str, content: bytes) -> str:
    """Raises Unreadable where a person has to look themselves."""
    try:
        text = run("core.file_text", kind, source=content).decode("utf-8", errors="replace")
    except SandboxFailed:
        raise Unreadable from None
    if not text.strip():
        raise Unreadable
    return text
