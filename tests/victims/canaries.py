"""Canaries for stolen copies: one stem in every field of every victim, looked for in every encoding."""

import base64
from collections.abc import Iterator
from pathlib import Path

STEM = "CNRY-VICTIM-"
FIELDS = {
    "identity": (
        "family_name", "given_names", "other_names", "document", "telephone", "address", "family", "birth_date",
    ),
    "facts": ("nationality", "exploitation", "route", "place"),
    "entry": ("text", "provider"),
    "retention": ("keeping", "holding"),
    "referral": ("handed_over", "asked"),
}  # fmt: skip
ENCODINGS = ("utf-8", "utf-16", "latin-1", "base64", "hex", "url")


def fields_of(number: int, group: str) -> dict[str, str]:
    return {field: f"{STEM}{number:06}-{field}-9f3añ" for field in FIELDS[group]}


def needles() -> dict[str, list[bytes]]:
    """The stem as each encoding would show it, wherever a longer text begins."""
    text = STEM.encode()
    # What base64 makes of the inner letters depends on where they fall in a group of three.
    inner = [base64.b64encode(b"\0" * shift + text)[4 : -4 or None] for shift in range(3)]
    return {
        "utf-8": [text],
        "utf-16": [STEM.encode("utf-16-le"), STEM.encode("utf-16-be")],
        "latin-1": [STEM.encode("latin-1")],
        "base64": [part.rstrip(b"=") for part in inner],
        "hex": [text.hex().encode(), text.hex().upper().encode()],
        "url": [STEM.encode().replace(b"-", b"%2D"), text],
    }


def hits(content: bytes) -> list[str]:
    return [encoding for encoding, found in needles().items() if any(needle in content for needle in found)]


def files_with_hits(folder: Path, skip: set[str]) -> Iterator[tuple[str, list[str], int]]:
    """(file, encodings found in it, bytes looked at). A file is read whole: pages of a table may cut a text."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_socket() and not skip & set(path.relative_to(folder).parts):
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # a server's temporary file
            yield str(path.relative_to(folder)), hits(content), len(content)
