"""The paper of a State: every rating of it and nothing of another; for its people while it is asked, then for all."""

import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx as word
import lxml.html
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from docx.oxml.ns import qn

from accounts.models import State
from core.models import AuditEvent, OutboxMessage
from evaluations import services
from evaluations.delivery import pipeline
from evaluations.enums import today
from evaluations.models import Consultation, Evaluation, StatePaper
from evaluations.queries.preview import own_data, paper_states
from tests.factories.evaluations import make_evaluation, publish
from tests.factories.workplan import only_a_few_take_part
from workplan.enums import ImplementationStatus
from workplan.models import Report

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "fr")
STATES = {"BB", "BR", "CR", "GT", "HT"}
LEFT_OUT = "El informe llegó después del plazo acordado."
WORDS = "El país no comparte la valoración <b>PRV-02</b>."


@pytest.fixture
def evaluation(cast: Any, settings: Any, tmp_path: Path) -> Evaluation:
    """Four of five States have an accepted report; Haiti is left out."""
    settings.MEDIA_ROOT = tmp_path
    only_a_few_take_part()
    made = make_evaluation(cast, accepted=4, submitted=0, formats=("csv",), languages=LANGUAGES, papers=True)
    haiti = State.objects.get(iso2="HT")
    services.exclude_state(evaluation=made, state=haiti, reason=LEFT_OUT, language="es", actor=cast.denise)
    build(made, cast)
    return made


def build(evaluation: Evaluation, cast: Any) -> None:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    evaluation.refresh_from_db()


def paper(evaluation: Evaluation, iso2: str, language: str) -> Any:
    row = StatePaper.objects.current().get(snapshot__evaluation=evaluation, state__iso2=iso2, language=language)
    return word.Document(row.file.path)


def text_of(document: Any) -> str:
    return "\n".join(element.text or "" for element in document.element.body.iter(qn("w:t")))


# --- what it says ---------------------------------------------------------


def test_there_is_one_for_each_state_and_language(evaluation: Evaluation) -> None:
    found = set(StatePaper.objects.current().values_list("state__iso2", "language"))
    assert found == {(iso2, language) for iso2 in STATES for language in LANGUAGES}


