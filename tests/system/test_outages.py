"""The database and the broker killed again and again under a running portal: 503, back by itself, nothing lost.

Everything that is hurt was started here, in a place of its own; the process that is killed is the launcher's own child.
"""

import os
import random
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import psycopg2
import pytest

from core.testing import record_proof
from oas_trafficking.launcher import postgres
from oas_trafficking.launcher.place import Place
from oas_trafficking.launcher.stack import Stack, free_port

pytestmark = [pytest.mark.full, pytest.mark.timeout(2400)]
KILLS = {"postgres": 20, "valkey": 10}
EACH = 5  # pieces of work asked for before each blow
RECOVERY_SECONDS = 30
ASK = """INSERT INTO core_outboxmessage
    (id, task, queue, args, key, created_at, next_publish_at, attempts, last_error)
    SELECT gen_random_uuid(), 'accounts.send_notice', 'mail', jsonb_build_array(u.id, 'password_changed'),
        'outage-' || %s || '-' || n, now(), now(), 0, ''
    FROM generate_series(1, %s) n, (SELECT id FROM accounts_user LIMIT 1) u"""
OPEN = "SELECT count(*) FROM core_outboxmessage WHERE key LIKE 'outage-%' AND done_at IS NULL"
ASKED = "SELECT count(*) FROM core_outboxmessage WHERE key LIKE 'outage-%'"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, int]]:
    """Not a throw-away place: its servers would answer before the disk has it, which real ones never do."""
    port = free_port()
    var = tmp_path_factory.mktemp("portal")
    for folder in (var, *list(var.parents)[:2]):
        folder.chmod(0o711)  # as root, PostgreSQL's account has to pass through
    with Stack(Place(var), use_given_servers=False) as stack:
        stack.start_servers()
        stack.prepare_data()
        stack.env["OAS_DEBUG"] = "0"  # a developer's shell may say otherwise, and its error pages are always 500
        stack.start_portal(port)
        yield stack, port


def status(port: int, page: str = "/en/get-help/") -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def ask(stack: Stack, sql: str, *values: object) -> int:
    with psycopg2.connect(stack.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return int(cursor.fetchone()[0]) if cursor.description else cursor.rowcount


def kill(stack: Stack, name: str) -> None:
    child = next(child for child in stack.supervisor.children if child.service.name == name)
    assert child.process.poll() is None
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    stack.supervisor.children.remove(child)


def start_again(stack: Stack, name: str) -> None:
    if name == "postgres":
        postgres.Cluster(stack.place, stack.env).start(stack.supervisor)
    else:
        stack._redis_url()


def until(wanted: object, question: object, seconds: int = RECOVERY_SECONDS) -> float:
    began = time.monotonic()
    while question() != wanted:  # type: ignore[operator]
        assert time.monotonic() - began < seconds, f"not {wanted} within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_nothing_is_lost_and_it_comes_back(portal: tuple[Stack, int], name: str) -> None:
    stack, port = portal
    moments, slowest, wrong = random.Random(20121016), 0.0, []
    away = {503} if name == "postgres" else {200}  # readers need no broker
    for number in range(KILLS[name]):
        ask(stack, ASK, f"{name}{number}", EACH)
        time.sleep(moments.uniform(0, 1))
        kill(stack, name)
        wrong += [code for code in (status(port), status(port)) if code not in away]
        start_again(stack, name)
        slowest = max(slowest, until(200, lambda: status(port)))
    until(0, lambda: ask(stack, OPEN), 300)
    asked = ask(stack, ASKED.replace("outage-%", f"outage-{name}%"))
    lost = KILLS[name] * EACH - asked
    proof = {"postgres": "database_kills", "valkey": "broker_kills"}[name]
    record_proof(proof, runs=KILLS[name], lost=lost, wrong_answers=len(wrong), slowest_recovery=round(slowest, 1))
    assert (lost, wrong) == (0, [])
