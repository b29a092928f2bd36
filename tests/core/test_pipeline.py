"""kill -9 between commit and publish, of children, of workers; flushed brokers; poison: nothing lost, nothing twice.

All processes are real and the test's own, and so are the broker and the database. The moments come from signals alone:
nothing of the portal is replaced.
"""

import os
import random
import re
import signal
import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation
from core import jobs
from core.db import is_locked
from core.models import OutboxMessage
from core.testing import record_proof
from oas_trafficking.launcher.stack import free_port
from tests.core.pipeline import (
    OPEN,
    OPERATOR,
    Pipeline,
    check_outcome,
    hand_in,
    invite_some,
    mail_outcome,
    numbers,
    pipeline,
)
from tests.evaluations.processes import prove_own_database, wait_for
from tests.support import sign_in_fresh
from workplan.models import Evidence

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


@pytest.fixture
def own(cast: Any, tmp_path: Path, settings: Any) -> Iterator[Pipeline]:
    prove_own_database(connection)
    settings.MEDIA_ROOT = tmp_path / "media"
    with pipeline(tmp_path) as running:
        yield running


BATCH = 15  # messages of one commit, which the relay publishes in one pass


def publish_now() -> None:
    """The twenty seconds after which the relay publishes again what nobody works on have passed."""
    OPEN.update(next_publish_at=timezone.now())


# --- between commit and publish: the web ----------------------------------------------------------


class Browser:
    """One person who sends a form, and sends the same form again until it is answered."""

    def __init__(self, base: str, user: Any) -> None:
        client = Client(enforce_csrf_checks=True)
        sign_in_fresh(client, user)
        self.url = base + reverse("invite")
        self.cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.opener = urllib.request.build_opener(NoRedirect, urllib.request.HTTPCookieProcessor(CookieJar()))

    def ask(self, data: dict[str, str] | None = None) -> tuple[int, str]:
        body = urllib.parse.urlencode(data).encode() if data else None
        request = urllib.request.Request(self.url, body, {"Cookie": self.cookie, "Referer": self.url})
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def form(self, address: str) -> dict[str, str]:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask()[1])
        assert token is not None
        more = {"full_name": "Nora", "email": address, "language": "es", "role": "contributor"}
        return {"csrfmiddlewaretoken": token[1], **more}

    def send_until_answered(self, data: dict[str, str]) -> None:
        for _attempt in range(20):
            try:
                status, text = self.ask(data)
            except OSError:  # killed under us
                continue
            assert status == 302, text[:2000]
            return
        raise AssertionError("no answer")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def start_web(own: Pipeline) -> tuple[Any, str]:
    port = free_port()
    web = ["-m", "gunicorn", "oas_trafficking.wsgi:application", "--preload", "--no-control-socket", "--workers", "1"]
    process = own.start([*web, "--worker-class", "gthread", "--threads", "2", "--bind", f"127.0.0.1:{port}"])
    base = f"http://127.0.0.1:{port}"
    wait_for(lambda: _answers(base), 60, "the web", own)
    return process, base


def _answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/health/live/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def committed(address: str) -> bool:
    return Invitation.objects.filter(email=address).exists()


def kill_the_web(own: Pipeline, web: Any, browser: Browser, moments: random.Random) -> tuple[str, str]:
    """Send a form and kill the process that answers it, every other time after the commit. (address, crash point)"""
    address = f"web-{next(numbers)}@example.org"
    data = browser.form(address)
    sending = threading.Thread(target=browser.send_until_answered, args=(data,))
    child = own.child_of(web)
    sending.start()
    if moments.random() < 0.5:
        time.sleep(moments.uniform(0, 0.12))
    else:
        while sending.is_alive() and not committed(address):
            pass  # without a pause: the answer leaves a moment after the commit
    os.kill(child, signal.SIGKILL)
    was_sent, was_committed = not sending.is_alive(), committed(address)
    sending.join(60)
    assert not sending.is_alive()
    return address, "answered" if was_sent else "committed" if was_committed else "before"


# --- between commit and publish: the relay ---------------------------------------------------------


