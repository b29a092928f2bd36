"""Attacks that once worked. Each test is one of them, as whoever tried it would try."""

import os
import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import permissions, queries, services, tasks
from accounts.delivery import invitation_token
from accounts.enums import Role
from accounts.models import RoleAssignment, User
from core import jobs
from core.addresses import page_behind
from core.fields import DatePartsField
from core.models import AuditEvent, OutboxMessage
from core.spreadsheets import csv_text
from evaluations.services import request_build
from oas_trafficking.presenters import audit_row
from tests.access import census
from tests.accounts.sign_in import NEW_PASSWORD, code_now, first_step, is_in, url
from tests.factories.accounts import give_role, make_user
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import answer, make_open_round
from tests.support import forget_cache
from tests.workplan.pages import sent
from tests.workplan.sheets import exported
from workplan import permissions as permissions_of_reports
from workplan import services as workplan_services
from workplan.delivery import digests
from workplan.models import Digest, Notification, Report
from workplan.services import EntryHandover, GrantTerms

FULL = os.environ.get("PORTAL_FULL") == "1"
NOTE = "Between the two of us: the minister has not signed."


@pytest.fixture
def report(open_round: Any) -> Report:
    return Report.objects.get(reference="CR-2014-1")


@pytest.fixture
def moved(cast: SimpleNamespace) -> User:
    """Wrote for Guatemala and works for Costa Rica now."""
    person = make_user("mona")
    give_role(person, cast.authority_gt, Role.CONTRIBUTOR, valid_to=date(2013, 1, 1), ended_at=timezone.now())
    give_role(person, cast.authority_cr, Role.CONTRIBUTOR)
    return person


def page(client: Client, person: User, name: str, *args: object, **query: str) -> str:
    client.force_login(person)
    return client.get(url(name, *args, **query), follow=True).content.decode()


# --- people who moved from one State to another ---------------------------------------------------


def test_the_state_that_somebody_left_does_not_see_what_they_do_now(cast: Any, moved: User, client: Client) -> None:
    for found in (page(client, cast.ciro, "person_detail", moved.public_id), page(client, cast.ciro, "team")):
        assert cast.authority_cr.name not in found
    assert cast.authority_cr.name not in page(client, cast.ciro, "team", everybody="yes")
    assert cast.authority_cr.name in page(client, cast.beto, "person_detail", moved.public_id)


def test_work_is_handed_to_nobody_of_the_state_that_somebody_left(cast: Any, moved: User) -> None:
    assert set(queries.successors(moved)) == {cast.ana, cast.beto, cast.bruno, cast.marta}


def test_open_work_of_the_state_that_somebody_left_is_not_shown(cast: Any, moved: User, open_round: Any) -> None:
    answer(Report.objects.get(reference="GT-2014-1").entries.first(), cast.carla, is_ready=False)
    Report.objects.get(reference="GT-2014-1").entries.filter(updated_by=cast.carla).update(updated_by=moved)
    assert EntryHandover().open_work(moved) == []


def test_whoever_left_a_state_is_told_nothing_of_its_reports(cast: Any, report: Report, client: Client) -> None:
    told = {"kind": "deadline", "report": report, "due_on": report.due_on}
    digest = Digest.objects.create(user=cast.ana, day=timezone.localdate())
    Notification.objects.create(user=cast.ana, digest=digest, **told)
    assert [line.reference for line in digests.digest_lines(digest)] == [report.reference]
    services.end_role(actor=cast.beto, assignment=RoleAssignment.objects.get(user=cast.ana))
    assert digests.digest_lines(digest) == []
    assert report.reference not in page(client, User.objects.get(pk=cast.ana.pk), "notification_list")


# --- words between a State's own people -----------------------------------------------------------


def test_the_secretariat_does_not_read_what_an_approver_writes_to_an_author(
    cast: Any, report: Report, client: Client
) -> None:
    sent(report, cast.ana, cast.beto)
    workplan_services.return_report(report=report, actor=cast.denise, note="Please add figures.")
    workplan_services.send_to_coordinator(report=report, actor=cast.ana)
    workplan_services.return_to_author(report=report, actor=cast.beto, note=NOTE)
    assert NOTE in page(client, cast.ana, "report_detail", report.reference)
    for outsider in (cast.denise, cast.didier, cast.evan):
        found = page(client, outsider, "report_detail", report.reference)
        assert NOTE not in found
        assert ("Please add figures." in found) == (outsider != cast.evan)


