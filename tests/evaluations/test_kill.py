"""kill -9 in the middle of an evaluation: once somebody is back at work, the job finishes, once."""

import hashlib
import random
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from core.db import is_locked
from core.models import AuditEvent, Job, OutboxMessage
from core.testing import record_proof
from evaluations import services
from evaluations.models import Document, Evaluation, Snapshot
from evaluations.tasks import build
from tests.evaluations.processes import RELAY, WORKER, Stack, stack, wait_for
from tests.factories.evaluations import make_evaluation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(2400)]
LANGUAGES, FORMATS = ("es",), ("docx", "xlsx", "json")
DOCUMENTS = len(LANGUAGES) * len(FORMATS)
CHILD = "import sys, django; django.setup(); from evaluations.tasks import build; build(*sys.argv[1:])"


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


def kill_once(own: Stack, worker: Any, evaluation: Evaluation, actor: Any, after: int, pause: float) -> Any:
    """Request a build, kill the worker a moment after `after` steps, start a new one and wait. Returns it."""
    job = services.request_build(evaluation=evaluation, actor=actor)

    def fresh() -> Job:
        return Job.objects.get(pk=job.pk)

    wait_for(lambda: fresh().done >= after, 240, f"step {after} of the build", own)
    time.sleep(pause)
    assert fresh().state == "running", "the kill must come in the middle"
    own.kill(worker)
    assert not fresh().is_over
    assert not Document.objects.filter(snapshot__job=job).exists()
    # The twenty seconds after which the relay publishes again what nobody works on have passed.
    OutboxMessage.objects.filter(job=job).update(next_publish_at=timezone.now())
    worker = own.start(WORKER)
    wait_for(lambda: fresh().is_over, 300, "the end of the build", own)
    assert OutboxMessage.objects.get(job=job).attempts == 2
    return worker


def count_outcome(jobs: list[Job]) -> SimpleNamespace:
    """Lost: a build without all its documents. Duplicated: more than those, or an effect that came twice."""
    outcome = SimpleNamespace(lost=0, duplicated=0)
    for job in jobs:
        documents = Document.objects.filter(snapshot__job=job)
        built = AuditEvent.objects.filter(verb="evaluation.built", data__job=str(job.public_id)).count()
        outcome.lost += job.state != "done" or documents.count() < DOCUMENTS or built < 1
        outcome.duplicated += documents.count() > DOCUMENTS or built > 1
    return outcome


def check_files(media: Path) -> None:
    """Every document is whole on the disk, and no half-written file stands beside it under a final name."""
    for document in Document.objects.all():
        assert hashlib.sha256(Path(document.file.path).read_bytes()).hexdigest() == document.sha256
    for file in (media / "media").rglob("[!.]*.*"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem


def sibling(of: Evaluation, number: int, actor: Any) -> Evaluation:
    return services.create_evaluation(
        round=of.round,
        compared_round=of.compared_round,
        symbol=f"RTP-IV/doc.{100 + number}/14",
        original_language="es",
        languages=LANGUAGES,
        formats=FORMATS,
        with_papers=False,  # killed while they are written in test_destroy
        actor=actor,
    )


def run(kills: int, cast: Any, media: Path) -> SimpleNamespace:
    first = make_evaluation(cast, accepted=4, submitted=0, languages=LANGUAGES, formats=FORMATS)
    moments = random.Random(20141024)
    with stack(media) as own:
        own.start(RELAY)
        worker = own.start(WORKER)
        for number in range(kills):
            after = 1 + number % 3  # frozen, computed, then inside the documents
            # Another symbol each time: of the same documents nothing would be left to write.
            evaluation = first if number == 0 else sibling(first, number, cast.denise)
            worker = kill_once(own, worker, evaluation, cast.denise, after, moments.uniform(0, 0.3))
    jobs = list(Job.objects.filter(kind=services.KIND))
    assert len(jobs) == kills
    check_files(media)
    return count_outcome(jobs)


def test_killed_process_loses_and_doubles_nothing(cast: Any, media: Path) -> None:
    """The work of a worker without its broker: killed once the data are frozen, and taken up by the next attempt."""
    formats = ("docx", "csv", "json")
    evaluation = make_evaluation(cast, accepted=4, submitted=0, languages=LANGUAGES, formats=formats)
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    message = str(OutboxMessage.objects.get(job=job).pk)
    with stack(media) as own:
        process = own.start(["-c", CHILD, message, str(evaluation.public_id)])
        wait_for(lambda: Snapshot.objects.exists(), 120, "the frozen data", own)
        own.kill(process)
        assert not Document.objects.exists()
        wait_for(lambda: not is_locked(f"outbox:{message}"), 20, "the end of the lock", own)
    build(message, str(evaluation.public_id))
    outcome = count_outcome([Job.objects.get()])
    assert (outcome.lost, outcome.duplicated) == (0, 0)
    assert OutboxMessage.objects.get(job=job).attempts == 2
    assert Snapshot.objects.count() == 1  # the second attempt used the frozen data
    check_files(media)


@pytest.mark.full
def test_ten_kills(cast: Any, media: Path) -> None:
    outcome = run(10, cast, media)
    record_proof("evaluation_kill", kills=10, lost=outcome.lost, duplicated=outcome.duplicated)
    assert (outcome.lost, outcome.duplicated) == (0, 0)
