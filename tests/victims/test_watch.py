"""The watch over the access log: a month of ordinary work raises nothing, and each planted misuse is found."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import delivery
from accounts.enums import Role
from core import audit
from core.db import sealed_scope
from core.exceptions import NotAllowed, StepRefused
from core.models import AuditEvent, OutboxMessage
from core.testing import record_proof
from tests.factories.victims import acting_for, make_alert
from tests.victims.people import officer_and_client
from victims.models import Alert
from victims.services import watch
from victims.services.watch import EXPORTED, IN_VAIN, MISSED, OPENED, REVEALED, Seen, Thresholds, findings, habits

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])

RULE = Thresholds()
START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday


def at(day: int, hour: float) -> datetime:
    return START + timedelta(days=day, hours=hour)


def looks(day: int, hour: float, cases: range, what: str = OPENED, every: float = 1.0) -> list[Seen]:
    """One after the other, some minutes apart."""
    return [Seen(at(day, hour) + timedelta(minutes=every * n), what, (str(c),)) for n, c in enumerate(cases)]


def events(what: str, count: int, day: int = 29) -> list[Seen]:
    return [Seen(at(day, 10) + timedelta(minutes=n), what) for n in range(count)]


# --- ordinary people ------------------------------------------------------------------------------


def ordinary_day(chance: random.Random, day: int, load: int, shift: int) -> list[Seen]:
    """Calls, visits, a hurry before a hearing, a name looked up: between six and ten hours of it."""
    mine = range(load)
    found = []
    for _piece in range(chance.randint(4, 14)):
        begin, size = shift + chance.uniform(0, 8), chance.choice((1, 1, 1, 2, 3))
        first = chance.randrange(max(1, load - size))
        found += looks(day, begin, range(first, first + size), every=chance.uniform(2, 9))
    if chance.random() < 0.4:
        found += looks(day, shift + 2, range(chance.randint(1, 3)), REVEALED, every=20)
    if chance.random() < 0.05:  # all one's files before a meeting of the team
        found += looks(day, shift + 3, mine, every=1.5)
    found += [Seen(at(day, shift + 4), MISSED)] * chance.choice((0, 0, 0, 1, 2))
    found += [Seen(at(day, shift + 5), IN_VAIN)] * chance.choice((0, 0, 1, 2))
    if chance.random() < 0.02:
        found += [Seen(at(day, shift + 6), EXPORTED, tuple(str(n) for n in range(min(load, 8))))]
    return sorted(found, key=lambda one: one.at)


def team(seed: int, days: int = 56) -> dict[str, dict[Any, list[Seen]]]:
    """Twelve people with loads and hours of their own; one supervisor who opens many, one who works at night."""
    chance, people = random.Random(seed), {}
    for number in range(12):
        load, shift = {0: (60, 8), 1: (12, 20)}.get(number, (chance.randint(6, 14), chance.randint(7, 10)))
        worked = (day for day in range(days) if day % 7 < 5)
        person = {}
        for day in worked:
            seen = ordinary_day(chance, day, load, shift)
            if number == 0:  # the supervisor goes through the list every morning
                seen = sorted([*seen, *looks(day, 9, range(25), every=1.2)], key=lambda one: one.at)
            for one in seen:
                person.setdefault(one.at.date(), []).append(one)
        people[f"person {number}"] = person
    return people


def alarms(people: dict[str, dict[Any, list[Seen]]], after: int) -> tuple[int, list[tuple[str, Any, str]]]:
    """(days of people looked at, alerts)."""
    looked, found = 0, []
    for name, days in people.items():
        for day, seen in days.items():
            if (day - START.date()).days < after:
                continue
            since = day - timedelta(days=RULE.history_days)
            past = {who: {d: s for d, s in all_.items() if since <= d < day} for who, all_ in people.items()}
            peers = [one for who, one in past.items() if who != name]
            looked += 1
            found += [(name, day, one.kind) for one in findings(seen, habits(past[name], peers, RULE), RULE)]
    return looked, found


BAD = {
    "forty files in a lunch hour": (looks(29, 12, range(100, 140)), "many"),
    "slowly, all afternoon, twenty an hour": (looks(29, 13, range(100, 180), every=3), "many"),
    "at three in the night": (looks(29, 3, range(100, 104), every=10), "night"),
    "late in the evening": (looks(29, 22.5, range(100, 103), every=10), "night"),
    "ten identities in a day": (looks(29, 9, range(100, 110), REVEALED, every=30), "reveals"),
    "one identity again": ([one for n in range(6) for one in looks(29, 9 + n, range(7, 8), REVEALED)], "reveals"),
    "addresses guessed": (events(MISSED, 9), "misses"),
    "four files taken away": ([Seen(at(29, 9 + n), EXPORTED, ("1",)) for n in range(4)], "exports"),
    "one large file": ([Seen(at(29, 9), EXPORTED, tuple(map(str, range(30))))], "exports"),
    "names tried out": (events(IN_VAIN, 14), "searches"),
}  # fmt: skip
GOOD = {
    "a new case every ten minutes": looks(29, 8, range(40), every=10),
    "one case opened forty times": looks(29, 10, range(7, 8)) * 40,
    "an emergency at night": [Seen(at(29, 3), OPENED, (str(n),), is_emergency=True) for n in range(3)],
    "two files at night": looks(29, 23, range(2)),
    "five searches before registering": events(IN_VAIN, 5),
    "two wrong addresses": events(MISSED, 2),
}


def quiet(days: int = 20) -> dict[Any, list[Seen]]:
    return {at(day, 0).date(): looks(day, 9, range(4), every=7) for day in range(8, 8 + days)}


@pytest.mark.parametrize("name", BAD)
def test_a_misuse_is_found_as_what_it_is(name: str) -> None:
    seen, kind = BAD[name]
    assert {one.kind for one in findings(seen, habits(quiet(), [], RULE), RULE)} == {kind}


@pytest.mark.parametrize("name", GOOD)
def test_ordinary_things_are_not(name: str) -> None:
    assert findings(GOOD[name], habits(quiet(), [], RULE), RULE) == []


def test_night_duty_is_a_habit_and_so_is_a_long_list() -> None:
    nights = {at(day, 0).date(): looks(day, 2, range(5)) for day in range(8, 20)}
    assert findings(looks(29, 2, range(5)), habits(nights, [], RULE), RULE) == []
    lists = {at(day, 0).date(): looks(day, 9, range(25)) for day in range(8, 28)}
    assert findings(looks(29, 9, range(30)), habits(lists, [], RULE), RULE) == []
    assert [one.kind for one in findings(looks(29, 9, range(61), every=0.5), habits(lists, [], RULE), RULE)] == ["many"]


def test_whoever_is_new_is_measured_by_colleagues() -> None:
    lists = [{at(day, 0).date(): looks(day, 9, range(25)) for day in range(8, 28)}] * 3
    assert findings(looks(29, 9, range(30)), habits({}, lists, RULE), RULE) == []
    assert len(findings(looks(29, 9, range(30)), habits({}, [], RULE), RULE)) == 1


def measured(seeds: int) -> tuple[int, int, int]:
    looked = false = 0
    for seed in range(seeds):
        days, found = alarms(team(seed), after=28)
        looked, false = looked + days, false + len(found)
    missed = sum(not findings(seen, habits(quiet(), [], RULE), RULE) for seen, _kind in BAD.values())
    record_proof("watch", person_days=looked, false_alarms=false, misuses=len(BAD), missed=missed)
    return looked, false, missed


def test_false_alarms_are_rare() -> None:
    looked, false, missed = measured(1)
    assert (looked >= 240, missed, false <= 1) == (True, 0, True)


@pytest.mark.full
def test_false_alarms_are_rare_in_twenty_teams() -> None:
    looked, false, missed = measured(20)
    assert (looked >= 4800, missed, false <= looked / 200) == (True, 0, True)


# --- the job --------------------------------------------------------------------------------------


def read(person: int, count: int, how: str = "page") -> None:
    for number in range(count):
        data = {"class": "quasi", "purpose": "supervision", "how": how}
        audit.append(verb="case.read", object_type="victims.case", object_id=f"{number:036}", chain="CR",
                     actor_id=person, data=data)  # fmt: skip


def test_the_job_reads_the_trail_and_tells_others_than_the_person_once() -> None:
    curious, _one = officer_and_client(Role.CASE_SUPERVISOR)
    other, _two = officer_and_client(Role.CASE_SUPERVISOR)
    custodian, _three = officer_and_client(Role.CUSTODIAN)
    read(curious.user.pk, 70)
    read(other.user.pk, 2)  # too few to be told of by night, too
    assert watch.look() >= 1
    assert watch.look() == 0
    with acting_for("CR"):
        assert {(row.kind, row.subject) for row in Alert.objects.filter(kind="many")} == {("many", curious.code)}
    told = OutboxMessage.objects.filter(task="accounts.send_watch_notice").values_list("args", flat=True)
    assert sorted(args[0] for args in told) == sorted([other.user.pk, custodian.user.pk])
    with acting_for("GT"):
        assert Alert.objects.count() == 0


def test_a_mail_says_that_there_is_something_and_no_more() -> None:
    officer, _client = officer_and_client(Role.CUSTODIAN)
    delivery.send_watch_notice(officer.user.pk)
    text = mail.outbox[0].subject + mail.outbox[0].body
    assert not [word for word in ("case", "alert", "victim", "CR-", str(officer.user)) if word in text.casefold()]


def test_an_alert_is_closed_once_with_words_by_somebody_else() -> None:
    subject, own = officer_and_client(Role.CASE_SUPERVISOR)
    closer, client = officer_and_client(Role.CUSTODIAN)
    alert = make_alert("CR", subject.code)
    address = reverse("alert_close", kwargs={"alert": alert.id})
    assert str(subject.user) in client.get(reverse("alert_list")).content.decode()
    assert str(subject.user) not in own.get(reverse("alert_list")).content.decode().split("<main")[1]
    assert own.get(address).status_code == 404
    assert client.post(address, {"outcome": "explained", "words": ""}).status_code == 422
    assert client.post(address, {"outcome": "explained", "words": "A hearing was near."}).status_code == 302
    page = client.get(reverse("alert_list") + "?all").content.decode()
    assert "A hearing was near." in page
    assert "A hearing" not in client.get(reverse("alert_list")).content.decode()
    with sealed_scope(closer.context()), pytest.raises(StepRefused):
        watch.close(actor=closer, alert=Alert.objects.get(id=alert.id), outcome="explained", words="Again")
    about = AuditEvent.objects.filter(object_type="victims.alert", object_id=str(alert.id))
    assert list(about.order_by("seq").values_list("verb", flat=True)) == ["alert.closed", "case.read"]


def test_the_database_lets_nobody_raise_or_close_their_own() -> None:
    subject, _client = officer_and_client(Role.CASE_SUPERVISOR)
    alert = make_alert("CR", subject.code)
    with sealed_scope(subject.context()):
        with pytest.raises(NotAllowed):
            watch.close(actor=subject, alert=alert, outcome="explained", words="Nothing")
        tries = (
            lambda: Alert.objects.filter(id=alert.id).update(
                outcome="explained", closed_by=subject.code, closed_at=timezone.now(), body=b"\1\1" + bytes(284)
            ),
            lambda: Alert.objects.create(
                state="CR", subject="somebody", kind="many", day=timezone.localdate(), number=1, usual=0
            ),
        )
        for act in tries:
            with pytest.raises(DatabaseError), transaction.atomic(using="sealed"):
                act()
