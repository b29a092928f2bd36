"""The subcommands of ./portal."""

import argparse
import errno
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from ctypes.util import find_library
from datetime import datetime
from pathlib import Path
from types import FrameType

from oas_trafficking.launcher import backups, lint, pdf, proofs, supply
from oas_trafficking.launcher.console import DISK_FULL, LaunchError, say, step
from oas_trafficking.launcher.place import PYTHON, ROOT, Claim, Place
from oas_trafficking.launcher.setup import set_up
from oas_trafficking.launcher.stack import MANAGE, Stack, free_port, refuse_used_port

OWNER_COMMANDS = {"migrate", "prepare_sealed", "makemigrations", "sqlmigrate", "dbshell"}
SMOKE = ROOT / "tests" / "system" / "smoke.py"
LOAD = ROOT / "tests" / "system" / "load.py"
CTRL_C = 130
SEARCHED = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop_like_ctrl_c)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup keeps its meaning
        signal.signal(signal.SIGHUP, _stop_like_ctrl_c)
    name, *arguments = sys.argv[1:] or ["--help"]
    if name not in COMMANDS:
        print(_usage())
        return 0 if name in {"-h", "--help", "help"} else 2
    command, _ = COMMANDS[name]
    try:
        return command(arguments)
    except LaunchError as trouble:
        say(f"portal: {trouble}")
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 0 if command is up else CTRL_C
    except OSError as error:
        say(f"portal: {_sentence(error)}")
        return 1


