"""A report by key from its answers to its sending: evidence, more time, spreadsheets, steps; each State its own."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import AuditEvent, OutboxMessage
from tests.api.test_reports import ROOT, is_problem, keyed, send
from tests.factories.files import pdf
from tests.factories.workplan import answer, submit
from tests.workplan.sheets import C, exported, with_cells
from workplan import services, tasks
from workplan.models import Evidence, Extension, ImportRun, Report

pytestmark = pytest.mark.django_db
ENTRY = "reports/CR-2014-1/entries/PRO-02/"
PDF = pdf()
ABOUT = {"type": "law", "language": "es"}


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def attach(client: Client, content: bytes = PDF, name: str = "ley.pdf", **more: Any) -> Any:
    headers = more.pop("headers", {})
    sent = {**ABOUT, "file": SimpleUploadedFile(name, content), **more}
    return client.post(f"{ROOT}{ENTRY}evidence/", sent, headers=headers)


def run_check(evidence: Evidence) -> None:
    message = OutboxMessage.objects.get(key=f"evidence:{evidence.pk}")
    tasks.process_evidence(str(message.pk), *message.args)


def test_a_file_is_attached_checked_read_and_removed(cast: SimpleNamespace, open_round: Any) -> None:
    client = keyed(cast.ana)
    made = attach(client)
    told = made.json()
    assert (made.status_code, told["scan_state"], told["title"]) == (202, "pending", "ley.pdf")
    place = made.headers["Location"]
    assert client.get(f"{place}file/").status_code == 404  # there is no copy yet
    run_check(Evidence.objects.get())
    assert client.get(place).json()["scan_state"] == "not_scanned"
    file = client.get(f"{place}file/")
    assert (file.status_code, file.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert b"".join(file.streaming_content)[:5] == b"%PDF-"
    listed = client.get(f"{ROOT}{ENTRY}evidence/").json()["results"]
    assert [row["id"] for row in listed] == [told["id"]]
    assert client.delete(place).status_code == 204
    assert client.delete(place).status_code == 404
    assert client.get(f"{ROOT}{ENTRY}evidence/").json()["results"] == []
    verbs = AuditEvent.objects.filter(actor=cast.ana, verb__startswith="evidence.").order_by("pk")
    key = cast.ana.api_keys.get()
    assert [(event.verb, event.data["key"], event.data["institution"]) for event in verbs] == [
        (verb, str(key.public_id), str(key.institution.public_id))
        for verb in ("evidence.attached", "evidence.downloaded", "evidence.removed")
    ]


def test_a_file_is_refused_as_on_the_page(cast: SimpleNamespace, open_round: Any) -> None:
    client = keyed(cast.ana)
    wrong = attach(client, b"MZ\x90\x00", "ley.pdf")
    assert is_problem(wrong, 400)
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["/file/0"] or wrong.json()["errors"]
    assert is_problem(attach(client, type="web_page"), 400)
    http = {"url": "http://example.org/ley", "title": "Ley", "language": "es"}
    assert is_problem(send(client, "POST", f"{ENTRY}evidence/addresses/", http), 400)
    good = send(client, "POST", f"{ENTRY}evidence/addresses/", {**http, "url": "https://example.org/ley"})
    assert (good.status_code, good.json()["type"], good.json()["scan_state"]) == (201, "web_page", "")
    assert Evidence.objects.count() == 1


def test_the_same_upload_under_the_same_word_is_one(cast: SimpleNamespace, open_round: Any) -> None:
    """Though the boundary of the form differs each time."""
    client, word = keyed(cast.ana), {"Idempotency-Key": "ley-9095"}
    first, again = attach(client, headers=word), attach(client, headers=word)
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert is_problem(attach(client, b"Otro texto.", "otro.txt", headers=word), 422)
    assert Evidence.objects.count() == 1


def test_evidence_of_another_state_does_not_exist(cast: SimpleNamespace, open_round: Any) -> None:
    place = attach(keyed(cast.ana)).headers["Location"]
    other = keyed(cast.carla)
    for answered in (
        other.get(place),
        other.delete(place),
        other.get(f"{place}file/"),
        other.get(f"{ROOT}{ENTRY}evidence/"),
        attach(other),
        send(other, "POST", f"{ENTRY}evidence/addresses/", {"url": "https://example.org", **ABOUT}),
    ):
        assert is_problem(answered, 404)
    assert is_problem(keyed(cast.bruno).delete(place), 403)  # approves, does not write
    assert is_problem(keyed(cast.ana, "read").delete(place), 403)
    assert Evidence.objects.filter(removed_at=None).count() == 1


def test_more_time_is_asked_for_and_decided(cast: SimpleNamespace, open_round: Any) -> None:
    place, asked = "reports/CR-2014-1/extensions/", {"requested_date": "2099-08-01", "reason": "Cambio de gobierno."}
    assert is_problem(send(keyed(cast.carla), "POST", place, asked), 404)
    assert is_problem(send(keyed(cast.ana), "POST", place, asked), 403)  # writes, and does not coordinate
    assert is_problem(send(keyed(cast.beto), "POST", place, {**asked, "requested_date": "2014-01-01"}), 422)
    made = send(keyed(cast.beto), "POST", place, asked)
    assert (made.status_code, made.json()["decision"]) == (201, "")
    decision = f"extensions/{made.json()['id']}/decision/"
    granted = {"decision": "granted", "new_date": "2099-08-01", "decision_reason": "Concedido."}
    assert is_problem(send(keyed(cast.carla), "POST", decision, granted), 404)
    assert is_problem(send(keyed(cast.beto), "POST", decision, granted), 403)
    assert is_problem(send(keyed(cast.denise), "POST", decision, {**granted, "new_date": None}), 400)
    assert send(keyed(cast.denise), "POST", decision, granted).json()["new_date"] == "2099-08-01"
    assert is_problem(send(keyed(cast.denise), "POST", decision, granted), 409)
    listed = keyed(cast.ana).get(f"{ROOT}{place}").json()["results"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    # A report that was not sent is the State's own; that more time was asked for it is the Secretariat's to know.
    assert is_problem(keyed(cast.denise).get(f"{ROOT}{place}"), 404)
    assert keyed(cast.denise).get(made.headers["Location"]).json()["decision"] == "granted"
    assert is_problem(keyed(cast.carla).get(made.headers["Location"]), 404)
    assert str(Extension.objects.get().report.due_on) == "2099-08-01"


def test_a_spreadsheet_is_read_imported_and_undone(cast: SimpleNamespace, open_round: Any) -> None:
    report = Report.objects.get(reference="CR-2014-1")
    cells = {"PRO-02": {C.STATUS: "partial", C.NARRATIVE: "Doce jueces."}, "PRO-03": {C.STATUS: "quizás"}}
    place, file = f"{ROOT}reports/CR-2014-1/imports/", with_cells(exported(report), cells)
    ana, carla = keyed(cast.ana), keyed(cast.carla)

    def hand_in(client: Client, content: bytes = file) -> Any:
        return client.post(place, {"file": SimpleUploadedFile("respuestas.xlsx", content)})

    assert is_problem(hand_in(carla), 404)
    assert is_problem(hand_in(keyed(cast.bruno)), 403)
    assert is_problem(hand_in(ana, b"nada"), 400)
    made = hand_in(ana)
    told, run = made.json(), made.headers["Location"]
    assert (made.status_code, told["state"], told["faulty_rows"]) == (201, "read", 1)
    assert (told["changes"]["new"], told["problems"][0]["found"]) == (["PRO-02"], "quizás")
    for rest in ("", "confirm/", "undo/"):
        method = "POST" if rest else "GET"
        assert is_problem(send(carla, method, f"{run.removeprefix(ROOT)}{rest}"), 404)
    confirm = run.removeprefix(ROOT) + "confirm/"
    assert is_problem(send(ana, "POST", confirm), 422)
    assert send(ana, "POST", confirm, {"without": 1}).json()["state"] == "imported"
    entry = report.entries.get(activity__code="PRO-02")
    assert (entry.narrative, entry.updated_by) == ("Doce jueces.", cast.ana)
    assert send(ana, "POST", f"{run.removeprefix(ROOT)}undo/").json()["state"] == "undone"
    entry.refresh_from_db()
    assert (entry.narrative, ImportRun.objects.count()) == ("", 1)


def test_what_is_missing_is_told_before_it_is_sent(cast: SimpleNamespace, open_round: Any) -> None:
    report = Report.objects.get(reference="CR-2014-1")
    entries = list(report.entries.select_related("activity").order_by("activity__position"))
    answer(entries[0], cast.ana)
    told = keyed(cast.ana).get(f"{ROOT}reports/CR-2014-1/check/").json()
    assert (told["total"], told["answered"], told["statuses"]["partial"]) == (len(entries), 1, 1)
    assert set(told["blank"]) == {entry.activity.code for entry in entries[1:]}
    assert told["steps"] == ["send_to_coordinator"]
    assert is_problem(keyed(cast.carla).get(f"{ROOT}reports/CR-2014-1/check/"), 404)


def test_a_review_goes_back_and_forth_by_key(cast: SimpleNamespace, open_round: Any) -> None:
    submit(Report.objects.get(reference="CR-2014-1"), cast.ana, cast.bruno)
    steps, state, office = "reports/CR-2014-1/steps/", keyed(cast.bruno), keyed(cast.denise)
    assert is_problem(send(state, "POST", steps, {"step": "ask_return"}), 400)
    assert send(state, "POST", steps, {"step": "ask_return", "note": "Falta un dato."}).status_code == 200
    back = {"step": "return", "note": "Complete el dato.", "version": 1}
    assert is_problem(send(state, "POST", steps, back), 403)
    assert is_problem(send(office, "POST", steps, {**back, "version": 2}), 412)
    returned = send(office, "POST", steps, back)
    assert (returned.status_code, returned.json()["status"]) == (200, "returned")
    for step in ("approve", "accept", "return_to_author"):
        assert is_problem(send(office, "POST", steps, {"step": step, "note": "x", "version": 1}), 400)


def test_a_document_of_what_changed_is_a_job(cast: SimpleNamespace, open_round: Any, settings: Any) -> None:
    settings.OAS_PDF_OFF = ""
    report = submit(Report.objects.get(reference="CR-2014-1"), cast.ana, cast.bruno)
    services.return_report(report=report, actor=cast.denise, note="Complete.", version=1)
    report.refresh_from_db()
    submit(report, cast.ana, cast.bruno)
    place, asked = "reports/CR-2014-1/versions/2/differences/", {"since": 1, "language": "fr"}
    made = send(keyed(cast.ana), "POST", place, asked)
    assert (made.status_code, made.headers["Location"].startswith(f"{ROOT}jobs/")) == (202, True)
    assert is_problem(send(keyed(cast.ana), "POST", place, {**asked, "since": 2}), 400)
    assert is_problem(send(keyed(cast.carla), "POST", place, asked), 404)