def test_the_officers_of_the_meeting_read_what_was_submitted_and_not_the_review(
    cast: Any, report: Report, client: Client
) -> None:
    sent(report, cast.ana, cast.beto)
    activity = report.entries.first().activity
    ask = {"report": report, "activity": activity, "field": "narrative", "text": "Which year?"}
    question = workplan_services.ask_question(**ask, actor=cast.denise)
    workplan_services.return_report(report=report, actor=cast.denise, note="Please add figures.")
    for name in ("report_detail", "report_history"):
        assert "Please add figures." in page(client, cast.denise, name, report.reference)
        found = page(client, cast.evan, name, report.reference)
        assert report.reference in found
        assert "Please add figures." not in found
        assert "Which year?" not in found
    client.force_login(cast.evan)
    assert client.get(url("question_answer", report.reference, question.public_id)).status_code == 404


def test_who_is_handed_an_entry_does_not_read_the_answer_of_the_year_before(cast: Any, client: Client) -> None:
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    make_open_round(cast)
    before = Report.objects.get(reference="CR-2013-2").entries.select_related("activity").first()
    answer(before, cast.ana, narrative=NOTE)
    entry = Report.objects.get(reference="CR-2014-1").entries.get(activity__code=before.activity.code)
    terms = GrantTerms(reason="Theirs", valid_to=timezone.localdate() + timedelta(days=9))
    workplan_services.grant_entries(entries=[entry], person=cast.marta, terms=terms, actor=cast.beto)
    address = ("entry_edit", "CR-2014-1", before.activity.code)
    assert NOTE in page(client, cast.ana, *address)
    assert NOTE not in page(client, cast.marta, *address)
    workplan_services.grant_entries(entries=[before], person=cast.marta, terms=terms, actor=cast.beto)
    assert NOTE in page(client, cast.marta, *address)


def test_a_ministry_reads_no_notes_on_the_whole_report(cast: Any, report: Report, client: Client) -> None:
    workplan_services.send_to_coordinator(report=report, actor=cast.ana)
    workplan_services.return_to_author(report=report, actor=cast.beto, note=NOTE)
    entry = report.entries.select_related("activity").first()
    terms = GrantTerms(reason="Theirs", valid_to=timezone.localdate() + timedelta(days=9))
    workplan_services.grant_entries(entries=[entry], person=cast.marta, terms=terms, actor=cast.beto)
    address = ("entry_edit", report.reference, entry.activity.code)
    assert NOTE in page(client, cast.ana, *address)
    found = page(client, cast.marta, *address)
    assert entry.activity.title in found
    assert NOTE not in found


def test_nobody_reviews_what_they_filled_in_themselves(cast: Any, report: Report, client: Client) -> None:
    entry = report.entries.first()
    sent(report, cast.ana, cast.beto)
    assert permissions_of_reports.can_review(cast.denise, report)
    report.entries.filter(pk=entry.pk).update(updated_by=cast.denise, version=2)
    assert not permissions_of_reports.can_review(cast.denise, report)
    assert report not in Report.objects.reviewed_by(cast.denise)
    assert report in Report.objects.reviewed_by(cast.didier)
    client.force_login(cast.denise)
    assert client.get(url("review_detail", report.reference)).status_code == 403


def test_a_states_draft_does_not_pass_for_the_secretariats_because_its_author_worked_there(
    cast: Any, report: Report, client: Client
) -> None:
    ended = {"valid_to": date(2013, 1, 1), "ended_at": timezone.now()}
    answer(report.entries.first(), cast.ana, is_ready=False, narrative=NOTE)
    workplan_services.close_round(round=report.round, actor=cast.denise)
    give_role(cast.ana, cast.secretariat, Role.SECRETARIAT_OFFICER, **ended)
    client.force_login(cast.denise)
    assert client.get(url("report_spreadsheet", report.reference)).status_code == 403
    report.refresh_from_db()
    assert not permissions_of_reports.can_take_step(cast.denise, report, "file_for_state")


