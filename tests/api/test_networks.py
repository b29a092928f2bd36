"""Requests, contacts, networks and assistance by key: as much as on the pages, and of two States each its own."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Institution
from core.models import AuditEvent
from networks.management.commands.load_networks import load_instruments
from networks.models import AssistanceMatch, CooperationRequest, Network, Seat
from tests.api.test_reports import ROOT, is_problem, keyed, send
from tests.factories.accounts import make_institution
from tests.factories.networks import make_desk, make_network, make_sent, seat

pytestmark = pytest.mark.django_db
DRAFT = {"kind": "information", "subject": "Requisitos", "text": "¿Qué documentos piden?", "language": "es"}
TEXT = {"text": "Los del convenio.", "language": "es"}


@pytest.fixture(autouse=True)
def media(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(client: Client, place: str, **more: Any) -> Any:
    sent = {"language": "es", "file": SimpleUploadedFile("turnos.txt", b"Turnos de guardia.\n"), **more}
    return client.post(f"{ROOT}{place}", sent)


def listed(client: Client, place: str, name: str = "id") -> Any:
    answer = client.get(f"{ROOT}{place}")
    return [row[name] for row in answer.json()["results"]] if answer.status_code == 200 else answer.status_code


# --- requests -------------------------------------------------------------------------------------


def test_a_request_from_its_draft_to_its_end(cast: Any) -> None:
    ana, carla = keyed(cast.ana), keyed(cast.carla)
    to = str(cast.authority_gt.public_id)
    word = {"Idempotency-Key": "requisitos-1"}
    made = send(ana, "POST", "requests/", {**DRAFT, "receiver": to}, **word)
    again = send(ana, "POST", "requests/", {**DRAFT, "receiver": to}, **word)
    assert (made.status_code, again.status_code, again.headers["Location"]) == (201, 303, made.headers["Location"])
    place = f"requests/{made.json()['reference']}/"
    assert is_problem(carla.get(f"{ROOT}{place}"), 404)  # a draft is its own side's alone
    changed = {**DRAFT, "receiver": to, "urgency": "urgent"}
    assert is_problem(send(ana, "PUT", place, changed), 428)
    assert is_problem(send(ana, "PUT", place, changed, **{"If-Match": '"7"'}), 412)
    written = send(ana, "PUT", place, changed, **{"If-Match": made.headers["ETag"]})
    assert (written.status_code, written.json()["urgency"]) == (200, "urgent")
    steps = f"{place}steps/"
    assert send(ana, "POST", steps, {"step": "send"}).json()["status"] == "sent"
    assert is_problem(send(ana, "PUT", place, changed, **{"If-Match": "x"}), 403)
    assert is_problem(send(carla, "POST", steps, {"step": "answer", **TEXT}), 409)  # not acknowledged yet
    assert send(carla, "POST", steps, {"step": "acknowledge"}).json()["status"] == "acknowledged"
    assert is_problem(send(carla, "POST", steps, {"step": "answer"}), 400)
    assert is_problem(send(ana, "POST", steps, {"step": "answer", **TEXT}), 403)
    assert send(carla, "POST", steps, {"step": "answer", **TEXT}).json()["status"] == "answered"
    assert is_problem(send(carla, "POST", steps, {"step": "answer", **TEXT}), 409)
    closed = send(ana, "POST", steps, {"step": "close", "outcome": "met", "language": "es"})
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    key = cast.ana.api_keys.get()
    events = AuditEvent.objects.filter(verb__startswith="request.", actor=cast.ana)
    assert {event.data["institution"] for event in events} == {str(key.institution.public_id)}


def test_who_may_ask_whom(cast: Any) -> None:
    own, other = str(cast.authority_cr.public_id), str(cast.authority_gt.public_id)
    assert is_problem(send(keyed(cast.denise), "POST", "requests/", {**DRAFT, "receiver": other}), 403)
    assert is_problem(send(keyed(cast.ana), "POST", "requests/", {**DRAFT, "receiver": own}), 400)
    foreign = {**DRAFT, "receiver": other, "sender": other}
    assert is_problem(send(keyed(cast.ana), "POST", "requests/", foreign), 400)
    suspected = {**DRAFT, "receiver": other, "text": "Para atender a Yolanda Quispe."}
    assert is_problem(send(keyed(cast.ana), "POST", "requests/", suspected), 422)
    said = {**suspected, "identity_reason": "Es la funcionaria de enlace."}
    assert send(keyed(cast.ana), "POST", "requests/", said).status_code == 201
    assert CooperationRequest.objects.count() == 1


def test_what_is_passed_on_is_no_longer_there(cast: Any) -> None:
    agency = make_institution("agency", "Policía de prueba GT", cast.guatemala)
    row = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    passed = {"step": "transfer", "to": str(agency.public_id), "language": "es"}
    place = f"requests/{row.reference}/"
    assert is_problem(send(keyed(cast.ana), "POST", f"{place}steps/", passed), 403)
    foreign = {**passed, "to": str(cast.authority_cr.public_id)}
    assert is_problem(send(keyed(cast.carla), "POST", f"{place}steps/", foreign), 400)
    assert send(keyed(cast.carla), "POST", f"{place}steps/", passed).status_code == 204
    row.refresh_from_db()
    assert (row.receiver, row.status) == (agency, "transferred")
    assert is_problem(keyed(cast.carla).get(f"{ROOT}{place}"), 404)
    assert keyed(cast.ciro).get(f"{ROOT}{place}").status_code == 200  # the State's coordinator keeps it


def test_files_and_translations_are_for_the_two_sides(cast: Any) -> None:
    row = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    place = f"requests/{row.reference}/"
    file = upload(keyed(cast.carla), f"{place}files/")
    assert (file.status_code, file.json()["scan_state"]) == (202, "pending")
    words = {"language": "en", "subject": "Requirements", "text": "Which documents?"}
    made = send(keyed(cast.carla), "POST", f"{place}translations/", words)
    assert (made.status_code, made.json()["status"]) == (201, "draft")
    assert is_problem(send(keyed(cast.carla), "POST", f"{place}translations/", {**words, "language": "es"}), 400)
    assert is_problem(send(keyed(cast.carla), "POST", f"{place}translations/", {**words, "message": 999}), 400)
    review = f"{place}translations/{made.json()['id']}/review/"
    assert is_problem(send(keyed(cast.carla), "POST", review), 403)
    assert send(keyed(cast.ana), "POST", review).json()["status"] == "reviewed"
    seen = {name: listed(keyed(getattr(cast, name)), f"{place}files/") for name in ("ana", "carla", "denise", "paula")}
    assert seen == {"ana": [file.json()["id"]], "carla": [file.json()["id"]], "denise": 404, "paula": 404}
    for address in (f"{place}translations/", f"{place}translations/1/review/"):
        assert is_problem(send(keyed(cast.denise), "POST", address, words), 404)
    assert is_problem(keyed(cast.denise).get(file.headers["Location"]), 404)


# --- the directory --------------------------------------------------------------------------------


def test_each_keeps_the_contacts_of_its_own(cast: Any) -> None:
    about = {
        "institution": str(cast.authority_cr.public_id), "service": "shelter", "name": "Refugio", "name_language": "es",
        "languages": ["es"], "phone": "+000 1",
    }  # fmt: skip
    assert is_problem(send(keyed(cast.carla), "POST", "desks/", about), 400)
    assert is_problem(send(keyed(cast.ana), "POST", "desks/", {**about, "phone": ""}), 400)
    made = send(keyed(cast.ana), "POST", "desks/", about)
    assert (made.status_code, made.json()["state"]) == (201, "CR")
    place = f"desks/{made.json()['id']}/"
    hidden = make_desk(cast.authority_gt, "Solo Guatemala", visibility="networks")
    assert listed(keyed(cast.ana), "desks/", "name") == ["Refugio"]
    assert set(listed(keyed(cast.carla), "desks/", "name")) == {"Refugio", "Solo Guatemala"}
    assert is_problem(keyed(cast.ana).delete(f"{ROOT}desks/{hidden.public_id}/"), 404)
    for answered in (
        send(keyed(cast.carla), "PUT", place, about),
        send(keyed(cast.carla), "POST", f"{place}verify/"),
        keyed(cast.carla).delete(f"{ROOT}{place}"),
    ):
        assert is_problem(answered, 403)
    changed, read = {**about, "phone": "+000 2"}, {"If-Match": keyed(cast.ana).get(f"{ROOT}{place}").headers["ETag"]}
    assert is_problem(send(keyed(cast.ana), "PUT", place, changed), 428)
    assert send(keyed(cast.ana), "PUT", place, changed, **read).json()["phone"] == "+000 2"
    assert is_problem(send(keyed(cast.ana), "PUT", place, about, **read), 412)
    assert send(keyed(cast.ana), "POST", f"{place}verify/").status_code == 200
    assert keyed(cast.ana).delete(f"{ROOT}{place}").status_code == 204
    assert listed(keyed(cast.ana), "desks/") == []


def test_institutions_are_named_by_what_others_may_know(cast: Any) -> None:
    make_institution("agency", "Policía de prueba GT", cast.guatemala)
    place = "institutions/?page_size=200"
    names = {name: set(listed(keyed(getattr(cast, name)), place, "name")) for name in ("ana", "carla")}
    public = set(Institution.objects.filter(kind__in=("authority", "secretariat")).values_list("name", flat=True))
    assert names == {"ana": public | {cast.ministry_cr.name}, "carla": public | {"Policía de prueba GT"}}


# --- networks -------------------------------------------------------------------------------------


def test_a_network_and_what_lies_in_its_room(cast: Any) -> None:
    beto, ana, carla = keyed(cast.beto), keyed(cast.ana), keyed(cast.carla)
    named = {"institution": str(cast.authority_cr.public_id), "level": "regional", "name_es": "Red de prueba"}
    assert is_problem(send(ana, "POST", "networks/", named), 403)
    assert is_problem(send(beto, "POST", "networks/", {**named, "name_es": ""}), 400)
    made = send(beto, "POST", "networks/", named)
    place = f"networks/{made.json()['slug']}/"
    assert (made.status_code, made.json()["members"]) == (201, 1)
    said = {"title": "Reunión", "text": "El lunes.", "language": "es"}
    assert send(ana, "POST", f"{place}announcements/", said).status_code == 201
    assert upload(ana, f"{place}files/").status_code == 202
    meeting = send(ana, "POST", f"{place}meetings/", {**said, "held_on": "2014-05-05"})
    assert (meeting.status_code, meeting.json()["held_on"]) == (201, "2014-05-05")
    decisions = f"{place}meetings/{meeting.json()['id']}/decisions/"
    responsible = listed(ana, f"{place}seats/")[0]
    decided = send(ana, "POST", decisions, {**TEXT, "responsible": responsible, "due_on": "2014-06-01"})
    assert (decided.status_code, decided.json()["decisions"][0]["due_on"]) == (201, "2014-06-01")
    done = f"{decisions}{decided.json()['decisions'][0]['id']}/follow-up/"
    told, tag = {"status": "done", "note": "Hecho."}, {"If-Match": decided.headers["ETag"]}
    assert is_problem(send(ana, "POST", done, told), 428)
    assert send(ana, "POST", done, told, **tag).json()["decisions"][0]["status"] == "done"
    assert is_problem(send(ana, "POST", done, told, **tag), 412)
    changed = {key: value for key, value in named.items() if key != "institution"}
    read = {"If-Match": ana.get(f"{ROOT}{place}").headers["ETag"]}
    assert is_problem(send(ana, "PUT", place, changed), 428)
    above = make_network(cast.beto, cast.authority_cr, "Encima")
    Network.objects.filter(slug=place.split("/")[1]).update(parent=above)
    assert is_problem(send(ana, "PUT", place, changed, **read), 412)  # not shown, and another all the same
    read = {"If-Match": ana.get(f"{ROOT}{place}").headers["ETag"]}
    assert send(ana, "PUT", place, {**changed, "name_es": "Red nueva"}, **read).json()["name_es"] == "Red nueva"
    assert Network.objects.get(slug=place.split("/")[1]).parent == above
    assert is_problem(send(ana, "PUT", place, changed, **read), 412)
    for rest in ("", "seats/", "announcements/", "files/", "meetings/", f"meetings/{meeting.json()['id']}/"):
        assert is_problem(carla.get(f"{ROOT}{place}{rest}"), 404)
    for rest in ("announcements/", "meetings/"):
        assert is_problem(send(carla, "POST", f"{place}{rest}", said), 404)
    Network.objects.update(is_listed=True)
    assert carla.get(f"{ROOT}{place}").status_code == 200
    for rest in ("announcements/", "files/", "meetings/"):
        assert is_problem(carla.get(f"{ROOT}{place}{rest}"), 403)
    assert is_problem(send(carla, "POST", f"{place}announcements/", said), 403)


def test_a_seat_is_taken_by_whom_it_was_given_to(cast: Any) -> None:
    network = make_network(cast.beto, cast.authority_cr)
    given = seat(network, cast.authority_gt)
    Seat.objects.filter(pk=given.pk).update(taken_at=None)
    place = f"networks/{network.slug}/seats/{given.pk}/take/"
    assert is_problem(send(keyed(cast.ana), "POST", place), 403)
    assert is_problem(send(keyed(cast.paula), "POST", place), 404)
    assert send(keyed(cast.carla), "POST", place).status_code == 200
    given.refresh_from_db()
    assert given.taken_at is not None


# --- assistance, agreements, routes ---------------------------------------------------------------


def test_a_need_finds_an_offer(cast: Any) -> None:
    about = {"topic": "data", "title": "Registro", "text": "Un registro único.", "language": "es"}
    wanted = {**about, "side": "need", "institution": str(cast.authority_cr.public_id)}
    assert is_problem(send(keyed(cast.carla), "POST", "assistance/", wanted), 400)  # another's institution
    assert is_problem(send(keyed(cast.paula), "POST", "assistance/", wanted), 403)  # partners need nothing here
    need = send(keyed(cast.ana), "POST", "assistance/", wanted)
    offered = {**about, "side": "offer", "institution": str(cast.partner.public_id)}
    offer = send(keyed(cast.paula), "POST", "assistance/", offered)
    assert (need.status_code, offer.status_code) == (201, 201)
    place = f"assistance/{need.json()['id']}/"
    assert is_problem(send(keyed(cast.carla), "POST", f"{place}matches/", {"other": offer.json()["id"]}), 400)
    match = send(keyed(cast.paula), "POST", f"{place}matches/", {"other": offer.json()["id"]})
    assert (match.status_code, match.json()["status"]) == (201, "proposed")
    decision = f"{place}matches/{match.json()['id']}/decision/"
    codes = {
        name: send(keyed(getattr(cast, name)), "POST", decision, {"status": "agreed"}).status_code
        for name in ("paula", "carla", "ana")
    }
    assert codes == {"paula": 403, "carla": 403, "ana": 200}
    assert is_problem(keyed(cast.carla).delete(f"{ROOT}{place}"), 403)
    assert keyed(cast.ana).delete(f"{ROOT}{place}").status_code == 204
    assert AssistanceMatch.objects.get().status == "agreed"


def test_agreements_and_routes_are_recorded_for_ones_own_state(cast: Any) -> None:
    agreed = {"title": "Memorando", "language": "es", "parties": ["CR", "GT"], "source": "Gaceta"}
    assert is_problem(send(keyed(cast.denise), "POST", "agreements/", agreed), 403)
    assert is_problem(send(keyed(cast.ana), "POST", "agreements/", {**agreed, "parties": ["GT", "HT"]}), 403)
    made = send(keyed(cast.ana), "POST", "agreements/", agreed)
    assert (made.status_code, made.json()["parties"]) == (201, ["CR", "GT"])
    route = {"side": "own_abroad", "other": "GT", "year": 2013, "count": 13, "source": "Migración"}
    assert is_problem(send(keyed(cast.bruno), "POST", "routes/", route), 403)
    told = send(keyed(cast.ana), "POST", "routes/", route).json()
    assert (told["state"], told["rounded"], "count" in told) == ("CR", 10, False)
    assert listed(keyed(cast.carla), "routes/?year=2013", "rounded") == [10]
    assert listed(keyed(cast.paula), "routes/") == 403 == listed(keyed(cast.paula), "agreements/")


def test_plans_and_ratifications_are_written_for_ones_own_state(cast: Any) -> None:
    load_instruments()
    plan = {"title": "Plan", "language": "es", "valid_from": "2012-01-01", "adopted_by": "Ley", "source": "Gaceta"}
    assert is_problem(send(keyed(cast.denise), "POST", "national-plans/", plan), 403)
    made = send(keyed(cast.ana), "POST", "national-plans/", plan)
    assert (made.status_code, made.json()["state"], made.json()["standing"]) == (201, "CR", "in_force")
    place, tag = f"national-plans/{made.json()['id']}/", made.headers["ETag"]
    until = {**plan, "valid_to": "2013-12-31"}
    assert is_problem(send(keyed(cast.ciro), "PUT", place, until, **{"If-Match": tag}), 403)
    assert is_problem(send(keyed(cast.ana), "PUT", place, until), 428)
    assert send(keyed(cast.ana), "PUT", place, until, **{"If-Match": tag}).json()["standing"] == "expired"
    assert is_problem(send(keyed(cast.ana), "PUT", place, until, **{"If-Match": tag}), 412)
    assert is_problem(keyed(cast.ciro).delete(f"{ROOT}{place}"), 403)
    assert keyed(cast.ana).delete(f"{ROOT}{place}").status_code == 204
    assert listed(keyed(cast.carla), "national-plans/?state=cr", "title") == []
    assert is_problem(send(keyed(cast.ciro), "POST", f"{place}restore/"), 404)
    assert send(keyed(cast.ana), "POST", f"{place}restore/").status_code == 200
    assert listed(keyed(cast.carla), "national-plans/?state=cr", "title") == ["Plan"]
    act = {"instrument": "UNTOC-P", "act": "ratified", "done_on": "2003-05-01", "source": "UNTS"}
    assert is_problem(send(keyed(cast.ana), "POST", "ratifications/", {**act, "instrument": "X"}), 400)
    assert is_problem(send(keyed(cast.ana), "POST", "ratifications/", {**act, "done_on": "1999-01-01"}), 422)
    done = send(keyed(cast.ana), "POST", "ratifications/", act)
    assert (done.status_code, done.json()["instrument"]) == (201, "UNTOC-P")
    assert listed(keyed(cast.carla), "instruments/", "code")[:2] == ["UNTOC", "UNTOC-P"]
    assert listed(keyed(cast.paula), "ratifications/") == 403 == listed(keyed(cast.paula), "national-plans/")
