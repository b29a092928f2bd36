"""Starts processes one after the other, watches them, and never leaves one behind."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 10
# Loaded before any fork: the child may not import.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Service:
    """How one process is started and stopped."""

    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    # What the kernel sends when the launcher was killed: nobody is left then to wait for a slow stop.
    death_signal: signal.Signals | None = None
    # Servers stop after everything that uses them.
    is_server: bool = False
    account: str | None = None
    before_exec: Callable[[], None] | None = None


@dataclass(frozen=True)
class Child:
    service: Service
    process: subprocess.Popen[str]
    pump: threading.Thread

    @property
    def is_dead(self) -> bool:
        return self.process.poll() is not None


class Supervisor:
    def __init__(self, logs: Path, cwd: Path) -> None:
        self.logs = logs
        self.cwd = cwd
        self.children: list[Child] = []
        # The others write to their log file alone.
        self.heard: set[str] = set()

    def start(self, service: Service) -> Child:
        """Must be called from the main thread: the kernel ties the death signal to the calling thread."""
        process = subprocess.Popen(
            list(map(str, service.argv)),
            cwd=self.cwd,
            env=dict(service.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_die_with_parent(service.death_signal or service.stop_signal, service.before_exec),
            user=service.account,
            group=service.account and _group_of(service.account),
            extra_groups=[] if service.account else None,
        )
        pump = threading.Thread(target=self._pump, args=(service, process), daemon=True)
        child = Child(service, process, pump)
        self.children.append(child)
        pump.start()
        return child

    def _pump(self, service: Service, process: subprocess.Popen[str]) -> None:
        with self.log_of(service.name).open("w") as log, process.stdout or nullcontext() as lines:
            for line in lines or ():
                log.write(line)
                log.flush()
                if service.name in self.heard:
                    sys.stdout.write(f"{service.name:<8} | {line}")
                    sys.stdout.flush()

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def dead_child(self) -> Child | None:
        return next((child for child in self.children if child.is_dead), None)

    def watch(self) -> Child:
        """Wait until the first child dies, and say which."""
        while not (dead := self.dead_child()):
            time.sleep(0.2)
        dead.pump.join(timeout=1)
        return dead

    def run_in_front(self, argv: Sequence[str | Path], env: Mapping[str, str], cwd: Path | None = None) -> int:
        """Run a command on the caller's own terminal."""
        process = subprocess.Popen(
            list(map(str, argv)), env=dict(env), cwd=cwd, preexec_fn=_die_with_parent(signal.SIGTERM)
        )
        # Ctrl-C reaches the command by the terminal, and what it means is for the command to say.
        ctrl_c = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return process.wait()
        finally:
            signal.signal(signal.SIGINT, ctrl_c)
            process.terminate()
            process.wait(GRACE_SECONDS)

    def stop(self) -> None:
        """Users of the servers first, then the servers in reverse order."""
        ignored = [(number, signal.signal(number, signal.SIG_IGN)) for number in (signal.SIGINT, signal.SIGTERM)]
        self._stop_together([child for child in self.children if not child.service.is_server])
        for child in reversed(self.children):
            self._stop_together([child])
        self.children.clear()
        for number, handler in ignored:
            signal.signal(number, handler)

    def _stop_together(self, children: Sequence[Child]) -> None:
        for child in children:
            if not child.is_dead:
                child.process.send_signal(child.service.stop_signal)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            _kill_group(child.process.pid)
            child.process.wait()
            child.pump.join(timeout=1)


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nothing is left of it


def _group_of(account: str) -> int:
    import pwd

    return pwd.getpwnam(account).pw_gid


def _die_with_parent(number: signal.Signals, before_exec: Callable[[], None] | None = None) -> Callable[[], None]:
    """Runs in the child, after the change of user and before exec, so the setting is kept."""
    parent = os.getpid()

    def prepare() -> None:
        if before_exec:
            before_exec()
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
            if os.getppid() != parent:  # the parent died before the setting took hold
                os._exit(1)

    return prepare
