"""Receipts and documents of changes: what they say, that they are made once, and who may take them."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pdfua
import pikepdf
import pypdf
import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Institution
from core.jobs import create_job
from core.models import AuditEvent, Job, OutboxMessage
from tests.factories.workplan import answer
from tests.workplan.pages import post_as, sent, url
from workplan import services, tasks
from workplan.delivery import paper_content
from workplan.enums import PAPER_KIND as KIND
from workplan.models import Question, Report, ReportPaper, ReportVersion
from workplan.services import Filing

CR = "CR-2014-1"
RECEIPT_WORDS = ("being prepared", "could not be written", "Get the receipt")
# As it was sent from Costa Rica, six hours behind.
MOMENT = datetime(2014, 7, 15, 3, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.OAS_PDF_OFF = tmp_path, ""


@pytest.fixture
def report(cast: Any, open_round: Any) -> Report:
    report = Report.objects.get(reference=CR)
    report.entries.exclude(activity__code__in=("PRV-01", "PRV-02")).delete()
    write(cast, report, "Se formaron 120 fiscales.")
    return report


@pytest.fixture
def versions(cast: Any, report: Report) -> list[ReportVersion]:
    sent(report, cast.ana, cast.beto)
    services.return_report(report=report, actor=cast.denise, note="One number.")
    write(cast, report, "Se formaron 145 fiscales.")
    sent(report, cast.ana, cast.beto)
    return list(report.versions.order_by("number"))


def write(cast: Any, report: Report, narrative: str) -> None:
    action = services.ActionData("training", "Curso", date(2014, 3, 3), None, "San José")
    entry = report.entries.select_related("activity").get(activity__code="PRV-01")
    answer(entry, cast.ana, narrative=narrative, actions=[action])


def work() -> Iterator[Any]:
    """Do what the outbox asks for, as a worker does."""
    for message in OutboxMessage.objects.filter(task=KIND, done_at=None):
        yield tasks.write_paper(str(message.pk), *message.args)


def text_of(data: bytes) -> str:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    return re.sub(r"\s+", " ", " ".join(pages))


def stored(paper: ReportPaper) -> bytes:
    with paper.file.open("rb") as file:
        return bytes(file.read())


def taken(client: Client, person: Any, paper: ReportPaper) -> Any:
    client.force_login(person)
    return client.get(paper.get_absolute_url())


def status(client: Client, person: Any, paper: ReportPaper) -> int:
    response = taken(client, person, paper)
    b"".join(response)  # a stream that is not read stays open
    return int(response.status_code)


# --- the receipt ---------------------------------------------------------------------------------


def test_a_report_that_is_sent_gets_one_receipt(cast: Any, client: Client, report: Report) -> None:
    sent(report, cast.ana, cast.beto)
    version = report.versions.get()
    message = OutboxMessage.objects.get(task=KIND)
    assert (message.args, message.queue, message.job.created_by) == (
        [version.pk, None, report.language, True],
        "documents",
        cast.beto,
    )
    list(work())
    paper = ReportPaper.objects.get()
    assert (paper.version, paper.compared, paper.language, paper.is_whole) == (version, None, report.language, True)
    first, second = (b"".join(taken(client, person, paper)) for person in (cast.ana, cast.denise))
    assert first == second
    assert AuditEvent.objects.filter(verb="report.paper_taken").count() == 2
    client.force_login(cast.ana)
    assert post_as(client, cast.ana, url("report_receipt", CR, 1)).url == paper.get_absolute_url()
    assert client.get(url("report_sent", CR)).context["receipt"] == paper
    assert (ReportPaper.objects.count(), OutboxMessage.objects.filter(task=KIND).count()) == (1, 1)


def test_a_version_says_how_far_its_receipt_is(cast: Any, client: Client, report: Report) -> None:
    """Waiting, given up, never asked for: each has its words and its way on, on all three pages."""
    sent(report, cast.ana, cast.beto)
    message = OutboxMessage.objects.get(task=KIND)
    client.force_login(cast.ana)

    def shown() -> set[str]:
        pages = [client.get(url("report_sent", CR)), client.get(url("report_version", CR, 1))]
        states = {page.context["receipt_state"] for page in pages}
        texts = [page.content.decode() for page in (*pages, client.get(url("report_versions", CR)))]
        assert all(url("report_receipt", CR, 1) in text for text in texts)
        return states | {words for words in RECEIPT_WORDS if all(words in text for text in texts)}

    assert shown() == {"waiting", "being prepared"}
    job = post_as(client, cast.ana, url("report_receipt", CR, 1)).url  # whoever asks follows it on a page of their own
    assert client.get(job).status_code == 200
    OutboxMessage.objects.update(dead_at=timezone.now())
    assert shown() == {"failed", "could not be written", "Get the receipt"}
    assert post_as(client, cast.ana, url("report_receipt", CR, 1)).url not in (job, "")
    assert shown() == {"waiting", "being prepared"}
    OutboxMessage.objects.update(done_at=timezone.now())
    assert shown() == {"", "Get the receipt"}
    assert OutboxMessage.objects.filter(task=KIND).exclude(pk=message.pk).count() == 2


def test_the_button_of_a_receipt_works_in_a_browser(cast: Any, report: Report) -> None:
    """With its mark of security, which the tests' browser otherwise does not ask for."""
    sent(report, cast.ana, cast.beto)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.ana)
    for page in (url("report_sent", CR), url("report_version", CR, 1), url("report_versions", CR)):
        form = re.search(r'<form[^>]*receipt/">.*?</form>', browser.get(page).content.decode(), re.DOTALL)
        assert form is not None
        mark = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form[0])
        assert mark is not None, page
        response = browser.post(url("report_receipt", CR, 1), {"csrfmiddlewaretoken": mark[1]})
        assert "/jobs/" in response["Location"]


