"""Outbox, relay and progress: a task happens exactly once in effect, whatever dies in between.

A service writes an outbox row in its own transaction (`enqueue`). The relay publishes rows until the
database says done. A task opens the row with `claim`, works, and writes its result and `finish` in one
transaction. Attempts are counted in the database: after MAX_ATTEMPTS the row is dead and the job failed.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from celery import current_app, current_task
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import Promise

from core import audit
from core.db import is_locked, session_lock
from core.files import is_full
from core.models import Job, JobFile, OutboxMessage
from core.querysets import JOB_FOLLOWERS

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
ALERT = "core.send_alert"
# A published message that nobody has claimed by then is published again: the broker may have lost it.
REPUBLISH_AFTER = timedelta(seconds=20)
FULL_DISK_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True)
class JobKind:
    """How the page of a job speaks of it. Registered by the app whose task it is."""

    title: "str | Promise"  # heading of the page
    back_text: "str | Promise"  # the words of its link back
    stages: Sequence[tuple[str, "str | Promise"]]  # code and label, in order
    template: str  # what the job makes, under its progress
    context: Callable[[Job, Any], dict[str, Any]]  # of a user; for that template, and back_url, subject, facts
    result: Callable[[Job, Any], str] = lambda job, user: ""  # where the API gives what it made, once it is made


KINDS: dict[str, JobKind] = {}


def register_kind(name: str, kind: JobKind, *, may_follow: Callable[[Any], bool]) -> None:
    KINDS[name] = kind
    JOB_FOLLOWERS[name] = may_follow


def enqueue(
    task: str, *args: Any, key: str, queue: str = "default", job: Job | None = None, after: timedelta | None = None
) -> tuple[OutboxMessage, bool]:
    """Ask for a task inside the current transaction; (message, created). The same key asks only once.

    `after`: not before so long from now.
    """
    fields = {"task": task, "args": list(args), "queue": queue, "job": job}
    when = {"next_publish_at": Now() + after} if after else {}
    return OutboxMessage.objects.get_or_create(key=key, defaults={**fields, **when})


def enqueue_all(task: str, arguments: Iterable[Sequence[Any]], *, queue: str = "default") -> None:
    """Ask for a task many times, once for each list of arguments, which is its key."""
    rows = [
        OutboxMessage(task=task, args=list(args), key=":".join([task, *map(str, args)]), queue=queue)
        for args in arguments
    ]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)


def enqueue_again(task: str, pks: Iterable[int], *, name: str) -> int:
    """Ask anew for work on rows that still wait though nothing asks for it any more: its attempts had run out.

    Returns how many. `name` begins the key.
    """
    asked = OutboxMessage.objects.filter(task=task, done_at=None, dead_at=None)
    open_ids = {args[0] for args in asked.values_list("args", flat=True)}
    again = [pk for pk in pks if pk not in open_ids]
    for pk in again:
        enqueue(task, pk, key=f"{name}:{pk}:{timezone.now():%Y%m%d%H%M}")
    return len(again)


def create_job(*, kind: str, actor: AbstractBaseUser, total: int = 0) -> Job:
    return Job.objects.create(kind=kind, created_by_id=actor.pk, total=total)


def publish_due(limit: int = 50) -> int:
    """One pass of the relay: publish what is due and not being worked on. Returns how many were published."""
    with transaction.atomic():
        due = OutboxMessage.objects.select_for_update(skip_locked=True).filter(
            done_at=None, dead_at=None, next_publish_at__lte=Now()
        )
        messages = [m for m in due.order_by("next_publish_at")[:limit] if not _bury_if_exhausted(m)]
        for message in messages:
            current_app.send_task(message.task, args=[str(message.id), *message.args], queue=message.queue)
        ids = [message.pk for message in messages]
        OutboxMessage.objects.filter(pk__in=ids).update(next_publish_at=Now() + REPUBLISH_AFTER)
        return len(ids)


def _bury_if_exhausted(message: OutboxMessage) -> bool:
    """True where the message must not be published now: its work is running, or it is dead from here on."""
    if is_locked(_lock_name(message.pk)):
        return True
    if message.attempts < MAX_ATTEMPTS:
        return False
    OutboxMessage.objects.filter(pk=message.pk).update(dead_at=Now())
    _update_job(message, state=Job.State.FAILED, error_code="gave_up", finished_at=Now())
    logger.error("Dead letter: %s %s after %s attempts", message.task, message.pk, message.attempts)
    _alert(message)
    return True


def _alert(message: OutboxMessage) -> None:
    """A trace, and a mail to those who run the portal; an alert that cannot be sent raises no other."""
    data = {"task": message.task, "attempts": message.attempts, "error": message.last_error}
    audit.record(system="relay", verb="job.gave_up", obj=message, data=data)
    if message.task != ALERT:
        enqueue(ALERT, str(message.pk), key=f"alert:{message.pk}", queue="mail")


def _update_job(message: OutboxMessage, **fields: Any) -> None:
    """A job that is over (cancelled, say) keeps its end."""
    if message.job_id is not None:
        Job.objects.filter(pk=message.job_id, finished_at=None).update(updated_at=Now(), **fields)


def _lock_name(message_id: Any) -> str:
    return f"outbox:{message_id}"


@contextmanager
def claim(message_id: str) -> Iterator[OutboxMessage | None]:
    """Open a message for work. None: done, dead, gone, or in another worker's hands; the task then stops quietly.

    An error leaves the row open for the next attempt and is logged here once, without its data.
    """
    with session_lock(_lock_name(message_id)) as taken:
        message = _start_attempt(message_id) if taken else None
        try:
            yield message
        except Exception as error:
            if message is None:
                raise
            _note_failure(message, error)


def _start_attempt(message_id: str) -> OutboxMessage | None:
    with transaction.atomic():
        still_open = OutboxMessage.objects.filter(done_at=None, dead_at=None, attempts__lt=MAX_ATTEMPTS)
        locked = still_open.select_for_update(of=("self",)).select_related("job")
        message = locked.filter(pk=message_id).first()
        if message is None or not _is_as_written(message):
            return None
        message.attempts += 1
        message.save(update_fields=["attempts"])
        if message.job is not None and message.job.finished_at is not None:
            return None
        _update_job(message, state=Job.State.RUNNING, started_at=Now())
        return message


def _is_as_written(message: OutboxMessage) -> bool:
    """Whether the task that runs is the one of the row, with its arguments: whoever reaches the broker can write
    messages, but not rows."""
    if not current_task:
        return True  # not in a task: a test, or somebody at a shell
    request = current_task.request
    came = (current_task.name, list(request.args or ()), request.kwargs)
    if came == (message.task, [str(message.pk), *message.args], {}):
        return True
    logger.error("Forged message: task %s came with the row %s", current_task.name, message.pk)
    return False


def _note_failure(message: OutboxMessage, error: Exception) -> None:
    logger.error("Task %s failed, attempt %s", message.task, message.attempts, exc_info=error)
    connection.close_if_unusable_or_obsolete()  # the error may have been the loss of the connection
    tried, wait = message.attempts, timedelta(seconds=2**message.attempts)
    if is_full(error):
        # No attempt of its own: the work would be given up before anybody has made room.
        tried, wait = message.attempts - 1, FULL_DISK_PAUSE
    # An attempt that lost its connection notices late: another may have begun since, and its count stands.
    OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts).update(
        attempts=tried, last_error=type(error).__name__, next_publish_at=Now() + wait
    )


def finish(message: OutboxMessage) -> bool:
    """Mark the message and its job done; call it in the transaction that writes the result.

    False: another delivery finished first, and the caller must roll its own result back.
    """
    done = OutboxMessage.objects.filter(pk=message.pk, done_at=None).update(done_at=Now())
    if done:
        _update_job(message, state=Job.State.DONE, done=F("total"), finished_at=Now())
    return bool(done)


@transaction.atomic
def try_again(*, message: OutboxMessage, actor: AbstractBaseUser) -> bool:
    """A piece of work that was given up gets its attempts back. False: it was not, or a job's page offers it anew."""
    dead = OutboxMessage.objects.filter(pk=message.pk, job=None, done_at=None).exclude(dead_at=None)
    taken = dead.update(dead_at=None, attempts=0, last_error="", next_publish_at=Now())
    if taken:
        audit.record(actor=actor, verb="job.tried_again", obj=message, data={"task": message.task})
    return bool(taken)


