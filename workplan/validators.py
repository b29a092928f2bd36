"""Checks of single texts that come in from files. Each returns why it refuses, or an empty text."""

import re
import unicodedata
from collections.abc import Mapping

from django.utils.translation import gettext as _

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