def test_it_says_what_was_sent_when_by_whom_and_in_whose_name(cast: Any, report: Report, tmp_path: Path) -> None:
    sent(report, cast.ana, cast.beto)
    version = report.versions.select_related("report__round", "report__state").get()
    version.submitted_at = MOMENT
    data = paper_content(version, None, "en", is_whole=True)
    text = text_of(data)
    for words in (
        "CR-2014-1, version 1", "14 July 2014, 21:30 (GMT−6), America/Costa_Rica", "Approved by Beto",
        "On behalf of Autoridad de prueba CR", "1 of 2 activities answered", "Se formaron 120 fiscales.",
        "Training of justice officials, Curso, San José", "No information", "Provisional catalogue",
    ):  # fmt: skip
        assert words in text
    assert version.sha256 in text.replace(" ", "")
    assert paper_content(version, None, "en", is_whole=True) == data
    path = tmp_path / "receipt.pdf"
    path.write_bytes(data)
    assert list(pdfua.validate(str(path)).findings) == []
    with pikepdf.open(path) as document:
        assert (str(document.Root.Lang), bool(document.Root.MarkInfo.Marked)) == ("en", True)
        assert "CR-2014-1" in str(document.docinfo["/Title"])


def test_a_filed_report_says_by_which_channel_it_came(cast: Any, report: Report) -> None:
    report.entries.update(version=2, updated_by=cast.denise, is_ready=False)
    services.close_round(round=report.round, actor=cast.denise)
    filing = Filing(channel="note_verbale", received_on=date(2014, 7, 2), received_as="DM-114-2014")
    version = services.file_for_state(report=report, filing=filing, actor=cast.denise)
    assert version.on_behalf_of == "Autoridad de prueba CR"
    text = text_of(paper_content(version, None, "fr", is_whole=True))
    for words in ("Enregistré par Denise", "Au nom de Autoridad de prueba CR", "DM-114-2014", "2 juillet 2014"):
        assert words in text


def test_titles_of_evidence_are_for_those_who_may_read_them(cast: Any, client: Client, report: Report) -> None:
    entry = report.entries.get(activity__code="PRV-01")
    for visibility in ("secretariat", "public"):
        data = services.EvidenceData("web_page", f"Ley {visibility}", "es", visibility)
        services.attach_address(entry=entry, data=data, url=f"https://example.org/{visibility}", actor=cast.ana)
    sent(report, cast.ana, cast.beto)
    version = report.versions.get()
    for person in (cast.ana, cast.denise, cast.evan):
        services.request_paper(version=version, actor=person)
    list(work())
    papers = {paper.is_whole: paper for paper in ReportPaper.objects.all()}
    assert len(papers) == 2
    found = {whole: re.findall(r"Ley (\w+)", text_of(stored(paper))) for whole, paper in papers.items()}
    assert found == {True: ["secretariat", "public"], False: ["public"]}
    answers = {whole: status(client, cast.evan, paper) for whole, paper in papers.items()}
    assert answers == {True: 404, False: 200}


# --- what changed --------------------------------------------------------------------------------


def test_a_document_of_the_changes_in_the_readers_language(
    cast: Any, client: Client, versions: list[ReportVersion], tmp_path: Path
) -> None:
    address = url("differences_paper", CR, language="fr")
    asked = {"with": "2014-1.1", "of": "2014-1.2"}
    job = Job.objects.get(public_id=post_as(client, cast.denise, address, asked).url.rstrip("/").rpartition("/")[2])
    assert post_as(client, cast.denise, address, asked).url.endswith(f"{job.public_id}/")  # a double click
    page = client.get(url("job_detail", job.public_id))
    assert page.status_code == 200
    list(work())
    paper = ReportPaper.objects.get(compared__isnull=False)
    assert (paper.version, paper.compared, paper.language) == (versions[1], versions[0], "fr")
    assert client.get(url("job_detail", job.public_id)).context["paper"] == paper
    response = taken(client, cast.denise, paper)
    assert 'filename="CR-2014-1_v1-v2_fr.pdf"' in response["Content-Disposition"]
    data = b"".join(response)
    text = text_of(data)
    for words in ("Ce qui a changé", "1 réponse a changé", "[−120−] [+145+] fiscales."):
        assert words in text
    assert all(version.sha256 in text.replace(" ", "") for version in versions)
    path = tmp_path / "changes.pdf"
    path.write_bytes(data)
    assert list(pdfua.validate(str(path)).findings) == []
    assert post_as(client, cast.denise, address, asked).url == paper.get_absolute_url()