def _stop_like_ctrl_c(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _sentence(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be used by this account: run the portal as the account that owns the project."
    if error.errno == errno.ENOSPC:
        return DISK_FULL
    return f"{error.strerror}: {error.filename or 'while writing'}."


def _usage() -> str:
    lines = [f"  {name:<8}{text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(["Usage: ./portal COMMAND [arguments]", "", *lines, "", ENVIRONMENT])


def up(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./portal up", description=COMMANDS["up"][1])
    parser.add_argument("--port", type=int, default=8000)
    port: int = parser.parse_args(arguments).port
    place = Place.of_project()
    claim = Claim(place)
    if not claim.mine:
        raise LaunchError(_taken(claim))
    refuse_used_port(port)
    set_up()
    with Stack(place) as stack:
        stack.start_servers()
        stack.prepare_data()
        stack.start_portal(port)
        claim.publish(stack.facts(address=f"http://localhost:{port}/"))
        print(f"\n{stack.demo_accounts()}\nThe portal is at http://localhost:{port}/ (Ctrl-C stops it)\n", flush=True)
        stack.supervisor.heard |= {
            child.service.name for child in stack.supervisor.children if not child.service.is_server
        }
        dead = stack.supervisor.watch()
        say(f"portal: {dead.service.name} stopped (exit code {dead.process.returncode}); stopping the rest.")
        say(stack.log_tail(dead.service.name, 10))
        return 1


def _taken(claim: Claim) -> str:
    facts = claim.facts()
    where = f" at {facts['address']}" if "address" in facts else ""
    return f"The portal is already running{where} (process {facts.get('pid', 'unknown')})."


def test(arguments: list[str]) -> int:
    set_up(dev=True)
    full = "--full" in arguments
    arguments = [argument for argument in arguments if argument != "--full"]
    # Everything: in parallel. A chosen part: in this process, where its output can be read.
    if not any(not item.startswith("-") or item.startswith(("-n", "--numprocesses")) for item in arguments):
        # A worker keeps to its files while it can: what a file builds for all its tests is then built once.
        arguments = ["-n", "auto", "--dist", "worksteal", *arguments]
    with Stack(Place.temporary(), use_given_servers=os.environ.get("PORTAL_TEST_DATABASE") == "1") as stack:
        pdf_env = pdf.environment_for_pdf()
        stack.start_servers()
        _install_softhsm()
        if full:
            _install_tools_of_proofs()
        env = stack.env | stack.sealed | stack.backup | pdf_env | _browser() | {"PORTAL_FULL": "1" if full else "0"}
        return stack.supervisor.run_in_front([PYTHON, "-m", "pytest", *arguments], env, cwd=ROOT)


def _install_softhsm() -> None:
    """A module of PKCS#11 in software: the second key provider is tested against it."""
    if os.geteuid() == 0 and shutil.which("apt-get") and not shutil.which("softhsm2-util"):
        with step("SoftHSM (apt-get)"):
            pdf.apt_install("softhsm2")


def _install_tools_of_proofs() -> None:
    """A pool of connections, another clock, and the servers of an installation; without them the long proofs that need
    them fail and say so."""
    wanted = ("pgbouncer", "faketime", "nginx", "redis-server")
    missing = [name for name in wanted if not shutil.which(name, path=SEARCHED)]
    missing += [] if list(Path("/usr/lib/postgresql").glob("*/bin/postgres")) else ["postgresql"]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        with step(f"{' and '.join(missing)} (apt-get)"):
            pdf.apt_install(*missing)


def _browser() -> dict[str, str]:
    """Chromium from the system; Playwright's own Node needs libatomic."""
    program = _chromium()
    if os.geteuid() == 0 and shutil.which("apt-get") and not (program and find_library("atomic")):
        with step("Chromium (apt-get)"):
            pdf.apt_install("chromium", "libatomic1")
        program = _chromium()
    if program:
        return {"OAS_CHROMIUM": program}
    if os.environ.get("CI") == "true":
        raise LaunchError("Chromium is missing, and in CI the browser tests must run.")
    say("  No Chromium here: the browser tests will be skipped (Debian: apt-get install chromium libatomic1).")
    return {}


def _chromium() -> str | None:
    names = (os.environ.get("OAS_CHROMIUM") or "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def manage(arguments: list[str]) -> int:
    place = Place.of_project()
    set_up()
    with Stack(place) as stack:
        use_servers(stack, Claim(place))
        env = stack.env | pdf.environment_for_pdf()
        if arguments and arguments[0] in OWNER_COMMANDS:
            env |= {**stack.sealed_environment(), "DATABASE_URL": stack.owner_url}
        return stack.supervisor.run_in_front([PYTHON, MANAGE, *arguments], env)


def use_servers(stack: Stack, claim: Claim) -> None:
    """Those of the portal that runs on this place, or new ones."""
    if claim.mine:
        stack.start_servers()
        claim.publish(stack.facts())
    else:
        stack.take_over(claim.facts())


def backup(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./portal backup", description=COMMANDS["backup"][1])
    parser.add_argument("--to", type=Path, default=None, metavar="FOLDER")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--base", action="store_true", help="a base backup, for a recovery to any later moment")
    kind.add_argument("--log", action="store_true", help="what the server has logged since, each few minutes")
    place = Place.of_project()
    given = parser.parse_args(arguments)
    target: Path = (given.to or place.var / "backups").resolve()
    set_up()
    with Stack(place) as stack:
        use_servers(stack, Claim(place))
        if given.base or given.log:
            print(backups.make_base(stack, target) if given.base else backups.ship_log(stack, target))
            return 0
        made = backups.make(stack, target)
    print(f"{made.backup}\n{made.keys}")
    return 0


def restore(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./portal restore", description=COMMANDS["restore"][1])
    parser.add_argument("backup", type=Path)
    parser.add_argument("--identity", type=Path, required=True, help="private key of the backups")
    parser.add_argument("--keys", type=Path, required=True, help="folder of the key store's backup")
    parser.add_argument("--keys-identity", type=Path, required=True, help="private key of the key store's backup")
    parser.add_argument("--until", type=_moment, help="a moment, with its zone: FOLDER holds base backups and log")
    given = parser.parse_args(arguments)
    made = backups.Made(*(path.resolve() for path in (given.backup, given.keys, given.identity, given.keys_identity)))
    place = Place.of_project()
    claim = Claim(place)
    if not claim.mine:
        raise LaunchError(f"{_taken(claim)} Stop it first.")
    set_up()
    with Stack(place) as stack:
        return backups.restore_until(stack, made, given.until) if given.until else backups.restore(stack, made)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("name the zone as well: 2014-03-10T12:00:00Z")
    return moment


def doctor(arguments: list[str]) -> int:
    """Examines the whole installation, both areas."""
    set_up()
    place = Place.of_project()
    with Stack(place) as stack:
        use_servers(stack, Claim(place))
        return stack.supervisor.run_in_front([PYTHON, MANAGE, "doctor"], stack.env | stack.sealed_environment())


def drill(arguments: list[str]) -> int:
    """Makes a backup, restores it to an empty place, and proves that it is all there."""
    set_up()
    place = Place.of_project()
    with Stack(place) as stack, Stack(Place.temporary(), use_given_servers=False) as empty:
        use_servers(stack, Claim(place))
        return backups.drill(stack, empty)


def smoke(arguments: list[str]) -> int:
    set_up()
    port = free_port()
    with Stack(Place.temporary(), use_given_servers=False) as stack:
        stack.start_servers()
        stack.prepare_data()
        stack.start_portal(port)
        code = stack.supervisor.run_in_front([PYTHON, SMOKE, f"http://localhost:{port}"], stack.env, cwd=ROOT)
        if code or stack.supervisor.dead_child():
            for name in ("web", "worker", "relay"):
                say(f"--- end of the log of {name}\n{stack.log_tail(name)}")
        return code


def load(arguments: list[str]) -> int:
    """Three hundred simulated people for ten minutes, or what is asked: --users N --minutes M."""
    set_up()
    port = free_port()
    with Stack(Place.temporary(), use_given_servers=False) as stack:
        stack.start_servers()
        stack.prepare_data()
        stack.start_portal(port)
        portal = [child for child in stack.supervisor.children if not child.service.is_server]
        parts = [f"{child.service.name}={child.process.pid}" for child in portal]
        people = stack.manage("demo_accounts", "--all")
        states = sorted({code.upper() for code in re.findall(r"contributor@(\w\w)\.example", people)})
        command = [PYTHON, LOAD, f"http://localhost:{port}", *arguments, "--states", *states, "--parts", *parts]
        code = stack.supervisor.run_in_front(command, stack.env, cwd=ROOT)
        if dead := stack.supervisor.dead_child():
            say(f"{dead.service.name} died:\n{stack.log_tail(dead.service.name)}")
        return code


def show_proofs(arguments: list[str]) -> int:
    return proofs.show(as_json="--json" in arguments)


def run_lint(arguments: list[str]) -> int:
    set_up(dev=True)
    return lint.lint()


def sbom(arguments: list[str]) -> int:
    return supply.print_bill()


COMMANDS: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "up": (up, "set up what is missing, start everything, print the address; Ctrl-C stops it (--port N)"),
    "test": (test, "run the tests on servers of their own; takes pytest's arguments (--full: the long proofs too)"),
    "manage": (manage, "run a Django command; servers are started if they are not running"),
    "smoke": (smoke, "walk the main job over HTTP on a throw-away stack"),
    "load": (load, "simulate many people on a throw-away stack: errors, leaks, memory (--users N --minutes M)"),
    "doctor": (doctor, "examine the installation, one line for each thing that must be so"),
    "backup": (backup, "make an encrypted backup of everything, the keys apart (--to FOLDER; --base, --log)"),
    "restore": (restore, "bring a backup back into an empty place (FOLDER --identity FILE --keys FOLDER ...; --until)"),
    "drill": (drill, "make a backup, restore it to an empty place and prove that nothing is missing"),
    "proofs": (show_proofs, "the latest of each measured figure (--json)"),
    "sbom": (sbom, "the bill of materials: every pinned package, its hashes and licence (CycloneDX)"),
    "lint": (run_lint, "every linter, one line each"),
}
ENVIRONMENT = """DATABASE_URL (with DATABASE_OWNER_URL) and REDIS_URL name servers to use instead of the embedded ones;
PORTAL_PG_BIN names a folder with PostgreSQL's programs; PORTAL_TEST_DATABASE=1 lets the tests use DATABASE_URL."""
