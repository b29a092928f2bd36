"""The eight documents, opened: language, States, figures, tags, and the same bytes from the same data."""

import csv
import io
import itertools
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docx as word
import openpyxl
import pdfua
import pikepdf
import pypdf
import pytest
from django.conf import settings
from django.db import transaction
from django.utils.translation import override
from docx.oxml.ns import qn

from core.canonical import content_hash
from core.i18n import LANGUAGES
from core.pdf import static_path
from core.testing import record_proof
from evaluations.delivery import data as data_writer
from evaluations.delivery import docx, pdf, xlsx
from evaluations.delivery.content import Content
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.snapshot import build_snapshot
from tests.evaluations.tags import tag_findings
from tests.factories.accounts import make_cast
from tests.factories.evaluations import make_evaluation
from workplan.enums import ImplementationStatus

CUTOFF = datetime(2014, 10, 24, 16, 40, tzinfo=UTC)
UNITED_STATES = {"es": "Estados Unidos", "en": "United States", "fr": "États-Unis", "pt-br": "Estados Unidos"}
PREVENTION = {"es": "Prevención", "en": "Prevention", "fr": "Prévention", "pt-br": "Prevenção"}
# French sets a blank before the colon.
ORIGINAL = {
    "es": "Original: Español",
    "en": "Original: Español",
    "fr": "Original : Español",
    "pt-br": "Original: Español",
}
CUTOFF_WORDS = {
    "es": "24 de octubre de 2014",
    "en": "24 October 2014",
    "fr": "24 octobre 2014",
    "pt-br": "24 de outubro de 2014",
}


@pytest.fixture(scope="module")
def evaluated(django_db_setup: None, django_db_blocker: Any) -> SimpleNamespace:
    """An evaluation with its frozen data, made once for this module and taken back; rendering reads no database."""
    with django_db_blocker.unblock(), transaction.atomic():
        evaluation = Evaluation.objects.with_page_data().get(pk=make_evaluation(make_cast()).pk)
        data = build_snapshot(evaluation)
        transaction.set_rollback(True)
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash=content_hash(data), cutoff_at=CUTOFF)
    return SimpleNamespace(evaluation=evaluation, snapshot=snapshot, data=data, summary=summarize(data))


def content(of: SimpleNamespace, language: str) -> Content:
    return Content(of.evaluation, of.snapshot, of.summary, language)


def write(of: SimpleNamespace, writer: Any, language: str) -> bytes:
    with override(language):
        return bytes(writer.write(content(of, language)))


