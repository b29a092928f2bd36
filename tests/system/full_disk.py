"""Run by test_full_disk.py in a name space of its own: small file systems for files, database and broker, filled again
and again under a running portal. The last line of its output is one JSON object of figures.
"""

import hashlib
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2

from oas_trafficking.launcher import postgres
from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.stack import Stack, free_port
from tests.system.http_browser import Page
from tests.system.places import copy_populated, own_stack
from tests.system.smoke import Walk
from tests.system.uploader import Uploader

ROUNDS = 10
ROOM = {"media": 16, "pg": 160, "valkey": 12}  # megabytes beyond what is there
RECOVERY_SECONDS = 90
chance = random.Random(20140118)


class Small:
    """A file system of its own, and the file that fills it."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.ballast = folder, folder / ".ballast"
        aside = folder.with_name(f"{folder.name}.aside")
        folder.rename(aside) if folder.exists() else aside.mkdir(mode=0o700)
        folder.mkdir()
        used = int(subprocess.run(["du", "-sm", aside], capture_output=True, text=True, check=True).stdout.split()[0])
        size = f"size={used + megabytes}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
        subprocess.run(["cp", "-a", f"{aside}/.", folder], check=True)

    def fill(self) -> None:
        """To the last page."""
        for size in (1 << 20, 1 << 12):
            with suppress(OSError), self.ballast.open("ab", buffering=0) as file:
                while True:
                    file.write(b"\0" * size)

    def empty(self) -> None:
        self.ballast.unlink(missing_ok=True)

    @contextmanager
    def full(self) -> Iterator[None]:
        self.fill()
        try:
            yield
        finally:
            self.empty()


class Trial:
    def __init__(self, stack: Stack, place: Place, port: int) -> None:
        self.stack, self.place, self.port = stack, place, port
        self.wrong: list[str] = []
        self.kept: set[str] = set()  # digests of what the portal said it had taken
        self.restarts = 0
        self.slowest = 0.0

    def ask(self, sql: str, *values: object) -> Any:
        with psycopg2.connect(self.stack.owner_url) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchone()[0] if cursor.description else cursor.rowcount

    def until(self, question: Callable[[], bool], what: str) -> None:
        began = time.monotonic()
        while not self._holds(question):
            if time.monotonic() - began > RECOVERY_SECONDS:
                raise AssertionError(f"{what}: not within {RECOVERY_SECONDS} s; {self.wrong}")
            self.mend_like_a_supervisor()
            time.sleep(0.2)
        self.slowest = max(self.slowest, time.monotonic() - began)

    def _holds(self, question: Callable[[], bool]) -> bool:
        with suppress(psycopg2.Error, OSError, AssertionError):
            return question()
        return False

    def mend_like_a_supervisor(self) -> None:
        """What systemd does with a service that has stopped; nothing is done by hand."""
        for child in [child for child in self.stack.supervisor.children if child.is_dead]:
            self.stack.supervisor.children.remove(child)
            self.restarts += 1
            if child.service.name == "postgres":
                postgres.Cluster(self.place, self.stack.env).start(self.stack.supervisor)
            else:
                self.stack.supervisor.start(child.service)

    # --- the three disks ---

    def files(self, small: Small, ana: Uploader) -> None:
        """Refused with 503 and nothing kept; the same form goes through as soon as there is room."""
        with small.full():
            page, digest = ana.upload()
            self.note("files", page, 503)
        self.until(lambda: ana.again().status == 200, "the upload")
        self.kept.add(digest)

    def checks(self, small: Small, ana: Uploader) -> None:
        """Taken, and then there is no room for the copy that is given out: its check waits, and uses up no attempt."""
        page, digest = ana.upload()
        self.note("checks", page, 200)
        self.kept.add(digest)
        with small.full():
            time.sleep(chance.uniform(0, 3))

    def database(self, small: Small, ana: Uploader, *, log_too: bool) -> None:
        """Full of data, or down to the server's log, without which it stops and cannot start until there is room."""
        digest = ana.choose()
        with small.full():
            if log_too:
                self.use_up_the_log()
            page = ana.again()
            self.note("database", page, *([503] if log_too else [200, 503]))
        self.until(lambda: self.ask("SELECT 1") == 1, "the database")
        self.until(lambda: ana.again().status == 200, "the upload")
        self.kept.add(digest)

    def use_up_the_log(self) -> None:
        """Pieces of the log that were put by are written full; the next one finds no room."""
        with suppress(psycopg2.Error):
            for _ in range(1000):
                self.ask("SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000))")

    def broker(self, small: Small, ana: Uploader) -> None:
        """Nobody who uploads needs the broker: what it cannot take waits in the database."""
        with small.full():
            for _ in range(3):
                page, digest = ana.upload()
                self.note("broker", page, 200)
                self.kept.add(digest)
            time.sleep(1)

    def note(self, what: str, page: Page, *wanted: int) -> None:
        if page.status not in wanted:
            self.wrong.append(f"{what}: {page.status} instead of {wanted} at {page.url}")


