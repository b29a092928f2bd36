"""The pipeline of jobs as processes of a test's own, with effects that can be counted: mails, and files checked."""

import email
import io
import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db.models import Count
from PIL import Image

from accounts.services import Invitee, invite
from core.models import AuditEvent, OutboxMessage
from tests.evaluations.processes import ROOT, Broker, Stack, wait_for
from workplan import services
from workplan.models import Evidence, Report
from workplan.services import EvidenceData

WORKER = (
    "worker -Q default,mail --pool prefork --loglevel INFO --without-mingle --without-gossip --without-heartbeat -c"
)
OPERATOR = "operator@example.org"
OPEN = OutboxMessage.objects.filter(done_at=None, dead_at=None)
numbers = itertools.count()


class Forked:
    """A process that the forks have started: it can be waited for and killed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def wait(self, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while Path(f"/proc/{self.pid}").exists():
            assert time.monotonic() < end, f"{self.pid} does not die"
            time.sleep(0.005)


class Pipeline(Stack):
    broker: Broker
    forks: "subprocess.Popen[str] | None" = None

    def environment(self) -> dict[str, str]:
        more = {"DJANGO_SETTINGS_MODULE": "tests.core.settings_pipeline", "OAS_OPERATORS": OPERATOR}
        return super().environment() | more

    def start_worker(self, children: int = 1) -> Forked:
        return self._fork(f"{WORKER} {children}")

    def start_relay(self, interval: float = 0.2) -> Forked:
        return self._fork(f"relay {interval}")

    def _fork(self, words: str) -> Forked:
        if self.forks is None:
            self.forks = self._start_forks()
        assert self.forks.stdin is not None
        assert self.forks.stdout is not None
        print(words, file=self.forks.stdin, flush=True)
        process = Forked(int(self.forks.stdout.readline()))
        self.running.append(process)  # type: ignore[arg-type]
        return process

    def _start_forks(self) -> "subprocess.Popen[str]":
        argv, pipe = [sys.executable, "-m", "tests.core.forks"], subprocess.PIPE
        with (self.folder / "processes.log").open("ab") as log:
            return subprocess.Popen(
                argv, cwd=ROOT, env=self.environment(), stdin=pipe, stdout=pipe, stderr=log, text=True
            )

    def in_broker(self, queue: str = "mail") -> int:
        """Messages that wait or are in a worker's hands."""
        client = self.broker.client()
        found = client.llen(f"{self.prefix}{queue}") + client.hlen(f"{self.prefix}unacked")
        client.close()
        return int(found)

    def mails(self) -> Counter[str]:
        """How many mails went to each address."""
        folder, found = self.folder / "mail", Counter[str]()
        for file in folder.glob("*.log") if folder.exists() else ():
            for text in file.read_text(encoding="utf-8").split("-" * 79):
                if to := email.message_from_string(text.strip())["To"]:
                    found[to] += 1
        return found

    def finish(self, seconds: float = 90) -> None:
        wait_for(lambda: not OPEN.exists(), seconds, "the end of all work", self)


@contextmanager
def pipeline(folder: Path) -> Iterator[Pipeline]:
    """Everything that was started is killed at the end; the broker is this test's own."""
    (folder / "broker").mkdir()
    broker = Broker(folder / "broker")
    broker.start()
    own = Pipeline(folder, broker)
    try:
        yield own
    finally:
        for process in list(own.running):
            os.kill(process.pid, signal.SIGCONT)
            own.kill(process)
        if own.forks is not None:
            own.forks.kill()
            own.forks.communicate(timeout=10)
        broker.kill()


# --- work whose effect is a mail -------------------------------------------------------------------


def invite_some(cast: Any, count: int) -> list[str]:
    """Invitations of one moment; the addresses that must get one mail each."""
    made = [f"guest-{next(numbers)}@example.org" for _ in range(count)]
    for address in made:
        invitee = Invitee(email=address, full_name="Nora", language="es")
        invite(actor=cast.beto, invitee=invitee, institution=cast.authority_cr, role="contributor")
    return made


def mail_outcome(own: Pipeline, asked: list[str]) -> tuple[int, int]:
    """(lost, duplicated)."""
    mails = own.mails()
    return sum(not mails[address] for address in asked), sum(max(mails[address] - 1, 0) for address in asked)


# --- work whose effect is a row, a file and an event of the trail ----------------------------------


def hand_in(actor: Any, count: int) -> list[Evidence]:
    """Files of a report that are checked by the worker, in a sandbox: half a second of work each."""
    entries = list(Report.objects.get(reference="CR-2014-1").entries.order_by("pk"))
    return [_hand_in(entries, next(numbers), actor) for _ in range(count)]


def _hand_in(entries: list[Any], number: int, actor: Any) -> Evidence:
    data = EvidenceData(type="statistics", title=f"Hoja {number}", language="es")
    picture = io.BytesIO()
    Image.new("RGB", (16, 16), (number % 256, number // 256, 0)).save(picture, "PNG")
    entry, name = entries[number % len(entries)], f"hoja-{number}.png"
    return services.attach_file(entry=entry, data=data, name=name, content=picture.getvalue(), actor=actor)


def check_outcome(handed: list[Evidence]) -> tuple[int, int]:
    """(lost, duplicated): a file without its verdict or its event, and events beyond the first."""
    wanted = [str(evidence.public_id) for evidence in handed]
    events = AuditEvent.objects.filter(verb="evidence.not_scanned", object_id__in=wanted)
    times = dict(events.values_list("object_id").annotate(times=Count("pk")))
    served = {str(pk) for pk in Evidence.objects.exclude(served="").values_list("public_id", flat=True)}
    lost = sum(pk not in served or pk not in times for pk in wanted)
    return lost, sum(max(times.get(pk, 0) - 1, 0) for pk in wanted)
