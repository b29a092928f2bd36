"""One build, step by step: freeze the data, compute, write the files, publish them all at once.

The worker may be killed anywhere. Frozen data are found again by their job, and each file is an artefact as soon as it
is written (delivery.parts): an attempt goes on from the part at which the one before ended. Other workers are asked to
help in the transaction that freezes the data: a message of the outbox for each language, and one for each State and
language. The build writes whatever nobody else has in hand, so that it needs none of them. Documents, papers and the
end of the job are one transaction.
"""

import logging
import time
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from accounts.models import State
from core import audit
from core.canonical import content_hash
from core.db import consistent_reads
from core.jobs import enqueue_all, finish, is_cancelled, report_progress
from core.models import Job, OutboxMessage
from evaluations.delivery.parts import Part, PartWriter, wanted_papers, wanted_parts
from evaluations.enums import DocumentFormat, Stage
from evaluations.models import Artefact, Document, Evaluation, Snapshot, StatePaper
from evaluations.queries.preview import frozen_papers
from evaluations.queries.snapshot import build_snapshot
from evaluations.queries.translations import frozen_texts

logger = logging.getLogger(__name__)

HELP, HELP_PAPER = "evaluations.write_language", "evaluations.write_paper"
PAUSE = 0.2  # seconds between two looks at parts that other workers have in hand
STAGE_OF = {
    DocumentFormat.PDF: Stage.PDF,
    DocumentFormat.DOCX: Stage.DOCX,
    DocumentFormat.XLSX: Stage.XLSX,
    DocumentFormat.CSV: Stage.DATA,
    DocumentFormat.JSON: Stage.DATA,
}
STEPS = tuple(Stage)
# What a part costs, measured in papers of a State: without it the time left would say nothing.
WEIGHT = {DocumentFormat.PDF: 110, DocumentFormat.DOCX: 15, DocumentFormat.XLSX: 8}


class Cancelled(Exception):
    """Not an error: somebody asked to stop, or the result is there already."""


def stage_of(part: Part) -> Stage:
    return Stage.PAPERS if part.state else STAGE_OF[DocumentFormat(part.format)]


def weight_of(part: Part) -> int:
    return 1 if part.state else WEIGHT.get(DocumentFormat(part.format), 1)


class Progress:
    """Counts what is done; between two steps it also looks whether somebody cancelled."""

    def __init__(self, job: Job, parts: Iterable[Part] = ()) -> None:
        self.job, self.parts, self.written = job, list(parts), set[Part]()
        self.steps, self.told = 0, (Stage.FREEZE, 0.0)

    def enter(self, stage: Stage) -> None:
        self.told = (stage, time.monotonic())
        if is_cancelled(self.job):
            raise Cancelled
        weights = {part: weight_of(part) for part in self.parts}
        report_progress(
            self.job,
            stage=stage,
            stage_number=STEPS.index(stage) + 1,
            stage_count=len(STEPS),
            done=self.steps + sum(weights[part] for part in self.written),
            total=3 + sum(weights.values()),  # freezing, computing and publishing
            in_stage=self._in(stage),
        )

    def _in(self, stage: Stage) -> tuple[int, int]:
        of_stage = {part for part in self.parts if stage_of(part) == stage}
        return (len(of_stage & self.written), len(of_stage)) if of_stage else (0, 1)

    def is_recent(self, stage: Stage) -> bool:
        """A paper takes less time than telling of it."""
        told, at = self.told
        return told == stage and time.monotonic() - at < PAUSE


def build(message: OutboxMessage, evaluation_id: str) -> None:
    """Write the documents of an evaluation. Stops quietly when its job is cancelled."""
    assert message.job is not None  # noqa: S101 - services.request_build always gives one
    evaluation = Evaluation.objects.for_list().get(public_id=evaluation_id)
    try:
        _build(message, message.job, evaluation)
    except Cancelled:
        logger.info("Build of job %s was cancelled", message.job.public_id)


def _build(message: OutboxMessage, job: Job, evaluation: Evaluation) -> None:
    Progress(job, wanted_parts(evaluation)).enter(Stage.FREEZE)
    snapshot = freeze(evaluation, job)
    writer = PartWriter(evaluation, snapshot)
    progress = Progress(job, writer.keys)
    progress.steps = 1
    progress.enter(Stage.FIGURES)
    _computed_in_this_step = writer.summary  # kept by the writer for all documents
    progress.steps = 2
    artefacts = _write(writer, progress)
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
        content["translations"] = frozen_texts(evaluation, content)
    same = evaluation.snapshots.filter(content_hash=digest).first()
    cutoff = same.cutoff_at if same else timezone.now()
    if evaluation.with_papers:
        content["papers"] = frozen_papers(evaluation, content, cutoff)
    with transaction.atomic():
        snapshot = Snapshot.objects.create(
            evaluation=evaluation, job=job, content=content, content_hash=digest, cutoff_at=cutoff
        )
        ask_for_help(evaluation, snapshot)
    return snapshot