def main(folder: Path) -> None:
    copy_populated(folder)
    place = Place(folder)
    small = {name: Small(folder / name, room) for name, room in ROOM.items()}
    port = free_port()
    with own_stack(place) as stack:
        stack.prepare_data()
        stack.start_portal(port)
        trial = Trial(stack, place, port)
        ana = Uploader(Walk(f"http://127.0.0.1:{port}").sign_in("ana@cr.example"))
        stack.manage("anchor_audit")  # as its clock has done on a portal that runs for more than ten minutes
        warned = "FAIL  disk" in doctor(stack)
        for _ in range(ROUNDS):
            trial.files(small["media"], ana)
            trial.checks(small["media"], ana)
            trial.broker(small["valkey"], ana)
        for number in range(ROUNDS):
            trial.database(small["pg"], ana, log_too=number % 2 == 0)
        trial.until(lambda: trial.ask(OPEN) == 0, "the end of all work")
        print(json.dumps({"doctor_warns": warned, **figures(trial, folder)}))


OPEN = "SELECT count(*) FROM core_outboxmessage WHERE done_at IS NULL AND dead_at IS NULL"


def doctor(stack: Stack) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor"], cwd=ROOT, env=stack.env, capture_output=True, text=True, check=False
    )
    return done.stdout


def figures(trial: Trial, folder: Path) -> dict[str, Any]:
    """What is on the disk and in the database at the end, compared with what the portal had said."""
    rows = dict(trial_rows(trial))
    media = [path for path in (folder / "media").rglob("*") if path.is_file()]
    halves = [path.name for path in media if path.name.startswith(".")]
    damaged = [path.name for path in media if path.stem != hashlib.sha256(path.read_bytes()).hexdigest()]
    audit = trial.stack.manage("verify_audit")
    dump = subprocess.run(
        [postgres.binaries() / "pg_dump", "-f", "/dev/null", "-Fp", trial.stack.backup["DATABASE_BACKUP_URL"]],
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "rounds": ROUNDS,
        "taken": len(trial.kept),
        "lost": len(trial.kept - set(rows)),
        "unchecked": sum(not served for digest, served in rows.items() if digest in trial.kept),
        "half_written": len(halves) + len(damaged),
        "dead_letters": trial.ask("SELECT count(*) FROM core_outboxmessage WHERE dead_at IS NOT NULL"),
        "trail_faults": int(re.findall(r"(\d+) faults", audit)[0]),
        "wrong_answers": trial.wrong,
        "restarts": trial.restarts,
        "slowest_recovery": round(trial.slowest, 1),
        "unreadable": dump.stderr[-300:],
    }


def trial_rows(trial: Trial) -> list[tuple[str, str]]:
    with psycopg2.connect(trial.stack.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT sha256, served FROM workplan_evidence")
        return list(cursor.fetchall())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
