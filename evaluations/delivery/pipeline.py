"""One build, step by step: freeze the data, compute, write the files, publish them all at once.

The worker may be killed anywhere. Frozen data are found again by their job, and each file is an artefact as soon as it
is written (delivery.parts): an attempt goes on from the part at which the one before ended. Other workers are asked to
help, a message of the outbox for each language; the build writes whatever nobody else has in hand, so that it needs
none of them. Documents and the end of the job are one transaction.
"""

import logging
import time
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from core import audit
from core.canonical import content_hash
from core.db import consistent_reads
from core.jobs import enqueue, finish, is_cancelled, report_progress
from core.models import Job, OutboxMessage
from evaluations.delivery.parts import Part, PartWriter, wanted_parts
from evaluations.enums import DocumentFormat, Stage
from evaluations.models import Artefact, Document, Evaluation, Snapshot
from evaluations.queries.snapshot import build_snapshot
from evaluations.queries.translations import reviewed_texts

logger = logging.getLogger(__name__)

HELP = "evaluations.write_language"
PAUSE = 0.2  # seconds between two looks at parts that other workers have in hand
STAGE_OF = {
    DocumentFormat.PDF: Stage.PDF,
    DocumentFormat.DOCX: Stage.DOCX,
    DocumentFormat.XLSX: Stage.XLSX,
    DocumentFormat.CSV: Stage.DATA,
    DocumentFormat.JSON: Stage.DATA,
}
STEPS = tuple(Stage)


class Cancelled(Exception):
    """Not an error: somebody asked to stop, or the result is there already."""


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
    ask_for_help(job, parts)
    progress.step()
    progress.enter(Stage.FIGURES)
    writer = PartWriter(evaluation, snapshot)
    progress.step()
    artefacts = _write(writer, parts, progress)
    progress.enter(Stage.PUBLISH)
    publish(message, evaluation, snapshot, artefacts)


def freeze(evaluation: Evaluation, job: Job) -> Snapshot:
    """The data of this build: read once, in one moment of the database; a retry gets the same.

    Data already frozen before keep their cut-off, so the same data give the same documents. Translations stand beside
    the data: another wording in French changes neither the fingerprint nor a document in another language.
    """
    frozen = Snapshot.objects.filter(job=job).first()
    if frozen is not None:
        return frozen
    with consistent_reads():
        content = build_snapshot(evaluation)
        digest = content_hash(content)
        content["translations"] = reviewed_texts(evaluation, content)
    same = evaluation.snapshots.filter(content_hash=digest).first()
    cutoff = same.cutoff_at if same else timezone.now()
    return Snapshot.objects.create(
        evaluation=evaluation, job=job, content=content, content_hash=digest, cutoff_at=cutoff
    )


@transaction.atomic
def ask_for_help(job: Job, parts: list[Part]) -> None:
    """A message for each language but the first, with which the build itself begins."""
    for language in list(dict.fromkeys(part.language for part in parts))[1:]:
        enqueue(HELP, str(job.public_id), language, key=f"{HELP}:{job.public_id}:{language}", queue="documents")


def write_language(message: OutboxMessage, job_id: str, language: str) -> None:
    """Help a build that still runs with a language. What fails here fails for the build too, which counts attempts:
    help is asked for once."""
    finish(message)
    snapshot = Snapshot.objects.get(job__public_id=job_id)
    evaluation = Evaluation.objects.with_page_data().get(pk=snapshot.evaluation_id)
    writer = PartWriter(evaluation, snapshot)
    for part in wanted_parts(evaluation):
        if Job.objects.filter(public_id=job_id).exclude(finished_at=None).exists():
            return
        if part.language == language:
            writer.write(part)


def _write(writer: PartWriter, parts: list[Part], progress: Progress) -> dict[Part, Artefact]:
    """Every part, in order; one that another worker has in hand is looked for again later."""
    done: dict[Part, Artefact] = {}
    frozen, before = progress.done, -1
    while len(done) < len(parts):
        if len(done) == before:
            time.sleep(PAUSE)
        before = len(done)
        for part in (part for part in parts if part not in done):
            progress.done = frozen + len(writer.written())
            progress.enter(STAGE_OF[DocumentFormat(part.format)])
            artefact = writer.write(part)
            if artefact is not None:
                done[part] = artefact
    progress.done = frozen + len(parts)
    return done


@transaction.atomic
def publish(
    message: OutboxMessage, evaluation: Evaluation, snapshot: Snapshot, artefacts: Mapping[Part, Artefact]
) -> None:
    """Documents, current data and the end of the job, together or not at all."""
    if not finish(message):
        raise Cancelled  # or another delivery was first: nothing of ours is written
    documents = Document.objects.bulk_create(
        [_document(snapshot, part, artefact) for part, artefact in artefacts.items()]
    )
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


def _document(snapshot: Snapshot, part: Part, artefact: Artefact) -> Document:
    return Document(
        snapshot=snapshot,
        language=part.language,
        format=part.format,
        file=artefact.file.name,
        size=artefact.size,
        sha256=artefact.sha256,
    )