def ask_for_help(evaluation: Evaluation, snapshot: Snapshot) -> None:
    """A message for each language but the first, with which the build itself begins, and one for each paper."""
    job = str(snapshot.job.public_id)
    languages = list(dict.fromkeys(part.language for part in wanted_parts(evaluation)))[1:]
    enqueue_all(HELP, [(job, language) for language in languages], queue="documents")
    papers = [(job, part.state, part.language) for part in wanted_papers(evaluation, snapshot)]
    enqueue_all(HELP_PAPER, papers, queue="documents")


def write_language(message: OutboxMessage, job_id: str, language: str) -> None:
    """Help a build that still runs with a language. What fails here fails for the build too, which counts attempts:
    help is asked for once."""
    finish(message)
    writer = _helper(job_id)
    for part in wanted_parts(writer.evaluation):
        if _is_over(job_id):
            return
        if part.language == language:
            writer.write(part)


def write_paper(message: OutboxMessage, job_id: str, iso2: str, language: str) -> None:
    """Help with the paper of a State in a language, in the same way."""
    finish(message)
    if not _is_over(job_id):
        _helper(job_id).write(Part(DocumentFormat.DOCX, language, iso2))


def _helper(job_id: str) -> PartWriter:
    snapshot = Snapshot.objects.get(job__public_id=job_id)
    return PartWriter(Evaluation.objects.for_list().get(pk=snapshot.evaluation_id), snapshot)


def _is_over(job_id: str) -> bool:
    return Job.objects.filter(public_id=job_id).exclude(finished_at=None).exists()


def _write(writer: PartWriter, progress: Progress) -> dict[Part, Artefact]:
    """Every part, in order; one that another worker has in hand is looked for again later."""
    done: dict[Part, Artefact] = {}
    before = -1
    while len(done) < len(progress.parts):
        if len(done) == before:
            time.sleep(PAUSE)
        before = len(done)
        for part in (part for part in progress.parts if part not in done):
            _tell(writer, progress, stage_of(part))
            artefact = writer.write(part)
            if artefact is not None:
                done[part] = artefact
    progress.written = set(done)
    return done


def _tell(writer: PartWriter, progress: Progress, stage: Stage) -> None:
    if stage != Stage.PAPERS or not progress.is_recent(stage):
        progress.written = writer.written()
        progress.enter(stage)


@transaction.atomic
def publish(
    message: OutboxMessage, evaluation: Evaluation, snapshot: Snapshot, artefacts: Mapping[Part, Artefact]
) -> None:
    """Documents, current data and the end of the job, together or not at all."""
    if not finish(message):
        raise Cancelled  # or another delivery was first: nothing of ours is written
    _close_help(snapshot.job)
    documents = Document.objects.bulk_create(
        [_document(snapshot, part, artefact) for part, artefact in artefacts.items() if not part.state]
    )
    papers = StatePaper.objects.bulk_create(_papers(snapshot, artefacts))
    Evaluation.objects.filter(pk=evaluation.pk).update(snapshot=snapshot)
    audit.record(
        system=message.task,
        verb="evaluation.built",
        obj=evaluation,
        data={
            "job": str(snapshot.job.public_id),
            "content_hash": snapshot.content_hash,
            "documents": [document.sha256 for document in documents],
            "papers": content_hash([paper.sha256 for paper in papers]) if papers else "",
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


def _papers(snapshot: Snapshot, artefacts: Mapping[Part, Artefact]) -> list[StatePaper]:
    states = State.objects.in_bulk([part.state for part in artefacts if part.state], field_name="iso2")
    return [
        StatePaper(
            snapshot=snapshot,
            state=states[part.state],
            language=part.language,
            file=artefact.file.name,
            size=artefact.size,
            sha256=artefact.sha256,
            content_hash=snapshot.content["papers"][part.state]["sha256"],
        )
        for part, artefact in artefacts.items()
        if part.state
    ]


def _close_help(job: Job) -> None:
    """Nobody need answer any more."""
    for task in (HELP, HELP_PAPER):
        asked = OutboxMessage.objects.filter(key__startswith=f"{task}:{job.public_id}:", done_at=None)
        asked.update(done_at=timezone.now())
