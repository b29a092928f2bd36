"""Figures that may be seconds old, read from a standby where one follows (docs/adr/0173)."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections, models
from django.utils import timezone
from prometheus_client import Counter

from core.db import consistent_reads, place_in_log, replayed

ALIAS = "replica"
STANDBY, LATE, AWAY = "standby", "late", "away"
BELIEVED_SECONDS = {STANDBY: 3.0, LATE: 3.0, AWAY: 15.0}  # one that is gone costs its patience each time it is asked
LAST_BYTES_SECONDS = 0.1
READS = Counter("portal_figure_reads_total", "Reads a standby may answer: by it, or why not by it", ["answer"])
log = logging.getLogger("core.replica")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Standing:
    """How the standby is: everything committed until `complete_at`, by the database's clock, is there."""

    answer: str
    complete_at: datetime | None = None
    behind: float = 0.0
    until: float = 0.0  # of the monotonic clock: asked again afterwards


_known = Standing(STANDBY)
_moment: ContextVar[datetime | None] = ContextVar("replica_moment", default=None)


def is_configured() -> bool:
    return bool(settings.REPLICA_DATABASE)


def moment() -> datetime:
    """What is read here is complete until then."""
    return _moment.get() or timezone.now()


def read(question: Callable[[], Answer]) -> Answer:
    """The answer of the standby, or of the database itself where there is none to be trusted.

    A standby may break off in the midst of a question, which is then asked again: it must change nothing, and its
    answer must hold rows, no query that is still to be made.
    """
    if not is_configured() or _moment.get():
        return question()
    standing = standing_now()
    if standing.complete_at:
        try:
            with _reading(standing.complete_at):
                answer = question()
        except Error as error:
            standing = _lost(error)
        else:
            READS.labels(STANDBY).inc()
            return answer
    READS.labels(standing.answer).inc()
    return question()


@contextmanager
def _reading(complete_at: datetime) -> Iterator[None]:
    """One moment of the standby for all queries."""
    mark = _moment.set(complete_at)
    try:
        with consistent_reads(ALIAS):
            yield
    finally:
        _moment.reset(mark)


class ReplicaRouter:
    """Inside `read` alone models come from the standby; nothing is ever written there."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return ALIAS if _moment.get() else self.db_for_write(model, **hints)

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str | None:
        """A row of the standby goes on with the database itself, where Django would stay with the standby."""
        instance = hints.get("instance")
        return DEFAULT_DB_ALIAS if instance is not None and instance._state.db == ALIAS else None

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool | None:
        """They are the same rows."""
        return True if {one._state.db, other._state.db} == {ALIAS, DEFAULT_DB_ALIAS} else None

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool | None:
        return False if database == ALIAS else None


# --- how far it is --------------------------------------------------------------------------------


def standing_now() -> Standing:
    """As this process knows it; asked every few seconds, and only by whoever reads."""
    return _known if time.monotonic() < _known.until else examine()


def examine() -> Standing:
    """By the database's place in its log, not by the age of the last change: nights without one are no delay."""
    place, now = place_in_log()
    try:
        return _note(*_compared(place, now))
    except Error as error:
        return _lost(error)


def _compared(place: str, now: datetime) -> tuple[str, datetime | None, float]:
    """Both times are of the database's clock."""
    follows, is_there, last = replayed(ALIAS, place)
    if not is_there:  # the last bytes may be on their way
        time.sleep(LAST_BYTES_SECONDS)
        follows, is_there, last = replayed(ALIAS, place)
    if not follows:
        return AWAY, None, 0.0
    complete_at = now if is_there else last
    if complete_at is None or now - complete_at > timedelta(seconds=settings.REPLICA_LAG_SECONDS):
        return LATE, None, (now - complete_at).total_seconds() if complete_at else 0.0
    return STANDBY, complete_at, (now - complete_at).total_seconds()


def _lost(error: Error) -> Standing:
    connections[ALIAS].close()
    return _note(AWAY, None, 0.0, error=type(error).__name__)


def _note(answer: str, complete_at: datetime | None, behind: float, **figures: object) -> Standing:
    global _known
    if answer != _known.answer:
        say = log.info if answer == STANDBY else log.warning
        say("Figures: %s", answer, extra={"figures": {"behind": round(behind, 1), **figures}})
    _known = Standing(answer, complete_at, behind, time.monotonic() + BELIEVED_SECONDS[answer])
    return _known
