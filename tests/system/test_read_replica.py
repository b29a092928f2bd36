"""A standby that streams from the database of a running portal: figures come from it while it follows, no longer."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from core.testing import record_proof
from oas_trafficking.launcher import postgres
from oas_trafficking.launcher.stack import Stack, free_port
from oas_trafficking.launcher.supervisor import Child, Service
from tests.system.http_browser import Browser
from tests.system.places import lasting_place, own_stack
from tests.system.smoke import Walk

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
PORT = 5433
LAG = 8  # seconds
BELIEVED = 3.5  # for so long a process need not ask again
REST = 16  # nor for so long, once the standby was away
REQUESTS = 60
TOKEN = "token-of-the-scraper"


@dataclass
class Standby:
    stack: Stack
    child: Child | None = None

    @property
    def folder(self) -> Path:
        return self.stack.place.var / "standby"

    def url(self, role: str) -> str:
        place = self.stack.place
        return f"postgres://{role}:{place.secret(role)}@/portal?host={place.sockets}&port={PORT}"

    def copy(self) -> None:
        programs = postgres.binaries()
        source = self.stack.backup["DATABASE_REPLICATION_URL"].replace("/portal?", "/?")
        argv = [programs / "pg_basebackup", "-D", self.folder, "-d", source, "-R", "-X", "stream", "-c", "fast"]
        subprocess.run(list(map(str, argv)), check=True, capture_output=True, timeout=120)
        account = self.cluster.account
        for path in (self.folder, *self.folder.rglob("*")):
            account.give(path)

    @property
    def cluster(self) -> postgres.Cluster:
        return postgres.Cluster(self.stack.place, self.stack.env)

    def start(self) -> None:
        cluster, sockets = self.cluster, self.stack.place.sockets
        settings = [f"unix_socket_directories={sockets}", "listen_addresses=", "logging_collector=off", f"port={PORT}"]
        argv = [cluster.folder / "postgres", "-D", self.folder, *(f"-c{setting}" for setting in settings)]
        account = cluster.account
        service = Service(
            "standby", argv, cluster.env, stop_signal=signal.SIGINT, is_server=True,
            account=account.name, before_exec=account.before_exec,
        )  # fmt: skip
        self.child = self.stack.supervisor.start(service)
        wait_for(self.answers, 30)

    def answers(self) -> bool:
        try:
            return bool(self.ask("SELECT pg_is_in_recovery()"))
        except psycopg2.OperationalError:
            return False

    def ask(self, sql: str) -> Any:
        return ask(self.url("postgres"), sql)

    def kill(self) -> None:
        assert self.child is not None
        os.kill(self.child.process.pid, signal.SIGKILL)
        self.child.process.wait()
        self.stack.supervisor.children.remove(self.child)


def ask(url: str, sql: str, *values: object) -> Any:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchone()[0] if cursor.description else cursor.rowcount
    finally:
        connection.close()


def wait_for(question: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)


@dataclass
class Reader:
    """Denise of the Secretariat, and the name of a State as the dashboard tells it."""

    stack: Stack
    standby: Standby
    browser: Browser
    tally: Counter[str]

    def rename(self, name: str) -> None:
        """On the database itself."""
        ask(self.stack.owner_url, "UPDATE accounts_state SET name_en = %s WHERE iso2 = 'BZ'", name)

    def expect(self, name: str, path: str = "/en/dashboard/") -> None:
        page = self.browser.get(path, expect=None)
        self.tally["requests"] += 1
        self.tally["errors"] += page.status != 200
        self.tally["wrong"] += name not in page.body.decode()

    def counted(self, answer: str) -> int:
        """By the portal itself."""
        address = urllib.request.Request(f"{self.browser.base}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(address, timeout=30) as told:
            found = re.search(rf'portal_figure_reads_total{{answer="{answer}"}} (\d+)', told.read().decode())
        return int(found[1]) if found else 0

    def transactions(self) -> int:
        self.standby.ask("SELECT pg_stat_clear_snapshot()")
        return int(self.standby.ask("SELECT xact_commit FROM pg_stat_database WHERE datname = 'portal'"))


@pytest.fixture
def reader() -> Iterator[Reader]:
    port = free_port()
    with lasting_place(populated=True) as place, own_stack(place) as stack:
        stack.prepare_data()
        standby = Standby(stack)
        standby.copy()
        standby.start()
        metrics = place.var / "metrics"
        metrics.mkdir()
        stack.env |= {"DATABASE_REPLICA_URL": standby.url("oas_app"), "OAS_REPLICA_LAG_SECONDS": str(LAG)}
        stack.env |= {"OAS_METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
        stack.start_portal(port)
        yield Reader(stack, standby, Walk(f"http://localhost:{port}").sign_in("denise@oas.example", "en"), Counter())


def test_figures_come_from_the_standby_while_it_follows(reader: Reader) -> None:
    standby, stack = reader.standby, reader.stack
    reader.rename("Followed")
    time.sleep(BELIEVED)
    before = reader.transactions()
    for number in range(REQUESTS):
        reader.expect("Followed", "/en/dashboard/export.csv" if number % 3 == 2 else "/en/dashboard/")
    time.sleep(1.5)  # the server tells its figures once a second
    transactions = reader.transactions() - before
    assert (reader.counted("standby"), reader.counted("late"), reader.counted("away")) == (REQUESTS, 0, 0)
    refuses_to_write(standby)
    held_back(reader)
    gone_and_back(reader)
    promoted(reader)
    figures = {name: reader.tally[name] for name in ("requests", "wrong", "errors")}
    answers = {answer: reader.counted(answer) for answer in ("standby", "late", "away")}
    record_proof("read_replica", **figures, from_standby=answers["standby"], late=answers["late"], away=answers["away"])
    assert (reader.tally["wrong"], reader.tally["errors"]) == (0, 0)
    assert sum(answers.values()) == reader.tally["requests"]
    assert min(answers.values()) > 0
    assert transactions >= REQUESTS
    assert "oas_trafficking.views" not in stack.log_tail("web", 400)


def refuses_to_write(standby: Standby) -> None:
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        ask(standby.url("oas_app"), "DELETE FROM core_outboxmessage")


def held_back(reader: Reader) -> None:
    """Within the bound the page is the standby's, old as it is; beyond it the database's own."""
    time.sleep(BELIEVED)
    reader.standby.ask("SELECT pg_wal_replay_pause()")
    reader.rename("Newer")
    for _again in range(5):
        reader.expect("Followed")
    time.sleep(LAG + BELIEVED)
    for _again in range(10):
        reader.expect("Newer")
    reader.standby.ask("SELECT pg_wal_replay_resume()")
    time.sleep(BELIEVED)
    reader.expect("Newer")


def gone_and_back(reader: Reader) -> None:
    """Killed between and in the midst of requests: nobody is refused a page."""
    reader.standby.kill()
    reader.rename("Without it")
    for _again in range(10):
        reader.expect("Without it")
    reader.standby.start()
    time.sleep(REST)
    before = reader.transactions()
    for _again in range(10):
        reader.expect("Without it")
    time.sleep(1.5)
    assert reader.transactions() - before >= 10, "the standby is not used again"


def promoted(reader: Reader) -> None:
    """It answers as before, and what is written from now on is not in it."""
    time.sleep(BELIEVED)
    assert reader.standby.ask("SELECT pg_promote()")
    time.sleep(BELIEVED)
    reader.rename("Not in the other")
    for _again in range(10):
        reader.expect("Not in the other")
