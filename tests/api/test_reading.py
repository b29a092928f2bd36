"""What is read by key beside reports: messages and Meetings; and lists that are not sent twice."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from evaluations.models import Meeting
from tests.api.test_reports import ROOT, keyed, send
from workplan.models import Notification, Report

pytestmark = pytest.mark.django_db


def test_messages_are_ones_own(cast: Any, open_round: Any) -> None:
    report = Report.objects.get(reference="CR-2014-1")
    for person in (cast.ana, cast.beto):
        Notification.objects.create(user=person, kind="deadline", report=report, due_on=date(2014, 6, 30), offset=-3)
    client = keyed(cast.ana)
    (row,) = client.get(f"{ROOT}notifications/?unread=yes").json()["results"]
    assert (row["report"], row["days_from_due"], row["read_at"]) == ("CR-2014-1", -3, None)
    assert row["text"] == "Report CR-2014-1 is due on 30 June 2014."
    assert send(client, "POST", "notifications/read/").status_code == 204
    assert client.get(f"{ROOT}notifications/?unread=yes").json()["results"] == []
    assert len(client.get(f"{ROOT}notifications/").json()["results"]) == 1
    assert len(keyed(cast.beto).get(f"{ROOT}notifications/?unread=yes").json()["results"]) == 1


def test_meetings_are_everybodys(client: Client) -> None:
    call_command("load_meetings", verbosity=0)
    rows = client.get(f"{ROOT}meetings/").json()["results"]
    assert [row["number"] for row in rows] == list(Meeting.objects.values_list("number", flat=True))
    third = client.get(f"{ROOT}meetings/3/").json()
    assert {"4a", "4h"} <= {row["number"] for row in third["conclusions"]}
    assert set(third["titles"]) == {"es", "en", "fr", "pt_br"}
    assert client.get(f"{ROOT}meetings/99/").status_code == 404


def test_a_list_that_has_not_changed_is_not_sent_again(cast: Any, open_round: Any, client: Client) -> None:
    for reader, address in ((client, "states/"), (keyed(cast.ana), "reports/"), (keyed(cast.denise), "reports/")):
        first = reader.get(f"{ROOT}{address}")
        again = reader.get(f"{ROOT}{address}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), address
    own, all_of_them = (keyed(person).get(f"{ROOT}reports/").headers["ETag"] for person in (cast.ana, cast.denise))
    assert own != all_of_them
    other = keyed(cast.denise).get(f"{ROOT}reports/", headers={"If-None-Match": own})
    assert other.status_code == 200
