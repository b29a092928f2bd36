"""Texts of people in files: their lines are kept, and what no file can hold is refused, or left out of the file."""

import io
import re
from pathlib import Path
from typing import Any

import docx as word
import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core import jobs
from core.models import OutboxMessage
from evaluations import services
from evaluations.delivery import docx, pipeline, xliff, xlsx
from evaluations.delivery.content import Content
from evaluations.forms import CommentForm, ElementForm, ExclusionForm, FollowUpForm, TranslationForm
from evaluations.imports import read_xliff
from evaluations.models import Element, Evaluation, Publication, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.translations import pairs_of, units_of
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part

pytestmark = pytest.mark.django_db
STORED = "Primera línea.\r\nSegunda\x0blínea \x07con restos."  # as the database has it, from before forms looked
WRITTEN = "Primera línea.\nSegunda\nlínea con restos."
FORMS: dict[str, Any] = {
    "text": lambda text: ElementForm({"seen": 0, "suggestion": "amend", "text": text, "language": "es"}, is_new=False),
    "reason": lambda text: ExclusionForm({"reason": text, "language": "es"}),
    "translation": lambda text: TranslationForm({"seen": 0, "text": text}),
    "follow-up": lambda text: FollowUpForm({"status": "done", "text": text, "language": "es"}),
    "text_PRV": lambda text: CommentForm({"seen": 0, "language": "es", "text_PRV": text}, areas=[("PRV", "Área")]),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_keep_lines_and_refuse_controls(name: str) -> None:
    form = FORMS[name]("Primera.\r\nSegunda.\x0bTercera.")
    assert form.is_valid(), form.errors
    assert "Primera.\nSegunda.\nTercera." in form.cleaned_data.values()
    refused = FORMS[name]("Con \x07 restos.")
    assert "U+0007" in str(refused.errors)


@pytest.fixture
def evaluation(cast: Any, settings: Any, tmp_path: Path) -> Evaluation:
    """With an element that was stored before forms looked at its characters."""
    settings.MEDIA_ROOT = tmp_path
    only_a_few_take_part()
    made = make_evaluation(cast, accepted=4, submitted=0, formats=("docx", "xlsx", "json"), languages=("es", "fr"))
    row = {"suggestion": "new", "text": STORED, "language": "es", "is_draft": False, "by": cast.denise}
    Element.objects.create(evaluation=made, key="N1", number=1, **row)
    job = services.request_build(evaluation=made, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(made.public_id))
    made.refresh_from_db()
    return made


def opened(evaluation: Evaluation, format_: str) -> Any:
    assert evaluation.snapshot is not None
    document = evaluation.snapshot.documents.get(language="es", format=format_)
    return {"docx": word.Document, "xlsx": openpyxl.load_workbook}[format_](document.file.path)


def cells(document: Any) -> list[str]:
    return [cell.text for table in document.tables for row in table.rows for cell in row.cells]


def test_what_xml_cannot_hold_stops_no_build_and_no_export(evaluation: Evaluation) -> None:
    assert f"Original: español\n{WRITTEN}" in cells(opened(evaluation, "docx"))
    assert opened(evaluation, "xlsx").worksheets
    assert evaluation.snapshot is not None
    pairs = pairs_of(evaluation, evaluation.snapshot.content, "fr")
    file = re.sub(rb"<target[^>]*>(</target>)?", b"<target>Un</target>", xliff.write(evaluation, pairs, "fr"))
    back = read_xliff(file, units_of(evaluation.snapshot.content), "fr")  # and its source has not changed
    assert [target.text for target in back] == ["Un"]


CONTRIBUTION = {
    "reference": "C-1", "by": "Una red", "title": "Title", "text": "One.\nTwo.", "language": "en", "states": ["CR"],
    "replies": [{"state": "CR", "text": "Sí.\nGracias.", "language": "es"}],
    "translations": {"es": {"title": "Título", "text": "Uno.\n\nDos."}},
}  # fmt: skip
COMMENT = {"state": "CR", "area": "PRV", "text": "Primero.\n\nSegundo.", "language": "es", "on": "2014-10-17"}


def with_texts(evaluation: Evaluation) -> Content:
    assert evaluation.snapshot is not None
    frozen = evaluation.snapshot.content
    sections = {**frozen["sections"], "contributions": {"contributions": [CONTRIBUTION], "closed": 0}}
    data = {**frozen, "sections": sections, "comments": [COMMENT]}
    snapshot = Snapshot(content=data, content_hash="0" * 64, cutoff_at=evaluation.snapshot.cutoff_at)
    return Content(evaluation, snapshot, summarize(data), "es")


def test_lines_of_comments_and_contributions_stay_in_word(evaluation: Evaluation) -> None:
    with override("es"):
        document = word.Document(io.BytesIO(docx.write(with_texts(evaluation))))
    quotes = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Quote"]
    assert quotes == ["One.\nTwo.", "Título", "Uno.\n\nDos.", "Sí.\nGracias.", "Primero.\n\nSegundo."]


def test_workbook_holds_elements_and_contributions_with_their_replies(evaluation: Evaluation) -> None:
    with override("es"):
        book = openpyxl.load_workbook(io.BytesIO(xlsx.write(with_texts(evaluation))))
    contributions, elements = (
        [[cell.value for cell in row] for row in book[name].iter_rows(min_row=2)]
        for name in ("Contribuciones", "Elementos")
    )
    first, reply = contributions
    told = ["English", "One.\nTwo.", "Traducido del inglés (revisado)", "Uno.\n\nDos."]
    assert first == ["C-1", "Una red", "Costa Rica", "Title", "Título", *told, *[None] * 5]
    assert reply == [
        "C-1",
        *[None] * 8,
        "Costa Rica",
        *["Español", "Sí.\nGracias.", "Original: español", None],
    ]
    assert elements == [["N1", "Nuevo", None, "Español", WRITTEN, "Original: español", None]]
    assert book["Estados fuera"].max_row == 1


def test_the_public_reads_replies_and_translations(evaluation: Evaluation, cast: Any, client: Client) -> None:
    assert evaluation.snapshot is not None
    row = {"evaluation": evaluation, "content_hash": "0" * 64, "cutoff_at": evaluation.snapshot.cutoff_at}
    job = jobs.create_job(kind=services.KIND, actor=cast.denise)
    frozen = Snapshot.objects.create(**row, job=job, content=with_texts(evaluation).data)
    Publication.objects.create(
        evaluation=evaluation, snapshot=frozen, generated_by=cast.denise, published_by=cast.didier
    )
    client.force_login(cast.denise)  # who reads the whole, whatever States show to everybody
    with override("es"):
        page = client.get(reverse("publication_detail", args=[evaluation.public_id])).content.decode()
    assert '<blockquote lang="en">One.\nTwo.</blockquote>' in page
    assert "<blockquote><p>Título</p><p>Uno.\n\nDos.</p></blockquote>" in page
    assert '<blockquote lang="es">Sí.\nGracias.</blockquote>' in page
