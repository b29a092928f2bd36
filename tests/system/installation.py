"""Run by test_installation.py in name spaces of its own: an installation by docs/operations/install.md, with the
servers of Debian, on a copy of /etc and ports that nobody else sees. The last line of its output is one JSON object.

The files that are shipped are used as they are: systemd units, proxy, pg_hba.conf, roles.sql, prepare.sh, and the
options of the servers in docker-compose.yml. What differs: the processes of the portal share one account, the test's.
"""

import base64
import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg2
import redis
import yaml

from oas_trafficking.launcher import postgres
from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.supervisor import Service, Supervisor
from tests.core.clamd_peer import Peer
from tests.system.http_browser import Browser
from tests.system.smoke import code_of

OPEN, SEALED = "portal.example.org", "cases.portal.example.org"
NAMES = (OPEN, SEALED, "stranger.example.org", "db.example.org", "broker.example.org")
HOME, ETC, SHIPPED = Path("/srv/portal"), Path("/etc/portal"), ROOT / "docs/operations"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
UNITS = ("web", "sealed", "sealed-worker", "relay", "beat", "worker@default", "worker@documents", "worker@mail")
PASSWORD = "three-calm-otters-by-the-river"
# What an administrator writes where prepare.sh speaks of containers.
MORE = {
    "open": """OAS_VAR=/var/lib/portal
OAS_STATIC=/var/lib/portal-static
OAS_AUDIT_KEY_FILE=/etc/portal/secrets/audit_key.pem
OAS_AUDIT_ANCHORS=/var/lib/portal-anchors/anchors.jsonl
OAS_AUDIT_ANCHOR_SECONDS=5
OAS_EMAIL_HOST=127.0.0.1
""",
    "sealed": """OAS_VAR=/var/lib/portal-sealed
OAS_STATIC=/var/lib/portal-static
OAS_PKCS11_PIN_FILE=/var/lib/portal-sealed/pin
SOFTHSM2_CONF=/etc/portal/softhsm2.conf
""",
}


