"""The supervisor on real processes: they start in order, none outlives it, and the exit code tells why it ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A child that has a child of its own, writes both process ids, and notes when it is asked to stop.
CHILD = """
import os, signal, subprocess, sys, time
folder, name, stubborn = sys.argv[1:]
grandchild = subprocess.Popen(["sleep", "300"])
def stop(number, frame):
    with open(f"{folder}/stopped", "a") as file:
        file.write(name + "\\n")
    if stubborn == "no":
        grandchild.kill()
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
with open(f"{folder}/{name}.pids.new", "w") as file:
    file.write(f"{os.getpid()} {grandchild.pid}")
os.rename(f"{folder}/{name}.pids.new", f"{folder}/{name}.pids")
print("ready", flush=True)
while True:
    time.sleep(1)
"""
# The real command line and signal handling around three such children instead of the portal's own.
LAUNCHER = f"""
import sys
from pathlib import Path
from oas_trafficking.launcher import cli, supervisor
supervisor.GRACE_SECONDS = 2
folder, stubborn = sys.argv[1:]
sys.argv = ["portal", "up"]
CHILD = {CHILD!r}
def up(arguments):
    watched = supervisor.Supervisor(Path(folder), cwd=Path(folder))
    watched.heard = {{"web"}}
    try:
        for name in ("database", "broker", "web", "worker"):
            argv = [sys.executable, "-c", CHILD, folder, name, stubborn if name == "worker" else "no"]
            is_server = name in ("database", "broker")
            watched.start(supervisor.Service(name, argv, {{}}, is_server=is_server))
            while not Path(folder, f"{{name}}.pids").exists():
                pass
        Path(folder, "up").touch()
        watched.watch()
        return 1
    finally:
        watched.stop()
cli.up = up
cli.COMMANDS["up"] = (up, "")
sys.exit(cli.main())
"""


class Running:
    def __init__(self, folder: Path, stubborn: str = "no") -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(folder), stubborn],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Under nohup the tests' process ignores the signal, and so would what it starts.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )
        wait_until(lambda: (folder / "up").exists(), 30)

    def pids(self, name: str) -> list[int]:
        return [int(pid) for pid in (self.folder / f"{name}.pids").read_text().split()]

    def all_pids(self) -> list[int]:
        return [pid for path in self.folder.glob("*.pids") for pid in self.pids(path.stem)]

    def alive(self) -> list[int]:
        return [pid for pid in self.all_pids() if is_alive(pid)]

    def order_of_stopping(self) -> list[str]:
        return (self.folder / "stopped").read_text().split()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    run = Running(tmp_path)
    yield run
    _put_away(run)


def _put_away(run: Running) -> None:
    run.process.kill()
    run.process.communicate()
    for pid in run.alive():
        os.kill(pid, signal.SIGKILL)


def test_death_of_one_child_stops_all_with_exit_code_1(running):
    assert len(running.alive()) == 8
    os.kill(running.pids("web")[0], signal.SIGKILL)
    assert running.process.wait(10) == 1
    assert running.alive() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_stops_all_with_exit_code_0(running, number):
    running.process.send_signal(number)
    assert running.process.wait(10) == 0
    assert running.alive() == []


def test_servers_stop_after_their_users_and_in_reverse_order(running):
    running.process.send_signal(signal.SIGINT)
    running.process.wait(10)
    assert set(running.order_of_stopping()[:2]) == {"web", "worker"}
    assert running.order_of_stopping()[2:] == ["broker", "database"]


def test_killed_supervisor_leaves_no_child(running):
    running.process.kill()
    running.process.wait(10)
    wait_until(lambda: running.alive() == [], 10)


def test_child_that_does_not_stop_is_killed_with_its_group(tmp_path):
    run = Running(tmp_path, stubborn="yes")
    try:
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(15) == 0
        assert run.alive() == []
    finally:
        _put_away(run)


def test_output_of_a_child_has_its_name_in_front_and_is_logged(running):
    running.process.send_signal(signal.SIGINT)
    output, _ = running.process.communicate(timeout=10)
    assert "web      | ready\n" in output
    assert "worker   |" not in output
    assert (running.folder / "worker.log").read_text() == "ready\n"
