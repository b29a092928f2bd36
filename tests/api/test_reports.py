"""The API of reports: written with the version that was read, once, by whoever may, and refused in words."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import ApiKey
from tests.factories.accounts import make_key
from tests.factories.workplan import submit
from workplan.models import Question, Report, ReportEntry

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/"
ANSWER = {"status": "partial", "narrative": "Se capacitó a jueces.", "language": "es", "actions": [
    {"kind": "training", "title": "Curso", "starts_on": "2014-02-01", "details": {"institution": "Escuela Judicial"}},
]}  # fmt: skip


def keyed(user: Any, scope: str = "write") -> Client:
    _key, secret = make_key(user, scope)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def send(client: Client, method: str, address: str, data: Any = None, **headers: str) -> Any:
    body = json.dumps(data or {})
    return client.generic(method, f"{ROOT}{address}", body, content_type="application/json", headers=headers)


def is_problem(answer: Any, status: int) -> bool:
    same = (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    return same and answer.json()["status"] == status and bool(answer.json()["detail"])


def test_an_answer_is_written_with_the_version_that_was_read(cast: Any, open_round: Any) -> None:
    client = keyed(cast.ana)
    address = "reports/CR-2014-1/entries/PRO-02/"
    read = client.get(f"{ROOT}{address}")
    assert (read.status_code, read.headers["ETag"]) == (200, '"1"')
    assert is_problem(send(client, "PUT", address, ANSWER), 428)
    written = send(client, "PUT", address, ANSWER, **{"If-Match": '"1"'})
    assert (written.status_code, written.headers["ETag"], written.json()["narrative"]) == (
        200, '"2"', ANSWER["narrative"],
    )  # fmt: skip
    assert written.json()["actions"][0]["details"] == {"institution": "Escuela Judicial"}
    assert is_problem(send(client, "PUT", address, ANSWER, **{"If-Match": '"1"'}), 412)
    unchanged = client.get(f"{ROOT}{address}", headers={"If-None-Match": '"2"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert ReportEntry.objects.get(report__reference="CR-2014-1", activity__code="PRO-02").updated_by == cast.ana


def test_a_part_of_an_answer_is_changed_and_the_others_stay(cast: Any, open_round: Any) -> None:
    client, address = keyed(cast.ana), "reports/CR-2014-1/entries/PRO-02/"
    send(client, "PUT", address, ANSWER, **{"If-Match": '"1"'})
    assert is_problem(send(client, "PATCH", address, {"results": "24 jueces."}), 428)
    assert is_problem(send(client, "PATCH", address, {"result": "24 jueces."}, **{"If-Match": '"2"'}), 400)
    assert is_problem(send(client, "PATCH", address, ["results"], **{"If-Match": '"2"'}), 400)
    changed = send(client, "PATCH", address, {"results": "24 jueces."}, **{"If-Match": '"2"'})
    told = changed.json()
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"3"')
    assert (told["results"], told["narrative"], told["status"]) == ("24 jueces.", ANSWER["narrative"], "partial")
    assert [action["title"] for action in told["actions"]] == ["Curso"]
    assert send(client, "PATCH", address, {"actions": []}, **{"If-Match": '"3"'}).json()["actions"] == []
    assert is_problem(send(client, "PATCH", address, {"results": "-"}, **{"If-Match": '"3"'}), 412)


def test_the_rules_of_the_page_hold(cast: Any, open_round: Any) -> None:
    client = keyed(cast.ana)
    address, match = "reports/CR-2014-1/entries/PRO-02/", {"If-Match": '"1"'}
    for wrong, status in (
        ({**ANSWER, "narrative": "", "is_ready": True}, 400),
        ({**ANSWER, "status": "no_information"}, 400),
        ({**ANSWER, "actions": [{**ANSWER["actions"][0], "starts_on": "2011-01-01"}]}, 422),  # type: ignore[dict-item]
        ({**ANSWER, "actions": [{**ANSWER["actions"][0], "details": {"x": 1}}]}, 422),  # type: ignore[dict-item]
    ):
        assert is_problem(send(client, "PUT", address, wrong, **match), status)
    assert client.get(f"{ROOT}{address}").headers["ETag"] == '"1"'


def test_everybody_gets_their_own(cast: Any, open_round: Any) -> None:
    submit(open_round.reports.get(state=cast.costa_rica), cast.ana, cast.bruno)
    seen = {}
    for name in ("ana", "carla", "denise", "paula"):
        listed = keyed(getattr(cast, name)).get(f"{ROOT}reports/").json()["results"]
        seen[name] = {row["reference"] for row in listed}
    assert seen == {
        "ana": {"CR-2014-1"}, "carla": {"GT-2014-1"}, "denise": {"CR-2014-1", "SG-2014-1"}, "paula": set(),
    }  # fmt: skip
    stranger = keyed(cast.carla)
    for rest in ("", "entries/", "entries/PRO-02/", "questions/", "versions/", "versions/1/"):
        assert is_problem(stranger.get(f"{ROOT}reports/CR-2014-1/{rest}"), 404)
    assert is_problem(send(stranger, "POST", "reports/CR-2014-1/steps/", {"step": "withdraw"}), 404)


def test_what_a_key_to_read_does_not_do(cast: Any, open_round: Any) -> None:
    client = keyed(cast.ana, "read")
    assert client.get(f"{ROOT}reports/CR-2014-1/").status_code == 200
    assert is_problem(send(client, "PUT", "reports/CR-2014-1/entries/PRO-02/", ANSWER, **{"If-Match": '"1"'}), 403)
    assert is_problem(send(client, "POST", "reports/CR-2014-1/steps/", {"step": "send_to_coordinator"}), 403)
    assert Report.objects.get(reference="CR-2014-1").status == "in_preparation"


def test_a_request_with_the_same_word_acts_once(cast: Any, open_round: Any) -> None:
    report = submit(open_round.reports.get(state=cast.costa_rica), cast.ana, cast.bruno)
    client, asked = keyed(cast.denise), {"activity": "PRO-02", "field": "narrative", "text": "¿Cuántos jueces?"}
    word = {"Idempotency-Key": "8e03978e"}
    first = send(client, "POST", "reports/CR-2014-1/questions/", asked, **word)
    assert first.status_code == 201
    again = send(client, "POST", "reports/CR-2014-1/questions/", asked, **word)
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert is_problem(send(client, "POST", "reports/CR-2014-1/questions/", {**asked, "text": "Otra"}, **word), 422)
    assert Question.objects.filter(report=report).count() == 1
    own = keyed(cast.ana)
    place = f"reports/CR-2014-1/questions/{first.json()['id']}/"
    assert send(own, "POST", f"{place}replies/", {"text": "Doce."}).status_code == 201
    assert client.get(f"{ROOT}{place}").json()["replies"][0]["text"] == "Doce."
    assert send(client, "POST", f"{place}resolve/").json()["status"] == "resolved"


def test_what_asks_for_the_second_factor_is_not_done_with_a_key(cast: Any, open_round: Any) -> None:
    own = keyed(cast.ana)
    moved = send(own, "POST", "reports/CR-2014-1/steps/", {"step": "send_to_coordinator"})
    assert (moved.status_code, moved.json()["status"]) == (200, "with_coordinator")
    assert is_problem(send(keyed(cast.bruno), "POST", "reports/CR-2014-1/steps/", {"step": "approve"}), 400)


def test_a_receipt_is_a_job(cast: Any, open_round: Any, settings: Any) -> None:
    settings.OAS_PDF_OFF = ""
    submit(open_round.reports.get(state=cast.costa_rica), cast.ana, cast.bruno)
    client = keyed(cast.ana)
    asked = send(client, "POST", "reports/CR-2014-1/versions/1/receipt/")
    assert asked.status_code == 202
    assert client.get(asked.headers["Location"]).json()["kind"] == "workplan.write_paper"
    assert is_problem(keyed(cast.carla).get(asked.headers["Location"]), 404)


def test_refusals_are_problems_everywhere(client: Client, cast: Any, open_round: Any) -> None:
    assert is_problem(client.get(f"{ROOT}reports/"), 401)
    assert is_problem(client.get(f"{ROOT}nothing/"), 404)
    assert is_problem(client.delete(f"{ROOT}reports/"), 405)
    assert is_problem(keyed(cast.ana).get(f"{ROOT}reports/?cursor=cD1hYmM%3D"), 404)
    wrong = keyed(cast.ana).put(f"{ROOT}reports/CR-2014-1/entries/PRO-02/", "{", content_type="application/json")
    assert is_problem(wrong, 428)


def test_what_is_published_needs_no_key_and_leaves_no_cookie(client: Client, cast: Any, open_round: Any) -> None:
    plan = client.get(f"{ROOT}plan/")
    assert (plan.status_code, plan.json()["catalogue_is_official"], len(plan.cookies)) == (200, False, 0)
    themes = client.get(f"{ROOT}activities/?theme=4f&page_size=200").json()["results"]
    every = client.get(f"{ROOT}activities/?page_size=200").json()["results"]
    assert {row["code"] for row in themes} == {row["code"] for row in every if "4f" in row["themes"]}
    assert client.get(f"{ROOT}activities/PRO-02/").json()["titles"].keys() == {"es", "en", "fr", "pt_br"}
    assert client.get(f"{ROOT}published-contributions/").json()["results"] == []


def test_too_many_requests_are_refused(client: Client, cast: Any, settings: Any) -> None:
    settings.API_RATES = {"read": "3/min"}
    own = keyed(cast.ana)
    codes = [own.get(f"{ROOT}rounds/").status_code for _time in range(4)]
    assert codes == [200, 200, 200, 429]


def test_the_page_of_keys_makes_one_for_what_its_person_is(cast: Any, client: Client) -> None:
    client.force_login(cast.ana, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/en/account/keys/")
    authority = cast.ana.role_assignments.get().institution
    assert f'value="{authority.public_id}"' in page.content.decode()
    sent = {"label": "Sistema", "institution": authority.public_id, "scope": "read", "days": "30"}
    made = client.post("/en/account/keys/", sent)
    key = ApiKey.objects.get()
    assert (key.scope, key.user, (key.expires_at - key.created_at).days) == ("read", cast.ana, 29)
    assert "oasp_" in made.content.decode()
    assert "oasp_" not in client.get("/en/account/keys/").content.decode()
    client.post(f"/en/account/keys/{key.public_id}/end/")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_the_description_is_whole(client: Client, db: None) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    schema = client.get(f"{ROOT}schema/").json()
    assert schema["openapi"] == "3.1.0"
    page = client.get("/en/data/api/").content.decode()
    assert [path for path in schema["paths"] if path not in page] == []