@transaction.atomic
def revive(*, job: Job, actor: AbstractBaseUser) -> bool:
    """A job that was given up goes on with what it had written: its message gets its attempts back. False: it was not
    given up. Who may ask for it is for the service of the app whose work it is. Message before job, as in finish()."""
    dead = OutboxMessage.objects.filter(job=job, done_at=None).exclude(dead_at=None)
    taken = dead.update(dead_at=None, attempts=0, last_error="", next_publish_at=Now())
    if taken:
        again = {"state": Job.State.QUEUED, "error_code": "", "started_at": None, "finished_at": None}
        Job.objects.filter(pk=job.pk, state=Job.State.FAILED).update(updated_at=Now(), **again)
        audit.record(actor=actor, verb="job.tried_again", obj=job, data={"task": job.kind})
    return bool(taken)


def report_progress(
    job: Job,
    *,
    stage: str,
    stage_number: int,
    stage_count: int,
    done: int,
    total: int,
    in_stage: tuple[int, int] = (0, 0),
) -> None:
    """Write the progress row; a no-op on a job that is over (cancelled meanwhile). `in_stage`: done and total of it."""
    stage_done, stage_total = in_stage
    Job.objects.filter(pk=job.pk, finished_at=None).update(
        stage=stage,
        stage_number=stage_number,
        stage_count=stage_count,
        done=done,
        total=total,
        stage_done=stage_done,
        stage_total=stage_total,
        updated_at=Now(),
    )


def is_cancelled(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, state=Job.State.CANCELLED).exists()


@transaction.atomic
def cancel_job(*, job: Job, actor: AbstractBaseUser) -> bool:
    """The service of the page: cancel, and leave a trace. False: it was over already."""
    stopped = cancel(job)
    if stopped:
        audit.record(actor=actor, verb="job.cancelled", obj=job, data={"kind": job.kind})
    return stopped


@transaction.atomic
def cancel(job: Job) -> bool:
    """Stop a job that is not over; the worker sees it at its next step, and its result can no longer be written."""
    # Left open, the relay would publish the message again until it counts as a dead letter. Message before job,
    # as in finish(): the same order everywhere, so that nobody deadlocks.
    OutboxMessage.objects.filter(job=job, done_at=None).update(done_at=Now())
    stopped = Job.objects.filter(pk=job.pk, finished_at=None).update(
        state=Job.State.CANCELLED, finished_at=Now(), updated_at=Now()
    )
    return bool(stopped)


@transaction.atomic
def sweep_files() -> int:
    """Files made for one person go after a day. Returns how many."""
    over = list(JobFile.objects.over().select_for_update(skip_locked=True))
    JobFile.objects.filter(pk__in=[row.pk for row in over]).delete()
    kept = set(JobFile.objects.filter(file__in=[row.file.name for row in over]).values_list("file", flat=True))
    for row in over:
        if row.file.name not in kept:  # files are named by their content: another job may have made the same
            transaction.on_commit(partial(row.file.storage.delete, str(row.file.name)))
    return len(over)
