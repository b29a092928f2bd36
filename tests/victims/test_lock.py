"""Five minutes without a request to the area: it asks who is there, and what was typed is kept sealed."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, override_settings
from django.urls import reverse

from accounts.enums import Role
from accounts.views.fresh import KEPT
from core.db import sealed_scope
from core.testing import record_proof
from tests.factories.victims import acting_for, make_case, make_consent
from tests.victims.people import officer_and_client
from victims.middleware import LAST
from victims.models import Case, Entry, TeamMember
from victims.permissions import Officer

STALE = override_settings(ACCOUNT_REAUTHENTICATION_TIMEOUT=-1)
TOLD = "CNRY-typed"
databases = ["default", "sealed", "keys"]


def furnished(officer: Officer) -> Case:
    with acting_for("CR", officer.code, "case_worker"):
        case = make_case(3)
        TeamMember.objects.create(
            state="CR", case_id=case.id, user_id=officer.code, since="2013-01-01T00:00Z", added_by=officer.code
        )
    return case


def left_alone(client: Client, seconds: float = 301) -> None:
    session = client.session
    session[LAST] = session["access_started"] - seconds
    session.save()


def is_asked(response: Any) -> bool:
    return response.status_code == 302 and "reauthenticate" in response["Location"]


@pytest.mark.django_db(databases=databases)
def test_the_area_locks_after_five_minutes_and_nothing_else_opens_it() -> None:
    _officer, client = officer_and_client(Role.CASE_WORKER)
    page = reverse("case_list")
    with STALE:
        assert client.get(page).status_code == 200  # just signed in
        left_alone(client, 280)
        assert client.get(page).status_code == 200
        left_alone(client)
        locked = [client.get(page), client.get(reverse("home")), client.get(locked_at := reverse("area_lock"))]
        assert [is_asked(response) for response in locked] == [True, False, True]
        client.get(client.get(page)["Location"])  # looking at the page that asks is no proof
        assert is_asked(client.get(page))
    assert client.get(locked_at).status_code == 200  # the second factor was shown
    with STALE:
        assert client.get(page).status_code == 200


@pytest.mark.django_db(databases=databases)
def test_what_was_sent_too_late_is_kept_sealed_and_goes_on() -> None:
    officer, client = officer_and_client(Role.CASE_WORKER)
    case = furnished(officer)
    address = reverse("record_entry_new", kwargs={"token": case.token, "kind": "note"})
    with acting_for("CR", officer.code, "case_worker"):
        make_consent(case, classes=["identity", "narrative", "quasi"])
    with STALE:
        left_alone(client)
        asked = client.post(address, {"note_kind": "general", "text": TOLD})
    assert is_asked(asked)
    stored = [str(row.get_decoded()) for row in Session.objects.all()]
    readable = sum(TOLD in text for text in stored)
    record_proof("kept_forms", sessions=len(stored), readable=readable)
    assert (readable, any(KEPT in text for text in stored)) == (0, True)
    word = client.session[KEPT]["word"]
    assert client.get(f"{address}?resume={word}").status_code == 302
    with sealed_scope(officer.context()):
        assert Entry.objects.filter(case_id=case.id, kind="note").count() == 1
