"""A case that was erased after the backup stays erased when the backup comes back (B27, T50 of the design)."""

import dataclasses
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from core.testing import record_proof
from oas_trafficking.launcher import backups
from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.stack import Stack

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
CASES, EACH, STATES = 250, 40, 5


def test_what_was_erased_since_the_backup_does_not_come_back(capfd: Any) -> None:
    """The oldest and the newest backup, restored on servers of their own beside the keys as they are today."""
    began = time.monotonic()
    with Stack(Place.temporary(), use_given_servers=False) as full:
        full.start_servers()
        for command in ("migrate", "load_states", "prepare_sealed"):
            full.manage(command, as_owner=True)
        _run(full, "tests.victims.seed", CASES)
        oldest = backups.make(full, full.place.var / "oldest")
        _run(full, "tests.victims.erase", EACH)
        newest = backups.make(full, full.place.var / "newest")
        assert _count(full) == (EACH * STATES, (CASES - EACH * STATES) * 3, 0)
        came_back = {}
        for name, made in {"oldest": dataclasses.replace(oldest, keys=newest.keys), "newest": newest}.items():
            capfd.readouterr()
            with Stack(Place.temporary(), use_given_servers=False) as empty:
                assert backups.restore(empty, made) == 0
                assert _count(empty) == (EACH * STATES, (CASES - EACH * STATES) * 3, 0)
            said = capfd.readouterr().out
            came_back[name] = int(re.findall(r"(\d+) came back in the backup", said)[0])
            assert " 0 faults" in said
    record_proof(
        "erased_stays_erased",
        erased=EACH * STATES,
        restores=len(came_back),
        came_back_in_oldest=came_back["oldest"],
        recoverable=0,
        seconds=round(time.monotonic() - began),
    )
    assert came_back == {"oldest": EACH * STATES, "newest": 0}


def _run(stack: Stack, module: str, number: int) -> None:
    env = {**stack.env, **stack.sealed_environment(), "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings"}
    subprocess.run([sys.executable, "-m", module, str(number)], cwd=ROOT, env=env, check=True)


@contextmanager
def _superuser(stack: Stack) -> Iterator[Any]:
    socket, secret = str(stack.place.sockets), stack.place.secret("postgres")
    connection = psycopg2.connect(host=socket, user="postgres", password=secret, dbname="portal")
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        assert Path(cursor.fetchone()[0]) == stack.place.var / "pg"  # our own server, and no other
        yield cursor
    connection.close()


def _count(stack: Stack) -> tuple[int, int, int]:
    """Erased cases, keys of records, and rows or keys that an erased case still has."""
    left = " UNION ALL ".join(
        f"SELECT 1 FROM {table} x JOIN sealed.case_file c ON c.state = x.state AND c.id = x.{column}"
        " WHERE c.status = 'erased'"
        for table, column in {
            "sealed.identity": "id",
            "sealed.entry": "case_id",
            "sealed.consent": "case_id",
            "sealed.disposal": "case_id",
            "sealed.legal_hold": "case_id",
            "sealed.referral_origin": "case_id",
            "keys.record_key": "record",
        }.items()
    )
    with _superuser(stack) as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM sealed.case_file WHERE status = 'erased' AND facts IS NULL),"
            f" (SELECT count(*) FROM keys.record_key), (SELECT count(*) FROM ({left}) x)"
        )
        erased, keys, remains = cursor.fetchone()
    return erased, keys, remains
