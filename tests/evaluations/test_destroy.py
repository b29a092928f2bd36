"""Child, worker and broker killed again and again while evaluations are built: nothing lost, nothing twice.

Everything that is hurt here was started here: a broker that proves its own process, a database of the test runner.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.db import is_locked
from core.models import AuditEvent, Job, OutboxMessage
from core.testing import record_proof
from evaluations import services
from evaluations.models import Document, Evaluation, StatePaper
from tests.core.pipeline import OPEN, Pipeline, invite_some, pipeline
from tests.evaluations.processes import RELAY, WORKER, Broker, Stack, prove_own_database, stack, wait_for
from tests.evaluations.test_kill import check_files
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]
LANGUAGES, FORMATS = ("es", "en"), ("docx", "xlsx", "json")
DOCUMENTS = len(LANGUAGES) * len(FORMATS)
PAPERS = 5 * len(LANGUAGES)
Hurt = Callable[[Stack, Any], Any]  # does its harm and returns the worker that goes on


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


def ask_for(count: int, cast: Any) -> list[Job]:
    return [services.request_build(evaluation=evaluation, actor=cast.denise) for evaluation in define(count, cast)]


def define(count: int, cast: Any, **fields: Any) -> list[Evaluation]:
    only_a_few_take_part()
    first = make_evaluation(cast, accepted=3, submitted=1)
    return [
        services.create_evaluation(
            round=first.round,
            compared_round=first.compared_round,
            symbol=f"RTP-IV/doc.{100 + number}/14",
            original_language="es",
            actor=cast.denise,
            **{"languages": LANGUAGES, "formats": FORMATS, **fields},
        )
        for number in range(count)
    ]


def working() -> Job | None:
    """A build that somebody is at work on now and that may still be hurt: its third attempt is left alone.

    A job says "running" while it waits for the next worker, too; whose lock is held is in the middle of its work.
    """
    jobs = Job.objects.filter(state="running", done__gte=1, message__attempts__lte=2, message__done_at=None)
    return next((job for job in jobs.select_related("message") if is_locked(f"outbox:{job.message.pk}")), None)


def hurt_often(times: int, harm: Hurt, cast: Any, media: Path) -> SimpleNamespace:
    """As many builds as blows; each blow falls while one is being written."""
    prove_own_database(connection)
    broker = Broker(media)
    broker.start()
    jobs, moments, blows, in_papers = ask_for(times + 10, cast), random.Random(20141204), 0, 0
    with stack(media, broker) as own:
        own.start(RELAY)
        worker = own.start(WORKER)
        while blows < times and Job.objects.filter(finished_at=None).exists():
            # Every second blow falls while papers of States are written.
            if (job := working()) is None or (blows % 2 and job.stage != "papers"):
                time.sleep(0.01)
                continue
            time.sleep(moments.uniform(0, 0.1 if blows % 2 else 0.3))
            if (job := working()) is None:
                continue
            in_papers += job.stage == "papers"
            worker = harm(own, worker)
            blows += 1
            time.sleep(0.3)
        wait_for(lambda: not Job.objects.filter(finished_at=None).exists(), 900, "the end of all builds", own)
    assert blows == times
    if harm in (kill_child, kill_worker):  # each blow cost an attempt
        # A call for help that nobody had to answer has none.
        attempts = OutboxMessage.objects.filter(attempts__gte=1).values_list("attempts", flat=True)
        extra = sum(each - 1 for each in attempts)
        assert extra >= times
    assert in_papers >= times // 4
    check_files(media)
    found = outcome(jobs)
    found.in_papers = in_papers
    return found


def outcome(jobs: list[Job]) -> SimpleNamespace:
    found = SimpleNamespace(lost=0, duplicated=0)
    for job in Job.objects.filter(pk__in=[job.pk for job in jobs]):
        documents = Document.objects.filter(snapshot__job=job).count()
        built = AuditEvent.objects.filter(verb="evaluation.built", data__job=str(job.public_id)).count()
        papers = StatePaper.objects.filter(snapshot__job=job).count()
        found.lost += job.state != "done" or documents < DOCUMENTS or papers < PAPERS or built < 1
        found.duplicated += documents > DOCUMENTS or papers > PAPERS or built > 1
    return found


def kill_child(own: Stack, worker: Any) -> Any:
    own.kill_child(worker)
    return worker


def kill_worker(own: Stack, worker: Any) -> Any:
    own.kill(worker)
    return own.start(WORKER)


def flush_broker(own: Stack, worker: Any) -> Any:
    assert own.broker is not None
    own.broker.flush()
    return worker


def restart_broker(own: Stack, worker: Any) -> Any:
    """kill -9, and an empty one in its place."""
    assert own.broker is not None
    own.broker.prove_own()
    own.broker.kill()
    own.broker.start()
    return worker


def starve_broker(own: Stack, worker: Any) -> Any:
    """No memory until somebody was refused: the relay cannot publish, the worker cannot note what it took."""
    assert own.broker is not None
    own.broker.prove_own()
    client = own.broker.client()
    before = refusals(client)
    client.config_set("maxmemory", 1)
    wait_for(lambda: refusals(client) > before, 60, "a refusal", own)
    time.sleep(0.5)
    client.config_set("maxmemory", 0)
    client.close()
    assert worker.poll() is None
    return worker


def refusals(client: Any) -> int:
    return int(client.info("errorstats").get("errorstat_OOM", {}).get("count", 0))


@pytest.mark.parametrize(
    ("proof", "harm", "runs"),
    [
        ("child_kills", kill_child, 50),
        ("worker_kills", kill_worker, 50),
        ("broker_flushes", flush_broker, 10),
        ("broker_restarts", restart_broker, 10),
        ("broker_without_memory", starve_broker, 10),
    ],
)
def test_nothing_is_lost_or_doubled(proof: str, harm: Hurt, runs: int, cast: Any, media: Path) -> None:
    found = hurt_often(runs, harm, cast, media)
    record_proof(proof, runs=runs, lost=found.lost, duplicated=found.duplicated, in_papers=found.in_papers)
    assert (found.lost, found.duplicated) == (0, 0)


def test_two_hundred_kills_between_commit_and_publish(cast: Any, media: Path) -> None:
    """A build is asked for, and the relay is killed at any moment of its next pass (B71)."""
    prove_own_database(connection)
    kills, moments, points = 200, random.Random(20141205), Counter[str]()
    made = define(kills, cast, languages=["es"], formats=["json"], with_papers=False)
    with pipeline(media) as own:
        own.start_worker()
        worker = own.start(WORKER)
        for evaluation in made:
            points[kill_the_relay(own, worker, cast, evaluation, moments)] += 1
        own.start_relay()
        wait_for(lambda: not Job.objects.filter(finished_at=None).exists(), 900, "the end of all builds", own)
    built = Counter(AuditEvent.objects.filter(verb="evaluation.built").values_list("object_id", flat=True))
    files = Counter(Document.objects.values_list("snapshot__evaluation", flat=True))
    lost = sum(not built[str(evaluation.public_id)] or not files[evaluation.pk] for evaluation in made)
    duplicated = sum(built[str(evaluation.public_id)] > 1 or files[evaluation.pk] > 1 for evaluation in made)
    record_proof("evaluation_commit_gap", runs=kills, lost=lost, duplicated=duplicated, **points)
    assert (lost, duplicated) == (0, 0)
    assert points["before"] + points["published"] >= 10, points


def kill_the_relay(own: Pipeline, worker: Any, cast: Any, evaluation: Evaluation, moments: random.Random) -> str:
    """The crash point. The worker is stopped meanwhile, so that what was published can be counted."""
    relay = own.start_relay(0.02)
    invite_some(cast, 1)  # once that is on its way the relay has come up
    wait_for(lambda: not OPEN.filter(next_publish_at__lte=timezone.now()).exists(), 30, "the relay", own)
    os.kill(worker.pid, signal.SIGSTOP)
    waiting, job = own.in_broker("documents"), services.request_build(evaluation=evaluation, actor=cast.denise)
    time.sleep(moments.uniform(0, 0.05))
    own.kill(relay)
    published = own.in_broker("documents") > waiting
    marked = OPEN.filter(job=job, next_publish_at__gt=timezone.now()).exists()
    os.kill(worker.pid, signal.SIGCONT)
    return "marked" if marked else "published" if published else "before"


# Instead of the relay: what is open is sent three times at once, again and again.
THRICE = """
import time, django
django.setup()
from core.models import OutboxMessage
from oas_trafficking.celery import app
while True:
    for message in OutboxMessage.objects.filter(done_at=None, dead_at=None, queue="documents"):
        for _time in range(3):
            app.send_task(message.task, args=[str(message.id), *message.args], queue=message.queue)
    time.sleep(0.3)
