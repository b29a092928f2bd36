"""A build that was given up goes on with its frozen data; its files can be taken as they appear; pages that show
nothing of the frozen data do not read them."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.models import AuditEvent, Job, OutboxMessage
from evaluations import delivery, services
from evaluations.delivery import parts
from evaluations.models import Artefact, Document, Evaluation, Snapshot
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "en", "fr", "pt-br")
WHOLE = re.compile(r'"evaluations_snapshot"\."content"(?! [-#]>)')  # not one of its keys


@pytest.fixture
def evaluation(cast: Any, settings: Any, tmp_path: Path) -> Evaluation:
    settings.MEDIA_ROOT = tmp_path
    only_a_few_take_part()
    return make_evaluation(cast, accepted=4, submitted=0, formats=("csv", "json"))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which parts were really written; the JSON in French cannot be while the list says so."""
    done: list[str] = ["broken"]

    def counted(name: str, writer: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        def write(content: Any) -> bytes:
            if "broken" in done and (name, content.language) == ("json", "fr"):
                raise OSError
            done.append(f"{name} {content.language}")
            return writer(content)

        return write

    for name in ("csv", "json"):
        monkeypatch.setitem(parts.WRITERS, name, counted(name, parts.WRITERS[name]))
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *_args, **_kwargs: None)
    return done


def attempt(message: OutboxMessage, evaluation: Evaluation) -> None:
    """Without the session of its own that a worker claims it in."""
    message.refresh_from_db()
    assert message.dead_at is None
    delivery.build(message, str(evaluation.public_id))


@pytest.fixture
def given_up(evaluation: Evaluation, cast: Any, written: list[str]) -> Job:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    message = OutboxMessage.objects.get(job=job)
    with pytest.raises(OSError):
        attempt(message, evaluation)
    OutboxMessage.objects.filter(job=job).update(attempts=jobs.MAX_ATTEMPTS)
    OutboxMessage.objects.update(next_publish_at=timezone.now() - timedelta(seconds=1))
    jobs.publish_due()
    job.refresh_from_db()
    assert (job.state, len(written) - 1) == ("failed", 6)  # four tables, two of the matrix for programs
    return job


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, job: Job) -> str:
    return client.get(job.get_absolute_url()).content.decode()


def test_it_goes_on_from_the_part_that_failed(
    evaluation: Evaluation, cast: Any, given_up: Job, written: list[str]
) -> None:
    again = reverse("evaluation_build_again", args=[evaluation.public_id])
    assert again in page(signed_in(cast.denise), given_up)
    assert signed_in(cast.evan).post(again).status_code == 403
    services.save_element(
        evaluation=evaluation, key="N1", seen=0, suggestion="new", text="De hoy.", language="es", is_draft=False,
        actor=cast.denise,
    )  # fmt: skip
    before = [entry for entry in written if entry != "broken"]
    written.clear()
    assert signed_in(cast.didier).post(again).url == given_up.get_absolute_url()
    assert not Job.objects.get().is_over
    attempt(OutboxMessage.objects.get(job=given_up), evaluation)
    assert (len(before), written) == (6, ["json fr", "json pt-br"])
    evaluation.refresh_from_db()
    frozen = Snapshot.objects.get()  # that of the first attempt, and nothing of today
    assert (evaluation.snapshot, frozen.content["elements"]) == (frozen, [])
    found = set(Document.objects.values_list("format", "language"))
    assert found == {(name, code) for name in ("csv", "json") for code in LANGUAGES}
    assert (Document.objects.count(), Artefact.objects.count(), Job.objects.get().state) == (8, 8, "done")
    assert AuditEvent.objects.filter(verb__in=["job.tried_again", "evaluation.build_tried_again"]).count() == 2


def test_only_the_last_build_that_was_given_up(evaluation: Evaluation, cast: Any, given_up: Job) -> None:
    services.build_again(evaluation=evaluation, actor=cast.denise)
    for actor, refusal in ((cast.denise, services.StepRefused), (cast.evan, services.NotAllowed)):
        with pytest.raises(refusal):
            services.build_again(evaluation=evaluation, actor=actor)


def test_files_can_be_taken_as_they_appear(evaluation: Evaluation, cast: Any, given_up: Job) -> None:
    links = {
        (name, code): reverse("written_download", args=[evaluation.public_id, code, name])
        for name in ("csv", "json") for code in LANGUAGES
    }  # fmt: skip
    client, told = signed_in(cast.denise), page(signed_in(cast.denise), given_up)
    linked = {key for key, address in links.items() if f'href="{address}"' in told}
    assert linked == set(links) - {("json", "fr"), ("json", "pt-br")}
    assert not any(f'href="{address}"' in page(signed_in(cast.evan), given_up) for address in links.values())
    answer = client.get(links["csv", "es"])
    assert answer.headers["Content-Disposition"].endswith('"RTP-IV_doc.6_14_es.csv"')
    assert b"".join(answer.streaming_content)
    event = AuditEvent.objects.get(verb="document.downloaded")
    assert (event.actor, event.data["language"], len(event.data["sha256"])) == (cast.denise, "es", 64)
    assert client.get(links["json", "fr"]).url == given_up.get_absolute_url()
    assert signed_in(cast.evan).get(links["csv", "es"]).status_code == 403
    assert signed_in(cast.beto).get(links["csv", "es"]).status_code == 404


def reads(client: Client, address: str) -> int:
    """How often the whole of frozen data is read."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        assert answer.status_code == 200
        assert b"".join(answer)
    return sum(bool(WHOLE.search(query["sql"])) for query in queries)


def test_lists_and_the_polled_page_read_no_frozen_data(
    evaluation: Evaluation, cast: Any, given_up: Job, written: list[str]
) -> None:
    client = signed_in(cast.denise)
    progress = reverse("job_progress", args=[given_up.public_id])
    services.build_again(evaluation=evaluation, actor=cast.denise)
    client.get(progress)
    assert reads(client, progress) == 0
    written.clear()
    attempt(OutboxMessage.objects.get(job=given_up), evaluation)
    day = timezone.localdate() + timedelta(days=20)
    evaluation.refresh_from_db()
    consultation = services.open_consultation(evaluation=evaluation, closes_on=day, actor=cast.denise)
    assert reads(client, reverse("evaluation_list")) == 0
    own = signed_in(cast.beto).get(reverse("consultation_list")).content.decode()
    assert consultation.preview_url("CR") in own
    assert reads(signed_in(cast.beto), reverse("consultation_list")) == 0
    type(consultation).objects.update(closes_on=timezone.localdate() - timedelta(days=1))
    services.publish(evaluation=evaluation, actor=cast.didier)
    for name in ("publication_list", "register_list"):
        assert reads(Client(), reverse(name)) == 0


def test_help_with_a_paper_makes_its_key_alone(
    evaluation: Evaluation, cast: Any, given_up: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(parts, "made_of", lambda *asked: made.append(asked[2]) or "0" * 64)
    writer = parts.PartWriter(evaluation, Snapshot.objects.get())
    asked = parts.Part("csv", "es")
    monkeypatch.setattr(writer, "_write", lambda part, key: None)
    writer.write(asked)
    assert made == [asked]
