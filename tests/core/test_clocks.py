"""Workers, relay, beat and web by clocks that are ten minutes and a day off, in both directions (B75)."""

import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import BaseSchedule
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import SEEN, STARTED
from accounts.models import Invitation
from core import clocks, doctor
from core.beat import Scheduler
from core.testing import record_proof
from oas_trafficking.launcher.stack import free_port
from tests.core.pipeline import Pipeline, check_outcome, hand_in, invite_some, mail_outcome, pipeline
from tests.core.test_pipeline import NoRedirect
from tests.evaluations.processes import prove_own_database, wait_for
from tests.support import sign_in_fresh

MINUTES, DAY = 600, 86_400
SHIFTS = (-DAY, -MINUTES, MINUTES, DAY)
ROUNDS = 5  # with each shift


class Shifted(Pipeline):
    """The same pipeline, by another clock."""

    shift = 0

    def environment(self) -> dict[str, str]:
        faked = {"LD_PRELOAD": faketime(), "FAKETIME": f"{self.shift:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        faked |= {"NO_FAKE_STAT": "1"}  # the web asks the times of its workers' files
        often = {"OAS_AUDIT_ANCHOR_SECONDS": "1"}
        return super().environment() | often | (faked if self.shift else {})

    def start_module(self, *words: str) -> "subprocess.Popen[bytes]":
        return self.start(["-m", "tests.core.shifted", *words])


def faketime() -> str:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    assert found, "libfaketime is missing (Debian: apt-get install faketime)"
    return str(found[0])


@pytest.fixture
def own(cast: Any, tmp_path: Path, settings: Any) -> Iterator[Pipeline]:
    prove_own_database(connection)
    settings.MEDIA_ROOT = tmp_path / "media"
    with pipeline(tmp_path) as running:
        yield running


def by_another_clock(own: Pipeline, shift: int) -> Shifted:
    other = Shifted(own.folder, own.broker)
    other.prefix, other.shift = own.prefix, shift
    return other


def stop(other: Pipeline) -> None:
    for process in list(other.running):
        other.kill(process)
    if other.forks is not None:
        other.forks.kill()
        other.forks.communicate(timeout=10)


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.django_db(transaction=True)
def test_work_is_done_once_by_whatever_clocks(own: Pipeline, open_round: Any, cast: Any) -> None:
    own.start_worker()
    asked, handed, found = [], [], Counter[str]()
    control = pages_of_a_web(by_another_clock(own, 0), cast)
    assert control == {"good": [200, 200], "over": [404, 302, 302, 302], "ready": 200}
    for shift in SHIFTS:
        other = by_another_clock(own, shift)
        try:
            other.start_worker()
            other.start_relay()
            for _ in range(ROUNDS):
                asked += invite_some(cast, 4)
                handed += hand_in(cast.ana, 2)
                own.finish(60)
            found.update(too_long(pages_of_a_web(other, cast)))
            found["beats_silent"] += sum(not beats(by_another_clock(own, clock)) for clock in (shift, 0))
        finally:
            stop(other)
    early = [*mail_outcome(own, asked), *check_outcome(handed)]
    lost, duplicated = early[0] + early[2], early[1] + early[3]
    record_proof("clock_skew", runs=ROUNDS * len(SHIFTS), lost=lost, duplicated=duplicated, **found)
    over = [found[name] for name in ("sessions_over_long", "tokens_over_long", "webs_not_refusing", "beats_silent")]
    assert (lost, duplicated, over) == (0, 0, [0, 0, 0, 0]), own.log()


Pages = dict[str, Any]


def pages_of_a_web(other: Shifted, cast: Any) -> Pages:
    """What a web by that clock answers: a link and a session that are good, and those that are over."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    words = ("oas_trafficking.wsgi:application", "--no-control-socket", "--threads", "2", "--bind", f"127.0.0.1:{port}")
    web = other.start_module("gunicorn", *words)
    try:
        wait_for(lambda: status(f"{base}/health/live/") == 200, 60, "the web", other)
        links = [base + reverse("invitation", args=[link(cast, hours)]) for hours in (1, -1)]
        home, (good, *over) = base + reverse("home"), sessions(cast)
        return {
            "good": [status(links[0]), status(home, good)],
            "over": [status(links[1]), *(status(home, cookie) for cookie in over)],
            "ready": status(f"{base}/health/ready/"),
        }
    finally:
        other.kill(web)


def too_long(pages: Pages) -> dict[str, int]:
    return {
        "tokens_over_long": pages["over"][0] == 200,
        "sessions_over_long": pages["over"][1:].count(200),
        "webs_not_refusing": {*pages["good"], *pages["over"], pages["ready"]} != {503},
    }


def link(cast: Any, hours: int) -> str:
    """Of an invitation that is good for so many hours, or has not been for as many."""
    (address,), token = invite_some(cast, 1), uuid4().hex
    end, digest = timezone.now() + timedelta(hours=hours), sha256(token.encode()).hexdigest()
    Invitation.objects.filter(email=address).update(expires_at=end, token_digest=digest)
    return token


def sessions(cast: Any) -> list[str]:
    """One that is good; then those that began too long ago, that nobody used, and both."""
    limit = django_settings.SESSION_ABSOLUTE_LIMIT.total_seconds()
    idle = django_settings.SESSION_IDLE_LIMIT.total_seconds()
    now = time.time()
    stamps = ((now, now), (now - limit - 1, now), (now - 2 * idle, now - idle - 1), (now - DAY, now - DAY))
    return [session_of(cast.ana, *pair) for pair in stamps]


def beats(other: Shifted) -> bool:
    """Whether Celery's clock asks for anything, with the memory that the one before has left."""
    before = sent(other)
    words = ("celery", "-A", "oas_trafficking.celery", "beat", "--pidfile=", "--loglevel", "INFO")
    beat = other.start_module(*words, "--schedule", str(other.folder / "beat"))
    try:
        wait_for(lambda: sent(other) >= before + 2, 30, "a beat", other)
    except AssertionError:
        return False
    finally:
        other.kill(beat)
    return True


def sent(other: Shifted) -> int:
    log = (other.folder / "processes.log").read_text(encoding="utf-8", errors="replace")
    return log.count("Sending due task anchor-audit")


def session_of(user: Any, started: float, seen: float) -> str:
    client = Client()
    sign_in_fresh(client, user)
    session = client.session
    session[STARTED], session[SEEN] = started, seen
    session.save()
    return f"{django_settings.SESSION_COOKIE_NAME}={client.cookies[django_settings.SESSION_COOKIE_NAME].value}"


def status(url: str, cookie: str = "") -> int:
    opener = urllib.request.build_opener(NoRedirect)
    try:
        with opener.open(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


# --- without other clocks ------------------------------------------------------------------------------


@pytest.fixture
def wrong_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    true = time.time

    def shift(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: true() + seconds)

    return shift


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", SHIFTS)
def test_a_process_by_a_wrong_clock_is_not_ready_and_the_doctor_says_so(
    client: Client, wrong_clock: Any, seconds: int
) -> None:
    assert client.get(reverse("health_ready")).status_code == 200
    wrong_clock(seconds)
    assert client.get(reverse("health_ready")).status_code == 503
    assert [finding.level for finding in doctor.examine({"clock"})] == [doctor.FAIL]


@pytest.mark.django_db
def test_what_has_known_a_wrong_clock_answers_nobody_until_it_is_right(client: Client, wrong_clock: Any) -> None:
    page = reverse("account_login")
    wrong_clock(MINUTES)
    clocks.measure()
    assert client.get(page).status_code == 503
    wrong_clock(0)
    assert client.get(page).status_code == 200


EVERY = {"each-minute": 60.0, "each-five-minutes": 300.0}


class Moments:
    """A clock for Celery, some days ahead of the true one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
        self.true, self.days = datetime(2014, 3, 10, tzinfo=UTC), days
        monkeypatch.setattr(BaseSchedule, "now", lambda _: self.now())

    def now(self) -> datetime:
        return self.true + timedelta(days=self.days)


def runs_after_the_clock_was_set_back(kind: type[PersistentScheduler], memory: Path, clock: Moments) -> set[str]:
    """What runs within ten minutes by the right clock, after two minutes by one that was ahead."""
    app, ran = Celery(set_as_current=False), set[str]()
    app.now = clock.now
    app.conf.beat_schedule = {name: {"task": name, "schedule": seconds} for name, seconds in EVERY.items()}
    scheduler = kind(app=app, schedule_filename=str(memory))
    scheduler.producer = None  # no broker is asked
    scheduler.apply_entry = lambda entry, producer=None: ran.add(entry.name)
    for second in range(720):
        if second == 120:
            clock.days = 0
            ran.clear()
        clock.true += timedelta(seconds=1)
        scheduler.tick()
    scheduler.close()
    return ran & set(EVERY)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_celerys_clock_goes_on_when_it_is_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    ours = runs_after_the_clock_was_set_back(Scheduler, tmp_path / "ours", Moments(monkeypatch, days))
    assert ours == set(EVERY)
    # Why there is one of our own:
    theirs = runs_after_the_clock_was_set_back(PersistentScheduler, tmp_path / "theirs", Moments(monkeypatch, days))
    assert theirs == (set() if days else set(EVERY))


@pytest.mark.django_db
def test_a_session_of_the_future_is_over(client: Client, cast: Any, wrong_clock: Any) -> None:
    client.force_login(cast.ana)
    wrong_clock(-30)
    assert client.get(reverse("home")).status_code == 200
    wrong_clock(-MINUTES)
    answer = client.get(reverse("home"))
    assert (answer.status_code, reverse("account_login") in answer.url) == (302, True)