def test_a_second_writing_is_not_kept(cast: Any, versions: list[ReportVersion]) -> None:
    for person in (cast.ana, cast.denise):
        services.request_paper(version=versions[1], compared=versions[0], language="es", actor=person)
    list(work())
    assert ReportPaper.objects.filter(compared__isnull=False).count() == 1
    assert AuditEvent.objects.filter(verb="report.paper_made").count() == 3
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_who_may_not_read_the_versions_gets_nothing(cast: Any, client: Client, versions: list[ReportVersion]) -> None:
    list(work())
    paper = ReportPaper.objects.filter(compared=None).first()
    assert paper is not None
    asked = {"with": "2014-1.1", "of": "2014-1.2"}
    for person in (cast.carla, cast.paula):
        assert status(client, person, paper) == 404
        assert post_as(client, person, url("differences_paper", CR), asked).status_code == 404
        assert post_as(client, person, url("report_receipt", CR, 1)).status_code == 404
    assert post_as(client, cast.ana, url("differences_paper", CR), {"with": "2014-1.9"}).status_code == 404
    foreign = create_job(kind=KIND, actor=cast.carla)
    OutboxMessage.objects.create(task=KIND, args=[versions[0].pk, None, "es", True], key="foreign", job=foreign)
    client.force_login(cast.carla)
    assert client.get(url("job_detail", foreign.public_id)).status_code == 404


def test_a_machine_without_pdf_says_so(cast: Any, client: Client, settings: Any, report: Report) -> None:
    settings.OAS_PDF_OFF = "of this test"
    sent(report, cast.ana, cast.beto)
    assert not OutboxMessage.objects.filter(task=KIND).exists()
    client.force_login(cast.ana)
    assert b"This machine writes no PDF." in client.get(url("report_sent", CR)).content
    page = client.post(url("report_receipt", CR, 1), follow=True)
    assert b"This machine writes no PDF." in page.content


def test_the_application_can_neither_change_nor_remove_a_paper(cast: Any, versions: list[ReportVersion]) -> None:
    paper = ReportPaper.objects.create(
        version=versions[0], language="es", is_whole=True, file="papers/x.pdf", size=1, sha256="a" * 64
    )
    for attempt in (
        lambda: ReportPaper.objects.filter(pk=paper.pk).update(size=2),
        paper.delete,
        lambda: ReportPaper.objects.create(
            version=versions[0], language="es", is_whole=True, file="papers/y.pdf", size=1, sha256="b" * 64
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


# --- in whose name -------------------------------------------------------------------------------


def test_the_approver_says_in_whose_name(cast: Any, client: Client, report: Report) -> None:
    ministry = Institution.objects.create(
        kind="agency", state=report.state, name="Ministerio de prueba", name_language="es"
    )
    foreign = Institution.objects.create(
        kind="authority", state=cast.guatemala, name="Autoridad ajena", name_language="es"
    )
    services.send_to_coordinator(report=report, actor=cast.ana)
    client.force_login(cast.beto)
    form = client.get(url("report_approve", CR)).context["approval"]
    assert form.initial["on_behalf_of"] == cast.authority_cr
    offered = list(form.fields["on_behalf_of"].queryset)
    assert (offered[0], ministry in offered, foreign in offered) == (cast.authority_cr, True, False)
    posted = {"do": "approve", "declaration": "on", "seen": form.initial["seen"]}
    wrong = client.post(url("report_approve", CR), {**posted, "on_behalf_of": foreign.pk})
    assert (wrong.status_code, client.post(url("report_approve", CR), posted).status_code) == (422, 422)
    client.post(url("report_approve", CR), {**posted, "on_behalf_of": ministry.pk})
    assert report.versions.get().on_behalf_of == "Ministerio de prueba"
    for page in ("report_sent", "report_versions"):
        assert b"Ministerio de prueba" in client.get(url(page, CR)).content


# --- no acceptance with an open question ---------------------------------------------------------


def test_the_database_accepts_no_report_with_an_open_question(
    cast: Any, report: Report, versions: list[ReportVersion]
) -> None:
    activity = report.entries.all()[0].activity
    services.ask_question(report=report, activity=activity, field="status", text="Why?", actor=cast.denise)
    accepted = {"status": "accepted", "accepted_version": versions[1], "accepted_at": timezone.now()}
    for status in ("open", "answered"):
        Question.objects.update(status=status)
        with pytest.raises(IntegrityError, match="not resolved"), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**accepted)
    Question.objects.update(status="resolved")
    Report.objects.filter(pk=report.pk).update(**accepted)
    with pytest.raises(IntegrityError, match="is accepted"), transaction.atomic():
        Question.objects.update(status="open")
