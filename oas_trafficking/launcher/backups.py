"""Backup, restore and drill on the servers of one place. The work itself is the portal's (core.backup)."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from oas_trafficking.launcher import postgres
from oas_trafficking.launcher.console import Argv, LaunchError, say, step
from oas_trafficking.launcher.place import PYTHON, ROOT
from oas_trafficking.launcher.stack import MANAGE, Stack


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
    private = [stack.place.var / "secrets" / name for name in ("backup_identity", "backup_keys_identity")]
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


def drill(stack: Stack, empty: Stack) -> int:
    """The figures go to the proofs; the place is thrown away."""
    began = time.monotonic()
    made = make(stack, empty.place.var / "backups")
    code = restore(empty, made)
    say(f"Drill: {'all of it came back' if code == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s")
    return code


def programs() -> dict[str, str]:
    return {"OAS_PG_BIN": str(postgres.binaries())}