def run(*argv: str | Path, **more: Any) -> str:
    done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{argv[:3]}: {done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done.stdout


# --- a machine of its own ---------------------------------------------------------------------------


def lay_out(folder: Path) -> None:
    """/etc is a copy; /srv, /run, /var/lib and /var/log are new; the portal lies at /srv/portal."""
    run("ip", "link", "set", "lo", "up")
    shutil.copytree("/etc", folder / "etc", symlinks=True, ignore=shutil.ignore_patterns("shadow*", "gshadow*"))
    (folder / "lib" / "nginx").mkdir(parents=True)
    for source, target in ((folder / "etc", "/etc"), (folder / "lib", "/var/lib")):
        source.chmod(0o755)
        run("mount", "--bind", source, target)
    for target in ("/run", "/srv", "/var/log"):
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", target)
    for made in (HOME, "/var/log/nginx", "/run/postgresql", "/var/lib/portal", "/var/lib/portal-sealed"):
        Path(made).mkdir(parents=True)
    run("mount", "--bind", ROOT, HOME)
    Path("/etc/hosts").write_text(f"127.0.0.1 localhost {' '.join(NAMES)}\n")


def write_settings() -> None:
    env = {"PORTAL_COMPOSE_DIR": str(ETC), "PORTAL_CA": str(ETC / "tls/ca.pem"), "PATH": os.environ["PATH"]}
    env |= {"PORTAL_POSTGRES": "db.example.org:5432", "PORTAL_BROKER": "broker.example.org:6379"}
    run("sh", SHIPPED / "compose/prepare.sh", OPEN, SEALED, "operators@example.org", env=env)
    Path("/etc/portal/softhsm2.conf").write_text(
        (SHIPPED / "compose/softhsm2.conf").read_text().replace("/data", "/var/lib/portal-sealed")
    )
    for name, more in {**MORE, "owner": MORE["sealed"]}.items():
        with (ETC / f"{name}.env").open("a") as file:
            file.write(more)
    for path in (ETC, ETC / "tls", ETC / "secrets"):
        path.chmod(0o711)


def environment(name: str) -> dict[str, str]:
    """As systemd reads the file: what comes later counts."""
    lines = [line for line in (ETC / f"{name}.env").read_text().splitlines() if "=" in line and line[0] != "#"]
    path = {"PATH": f"{HOME}/.venv/bin:{os.environ['PATH']}:/usr/sbin"}
    return path | dict(line.split("=", 1) for line in lines)


def sign_certificate() -> None:
    """What an authority would give for the two names."""
    tls, names = ETC / "tls", f"subjectAltName=DNS:{OPEN},DNS:{SEALED}\n"
    (tls / "names.ext").write_text(names)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", tls / "privkey.pem")
    run("openssl", "req", *key, "-subj", f"/CN={OPEN}", "-out", tls / "portal.csr")
    authority = ("-CA", tls / "ca.pem", "-CAkey", tls / "ca.key", "-CAcreateserial", "-days", "2")
    run("openssl", "x509", "-req", "-in", tls / "portal.csr", *authority, "-extfile", tls / "names.ext")
    signed = run("openssl", "x509", "-req", "-in", tls / "portal.csr", *authority, "-extfile", tls / "names.ext")
    (tls / "fullchain.pem").write_text(signed)


# --- servers ----------------------------------------------------------------------------------------


def of_compose(service: str, places: dict[str, str]) -> list[str]:
    """The options of a server in docker-compose.yml, with its files where they are here."""
    options = [str(option) for option in COMPOSE[service]["command"][1:]]
    for there, here in places.items():
        options = [option.replace(there, here) for option in options]
    return options


def start_postgres(supervisor: Supervisor, folder: Path) -> None:
    programs = Path(program("postgres", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))))).parent
    account = postgres.choose_account(programs, Place(folder))
    data, key, word = folder / "pg", ETC / "tls/postgres.key", folder / "password"
    shutil.copy(SHIPPED / "compose/pg_hba.conf", ETC / "pg_hba.conf")
    (ETC / "pg_hba.conf").chmod(0o644)
    word.write_text((ETC / "secrets/postgres").read_text())
    data.mkdir(mode=0o700)
    for path in (data, key, word, Path("/run/postgresql")):
        account.give(path)
    as_server: dict[str, Any] = {"user": account.name, "preexec_fn": account.before_exec, "cwd": "/"}
    options = shlex.split(COMPOSE["postgres"]["environment"]["POSTGRES_INITDB_ARGS"])
    run(programs / "initdb", "-D", data, "-U", "postgres", "--pwfile", word, *options, **as_server)
    word.unlink()
    places = {"/run/tls/": f"{ETC}/tls/", "/run/secrets/postgres_key": str(key)}
    argv = [programs / "postgres", "-D", data, "-k", "/run/postgresql", *of_compose("postgres", places)]
    child = supervisor.start(
        Service(
            *("postgres", argv, {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}),
            is_server=True,
            account=account.name,
            before_exec=account.before_exec,
        )
    )
    until(lambda: knock("db.example.org", 5432), "PostgreSQL", supervisor)
    assert int((data / "postmaster.pid").read_text().split()[0]) == child.process.pid, "not the server of this test"


def start_broker(supervisor: Supervisor, folder: Path) -> None:
    (folder / "broker").mkdir()
    places = {"/run/tls/": f"{ETC}/tls/", "/run/secrets/redis_key": f"{ETC}/tls/redis.key"}
    places["/run/secrets/broker_users"] = str(ETC / "users.acl")
    options = [*of_compose("redis", places), f"--dir {folder / 'broker'}"]
    env = {"PATH": os.environ["PATH"]}
    supervisor.start(Service("redis", [program("redis-server"), *options], env, is_server=True))
    until(lambda: knock("broker.example.org", 6379), "the broker", supervisor)


def start_proxy(supervisor: Supervisor) -> None:
    """Debian's own configuration, with the shipped files where install.md puts them."""
    nginx = Path("/etc/nginx")
    (nginx / "sites-enabled/default").unlink(missing_ok=True)
    shutil.copy(SHIPPED / "nginx.conf", nginx / "conf.d/portal.conf")
    for name in ("portal-common.conf", "portal-upstreams.conf"):
        shutil.copy(SHIPPED / name, nginx / name)
    shutil.copy(ETC / "networks.conf", nginx / "portal-networks.conf")
    shutil.chown("/run/portal", group="www-data")
    shutil.chown("/run/portal-sealed", group="www-data")
    run(program("nginx"), "-t")
    argv = [program("nginx"), "-g", "daemon off;"]
    supervisor.start(Service("nginx", argv, {"PATH": os.environ["PATH"]}, is_server=True))
    until(lambda: knock(OPEN, 443), "the proxy", supervisor)


