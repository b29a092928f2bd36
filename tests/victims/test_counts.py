"""From cases to counts: a State's own, confirmed and agreed to; whole numbers alone come out, beside its return."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import RoleAssignment
from core import audit, jobs
from core.db import sealed_scope
from core.exceptions import NotAllowed, SealedAreaClosed
from core.models import AuditEvent, Job, OutboxMessage
from core.testing import record_proof
from indicators.enums import TABLES
from indicators.models import ReturnProposal
from tests.factories.victims import acting_for, make_case, make_consent, make_plan_question
from tests.victims.people import officer_and_client
from victims.models import Approval, Case, Consent, TeamMember
from victims.permissions import Officer
from victims.services import counts
from victims.services.counts import COUNTED, TASK, ask_for_count, count_cases

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])
YEAR = 2013
GIRL = {
    "gender": "Feminine", "age": 17, "exploitation_types": ["SexualExploitation"], "citizenship": ["NI", "CR"],
    "recruitment_country": "CR", "exploitation_country": "CR", "decided_on": "2013-05",
}  # fmt: skip
MAN = {
    "gender": "Masculine", "age": 48, "exploitation_types": ["ForcedLabour", "Other"], "citizenship": ["NI"],
    "recruitment_country": "NI", "exploitation_country": "CR", "decided_on": "2013",
}  # fmt: skip
UNKNOWN = {"decided_on": "2013-12-31"}


def seeded(number: int, facts: dict[str, Any], *, standing: str = "confirmed", **consent: Any) -> Case:
    """Inside a scope, of whichever team."""
    case = make_case(number, facts=facts)
    Case.objects.filter(id=case.id).update(standing=standing, elements=["act", "means", "purpose"])
    if consent.pop("asked", True):
        make_consent(case, "statistics", **consent)
    return case


def close(case: Case) -> None:
    today = timezone.localdate()
    with acting_for("CR"):
        question = make_plan_question(case, "closure")
    with acting_for("CR", "second", "case_supervisor"):
        Approval.objects.filter(id=question.id).update(
            decision="approved", decided_by="second", decided_at=timezone.now()
        )
        Case.objects.filter(id=case.id).update(status="closed", closed=today, review_on=today + timedelta(days=1))


@pytest.fixture
def supervisor() -> tuple[Officer, Client]:
    return officer_and_client(Role.CASE_SUPERVISOR)


@pytest.fixture
def counted() -> list[Case]:
    """Four who are counted for 2013 in Costa Rica, one of them in a closed case."""
    with acting_for("CR"):
        cases = [seeded(number, facts) for number, facts in enumerate([GIRL, GIRL, MAN, UNKNOWN])]
    close(cases[1])
    return cases


@pytest.fixture
def left_out() -> list[Case]:
    """Who must not be read at all: of another State, not confirmed, without consent in force to this purpose."""
    with acting_for("GT"):
        foreign = [seeded(number, GIRL) for number in range(3)]
    with acting_for("CR"):
        return [
            *foreign,
            seeded(20, GIRL, standing="possible"),
            seeded(21, GIRL, standing="not_a_victim"),
            seeded(22, GIRL, asked=False),
            seeded(23, GIRL, given=False, classes=[]),
            seeded(24, GIRL, classes=["identity"]),
            seeded(25, GIRL, given_on=timezone.localdate() - timedelta(days=9), expires_on=timezone.localdate()),
        ]


def asked_by(actor: Officer, year: int = YEAR) -> OutboxMessage:
    with sealed_scope(actor.context()):
        return ask_for_count(actor=actor, year=year).message


def counted_by_worker(message: OutboxMessage) -> None:
    with jobs.claim(str(message.pk)) as claimed:
        if claimed is not None:
            work(claimed)


def work(message: OutboxMessage) -> None:
    user_id, state, year = message.args
    count_cases(message, user_id=user_id, state=state, year=year)


def counts_for(actor: Officer, year: int = YEAR) -> dict[str, dict[tuple[str, str], int]]:
    counted_by_worker(asked_by(actor, year))
    waiting = ReturnProposal.objects.undecided().filter(state__iso2=actor.state, year=year)
    return {each.table: {(row, column): n for row, column, n in each.cells} for each in waiting}


def filled(cells: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    return {cell: n for cell, n in cells.items() if n}


def test_exact_counts_of_ones_own_cases(
    supervisor: tuple[Officer, Client], counted: list[Case], left_out: list[Case]
) -> None:
    officer, _client = supervisor
    with acting_for("CR"):
        other_year = seeded(30, {**GIRL, "decided_on": "2012-12"})
    found = counts_for(officer)
    assert {table: filled(cells) for table, cells in found.items()} == {
        "VIC_SEX_AGE": {("F", "Y9T17"): 2, ("M", "Y_GE48"): 1, ("_O", "_U"): 1},
        "VIC_SEX_EXP": {("F", "SEX"): 2, ("M", "MIX"): 1, ("_O", "_U"): 1},
        "VIC_CIT_MOV": {("OWN", "INT"): 2, ("FOR", "CRO"): 1, ("_U", "_U"): 1},
    }
    assert all(set(cells) == set(TABLES[table].cells()) for table, cells in found.items())
    event = AuditEvent.objects.get(verb="case.read")
    assert set(event.data["cases"]) == {str(case.id) for case in [*counted, other_year]}
    assert not set(event.data["cases"]) & {str(case.id) for case in left_out}
    rest = (event.chain, event.actor, event.data["class"], event.data["purpose"], event.data["how"])
    assert rest == ("CR", officer.user, "quasi", "statistics", "count")
    read = set(event.data["cases"])
    record_proof(
        "cases_to_counts",
        counted=sum(found["VIC_SEX_AGE"].values()),
        read=len(read),
        left_out=len(left_out),
        left_out_read=len(read & {str(case.id) for case in left_out}),
    )


def test_nothing_of_a_case_is_in_what_left(supervisor: tuple[Officer, Client], counted: list[Case]) -> None:
    counts_for(supervisor[0])
    left = [*ReturnProposal.objects.values(), *AuditEvent.objects.filter(verb="return.proposed").values()]
    assert len(left) == 2 * len(COUNTED)
    words = {word for case in counted for word in (str(case.id), case.code, case.token)}
    assert not [word for word in words if word in repr(left)]


def test_a_second_count_replaces_the_one_that_waits(supervisor: tuple[Officer, Client], counted: list[Case]) -> None:
    officer, _client = supervisor
    assert sum(counts_for(officer)["VIC_SEX_AGE"].values()) == 4
    with acting_for("CR"):
        Consent.objects.filter(purpose="statistics").update(withdrawn_at=timezone.now())
    again = counts_for(officer)
    assert [sum(cells.values()) for cells in again.values()] == [0, 0, 0]
    assert ReturnProposal.objects.count() == 2 * len(COUNTED)
    assert AuditEvent.objects.filter(verb="case.read").count() == 1  # the second time nobody was to be read


def test_without_a_decision_the_year_is_that_of_the_opening(supervisor: tuple[Officer, Client]) -> None:
    with acting_for("CR"):
        seeded(1, {"gender": "TransgenderFeminine", "age": 0})
    found = counts_for(supervisor[0], timezone.localdate().year)
    assert filled(found["VIC_SEX_AGE"]) == {("_O", "Y0T8"): 1}


def test_where_the_trail_cannot_be_written_nothing_is_counted(
    supervisor: tuple[Officer, Client], counted: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_event: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(audit, "append", fails)
    message = asked_by(supervisor[0])
    with pytest.raises(SealedAreaClosed):
        work(message)
    message.refresh_from_db()
    assert message.done_at is None
    assert not ReturnProposal.objects.exists()


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.CUSTODIAN])
def test_only_supervisors_count(role: str, counted: list[Case]) -> None:
    officer, client = officer_and_client(role)
    with acting_for("CR", "tester", "case_supervisor"):
        for case in counted:
            TeamMember.objects.create(
                state="CR", case_id=case.id, user_id=officer.code, since=timezone.now(), added_by="tester"
            )
    with pytest.raises(NotAllowed):
        counts_for(officer)
    assert not OutboxMessage.objects.filter(task=TASK).exists()
    assert client.post(reverse("case_count"), {"year": YEAR}).status_code == 403
    assert not ReturnProposal.objects.exists()


@pytest.mark.parametrize(
    ("facts", "movement"),
    [
        ({"recruitment_country": "CR"}, "_U"),
        ({"exploitation_country": "CR"}, "_U"),
        ({"exploitation_country": "CR", "transit_countries": ["NI"]}, "CRO"),
        ({"recruitment_country": "CR", "exploitation_country": "CR", "transit_countries": ["NI"]}, "CRO"),
        ({"recruitment_country": "CR", "exploitation_country": "CR", "transit_countries": ["CR"]}, "INT"),
    ],
)
def test_a_border_is_not_guessed(facts: dict[str, Any], movement: str) -> None:
    assert counts._movement(facts) == movement


def test_every_edge_of_an_age_group() -> None:
    edges = [0, 8, 9, 17, 18, 20, 21, 23, 24, 26, 27, 29, 30, 38, 39, 47, 48, 99]
    wanted = [code for code in TABLES["VIC_SEX_AGE"].columns.codes if code != "_U"]
    assert [counts._age({"age": age}) for age in edges] == [code for code in wanted for _edge in range(2)]
    assert [counts._age(facts) for facts in ({}, {"age": -1}, {"age": "17"})] == ["_U", "_U", "_U"]


def test_the_page_tells_what_leaves_and_then_what_left(supervisor: tuple[Officer, Client], counted: list[Case]) -> None:
    _officer, client = supervisor
    assert reverse("case_count") in client.get(reverse("case_list")).content.decode()
    page = client.get(reverse("case_count")).content.decode()
    assert all(words in page for words in ("Only totals leave.", TABLES["VIC_CIT_MOV"].title, "2013"))
    assert client.post(reverse("case_count"), {"year": "1999"}).status_code == 422
    answer = client.post(reverse("case_count"), {"year": YEAR})
    job = Job.objects.get(kind=TASK)
    assert (answer.status_code, answer.headers["Location"]) == (302, job.get_absolute_url())
    waiting = client.get(reverse("case_count")).content.decode()
    assert "The cases of 2013 are being counted." in waiting
    assert job.get_absolute_url() in waiting
    assert client.get(job.get_absolute_url()).status_code == 200
    counted_by_worker(job.message)
    told = client.get(job.get_absolute_url()).content.decode()
    assert all(TABLES[table].title in told for table in COUNTED)
    assert not [case for case in counted if case.code in told or case.token in told]
    assert "are being counted" not in client.get(reverse("case_count")).content.decode()
    assert ReturnProposal.objects.undecided().count() == len(COUNTED)
    log = client.get(reverse("access_log", kwargs={"token": counted[0].token})).content.decode()
    assert "To be counted in statistics" in log


def test_one_count_of_a_year_at_a_time(supervisor: tuple[Officer, Client], counted: list[Case]) -> None:
    first, again = asked_by(supervisor[0]), asked_by(supervisor[0])
    assert first == again
    assert asked_by(supervisor[0], YEAR + 1) != first
    counted_by_worker(first)
    assert asked_by(supervisor[0]) != first


def test_a_colleague_sees_that_it_runs_and_a_stranger_does_not(
    supervisor: tuple[Officer, Client], counted: list[Case]
) -> None:
    job = asked_by(supervisor[0]).job
    assert job is not None
    for state, sees in (("CR", True), ("GT", False)):
        _officer, client = officer_and_client(Role.CASE_SUPERVISOR, state)
        page = client.get(reverse("case_count")).content.decode()
        assert ("The cases of 2013 are being counted." in page) is sees
        assert str(job.public_id) not in page
        assert client.get(job.get_absolute_url()).status_code == 404


def test_whoever_lost_the_role_meanwhile_counts_nothing(
    supervisor: tuple[Officer, Client], counted: list[Case]
) -> None:
    message = asked_by(supervisor[0])
    yesterday = timezone.localdate() - timedelta(days=1)
    RoleAssignment.objects.filter(user=supervisor[0].user).update(
        valid_to=yesterday, ended_at=timezone.now(), ended_by=supervisor[0].user
    )
    with pytest.raises(NotAllowed):
        work(message)
    assert not ReturnProposal.objects.exists()
    assert not AuditEvent.objects.filter(verb="case.read").exists()


def test_a_message_that_names_another_state_counts_nothing(
    supervisor: tuple[Officer, Client], counted: list[Case]
) -> None:
    message = asked_by(supervisor[0])
    OutboxMessage.objects.filter(pk=message.pk).update(args=[supervisor[0].user.pk, "GT", YEAR])
    message.refresh_from_db()
    with pytest.raises(NotAllowed):
        work(message)
    assert not ReturnProposal.objects.exists()
    assert not AuditEvent.objects.filter(verb="case.read").exists()


@pytest.mark.parametrize("when", ["before", "while it reads"])
def test_a_cancelled_count_lays_nothing_beside_the_return(
    when: str, supervisor: tuple[Officer, Client], counted: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = asked_by(supervisor[0])
    assert message.job is not None
    job = message.job
    if when == "before":
        jobs.cancel(job)
    else:
        real = counts.read_facts
        monkeypatch.setattr(counts, "AT_ONCE", 1)
        monkeypatch.setattr(counts, "read_facts", lambda **asked: (jobs.cancel(job), real(**asked))[1])
    counted_by_worker(message)
    assert AuditEvent.objects.filter(verb="case.read").count() == (0 if when == "before" else 1)
    assert not ReturnProposal.objects.exists()


def test_the_progress_tells_no_number_of_cases(
    supervisor: tuple[Officer, Client], counted: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(counts, "AT_ONCE", 1)
    monkeypatch.setattr(jobs, "report_progress", lambda _job, **said: told.append((said["done"], said["total"])))
    counts_for(supervisor[0])
    assert told == [(0, 100), (25, 100), (50, 100), (75, 100)]
