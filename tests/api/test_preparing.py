"""What an evaluation is prepared with, by key: who is awaited and left out, and elements of a second Work Plan."""

from typing import Any

import pytest

from core.models import AuditEvent
from evaluations import services
from evaluations.models import Element, Evaluation, Exclusion
from tests.api.test_networks import listed
from tests.api.test_reports import ROOT, is_problem, keyed, send

pytestmark = pytest.mark.django_db
LEFT_OUT = {"reason": "Pidió no ser incluido.", "language": "es"}
SUGGESTED = {"suggestion": "amend", "text": "Que se cuente por sexo.", "language": "es"}
MISSING = {"language": "fr", "status": "missing", "text": None}
ELSE = {"If-None-Match": "*"}


@pytest.fixture
def evaluation(cast: Any, open_round: Any) -> Evaluation:
    return services.create_evaluation(
        round=open_round, compared_round=None, symbol="RTP-IV/doc.6/14", original_language="es", languages=["es", "fr"],
        formats=["xlsx"], actor=cast.denise,
    )  # fmt: skip


def standing(client: Any, evaluation: Evaluation) -> Any:
    return client.get(f"{ROOT}evaluation-drafts/{evaluation.public_id}/preflight/").json()


def test_a_state_is_left_out_with_a_reason_and_taken_in_again(cast: Any, evaluation: Evaluation) -> None:
    denise, place = keyed(cast.denise), f"evaluation-drafts/{evaluation.public_id}/exclusions/gt/"
    for other, status in ((cast.ana, 404), (cast.paula, 404), (cast.evan, 403)):
        assert is_problem(send(keyed(other), "PUT", place, LEFT_OUT), status)
    assert is_problem(send(denise, "PUT", place, {**LEFT_OUT, "reason": ""}), 400)
    assert is_problem(send(denise, "PUT", place.replace("gt", "ar"), LEFT_OUT), 404)  # not asked in this period
    assert send(denise, "PUT", place, LEFT_OUT).json() == LEFT_OUT
    assert is_problem(send(denise, "PUT", place, LEFT_OUT), 409)  # once
    told = standing(keyed(cast.evan), evaluation)
    assert (told["total"], told["accepted"], told["excluded"]) == (5, 0, 1)
    left_out = {row["state"]: row["left_out"] for row in told["awaited"]}
    assert left_out == {"CR": None, "GT": LEFT_OUT, "BB": None, "BR": None, "HT": None}
    assert is_problem(send(keyed(cast.evan), "DELETE", place), 403)
    assert send(denise, "DELETE", place).status_code == 204
    assert standing(denise, evaluation)["excluded"] == 0 == Exclusion.objects.count()
    key = str(cast.denise.api_keys.get().institution.public_id)
    events = AuditEvent.objects.filter(verb__startswith="evaluation.state_")
    assert {event.verb: event.data["institution"] for event in events} == {
        "evaluation.state_excluded": key, "evaluation.state_included": key,
    }  # fmt: skip


def test_a_state_is_reminded_once_a_day(cast: Any, evaluation: Evaluation) -> None:
    place = f"evaluation-drafts/{evaluation.public_id}/reminders/cr/"
    assert is_problem(send(keyed(cast.ana), "POST", place), 404)
    assert is_problem(send(keyed(cast.evan), "POST", place), 403)
    denise = keyed(cast.denise)
    assert send(denise, "POST", place).json()["told"] > 0
    assert send(denise, "POST", place).json() == {"told": 0}
    reminded = {row["state"] for row in standing(denise, evaluation)["awaited"] if row["reminded_on"]}
    assert reminded == {"CR"}


