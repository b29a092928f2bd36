"""Periods by key, and what is read of a report beside its answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import AuditEvent
from tests.api.test_networks import listed
from tests.api.test_reports import ROOT, is_problem, keyed, send
from tests.factories.workplan import only_a_few_take_part
from workplan import services
from workplan.models import Notification, PublicConsent, Report, ReportVersion, Round

pytestmark = pytest.mark.django_db
PERIOD = {"code": "2014-1", "period_start": "2014-01-01", "period_end": "2014-06-30", "due_on": "2014-07-15"}


def test_a_period_from_its_preparation_to_its_end(cast: Any) -> None:
    only_a_few_take_part()
    denise, ana, evan = keyed(cast.denise), keyed(cast.ana), keyed(cast.evan)
    for other in (ana, evan):
        assert is_problem(send(other, "POST", "rounds/", PERIOD), 403)
    assert is_problem(send(denise, "POST", "rounds/", {**PERIOD, "code": "first"}), 400)
    assert is_problem(send(denise, "POST", "rounds/", {**PERIOD, "period_end": "2040-01-01"}), 422)
    made = send(denise, "POST", "rounds/", PERIOD)
    assert (made.status_code, made.json()["status"], made.headers["Location"]) == (
        201, "draft", f"{ROOT}rounds/2014-1/",
    )  # fmt: skip
    steps = "rounds/2014-1/steps/"
    assert is_problem(send(ana, "POST", steps, {"step": "open"}), 404)  # nobody else knows of it yet
    assert is_problem(send(denise, "POST", steps, {"step": "freeze"}), 400)  # the second factor
    assert is_problem(send(denise, "POST", steps, {"step": "close"}), 409)
    assert send(denise, "POST", steps, {"step": "open"}).json()["status"] == "open"
    assert ana.get(f"{ROOT}rounds/2014-1/").json()["code"] == "2014-1"
    assert is_problem(send(ana, "POST", steps, {"step": "close"}), 403)
    assert send(denise, "POST", steps, {"step": "close"}).json()["status"] == "closed"
    key = str(cast.denise.api_keys.get().institution.public_id)
    told = AuditEvent.objects.filter(verb__startswith="round.")
    verbs = ("round.created", "round.opened", "round.closed")
    assert {event.verb: event.data["institution"] for event in told} == dict.fromkeys(verbs, key)


def test_states_whose_report_is_overdue_are_reminded_once_a_day(cast: Any, open_round: Any) -> None:
    Round.objects.filter(pk=open_round.pk).update(due_on=timezone.localdate() - timedelta(days=3))
    place = f"rounds/{open_round.code}/reminders/"
    assert is_problem(send(keyed(cast.ana), "POST", place), 403)
    assert Notification.objects.count() == 0
    denise = keyed(cast.denise)
    told = send(denise, "POST", place).json()["reminded"]
    states = set(Notification.objects.values_list("report__state__iso2", flat=True))
    assert (told, states) == (len(states), {"CR", "GT"})
    assert send(denise, "POST", place).json() == {"reminded": 0}


def test_with_whom_answers_are_is_for_those_who_manage_people(cast: Any, open_round: Any) -> None:
    entry = Report.objects.get(reference="CR-2014-1").entries.get(activity__code="PRO-02")
    terms = services.GrantTerms(reason="Cursos del ministerio.", valid_to=timezone.localdate() + timedelta(days=9))
    services.grant_entries(entries=[entry], person=cast.marta, terms=terms, actor=cast.beto)
    place = "reports/CR-2014-1/grants/"
    people = [(name, keyed(getattr(cast, name))) for name in ("beto", "marta", "ana", "carla", "ciro", "denise")]
    assert {name: listed(client, "grants/", "activity") for name, client in people} == {
        "beto": ["PRO-02"], "marta": ["PRO-02"], "ana": [], "carla": [], "ciro": [], "denise": [],
    }  # fmt: skip
    assert {name: listed(client, place, "activity") for name, client in people} == {
        "beto": ["PRO-02"], "marta": 404, "ana": [], "carla": 404, "ciro": 404, "denise": 404,
    }  # fmt: skip
    (row,) = keyed(cast.beto).get(f"{ROOT}{place}").json()["results"]
    assert (row["person"], row["reason"], row["valid_to"]) == (
        str(cast.marta), "Cursos del ministerio.", terms.valid_to.isoformat(),
    )  # fmt: skip


def test_whether_a_state_shows_its_report(cast: Any, open_round: Any) -> None:
    report = Report.objects.get(reference="CR-2014-1")
    place = f"{ROOT}reports/CR-2014-1/publication/"
    nothing = {"is_shown": False, "version": None, "consented_at": None}
    assert keyed(cast.ana).get(place).json() == nothing
    version = ReportVersion.objects.create(report=report, number=1, content={}, sha256="0" * 64, submitted_by=cast.beto)
    Report.objects.filter(pk=report.pk).update(
        status="accepted", accepted_version=version, accepted_at=timezone.now(), submitted_at=timezone.now()
    )
    PublicConsent.objects.create(version=version, given_by=cast.beto)
    told = keyed(cast.ana).get(place).json()
    assert (told["is_shown"], told["version"], bool(told["consented_at"])) == (True, 1, True)
    assert keyed(cast.denise).get(place).json() == told
    for stranger in (cast.carla, cast.paula):
        assert is_problem(keyed(stranger).get(place), 404)
    PublicConsent.objects.update(ended_at=timezone.now(), ended_by=cast.beto)
    assert keyed(cast.ana).get(place).json() == nothing
