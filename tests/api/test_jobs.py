"""Longer work is asked for with 202 and a job, followed, and taken by whoever asked and may still open it."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import KeyScope
from core import jobs
from core.models import AuditEvent, Job, JobFile, OutboxMessage
from evaluations.models import Evaluation
from indicators.models import Release
from oas_trafficking import tasks
from oas_trafficking.delivery import NotTheirs, write_export
from tests.api.test_reports import ROOT, is_problem, keyed, send
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part

pytestmark = pytest.mark.django_db
PERIODS = {"period": "2014-1", "compare": "2012-2"}


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    only_a_few_take_part()
    return make_evaluation(cast, accepted=3, submitted=1)


def job_at(client: Client, location: str) -> Any:
    answer = client.get(location)
    assert answer.status_code == 200, answer.content
    return answer.json()


def asked(client: Client, address: str, **data: str) -> str:
    answer = send(client, "POST", address, data)
    assert answer.status_code == 202, answer.content
    return str(answer.headers["Location"])


def work() -> None:
    for message in OutboxMessage.objects.filter(task=tasks.write_export.name, done_at=None):
        tasks.write_export(str(message.pk), *message.args)


def test_the_dashboard_comes_as_a_file_by_a_job(cast: Any, evaluation: Evaluation) -> None:
    client = keyed(cast.denise)
    location = asked(client, "dashboard/exports/", format="xlsx", **PERIODS)
    waiting = job_at(client, location)
    assert (waiting["state"], waiting["percent"], waiting["result"]) == ("queued", 0, "")
    work()
    done = job_at(client, location)
    assert (done["state"], done["percent"]) == ("done", 100)
    file = client.get(done["result"])
    assert file.headers["Content-Disposition"] == 'attachment; filename="dashboard-2014-1.xlsx"'
    sheets = openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content))).sheetnames  # type: ignore[attr-defined]
    assert sheets[0] == "About"
    event = AuditEvent.objects.get(verb="dashboard.exported")
    assert (event.actor, event.chain) == (cast.denise, "SG")
    assert event.data.items() >= {"format": "xlsx", **PERIODS}.items()
    unchanged = client.get(location, headers={"If-None-Match": client.get(location).headers["ETag"]})
    assert unchanged.status_code == 304


def test_nobody_else_follows_it_or_takes_the_file(cast: Any, evaluation: Evaluation) -> None:
    location = asked(keyed(cast.denise), "dashboard/exports/", format="csv", **PERIODS)
    work()
    job = Job.objects.get(kind=tasks.write_export.name)
    for person in (cast.didier, cast.evan, cast.ana, cast.paula):
        other = keyed(person)
        assert is_problem(other.get(location), 404)
        assert is_problem(other.get(f"{location}file/"), 404)
        assert is_problem(send(other, "POST", f"jobs/{job.public_id}/cancel/"), 404)
        assert other.get(f"{ROOT}jobs/").json()["results"] == []
    for person in (cast.ana, cast.beto, cast.evan, cast.paula):
        assert is_problem(send(keyed(person), "POST", "dashboard/exports/", {"format": "csv"}), 403)
    assert is_problem(send(keyed(cast.denise, KeyScope.READ), "POST", "dashboard/exports/", {"format": "csv"}), 403)


def test_a_role_that_ended_meanwhile_gets_no_file(cast: Any, evaluation: Evaluation) -> None:
    asked(keyed(cast.denise), "dashboard/exports/", format="csv", **PERIODS)
    cast.denise.role_assignments.update(valid_to=timezone.localdate() - timedelta(days=1))
    message = OutboxMessage.objects.get(task=tasks.write_export.name)
    with pytest.raises(NotTheirs):
        write_export(message, *message.args)
    assert not JobFile.objects.exists()


def test_a_states_figures_are_its_own_peoples_and_the_reviewers(cast: Any, evaluation: Evaluation) -> None:
    own = keyed(cast.ana)
    location = asked(own, "states/cr/exports/", format="csv")
    work()
    file = own.get(job_at(own, location)["result"])
    assert file.headers["Content-Disposition"].startswith('attachment; filename="CR-')
    assert "Costa Rica" in b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
    assert AuditEvent.objects.filter(verb="state.exported", chain="CR", actor=cast.ana).exists()
    assert is_problem(send(keyed(cast.carla), "POST", "states/CR/exports/", {"format": "csv"}), 404)
    assert is_problem(keyed(cast.carla).get(f"{ROOT}states/CR/figures/"), 404)
    assert keyed(cast.evan).get(f"{ROOT}states/CR/figures/").status_code == 200


def test_a_job_is_stopped_once(cast: Any, evaluation: Evaluation) -> None:
    client = keyed(cast.denise)
    location = asked(client, "dashboard/exports/", format="csv", **PERIODS)
    public_id = location.split("/")[-2]
    assert send(client, "POST", f"jobs/{public_id}/cancel/").json()["state"] == "cancelled"
    work()
    assert job_at(client, location)["state"] == "cancelled"
    assert not JobFile.objects.exists()


def test_a_file_is_kept_for_a_day(cast: Any, evaluation: Evaluation, tmp_path: Path) -> None:
    client = keyed(cast.denise)
    location = asked(client, "dashboard/exports/", format="csv", **PERIODS)
    work()
    JobFile.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert job_at(client, location)["result"] == ""
    assert is_problem(client.get(f"{location}file/"), 404)
    assert (jobs.sweep_files(), jobs.sweep_files()) == (1, 0)
    assert not JobFile.objects.exists()


def test_documents_and_releases_are_asked_for_with_a_job(cast: Any, evaluation: Evaluation) -> None:
    client = keyed(cast.denise)
    (draft,) = client.get(f"{ROOT}evaluation-drafts/").json()["results"]
    assert draft["symbol"] == evaluation.symbol
    address = f"evaluation-drafts/{draft['id']}/documents/"
    build = asked(client, address)
    assert job_at(client, build)["kind"] == "evaluations.build"
    assert is_problem(send(client, "POST", address), 409)  # one at a time
    assert client.get(f"{ROOT}{address}").json()["results"] == []
    release = asked(client, "releases/builds/", year="2013")
    assert Release.objects.get().job.public_id.hex in release.replace("-", "")
    assert is_problem(send(client, "POST", "releases/builds/", {"year": 2013}), 409)
    assert is_problem(send(client, "POST", "releases/builds/", {"year": 1950}), 400)
    assert {row["kind"] for row in client.get(f"{ROOT}jobs/").json()["results"]} >= {"evaluations.build"}
    chair = keyed(cast.evan)
    assert chair.get(f"{ROOT}{address}").status_code == 200
    assert is_problem(send(chair, "POST", address), 403)
    assert is_problem(send(chair, "POST", "releases/builds/", {"year": 2013}), 403)
    for person in (cast.ana, cast.paula):
        assert keyed(person).get(f"{ROOT}evaluation-drafts/").json()["results"] == []
        assert is_problem(keyed(person).get(f"{ROOT}{address}"), 404)
