"""The printable form: every question with its code and no answer, made once for a language and a day."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pdfua
import pikepdf
import pypdf
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation

from core.models import Job, OutboxMessage
from tests.factories.workplan import answer
from tests.workplan.pages import post_as, url
from workplan import services, tasks
from workplan.delivery import form_content
from workplan.enums import FORM_KIND, ActionKind, ImplementationStatus, Obstacle
from workplan.models import BlankForm, Report

CR = "CR-2014-1"
PEOPLE = ("ana", "beto", "bruno", "marta", "carla", "denise", "evan", "paula")
ROOM_WORDS = ("Formulario para completar", "Formulaire à remplir", "Form to fill in", "Formulário para preencher")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.OAS_PDF_OFF = tmp_path, ""


@pytest.fixture
def report(cast: Any, open_round: Any) -> Report:
    report = Report.objects.select_related("round__catalogue", "round__plan", "state").get(reference=CR)
    report.entries.exclude(activity__code__in=("PRV-01", "PRO-02")).delete()
    answer(report.entries.get(activity__code="PRV-01"), cast.ana, narrative="Se formaron 120 fiscales.")
    return report


def work() -> None:
    for message in OutboxMessage.objects.filter(task=FORM_KIND, done_at=None):
        tasks.write_form(str(message.pk), *message.args)


def pages_of(data: bytes) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(data)).pages]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_question_stands_on_a_sheet_with_its_code_and_no_answer(
    report: Report, language: str, tmp_path: Path
) -> None:
    data = form_content(report, language, report.due_on)
    path = tmp_path / "form.pdf"
    path.write_bytes(data)
    pages = pages_of(data)
    sheets = {key: [number for number, text in enumerate(pages) if key in text] for key in ("PRV-01", "PRO-02")}
    assert [len(numbers) for numbers in sheets.values()] == [2, 2]
    assert all(f"{CR}:{key}" in pages[numbers[0]] for key, numbers in sheets.items())
    with translation.override(language):
        labels = [str(kind.label) for kinds in (Obstacle, ActionKind, ImplementationStatus) for kind in kinds][:-1]
    text = " ".join(pages)
    assert [label for label in labels if label not in text] == []
    assert "120 fiscales" not in text
    assert any(words in text for words in ROOM_WORDS)
    assert list(pdfua.validate(str(path)).findings) == []
    with pikepdf.open(path) as document:
        assert (str(document.Root.Lang), bool(document.Root.MarkInfo.Marked)) == (language, True)


def test_the_first_asks_and_waits_and_the_next_takes_the_same_file(cast: Any, client: Client, report: Report) -> None:
    client.force_login(cast.ana)
    address = url("report_form", CR, language="fr")
    assert f'href="{url("report_form", CR)}"' in client.get(url("report_detail", CR)).content.decode()
    assert "Spreadsheet" in client.get(url("report_form", CR)).content.decode()
    job = client.post(address).url
    assert client.post(address).url == job  # a double click
    assert client.get(job).status_code == 200
    work()
    page = client.get(job)
    assert page.context["paper_url"] == address
    assert f'href="{address}"' in page.content.decode()
    first, second = (b"".join(client.get(address)) for _turn in range(2))
    form = BlankForm.objects.get()
    with form.file.open("rb") as file:
        assert first == second == file.read()
    assert (form.report, form.language, form.due_on) == (report, "fr", report.due_on)
    assert post_as(client, cast.beto, address).url == address
    taken = client.get(address)
    assert (b"".join(taken), taken["Content-Disposition"]) == (first, f'attachment; filename="{CR}_fr.pdf"')
    assert Job.objects.count() == 1


def test_another_day_on_which_it_is_due_makes_another_form(cast: Any, report: Report) -> None:
    services.request_form(report=report, language="es", actor=cast.ana)
    work()
    Report.objects.filter(pk=report.pk).update(extended_to=report.due_on + timedelta(days=30))
    report.refresh_from_db()
    assert isinstance(services.request_form(report=report, language="es", actor=cast.ana), Job)
    work()
    made = services.request_form(report=report, language="es", actor=cast.ana)
    assert isinstance(made, BlankForm)
    assert made.due_on == report.extended_to
    assert BlankForm.objects.count() == 2


def test_it_is_for_those_who_fill_the_report_in(cast: Any, client: Client, report: Report) -> None:
    services.request_form(report=report, language="en", actor=cast.ana)
    work()
    seen = {}
    for person in PEOPLE:
        client.force_login(getattr(cast, person))
        response = client.get(url("report_form", CR))
        seen[person] = response.status_code
        assert bool(BlankForm.objects.visible_to(getattr(cast, person))) == (response.status_code == 200)
        if response.status_code == 200:
            b"".join(response)
    assert seen == {**dict.fromkeys(PEOPLE, 404), "ana": 200, "beto": 200, "bruno": 200}
    services.close_round(round=report.round, actor=cast.denise)
    assert bool(BlankForm.objects.visible_to(cast.denise))  # now the Secretariat may file for the State


def test_a_machine_without_pdf_points_to_the_spreadsheet(
    cast: Any, client: Client, settings: Any, report: Report
) -> None:
    settings.OAS_PDF_OFF = "of this test"
    page = post_as(client, cast.ana, url("report_form", CR))
    text = client.get(page.url).content.decode()
    assert "This machine writes no PDF." in text
    assert url("report_spreadsheet", CR) in text


def test_the_application_can_neither_change_nor_remove_a_form(cast: Any, report: Report) -> None:
    values = {"report": report, "language": "es", "due_on": report.due_on, "file": "papers/x.pdf", "size": 1}
    form = BlankForm.objects.create(**values, sha256="a" * 64)
    for attempt in (
        lambda: BlankForm.objects.filter(pk=form.pk).update(size=2),
        form.delete,
        lambda: BlankForm.objects.create(**values, sha256="b" * 64),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
