"""Parts are written once: an attempt goes on from the part at which the one before ended, and a build writes only
what changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import jobs
from core.db import _lock_key
from core.models import Job, OutboxMessage
from evaluations import services, tasks
from evaluations.delivery import parts, pipeline
from evaluations.models import Artefact, Document, Evaluation, StatePaper
from tests.conftest import owner_cursor
from tests.factories.evaluations import make_evaluation
from workplan.models import Rating, Report, ReportVersion

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

    for name, writer in list(parts.WRITERS.items()):
        monkeypatch.setitem(parts.WRITERS, name, counted(name, writer))
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

    sound = parts.WRITERS["json"]
    monkeypatch.setitem(parts.WRITERS, "json", broken)
    with pytest.raises(OSError):
        pipeline.build(message, str(evaluation.public_id))
    assert len(written) == 4
    assert not Document.objects.exists()
    monkeypatch.setitem(parts.WRITERS, "json", sound)
    pipeline.build(message, str(evaluation.public_id))
    assert written == [f"{name} {code}" for name in ("csv", "json") for code in ("es", "en", "fr", "pt-br")]
    assert Document.objects.current().count() == PARTS


def test_only_what_changed_is_written(
    evaluation: Evaluation, cast: Any, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(evaluation, cast.denise)
    real = parts.code_hash
    monkeypatch.setattr(parts, "code_hash", lambda code: "mended" if code == "fr" else real(code))
    written.clear()
    build(evaluation, cast.denise)
    assert written == ["csv fr", "json fr"]
    Evaluation.objects.filter(pk=evaluation.pk).update(formats=["xlsx", "csv"])
    evaluation.refresh_from_db()
    written.clear()
    build(evaluation, cast.denise)
    assert written == [f"xlsx {code}" for code in ("es", "en", "fr", "pt-br")]


def test_everything_that_shapes_a_file_is_in_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {path.name for path in parts.shaping_files("es")}
    wanted = {"xlsx.py", "figures.py", "validators.py", "spreadsheets.py", "i18n.py", "enums.py", "document.css"}
    assert wanted | {"public-sans.woff2", "django.mo", "document.html", "pdf.py"} <= found
    assert len([path for path in parts.shaping_files("es") if path.name == "enums.py"]) == 4
    before = parts.code_hash.__wrapped__("es")
    monkeypatch.setattr(parts, "version", lambda program: f"{program} of tomorrow")
    assert parts.code_hash.__wrapped__("es") != before


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


# --- what a change makes anew ---------------------------------------------

ALL = {f"{name} {code}" for name in ("docx", "xlsx", "csv", "json") for code in ("es", "en", "fr", "pt-br")}
TABLES = {f"csv {code}" for code in ("es", "en", "fr", "pt-br")}


def rebuilt(evaluation: Evaluation, actor: Any, written: list[str]) -> set[str]:
    written.clear()
    build(evaluation, actor)
    return set(written)


def suggest(evaluation: Evaluation, actor: Any, seen: int = 0, text: str = "Texto.") -> None:
    services.save_element(
        evaluation=evaluation, key="N1", seen=seen, suggestion="new", text=text, language="es", is_draft=False,
        actor=actor,
    )  # fmt: skip


def translate(evaluation: Evaluation, cast: Any) -> None:
    words = {"evaluation": evaluation, "key": "element:N1", "language": "fr", "text": "Texte."}
    services.save_translation(**words, is_reviewed=False, seen=0, actor=cast.denise)
    services.save_translation(**words, is_reviewed=True, seen=1, actor=cast.didier)


def rate_otherwise(evaluation: Evaluation) -> None:
    """One State, one activity: a second version of its report is accepted with another rating."""
    report = evaluation.round.reports.exclude(state=None).exclude(accepted_version=None).first()
    before = report.accepted_version
    after = ReportVersion.objects.create(
        report=report, number=2, content=before.content, sha256=before.sha256, submitted_by=before.submitted_by
    )
    ratings = list(Rating.objects.filter(version=before))
    for rating in ratings:
        rating.pk, rating.version = None, after
    ratings[0].status = "planned" if ratings[0].status == "partial" else "partial"
    ratings[0].reason = "" if ratings[0].status == ratings[0].self_status else "Otra valoración."
    Rating.objects.bulk_create(ratings)
    Report.objects.filter(pk=report.pk).update(accepted_version=after)


def test_a_change_makes_anew_what_prints_it(evaluation: Evaluation, cast: Any, written: list[str]) -> None:
    """A text in one language touches the documents of that language, a text of all languages no table of ratings,
    and a rating everything, because its figures and the fingerprint of the data stand in every file."""
    Evaluation.objects.filter(pk=evaluation.pk).update(formats=["docx", "xlsx", "csv", "json"])
    evaluation.refresh_from_db()
    suggest(evaluation, cast.denise)
    assert rebuilt(evaluation, cast.denise, written) == ALL
    translate(evaluation, cast)
    assert rebuilt(evaluation, cast.denise, written) == {"docx fr", "xlsx fr", "json fr"}
    suggest(evaluation, cast.denise, seen=1)
    assert rebuilt(evaluation, cast.denise, written) == set()  # another version of the same words
    suggest(evaluation, cast.denise, seen=2, text="Otro texto.")
    assert rebuilt(evaluation, cast.denise, written) == ALL - TABLES
    rate_otherwise(evaluation)
    assert rebuilt(evaluation, cast.denise, written) == ALL
    assert rebuilt(evaluation, cast.denise, written) == set()


# --- papers of States -----------------------------------------------------

EACH = 34 * 4
LANGUAGES = ("es", "en", "fr", "pt-br")


@pytest.fixture
def with_papers(evaluation: Evaluation, written: list[str], monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """All 34 States. What a paper looks like is in test_papers; here each is its fingerprint, "broken" fails once."""

    def write(content: Any) -> bytes:
        if f"broken {content.iso2}" in written:
            raise OSError
        written.append(f"{content.iso2} {content.language}")
        return f"{content.iso2} {content.language} {content.content_hash}".encode()

    monkeypatch.setitem(parts.WRITERS, "docx", write)
    Evaluation.objects.filter(pk=evaluation.pk).update(with_papers=True)
    evaluation.refresh_from_db()
    return evaluation


def test_a_rating_makes_anew_the_papers_of_its_state_alone(
    with_papers: Evaluation, cast: Any, written: list[str]
) -> None:
    """4 of 136; those of 33 States stay the files that they were."""
    assert len(rebuilt(with_papers, cast.denise, written)) == EACH + PARTS
    first = set(StatePaper.objects.current().values_list("file", flat=True))
    report = with_papers.round.reports.exclude(state=None).exclude(accepted_version=None).first()
    rate_otherwise(with_papers)
    changed = rebuilt(with_papers, cast.denise, written)
    tables = {f"{name} {code}" for name in ("csv", "json") for code in LANGUAGES}
    assert changed == tables | {f"{report.state.iso2} {code}" for code in LANGUAGES}
    kept = StatePaper.objects.current().filter(file__in=first)
    assert (kept.count(), kept.values("state").distinct().count()) == (33 * 4, 33)
    suggest(with_papers, cast.denise)  # says nothing of any State
    assert rebuilt(with_papers, cast.denise, written) == {f"json {code}" for code in LANGUAGES}
    assert Artefact.objects.count() == (PARTS + EACH) + (PARTS + 4) + 4


def test_attempt_goes_on_from_the_paper_that_failed(with_papers: Evaluation, cast: Any, written: list[str]) -> None:
    job = services.request_build(evaluation=with_papers, actor=cast.denise)
    message = OutboxMessage.objects.get(job=job)
    written.append("broken JM")
    with pytest.raises(OSError):
        pipeline.build(message, str(with_papers.public_id))
    done = [entry for entry in written if entry != "broken JM"]
    assert 8 < len(done) < PARTS + EACH
    job.refresh_from_db()
    assert (job.stage, job.stage_total, job.total) == ("papers", EACH, 3 + PARTS + EACH)
    written[:] = done
    pipeline.build(message, str(with_papers.public_id))
    assert len(written) == len(set(written)) == PARTS + EACH
    assert StatePaper.objects.count() == EACH


def test_help_is_asked_for_each_paper_with_the_frozen_data(
    with_papers: Evaluation, cast: Any, written: list[str]
) -> None:
    """One message for each State and language; the build closes those that nobody has answered."""
    job = services.request_build(evaluation=with_papers, actor=cast.denise)
    pipeline.freeze(with_papers, job)
    asked = OutboxMessage.objects.filter(task=pipeline.HELP_PAPER)
    assert len({tuple(args) for args in asked.values_list("args", flat=True)}) == EACH
    for language in ("fr", "es"):
        message = asked.get(args=[str(job.public_id), "CR", language])
        tasks.write_paper(str(message.pk), *message.args)
    assert written == ["CR fr", "CR es"]
    pipeline.build(OutboxMessage.objects.get(job=job), str(with_papers.public_id))
    assert len(written) == len(set(written)) == PARTS + EACH
    assert not asked.filter(done_at=None).exists()


def test_cancelled_between_two_papers(
    with_papers: Evaluation, cast: Any, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "PAUSE", 0)
    job = services.request_build(evaluation=with_papers, actor=cast.denise)
    sound = parts.WRITERS["docx"]

    def cancelling(content: Any) -> bytes:
        if content.iso2 == "CR":
            jobs.cancel_job(job=job, actor=cast.denise)
        return sound(content)

    monkeypatch.setitem(parts.WRITERS, "docx", cancelling)
    pipeline.build(OutboxMessage.objects.get(job=job), str(with_papers.public_id))
    assert written[-1] == "CR es"
    assert not StatePaper.objects.exists()
    late = OutboxMessage.objects.get(args=[str(job.public_id), "UY", "fr"])
    tasks.write_paper(str(late.pk), *late.args)
    assert written[-1] == "CR es"


# --- help -----------------------------------------------------------------


def ask_for_help(evaluation: Evaluation, actor: Any) -> tuple[Job, OutboxMessage]:
    job = services.request_build(evaluation=evaluation, actor=actor)
    pipeline.freeze(evaluation, job)
    return job, OutboxMessage.objects.get(task=pipeline.HELP, args=[str(job.public_id), "fr"])


def test_help_is_asked_for_every_language_but_the_first(evaluation: Evaluation, cast: Any) -> None:
    job, _message = ask_for_help(evaluation, cast.denise)
    pipeline.freeze(evaluation, job)  # a second attempt asks for no more
    asked = OutboxMessage.objects.filter(task=pipeline.HELP)
    assert sorted(args[1] for args in asked.values_list("args", flat=True)) == ["en", "fr", "pt-br"]


def test_helper_writes_its_language_and_the_build_the_rest(
    evaluation: Evaluation, cast: Any, written: list[str]
) -> None:
    job, message = ask_for_help(evaluation, cast.denise)
    tasks.write_language(str(message.pk), *message.args)
    assert written == ["csv fr", "json fr"]
    assert not Document.objects.exists()
    tasks.build(str(OutboxMessage.objects.get(job=job).pk), str(evaluation.public_id))
    assert len(written) == PARTS
    assert Document.objects.count() == PARTS
    written.clear()
    late = OutboxMessage.objects.get(task=pipeline.HELP, args=[str(job.public_id), "en"])
    tasks.write_language(str(late.pk), *late.args)
    assert written == []
    assert not OutboxMessage.objects.filter(done_at=None, task=pipeline.HELP).exists()  # the build has closed it


@pytest.mark.django_db(transaction=True)
def test_helper_that_fails_is_not_asked_again_and_raises_no_alarm(
    evaluation: Evaluation, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _job, message = ask_for_help(evaluation, cast.denise)

    def broken(content: Any) -> bytes:
        raise OSError

    monkeypatch.setitem(parts.WRITERS, "csv", broken)
    tasks.write_language(str(message.pk), *message.args)
    message.refresh_from_db()
    assert (message.done_at is not None, message.attempts, message.last_error) == (True, 1, "OSError")


def test_build_waits_for_a_part_that_somebody_has_in_hand(
    evaluation: Evaluation, cast: Any, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock of the part is held by another session when the build comes to it, and given back while it waits."""
    job, _message = ask_for_help(evaluation, cast.denise)
    snapshot = pipeline.freeze(evaluation, job)
    key = parts.made_of(evaluation, snapshot, parts.Part("csv", "en"))
    pauses: list[float] = []
    with owner_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_lock_key(f"artefact:{key}")])

        def give_back(seconds: float) -> None:
            pauses.append(seconds)
            cursor.execute("SELECT pg_advisory_unlock_all()")

        monkeypatch.setattr(pipeline.time, "sleep", give_back)
        pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    assert written[-1] == "csv en"
    assert (len(written), len(pauses)) == (PARTS, 1)
