"""Run by test_two_machines.py in name spaces of its own: two machines with a web and a worker each, and a third with
the database and the broker. The last line of its output is one JSON object of figures.
"""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg2

from oas_trafficking.launcher.place import PYTHON, Place
from oas_trafficking.launcher.stack import BIN, GUNICORN, WORKER, Stack
from oas_trafficking.launcher.supervisor import Service
from tests.system.places import copy_populated, own_stack
from tests.system.smoke import Walk
from tests.system.uploader import Uploader

SERVER = "10.77.0.1"
MACHINES = {"one": "10.77.0.2", "two": "10.77.0.3"}
UPLOADS, READS = 40, 100


def run(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def lay_cables() -> None:
    """A bridge on the server, and a cable from it to each machine."""
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "middle", "type", "bridge")
    run("ip", "addr", "add", f"{SERVER}/24", "dev", "middle")
    run("ip", "link", "set", "middle", "up")
    for name, address in MACHINES.items():
        run("ip", "netns", "add", name)
        run("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "cable", "netns", name)
        run("ip", "link", "set", f"to-{name}", "master", "middle", "up")
        run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", "cable")
        for device in ("cable", "lo"):
            run("ip", "-n", name, "link", "set", device, "up")


def forward(port: int, path: Path) -> None:
    """What a server's own port would do: the embedded ones listen on sockets of the file system alone."""
    listening = socket.create_server((SERVER, port), backlog=64)

    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, target):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def accept() -> None:
        while True:
            caller, _ = listening.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(path))
            for ends in ((caller, server), (server, caller)):
                threading.Thread(target=pump, args=ends, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def environment(stack: Stack) -> dict[str, str]:
    app = urlsplit(stack.env["DATABASE_URL"])
    return {
        **stack.env,
        "OAS_HOSTS": ",".join(MACHINES.values()),
        "DATABASE_URL": f"postgres://{app.username}:{quote(app.password or '')}@{SERVER}:5432/portal",
        "REDIS_URL": f"redis://{SERVER}:6379/0",
    }


def start_machine(stack: Stack, name: str, address: str) -> None:
    there = ["ip", "netns", "exec", name]
    env = environment(stack)
    parts: dict[str, list[Any]] = {
        "web": [BIN / "gunicorn", *GUNICORN, "--bind", f"{address}:8000"],
        "worker": [BIN / "celery", "-A", "oas_trafficking.celery", *WORKER, "--hostname", f"worker@{name}"],
        "relay": [PYTHON, "manage.py", "relay"],
    }
    for part, argv in parts.items():
        stack.supervisor.start(Service(f"{part}-{name}", [*there, *argv], env))


def ask(stack: Stack, sql: str) -> int:
    with psycopg2.connect(stack.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def until(question: Any, what: str, stack: Stack, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() > end or stack.supervisor.dead_child():
            logs = {child.service.name: stack.log_tail(child.service.name, 5) for child in stack.supervisor.children}
            raise AssertionError(f"{what}: {logs}")
        time.sleep(0.2)


def answers(address: str) -> bool:
    try:
        with socket.create_connection((address, 8000), timeout=2):
            return True
    except OSError:
        return False


def work(stack: Stack) -> dict[str, Any]:
    """One session at both webs in turn; every fourth form is sent to both."""
    before = ask(stack, "SELECT count(*) FROM workplan_evidence")
    ana = Uploader(Walk(f"http://{MACHINES['one']}:8000").sign_in("ana@cr.example"))
    bases, wrong = [f"http://{address}:8000" for address in MACHINES.values()], []
    for number in range(UPLOADS):
        ana.base = bases[number % 2]
        wrong += [page.status for page in [ana.upload()[0]] if page.status != 200]
        if number % 4 == 0:
            ana.base = bases[1 - number % 2]
            wrong += [page.status for page in [ana.again()] if page.status != 200]
    for number in range(READS):
        ana.base = bases[number % 2]
        wrong += [page.status for page in [ana.go("/es/home/")] if page.status != 200]
    until(lambda: ask(stack, OPEN) == 0, "the end of all work", stack)
    new = ask(stack, "SELECT count(*) FROM workplan_evidence") - before
    return {
        "requests": UPLOADS + UPLOADS // 4 + READS,
        "wrong_answers": wrong,
        "jobs": UPLOADS,
        "lost": UPLOADS - new + ask(stack, "SELECT count(*) FROM workplan_evidence WHERE scan_state = 'pending'"),
        "duplicated": max(new - UPLOADS, 0) + ask(stack, DOUBLE),
        **{f"jobs_{name}": jobs_of(stack, name) for name in MACHINES},
    }


OPEN = "SELECT count(*) FROM core_outboxmessage WHERE done_at IS NULL AND dead_at IS NULL"
DOUBLE = """SELECT count(*) FROM (SELECT object_id FROM core_auditevent WHERE verb = 'evidence.not_scanned'
    GROUP BY 1 HAVING count(*) > 1) twice"""


def jobs_of(stack: Stack, name: str) -> int:
    log = stack.supervisor.log_of(f"worker-{name}").read_text()
    return len(re.findall(r"workplan\.process_evidence\[\S+\] succeeded", log))


def main(folder: Path) -> None:
    lay_cables()
    copy_populated(folder)
    with own_stack(Place(folder)) as stack:
        stack.prepare_data()
        forward(5432, stack.place.sockets / ".s.PGSQL.5432")
        forward(6379, stack.place.sockets / "valkey.sock")
        for name, address in MACHINES.items():
            start_machine(stack, name, address)
        for address in MACHINES.values():
            until(lambda address=address: answers(address), "the webs", stack)  # type: ignore[misc]
        spaces = {run("ip", "netns", "exec", name, "readlink", "/proc/self/ns/net") for name in MACHINES}
        try:
            print(json.dumps({"networks": len(spaces), **work(stack)}))
        except Exception:
            for child in stack.supervisor.children:
                print(f"--- {child.service.name}\n{stack.log_tail(child.service.name)}", file=sys.stderr)
            raise


if __name__ == "__main__":
    main(Path(sys.argv[1]))
