"""The outbox protocol, on real transactions and two connections."""

import errno
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from core import jobs
from core.db import is_locked
from core.models import AuditEvent, Job, OutboxMessage
from core.tasks import send_alert

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def message(cast: Any) -> OutboxMessage:
    job = jobs.create_job(kind="evaluations.build", actor=cast.denise, total=4)
    return jobs.enqueue("evaluations.build", "nothing", key="one", queue="documents", job=job)[0]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the relay would send; the broker itself is in the kill test."""
    sent: list[str] = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda name, args, queue: sent.append(f"{queue}:{args[0]}"))
    return sent


def in_another_session(work: Callable[[], None]) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def test_same_key_asks_once(message: OutboxMessage) -> None:
    again, created = jobs.enqueue("evaluations.build", "other", key="one")
    assert (again.pk, created) == (message.pk, False)
    assert OutboxMessage.objects.count() == 1


def test_rolled_back_request_asks_nothing(cast: Any) -> None:
    def request() -> None:
        jobs.enqueue("evaluations.build", key="lost")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transaction.atomic(request)()
    assert not OutboxMessage.objects.exists()


def test_message_is_published_until_done(message: OutboxMessage, published: list[str]) -> None:
    assert jobs.publish_due() == 1
    assert jobs.publish_due() == 0  # not due again yet
    OutboxMessage.objects.update(next_publish_at=timezone.now() - timedelta(seconds=1))
    assert jobs.publish_due() == 1
    with jobs.claim(str(message.pk)) as claimed:
        assert claimed is not None
        assert jobs.finish(claimed)
    OutboxMessage.objects.update(next_publish_at=timezone.now() - timedelta(seconds=1))
    assert jobs.publish_due() == 0
    assert published == [f"documents:{message.pk}"] * 2


def test_finished_message_cannot_be_claimed_or_finished_again(message: OutboxMessage) -> None:
    with jobs.claim(str(message.pk)) as claimed:
        assert claimed is not None
        assert jobs.finish(claimed)
        assert not jobs.finish(claimed)
    with jobs.claim(str(message.pk)) as again:
        assert again is None
    job = Job.objects.get()
    assert (job.state, job.done, job.is_over) == ("done", 4, True)


def test_one_worker_at_a_time(message: OutboxMessage, published: list[str]) -> None:
    seen: list[Any] = []

    def second() -> None:
        with jobs.claim(str(message.pk)) as claimed:
            seen.append(claimed)
        jobs.publish_due()

    with jobs.claim(str(message.pk)) as first:
        assert first is not None
        in_another_session(second)
    assert seen == [None]
    assert published == []  # nothing is published while somebody works on it
    assert OutboxMessage.objects.get().attempts == 1


def test_looking_at_a_lock_does_not_take_it(message: OutboxMessage) -> None:
    """The relay looks in its transaction; a worker that claims in the same moment must succeed."""
    name = f"outbox:{message.pk}"
    seen: list[Any] = []

    def claim() -> None:
        with jobs.claim(str(message.pk)) as claimed:
            seen.append(claimed)
            assert is_locked(name)

    with transaction.atomic():
        assert not is_locked(name)
        in_another_session(claim)
    assert seen == [message]
    assert not is_locked(name)


def test_an_attempt_that_fails_late_takes_nothing_from_the_next(message: OutboxMessage) -> None:
    """Its connection went, and its lock with it; by the time it notices another has begun."""
    with jobs.claim(str(message.pk)) as claimed:
        assert claimed is not None
        OutboxMessage.objects.update(attempts=2, last_error="of the next")
        raise OperationalError
    message.refresh_from_db()
    assert (message.attempts, message.last_error) == (2, "of the next")


def test_error_leaves_the_message_open_and_the_third_ends_it(message: OutboxMessage, published: list[str]) -> None:
    for attempt in (1, 2, 3):
        with jobs.claim(str(message.pk)) as claimed:
            assert claimed is not None
            raise ValueError("secret words")
        row = OutboxMessage.objects.get()
        assert (row.attempts, row.last_error, row.done_at) == (attempt, "ValueError", None)
    OutboxMessage.objects.update(next_publish_at=timezone.now() - timedelta(seconds=1))
    assert jobs.publish_due() == 0
    assert OutboxMessage.objects.get(pk=message.pk).dead_at is not None
    job = Job.objects.get()
    assert (job.state, job.error_code) == ("failed", "gave_up")


def test_dead_letter_leaves_a_trace_and_tells_the_operators_once(
    message: OutboxMessage, published: list[str], settings: Any, mailoutbox: list[Any]
) -> None:
    settings.ADMINS = [("Operator", "operator@example.org")]
    OutboxMessage.objects.update(attempts=3, last_error="ValueError")
    assert [jobs.publish_due() for _pass in range(3)] == [0, 1, 0]  # buried, and then the alert is published
    alert = OutboxMessage.objects.exclude(pk=message.pk).get()
    send_alert(str(alert.pk), *alert.args)
    send_alert(str(alert.pk), *alert.args)
    assert [mail.to for mail in mailoutbox] == [["operator@example.org"]]
    assert "evaluations.build" in mailoutbox[0].body
    assert AuditEvent.objects.filter(verb="job.gave_up").count() == 1


def test_alert_that_cannot_be_sent_raises_no_other(message: OutboxMessage, published: list[str]) -> None:
    jobs.enqueue(jobs.ALERT, str(message.pk), key="alert", queue="mail")
    OutboxMessage.objects.filter(key="alert").update(attempts=3)
    jobs.publish_due()
    assert OutboxMessage.objects.count() == 2


def test_lost_connection_still_notes_the_failure(message: OutboxMessage) -> None:
    with jobs.claim(str(message.pk)) as claimed:
        assert claimed is not None
        connection.connection.close()  # as when the server restarts
        OutboxMessage.objects.count()
    row = OutboxMessage.objects.get()
    assert row.attempts == 1
    assert row.last_error in {"InterfaceError", "OperationalError"}
    assert not is_locked(f"outbox:{message.pk}")


def test_cancelled_job_is_closed_and_its_result_refused(
    message: OutboxMessage, cast: Any, published: list[str]
) -> None:
    with jobs.claim(str(message.pk)) as claimed:
        assert claimed is not None
        in_another_session(lambda: jobs.cancel_job(job=Job.objects.get(), actor=cast.denise) and None)
        assert jobs.is_cancelled(Job.objects.get())
        assert not jobs.finish(claimed)
    OutboxMessage.objects.update(next_publish_at=timezone.now() - timedelta(seconds=1))
    assert jobs.publish_due() == 0
    assert Job.objects.get().state == "cancelled"
    assert not jobs.cancel_job(job=Job.objects.get(), actor=cast.denise)
    assert AuditEvent.objects.filter(verb="job.cancelled").count() == 1


def test_progress_of_a_finished_job_is_left_alone(message: OutboxMessage) -> None:
    job = Job.objects.get()
    jobs.cancel(job)
    jobs.report_progress(job, stage="pdf", stage_number=3, stage_count=5, done=2, total=4)
    job.refresh_from_db()
    assert (job.state, job.stage, job.done) == ("cancelled", "", 0)


def test_a_worker_refuses_to_work_behind_a_pool(message: OutboxMessage, settings: Any) -> None:
    settings.POOLED = True
    with pytest.raises(ImproperlyConfigured, match="OAS_POOLED"), jobs.claim(str(message.pk)):
        pass


def test_a_full_disk_uses_up_no_attempt(message: OutboxMessage) -> None:
    for _ in range(jobs.MAX_ATTEMPTS + 1):
        with jobs.claim(str(message.pk)) as claimed:
            assert claimed is not None
            raise OSError(errno.ENOSPC, "No space left on device")
    message.refresh_from_db()
    assert (message.attempts, message.last_error, message.dead_at) == (0, "OSError", None)
    assert message.next_publish_at > timezone.now() + timedelta(seconds=20)
