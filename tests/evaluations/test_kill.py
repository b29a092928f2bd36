"""kill -9 in the middle of an evaluation: once somebody is back at work, the job finishes, once.

Often, and of workers with their broker: test_destroy.
"""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.db import is_locked
from core.models import AuditEvent, Job, OutboxMessage
from evaluations import services
from evaluations.models import Document, Snapshot
from evaluations.tasks import build
from tests.evaluations.processes import stack, wait_for
from tests.factories.evaluations import make_evaluation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(2400)]
LANGUAGES, FORMATS = ("es",), ("docx", "xlsx", "json")
DOCUMENTS = len(LANGUAGES) * len(FORMATS)
CHILD = "import sys, django; django.setup(); from evaluations.tasks import build; build(*sys.argv[1:])"


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


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