@pytest.fixture(scope="module")
def pdfs(evaluated: SimpleNamespace) -> dict[str, bytes]:
    return {language: write(evaluated, pdf, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def workbooks(evaluated: SimpleNamespace) -> dict[str, bytes]:
    return {language: write(evaluated, xlsx, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def texts(pdfs: dict[str, bytes]) -> dict[str, str]:
    return {language: text_of(data) for language, data in pdfs.items()}


def text_of(data: bytes) -> str:
    """The text with every run of blanks as one, no-break spaces included; a word broken at its hyphen is whole."""
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    return re.sub(r"(?<=\w-)\s+(?=\w)", "", re.sub(r"\s+", " ", " ".join(pages)))


# --- PDF ------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_speaks_its_language(language: str, texts: dict[str, str], evaluated: SimpleNamespace) -> None:
    text = texts[language]
    for words in (UNITED_STATES[language], PREVENTION[language], CUTOFF_WORDS[language], ORIGINAL[language]):
        assert words in text
    suffix = {activity["title"][language] for activity in evaluated.data["activities"]}
    # The narrow column of the tables breaks titles, never words.
    assert all(title.replace("\u00a0", " ") in text for title in suffix)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_names_every_state_and_its_symbol(language: str, texts: dict[str, str], evaluated: SimpleNamespace) -> None:
    text = texts[language]
    assert all(state["name"][language] in text for state in evaluated.data["states"])
    for words in ("OEA/Ser.K/XXXIX.4", "RTP-IV/doc.6/14", "AG/RES. 2551 (XL-O/10)"):
        assert words in text
    assert evaluated.snapshot.content_hash in text.replace(" ", "")


def test_pdf_prints_the_figures_of_every_activity(texts: dict[str, str], evaluated: SimpleNamespace) -> None:
    """Number, title, five counts, n, not applicable and no information, in one line of the table."""
    text = texts["en"]
    titles = {activity["code"]: activity["title"]["en"] for activity in evaluated.data["activities"]}
    rows = [row for rows in evaluated.summary.activities.values() for row in rows]
    for row in rows:
        counts = list(row.distribution.counts.values())
        figures = [*counts[:5], row.distribution.counted, *counts[5:]]
        assert f"{row.code} {titles[row.code]} {' '.join(str(n) for n in figures)}" in text
    assert len(rows) == 36


def test_pdf_prints_the_response_and_its_denominators(texts: dict[str, str], evaluated: SimpleNamespace) -> None:
    text = texts["en"]
    overall = evaluated.summary.overall.distribution
    assert "26 of 34 participating States have an accepted report for the period 2014-1 (76%). [S1]" in text
    assert f"{overall.advanced} of {overall.counted} answers on the scale are mostly or fully implemented" in text
    assert "Period 2014-1: 26 of 34 reports accepted (76%)" in text
    assert "was not asked to report: Cuba." in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_is_tagged_for_accessibility(language: str, pdfs: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(pdfs[language])) as document:
        assert str(document.Root.Lang) == language
        assert bool(document.Root.MarkInfo.Marked)
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        assert "RTP-IV/doc.6/14" in str(document.docinfo["/Title"])
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
        elements = [item for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
        heads = [item for item in elements if item.get("/S") == "/TH" and "/P" in item]
        scopes = {str(item.A.Scope) for item in heads}
        figures = [item for item in elements if item.get("/S") == "/Figure"]
        assert scopes == {"/Column", "/Row"}
        assert len(heads) > 300
        assert all(str(figure.Alt) for figure in figures)
        assert len(figures) > 50


def test_pdf_passes_the_checker(pdfs: dict[str, bytes], tmp_path: Path) -> None:
    """Sixteen rules of the standard and every mark on every page: tagged for PDF/UA-1, which is no certificate."""
    findings = {language: checked(data, tmp_path / f"{language}.pdf") for language, data in pdfs.items()}
    record_proof("pdf_ua", documents=len(findings), failures=sum(map(len, findings.values())))
    assert findings == {language: [] for language in LANGUAGES}


def checked(data: bytes, path: Path) -> list[str]:
    path.write_bytes(data)
    with pikepdf.open(path) as document:
        found = tag_findings(document)
    return [*found, *(f"{finding.rule_id}: {finding.message}" for finding in pdfua.validate(str(path)).findings)]


def test_what_is_not_tagged_is_found(pdfs: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(pdfs["en"])) as document:
        page = document.pages[2]
        page.contents_add(b"0 0 9 9 re f")
        del page.Tabs
        found = tag_findings(document)
    assert found == ["page 3: the order of tabs is not that of the tags", "page 3: f outside of the tags"]


def test_pdf_tables_and_headings_are_in_order(pdfs: dict[str, bytes]) -> None:
    """No level of heading is left out, and tables have captions."""
    with pikepdf.open(io.BytesIO(pdfs["fr"])) as document:
        kinds = [str(item.S) for item in in_order(document.Root.StructTreeRoot)]
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H[1-6]", kind)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    # A table that goes on overleaf is a second element there, without a second caption.
    assert kinds.count("/Table") >= kinds.count("/Caption") > 20


def in_order(element: Any) -> Any:
    """The elements of the structure in reading order."""
    if "/S" in element:
        yield element
    children = element.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield from in_order(child)


def test_pdf_sentences_link_to_where_they_come_from(pdfs: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(pdfs["es"])) as pdf:
        links = {
            str(note.Dest if "/Dest" in note else note.A.D)
            for page in pdf.pages for note in page.get("/Annots", []) if note.Subtype == "/Link"
        }  # fmt: skip
        marks = {str(name) for name in pikepdf.NameTree(pdf.Root.Names.Dests)}
    sentences = {name for name in links if re.fullmatch(r"s[0-9]+", name)}
    assert len(sentences) > 60
    assert sentences <= marks


def test_pdf_embeds_its_fonts(pdfs: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(pdfs["fr"])) as document:
        fonts = [
            item
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
        assert all("Public-Sans" in str(font.FontName) for font in fonts)


def test_same_data_give_the_same_pdf(pdfs: dict[str, bytes], evaluated: SimpleNamespace) -> None:
    assert write(evaluated, pdf, "es") == pdfs["es"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/style.css",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "https://static.invalid/../manage.py",
        "https://static.invalid/%2e%2e/manage.py",
        "https://static.invalid/css/missing.css",
        "data:text/css,body{}",
    ],
)
def test_document_loads_nothing_but_our_static_files(url: str) -> None:
    assert static_path(url) is None


def test_document_finds_its_stylesheet() -> None:
    found = static_path("https://static.invalid/css/document.css")
    assert found == Path(settings.BASE_DIR) / "static" / "css" / "document.css"


# --- XLSX -----------------------------------------------------------------


def book(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def table(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_workbook_speaks_its_language(language: str, workbooks: dict[str, bytes], evaluated: SimpleNamespace) -> None:
    sheets = book(workbooks[language]).worksheets
    about = {row[0]: row[1] for row in table(sheets[0])}
    assert {"RTP-IV/doc.6/14", "OEA/Ser.K/XXXIX.4", "Español", evaluated.snapshot.content_hash} <= set(about.values())
    assert [row[1] for row in table(sheets[1])][:1] == [PREVENTION[language]]
    titles = {activity["title"][language] for activity in evaluated.data["activities"]}
    shown = {row[1] for row in table(sheets[2])} | {row[1] for row in table(sheets[4])}
    assert shown == titles
    names = [state["name"][language] for state in evaluated.data["states"]]
    assert sorted(row[0] for row in table(sheets[5])) == sorted(names)


def test_workbook_figures_are_those_of_the_summary(workbooks: dict[str, bytes], evaluated: SimpleNamespace) -> None:
    """Every figure of every activity, area and theme, typed as a number."""
    _about, areas, activities, themes, *_rest = book(workbooks["en"]).worksheets
    summary = evaluated.summary
    groups = (
        (areas, [*summary.areas, summary.overall]),
        (activities, [row for rows in summary.activities.values() for row in rows]),
        (themes, summary.themes),
    )
    compared = 0
    for sheet, rows in groups:
        for cells, row in zip(table(sheet), rows, strict=True):
            now, change = row.distribution, row.change
            before = change.before
            assert cells[2:] == [
                *now.counts.values(),
                *(now.counted, now.advanced, now.share),
                *(before.counted, before.advanced, before.share, change.points),
                *(change.moves.forward, change.moves.same, change.moves.back),
            ]
            compared += len(cells) - 2
    assert compared == (5 + 36 + 8) * 17


def test_workbook_matrix_has_a_status_for_every_state_and_activity(
    workbooks: dict[str, bytes], evaluated: SimpleNamespace
) -> None:
    matrix = book(workbooks["en"]).worksheets[6]
    head = [cell.value for cell in matrix[1]][1:]
    names = {state["name"]["en"]: state["iso2"] for state in evaluated.data["states"]}
    reports = evaluated.data["rounds"][0]["reports"]
    for state, *cells in table(matrix):
        ratings = reports[names[state]].get("ratings", {})
        expected = [ratings.get(code, ["no_information"])[0] for code in head]
        assert cells == [str(ImplementationStatus(status).label) for status in expected]
    assert (len(table(matrix)), len(head)) == (34, 36)


def test_workbook_sheets_are_frozen_and_hold_no_formula(workbooks: dict[str, bytes]) -> None:
    for language in LANGUAGES:
        for sheet in book(workbooks[language]).worksheets:
            assert sheet.freeze_panes == "B2"
            assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_workbook_says_how_each_quotation_and_comment_stands(evaluated: SimpleNamespace) -> None:
    """Quotations with the standing of their translation, and comments of States word for word, with a typed date."""
    code = evaluated.data["activities"][0]["code"]
    said = {"results": "Se abrió la línea.", "language": "es"}
    state = next(iter(evaluated.data["answers"]), evaluated.data["states"][0]["iso2"])
    reports = {**evaluated.data["rounds"][0]["reports"]}
    comment = {"state": state, "area": "PRV", "text": "No lo compartimos.", "language": "es", "on": "2014-10-17"}
    said_in_french = {f"comment:{state}:PRV": "Nous ne partageons pas cet avis."}
    data = {
        **evaluated.data,
        "answers": {state: {code: said}},
        "translations": {"fr": {f"quote:{state}:{code}": "La ligne a été ouverte.", **said_in_french}},
        "comments": [comment],
        "rounds": evaluated.data["rounds"][:1],
    }
    assert reports[state]["standing"] == "accepted"
    snapshot = Snapshot(content=data, content_hash="0" * 64, cutoff_at=CUTOFF)
    changed = SimpleNamespace(**{**vars(evaluated), "snapshot": snapshot, "summary": summarize(data)})
    standings, told = {}, {}
    for language in ("es", "en", "fr"):
        *_rest, quotes, _sentences, comments, _periods = book(write(changed, xlsx, language)).worksheets
        standings[language] = [row[4:] for row in table(quotes)]
        ((_state, _area, on, spoken, text, *told[language]),) = table(comments)
        assert (on, spoken, text) == (datetime(2014, 10, 17), "Español", "No lo compartimos.")  # noqa: DTZ001
    reviewed = "Traduction révisée (langue originale\u202f: espagnol)"
    assert standings == {
        "es": [["Original: español", None]],
        "en": [["Not translated", None]],
        "fr": [[reviewed, "La ligne a été ouverte."]],
    }
    assert told == {
        "es": ["Original: español", None],
        "en": ["Not translated", None],
        "fr": [reviewed, "Nous ne partageons pas cet avis."],
    }


def test_text_that_looks_like_a_formula_stays_text(evaluated: SimpleNamespace) -> None:
    data = {
        **evaluated.data,
        "areas": [{**area, "title": {**area["title"], "en": "=1+1"}} for area in evaluated.data["areas"]],
    }
    changed = SimpleNamespace(
        **{**vars(evaluated), "snapshot": Snapshot(content=data, content_hash="0" * 64, cutoff_at=CUTOFF)}
    )
    sheet = book(write(changed, xlsx, "en")).worksheets[1]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")


def test_same_data_give_the_same_workbook(workbooks: dict[str, bytes], evaluated: SimpleNamespace) -> None:
    for language in LANGUAGES:
        assert write(evaluated, xlsx, language) == workbooks[language]


def test_workbooks_differ_by_language(workbooks: dict[str, bytes]) -> None:
    assert all(workbooks[a] != workbooks[b] for a, b in itertools.combinations(LANGUAGES, 2))


# --- DOCX -----------------------------------------------------------------


@pytest.fixture(scope="module")
def french(evaluated: SimpleNamespace) -> Any:
    return word.Document(io.BytesIO(write(evaluated, docx, "fr")))


def test_word_document_has_real_headings_in_its_language(french: Any) -> None:
    headings = [p.text for p in french.paragraphs if p.style.name == "Heading 1"]
    assert any(PREVENTION["fr"] in heading for heading in headings)
    assert len(headings) >= 10
    assert french.core_properties.language == "fr"
    assert 'w:val="fr-FR"' in french.styles["Normal"].element.xml


def test_word_tables_have_captions_and_heads_that_repeat(french: Any) -> None:
    captions = [p for p in french.paragraphs if p.style.name == "Caption"]
    assert len(captions) == len(french.tables)
    assert all("SEQ Table" in caption._p.xml for caption in captions)
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in french.tables)


def test_word_sentences_link_to_where_they_come_from(french: Any) -> None:
    body = french.element.body
    links = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    marks = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
    assert marks == [f"s{number}" for number in range(1, len(marks) + 1)]
    assert set(links) == set(marks)  # no sentence leads nowhere, and no line of the annex has no sentence
    assert any("[S1]" in paragraph.text for paragraph in french.paragraphs)


def test_word_pictures_say_what_they_show(french: Any) -> None:
    words = [shape._inline.docPr.get("descr") for shape in french.inline_shapes]
    assert len(words) > 40
    step = r"[^\d,]+: [\d\xa0]+"
    assert all(re.fullmatch(f"{step}(, {step})*", text) for text in words)


def test_word_tables_hold_the_figures_of_every_activity(evaluated: SimpleNamespace) -> None:
    document = word.Document(io.BytesIO(write(evaluated, docx, "en")))
    rows = [row.cells for table in document.tables[5:] for row in table.rows]
    found = {cells[0].text: [cell.text for cell in cells[3:]] for cells in rows if len(cells) == 11}
    for row in (row for rows in evaluated.summary.activities.values() for row in rows):
        counts = list(row.distribution.counts.values())
        assert found[row.code] == [str(n) for n in (*counts[:5], row.distribution.counted, *counts[5:])]


def test_same_data_give_the_same_word_document(evaluated: SimpleNamespace) -> None:
    assert write(evaluated, docx, "es") == write(evaluated, docx, "es")


# --- CSV and JSON ---------------------------------------------------------


def test_matrix_as_data_holds_every_rating(evaluated: SimpleNamespace) -> None:
    with override("pt-br"):
        of = content(evaluated, "pt-br")
        text, found = data_writer.write_csv(of).decode("utf-8-sig"), json.loads(data_writer.write_json(of))
    rows = list(csv.reader(io.StringIO(text)))[1:]
    for number, round_ in enumerate(evaluated.data["rounds"]):
        for code, iso2, _name, activity, _title, own, rating, _word, one in rows:
            if code == round_["code"]:
                expected = round_["reports"][iso2].get("ratings", {}).get(activity, ["no_information"] * 2)
                assert [rating, own, one] == [*expected, "1"]
                of_round = found["rounds"][number]
                assert [of_round[key][iso2][activity] for key in ("matrix", "self_ratings")] == [rating, own]
    assert len(rows) == 2 * 34 * 36
    assert found["data_sha256"] == evaluated.snapshot.content_hash
