"""Parts are written once: an attempt goes on from the part at which the one before ended, and a build writes only
what changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.models import Job, OutboxMessage
from evaluations import services
from evaluations.delivery import pipeline
from evaluations.models import Artefact, Document, Evaluation
from tests.factories.evaluations import make_evaluation

pytestmark = pytest.mark.django_db
PARTS = 8  # CSV and JSON in four languages


@pytest.fixture
def evaluation(cast: Any, settings: Any, tmp_path: Path) -> Evaluation:
    settings.MEDIA_ROOT = tmp_path
    return make_evaluation(cast, accepted=3, submitted=1, formats=("csv", "json"))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which parts were really written, in order; "broken" makes the next one fail."""
    done: list[str] = []

    def counted(name: str, writer: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        def write(content: Any) -> bytes:
            done.append(f"{name} {content.language}")
            return writer(content)

        return write

    for name, writer in list(pipeline.WRITERS.items()):
        monkeypatch.setitem(pipeline.WRITERS, name, counted(name, writer))
    return done


def build(evaluation: Evaluation, actor: Any) -> Job:
    job = services.request_build(evaluation=evaluation, actor=actor)
    pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    evaluation.refresh_from_db()
    return job


def test_second_build_of_the_same_data_writes_nothing(evaluation: Evaluation, cast: Any, written: list[str]) -> None:
    build(evaluation, cast.denise)
    assert len(written) == PARTS
    first = set(Document.objects.current().values_list("sha256", flat=True))
    build(evaluation, cast.denise)
    assert len(written) == PARTS
    assert Artefact.objects.count() == PARTS
    assert set(Document.objects.current().values_list("sha256", flat=True)) == first


def test_attempt_goes_on_from_the_part_that_failed(
    evaluation: Evaluation, cast: Any, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    message = OutboxMessage.objects.get(job=job)

    def broken(content: Any) -> bytes:
        raise OSError

    sound = pipeline.WRITERS["json"]
    monkeypatch.setitem(pipeline.WRITERS, "json", broken)
    with pytest.raises(OSError):
        pipeline.build(message, str(evaluation.public_id))
    assert len(written) == 4
    assert not Document.objects.exists()
    monkeypatch.setitem(pipeline.WRITERS, "json", sound)
    pipeline.build(message, str(evaluation.public_id))
    assert written == [f"{name} {code}" for name in ("csv", "json") for code in ("es", "en", "fr", "pt-br")]
    assert Document.objects.current().count() == PARTS


def test_only_what_changed_is_written(
    evaluation: Evaluation, cast: Any, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(evaluation, cast.denise)
    real = pipeline.code_hash
    monkeypatch.setattr(pipeline, "code_hash", lambda code: "mended" if code == "fr" else real(code))
    written.clear()
    build(evaluation, cast.denise)
    assert written == ["csv fr", "json fr"]
    Evaluation.objects.filter(pk=evaluation.pk).update(formats=["xlsx", "csv"])
    evaluation.refresh_from_db()
    written.clear()
    build(evaluation, cast.denise)
    assert written == [f"xlsx {code}" for code in ("es", "en", "fr", "pt-br")]


def test_changed_data_write_everything(evaluation: Evaluation, cast: Any, written: list[str]) -> None:
    build(evaluation, cast.denise)
    written.clear()
    state = evaluation.round.reports.filter(submitted_at=None, state__isnull=False).first().state
    services.exclude_state(evaluation=evaluation, state=state, reason="Prueba.", language="es", actor=cast.denise)
    build(evaluation, cast.denise)
    assert len(written) == PARTS


def test_file_that_is_gone_is_written_again(evaluation: Evaluation, cast: Any, written: list[str]) -> None:
    build(evaluation, cast.denise)
    lost = Artefact.objects.earliest("pk")
    Path(lost.file.path).unlink()
    written.clear()
    build(evaluation, cast.denise)
    assert len(written) == 1
    assert Path(lost.file.path).exists()