# --- roles ----------------------------------------------------------------------------------------


def test_the_secretariat_makes_nobody_who_could_give_the_roles_of_the_sealed_area(cast: Any) -> None:
    given = permissions.roles_to_give(cast.didier, cast.authority_cr)
    assert given == {Role.CONTRIBUTOR, Role.APPROVER}


def test_a_job_is_not_cancelled_by_whoever_lost_the_role_it_was_asked_in(cast: Any, client: Client) -> None:
    job = request_build(evaluation=make_evaluation(cast, accepted=5, submitted=0), actor=cast.denise)
    services.end_role(actor=cast.didier, assignment=RoleAssignment.objects.get(user=cast.denise))
    client.force_login(User.objects.get(pk=cast.denise.pk))
    assert client.get(url("job_detail", job.public_id)).status_code == 404
    assert client.post(url("job_cancel", job.public_id)).status_code == 404
    job.refresh_from_db()
    assert job.finished_at is None


# --- sessions -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_session_without_second_factor_does_not_ride_on_the_one_that_is_set_up_elsewhere() -> None:
    forget_cache()
    owner_of_it = make_user("olga", second_factor=False)
    thief, owner = Client(), Client()
    for browser in (thief, owner):
        first_step(browser, owner_of_it.email)
    owner.get(url("mfa_activate_totp"))
    secret = owner.session["mfa.totp.secret"]
    assert owner.post(url("mfa_activate_totp"), {"code": code_now(secret)}).status_code == 302
    owner.post(url("recovery_codes_saved"))
    thief.post(url("recovery_codes_saved"))
    assert is_in(owner)
    assert not is_in(thief)


# --- numbers and codes that nobody types ------------------------------------------------------------

HUGE = "9" * 5000  # more digits than Python turns into a number


def test_an_import_is_confirmed_with_a_number_that_is_none(cast: Any, report: Report, client: Client) -> None:
    content = exported(report)
    run = workplan_services.start_import(report=report, content=content, name="cr.xlsx", actor=cast.ana)
    client.force_login(cast.ana)
    for without in (HUGE, "9" * 30, "-1", "1e5", "٣", "\0"):
        assert client.post(url("import_confirm", run.public_id), {"without": without}).status_code == 302


@pytest.mark.parametrize("value", [HUGE, "\0"])
def test_no_number_in_an_address_is_an_error_of_the_portal(cast: Any, client: Client, value: str) -> None:
    client.force_login(cast.ana)
    pages = {
        "route_list": "year",
        "team": "page",
        "report_list": "page",
        "directory_list": "state",
        "plan_detail": "theme",
    }
    told = {name: client.get(url(name), {field: value}).status_code for name, field in pages.items()}
    client.force_login(cast.beto)
    told |= {name: client.get(url(name), {"page": value, "state": value}).status_code for name in ("team", "invite")}
    assert {name: status for name, status in told.items() if status >= 500} == {}


@pytest.mark.parametrize("part", ["9" * 30, "2014"])
def test_a_day_of_thirty_digits_is_no_day(part: str) -> None:
    with pytest.raises(ValidationError):
        DatePartsField().clean([part, "1", "2014"])
    with pytest.raises(ValidationError):
        DatePartsField().clean(["1", part, "2014"])


def loose_addresses() -> list[tuple[str, dict[str, str]]]:
    """Every address with a part that may hold any letter, and the kind of each of its parts."""
    found = [
        (name, {part: kind or "str" for kind, part in re.findall(r"<(?:(\w+):)?(\w+)>", route)})
        for name, route, _view in census.urls()
        if "(?P" not in route
    ]
    return [(name, parts) for name, parts in found if "str" in parts.values()]


BAD = ("\0", "a\0b", "x" * 3000, "😀", "..", "%")


def test_no_letter_in_an_address_is_an_error_of_the_portal(cast: Any, client: Client) -> None:
    client.force_login(cast.beto)
    client.raise_request_exception = False
    plain = {"slug": "cr", "uuid": UUID(int=1), "int": 1}
    wrong = {}
    for number, (name, parts) in enumerate(loose_addresses()):
        for bad in BAD if FULL else (BAD[0], BAD[1 + number % 5]):
            address = reverse(name, kwargs={part: plain.get(kind, bad) for part, kind in parts.items()})
            for method in (client.get, client.post):
                status = method(address).status_code
                if status >= 500:
                    wrong[(name, bad[:5])] = status
    assert wrong == {}


