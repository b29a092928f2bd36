"""Everything for the Meeting in one file: the documents, the papers of the States, the register of the Meetings, and
what each file is. Kept as an artefact under the hash of what it is made of, as every other file."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.canonical import content_hash
from core.files import store_once
from core.i18n import LANGUAGES, NATIVE_NAMES
from evaluations.delivery import docx
from evaluations.delivery.parts import code_hash, find_artefact
from evaluations.enums import DocumentFormat
from evaluations.models import (
    AgendaItem,
    Artefact,
    Conclusion,
    Document,
    Evaluation,
    FollowUp,
    Meeting,
    MeetingDocument,
    Officer,
    Publication,
    StatePaper,
)

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3
READABLE = 0o644 << 16  # where the ZIP keeps the rights of a file: without them some programs unpack what nobody reads
SUMS = "SHA256SUMS"
REGISTER: tuple[type[models.Model], ...] = (Meeting, Officer, AgendaItem, MeetingDocument, Conclusion, FollowUp)
LINE = "\r\n"  # for the simplest programs of an old machine


# --- names ----------------------------------------------------------------


def file_name(document: Document) -> str:
    """RTP-IV_doc.6_14_es.pdf."""
    return f"{symbol_name(document.snapshot.evaluation)}_{document.language}.{document.format}"


def paper_name(paper: StatePaper) -> str:
    """RTP-IV_doc.6_14_CR_es.docx."""
    return f"{symbol_name(paper.snapshot.evaluation)}_{paper.state.iso2}_{paper.language}.docx"


def pack_name(publication: Publication) -> str:
    return f"{symbol_name(publication.evaluation)}.zip"


def symbol_name(evaluation: Evaluation) -> str:
    """The symbol, as far as a file name can carry it."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", evaluation.symbol)


# --- the file -------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A file of the pack: a row that was written by the build, or bytes that are made for the pack."""

    name: str
    language: str
    sha256: str
    row: Document | StatePaper | None = None
    body: bytes = b""

    def read(self) -> bytes:
        if self.row is None:
            return self.body
        with self.row.file.open("rb") as file:
            found: bytes = file.read()
        return found


def meeting_pack(publication: Publication) -> Artefact:
    """Written where the same was not written before; a word more in the register makes another."""
    key = _key(publication)
    found = find_artefact(key)
    if found is not None:
        return found
    body = _write(publication)
    name, digest = store_once(body, folder="evaluations", suffix="zip")
    row = Artefact(input_hash=key, file=name, size=len(body), sha256=digest)
    Artefact.objects.bulk_create([row], ignore_conflicts=True)  # another request may have been first
    return row


def _key(publication: Publication) -> str:
    built = [(entry.name, entry.sha256) for entry in _built(publication)]
    register = [[str(row) for row in model._default_manager.order_by("pk").values_list()] for model in REGISTER]
    code = [_own_code(), *(code_hash(language) for language in LANGUAGES)]
    return content_hash({"pack": publication.evaluation.symbol, "files": built, "register": register, "code": code})


@cache
def _own_code() -> str:
    return sha256(Path(__file__).read_bytes()).hexdigest()


def _write(publication: Publication) -> bytes:
    entries = [*_built(publication), *_registers(publication)]
    entries = [*(_list(publication, entries, language) for language in LANGUAGES), *entries]
    sums = "".join(f"{entry.sha256}  {entry.name}\n" for entry in entries)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as pack:
        for entry in entries:
            pack.writestr(_readable(entry.name), entry.read())
        pack.writestr(_readable(SUMS), sums)
    return output.getvalue()


def _readable(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, ZIP_TIME)
    info.create_system, info.external_attr = UNIX, READABLE
    return info


def _built(publication: Publication) -> Iterator[Entry]:
    """What the build wrote, the papers in a folder for each State."""
    snapshot = publication.snapshot
    for document in snapshot.documents.select_related("snapshot__evaluation").defer("snapshot__content"):
        yield Entry(file_name(document), document.language, document.sha256, document)
    for paper in snapshot.papers.with_page_data():
        yield Entry(f"{paper.state.iso2}/{paper_name(paper)}", paper.language, paper.sha256, paper)


def _made(name: str, language: str, body: bytes) -> Entry:
    return Entry(name, language, sha256(body).hexdigest(), body=body)


# --- the register ---------------------------------------------------------


class Register:
    """The register of the Meetings as a document. Read it while its language is active."""

    template = "evaluations/document/register.html"

    def __init__(self, publication: Publication, language: str) -> None:
        self.evaluation, self.language = publication.evaluation, language
        self.meetings = Meeting.objects.with_page_data().order_by("-number")
        last = FollowUp.objects.order_by("-at").first()
        # When the newest of what it tells was said: no clock of this run.
        self.cutoff: datetime = max(publication.snapshot.cutoff_at, last.at) if last else publication.snapshot.cutoff_at

    @property
    def title(self) -> str:
        return _("Register of the Meetings of National Authorities")

    @property
    def subtitle(self) -> str:
        return _("Agenda, documents, conclusions and what became of them")

    @property
    def running_head(self) -> str:
        return self.evaluation.series


def _registers(publication: Publication) -> Iterator[Entry]:
    for language in LANGUAGES:
        with override(language):
            yield _made(f"register_{language}.docx", language, docx.write(Register(publication, language)))


# --- the list in words ----------------------------------------------------


def _list(publication: Publication, entries: list[Entry], language: str) -> Entry:
    """What each file is, for whoever opens the pack without the portal."""
    with override(language):
        words = {"symbol": publication.evaluation.symbol, "count": len(entries)}
        head = [
            _("Files for the Fourth Meeting, %(symbol)s: %(count)s files") % words,
            _("The list %(name)s holds the same fingerprints for programs that check them.") % {"name": SUMS},
        ]
        lines = [line for entry in entries for line in ("", *_told(publication, entry))]
    return _made(f"list_{language}.txt", language, (LINE.join([*head, *lines]) + LINE).encode("utf-8-sig"))


def _told(publication: Publication, entry: Entry) -> list[str]:
    names = [_what(entry), NATIVE_NAMES[entry.language]]
    if entry.row is not None:
        names.append(_("symbol %(symbol)s") % {"symbol": publication.evaluation.symbol})
    return [entry.name, "  " + ", ".join(names), f"  SHA-256 {entry.sha256}"]


def _what(entry: Entry) -> str:
    if isinstance(entry.row, StatePaper):
        return _("Paper of %(state)s: what the evaluation says of this State (DOCX)") % {"state": entry.row.state.name}
    if entry.row is None:
        return _("Register of the Meetings: agenda, documents, conclusions and what became of them (DOCX)")
    kinds = {
        DocumentFormat.PDF: _("The evaluation, to be read and printed (PDF)"),
        DocumentFormat.DOCX: _("The evaluation, to be worked on (DOCX)"),
        DocumentFormat.XLSX: _("The figures of the evaluation as a workbook (XLSX)"),
        DocumentFormat.CSV: _("The matrix of States and activities as a table (CSV)"),
        DocumentFormat.JSON: _("The matrix of States and activities for programs (JSON)"),
    }
    return kinds[DocumentFormat(entry.row.format)]
