"""What a parser gone wrong would do, for tests of the sandbox."""

from core.sandbox import confine

confine()

import os  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402


def swallow_memory() -> None:
    kept = []
    while True:
        kept.append(bytes(16 * 1024 * 1024))


def spin() -> None:
    while True:
        pass


def fill_the_disk() -> None:
    while True:
        sys.stdout.buffer.write(bytes(1024 * 1024))


def look_around() -> None:
    """Environment, files of the folder, and whether the outside can be reached."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # picks a route, sends nothing
        network = "network"
    except OSError:
        network = "no network"
    names = sorted(set(os.environ) - {"LC_CTYPE"})
    print(",".join(names), len(list(Path.cwd().iterdir())), network)


ACTS = {
    "echo": lambda: sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1]),
    "memory": swallow_memory,
    "spin": spin,
    "sleep": lambda: time.sleep(60),
    "disk": fill_the_disk,
    "crash": lambda: os.kill(os.getpid(), 11),
    "error": lambda: sys.exit(3),
    "look": look_around,
}
ACTS[sys.argv[1]]()
