"""The register of the Meetings by key: the Secretariat keeps it, everybody reads it."""

from typing import Any

import pytest
from django.test import Client

from core.models import AuditEvent
from evaluations.models import Conclusion, FollowUp, Meeting
from tests.api.test_reports import ROOT, is_problem, keyed, send

pytestmark = pytest.mark.django_db
FOUR = ("es", "en", "fr", "pt_br")
FACTS = {
    "number": 9, "titles": dict.fromkeys(FOUR, "Reunión de prueba"), "places": dict.fromkeys(FOUR, "San José"),
    "host": "CR", "starts_on": "2014-10-01", "ends_on": "2014-10-03", "series": "",
}  # fmt: skip


def test_facts_of_a_meeting_are_added_and_corrected(cast: Any) -> None:
    denise, place = keyed(cast.denise), "meeting-register/"
    for other in (cast.ana, cast.evan, cast.paula):
        assert is_problem(send(keyed(other), "POST", place, FACTS), 403)
    for wrong in ({**FACTS, "host": "XX"}, {**FACTS, "ends_on": "2014-09-30"}, {**FACTS, "titles": {"es": "Sola"}}):
        assert is_problem(send(denise, "POST", place, wrong), 400)
    made = send(denise, "POST", place, FACTS)
    assert made.status_code == 201, str(made.content)
    assert (made.status_code, made.json()["host"], made.json()["titles"]) == (201, "CR", FACTS["titles"])
    assert is_problem(send(denise, "POST", place, FACTS), 400)  # the number is once
    one, read = f"{place}9/", keyed(cast.ana).get(f"{ROOT}{place}9/").headers["ETag"]
    moved = {**FACTS, "ends_on": "2014-10-04"}
    assert is_problem(send(denise, "PUT", one, moved), 428)
    assert is_problem(send(keyed(cast.ana), "PUT", one, moved, **{"If-Match": read}), 403)
    assert send(denise, "PUT", one, moved, **{"If-Match": read}).json()["ends_on"] == "2014-10-04"
    assert is_problem(send(denise, "PUT", one, FACTS, **{"If-Match": read}), 412)
    assert str(Meeting.objects.get(number=9).ends_on) == "2014-10-04"
    key = str(cast.denise.api_keys.get().institution.public_id)
    events = AuditEvent.objects.filter(verb__in=("meeting.added", "meeting.corrected"))
    assert [event.data["institution"] for event in events] == [key, key]


def test_what_became_of_a_conclusion(cast: Any) -> None:
    conclusion = Conclusion.objects.exclude(responsible="").select_related("meeting")[0]
    place = f"meeting-register/{conclusion.meeting.number}/conclusions/{conclusion.number}/follow-ups/"
    said = {"status": "under_way", "text": "Seis Estados la aplican.", "language": "es", "due_on": "2014-12-31"}
    assert is_problem(send(keyed(cast.ana), "POST", place, said), 403)
    assert is_problem(send(keyed(cast.denise), "POST", place, {**said, "text": ""}), 400)
    assert is_problem(send(keyed(cast.denise), "POST", place.replace("/conclusions/", "/conclusions/0"), said), 404)
    answer = send(keyed(cast.denise), "POST", place, said)
    assert answer.status_code == 201, answer.json()
    assert [(row.conclusion, row.by, row.text) for row in FollowUp.objects.all()] == [
        (conclusion, cast.denise, said["text"]),
    ]  # fmt: skip
    send(keyed(cast.denise), "POST", place, {**said, "status": "done", "text": "Todos.", "due_on": None})
    found = Client().get(f"{ROOT}meetings/{conclusion.meeting.number}/").json()["conclusions"]  # everybody reads it
    told = {row["number"]: [(one["status"], one["text"], one["due_on"]) for one in row["follow_ups"]] for row in found}
    assert told.pop(conclusion.number) == [
        ("done", "Todos.", None), ("under_way", said["text"], "2014-12-31"),
    ]  # fmt: skip
    assert set(map(tuple, told.values())) == {()}
