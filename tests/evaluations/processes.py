"""A worker and a relay of the test's own: its database, its own names in the broker, its own folder."""

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

ROOT = Path(__file__).resolve().parents[2]
WORKER = ["-m", "celery", "-A", "oas_trafficking.celery", "worker", "-Q", "documents", "--pool", "prefork", "-c", "1"]
RELAY = ["manage.py", "relay", "--interval", "0.2"]


class Stack:
    """Started processes are killed at the end, whatever happens, and only those."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.prefix = folder, f"test-{uuid.uuid4().hex}:"
        self.running: list[subprocess.Popen[bytes]] = []

    def environment(self) -> dict[str, str]:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        return {
            **os.environ,
            "DATABASE_URL": url.geturl(),
            "OAS_VAR": str(self.folder),
            "OAS_BROKER_PREFIX": self.prefix,
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

    def log(self) -> str:
        return (self.folder / "processes.log").read_text(encoding="utf-8", errors="replace")[-4000:]


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    own = Stack(folder)
    try:
        yield own
    finally:
        for process in list(own.running):
            own.kill(process)
        broker = redis.Redis.from_url(settings.REDIS_URL)
        for key in broker.scan_iter(f"{own.prefix}*"):
            broker.delete(key)
        broker.close()


def wait_for(condition: Callable[[], bool], seconds: float, what: str, own: Stack) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen in {seconds} s\n{own.log()}"
        time.sleep(0.05)