def test_an_element_is_written_with_the_version_that_was_read(cast: Any, evaluation: Evaluation) -> None:
    denise, place = keyed(cast.denise), f"evaluation-drafts/{evaluation.public_id}/elements/"
    one = f"{place}PRO-02/"
    assert is_problem(denise.get(f"{ROOT}{one}"), 404)
    assert is_problem(send(denise, "PUT", one, SUGGESTED), 428)
    assert is_problem(send(denise, "PUT", f"{place}PRO-99/", SUGGESTED, **ELSE), 404)
    unfit = {**SUGGESTED, "text": "Con \x07 restos."}
    no_merge = [{**SUGGESTED, "suggestion": "merge"}, {**SUGGESTED, "merge_into": "PRO-01"}]
    for wrong in ({**SUGGESTED, "text": ""}, {**SUGGESTED, "suggestion": "new"}, unfit, *no_merge):
        assert is_problem(send(denise, "PUT", one, wrong, **ELSE), 400)
    made = send(denise, "PUT", one, SUGGESTED, **ELSE)
    assert (made.status_code, made.json()["is_draft"], made.headers["ETag"]) == (200, True, '"1"')
    assert is_problem(send(denise, "PUT", one, SUGGESTED, **ELSE), 412)
    final = {**SUGGESTED, "is_draft": False, "text": "Que se cuente por sexo y edad."}
    assert send(denise, "PUT", one, final, **{"If-Match": made.headers["ETag"]}).json()["number"] == 2
    assert is_problem(send(denise, "PUT", one, final, **{"If-Match": '"1"'}), 412)
    new = {**SUGGESTED, "suggestion": "new", "text": "Una actividad sobre vivienda."}
    assert is_problem(send(denise, "PUT", f"{place}N1/", {**new, "merge_into": "PRO-01"}, **ELSE), 400)
    assert send(denise, "PUT", f"{place}N1/", new, **ELSE).status_code == 200
    merge = {**SUGGESTED, "suggestion": "merge", "merge_into": "PRO-02"}
    assert send(denise, "PUT", f"{place}PRO-01/", merge, **ELSE).json()["merge_into"] == "PRO-02"
    assert is_problem(send(denise, "PUT", one, {**final, "suggestion": "close"}, **{"If-Match": '"2"'}), 409)
    assert listed(keyed(cast.evan), place, "key") == ["N1", "PRO-01", "PRO-02"]
    told = denise.get(f"{ROOT}{one}").json()
    assert (told["text"], told["language"], told["translations"]) == (final["text"], "es", [MISSING])
    assert is_problem(send(keyed(cast.evan), "PUT", one, final, **{"If-Match": '"2"'}), 403)
    assert is_problem(send(keyed(cast.beto), "PUT", one, final, **{"If-Match": '"2"'}), 404)
    assert listed(keyed(cast.beto), place, "key") == 404
    assert Element.objects.count() == 4


def test_earlier_versions_of_an_element_are_read_and_restored(cast: Any, evaluation: Evaluation) -> None:
    denise, place = keyed(cast.denise), f"evaluation-drafts/{evaluation.public_id}/elements/PRO-02/"
    send(denise, "PUT", place, SUGGESTED, **ELSE)
    send(denise, "PUT", place, {**SUGGESTED, "text": "Otro texto.", "is_draft": False}, **{"If-Match": '"1"'})
    restore = f"{place}versions/1/restore/"
    assert is_problem(send(denise, "POST", restore), 428)
    assert is_problem(send(denise, "POST", restore, **{"If-Match": '"1"'}), 412)
    assert is_problem(send(denise, "POST", f"{place}versions/2/restore/", **{"If-Match": '"2"'}), 409)  # the last one
    assert is_problem(send(denise, "POST", f"{place}versions/3/restore/", **{"If-Match": '"2"'}), 404)
    for other, status in ((cast.evan, 403), (cast.ana, 404)):
        assert is_problem(send(keyed(other), "POST", restore, **{"If-Match": '"2"'}), status)
    made = send(denise, "POST", restore, **{"If-Match": '"2"'})
    assert (made.status_code, made.headers["ETag"], made.json()["restored_from"]) == (201, '"3"', 1)
    evan = keyed(cast.evan)
    assert evan.get(made.headers["Location"]).json()["text"] == SUGGESTED["text"]
    assert listed(evan, f"{place}versions/", "number") == [3, 2, 1]
    assert evan.get(f"{ROOT}{place}versions/2/").json()["text"] == "Otro texto."
    assert keyed(cast.beto).get(f"{ROOT}{place}versions/2/").status_code == 404
    event = AuditEvent.objects.get(verb="evaluation.element_restored")
    assert (event.data["element"], event.data["version"], event.data["restored"]) == ("PRO-02", "3", "1")


def test_a_new_element_is_withdrawn_and_brought_back(cast: Any, evaluation: Evaluation) -> None:
    denise, place = keyed(cast.denise), f"evaluation-drafts/{evaluation.public_id}/elements/N1/"
    send(denise, "PUT", place, {**SUGGESTED, "suggestion": "new"}, **ELSE)
    assert is_problem(send(denise, "DELETE", place), 428)
    assert is_problem(send(denise, "DELETE", place.replace("N1", "N2"), **{"If-Match": '"1"'}), 404)
    back = f"{place}bring-back/"
    for other, status in ((cast.evan, 403), (cast.ana, 404)):
        assert is_problem(send(keyed(other), "DELETE", place, **{"If-Match": '"1"'}), status)
        assert is_problem(send(keyed(other), "POST", back, **{"If-Match": '"1"'}), status)
    assert is_problem(send(denise, "POST", back, **{"If-Match": '"1"'}), 409)
    assert send(denise, "DELETE", place, **{"If-Match": '"1"'}).status_code == 204
    gone = denise.get(f"{ROOT}{place}")
    assert (gone.json()["is_withdrawn"], gone.headers["ETag"]) == (True, '"2"')
    again = send(denise, "POST", back, **{"If-Match": '"2"'})
    assert (again.status_code, again.json()["is_withdrawn"], again.json()["number"]) == (201, False, 3)
