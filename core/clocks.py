"""The database's clock is the one that counts. How far from it this process is, told by each new connection."""

import time
from contextlib import suppress
from datetime import UTC, date
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db import Error as DatabaseTrouble
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

# Two machines may differ by so many seconds; the doctor complains much earlier.
APART_SECONDS = 60.0
_known = {"apart": 0.0}


def today_by_utc() -> date:
    """The day by which rights are judged: by the time zone that somebody chose, theirs would last longer."""
    return timezone.now().astimezone(UTC).date()


def measure(connection: BaseDatabaseWrapper | None = None) -> float:
    """Seconds between the database and this process, whichever is ahead."""
    with (connection or connections[DEFAULT_DB_ALIAS]).cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        _known["apart"] = abs(float(cursor.fetchone()[0]) - time.time())
    return _known["apart"]


def measure_at_connection(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of connection_created. A connection lasts a minute, so a clock that jumps is noticed by then."""
    if connection.alias == DEFAULT_DB_ALIAS:
        measure(connection)


def measure_at_start() -> None:
    """Before the first request, and without a connection that a forked process would inherit."""
    with suppress(DatabaseTrouble):
        connections[DEFAULT_DB_ALIAS].ensure_connection()
    connections[DEFAULT_DB_ALIAS].close()


def is_wrong() -> bool:
    """Whether this process must not say who is signed in, nor which link is still good. A clock that was set right
    is believed at once."""
    try:
        return _known["apart"] > APART_SECONDS and measure() > APART_SECONDS
    except DatabaseTrouble:
        return True
