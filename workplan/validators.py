"""Checks of single values that come in from files and forms. Each returns why it refuses, or an empty text."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from workplan.enums import (
    DETAIL_CHOICES,
    DETAIL_TYPES,
    DETAILS,
    MAX_COUNT,
    MAX_DETAIL,
    Detail,
    DetailType,
    NoCount,
    counts_of,
)

FORMULA_STARTS = ("=", "+", "-", "@")
# C0 and C1 controls except line feed and tab, bidirectional overrides, and the mark of a lost letter.
UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd]")
# UTF-8 read once too often as Windows-1252: "Ã³" for "ó", "â€œ" for a quotation mark.
BROKEN_LETTERS = re.compile(r"[ÃÂ][\x80-\xbf\u0192\u201a-\u2022\u2039\u203a\u20ac]|â€")

# Words that only one of the four languages has, or has often; enough to tell a text pasted into the wrong column.
_WORDS = {
    "es": "y el los las del al con sin una su sus lo más también según hacia desde",
    "en": "and the of that for to with their by which from its through into at is are or in",
    "fr": "et les des du aux le l d dans pour par avec leur leurs qui une au ses à ou",
    "pt-br": "os da dos das em com ao aos às um uma na nas pela pelo sua suas seu seus não do e",
}
MARKERS: Mapping[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _WORDS.items()}
LETTERS: Mapping[str, str] = {"es": "ñ", "en": "", "fr": "èœùûîë", "pt-br": "ãõ"}
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "es": ("ción", "ciones", "sión", "siones", "miento", "mientos", "dad", "dades"),
    "en": ("ing", "ness", "ity"),
    "fr": ("eurs", "euses", "ées", "ité", "ités"),
    "pt-br": ("ção", "ções", "são", "sões", "dade", "dades", "mento", "mentos"),
}


def text_fault(text: str) -> str:
    """What no cell of a catalogue may hold, whatever its column."""
    unwanted = UNWANTED.search(text)
    if unwanted:
        return _("holds the control character %(code)s") % {"code": f"U+{ord(unwanted[0]):04X}"}
    if text.lstrip().startswith(FORMULA_STARTS):
        return _("starts with %(sign)s: a spreadsheet would run it as a formula") % {"sign": text.lstrip()[0]}
    if BROKEN_LETTERS.search(text):
        return _("has broken letters such as “%(letters)s”: the file was saved in another encoding") % {
            "letters": BROKEN_LETTERS.search(text)[0]  # type: ignore[index]
        }
    return ""


def length_fault(text: str, limit: int) -> str:
    if len(text) <= limit:
        return ""
    return _("has %(length)s characters; %(limit)s are allowed") % {"length": len(text), "limit": limit}


def language_scores(text: str) -> dict[str, int]:
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text).lower())
    return {language: sum(_is_marker(word, language) for word in words) for language in MARKERS}


def _is_marker(word: str, language: str) -> bool:
    if word in MARKERS[language] or any(letter in word for letter in LETTERS[language]):
        return True
    return len(word) > 5 and word.endswith(ENDINGS[language])


def language_fault(text: str, language: str) -> str:
    """Refuse a text that plainly stands in another of the four languages; in doubt, let it pass."""
    scores = language_scores(text)
    best = max(scores, key=lambda code: scores[code])
    if scores[best] >= 2 and scores[best] >= 2 * scores[language] + 1:
        names = {"es": _("Spanish"), "en": _("English"), "fr": _("French"), "pt-br": _("Portuguese")}
        return _("looks like %(language)s") % {"language": names[best]}
    return ""


# --- details of an action --------------------------------------------------------------------------


def details_fault(kind: str, details: Mapping[str, Any]) -> str:
    """What the details of an action of this kind may not hold. A blank is a name that is not there."""
    allowed = {*DETAILS.get(kind, ()), *([Detail.ODD] if counts_of(kind) else [])}
    for name, value in details.items():
        if name not in allowed:
            return _("“%(name)s” is not asked of this kind of action.") % {"name": name}
        if not _fits(name, value):
            return _("“%(name)s”: this answer is not possible.") % {"name": Detail(name).label}
    start, end = details.get(Detail.IN_FORCE_FROM), details.get(Detail.IN_FORCE_TO)
    if start and end and end < start:
        return _("Nothing ends before it begins: check the dates in force.")
    return ""


def _fits(name: str, value: Any) -> bool:
    match DETAIL_TYPES[name]:
        case DetailType.COUNT:
            return value in NoCount.values or (type(value) is int and 0 <= value <= MAX_COUNT)
        case DetailType.TEXT:
            return isinstance(value, str) and 0 < len(value) <= MAX_DETAIL
        case DetailType.DATE:
            return isinstance(value, str) and _is_date(value)
        case DetailType.CHOICE:
            return value in DETAIL_CHOICES[name].values
        case DetailType.CHOICES:
            return _is_list(value) and set(value) <= set(DETAIL_CHOICES[name].values)
        case DetailType.STATES:
            return _is_list(value) and all(re.fullmatch("[A-Z]{2}", code) for code in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
