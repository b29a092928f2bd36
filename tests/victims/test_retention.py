"""How long a record is kept and how it ends: two people, never under a hold, nothing left (B2, B27, B40)."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import delivery
from accounts.delivery import address
from accounts.enums import Role
from core.db import erase_record, sealed_scope
from core.exceptions import NotAllowed, StepRefused
from core.models import AuditEvent, OutboxMessage
from tests.conftest import owner_cursor
from tests.factories.victims import acting_for, make_case, make_consent, make_disposal, make_entry
from tests.victims.people import officer_and_client
from tests.victims.raw import tables
from tests.victims.retaining import WORDS, act, closed_case, erased
from victims.models import Approval, Case, Consent, Disposal, Entry, Identity, LegalHold, TeamMember, Tombstone
from victims.permissions import Officer
from victims.services import counts, retention, withdraw_consent
from victims.services.retention import years_after

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])


@pytest.fixture
def one() -> tuple[Officer, Client]:
    return officer_and_client(Role.CASE_SUPERVISOR)


@pytest.fixture
def other() -> tuple[Officer, Client]:
    return officer_and_client(Role.CASE_SUPERVISOR)


# --- the period -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("standing", "years"), [("possible", 2), ("not_a_victim", 1)])
def test_a_closed_case_has_a_day_by_what_was_found(one: Any, standing: str, years: int) -> None:
    officer, today = one[0], timezone.localdate()
    with sealed_scope(officer.context()):
        assert retention.review_day(Case(state="CR", standing=standing), today) == years_after(today, years)


def test_a_state_sets_its_own_periods(one: Any) -> None:
    officer, client = one
    sent = {"possible": "3", "confirmed": "10", "not_a_victim": "1"}
    assert client.post(reverse("retention_rules"), {**sent, "confirmed": "31"}).status_code == 422
    assert client.post(reverse("retention_rules"), sent).status_code == 302
    with sealed_scope(officer.context()):
        day = retention.review_day(Case(state="CR", standing="confirmed"), dt.date(2024, 2, 29))
    assert day == dt.date(2034, 2, 28)
    with acting_for("GT"):
        assert retention.years_kept()["confirmed"] == 2
    with acting_for("CR", "x", "case_worker"), pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
        retention.RetentionRule.objects.update(years=30)


def test_the_clock_proposes_what_is_due_once(one: Any) -> None:
    due, later = closed_case(1), closed_case(2, review_on=timezone.localdate() + dt.timedelta(days=1))
    held = closed_case(3)
    act(one[0], retention.set_hold, held, reason="court", words=WORDS)
    assert (retention.propose_due(), retention.propose_due()) == (1, 0)
    with acting_for("CR"):
        assert list(Disposal.objects.values_list("case_id", "cause")) == [(due.id, "due")]
    act(one[0], retention.keep, due, until=timezone.localdate() + dt.timedelta(days=30), words=WORDS)
    act(one[0], retention.lift_hold, held, words=WORDS)
    assert retention.propose_due() == 1  # what was held; not what is kept, nor what comes later
    assert later.review_on is not None


def test_supervisors_are_told_once_a_day_how_many_decisions_wait(one: Any, other: Any) -> None:
    custodian = officer_and_client(Role.CUSTODIAN)[0]
    cases = [closed_case(number) for number in (1, 2)]
    retention.propose_due()
    third = closed_case(3)
    retention.propose_due()
    told = OutboxMessage.objects.filter(task="accounts.send_decisions_notice").values_list("args", flat=True)
    assert sorted(told) == sorted([[one[0].user.pk, 2], [other[0].user.pk, 2]])
    assert custodian.user.pk not in {args[0] for args in told}
    delivery.send_decisions_notice(one[0].user.pk, 2)
    text = mail.outbox[0].subject + mail.outbox[0].body
    assert "2 decisions wait for you" in text
    assert [line for line in text.splitlines() if line.startswith("http")] == [address("home")]
    for word in ("case", "eras", "record", "victim", *(case.code for case in (*cases, third))):
        assert word.casefold() not in text.casefold()


# --- two people -----------------------------------------------------------------------------------


def test_what_is_erased_leaves_a_code_and_a_tombstone(one: Any, other: Any) -> None:
    """B27, live: no text, no search entry and no clear fact; the year and who decided stay."""
    case = closed_case()
    with acting_for("CR"):
        make_consent(case, "recipient", "GT")
    erased(case, one[0], other[0])
    with acting_for("CR"):
        left = Case.objects.get(id=case.id)
        stone = Tombstone.objects.get(id=case.id)
        counted = [m.objects.count() for m in (Identity, Consent, Entry, Approval, Disposal, LegalHold)]  # type: ignore[attr-defined]
    assert counted == [0] * 6
    assert (left.status, left.facts, left.closed, left.review_on, left.elements) == ("erased", None, None, None, [])
    assert (left.opened.month, left.opened.day, left.created_by) == (1, 1, "")
    assert (stone.code, stone.reason) == (case.code, "period_over")
    assert (stone.asked_by, stone.confirmed_by) == (one[0].code, other[0].code)
    event = AuditEvent.objects.get(verb="case.erased")
    assert (event.object_id, WORDS in repr(event.data)) == (str(case.id), False)


def test_nobody_confirms_their_own(one: Any) -> None:
    """B40: not by the service, not by SQL."""
    case = closed_case()
    act(one[0], retention.ask_erasure, case, reason="person_asked")
    with pytest.raises(NotAllowed):
        act(one[0], retention.confirm, case)
    for user, *roles in (
        (one[0].code, "case_supervisor"),
        ("other", "case_worker"),
        ("other",),
        ("other", "state_auditor"),
    ):
        with acting_for("CR", user, *roles), pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
            erase_record(case.id)
    with acting_for("GT", "other", "case_supervisor"), pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
        erase_record(case.id)


def test_the_database_alone_writes_tombstones(one: Any) -> None:
    case = closed_case()
    with acting_for("CR", "other", "case_supervisor"):
        with pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
            Case.objects.filter(id=case.id).update(status="erased")
        with pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
            Tombstone.objects.create(
                state="CR", id=case.id, code=case.code, reason="mistake", asked_by="a", confirmed_by="b",
                erased_at=timezone.now(),
            )  # fmt: skip


def test_a_case_on_hold_is_not_erased(one: Any, other: Any) -> None:
    """By the service and by the database, also where the hold comes after the question."""
    case = closed_case()
    act(one[0], retention.ask_erasure, case, reason="period_over")
    act(one[0], retention.set_hold, case, reason="investigation", words=WORDS)
    with pytest.raises(StepRefused):
        act(other[0], retention.confirm, case)
    with (
        sealed_scope(other[0].context()),
        pytest.raises(DatabaseError, match="hold"),
        transaction.atomic(using="sealed"),
    ):
        erase_record(case.id)
    act(other[0], retention.lift_hold, case, words=WORDS)
    act(other[0], retention.confirm, case)


def test_an_open_case_is_not_erased_without_the_person(one: Any) -> None:
    with acting_for("CR"):
        case = make_case(1)
    with pytest.raises(StepRefused):
        act(one[0], retention.ask_erasure, case, reason="mistake")


def test_a_question_is_taken_back_or_declined(one: Any, other: Any) -> None:
    case = closed_case()
    for who, step in ((one[0], retention.take_back), (other[0], retention.decline)):
        act(one[0], retention.ask_erasure, case, reason="mistake", words=WORDS)
        act(who, step, case)
        with acting_for("CR"):
            row = Disposal.objects.get()
            assert (row.stage, row.asked_by, row.reason, row.body) == ("proposed", None, None, None)


# --- the person's own request ---------------------------------------------------------------------


def test_a_consent_taken_back_asks_for_erasure_at_once(one: Any, other: Any) -> None:
    worker = officer_and_client(Role.CASE_WORKER)[0]
    case = closed_case(team=worker, review_on=timezone.localdate() + dt.timedelta(days=9))
    with acting_for("CR"):
        consent = Consent.objects.get(case_id=case.id)
    act(worker, withdraw_consent, case, consent=consent)
    with acting_for("CR"):
        assert Disposal.objects.get().cause == "consent"
    with pytest.raises(StepRefused):
        act(one[0], retention.keep, case, until=timezone.localdate() + dt.timedelta(days=9), words=WORDS)
    erased(case, one[0], other[0])


def test_an_open_case_ends_where_the_person_says_so(one: Any, other: Any) -> None:
    worker = officer_and_client(Role.CASE_WORKER)[0]
    with acting_for("CR", "tester", "case_supervisor"):
        case = make_case(1)
        TeamMember.objects.create(
            state="CR", case_id=case.id, user_id=worker.code, since=timezone.now(), added_by="tester"
        )
        consent = Consent.objects.get()
        waiting = make_disposal(case)
    act(worker, withdraw_consent, case, consent=consent)
    with acting_for("CR"):
        assert Disposal.objects.get().cause == "consent"
        assert waiting.cause == "due"
    erased(case, one[0], other[0])


# --- afterwards -----------------------------------------------------------------------------------


def test_nothing_is_written_into_an_erased_case(one: Any, other: Any) -> None:
    case = closed_case()
    erased(case, one[0], other[0])
    with acting_for("CR", "x", "case_supervisor"):
        for write in (
            lambda: make_consent(case),
            lambda: make_disposal(case),
            lambda: make_entry(case, "need", {}),
            lambda: Case.objects.filter(id=case.id).update(version=2),
        ):
            with pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
                write()


def test_an_erased_case_is_one_page_for_its_people_and_none_for_others(one: Any, other: Any) -> None:
    """B2, relation erased."""
    mine, stranger = officer_and_client(Role.CASE_WORKER), officer_and_client(Role.CASE_WORKER)
    abroad = officer_and_client(Role.CASE_SUPERVISOR, "GT")
    case = closed_case(team=mine[0])
    erased(case, one[0], other[0])
    page = reverse("case_detail", kwargs={"token": case.token})
    answers = [client.get(page).status_code for _who, client in (mine, one, stranger, abroad)]
    assert answers == [200, 200, 404, 404]
    said = mine[1].get(page).content.decode()
    assert all(word in said for word in (case.code, "Erased on", str(one[0].user), str(other[0].user)))
    for name in ("consent_list", "facts_detail", "note_list", "access_log", "case_retention", "identity_detail"):
        assert mine[1].get(reverse(name, kwargs={"token": case.token})).status_code == 404


def test_an_erased_case_is_counted_no_more(one: Any, other: Any) -> None:
    case = closed_case(standing="confirmed", elements=["act", "means", "purpose"])
    with acting_for("CR"):
        make_consent(case, "statistics")
    with sealed_scope(one[0].context()):
        before = list(counts._identified_in(timezone.localdate().year, one[0], None))
    erased(case, one[0], other[0])
    with sealed_scope(one[0].context()):
        after = list(counts._identified_in(timezone.localdate().year, one[0], None))
    assert (len(before), after) == (1, [])


# --- pages ----------------------------------------------------------------------------------------


def test_two_supervisors_erase_a_record_by_its_pages(one: Any, other: Any) -> None:
    case = closed_case()
    retention.propose_due()
    listed = one[1].get(reverse("retention_list")).content.decode()
    assert (case.code in listed, "To be decided" in listed) == (True, True)

    def at(step: str) -> str:
        return reverse("retention_step", kwargs={"token": case.token, "step": step})

    assert one[1].post(at("keep"), {"until_0": "1", "until_1": "1", "until_2": "2010", "words": "x"}).status_code == 422
    assert one[1].post(at("confirm"), {"confirm": "on"}).status_code == 403
    assert one[1].post(at("erase"), {"reason": "period_over", "words": WORDS}).status_code == 302
    assert one[1].get(at("confirm")).status_code == 403
    summary = reverse("case_retention", kwargs={"token": case.token})
    assert WORDS in other[1].get(summary).content.decode()
    assert other[1].post(at("confirm"), {}).status_code == 422
    done = other[1].post(at("confirm"), {"confirm": "on"}, follow=True)
    assert (done.status_code, b"This record was erased" in done.content) == (200, True)
    assert case.code not in one[1].get(reverse("retention_list")).content.decode()


def test_a_custodian_confirms_by_code_and_reason_alone(one: Any) -> None:
    custodian = officer_and_client(Role.CUSTODIAN)
    case = closed_case()
    act(one[0], retention.ask_erasure, case, reason="period_over", words=WORDS)
    page = custodian[1].get(reverse("case_retention", kwargs={"token": case.token}))
    assert (page.status_code, WORDS in page.content.decode()) == (200, False)
    step = reverse("retention_step", kwargs={"token": case.token, "step": "confirm"})
    assert custodian[1].post(step, {"confirm": "on"}).status_code == 302
    with acting_for("CR"):
        assert Tombstone.objects.get().confirmed_by == custodian[0].code


def test_no_table_was_forgotten() -> None:
    """A new table with rows of a case is emptied by an erasure, or is named here with its reason."""
    with owner_cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
            " AND confrelid = 'sealed.case_file'::regclass"
        )
        of_cases = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = 'sealed.blank_case(uuid)'::regprocedure")
        text = cursor.fetchone()[0]
    emptied = {name for name in tables() if f"DELETE FROM {name} " in text}
    assert of_cases - emptied == {"sealed.team", "sealed.tombstone"}  # who worked on it and may see that it is gone


def test_the_list_asks_as_often_for_many_cases_as_for_few(one: Any, other: Any) -> None:
    asked = []
    for numbers in (range(1, 3), range(3, 9)):
        for number in numbers:
            closed_case(number)
        retention.propose_due()
        with CaptureQueriesContext(connections["sealed"]) as queries:
            assert one[1].get(reverse("retention_list")).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
