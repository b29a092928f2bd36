"""Back to the second before a mistake: a base backup, the server's log, and a place without anything."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from core.backup import tables
from core.testing import record_proof
from oas_trafficking.env import database_from_url
from oas_trafficking.launcher import backups
from oas_trafficking.launcher.console import LaunchError
from oas_trafficking.launcher.stack import Stack
from tests.system.places import lasting_place, own_stack

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
# What the recovery itself writes: its own event, and the mails it holds.
WRITTEN_BY_RECOVERY = {"public.core_auditevent", "public.core_audithead", "public.core_outboxmessage"}
ASK = """INSERT INTO core_outboxmessage
    (id, task, queue, args, key, created_at, next_publish_at, attempts, last_error)
    VALUES (gen_random_uuid(), 'core.send_alert', 'mail', '["x"]', %s, now(), now(), 0, '')"""
MISTAKE = "TRUNCATE workplan_reportentry CASCADE"


def execute(stack: Stack, sql: str, *values: object) -> Any:
    with psycopg2.connect(stack.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchone()[0] if cursor.description else cursor.rowcount


def figures(stack: Stack) -> tables.Figures:
    with tables.reading(database_from_url(stack.backup["DATABASE_BACKUP_URL"])) as cursor:
        return tables.figures(cursor)


@pytest.fixture
def full() -> Iterator[Stack]:
    with lasting_place(archives=True, populated=True) as place, own_stack(place) as stack:
        stack.prepare_data()
        yield stack


def test_the_second_before_a_mistake_comes_back(full: Stack, tmp_path: Path) -> None:
    made = backups.make(full, tmp_path / "nightly")
    kept = tmp_path / "kept"
    backups.make_base(full, kept)
    for number in range(3):
        execute(full, ASK, f"after-the-base-{number}")
    before = figures(full)
    time.sleep(1.1)
    until = datetime.now(UTC)
    time.sleep(1.1)
    execute(full, MISTAKE)
    execute(full, ASK, "after-the-mistake")
    assert figures(full) != before
    full.supervisor.stop()  # the last piece of the log is laid down as the server goes
    backups.ship_log(full, kept)
    assert list(full.place.log_spool.iterdir()) == []
    nothing_is_readable(kept)
    made = backups.Made(kept, made.keys, made.identity, made.keys_identity)
    began = time.monotonic()
    with lasting_place(archives=True) as place, Stack(place, use_given_servers=False) as empty:
        empty.env["DJANGO_SETTINGS_MODULE"] = "oas_trafficking.settings"
        assert backups.restore_until(empty, made, until) == 0
        check(before, empty, time.monotonic() - began)
    refuse_a_moment_that_was_not_logged(made)


def nothing_is_readable(kept: Path) -> None:
    for path in (path for path in kept.rglob("*") if path.is_file()):
        assert path.read_bytes().startswith(b"age-encryption.org/v1"), path


def check(before: tables.Figures, empty: Stack, seconds: float) -> None:
    after = figures(empty)
    different = [name for name in tables.different(before, after) if name not in WRITTEN_BY_RECOVERY]
    rows = sum(rows for rows, _ in before.values())
    keys = execute(empty, "SELECT count(*) FROM core_outboxmessage WHERE key LIKE 'after-%%' AND %s", True)
    waiting = execute(
        empty, "SELECT count(*) FROM core_outboxmessage WHERE queue = 'mail' AND dead_at IS NULL AND done_at IS NULL"
    )
    record_proof("point_in_time", rows=rows, different=len(different), resent=waiting, seconds=round(seconds))
    assert different == []
    assert (keys, waiting) == (3, 0)
    assert after["public.core_auditevent"][0] == before["public.core_auditevent"][0] + 1
    assert execute(empty, "SELECT NOT pg_is_in_recovery()")
    assert execute(empty, ASK, "work-goes-on") == 1


def refuse_a_moment_that_was_not_logged(made: backups.Made) -> None:
    tomorrow = datetime.fromtimestamp(time.time() + 86_400, UTC)
    with (
        lasting_place() as place,
        Stack(place, use_given_servers=False) as late,
        pytest.raises(LaunchError, match="does not reach to that moment"),
    ):
        backups.restore_until(late, made, tomorrow)
