"""Workers, relay and web by clocks that are ten minutes and a day off, in both directions (B75)."""

import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.enums import SEEN, STARTED
from core import doctor
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
        faked = {"LD_PRELOAD": faketime(), "FAKETIME": f"{self.shift:+d}s", "DONT_FAKE_MONOTONIC": "1"}
        faked |= {"NO_FAKE_STAT": "1"}  # the web asks the times of its workers' files
        return super().environment() | (faked if self.shift else {})


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
    asked, handed, sessions = [], [], Counter[str]()
    for shift in SHIFTS:
        other = by_another_clock(own, shift)
        try:
            other.start_worker()
            other.start_relay()
            for _ in range(ROUNDS):
                asked += invite_some(cast, 4)
                handed += hand_in(cast.ana, 2)
                own.finish(60)
            sessions.update(sessions_on_a_shifted_web(other, cast))
        finally:
            stop(other)
    early = [*mail_outcome(own, asked), *check_outcome(handed)]
    lost, duplicated = early[0] + early[2], early[1] + early[3]
    record_proof("clock_skew", runs=ROUNDS * len(SHIFTS), lost=lost, duplicated=duplicated, **sessions)
    assert (lost, duplicated, sessions["sessions_over_long"], sessions["webs_not_ready"]) == (0, 0, 0, len(SHIFTS))


def sessions_on_a_shifted_web(other: Shifted, cast: Any) -> dict[str, int]:
    """Sessions that are over and open a page all the same: no balancer asks a web that says it is not ready."""
    port = free_port()
    web = ["-m", "gunicorn", "oas_trafficking.wsgi:application", "--no-control-socket", "--threads", "2"]
    other.start([*web, "--bind", f"127.0.0.1:{port}"])
    base = f"http://127.0.0.1:{port}"
    wait_for(lambda: status(f"{base}/health/live/") == 200, 60, "the web", other)
    limit = django_settings.SESSION_ABSOLUTE_LIMIT.total_seconds()
    idle = django_settings.SESSION_IDLE_LIMIT.total_seconds()
    now = time.time()
    over = ((now - limit - 1, now), (now - 2 * idle, now - idle - 1), (now - DAY, now - DAY))
    used = sum(status(base + reverse("home"), session_of(cast.ana, *stamps)) == 200 for stamps in over)
    is_ready = status(f"{base}/health/ready/") == 200
    return {"sessions_over_long": used * is_ready, "webs_not_ready": not is_ready, "kept_where_not_ready": used}


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
def test_a_session_of_the_future_is_over(client: Client, cast: Any, wrong_clock: Any) -> None:
    client.force_login(cast.ana)
    wrong_clock(-30)
    assert client.get(reverse("home")).status_code == 200
    wrong_clock(-MINUTES)
    answer = client.get(reverse("home"))
    assert (answer.status_code, reverse("account_login") in answer.url) == (302, True)
