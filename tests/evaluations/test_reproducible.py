"""The evaluation of the demonstration, built twice by fresh workers on empty disks: the same files, to the byte."""

import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
from django.core.management import call_command

from core.i18n import LANGUAGES
from core.models import Job, OutboxMessage
from core.testing import record_proof
from evaluations import services
from evaluations.delivery.pipeline import HELP, HELP_PAPER
from evaluations.models import Document, Evaluation, StatePaper
from oas_trafficking.demo.evaluations import SYMBOL
from tests.evaluations.processes import RELAY, WORKER, stack, wait_for

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
FORMATS = ("pdf", "docx", "xlsx")
DOCUMENTS = {(language, format_) for language in LANGUAGES for format_ in FORMATS}
STATES = 34
TWO_AT_A_TIME = [*WORKER[:-1], "2"]


@pytest.fixture
def evaluation(settings: Any) -> Evaluation:
    settings.OAS_DEMO = True
    call_command("seed_demo", verbosity=0)
    Evaluation.objects.filter(symbol=SYMBOL).update(formats=FORMATS)
    return Evaluation.objects.get(symbol=SYMBOL)


def run(evaluation: Evaluation, folder: Path, worker: list[str]) -> SimpleNamespace:
    """One build by a worker that has just started and finds no file of an earlier one."""
    folder.mkdir()
    job = services.request_build(evaluation=evaluation, actor=evaluation.created_by)
    with stack(folder) as own:
        own.start(RELAY)
        own.start(worker)
        wait_for(lambda: Job.objects.get(pk=job.pk).is_over, 900, "the end of the build", own)
        wait_for(
            lambda: not OutboxMessage.objects.filter(task__in=(HELP, HELP_PAPER), done_at=None).exists(),
            60,
            "the help",
            own,
        )
    job.refresh_from_db()
    documents = Document.objects.filter(snapshot__job=job).select_related("snapshot")
    papers = StatePaper.objects.filter(snapshot__job=job).select_related("state")
    rows = {(d.language, d.format): d for d in documents} | {(p.language, p.state.iso2): p for p in papers}
    return SimpleNamespace(
        job=job,
        hashes={part: row.sha256 for part, row in rows.items()},
        files={part: folder / "media" / str(row.file.name) for part, row in rows.items()},
        data={document.snapshot.content_hash for document in documents},
        seconds=(job.finished_at - job.started_at).total_seconds(),
    )


def content_parts(path: Path) -> dict[str, bytes]:
    """What a file holds, piece by piece: members of an archive; pages, tags and all other objects of a PDF."""
    if path.suffix == ".pdf":
        with pikepdf.open(path) as document:
            return {str(number): _bytes(item) for number, item in enumerate(document.objects)}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _bytes(item: Any) -> bytes:
    """A stream unpacked, with its head; of everything else its own writing."""
    body = item.read_bytes() if isinstance(item, pikepdf.Stream) else b""
    head = item.unparse(resolved=True) if isinstance(item, pikepdf.Object) else repr(item).encode()
    return bytes(head + body)


def test_two_workers_on_empty_disks_write_the_same_files(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    first = run(evaluation, tmp_path / "first", WORKER)
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    second = run(evaluation, tmp_path / "second", TWO_AT_A_TIME)
    assert set(first.files) == set(second.files) >= DOCUMENTS
    assert len(first.files) == len(DOCUMENTS) + STATES * len(LANGUAGES)
    pairs = {part: (content_parts(file), content_parts(second.files[part])) for part, file in first.files.items()}
    different = [part for part, (one, other) in pairs.items() if one != other]
    unequal = [part for part in pairs if first.hashes[part] != second.hashes[part]]
    parts = sum(len(one) for one, _other in pairs.values())
    record_proof("reproducible", documents=len(pairs), different=len({*different, *unequal}), content_parts=parts)
    record_proof("evaluation_group", documents=len(pairs), one_worker=first.seconds, two_workers=second.seconds)
    assert (different, unequal) == ([], [])
    assert first.job != second.job
    assert first.data == second.data
    assert parts > 1000