def program(name: str, *folders: str) -> str:
    found = shutil.which(name, path=":".join(folders or (os.environ["PATH"], "/usr/sbin")))
    assert found, f"{name} is missing (Debian: apt-get install postgresql redis-server nginx softhsm2)"
    return found


def knock(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def until(question: Any, what: str, supervisor: Supervisor, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not question():
        dead = supervisor.dead_child()
        if dead or time.monotonic() > end:
            logs = [supervisor.log_of(child.service.name).read_text()[-600:] for child in supervisor.children]
            raise AssertionError(f"{what}; dead: {dead and dead.service.name}: {logs}")
        time.sleep(0.1)


class Mails(socketserver.StreamRequestHandler):
    """A mail server that takes everything."""

    taken: list[str] = []

    def handle(self) -> None:
        self.say("220 mail.example.org")
        while word := self.rfile.readline().decode().strip().upper():
            if word == "DATA":
                self.say("354 go on")
                self.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self.say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


# --- the portal -------------------------------------------------------------------------------------


def set_up() -> None:
    """Roles, tables, keys and data, by the steps of the setup profile."""
    words = COMPOSE["roles"]["command"]
    at = words[3].replace("host=postgres ", "host=db.example.org ").replace("/run/tls/", f"{ETC}/tls/")
    roles = [*words[:3], at, "--file=oas_trafficking/launcher/roles.sql"]
    run(*roles, env=environment("roles"), cwd=HOME)
    sealed = environment("sealed")
    Path("/var/lib/portal-sealed/tokens").mkdir(mode=0o700)
    pin = Path(sealed["OAS_PKCS11_PIN_FILE"])
    pin.touch(mode=0o600)
    pin.write_text(os.urandom(16).hex())
    token = ("--init-token", "--free", "--label", "portal", "--so-pin", os.urandom(16).hex(), "--pin", pin.read_text())
    run(program("softhsm2-util"), *token, env=sealed)
    run(*shlex.split(COMPOSE["migrate"]["command"]), env=environment("owner"), cwd=HOME)
    manage("open", "collectstatic", "--no-input")


def manage(area: str, *arguments: str) -> str:
    return run(HOME / ".venv/bin/python", "manage.py", *arguments, env=environment(area), cwd=HOME)


def start_unit(supervisor: Supervisor, name: str) -> None:
    stem, _, instance = name.partition("@")
    text = (SHIPPED / f"systemd/portal-{stem}{'@' if instance else ''}.service").read_text()
    found = dict(re.findall(r"^(\w+)=(.*)$", text.replace("%i", instance).replace("%H", "machine"), re.MULTILINE))
    area = Path(found["EnvironmentFile"]).stem
    for runtime in found.get("RuntimeDirectory", "").split():
        Path("/run", runtime).mkdir(mode=int(found["RuntimeDirectoryMode"], 8), exist_ok=True)
    more = dict([found["Environment"].split("=", 1)]) if "Environment" in found else {}
    more["OAS_ALIVE_FILE"] = str(sign_of(name))
    supervisor.start(Service(name, shlex.split(found["ExecStart"]), {**environment(area), **more}))


def sign_of(name: str) -> Path:
    return Path(f"/run/alive-{name}")


def start_portal(supervisor: Supervisor) -> None:
    for name in UNITS:
        start_unit(supervisor, name)
    for path in ("/run/portal/open.sock", "/run/portal-sealed/sealed.sock"):
        until(Path(path).exists, path, supervisor)


# --- what must be so --------------------------------------------------------------------------------


def status(url: str, **more: Any) -> int:
    """Without following anything; 0 where no connection came about."""
    scheme, _, host, path = url.split("/", 3)
    make = http.client.HTTPSConnection if scheme == "https:" else http.client.HTTPConnection
    connection = make(host, timeout=30)
    try:
        connection.request(more.get("method", "GET"), f"/{path}", headers=more.get("headers", {}))
        return connection.getresponse().status
    except (ssl.SSLError, ConnectionError):
        return 0
    finally:
        connection.close()


def walls(supervisor: Supervisor) -> dict[str, int]:
    """What the two names answer to whom."""
    given = {f"https://{SEALED}/en/account/login/": status(f"https://{SEALED}/en/account/login/")}
    assert set(given.values()) == {403}, "the sealed area is open before a network was named"
    networks = Path("/etc/nginx/portal-networks.conf")
    networks.write_text("allow 127.0.0.0/8;\n" + networks.read_text())
    run(program("nginx"), "-s", "reload")
    until(lambda: status(f"https://{SEALED}/en/account/login/") == 200, "the sealed area", supervisor)
    wanted = {
        f"http://{OPEN}/en/": 301,
        f"https://{OPEN}/health/ready/": 200,
        f"https://{OPEN}/en/get-help/": 200,
        f"https://{OPEN}/en/cases/": 404,
        f"https://{OPEN}/metrics": 404,
        f"https://{SEALED}/en/cases/": 302,
        f"https://{SEALED}/en/reports/": 404,
        f"https://{SEALED}/en/plan/": 404,
        f"https://{SEALED}/api/v1/": 404,
        f"https://{SEALED}/metrics": 404,
        "https://stranger.example.org/en/": 0,
    }
    wrong = {url: found for url, code in wanted.items() if (found := status(url)) != code}
    assert not wrong, wrong
    return {"addresses": len(wanted) + 1, "wrong": len(wrong)}


def plain_refusals() -> dict[str, int]:
    """Whoever comes to a server without TLS, with another's login or to another's rows."""
    password = (ETC / "secrets/app").read_text().strip()
    app = {"host": "db.example.org", "user": "oas_app", "password": password}
    tried = [
        lambda: psycopg2.connect(**app, dbname="portal", sslmode="disable"),
        lambda: psycopg2.connect(**app, dbname="postgres"),
        lambda: psycopg2.connect(**{**app, "password": "another"}, dbname="portal"),
        lambda: asked(app, "SELECT count(*) FROM sealed.case_file"),
        lambda: asked(app, "SET ROLE oas_sealed"),
        lambda: redis.Redis("broker.example.org", socket_timeout=3).ping(),
        lambda: broker("sealed", "default").llen("default"),
        lambda: broker("open", "sealed").lrange("sealed", 0, -1),
        lambda: broker("open", "default").flushall(),
    ]
    refused = 0
    for attempt in tried:
        with contextlib.suppress(psycopg2.Error, redis.RedisError):
            attempt()
            continue
        refused += 1
    assert broker("open", "default").llen("default") >= 0
    return {"attempts": len(tried), "let_in": len(tried) - refused}


def asked(login: dict[str, str], sql: str) -> None:
    with psycopg2.connect(**login, dbname="portal", sslmode="require") as connection, connection.cursor() as cursor:
        cursor.execute(sql)


def broker(area: str, queue: str) -> "redis.Redis":
    return redis.Redis.from_url(environment(area)["REDIS_URL"])


def first_person(supervisor: Supervisor) -> dict[str, int]:
    """The link of first_administrator, a password, a second factor, and both areas."""
    link = manage("open", "first_administrator", "flora@oas.example", "Flora First").split()[-1]
    browser = Browser(f"https://{OPEN}")
    browser.get(link)
    browser.submit(having="password1", password1=PASSWORD, password2=PASSWORD)
    browser.get("/en/account/login/")
    browser.submit(having="password", login="flora@oas.example", password=PASSWORD)
    browser.get("/en/account/2fa/app/")
    assert browser.page is not None
    key = re.search(r'id="key"[^>]*>(.*?)</p>', browser.page.text, re.DOTALL)
    assert key is not None, browser.page.words
    secret = base64.b32decode(re.sub(r"<[^>]+>|\s", "", key[1]))
    codes = browser.submit(having="code", code=code_of(secret))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', codes.text)
    browser.post("/en/account/2fa/codes/saved/", csrfmiddlewaretoken=token[1] if token else "")
    assert browser.get("/en/home/").url.endswith("/en/home/")
    there = Browser(f"https://{SEALED}")
    there.get("/en/account/login/")
    there.submit(having="password", login="flora@oas.example", password=PASSWORD)
    # A code is good once, and that of the next step is good already.
    answer = there.submit(having="code", code=code_of(secret, 1), expect=None)
    assert "authenticate" not in answer.url, answer.words[-400:]
    assert there.get("/en/account/profile/").status == 200
    assert there.get("/en/cases/", expect=404).status == 404  # she has no part in it
    return {"signed_in": 2}


def a_mail(supervisor: Supervisor) -> int:
    before = len(Mails.taken)
    visitor = Browser(f"https://{OPEN}")
    visitor.get("/en/account/password/reset/")
    visitor.submit(having="email", email="flora@oas.example")
    until(lambda: len(Mails.taken) > before, "the mail", supervisor)
    return len(Mails.taken) - before


def too_many() -> dict[str, int]:
    """Of fifty attempts to sign in and three hundred pages, those that the proxy did not let through."""
    sign_in, page = f"https://{OPEN}/en/account/login/", f"https://{OPEN}/health/live/"
    attempts = [status(sign_in, method="POST", headers={"Content-Length": "0"}) for _ in range(50)]
    threads = [threading.Thread(target=lambda: pages.extend(status(page) for _ in range(60))) for _ in range(5)]
    pages: list[int] = []
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(pages) <= {200, 429}, set(pages)
    assert not set(attempts) & {200, 302, 500, 502, 503}, set(attempts)
    return {"attempts_429": attempts.count(429), "pages_429": pages.count(429)}


def open_alone(supervisor: Supervisor) -> int:
    """Without its keys the sealed area knows that it is closed, without its process the proxy says so: the open one
    goes on, and is asked several pages each time."""
    pages = [f"https://{OPEN}{path}" for path in ("/en/", "/en/get-help/", "/en/account/login/", "/health/ready/")]
    time.sleep(5)  # the limits of the proxy have forgotten what was too much
    Path("/var/lib/portal-sealed/tokens").rename("/var/lib/portal-sealed/away")
    without = findings("sealed")
    assert [line.split()[:3] for line in without] == [["sealed:", "FAIL", "keys"]], without
    answers = [status(page) for page in pages]
    for child in supervisor.children:
        if child.service.name.startswith("sealed"):
            os.killpg(child.process.pid, signal.SIGKILL)
    assert status(f"https://{SEALED}/en/cases/") == 502
    answers += [status(page) for page in pages]
    assert set(answers) == {200}, answers
    return len(answers)


def findings(area: str) -> list[str]:
    """Lines of the doctor that are not good."""
    argv = [HOME / ".venv/bin/python", "manage.py", "doctor"]
    done = subprocess.run(argv, env=environment(area), cwd=HOME, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert len(lines) > 10, done.stderr
    return [f"{area}: {line}" for line in lines if not line.startswith("ok ")]


def main(folder: Path) -> None:
    lay_out(folder)
    write_settings()
    sign_certificate()
    os.environ["SSL_CERT_FILE"] = str(ETC / "tls/ca.pem")
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    mails = socketserver.ThreadingTCPServer(("127.0.0.1", 25), Mails)
    threading.Thread(target=mails.serve_forever, daemon=True).start()
    (folder / "log").mkdir()
    supervisor, found = Supervisor(folder / "log", cwd=HOME), dict[str, Any]()
    with Peer() as scanner:
        with (ETC / "open.env").open("a") as file:
            file.write(f"OAS_CLAMD={scanner.address}\n")
        try:
            start_postgres(supervisor, folder)
            start_broker(supervisor, folder)
            set_up()
            for area in ("open", "sealed"):
                manage(area, "check", "--deploy", "--fail-level", "WARNING")
            start_portal(supervisor)
            start_proxy(supervisor)
            found = {**walls(supervisor), **plain_refusals(), **first_person(supervisor), "mails": a_mail(supervisor)}
            anchors = Path("/var/lib/portal-anchors/anchors.jsonl")
            until(anchors.exists, "the anchors of the clock", supervisor)
            turning = [name for name in UNITS if name not in {"web", "sealed"}]
            until(lambda: all(sign_of(name).exists() for name in turning), "a sign of life", supervisor)
            found |= {"alive": len(turning), "not_good": findings("open") + findings("sealed"), **too_many()}
            assert supervisor.dead_child() is None
            found |= {"open_alone": open_alone(supervisor)}
        except BaseException:
            print(found, file=sys.stderr)
            for child in supervisor.children:
                name = child.service.name
                print(f"--- {name}\n{supervisor.log_of(name).read_text()[-1500:]}", file=sys.stderr)
            raise
        finally:
            supervisor.stop()
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
