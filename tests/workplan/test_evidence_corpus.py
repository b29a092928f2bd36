"""Every hostile file goes the whole way: form, quarantine, scanner, sandbox, page. None does harm or breaks a page."""

import io
import os
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import OutboxMessage
from core.sandbox import MEMORY_BYTES, SECONDS
from core.sanitize import safe_copy
from core.sanitize.kinds import Refused
from core.testing import record_proof
from tests.core.clamd_peer import Peer
from tests.core.test_sanitize import visible_bytes
from tests.factories.files import CANARY, EICAR, HOSTILE
from workplan import tasks
from workplan.models import Evidence, Report, ReportEntry

# What makes a file act when it is opened; none of it may be left in anything that is given out.
ACTIVE = (
    CANARY.encode(),
    EICAR,
    b"/JavaScript",
    b"/Launch",
    b"/EmbeddedFile",
    b"/OpenAction",
    b"/XFA",
    b"<script",
    b"<!DOCTYPE",
    b"<!ENTITY",
    b"vbaProject",
    b"DDEAUTO",
    b"javascript:",
    b"file:",
    b"attachedTemplate",
    b"XInclude",
)


def harm_in(evidence: Evidence) -> list[str]:
    """Why a copy is dangerous to whoever opens it; empty where it is not."""
    with evidence.served.open() as file:
        content = file.read()
    unpacked = visible_bytes(evidence.kind, content)
    found = [mark.decode("latin-1") for mark in ACTIVE if mark in unpacked or mark in content]
    if evidence.kind == "csv" and re.search(r'(?m)(?:^|[;\t])"?[=+@]', content.decode()):
        found.append("formula")
    if evidence.kind != "pdf" and zipfile.is_zipfile(io.BytesIO(content)) != (evidence.kind in {"docx", "xlsx", "odt"}):
        found.append("two formats")
    try:
        safe_copy(evidence.kind, content)
    except Refused as refusal:
        found.append(f"refused when handed in again: {refusal}")
    if any(character in evidence.original_name for character in '/\\\r\n\0"\u202e'):
        found.append("name")
    return found


def upload(client: Client, entry: ReportEntry, name: str, content: bytes) -> int:
    address = reverse("evidence_add", args=[entry.report.reference, entry.activity.code])
    file = SimpleUploadedFile("placeholder", content)
    file._name = name  # as a hostile client would write it, past the class that cleans names
    data = {"file": file, "type": "law", "title": "", "language": "es", "visibility": "secretariat"}
    return client.post(address, data).status_code


@pytest.mark.full
@pytest.mark.timeout(600)
def test_no_hostile_file_does_harm(client: Client, cast: Any, open_round: Any, settings: Any, tmp_path: Path) -> None:
    outcome, slowest, memory = hand_in(client, cast, settings, tmp_path, HOSTILE)
    assert len(HOSTILE) >= 200
    assert slowest < SECONDS
    record_proof(
        "upload_corpus",
        files=len(HOSTILE),
        harmful=0,
        seconds=round(slowest, 1),
        megabytes=memory // 2**20,
        **outcome,
    )


def test_no_file_of_a_sample_does_harm(
    client: Client, cast: Any, open_round: Any, settings: Any, tmp_path: Path
) -> None:
    infected = [sample for sample in HOSTILE if "eicar" in sample.name.lower()][:3]
    hand_in(client, cast, settings, tmp_path, [*infected, *HOSTILE[::8]])


def hand_in(
    client: Client, cast: Any, settings: Any, tmp_path: Path, samples: list[Any]
) -> tuple[dict[str, int], float, int]:
    """How many files ended where, the seconds the slowest took and the bytes the hungriest child held."""
    settings.MEDIA_ROOT = tmp_path / "media"
    report = Report.objects.get(reference="CR-2014-1")
    entries = cycle(report.entries.select_related("activity", "report__round", "report__state"))
    client.force_login(cast.ana)
    outcome: dict[str, int] = {"form": 0, "refused": 0, "infected": 0, "clean": 0}
    harmful: dict[str, list[str]] = {}
    slowest = 0.0
    with Peer() as peer, hungriest_child() as hungriest:
        settings.CLAMD = peer.address
        for sample in samples:
            content = sample.make()
            began = time.monotonic()
            status = upload(client, next(entries), sample.name, content)
            if status == 422:
                outcome["form"] += 1
                continue
            assert status == 302, (sample.name, status)
            evidence = Evidence.objects.latest("pk")
            message = OutboxMessage.objects.get(key=f"evidence:{evidence.pk}")
            if message.done_at is None:
                tasks.process_evidence(str(message.pk), *message.args)
            slowest = max(slowest, time.monotonic() - began)
            evidence.refresh_from_db()
            outcome[evidence.scan_state] += 1
            if evidence.is_served and (harm := harm_in(evidence)):
                harmful[sample.name] = harm
    memory = max(hungriest)
    assert harmful == {}
    assert sum(outcome.values()) == len(samples)
    assert outcome["infected"] >= 3
    assert 0 < memory < MEMORY_BYTES
    assert {page.status_code for page in pages_after(client, report)} == {200}
    return outcome, slowest, memory


@contextmanager
def hungriest_child() -> Iterator[list[int]]:
    """Bytes that children of the sandbox held at most. The kernel's figure for all children would be that of this
    process as well: a child begins as its copy."""
    held, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            held[0] = max(held[0], *map(peak_of, Path(f"/proc/{os.getpid()}/task").glob("*/children")), 0)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield held
    finally:
        over.set()
        thread.join()


def peak_of(children: Path) -> int:
    found = [0]
    with suppress(OSError):
        for pid in children.read_text().split():
            with suppress(OSError):
                process = Path(f"/proc/{pid}")
                if b"\0core." in (process / "cmdline").read_bytes():
                    peak = re.search(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
                    found.append(int(peak[1]) * 1024 if peak else 0)
    return max(found)


def pages_after(client: Client, report: Report) -> list[Any]:
    """The pages that show what became of them: no name or title breaks one."""
    return [client.get(entry.get_absolute_url()) for entry in report.entries.select_related("report", "activity")]


def test_the_measure_finds_harm(settings: Any, tmp_path: Path, cast: Any, open_round: Any) -> None:
    """The corpus test can fail: a file given out as it came is found harmful."""
    settings.MEDIA_ROOT = tmp_path
    by_name = {sample.name: sample for sample in HOSTILE}
    given = {"macro.docx": "docx", "open script.pdf": "pdf", "formula 0.csv": "csv", "tail.jpg": "jpeg"}
    for name, kind in given.items():
        (tmp_path / name).write_bytes(by_name[name].make())
        assert harm_in(Evidence(kind=kind, served=name, original_name=name)), name
