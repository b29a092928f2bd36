"""What the launcher says, and the fingerprints that let a second start skip what the first one did."""

import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

# What the tools print, and the sentence a person can act on.
DISK_FULL = "The disk is full: free some space and start again."
KNOWN_TROUBLE = {
    r"No space left on device|ENOSPC|could not extend file|Check free disk space": DISK_FULL,
    r"name resolution|dns error|EAI_AGAIN|ENOTFOUND|ENETUNREACH|Failed to (?:fetch|establish a new connection)|"
    r"error sending request|ETIMEDOUT|ECONNRE": "There is no network, and something still has to be downloaded.",
    r"no usable wheels|building source distributions is disabled": "A package has no ready-made file for this machine: "
    "use Linux on x86-64 or ARM with Python 3.11 to 3.13, or install a compiler and the package by hand.",
    r"EACCES|Permission denied": "A file belongs to another account: run the portal as the account that set it up.",
}
Argv = Sequence[str | Path]


class LaunchError(Exception):
    """Something the person at the keyboard can act on, in one sentence."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(label: str) -> Iterator[None]:
    print(f"  {label} …", end="", file=sys.stderr, flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        say(" stopped")
        raise
    say(f" {time.monotonic() - began:.1f} s")


def fingerprint(paths: Iterable[Path], *extra: str) -> str:
    digest = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(set(paths)):
        digest.update(f"\0{path}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_done(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


def redo(stamp: Path, value: str, label: str, work: Callable[[], None]) -> None:
    """Do the work, unless it was already done for exactly this input."""
    if is_done(stamp, value):
        return
    with step(label):
        work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)


def run(argv: Argv, *, env: Mapping[str, str], cwd: Path, failure: str, stdin: str = "") -> str:
    """Run one tool of the set-up quietly; what it printed is shown only if it fails."""
    done = subprocess.run(
        list(map(str, argv)), env=env, cwd=cwd, input=stdin, capture_output=True, text=True, check=False
    )
    if done.returncode:
        output = done.stdout + done.stderr
        raise LaunchError(explain(output, failure, done.returncode))
    return done.stdout


def explain(output: str, failure: str, code: int) -> str:
    for signs, sentence in KNOWN_TROUBLE.items():
        if re.search(signs, output):
            return f"{failure}. {sentence}"
    return f"{failure} (exit code {code}):\n{tail(output, 25)}"


def tail(text: str, lines: int) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:])


def inherited_environment(venv: Path, home: Path) -> dict[str, str]:
    """The caller's environment, with our tools first and a home that can be written to."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHONPATH", "PYTHONHOME"))}
    env["PATH"] = os.pathsep.join([str(venv / "bin"), env.get("PATH", os.defpath)])
    env["VIRTUAL_ENV"] = str(venv)
    # Service accounts often have no home; package caches then go under var/.
    if not os.access(env.get("HOME", ""), os.W_OK):
        home.mkdir(parents=True, exist_ok=True)
        env["HOME"] = str(home)
    return env
