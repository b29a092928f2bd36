"""Names of files as people gave them, made safe to show, to store and to put in a header."""

import re
import unicodedata

MAX_STEM = 100
# Unassigned, private, control and format characters: among them the marks that turn the reading direction.
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_FORBIDDEN = re.compile(r'[<>:"|?*;%\\/]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def split_name(name: str) -> tuple[str, str]:
    """Stem and lower-case extension of the last part of a path, cleaned; the stem is never empty."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(character for character in last if unicodedata.category(character) not in _INVISIBLE)
    stem, dot, extension = visible.strip(" .").rpartition(".")
    if not dot:
        stem, extension = extension, ""
    stem = _FORBIDDEN.sub("_", re.sub(r"\s+", " ", stem)).strip(" .")[:MAX_STEM]
    # Combining marks piled on one letter would run over the lines above and below.
    stem = re.sub(r"([\u0300-\u036f]{2})[\u0300-\u036f]+", r"\1", stem)
    if _DEVICES.fullmatch(stem.split(".")[0]):
        stem = f"_{stem}"
    return stem or "file", f".{extension.lower()}" if extension else ""
