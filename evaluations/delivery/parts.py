"""The parts of a build: one file in one language each, kept as an artefact under the hash of what it was made of.

A part is a document of the whole evaluation, or the paper of one State: that is made of the State's own part of the
frozen data, and stays the same file until something of this State changes.
Any worker may write any part. Whoever holds the lock of a part writes it, and whether it is written is known from its
artefact alone.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import override, to_locale

from core.canonical import content_hash
from core.db import session_lock
from core.files import store_once
from core.i18n import LANGUAGES
from evaluations.delivery import data, docx, pdf, xlsx
from evaluations.delivery.content import Content, paper_of
from evaluations.enums import DocumentFormat
from evaluations.models import Artefact, Evaluation, Snapshot
from evaluations.queries.figures import Summary, summarize
from evaluations.queries.preview import own_translations

WRITERS: dict[str, Callable[[Content], bytes]] = {
    DocumentFormat.PDF: pdf.write,
    DocumentFormat.DOCX: docx.write,
    DocumentFormat.XLSX: xlsx.write,
    DocumentFormat.CSV: data.write_csv,
    DocumentFormat.JSON: data.write_json,
}
PROGRAMS = ("weasyprint", "python-docx", "XlsxWriter")
WITH_TRANSLATIONS = (DocumentFormat.PDF, DocumentFormat.DOCX, DocumentFormat.XLSX, DocumentFormat.JSON)


@dataclass(frozen=True)
class Part:
    format: str
    language: str
    state: str = ""  # of a paper of a State its code


def wanted_parts(evaluation: Evaluation) -> list[Part]:
    """Every language of the evaluation in each of its formats; on a machine that writes no PDF, the others."""
    formats = [f for f in DocumentFormat if f in evaluation.formats and (f != DocumentFormat.PDF or not _pdf_off())]
    return [Part(format_, code) for format_ in formats for code in LANGUAGES if code in evaluation.languages]


def wanted_papers(evaluation: Evaluation, snapshot: Snapshot) -> list[Part]:
    """For each State in the frozen data, in each language of the evaluation."""
    states = snapshot.content.get("papers", {})  # none where the evaluation was defined without them
    languages = [code for code in LANGUAGES if code in evaluation.languages]
    return [Part(DocumentFormat.DOCX, code, iso2) for iso2 in states for code in languages]


def all_parts(evaluation: Evaluation, snapshot: Snapshot) -> list[Part]:
    return [*wanted_parts(evaluation), *wanted_papers(evaluation, snapshot)]


def _pdf_off() -> bool:
    return bool(settings.OAS_PDF_OFF)


class PartWriter:
    """Writes the parts of one build, and knows which are written."""

    def __init__(self, evaluation: Evaluation, snapshot: Snapshot) -> None:
        self.evaluation, self.snapshot = evaluation, snapshot

    @cached_property
    def keys(self) -> Mapping[Part, str]:
        return keys_of(self.evaluation, self.snapshot)

    def key(self, part: Part) -> str:
        """Of one part alone where nobody asked for all: a helper writes one paper of many."""
        known: Mapping[Part, str] | None = vars(self).get("keys")
        return known[part] if known else made_of(self.evaluation, self.snapshot, part)

    @cached_property
    def summary(self) -> Summary:
        return summarize(self.snapshot.content)

    def write(self, part: Part) -> Artefact | None:
        """The file of a part: found where the same was written before, and written where not. None: another worker
        has it in hand."""
        key = self.key(part)
        with session_lock(f"artefact:{key}") as mine:
            return (find_artefact(key) or self._write(part, key)) if mine else None

    def _write(self, part: Part, key: str) -> Artefact:
        with override(part.language):
            written = WRITERS[part.format](self._content(part))
        name, digest = store_once(written, folder="evaluations", suffix=part.format)
        row = Artefact(input_hash=key, file=name, size=len(written), sha256=digest)
        Artefact.objects.bulk_create([row], ignore_conflicts=True)  # the row of a file that is gone is there
        return row

    def _content(self, part: Part) -> Content:
        if part.state:
            return paper_of(self.evaluation, self.snapshot, part.state, part.language)
        return Content(self.evaluation, self.snapshot, self.summary, part.language)

    def written(self) -> set[Part]:
        return set(_written(self.keys))


_KEYS: dict[tuple[Any, ...], dict[Part, str]] = {}
KEPT = 32


def keys_of(evaluation: Evaluation, snapshot: Snapshot) -> Mapping[Part, str]:
    """Of every part of a build. A page that is read again every two seconds asks each time, and frozen data never
    change: a process reads them once."""
    about = (snapshot.pk, snapshot.content_hash, *_head(evaluation), *map(code_hash, LANGUAGES))
    asked = (*about, *wanted_parts(evaluation), evaluation.with_papers)
    if snapshot.pk is None or asked not in _KEYS:
        if len(_KEYS) >= KEPT:
            _KEYS.clear()
        _KEYS[asked] = {part: made_of(evaluation, snapshot, part) for part in all_parts(evaluation, snapshot)}
    return _KEYS[asked]


def written_parts(evaluation: Evaluation, snapshot: Snapshot) -> dict[Part, Artefact]:
    """For a page, while the build runs."""
    return _written(keys_of(evaluation, snapshot))


def written_part(evaluation: Evaluation, part: Part) -> Artefact | None:
    """A file of the last build, where it is written."""
    snapshot = Snapshot.objects.filter(job=evaluation.job_id).defer("content").first()
    key = keys_of(evaluation, snapshot).get(part) if snapshot else None
    return find_artefact(key) if key else None


def _written(keys: Mapping[Part, str]) -> dict[Part, Artefact]:
    found = {row.input_hash: row for row in Artefact.objects.filter(input_hash__in=keys.values())}
    return {part: found[key] for part, key in keys.items() if key in found}


def find_artefact(key: str) -> Artefact | None:
    found = Artefact.objects.filter(input_hash=key).first()
    return found if found is not None and found.file.storage.exists(found.file.name or "") else None


def made_of(evaluation: Evaluation, snapshot: Snapshot, part: Part) -> str:
    """Everything a file depends on: the frozen data, the definition, the words and the code that writes it."""
    matter = _matter(evaluation, snapshot, part)
    return content_hash({**matter, "part": [part.format, part.language], "code": code_hash(part.language)})


def _matter(evaluation: Evaluation, snapshot: Snapshot, part: Part) -> dict[str, Any]:
    """A table of the matrix names neither the evaluation nor its fingerprint; translations are printed in one
    language each; a paper knows of its State alone; everything else is in every file."""
    if part.state:
        return _paper_matter(evaluation, snapshot, part)
    if part.format == DocumentFormat.CSV:
        return {"data": {name: snapshot.content.get(name) for name in data.CSV_DATA}}
    translations = snapshot.content.get("translations", {}) if part.format in WITH_TRANSLATIONS else {}
    return {
        "data": snapshot.content_hash,
        "translations": translations.get(part.language, {}),
        "as_of": snapshot.cutoff_at.isoformat(),
        "head": _head(evaluation),
    }


def _paper_matter(evaluation: Evaluation, snapshot: Snapshot, part: Part) -> dict[str, Any]:
    return {
        "paper": [part.state, snapshot.content["papers"][part.state]],
        "translations": own_translations(snapshot.content, part.state, part.language),
        "head": _head(evaluation),
    }


def _head(evaluation: Evaluation) -> list[str]:
    return [evaluation.series, evaluation.symbol, evaluation.original_language]


@cache
def code_hash(language: str) -> str:
    """Of the files that shape a document in a language; a mended word or line makes its parts anew."""
    digest = hashlib.sha256()
    for path in shaping_files(language):
        digest.update(path.read_bytes())
    for name in PROGRAMS:
        digest.update(f"{name} {_version(name)}".encode())
    return digest.hexdigest()


def shaping_files(language: str) -> list[Path]:
    """Code, templates, words and the font: what documents look like and what they call things."""
    base = Path(settings.BASE_DIR)
    patterns = [
        "evaluations/delivery/**/*.py",
        "evaluations/queries/*.py",
        "evaluations/validators.py",
        "evaluations/templatetags/*.py",
        "core/templatetags/*.py",
        *(f"core/{name}.py" for name in ("pdf", "spreadsheets", "i18n")),
        *(f"{app}/enums.py" for app in ("accounts", "evaluations", "networks", "workplan")),
        "indicators/data/*.json",  # titles of the tables of statistics
        "templates/evaluations/document/*.html",
        "static/css/document.css",
        "static/vendor/public-sans.woff2",
        f"locale/{to_locale(language)}/LC_MESSAGES/django.mo",
    ]
    return sorted(path for pattern in patterns for path in base.glob(pattern))


def _version(program: str) -> str:
    try:
        return version(program)
    except PackageNotFoundError:  # a machine that writes no PDF
        return ""
