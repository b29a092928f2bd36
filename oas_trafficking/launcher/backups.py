"""Backup, restore and drill on the servers of one place. The work itself is the portal's (core.backup)."""

import os
import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from oas_trafficking.launcher import postgres
from oas_trafficking.launcher.console import Argv, LaunchError, say, step, tail
from oas_trafficking.launcher.place import PYTHON, ROOT
from oas_trafficking.launcher.stack import MANAGE, Stack
from oas_trafficking.launcher.supervisor import Supervisor

RECOVERY_SECONDS = 3600


@dataclass(frozen=True)
class Made:
    """A backup and the key store that belongs to it, with the files of the private keys that open them."""

    backup: Path
    keys: Path
    identity: Path
    keys_identity: Path


def make(stack: Stack, target: Path) -> Made:
    """Into `target`, and the key store into a folder beside it. A demonstration makes its private keys as well."""
    if not stack.backup:
        raise LaunchError("There is no login for backups: set DATABASE_BACKUP_URL (see docs/operations/backup.md).")
    private = _private(stack)
    env = programs() | _recipients(stack, private)
    with step("Backup"):
        backup = stack.manage("backup", str(target), more=env | stack.backup).strip()
    beside = target.with_name(f"{target.name}-keys")
    with step("Backup of the key store"):
        keys = stack.manage("backup", str(beside), "--keys", more=env | stack.sealed_environment()).strip()
    return Made(Path(backup), Path(keys), *private)


def _recipients(stack: Stack, private: list[Path]) -> dict[str, str]:
    """Those of the environment; a demonstration makes its own."""
    names = ("OAS_BACKUP_RECIPIENTS", "OAS_BACKUP_KEY_RECIPIENTS")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    if given or not stack.is_demo:
        return given
    return {name: stack.manage("backup_identity", str(path)).strip() for name, path in zip(names, private, strict=True)}


def restore(stack: Stack, made: Made) -> int:
    """Everything back into the empty place of `stack`; each step says one line."""
    if (stack.place.var / "pg").exists():
        raise LaunchError(f"{stack.place.var / 'pg'} holds a database: move {stack.place.var} away first.")
    stack.start_servers()
    env = stack.env | stack.sealed_environment() | stack.backup | programs() | {"DATABASE_URL": stack.owner_url}
    opening: Argv = ["--identity", made.identity, "--keys", made.keys, "--keys-identity", made.keys_identity]
    commands: list[Argv] = [["restore", made.backup, *opening], ["migrate", "--no-input", "-v0"], ["prepare_sealed"]]
    for command in [*commands, ["check_keys"]]:
        if code := stack.supervisor.run_in_front([PYTHON, MANAGE, *command], env, cwd=ROOT):
            return code
    return 0


# --- to a moment ----------------------------------------------------------------------------------


def make_base(stack: Stack, target: Path) -> Path:
    """A base backup, and the server's log as far as it is laid down."""
    if "DATABASE_REPLICATION_URL" not in stack.backup:
        raise LaunchError(
            "There is no login for base backups: set DATABASE_REPLICATION_URL (docs/operations/backup.md)."
        )
    env = programs() | _recipients(stack, _private(stack)) | stack.backup
    with step("Base backup"):
        made = stack.manage("base_backup", str(target), more=env).strip()
    ship_log(stack, target)
    return Path(made)


def ship_log(stack: Stack, target: Path) -> str:
    with step("Log of the server"):
        more = _recipients(stack, _private(stack))
        return stack.manage("ship_log", str(stack.place.log_spool), str(target), more=more).strip()


def restore_until(stack: Stack, made: Made, until: datetime) -> int:
    """The database as it was at a moment, into a place without one; `made.backup` holds base backups and log."""
    database, log = stack.place.var / "pg", stack.place.var / "log-back"
    if database.exists():
        raise LaunchError(f"{database} holds a database: move it away first.")
    cluster = postgres.Cluster(stack.place, stack.env)
    with step("Unpacking"):
        where = ("--data", str(database), "--log", str(log), "--identity", str(made.identity))
        nothing = {"DATABASE_URL": "postgres:///none", "REDIS_URL": "unix:///none", "OAS_SECRET_KEY": "none"}
        stack.manage("unpack_base", str(made.backup), "--until", until.isoformat(), *where, more=nothing)
    with step(f"Replaying the log until {until.isoformat()}"):
        Recovery(cluster, log).run(stack.supervisor, until)
    shutil.rmtree(log)
    stack.start_servers()
    env = stack.env | stack.sealed_environment() | stack.backup | {"DATABASE_URL": stack.owner_url}
    opening: Argv = ["--keys", made.keys, "--keys-identity", made.keys_identity]
    commands: list[Argv] = [["recovered", "--until", until.isoformat(), *opening], ["check_keys"]]
    for command in commands:
        if code := stack.supervisor.run_in_front([PYTHON, MANAGE, *command], env, cwd=ROOT):
            return code
    return 0


class Recovery:
    """One start of an unpacked cluster, in which it replays its log. Nobody but this account can reach it meanwhile."""

    def __init__(self, cluster: postgres.Cluster, log: Path) -> None:
        self.cluster, self.log = cluster, log

    def run(self, supervisor: Supervisor, until: datetime) -> None:
        access = self.cluster.data / "pg_hba.conf"
        usual = access.read_bytes()
        # The superuser's password is another one on another machine; the socket's folder is ours alone.
        access.write_text("local all postgres trust\n")
        self._configure(until)
        sockets = self.cluster.place.sockets
        for path in (sockets, self.cluster.data, self.log):
            self._give(path)
        settings = [f"unix_socket_directories={sockets}", "listen_addresses=", "logging_collector=off"]
        child = self.cluster.run(supervisor, [*settings, "archive_mode=off"])
        over = self.cluster.wait_until("SELECT NOT pg_is_in_recovery()", lambda: child.is_dead, RECOVERY_SECONDS)
        if not over:
            log = tail(supervisor.log_of("postgres").read_text(), 8)
            raise LaunchError(f"The log does not reach to that moment, or cannot be replayed:\n{log}")
        self.cluster.set_password()
        supervisor.stop()
        access.write_bytes(usual)

    def _configure(self, until: datetime) -> None:
        with (self.cluster.data / "postgresql.auto.conf").open("a") as file:
            file.write(f'restore_command = \'cp "{self.log}/%f" "%p"\'\n')
            file.write(f"recovery_target_time = '{until.isoformat()}'\nrecovery_target_action = 'promote'\n")
        (self.cluster.data / "recovery.signal").touch(mode=0o600)

    def _give(self, folder: Path) -> None:
        for path in (folder, *folder.rglob("*")):
            self.cluster.account.give(path)


def _private(stack: Stack) -> list[Path]:
    return [stack.place.var / "secrets" / name for name in ("backup_identity", "backup_keys_identity")]


def drill(stack: Stack, empty: Stack) -> int:
    """The figures go to the proofs; the place is thrown away."""
    began = time.monotonic()
    made = make(stack, empty.place.var / "backups")
    code = restore(empty, made)
    say(f"Drill: {'all of it came back' if code == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s")
    return code


def programs() -> dict[str, str]:
    return {"OAS_PG_BIN": str(postgres.binaries())}
