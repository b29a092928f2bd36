"""./portal drill on servers of its own: everything comes back, and nothing is sent a second time."""

import re
import subprocess
import sys
import time
from typing import Any

import psycopg2
import pytest

from core.testing import record_proof
from oas_trafficking.launcher import backups
from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.stack import Stack

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
OPEN_MAIL = """INSERT INTO core_outboxmessage
    (id, task, queue, args, key, created_at, next_publish_at, attempts, last_error)
    VALUES (gen_random_uuid(), 'core.send_alert', 'mail', '["x"]', 'drill', now(), now(), 0, '')"""
CASES = 60


def test_a_whole_portal_comes_back(capfd: Any) -> None:
    began = time.monotonic()
    with (
        Stack(Place.temporary(), use_given_servers=False) as full,
        Stack(Place.temporary(), use_given_servers=False) as empty,
    ):
        full.start_servers()
        full.prepare_data()
        _seed_cases(full)
        _execute(full, OPEN_MAIL)
        full.manage("anchor_audit")
        capfd.readouterr()
        code = backups.drill(full, empty)
        said = capfd.readouterr().out
        assert code == 0, said
        waiting = _execute(empty, "SELECT count(*) FROM core_outboxmessage WHERE done_at IS NULL AND dead_at IS NULL")
    rows, tables, different = map(int, re.findall(r"rows +(\d+) in (\d+) tables, (\d+) tables differ", said)[0])
    keys, closed = map(int, re.findall(r"(\d+) keys of records tried, (\d+) do not open", said)[0])
    figures = {"rows": rows, "different": different, "tables": tables, "keys": keys, "keys_closed": closed}
    record_proof("restore_drill", **figures, resent=waiting, seconds=round(time.monotonic() - began))
    assert (different, closed, waiting) == (0, 0, 0)
    assert keys >= CASES
    assert " 0 faults" in said
    assert "1 were open in the backup and are held" in said


def _seed_cases(stack: Stack) -> None:
    env = {**stack.env, **stack.sealed_environment(), "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings"}
    subprocess.run([sys.executable, "-m", "tests.victims.seed", str(CASES)], cwd=ROOT, env=env, check=True)


def _execute(stack: Stack, sql: str) -> int:
    with psycopg2.connect(stack.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0]) if cursor.description else cursor.rowcount
