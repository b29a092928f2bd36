"""Evaluations of the demonstration are written while their database is killed, and for longer than a delivery lasts.

B69 and B73 of the threat model, with the launcher's own portal: its web, its relay, its worker of two children.
"""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from core.testing import record_proof
from oas_trafficking.launcher.stack import Stack, free_port
from tests.system.outages import ask, kill, start_again, status, until
from tests.system.places import lasting_place, own_stack

pytestmark = [pytest.mark.full, pytest.mark.timeout(3600)]
RUNS = 20
BUILD_SECONDS = 600
# For the broker a delivery that has not been answered within one second is lost, and is made again.
SHORT_DELIVERY = {"OAS_VISIBILITY_TIMEOUT": "1"}
ASK_FOR = """
from accounts.models import User
from evaluations import services
from workplan.models import Round
denise = User.objects.get(email="denise@oas.example")
earlier, later = (Round.objects.get(code=code) for code in ("2012-2", "2013-1"))
for number in range({first}, {first} + {count}):
    made = services.create_evaluation(
        round=later, compared_round=earlier, symbol=f"RTP-IV/doc.{{number}}/14", original_language="es",
        languages=["es"], actor=denise,
    )
    print("job", services.request_build(evaluation=made, actor=denise).public_id)
"""
OUTCOME = """
import json
from core.models import AuditEvent, Job
from evaluations.enums import DocumentFormat
from evaluations.models import Document, StatePaper
found = dict(lost=0, duplicated=0)
for job in Job.objects.filter(public_id__in={jobs}).select_related("snapshot__evaluation"):
    wanted = len(DocumentFormat.values), len(job.snapshot.evaluation.states), 1
    events = AuditEvent.objects.filter(verb="evaluation.built", data__job=str(job.public_id))
    made = [rows.count() for rows in (
        Document.objects.filter(snapshot__job=job), StatePaper.objects.filter(snapshot__job=job), events,
    )]
    found["lost"] += job.state != "done" or any(there < asked for there, asked in zip(made, wanted))
    found["duplicated"] += any(there > asked for there, asked in zip(made, wanted))
print(json.dumps(found))
"""
OPEN = "SELECT count(*) FROM core_job WHERE public_id = ANY(%s::uuid[]) AND finished_at IS NULL"
# A build whose lock is held is in the middle of its work. The worker's two children write two at a time, and each blow
# hits both: none falls while one of them is in its third attempt, its last.
AT_WORK = """SELECT count(*) FROM core_outboxmessage message JOIN core_job job ON job.id = message.job_id
    WHERE job.public_id = ANY(%s::uuid[]) AND job.done >= 1 AND message.done_at IS NULL
    AND NOT EXISTS (SELECT FROM core_outboxmessage WHERE done_at IS NULL AND dead_at IS NULL AND attempts >= 3)
    AND EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND (classid::bigint << 32 | objid::bigint) =
        ('x' || left(encode(sha256(('outbox:' || message.id)::bytea), 'hex'), 16))::bit(64)::bigint)"""
# What the library does when a worker comes up, and then every hundred seconds.
HAND_OUT_AGAIN = """
from oas_trafficking.celery import app
with app.connection_for_read() as connection:
    connection.default_channel.qos.restore_visible()
"""
Portal = tuple[Stack, int]


@pytest.fixture
def portal() -> Iterator[Portal]:
    port = free_port()
    with lasting_place(populated=True) as place, own_stack(place) as stack:
        stack.env |= SHORT_DELIVERY
        stack.prepare_data()
        stack.start_portal(port)
        yield stack, port


def ask_for(stack: Stack, count: int, first: int = 100) -> list[str]:
    """Jobs of as many builds: in Spanish, in all formats, with the papers of all States."""
    said = stack.manage("shell", "-c", ASK_FOR.format(count=count, first=first))
    return re.findall(r"^job (\S+)$", said, re.MULTILINE)


def at_work(stack: Stack, jobs: list[str]) -> bool:
    return bool(ask(stack, AT_WORK, jobs))


def processes(stack: Stack) -> list[int]:
    kept = ("web", "worker", "relay")
    return [child.process.pid for child in stack.supervisor.children if child.service.name in kept]


def until_in_the_midst(stack: Stack, jobs: list[str], moments: random.Random) -> None:
    """At work, and after a moment at work still."""
    for _try in range(100):
        until(True, lambda: at_work(stack, jobs), BUILD_SECONDS)
        time.sleep(moments.uniform(0, 0.5))
        if at_work(stack, jobs):
            return
    raise AssertionError("no build is at work")


def outcome(stack: Stack, jobs: list[str]) -> dict[str, int]:
    said = stack.manage("shell", "-c", OUTCOME.format(jobs=jobs))
    return dict(json.loads(said.strip().splitlines()[-1]))


def test_builds_survive_a_database_that_is_killed(portal: Portal) -> None:
    stack, port = portal
    moments, slowest, wrong = random.Random(20141204), 0.0, list[int]()
    jobs = ask_for(stack, RUNS + 4)
    before = processes(stack)
    for _number in range(RUNS):
        until_in_the_midst(stack, jobs, moments)
        kill(stack, "postgres")
        wrong += [code for code in (status(port), status(port)) if code != 503]
        start_again(stack, "postgres")
        slowest = max(slowest, until(200, lambda: status(port)))
    until(0, lambda: ask(stack, OPEN, jobs), 4 * BUILD_SECONDS)
    found = outcome(stack, jobs)
    attempts = ask(stack, "SELECT sum(attempts) FROM core_outboxmessage WHERE task = 'evaluations.build'")
    more = {"attempts": int(attempts), "wrong_answers": len(wrong), "slowest_recovery": round(slowest, 1)}
    record_proof("evaluation_database_kills", runs=RUNS, **found, **more)
    assert (found, wrong) == ({"lost": 0, "duplicated": 0}, [])
    assert attempts >= len(jobs) + RUNS - 2  # each blow cost a build an attempt, but for those that fell as one ended
    assert processes(stack) == before


def test_a_build_longer_than_its_delivery_is_done_once(portal: Portal) -> None:
    stack, _port = portal
    jobs = list[str]()
    for number in range(RUNS):
        asked = ask_for(stack, 1, 100 + number)
        until(True, lambda asked=asked: at_work(stack, asked), BUILD_SECONDS)
        time.sleep(1.2)
        stack.manage("shell", "-c", HAND_OUT_AGAIN)
        until(0, lambda asked=asked: ask(stack, OPEN, asked), BUILD_SECONDS)
        jobs += asked
    found, handed_again = outcome(stack, jobs), deliveries_made_again(stack)
    attempts = ask(stack, "SELECT max(attempts) FROM core_outboxmessage WHERE task = 'evaluations.build'")
    record_proof("longer_than_delivery", runs=RUNS, **found, handed_again=handed_again, attempts=int(attempts))
    assert (found, attempts, handed_again) == ({"lost": 0, "duplicated": 0}, 1, RUNS)


def deliveries_made_again(stack: Stack) -> int:
    """Builds whose one message came to the workers more than once."""
    log = stack.supervisor.log_of("worker").read_text()
    return sum(times > 1 for times in Counter(re.findall(r"evaluations\.build\[(\S+)\] received", log)).values())