def kill_the_relay(own: Pipeline, worker: Any, cast: Any, moments: random.Random) -> tuple[list[str], str]:
    """A relay that has just come up, work for it, and SIGKILL at any moment of its next pass.

    The worker is stopped meanwhile, so that what was published can be counted. (addresses, crash point)
    """
    relay = own.start_relay(0.02)
    first = invite_some(cast, 1)
    wait_for(lambda: not _due(), 30, "the relay", own)
    wait_for(lambda: own.in_broker() == 0, 30, "the worker", own)
    os.kill(worker.pid, signal.SIGSTOP)
    with transaction.atomic():
        asked = invite_some(cast, BATCH)
    # One commit; the relay's pass begins within twenty milliseconds and takes about as long.
    time.sleep(moments.uniform(0, 0.05))
    own.kill(relay)
    published, marked = own.in_broker(), BATCH - _due()
    os.kill(worker.pid, signal.SIGCONT)
    return first + asked, "marked" if marked else "published" if published else "before"


def _due() -> int:
    return OPEN.filter(next_publish_at__lte=timezone.now()).count()


def run_commit_gap(own: Pipeline, cast: Any, kills: int) -> dict[str, Any]:
    """Half of the kills hit the web, half the relay."""
    moments, points, asked = random.Random(20140115), Counter[str](), []
    worker = own.start_worker()
    for _ in range(kills // 2):
        made, point = kill_the_relay(own, worker, cast, moments)
        asked += made
        points[f"relay_{point}"] += 1
    own.start_relay()
    web, base = start_web(own)
    for number in range(kills // 2):
        if number % 10 == 0:
            browser = Browser(base, cast.beto)  # whoever invites has signed in not long ago
        address, point = kill_the_web(own, web, browser, moments)
        asked.append(address)
        points[f"web_{point}"] += 1
    own.finish()
    kept = list(Invitation.objects.values_list("email", flat=True))
    assert sorted(kept) == sorted(asked)
    lost, duplicated = mail_outcome(own, asked)
    return {
        "runs": kills,
        "lost": lost,
        "duplicated": duplicated,
        "messages": len(asked),
        **dict(sorted(points.items())),
    }


def test_four_kills_between_commit_and_publish(own: Pipeline, cast: Any) -> None:
    outcome = run_commit_gap(own, cast, 4)
    assert (outcome["lost"], outcome["duplicated"]) == (0, 0), own.log()


@pytest.mark.full
def test_two_hundred_kills_between_commit_and_publish(own: Pipeline, cast: Any) -> None:
    outcome = run_commit_gap(own, cast, 200)
    record_proof("commit_gap_kills", **outcome)
    assert (outcome["lost"], outcome["duplicated"]) == (0, 0), own.log()
    in_the_gap = sum(outcome.get(point, 0) for point in ("relay_before", "relay_published", "web_committed"))
    assert in_the_gap >= 10, outcome


# --- children, workers and brokers, in the middle of a check ----------------------------------------


def until_working(own: Pipeline, handed: list[Evidence]) -> None:
    names = [f"outbox:{pk}" for pk in OutboxMessage.objects.filter(key__in=keys(handed)).values_list("pk", flat=True)]
    wait_for(lambda: any(map(is_locked, names)), 60, "the start of the work", own)


def keys(handed: list[Evidence]) -> list[str]:
    return [f"evidence:{evidence.pk}" for evidence in handed]


def is_done(handed: list[Evidence]) -> bool:
    return not OPEN.filter(key__in=keys(handed)).exists()


def finish_checks(own: Pipeline, handed: list[Evidence]) -> None:
    wait_for(lambda: is_done(handed), 60, "the end of the checks", own)


@pytest.mark.full
@pytest.mark.parametrize("victim", ["child", "worker"])
def test_fifty_kills_in_the_middle_of_a_check(own: Pipeline, open_round: Any, cast: Any, victim: str) -> None:
    moments, handed, mid_work = random.Random(20140116), [], 0
    own.start_relay()
    worker = own.start_worker()
    for _ in range(50):
        handed += (now := hand_in(cast.ana, 2))
        until_working(own, now)
        time.sleep(moments.uniform(0, 0.35))
        mid_work += not is_done(now)
        if victim == "child":
            own.kill_child(worker)
        else:
            own.kill(worker)
            worker = own.start_worker()
        time.sleep(0.3)  # the server has to notice that the connection is gone, which frees its lock
        publish_now()
        finish_checks(own, handed)
    lost, duplicated = check_outcome(handed)
    record_proof(f"{victim}_kills", runs=50, lost=lost, duplicated=duplicated, files=len(handed), mid_work=mid_work)
    assert (lost, duplicated) == (0, 0)
    assert mid_work >= 40


@pytest.mark.full
def test_ten_flushes_of_the_broker(own: Pipeline, open_round: Any, cast: Any) -> None:
    """No hand is lent: what was flushed is published again by the relay alone."""
    moments, handed, slowest, flushed = random.Random(20140117), [], 0.0, 0
    own.start_relay()
    own.start_worker()
    for _ in range(10):
        handed += (now := hand_in(cast.ana, 6))
        until_working(own, now)
        time.sleep(moments.uniform(0, 0.6))
        flushed += own.in_broker("default")
        own.broker.flush()
        began = time.monotonic()
        finish_checks(own, handed)
        slowest = max(slowest, time.monotonic() - began)
    lost, duplicated = check_outcome(handed)
    more = {"files": len(handed), "messages_flushed": flushed, "slowest_recovery": round(slowest, 1)}
    record_proof("broker_flushes", runs=10, lost=lost, duplicated=duplicated, **more)
    assert (lost, duplicated) == (0, 0)
    assert flushed >= 10


# --- poison ------------------------------------------------------------------------------------------


def latencies(own: Pipeline, cast: Any, count: int) -> list[float]:
    """Of mails that have nothing to do with the poison, asked for one after the other."""
    found = []
    for _ in range(count):
        began, (address,) = time.monotonic(), invite_some(cast, 1)
        wait_for(lambda: not OPEN.filter(task="accounts.send_invitation").exists(), 60, address, own)
        found.append(time.monotonic() - began)
    return found


def kill_at_each_attempt(own: Pipeline, worker: Any, evidence: Evidence) -> None:
    """A file that takes its child with it, whoever opens it."""
    message = OutboxMessage.objects.get(key=f"evidence:{evidence.pk}")
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        # Not before it is counted, or the file has not been opened yet.
        wait_for(OutboxMessage.objects.filter(pk=message.pk, attempts=attempt).exists, 60, "an attempt", own)
        own.kill_child(worker)
        wait_for(lambda: not is_locked(f"outbox:{message.pk}"), 20, "the release", own)
        OPEN.filter(pk=message.pk).update(next_publish_at=timezone.now())


@pytest.mark.full
def test_poison_ends_after_three_attempts_and_holds_up_nobody(own: Pipeline, open_round: Any, cast: Any) -> None:
    own.start_relay()
    worker = own.start_worker()
    latencies(own, cast, 2)
    calm = latencies(own, cast, 20)
    deadly = hand_in(cast.ana, 1)
    kill_at_each_attempt(own, worker, deadly[0])
    deadly += hand_in(cast.ana, 1)
    kill_at_each_attempt(own, worker, deadly[1])
    poison = [
        jobs.enqueue("accounts.send_notice", 0, "password_changed", key=f"p{n}", queue="mail")[0] for n in range(18)
    ]
    sick = latencies(own, cast, 20)
    own.finish(120)
    dead = OutboxMessage.objects.exclude(dead_at=None)
    wanted = {message.pk for message in poison} | set(dead.filter(key__in=keys(deadly)).values_list("pk", flat=True))
    attempts = sorted(set(dead.values_list("attempts", flat=True)))
    alerts = own.mails()[OPERATOR]
    slower = statistics.median(sick) / statistics.median(calm)
    lost = 20 - dead.count()
    record_proof("poison", runs=20, lost=lost, duplicated=alerts - 20, attempts=attempts, slower=round(slower, 2))
    assert set(dead.values_list("pk", flat=True)) == wanted
    assert (lost, alerts, attempts) == (0, 20, [3])
    assert slower < 2