"""


def test_what_is_delivered_three_times_at_once_is_done_once(cast: Any, media: Path) -> None:
    """Three workers and every message of the outbox three times over: the build, its languages, its papers (B72)."""
    prove_own_database(connection)
    runs, broker = 20, Broker(media)
    broker.start()
    made, jobs = define(runs, cast), list[Job]()
    with stack(media, broker) as own:
        own.start(["-c", THRICE])
        for _number in range(3):
            own.start(WORKER)
        for evaluation in made:  # one after the other, so that there are hands for the languages and the papers
            jobs.append(services.request_build(evaluation=evaluation, actor=cast.denise))
            wait_for(lambda: not Job.objects.filter(finished_at=None).exists(), 300, "the end of a build", own)
    found = outcome(jobs)
    tasks = OutboxMessage.objects.filter(queue="documents", attempts__gte=1).values_list("task", flat=True)
    record_proof(
        "thrice", runs=runs, lost=found.lost, duplicated=found.duplicated, tasks=sorted(set(tasks)),
        attempts=max(OutboxMessage.objects.filter(queue="documents").values_list("attempts", flat=True)),
    )  # fmt: skip
    assert (found.lost, found.duplicated) == (0, 0)
    assert set(tasks) == {services.KIND, "evaluations.write_language", "evaluations.write_paper"}


def test_poison_ends_in_dead_letters_with_an_alert_each(cast: Any, media: Path) -> None:
    """A message whose evaluation is gone fails each time: three attempts, then it is over; a sound one goes through."""
    prove_own_database(connection)
    runs, broker = 20, Broker(media)
    broker.start()
    sound = ask_for(1, cast)[0]
    for number in range(runs):
        job = services.jobs.create_job(kind=services.KIND, actor=cast.denise)
        nobody = f"00000000-0000-4000-8000-{number:012d}"
        services.jobs.enqueue(services.KIND, nobody, key=f"poison:{number}", queue="documents", job=job)
    with stack(media, broker) as own:
        own.start(RELAY)
        own.start(WORKER)
        wait_for(lambda: not Job.objects.filter(finished_at=None).exists(), 600, "the end of all jobs", own)
    poison = OutboxMessage.objects.filter(key__startswith="poison:")
    alerts = OutboxMessage.objects.filter(task="core.send_alert")
    lost = runs - poison.exclude(dead_at=None).filter(attempts=3).count()
    record_proof("poison", runs=runs, lost=lost, duplicated=alerts.count() - runs)
    assert (lost, alerts.count()) == (0, runs)
    assert Evaluation.objects.get(job=sound).snapshot is not None
