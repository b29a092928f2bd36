"""Pages of evaluations and of their jobs: who sees them, what they say, what a request does."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import jobs
from core.models import AuditEvent, Job, OutboxMessage
from evaluations import services
from evaluations.delivery import pipeline
from evaluations.delivery.parts import Part, PartWriter
from evaluations.models import Document, Evaluation
from tests.factories.evaluations import make_evaluation

pytestmark = pytest.mark.django_db

NOBODY_KNOWS = ("ana", "beto", "marta", "carla", "paula")


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    return make_evaluation(cast, accepted=4, submitted=1)


@pytest.fixture
def as_user(client: Client, cast: Any) -> Any:
    def sign_in(name: str) -> Client:
        client.force_login(getattr(cast, name))
        return client

    return sign_in


@pytest.fixture
def built(evaluation: Evaluation, cast: Any, settings: Any, tmp_path: Any) -> Evaluation:
    """An evaluation with its workbooks; the PDF have tests of their own."""
    settings.MEDIA_ROOT, settings.OAS_PDF_OFF = tmp_path, "of this test"
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    evaluation.refresh_from_db()
    return evaluation


def addresses(evaluation: Evaluation) -> list[str]:
    return [
        reverse("evaluation_list"),
        reverse("evaluation_new"),
        reverse("evaluation_detail", args=[evaluation.public_id]),
        reverse("evaluation_preflight", args=[evaluation.public_id]),
        reverse("document_download", args=[evaluation.public_id, "es", "xlsx"]),
    ]


def status(client: Client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        list(response.streaming_content)  # read to the end, the file is closed
    return int(response.status_code)


@pytest.mark.parametrize("name", NOBODY_KNOWS)
def test_others_are_not_told_that_evaluations_exist(name: str, built: Evaluation, as_user: Any) -> None:
    client = as_user(name)
    answers = [status(client, address) for address in addresses(built)]
    answers.append(client.post(reverse("evaluation_build", args=[built.public_id])).status_code)
    assert built.job is not None
    answers.append(status(client, built.job.get_absolute_url()))
    assert set(answers) == {404}
    assert not AuditEvent.objects.filter(verb="document.downloaded").exists()


def test_secretariat_reads_everything(built: Evaluation, as_user: Any) -> None:
    for name in ("denise", "didier"):
        assert [status(as_user(name), address) for address in addresses(built)] == [200] * 5


def test_chair_reads_and_does_not_write(built: Evaluation, as_user: Any) -> None:
    client = as_user("evan")
    assert [status(client, address) for address in addresses(built)] == [200, 403, 200, 200, 200]
    assert client.post(reverse("evaluation_build", args=[built.public_id])).status_code == 403
    assert b"Generate" not in client.get(built.get_absolute_url()).content


def test_services_refuse_whoever_is_not_the_secretariat(evaluation: Evaluation, cast: Any) -> None:
    for name in (*NOBODY_KNOWS, "evan", "iris"):
        with pytest.raises(services.NotAllowed):
            services.request_build(evaluation=evaluation, actor=getattr(cast, name))
    assert not Job.objects.exists()


def form_data(evaluation: Evaluation, **changes: Any) -> dict[str, Any]:
    data = {
        "round": evaluation.round_id,
        "compared_round": evaluation.compared_round_id,
        "symbol": "RTP-IV/doc.7/14 rev. 1",
        "original_language": "pt-br",
        "languages": ["es", "en"],
        "formats": ["xlsx", "json"],
        "with_contributions": "no",
        "with_papers": "no",
        "states": ["CR", "GT"],
        "releases": [],
    }
    return {**data, **changes}


def test_new_evaluation(evaluation: Evaluation, as_user: Any) -> None:
    response = as_user("denise").post(reverse("evaluation_new"), form_data(evaluation))
    created = Evaluation.objects.get(symbol="RTP-IV/doc.7/14 rev. 1")
    assert (response.status_code, response.url) == (302, reverse("evaluation_preflight", args=[created.public_id]))
    assert (created.round, created.compared_round, created.original_language) == (
        evaluation.round,
        evaluation.compared_round,
        "pt-br",
    )
    assert created.languages == ["es", "en", "pt-br"]  # the original is always one of them
    assert (created.states, list(created.releases.all())) == (["CR", "GT"], [])
    assert (created.formats, created.with_contributions, created.with_papers) == (["xlsx", "json"], False, False)
    assert AuditEvent.objects.filter(verb="evaluation.created").count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"symbol": "RTP-IV/doc.6/14"}, "Another evaluation has this symbol"),
        ({"symbol": "doc 6"}, "Write the symbol as in RTP-IV/doc.6/14"),
        ({"compared_round": "same"}, "Choose a period before the one to evaluate"),
        ({"further_rounds": ["2014-1"]}, "Choose periods before the one to evaluate"),
        ({"further_rounds": ["2012-2"]}, "Leave out the period that is compared with"),
        ({"round": ""}, "Choose the period to evaluate"),
        ({"formats": []}, "Choose at least one format"),
        ({"states": []}, "Choose at least one State"),
        ({"states": ["XX"]}, "XX"),
    ],
)
def test_wrong_answers_are_asked_again(
    changes: dict[str, Any], words: str, evaluation: Evaluation, as_user: Any
) -> None:
    if changes.get("compared_round") == "same":
        changes = {"compared_round": evaluation.round_id}
    response = as_user("denise").post(reverse("evaluation_new"), form_data(evaluation, **changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Evaluation.objects.count() == 1


def test_request_makes_one_job_and_one_message(evaluation: Evaluation, as_user: Any) -> None:
    client = as_user("denise")
    build = reverse("evaluation_build", args=[evaluation.public_id])
    first, second = client.post(build), client.post(build)
    job, message = Job.objects.get(), OutboxMessage.objects.get()
    assert (first.url, second.url) == (job.get_absolute_url(), evaluation.get_absolute_url())
    assert (message.job, message.queue, message.args) == (job, "documents", [str(evaluation.public_id)])
    assert (message.task, job.created_by.email) == ("evaluations.build", "denise@example.org")


def test_job_page_polls_and_reloads_without_script(evaluation: Evaluation, as_user: Any, cast: Any) -> None:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    page = as_user("denise").get(job.get_absolute_url()).content.decode()
    progress = reverse("job_progress", args=[job.public_id])
    assert f'hx-get="{progress}"' in page
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "Waiting to start" in page


def test_progress_answers_304_until_something_happened(
    evaluation: Evaluation, as_user: Any, cast: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    client, address = as_user("denise"), reverse("job_progress", args=[job.public_id])
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    Job.objects.filter(pk=job.pk).update(state="running")
    jobs.report_progress(job, stage="pdf", stage_number=3, stage_count=7, done=4, total=11)
    writer = PartWriter(evaluation, pipeline.freeze(evaluation, job))
    assert all(writer.write(part) for part in (Part("xlsx", "es"), Part("xlsx", "fr")))
    second = client.get(address, headers={"If-None-Match": first["ETag"]})
    words = second.content.decode()
    assert second.status_code == 200
    assert "Step 3 of 7: PDF documents (4 of 11)." in words
    for language in ("es", "fr"):
        assert reverse("written_download", args=[evaluation.public_id, language, "xlsx"]) in words
    assert words.count("Being written") == 1
    assert 'hx-swap-oob="true"' in words


def test_last_fragment_ends_the_polling(built: Evaluation, as_user: Any) -> None:
    assert built.job is not None
    words = as_user("denise").get(reverse("job_progress", args=[built.job.public_id])).content.decode()
    assert "hx-get" not in words
    assert "hx-trigger" not in words
    assert reverse("document_download", args=[built.public_id, "es", "xlsx"]) in words


def test_colleague_follows_and_cancels(evaluation: Evaluation, as_user: Any, cast: Any) -> None:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    client = as_user("didier")
    assert client.get(job.get_absolute_url()).status_code == 200
    assert client.post(reverse("job_cancel", args=[job.public_id])).url == job.get_absolute_url()
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert OutboxMessage.objects.get().done_at is not None
    assert AuditEvent.objects.get(verb="job.cancelled").actor == cast.didier
    assert services.request_build(evaluation=evaluation, actor=cast.denise).pk != job.pk


def test_stranger_neither_follows_nor_cancels(evaluation: Evaluation, as_user: Any, cast: Any) -> None:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    client = as_user("beto")
    assert client.get(reverse("job_progress", args=[job.public_id])).status_code == 404
    assert client.post(reverse("job_cancel", args=[job.public_id])).status_code == 404
    job.refresh_from_db()
    assert job.state == "queued"


def test_download_is_a_file_and_leaves_a_trace(built: Evaluation, as_user: Any, cast: Any) -> None:
    response = as_user("denise").get(reverse("document_download", args=[built.public_id, "pt-br", "xlsx"]))
    document = Document.objects.get(language="pt-br")
    content = b"".join(response.streaming_content)
    assert len(content) == document.size
    assert response["Content-Disposition"] == 'attachment; filename="RTP-IV_doc.6_14_pt-br.xlsx"'
    assert response["Content-Type"].startswith("application/vnd.openxmlformats")
    assert response["X-Content-Type-Options"] == "nosniff"
    event = AuditEvent.objects.get(verb="document.downloaded")
    assert (event.actor, event.data["sha256"]) == (cast.denise, document.sha256)


def test_missing_document_is_not_found(built: Evaluation, as_user: Any) -> None:
    for language, file_format in (("es", "pdf"), ("xx", "xlsx"), ("es", "exe")):
        address = reverse("document_download", args=[built.public_id, language, file_format])
        assert as_user("denise").get(address).status_code == 404


def test_pages_say_why_there_is_no_pdf(built: Evaluation, as_user: Any) -> None:
    page = as_user("denise").get(built.get_absolute_url()).content.decode()
    assert "This machine writes no PDF." in page
    assert "Reason: of this test." in page


def list_queries(client: Client) -> int:
    client.get(reverse("evaluation_list"))  # the session is stamped once
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("evaluation_list"))
    assert page.status_code == 200
    return len(queries)


def test_list_needs_as_many_queries_for_one_row_as_for_thirty(built: Evaluation, as_user: Any, cast: Any) -> None:
    """One page of the list is 25 rows; the paginator counts all of them in one query."""
    client = as_user("denise")
    one = list_queries(client)
    for number in range(10, 39):
        services.create_evaluation(
            round=built.round,
            compared_round=built.compared_round,
            symbol=f"RTP-IV/doc.{number}/14",
            original_language="es",
            actor=cast.denise,
        )
    assert list_queries(client) == one
