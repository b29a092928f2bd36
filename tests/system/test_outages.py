"""The database and the broker killed again and again under a running portal: 503, back by itself, nothing lost.

Everything that is hurt was started here, in a place of its own; the process that is killed is the launcher's own child.
"""

import random
import time
from collections.abc import Iterator

import psycopg2
import pytest

from core.testing import record_proof
from oas_trafficking.launcher.stack import Stack, free_port
from tests.system.outages import ask, kill, start_again, status, until
from tests.system.places import lasting_place, own_stack

pytestmark = [pytest.mark.full, pytest.mark.timeout(2400)]
KILLS = {"postgres": 20, "valkey": 10}
EACH = 5  # files to be checked at each blow
# Handed in beforehand and held back, because the database that is killed could not take them in the midst of it.
HAND_IN = """
from accounts.models import User
from core.models import OutboxMessage
from tests.core.pipeline import hand_in
made = hand_in(User.objects.get(email="ana@cr.example"), {count})
held = OutboxMessage.objects.filter(key__in=[f"evidence:{{evidence.pk}}" for evidence in made])
held.update(next_publish_at="9999-01-01T00:00:00Z")
print(" ".join(f"{{evidence.pk}}:{{evidence.public_id}}" for evidence in made))
"""
RELEASE = "UPDATE core_outboxmessage SET next_publish_at = now() WHERE key = ANY(%s)"
OPEN = "SELECT count(*) FROM core_outboxmessage WHERE key = ANY(%s) AND done_at IS NULL"
TIMES = """SELECT wanted,
    (SELECT count(*) FROM core_auditevent WHERE verb = 'evidence.not_scanned' AND object_id = wanted)
    FROM unnest(%s::text[]) wanted"""


@pytest.fixture(scope="module")
def portal() -> Iterator[tuple[Stack, int]]:
    port = free_port()
    with lasting_place(populated=True) as place, own_stack(place) as stack:
        stack.prepare_data()
        stack.start_portal(port)
        yield stack, port


def hand_in(stack: Stack, count: int) -> tuple[list[str], list[str]]:
    """Files of Ana's report that wait for their check: keys of the messages, ids in the trail."""
    made = stack.manage("shell", "-c", HAND_IN.format(count=count)).strip().splitlines()[-1].split()
    return [f"evidence:{pair.split(':')[0]}" for pair in made], [pair.split(":")[1] for pair in made]


def finish(stack: Stack, keys: list[str]) -> None:
    """Each file meets one blow, or some would use up their attempts. The pause before the next one is cut short."""
    ask(stack, RELEASE, keys)
    until(0, lambda: ask(stack, OPEN, keys), 120)


def outcome(stack: Stack, ids: list[str]) -> tuple[int, int]:
    """(lost, duplicated): files whose check left no event of the trail, and events beyond the first."""
    with psycopg2.connect(stack.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(TIMES, [ids])
        times = dict(cursor.fetchall())
    return sum(not times[pk] for pk in ids), sum(max(times[pk] - 1, 0) for pk in ids)


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_nothing_is_lost_and_it_comes_back(portal: tuple[Stack, int], name: str) -> None:
    stack, port = portal
    moments, slowest, wrong = random.Random(20121016), 0.0, []
    away = {503} if name == "postgres" else {200}  # readers need no broker
    keys, ids = hand_in(stack, KILLS[name] * EACH)
    for number in range(KILLS[name]):
        now = keys[number * EACH : (number + 1) * EACH]
        ask(stack, RELEASE, now)
        time.sleep(moments.uniform(0, 1.5))
        kill(stack, name)
        wrong += [code for code in (status(port), status(port)) if code not in away]
        start_again(stack, name)
        slowest = max(slowest, until(200, lambda: status(port)))
        finish(stack, now)
    until(0, lambda: ask(stack, OPEN, keys), 300)
    lost, duplicated = outcome(stack, ids)
    proof = {"postgres": "database_kills", "valkey": "broker_kills"}[name]
    more = {"wrong_answers": len(wrong), "slowest_recovery": round(slowest, 1)}
    record_proof(proof, runs=KILLS[name], lost=lost, duplicated=duplicated, files=len(ids), **more)
    assert (lost, duplicated, wrong) == (0, 0, [])
