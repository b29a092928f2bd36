"""Does a text tell who somebody is? Warns on names, documents, telephone numbers, birth dates and e-mail addresses.

It reads Spanish, English, French and Portuguese by shapes and short lists, never sends a text anywhere and keeps
nothing. It errs on the side of a warning: a person then looks again and may say that no victim is named.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


class Mark(StrEnum):
    NAME = "name"
    DOCUMENT = "document"
    PHONE = "phone"
    BIRTH = "birth"
    EMAIL = "email"


@dataclass(frozen=True)
class Finding:
    mark: Mark
    text: str


def findings(text: str) -> list[Finding]:
    """What may tell who somebody is, each once, in the order of the text."""
    text = unicodedata.normalize("NFC", text)
    found = [*_emails(text), *_births(text), *_documents(text), *_phones(text), *_names(text)]
    ordered = sorted(found, key=lambda pair: pair[0])
    return list(dict.fromkeys(Finding(mark, piece.strip()) for _at, mark, piece in ordered))


Hits = Iterator[tuple[int, Mark, str]]


def plain(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def _words_of(name: str) -> Iterator[str]:
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.split()


@cache
def _known() -> frozenset[str]:
    return frozenset(word.rstrip("*") for word in _words_of("guard_known_words.txt"))


@cache
def _given() -> frozenset[str]:
    """Given names, those that are also words or places included."""
    return frozenset(plain(word.rstrip("*")) for word in _words_of("guard_given_names.txt"))


@cache
def _given_alone() -> frozenset[str]:
    """Given names that mean nothing else, so that one of them is enough."""
    return frozenset(plain(word) for word in _words_of("guard_given_names.txt") if not word.endswith("*"))


# --- addresses and numbers ------------------------------------------------------------------------

_EMAIL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\w.+-]+\s?[(\[]\s?(?:at|arroba)\s?[)\]]\s?[\w-]+(?:\s?\.\s?[\w-]+)+", re.IGNORECASE
)

_MONTHS = (
    "ene(?:ro)?|feb(?:rero)?|mar(?:zo)?|abr(?:il)?|may(?:o)?|jun(?:io)?|jul(?:io)?|ago(?:sto)?|sep?t?(?:iembre)?|"
    "oct(?:ubre)?|nov(?:iembre)?|dic(?:iembre)?|jan(?:uary)?|february|march|april|june|july|aug(?:ust)?|september|"
    "october|november|dec(?:ember)?|janv(?:ier)?|f[eé]v(?:rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|"
    "septembre|octobre|novembre|d[eé]c(?:embre)?|janeiro|fev(?:ereiro)?|mar[cç]o|maio|junho|julho|set(?:embro)?|"
    "out(?:ubro)?|novembro|dez(?:embro)?"
)
_NUMERIC_DATE = r"\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:\d{4}|\d{2})\b|\d{4}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{1,2}"
_DATE_TEXT = (
    rf"{_NUMERIC_DATE}"
    rf"|\d{{1,2}}(?:er|º|°|st|nd|rd|th)?\s*(?:de\s+|of\s+)?(?:{_MONTHS})\.?\s*,?\s*(?:de[l]?\s+)?\d{{4}}"
    rf"|(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\s*,?\s*\d{{4}}"
)
_DATE = re.compile(rf"(?<![\d\w])(?:{_DATE_TEXT})", re.IGNORECASE)
_BORN = re.compile(
    r"\bn[aá]c(?:i|id[oa]|i[oó]|imiento)?\b|\bnacid[oa]s?\b|\bnaci[oó]\b|\bnacimiento\b|\bf\.?\s?n\.?\b|\bborn\b|\bbirth"
    r"|\bd\.?\s?o\.?\s?b\b|\bn[eé]e?s?\s+(?:le|en|à)\b|\bnaissance\b|\bnat[ao]\b|\bnasc(?:id[oa]|eu|imento)?\b|\bcumple",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\d{4}")
# A whole date of these years is hardly that of a meeting of the Plan.
_BIRTH_YEARS = range(1920, 2006)

_DOCUMENT_WORD = (
    r"c[eé]dula|d\.?n\.?i\b|d\.?u\.?i\b|d\.?p\.?i\b|c\.?u\.?i\b|c\.?u\.?r\.?p\b|r\.?u\.?[tn]\b|c\.?p\.?f\b|\br\.?g\b|"
    r"\bc\.?i\b|pasaporte|passaporte|passport|passeport|carn[eé]t?|identidad|identidade|identit[eé]|identity|\bid\b|"
    r"\bi\.d\.|nif\b|nis\b|ssn|s\.s\.n|social security|seguro social|documento|licen[cs]i?a|licen[cs]e|permis|visa"
    r"|visado|expediente m[eé]dico|partida|acte de naissance|\bn\.?i\.?n\b|\btrn\b|nin\b"
)
_DOCUMENT_CUE = re.compile(
    rf"(?i:{_DOCUMENT_WORD})[^\n\d]{{0,40}}?((?:\b[A-Z]{{1,4}}[\s-]?)?\d(?:[\s.\-/]?[\dA-Z]){{3,}}[A-Za-z]?)\b"
)
_DOCUMENT_SHAPE = re.compile(
    r"\b[A-Z]{4}\d{6}[A-Z]{6,7}[A-Z0-9]?\d?\b"  # CURP
    r"|\b\d{3}\.?\d{3}\.?\d{3}[-/]\d{2}\b"  # CPF
    r"|\b\d{1,2}\.\d{3}\.\d{3}-[\dkKxX]\b"  # RUT, RG
    r"|\b\d{3}-\d{2}-\d{4}\b"  # SSN
    r"|\b\d{8}-\d\b|\b\d{4}-\d{4}-\d{5}\b|\b\d{1,2}-\d{3,4}-\d{3,6}\b|\b\d{3}-\d{6}-\d{4}[A-Z]?\b"
    r"|\b[A-Z]{1,3}[- ]?\d{6,9}[A-Z]?\b|\b\d{2}[A-Z]{2}\d{5}\b|\b\d{6,}[A-Z]\b"
    r"|\b[12]\s?\d{2}\s?\d{2}\s?\d{2}\s?\d{3}\s?\d{3}(?:\s?\d{2})?\b"  # NIR
)
_DOTTED = re.compile(
    r"(?<![\d$.,])(?<!\$ )\b\d{1,2}\.\d{3}\.(?!000)\d{3}\b(?![\d.,]*\s?(?:USD|pesos|reais|dollars|euros|%))"
)

_PHONE = re.compile(r"(?<![\w/])\+?\(?\d(?:[\s().–/·-]{0,3}\d){6,16}(?!\d)")
_AMOUNT = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,2}|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+")
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s?[-–/]\s?(?:19|20)?\d\d)+")
_OF_A_YEAR = re.compile(r"\d{1,5}\s?[/-]\s?(?:19|20)\d\d")  # the number of a law or a file: 985/2005


def _emails(text: str) -> Hits:
    for hit in _EMAIL.finditer(text):
        yield hit.start(), Mark.EMAIL, hit[0]


def _births(text: str) -> Hits:
    for hit in _DATE.finditer(text):
        year = _YEAR.search(hit[0])
        about = text[max(0, hit.start() - 40) : hit.start()]
        if _BORN.search(about) or (year and int(year[0]) in _BIRTH_YEARS):
            yield hit.start(), Mark.BIRTH, hit[0]


def _documents(text: str) -> Hits:
    for hit in _DOCUMENT_CUE.finditer(text):
        number = hit[1]
        if sum(char.isdigit() for char in number) >= 5 and not _is_time(number):
            yield hit.start(1), Mark.DOCUMENT, number
    for pattern in (_DOCUMENT_SHAPE, _DOTTED):
        for hit in pattern.finditer(text):
            if not _is_time(hit[0]):
                yield hit.start(), Mark.DOCUMENT, hit[0]


def _is_time(number: str) -> bool:
    number = number.strip(" .-/")
    return bool(_DATE.fullmatch(number) or _YEARS.fullmatch(number) or _OF_A_YEAR.fullmatch(number))


def _phones(text: str) -> Hits:
    for hit in _PHONE.finditer(text):
        digits = sum(char.isdigit() for char in hit[0])
        if not 7 <= digits <= 17 or _is_time(hit[0]) or _DATE.match(hit[0].strip()):
            continue
        if not _AMOUNT.fullmatch(hit[0].strip()) or (digits >= 9 and " " in hit[0]):
            yield hit.start(), Mark.PHONE, hit[0]


# --- names ----------------------------------------------------------------------------------------

_CAP = r"[A-ZÀ-ÖØ-Þ](?:['’]?[A-Za-zÀ-ÖØ-öø-ÿ]+)+"
_JOIN = r"(?:\s+(?:de|del|da|do|dos|das|e|y|du|des|la|le|los|las|van|von|di|of|the|et)){0,3}"
_RUN = re.compile(rf"{_CAP}(?:(?:{_JOIN}\s+|-)(?:{_CAP}|[A-Z]\b\.?))*(?:,\s?{_CAP}(?:\s+{_CAP}){{0,2}})?")
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-Za-zÀ-ÖØ-öø-ÿ]+)*")
_JOINS = frozenset(
    ("de", "del", "da", "do", "dos", "das", "e", "y", "du", "des", "la", "le", "los", "las", "van", "von", "di", "of")
) | {"the", "et"}
_CUE = re.compile(
    r"(?:\b(?:sr|sra|srta|dr|dra|mr|mrs|ms|mme|mlle|lic|ing)\b\.?|\bm\.|\b(?:se[nñ]or(?:a|ita)?|don|do[nñ]a|miss|monsieur"
    r"|madame|mademoiselle|senhor(?:a|ita)?|dona|seu)\b|\b(?:ni[nñ][oa]|menor|beb[eé]|chica|joven|v[ií]ctima|victim|victime"
    r"|v[ií]tima|girl|boy|woman|man|child|minor|teenager|fille|gar[cç]on|femme|enfant|mineure?|jeune|menina|menino"
    r"|mo[cç]a|mulher|crian[cç]a|adolescente?|sobreviviente|survivor|ciudadan[ao]|cidad[aã]o?|national|ressortissante?"
    r"|testigo|witness|t[eé]moin|testemunha|madre|mother|m[eè]re|m[aã]e|padre|father|p[eè]re|pai|hermana|sister|s[oœ]eur"
    r"|irm[aã]|tratante|trafficker|trafiquante?|traficante|sospechos[ao]|suspect|suspeit[ao])\b"
    r"|\b(?:llamad[ao]|nombrad[ao]|de nombre|se llama|(?:su |o )?nombre(?: es)?|conocid[ao] como|alias|named|called"
    r"|(?:whose |her |his )?name(?: is)?|known as|nomm[eé]e?|s['’]appelle|pr[eé]nomm[eé]e?|(?:son )?nom(?: est)?"
    r"|pr[eé]nom|dite?|chamad[ao]|chama-se|se chama|de nome|(?:seu )?nome(?: [eé])?|conhecid[ao] como|apelid[ao]"
    r"|apellidos?|sobrenome|surname|contact(?:er|ar|e)?|hablar con|ask for|demander|falar com)\b)\s*[:,«“\"']?\s*"
    rf"(?P<name>{_CAP})",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\b[A-Z]\.?$")
# Places called after saints, and other names of States that are names of people.
_PLACE = re.compile(
    r"\b(?:San|S[aã]o|Saint|Sainte|Santa|Santo|St\.?)[ -](?:et[ -])?(?:Vicente|Vincent|Luc[ií]a|L[uú]cia|Lucie|"
    r"Crist[oó]bal|Crist[oó]v[aã]o|Christophe|Kitts|Jos[eé]|Salvador|Pedro Sula|Domingo|Juan|Paulo|Luis|Mart[ií]n|"
    r"Marcos|Ana|Cruz|Elena|Rosa|Miguel|Antonio|Carlos|Fernando|Andr[eé]s|Francisco|Diego|James|George|John|Marc|Martin|Louis)\b"
    r"|\bGranadin[ae]s?\b"
)
_SENTENCE_END = re.compile(r"(?:^|[.!?:;•\n\r\t|—–(«“\"]|-\s)\s*$")


def _names(text: str) -> Hits:
    text = _PLACE.sub(lambda place: "_" * len(place[0]), text)
    yield from _cued_names(text)
    for run in _RUN.finditer(text):
        opens = bool(_SENTENCE_END.search(text[max(0, run.start() - 6) : run.start()]))
        if _is_name(run[0], opens=opens):
            yield run.start(), Mark.NAME, run[0]
    for word in _WORD.finditer(text):
        if word[0].islower() and len(word[0]) > 3 and plain(word[0]) in _given_alone():
            yield word.start(), Mark.NAME, word[0]


def _cued_names(text: str) -> Hits:
    for cue in _CUE.finditer(text):
        name = cue["name"]
        if name[0].isupper() and not name.isupper() and plain(name) not in _known() | _openers():
            yield cue.start("name"), Mark.NAME, name


def _is_name(run: str, *, opens: bool) -> bool:
    words = [word for word in _WORD.findall(run) if word.lower() not in _JOINS or word[0].isupper()]
    if opens and words and plain(words[0]) in _openers():
        words, opens = words[1:], False
    plains = [plain(word) for word in words]
    given = {word for word in plains if word in _given()}
    if given & _given_alone() or (given and len(plains) >= 2 and set(plains) - given - _known()):
        return True
    unknown = [word for word, raw in zip(plains, words, strict=True) if word not in _known() and not _is_acronym(raw)]
    if given and any(word.isupper() and len(word) > 2 for word in words) and len(words) >= 2:
        return True
    if opens and unknown and plains[0] == unknown[0] and len(unknown) < len(words):
        unknown = unknown[1:]  # the first word of a sentence has its capital from there
    also_surnames = [word for word in plains if word in _also_surnames()]
    return len(unknown) >= 2 or bool(unknown and (also_surnames or _INITIAL.search(run)))


def _is_acronym(word: str) -> bool:
    """Capitals only, and too short for a surname."""
    return word.isupper() and len(word) <= 4


@cache
def _also_surnames() -> frozenset[str]:
    """Known words that are surnames as well: beside an unknown word they make a name."""
    return frozenset(plain(word.rstrip("*")) for word in _words_of("guard_known_words.txt") if word.endswith("*"))


@cache
def _openers() -> frozenset[str]:
    """Words with which sentences begin."""
    return frozenset(_words_of("guard_openers.txt"))
