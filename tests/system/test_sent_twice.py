"""A double click or a form sent again makes one row: every form that creates something, sent twice at once."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from core.models import SentForm
from core.testing import record_proof
from networks.models import CooperationRequest
from tests.factories.workplan import answer, make_open_round
from tests.support import sign_in_fresh
from tests.workplan.pages import CAMPAIGN, sent, typed, url
from workplan import delivery, services
from workplan.models import (
    Action,
    EntryUserObjectPermission,
    Evidence,
    Extension,
    ImportRun,
    Question,
    Reply,
    Report,
    ReportEntry,
    Round,
)

CR = "CR-2014-1"
Case = tuple[str, str, dict[str, Any], type[Model], int]  # who, where, what, and how many rows it makes


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}_{index}": str(number) for index, number in enumerate((day.day, day.month, day.year))}


@pytest.fixture
def entry(cast: Any) -> ReportEntry:
    make_open_round(cast)
    return Report.objects.get(reference=CR).entries.get(activity__code="PRV-01")


@pytest.fixture
def question(cast: Any, entry: ReportEntry) -> Question:
    """Guatemala's report is under review, with one question asked."""
    report = Report.objects.get(reference="GT-2014-1")
    answer(report.entries.all()[0], cast.carla)
    sent(report, cast.carla, cast.ciro)
    asked = {"activity": report.entries.all()[0].activity, "field": "results", "text": "How many?"}
    question = services.ask_question(report=report, actor=cast.denise, **asked)
    services.return_report(report=report, actor=cast.denise, note="One number is missing.")
    return question


def cases(cast: Any, entry: ReportEntry, question: Question) -> list[Case]:
    soon = timezone.localdate() + timedelta(days=40)
    web = {"url": "https://example.org/ley", "title": "Ley", "language": "es", "visibility": "secretariat"}
    handed = {"person": str(cast.marta.public_id), "reason": "R", "entries": [str(entry.pk)]}
    asked = {"receiver": cast.authority_gt.pk, "kind": "information", "urgency": "urgent", "subject": "Requisitos"}
    ask = {"text": "¿Qué documentos hacen falta?", "language": "es", "send": "yes"}
    later = {"code": "2014-2", **parts("period_start", date(2014, 7, 1)), **parts("period_end", date(2014, 12, 31))}
    return [
        ("ana", url("entry_edit", CR, "PRV-01"), typed(entry, CAMPAIGN), Action, 1),
        ("ana", url("evidence_address", CR, "PRV-01"), web, Evidence, 1),
        ("beto", url("extension_new", CR), {**parts("requested_date", soon), "reason": "x"}, Extension, 1),
        ("beto", url("grant_new"), {**handed, **parts("valid_to", soon)}, EntryUserObjectPermission, 1),
        ("carla", url("question_answer", "GT-2014-1", question.public_id), {"text": "Seis."}, Reply, 1),
        ("ana", url("request_new"), {**asked, **ask}, CooperationRequest, 1),
        ("denise", url("round_new"), {**later, **parts("due_on", date(2015, 1, 31))}, Round, 1),
    ]


def twice(user: Any, address: str, data: dict[str, Any], file: bytes | None = None) -> list[tuple[int, str]]:
    """The form of one page, posted twice at the same moment by one browser."""
    first = Client(enforce_csrf_checks=True)
    sign_in_fresh(first, user)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', first.get(address).content.decode())
    assert token is not None

    def post(_number: int) -> tuple[int, str]:
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.cookies.update(first.cookies)
        upload = {"file": SimpleUploadedFile("cr.xlsx", file)} if file else {}
        try:
            response = client.post(address, {**data, **upload, "csrfmiddlewaretoken": token[1]})
            return response.status_code, response.get("Location", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(post, range(2)))


def fault(made: int, wanted: int, answers: list[tuple[int, str]]) -> list[Any]:
    alike = answers[0] == answers[1] and answers[0][0] == 302
    return [] if alike and made == wanted else [made, answers]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_makes_one_row(cast: Any, entry: ReportEntry, question: Question) -> None:
    faults, posts = {}, cases(cast, entry, question)
    for person, address, data, model, rows in posts:
        before = model._default_manager.count()
        answers = twice(getattr(cast, person), address, data)
        faults[address] = fault(model._default_manager.count() - before, rows, answers)
    report = Report.objects.get(reference="SG-2014-1")
    book = delivery.workbook(report, "SG", delivery.answer_sheets(report, list(report.entries.all()[:1])))
    answers = twice(cast.denise, url("import_new"), {"report": report.reference}, book)
    faults["import_new"] = fault(ImportRun.objects.count(), 1, answers)
    record_proof("sent_twice", forms=len(faults), doubled=sum(bool(found) for found in faults.values()))
    assert {address: found for address, found in faults.items() if found} == {}


# --- the rules of it, one request after the other --------------------------------------------------


@pytest.fixture
def ask(cast: Any, question: Question, client: Client) -> Callable[..., Any]:
    """Denise asks about the report that came again, with the token of the page given."""
    sent(Report.objects.get(reference="GT-2014-1"), cast.carla, cast.ciro)
    client.force_login(cast.denise)

    def act(token: str, text: str) -> Any:
        typed = {"do": "ask:PRV-01", "ask-PRV-01-field": "results", "ask-PRV-01-text": text}
        return client.post(url("review_detail", "GT-2014-1"), {**typed, "csrfmiddlewaretoken": token})

    return act


@pytest.mark.django_db
def test_the_same_page_with_another_text_is_another_form(ask: Callable[..., Any]) -> None:
    before = Question.objects.count()
    answers = [ask("a" * 64, text) for text in ("One?", "One?", "Two?")]
    assert [(a.status_code, a.url) for a in answers] == [(302, answers[0].url)] * 3
    assert Question.objects.count() == before + 2
    ask("b" * 64, "Three?")
    assert Question.objects.count() == before + 3


@pytest.mark.django_db
def test_a_form_with_an_error_may_be_sent_again(ask: Callable[..., Any]) -> None:
    assert [ask("a" * 64, "").status_code for _ in range(2)] == [422, 422]
    assert SentForm.objects.count() == 0


@pytest.mark.django_db
def test_a_form_is_remembered_for_a_day_and_holds_no_word(ask: Callable[..., Any]) -> None:
    ask("a" * 64, "Secreto?")
    SentForm.objects.update(sent_at=timezone.now() - timedelta(days=2))
    ask("b" * 64, "Otro?")
    row = SentForm.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", row.key)
    assert "Secreto" not in row.location
