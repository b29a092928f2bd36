"""Plain text and CSV: written anew in UTF-8."""

import re
import unicodedata

from core.sanitize.kinds import Code, Refused, Removed, looks_binary

# The beginning of a cell that a spreadsheet would run as a formula; a signed number is left as it is.
_FORMULA = re.compile(r"(^|[,;\t|])(\"?)(?=[=+\-@＝＋－＠])(?![+-]?[\d.,\s]+%?\"?(?:[,;\t|]|$))", re.MULTILINE)


def clean(kind: str, content: bytes) -> tuple[bytes, set[Removed]]:
    if looks_binary(content):
        raise Refused(Code.MISMATCH)
    text = _decode(content).replace("\r\n", "\n").replace("\r", "\n")
    safe = "".join(character for character in text if character in "\n\t" or _is_visible(character))
    if not safe.strip():
        raise Refused(Code.EMPTY)
    removed = set()
    if kind == "csv":
        safe, count = _FORMULA.subn(r"\1\2'", safe)
        removed = {Removed.FORMULAS} if count else set()
    return safe.encode(), removed


def _is_visible(character: str) -> bool:
    """Without control characters and marks of direction; joiners stay, some scripts are wrong without them."""
    return unicodedata.category(character) not in {"Cc", "Cs", "Cf"} or character in "\u200c\u200d\u00ad"


def _decode(content: bytes) -> str:
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if "\x00" in text or looks_binary(text[:200].encode()):
            break
        return text
    raise Refused(Code.MISMATCH)
