"""Contributions by key: drafts written anew, many at once, and what the Secretariat and States do with them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contributions.models import Contribution, StateReply
from core.models import AuditEvent
from tests.api.test_reports import ROOT, is_problem, keyed, send
from tests.contributions.test_api import SENT
from tests.contributions.test_bulk import row, workbook
from tests.factories.contributions import make_at, make_draft, make_sent
from tests.support import forget_cache

pytestmark = pytest.mark.django_db
SAID = {"text": "El Estado abrió tres casas.", "language": "es"}


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    forget_cache()


def test_a_draft_is_written_anew_with_the_version_that_was_read(partner: Any) -> None:
    client, draft = keyed(partner.paula), make_draft(partner.paula, partner.round)
    place = f"contributions/{draft.reference}/"
    changed = {**SENT, "title": "Acogida de día"}
    read = client.get(f"{ROOT}{place}")
    assert is_problem(send(client, "PUT", place, changed), 428)
    assert is_problem(send(client, "PUT", place, changed, **{"If-Match": '"9"'}), 412)
    assert is_problem(
        send(client, "PUT", place, {**changed, "states": ["HT"]}, **{"If-Match": read.headers["ETag"]}), 403
    )
    written = send(client, "PUT", place, changed, **{"If-Match": read.headers["ETag"]})
    assert (written.status_code, written.json()["title"]) == (200, "Acogida de día")
    file = client.post(f"{ROOT}{place}files/", {"file": SimpleUploadedFile("casas.txt", b"Tres.")}).json()
    assert [one["id"] for one in client.get(f"{ROOT}{place}files/").json()["results"]] == [file["id"]]
    assert client.delete(f"{ROOT}{place}files/{file['id']}/").status_code == 204
    assert client.get(f"{ROOT}{place}files/").json()["results"] == []
    assert send(client, "POST", f"{place}send/").status_code == 200
    assert is_problem(send(client, "PUT", place, changed, **{"If-Match": '"2"'}), 403)


def test_many_are_read_and_sent(partner: Any) -> None:
    client = keyed(partner.paula)
    content = workbook(row(), row(title="Otra"), row(states="Nowhere"))
    made = client.post(f"{ROOT}contribution-filings/", {"file": SimpleUploadedFile("many.xlsx", content)})
    told = made.json()
    assert (made.status_code, told["state"], told["faulty_rows"], told["contributions"]) == (201, "read", 1, [])
    place = f"contribution-filings/{told['id']}/"
    for answered in (keyed(partner.denise).get(f"{ROOT}{place}"), send(keyed(partner.ana), "POST", f"{place}send/")):
        assert is_problem(answered, 404)
    assert is_problem(send(client, "POST", f"{place}send/"), 422)
    sent = send(client, "POST", f"{place}send/", {"without": 1}).json()
    references = sorted(Contribution.objects.values_list("reference", flat=True))
    assert (sent["state"], sent["contributions"]) == ("sent", references)
    nothing = client.post(f"{ROOT}contribution-filings/", {"file": SimpleUploadedFile("many.xlsx", b"-")})
    assert is_problem(nothing, 400)


def test_each_reads_what_concerns_them_and_a_withheld_name_stays_so(partner: Any) -> None:
    rows = {
        "cr": make_at("received", partner, partner.round, "CR", name_withheld=True),
        "gt": make_at("received", partner, partner.round, "GT"),
        "sent": make_sent(partner.paula, partner.round, "CR"),
        "office": make_at("received", partner, partner.round, "CR", visibility="secretariat"),
    }
    seen = {}
    for name in ("ana", "carla", "denise", "paula"):
        listed = keyed(getattr(partner, name)).get(f"{ROOT}received-contributions/").json()["results"]
        seen[name] = {one["reference"]: one["organization"] for one in listed}
    own = partner.partner.name
    assert seen == {
        "ana": {rows["cr"].reference: ""},
        "carla": {rows["gt"].reference: own},
        "denise": {one.reference: own for one in rows.values()},
        "paula": {},
    }
    for rest in ("", "translations/"):
        assert is_problem(keyed(partner.carla).get(f"{ROOT}received-contributions/{rows['cr'].reference}/{rest}"), 404)


def test_a_state_replies_once(partner: Any) -> None:
    reference = make_at("received", partner, partner.round, "CR").reference
    place = f"received-contributions/{reference}/reply/"
    codes = {name: send(keyed(getattr(partner, name)), "POST", place, SAID).status_code for name in ("carla", "ana")}
    assert codes == {"carla": 404, "ana": 403}
    named = {**SAID, "text": "Para atender a Yolanda Quispe."}
    assert is_problem(send(keyed(partner.beto), "POST", place, named), 422)
    made = send(keyed(partner.beto), "POST", place, SAID)
    assert (made.status_code, made.json()["replies"]) == (201, [{"state": "CR", **SAID}])
    assert is_problem(send(keyed(partner.beto), "POST", place, SAID), 403)
    event = AuditEvent.objects.get(chain="CR", verb="contribution.replied")
    assert event.data["institution"] == str(partner.authority_cr.public_id)
    assert StateReply.objects.count() == 1


def test_the_secretariat_takes_its_steps(partner: Any) -> None:
    row_, office = make_sent(partner.paula, partner.round, "CR"), keyed(partner.denise)
    place = f"received-contributions/{row_.reference}/"
    for step in ("receive", "review"):
        assert send(office, "POST", f"{place}steps/", {"step": step}).status_code == 200
    assert is_problem(send(keyed(partner.ana), "POST", f"{place}steps/", {"step": "accept"}), 403)
    assert is_problem(send(keyed(partner.carla), "POST", f"{place}steps/", {"step": "accept"}), 404)
    asked = send(office, "POST", f"{place}question/", {"text": "Which provinces?", "language": "en"})
    assert asked.status_code == 201
    assert is_problem(send(office, "POST", f"{place}question/", {"text": "And?", "language": "en"}), 403)
    assert is_problem(send(office, "POST", f"{place}steps/", {"step": "not_use"}), 400)
    assert send(office, "POST", f"{place}steps/", {"step": "accept"}).json()["status"] == "accepted"
    assert is_problem(send(office, "POST", f"{place}steps/", {"step": "accept"}), 409)
    cited = {"sentence": "Faltan casas de noche.", "language": "es"}
    assert is_problem(send(keyed(partner.ana), "POST", f"{place}citations/", cited), 403)
    assert send(office, "POST", f"{place}citations/", cited).status_code == 201
    own = keyed(partner.paula).get(f"{ROOT}contributions/{row_.reference}/").json()
    assert (own["question"], own["citations"]) == ("Which provinces?", ["Faltan casas de noche."])


def test_a_translation_is_read_over_by_somebody_else(partner: Any) -> None:
    row_ = make_at("accepted", partner, partner.round, "CR", visibility="public")
    place, words = f"received-contributions/{row_.reference}/translations/", {"language": "en", "title": "Shelter"}
    words["text"] = "In three provinces no shelter is open at night."
    office = keyed(partner.denise)
    assert is_problem(send(keyed(partner.ana), "POST", place, words), 403)
    assert is_problem(send(office, "POST", place, {**words, "language": "es"}), 400)
    first = send(office, "POST", place, words)
    assert (first.status_code, first.headers["ETag"]) == (201, '"1"')
    assert is_problem(send(office, "POST", place, words), 428)
    again = send(office, "POST", place, words, **{"If-Match": first.headers["ETag"]})
    assert (again.status_code, again.json()["version"]) == (201, 2)
    assert is_problem(send(office, "POST", place, words, **{"If-Match": first.headers["ETag"]}), 412)
    assert keyed(partner.ana).get(f"{ROOT}{place}").json()["results"] == []
    assert is_problem(send(office, "POST", f"{place}en/review/"), 403)
    didier, review = keyed(partner.didier), f"{place}en/review/"
    assert is_problem(send(didier, "POST", review, **{"If-Match": first.headers["ETag"]}), 412)  # written anew since
    assert send(didier, "POST", review, **{"If-Match": again.headers["ETag"]}).json()["status"] == "reviewed"
    assert [one["title"] for one in keyed(partner.ana).get(f"{ROOT}{place}").json()["results"]] == ["Shelter"]
