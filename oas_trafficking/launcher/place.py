"""Where things are: the project, and the folder in which one running stack keeps its data."""

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from oas_trafficking.launcher.console import LaunchError

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# sockaddr_un holds 107 bytes; the longest name put into the folder is ".s.PGSQL.5432.lock".
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


@dataclass(frozen=True)
class Place:
    """Everything one stack writes is in `var`; a throw-away place is deleted when its stack ends."""

    var: Path
    throwaway: bool = False
    archives: bool = False  # the embedded PostgreSQL lays down its log, for a recovery to any moment

    @classmethod
    def of_project(cls) -> Self:
        var = Path(os.environ.get("OAS_VAR") or ROOT / "var").resolve()
        return cls(var, archives=os.environ.get("PORTAL_ARCHIVE") == "1")

    @classmethod
    def temporary(cls) -> Self:
        var = Path(tempfile.mkdtemp(prefix="portal-"))
        var.chmod(0o711)  # as root, PostgreSQL's account has to pass through
        return cls(var, throwaway=True)

    @cached_property
    def sockets(self) -> Path:
        folder = self.var / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return folder
        return Path(tempfile.mkdtemp(prefix="portal-run-"))

    @property
    def logs(self) -> Path:
        folder = self.var / "log"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def log_spool(self) -> Path:
        folder = self.var / "log-spool"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def secret(self, name: str) -> str:
        """A random secret, made once and readable by its owner alone."""
        return self.secret_file(name).read_text().strip()

    def secret_file(self, name: str) -> Path:
        path = self.var / "secrets" / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return path

    def clean_up(self) -> None:
        if "sockets" in self.__dict__ and self.sockets.parent != self.var:
            shutil.rmtree(self.sockets, ignore_errors=True)
        if self.throwaway:
            shutil.rmtree(self.var, ignore_errors=True)


class Claim:
    """Only one launcher at a time runs servers on a place; the kernel drops the claim when that launcher dies."""

    def __init__(self, place: Place) -> None:
        place.var.mkdir(parents=True, exist_ok=True)
        self.path = place.var / "portal.lock"
        try:
            self.file = self.path.open("a+")
        except PermissionError:
            raise LaunchError(
                f"{place.var} belongs to another account: run the portal as the account that made it."
            ) from None
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.mine = True
            self.publish({})
        except BlockingIOError:
            self.mine = False

    def publish(self, facts: dict[str, Any]) -> None:
        """What a second command needs to use the servers of this one; it holds passwords, hence the mode."""
        self.path.chmod(0o600)
        self.file.truncate(0)
        self.file.write(json.dumps({"pid": os.getpid(), **facts}))
        self.file.flush()

    def facts(self) -> dict[str, Any]:
        self.file.seek(0)
        return dict(json.loads(self.file.read() or "{}"))

    def release(self) -> None:
        self.file.close()