def test_no_page_behind_is_another_hosts(rf: Any) -> None:
    for referer in ("http://testserver//evil.example/x", "https://evil.example/x", "//evil.example", "javascript:1"):
        assert page_behind(rf.get("/", headers={"Referer": referer})).startswith(("/evil.example", url("home")))


# --- an invitation used twice ----------------------------------------------------------------------


def test_an_invitation_revoked_while_its_form_is_sent_is_a_sentence(
    cast: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitee = services.Invitee(email="nora@example.org", full_name="Nora", language="es")
    invitation = services.invite(actor=cast.beto, invitee=invitee, institution=cast.authority_cr, role="contributor")
    services.revoke_invitation(invitation=invitation, actor=cast.beto)
    # As for a request that had found it open a moment before.
    monkeypatch.setattr("accounts.queries.invitation_of_link", lambda token: invitation)
    form = {"full_name": "Nora", "password": NEW_PASSWORD}
    answer_ = client.post(url("invitation", invitation_token(invitation)), form, follow=True)
    assert "This link no longer works." in answer_.content.decode()
    assert not User.objects.filter(email="nora@example.org").exists()


# --- the trail ------------------------------------------------------------------------------------


def test_a_new_name_does_not_make_somebody_else_of_an_actor(cast: Any, report: Report) -> None:
    answer(report.entries.first(), cast.ana, is_ready=False)
    services.save_profile(actor=cast.ana, full_name=cast.bruno.full_name, language="en", time_zone="UTC")
    event = AuditEvent.objects.select_related("actor").filter(verb="entry.saved").get()
    assert cast.ana.email in audit_row(event).who


def test_an_invitation_revoked_by_the_next_note_leaves_a_trace(cast: Any) -> None:
    RoleAssignment.objects.filter(role=Role.FOCAL_POINT).delete()
    for number, name in enumerate(("nora", "nils"), start=1):
        note = services.Note(reference=f"N/{number}", dated=date(2014, 1, number), in_force_from=date(2014, 2, number))
        person = services.Invitee(email=f"{name}@example.org", full_name=name, language="es")
        services.appoint(actor=cast.didier, institution=cast.authority_cr, note=note, invitee=person)
    (revoked,) = AuditEvent.objects.filter(verb="invitation.revoked")
    assert (revoked.chain, revoked.actor, revoked.data["role"]) == ("CR", cast.didier, Role.FOCAL_POINT)


# --- the database ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_application_hides_no_table_behind_one_of_its_own() -> None:
    """A temporary table comes before the real one wherever a trigger's search path does not say otherwise."""
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute("CREATE TEMPORARY TABLE workplan_round (id bigint, status text)")


# --- jobs -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_forged_message_does_nothing_and_costs_no_attempt(cast: Any, mailoutbox: list[Any]) -> None:
    message, _ = jobs.enqueue("accounts.send_reset", cast.ana.pk, key="attack", queue="mail")
    tasks.send_reset(str(message.pk), cast.carla.pk)
    tasks.send_notice(str(message.pk), cast.ana.pk, "password_changed")
    assert mailoutbox == []
    stored = OutboxMessage.objects.get(pk=message.pk)
    assert (stored.done_at, stored.attempts) == (None, 0)
    tasks.send_reset(str(message.pk), cast.ana.pk)
    assert [mail.to for mail in mailoutbox] == [[cast.ana.email]]


# --- spreadsheets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Ministerio;=1+1", 'a;"=1+1', "a; =1+1", "a\n=1+1", "a\t@x", "a;\t-1"])
def test_no_separator_of_another_language_makes_a_formula(text: str) -> None:
    """Programs set to Spanish, French or Portuguese take the semicolon for the end of a cell."""
    line = csv_text(["x", "y"], [["first", text]])
    cells = [cell.strip(' "') for cell in re.split(r"[,;\t\r\n]", line)]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