def stored_ratings(evaluation: Evaluation, iso2: str) -> dict[str, list[str]]:
    """By plain SQL: activity to rating and self-rating of this period, and the rating of the one before."""
    query = """
        SELECT a.code, now.status, now.self_status, before.status
        FROM workplan_activity a
        JOIN accounts_state s ON s.iso2 = %s
        JOIN workplan_report r ON r.round_id = %s AND r.state_id = s.id
        JOIN workplan_report b ON b.round_id = %s AND b.state_id = s.id
        LEFT JOIN workplan_rating now ON now.version_id = r.accepted_version_id AND now.activity_id = a.id
        LEFT JOIN (workplan_rating before JOIN workplan_activity old ON old.id = before.activity_id)
            ON before.version_id = b.accepted_version_id AND old.code = a.code
        WHERE a.catalogue_id = %s AND a.responsible <> 'general_secretariat'"""
    with connection.cursor() as cursor:
        asked = [iso2, evaluation.round_id, evaluation.compared_round_id, evaluation.round.catalogue_id]
        cursor.execute(query, asked)
        return {row[0]: [status or "no_information" for status in row[1:]] for row in cursor.fetchall()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_prints_every_rating_of_its_state(evaluation: Evaluation, language: str) -> None:
    for iso2 in ("BB", "CR"):
        tables = [t for t in paper(evaluation, iso2, language).tables if len(t.columns) == 7]
        rows = [[cell.text for cell in row.cells] for table in tables for row in table.rows[1:]]
        with override(language):
            wanted = {
                code: [str(ImplementationStatus(status).label) for status in codes]
                for code, codes in stored_ratings(evaluation, iso2).items()
            }
        assert {row[0]: row[3:6] for row in rows} == wanted
        assert len(rows) == 36


def test_nothing_of_another_state_is_in_it(evaluation: Evaluation) -> None:
    content = evaluation.snapshot.content
    names = {state["iso2"]: state["name"]["fr"] for state in content["states"]}
    for iso2 in paper_states(content):
        others = {
            **content,
            "states": [state for state in content["states"] if state["iso2"] == iso2],
            "rounds": [
                {**r, "reports": {code: report for code, report in r["reports"].items() if code == iso2}}
                for r in content["rounds"]
            ],
            "answers": {code: answer for code, answer in content["answers"].items() if code == iso2},
            "excluded": [row for row in content["excluded"] if row["iso2"] == iso2],
        }
        assert own_data(others, iso2) == own_data(content, iso2)
        text = text_of(paper(evaluation, iso2, "fr")).split("(SHA-256)")[1]  # its head names where the Meeting is
        assert {code for code, name in names.items() if name in text} <= {iso2}


def test_it_has_headings_captions_alternative_texts_and_its_head(evaluation: Evaluation) -> None:
    document = paper(evaluation, "CR", "fr")
    text = text_of(document)
    stored = StatePaper.objects.current().get(state__iso2="CR", language="fr")
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles.count("Title") == 1
    assert styles.count("Heading 1") == 11  # the report, four areas, five sections, the limits
    assert styles.count("Caption") == len(document.tables)
    assert all(table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None for table in document.tables)
    pictures = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert len(pictures) == 5
    assert all(pictures)
    for words in (evaluation.series, evaluation.symbol, "Original : Español", "Costa Rica"):
        assert words in text
    assert stored.content_hash in text.replace(" ", "")
    assert document.core_properties.language == "fr"
    assert document.core_properties.title == f"Costa Rica · {evaluation.symbol}"


def test_a_state_that_is_left_out_is_told_why(evaluation: Evaluation) -> None:
    document = paper(evaluation, "HT", "fr")
    assert LEFT_OUT in text_of(document)
    assert [table for table in document.tables if len(table.columns) == 7] == []


def test_comments_stand_word_for_word_in_the_own_paper_alone(evaluation: Evaluation, cast: Any) -> None:
    consultation = ask(evaluation, cast)
    services.save_comments(
        consultation=consultation, state=cast.costa_rica, texts={"PRV": WORDS}, language="es", seen=0, actor=cast.beto
    )
    build(evaluation, cast)
    told = {iso2: WORDS in text_of(paper(evaluation, iso2, "fr")) for iso2 in STATES}
    assert told == {iso2: iso2 == "CR" for iso2 in STATES}


# --- who may have it ------------------------------------------------------


def ask(evaluation: Evaluation, cast: Any) -> Consultation:
    tomorrow = timezone.localdate() + timedelta(days=1)
    return services.open_consultation(evaluation=evaluation, closes_on=tomorrow, actor=cast.denise)


def read(client: Client, url_name: str, *args: Any) -> tuple[int, bytes]:
    answer = client.get(reverse(url_name, args=args))
    return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_state_takes_its_own_while_it_is_asked(evaluation: Evaluation, cast: Any, client: Client) -> None:
    consultation = ask(evaluation, cast)
    client.force_login(cast.beto)
    page = client.get(consultation.preview_url("CR"))
    assert [link.language for link in page.context["papers"]] == ["es", "fr"]
    assert page.context["papers"][0].url in page.content.decode()
    answer = client.get(page.context["papers"][0].url)
    assert answer["Content-Disposition"] == 'attachment; filename="RTP-IV_doc.6_14_CR_es.docx"'
    assert zipfile.is_zipfile(io.BytesIO(b"".join(answer.streaming_content)))
    assert AuditEvent.objects.filter(verb="document.downloaded", chain="CR", actor=cast.beto).count() == 1
    key = consultation.public_id
    assert read(client, "consultation_paper", key, "gt", "es")[0] == 404
    assert read(client, "paper_download", evaluation.public_id, "cr", "es")[0] == 404
    Consultation.objects.update(closes_on=date(2014, 10, 17))
    assert read(client, "consultation_paper", key, "cr", "es")[0] == 404
    assert list(client.get(consultation.preview_url("CR")).context["papers"]) == []
    client.force_login(cast.denise)
    assert read(client, "consultation_paper", key, "gt", "es")[0] == 200


def test_secretariat_finds_all_in_one_table(evaluation: Evaluation, cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(evaluation.get_absolute_url())
    table = page.context["papers"]
    assert [row.state for row in table.rows] == ["Barbados", "Brazil", "Costa Rica", "Guatemala", "Haiti"]
    assert [code for code, _name in table.languages] == list(LANGUAGES)
    assert sum("statepaper" in query["sql"] for query in queries) == 1
    urls = [link.url for row in table.rows for link in row.links]
    assert len(set(urls)) == len(STATES) * len(LANGUAGES)
    assert all(url in page.content.decode() for url in urls)
    assert read(client, "paper_download", evaluation.public_id, "gt", "fr")[0] == 200
    client.force_login(cast.paula)
    assert read(client, "paper_download", evaluation.public_id, "gt", "fr")[0] == 404


def test_its_page_says_all_that_its_paper_says(evaluation: Evaluation, cast: Any, client: Client) -> None:
    """Every paragraph after the cover and every cell, of a State that reported and of one that is left out."""
    consultation = services.open_consultation(
        evaluation=evaluation, closes_on=today() + timedelta(days=3), actor=cast.denise
    )
    client.force_login(cast.denise)
    for iso2 in ("CR", "HT"):
        with override("fr"):
            page, head = client.get(consultation.preview_url(iso2)), str(_("The State’s report"))
        text = " ".join(lxml.html.fromstring(page.content).text_content().split())
        document = paper(evaluation, iso2, "fr")
        written = [block.text for block in document.paragraphs]
        start = next(n for n, words in enumerate(written) if words == head)
        written = written[start:] + [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        told = {re.sub(r"^Tableau \d+\. ", "", " ".join(words.split())) for words in written} - {""}
        assert {words for words in told if words not in text} == set()
        assert len(told) > 20


def test_everybody_reads_them_once_they_are_published(evaluation: Evaluation, cast: Any, client: Client) -> None:
    address = ("publication_paper", evaluation.public_id, "br", "fr")
    assert read(client, *address)[0] == 404
    publish(evaluation, cast)
    assert read(client, *address)[0] == 200
    page = client.get(reverse("publication_detail", args=[evaluation.public_id]))
    assert len(page.context["papers"].rows) == len(STATES)
    pack = read(client, "publication_pack", evaluation.public_id)[1]
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        found = [name for name in archive.namelist() if "/" in name]
    assert found == [f"{iso2}/RTP-IV_doc.6_14_{iso2}_{code}.docx" for iso2 in sorted(STATES) for code in LANGUAGES]


def test_a_report_that_nobody_accepted_gives_a_paper_without_information(evaluation: Evaluation, cast: Any) -> None:
    """Barbados has sent one that nobody has accepted: its paper says so, row by row."""
    Report.objects.filter(round=evaluation.round, state__iso2="BB").update(
        accepted_version=None, status="submitted", accepted_at=None
    )
    build(evaluation, cast)
    rows = [row for t in paper(evaluation, "BB", "es").tables if len(t.columns) == 7 for row in t.rows[1:]]
    assert {row.cells[3].text for row in rows} == {"Sin información"}
