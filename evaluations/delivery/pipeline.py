"""One build, step by step: freeze the data, compute, write the files, publish them all at once.

The worker may be killed anywhere. Frozen data are found again by their job. Each file is kept as an artefact as soon
as it is written, under the hash of what it was made of: an attempt goes on from the part at which the one before
ended, and a later build writes only what changed. Documents and the end of the job are one transaction.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override, to_locale

from core import audit
from core.canonical import content_hash
from core.db import consistent_reads
from core.files import store_once
from core.i18n import LANGUAGES
from core.jobs import finish, is_cancelled, report_progress
from core.models import Job, OutboxMessage
from evaluations.delivery import data, docx, pdf, xlsx
from evaluations.delivery.content import Content
from evaluations.enums import DocumentFormat, Stage
from evaluations.models import Artefact, Document, Evaluation, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.snapshot import build_snapshot
from evaluations.queries.translations import reviewed_texts

logger = logging.getLogger(__name__)

WRITERS: dict[str, Callable[[Content], bytes]] = {
    DocumentFormat.PDF: pdf.write,
    DocumentFormat.DOCX: docx.write,
    DocumentFormat.XLSX: xlsx.write,
    DocumentFormat.CSV: data.write_csv,
    DocumentFormat.JSON: data.write_json,
}
STAGE_OF = {
    DocumentFormat.PDF: Stage.PDF,
    DocumentFormat.DOCX: Stage.DOCX,
    DocumentFormat.XLSX: Stage.XLSX,
    DocumentFormat.CSV: Stage.DATA,
    DocumentFormat.JSON: Stage.DATA,
}
STEPS = tuple(Stage)


@dataclass(frozen=True)
class Part:
    format: str
    language: str


class Cancelled(Exception):
    """Not an error: somebody asked to stop, or the result is there already."""


def wanted_parts(evaluation: Evaluation) -> list[Part]:
    """Every language of the evaluation in each of its formats; on a machine that writes no PDF, the others."""
    formats = [f for f in DocumentFormat if f in evaluation.formats and (f != DocumentFormat.PDF or not _pdf_off())]
    return [Part(format_, code) for format_ in formats for code in LANGUAGES if code in evaluation.languages]


def _pdf_off() -> bool:
    return bool(settings.OAS_PDF_OFF)


class Progress:
    """Counts what is done; between two steps it also looks whether somebody cancelled."""

    def __init__(self, job: Job, parts: int) -> None:
        self.job, self.done, self.total = job, 0, parts + 3  # freezing, computing and publishing count one each

    def enter(self, stage: Stage) -> None:
        if is_cancelled(self.job):
            raise Cancelled
        report_progress(
            self.job,
            stage=stage,
            stage_number=STEPS.index(stage) + 1,
            stage_count=len(STEPS),
            done=self.done,
            total=self.total,
        )

    def step(self) -> None:
        self.done += 1


def build(message: OutboxMessage, evaluation_id: str) -> None:
    """Write the documents of an evaluation. Stops quietly when its job is cancelled."""
    assert message.job is not None  # noqa: S101 - services.request_build always gives one
    evaluation = Evaluation.objects.with_page_data().get(public_id=evaluation_id)
    try:
        _build(message, message.job, evaluation)
    except Cancelled:
        logger.info("Build of job %s was cancelled", message.job.public_id)


def _build(message: OutboxMessage, job: Job, evaluation: Evaluation) -> None:
    parts = wanted_parts(evaluation)
    progress = Progress(job, len(parts))
    progress.enter(Stage.FREEZE)
    snapshot = freeze(evaluation, job)
    progress.step()
    progress.enter(Stage.FIGURES)
    summary = summarize(snapshot.content)
    progress.step()
    documents = []
    for part in parts:
        progress.enter(STAGE_OF[DocumentFormat(part.format)])
        documents.append(_document(Content(evaluation, snapshot, summary, part.language), part))
        progress.step()
    progress.enter(Stage.PUBLISH)
    publish(message, evaluation, snapshot, documents)


def freeze(evaluation: Evaluation, job: Job) -> Snapshot:
    """The data of this build: read once, in one moment of the database; a retry gets the same.

    Data already frozen before keep their cut-off, so the same data give the same documents.
    """
    frozen = Snapshot.objects.filter(job=job).first()
    if frozen is not None:
        return frozen
    with consistent_reads():
        content = build_snapshot(evaluation)
        content["translations"] = reviewed_texts(evaluation, content)
    digest = content_hash(content)
    same = evaluation.snapshots.filter(content_hash=digest).first()
    cutoff = same.cutoff_at if same else timezone.now()
    return Snapshot.objects.create(
        evaluation=evaluation, job=job, content=content, content_hash=digest, cutoff_at=cutoff
    )


def _document(content: Content, part: Part) -> Document:
    artefact = _artefact(content, part)
    return Document(
        snapshot=content.snapshot,
        language=part.language,
        format=part.format,
        file=artefact.file.name,
        size=artefact.size,
        sha256=artefact.sha256,
    )


def _artefact(content: Content, part: Part) -> Artefact:
    """The file of a part: found where the same was written before, and written where not."""
    key = made_of(content, part)
    found = Artefact.objects.filter(input_hash=key).first()
    if found is not None and found.file.storage.exists(found.file.name or ""):
        return found
    with override(part.language):
        written = WRITERS[part.format](content)
    name, digest = store_once(written, folder="evaluations", suffix=part.format)
    row = Artefact(input_hash=key, file=name, size=len(written), sha256=digest)
    Artefact.objects.bulk_create([row], ignore_conflicts=True)
    return row


def made_of(content: Content, part: Part) -> str:
    """Everything a file depends on: the frozen data, the definition, the words and the code that writes it."""
    return content_hash(
        {**_matter(content, part), "part": [part.format, part.language], "code": code_hash(part.language)}
    )


def _matter(content: Content, part: Part) -> dict[str, Any]:
    """A table of the matrix names neither the evaluation nor its fingerprint; everything else does."""
    if part.format == DocumentFormat.CSV:
        return {"data": {name: content.data[name] for name in data.CSV_DATA}}
    evaluation = content.evaluation
    return {
        "data": content.content_hash,
        "as_of": content.cutoff.isoformat(),
        "head": [evaluation.series, evaluation.symbol, evaluation.original_language],
    }


@cache
def code_hash(language: str) -> str:
    """Of the files that shape a document in a language; a mended word or line makes its parts anew."""
    base = Path(settings.BASE_DIR)
    words = base / "locale" / to_locale(language) / "LC_MESSAGES" / "django.mo"
    code = [
        *base.glob("evaluations/delivery/**/*.py"),
        *base.glob("evaluations/queries/*.py"),
        base / "core" / "pdf.py",
    ]
    look = [*base.glob("templates/evaluations/document/*.html"), base / "static" / "css" / "document.css"]
    digest = hashlib.sha256()
    for path in sorted([*code, *look, *([words] if words.exists() else [])]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@transaction.atomic
def publish(message: OutboxMessage, evaluation: Evaluation, snapshot: Snapshot, documents: list[Document]) -> None:
    """Documents, current data and the end of the job, together or not at all."""
    if not finish(message):
        raise Cancelled  # or another delivery was first: nothing of ours is written
    Document.objects.bulk_create(documents)
    Evaluation.objects.filter(pk=evaluation.pk).update(snapshot=snapshot)
    audit.record(
        system=message.task,
        verb="evaluation.built",
        obj=evaluation,
        data={
            "job": str(snapshot.job.public_id),
            "content_hash": snapshot.content_hash,
            "documents": [document.sha256 for document in documents],
        },
    )
