"""Files the set-up reads or shows: requirements, lock files, compose, catalogues, proofs; and our own linters."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import polib
import pytest
import yaml
from celery.signals import heartbeat_sent
from django.conf import settings
from django.core.management import get_commands

from core.alive import leave_sign
from core.management.commands.relay import Command
from oas_trafficking.launcher import catalogues, lint, proofs
from oas_trafficking.launcher.place import ROOT
from oas_trafficking.launcher.stack import DEMO_DEFAULTS, SEALED_WORKER, WORKER

REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
PARTS = {
    *("web", "worker-default", "worker-documents", "worker-mail", "beat", "relay", "sealed-web", "sealed-worker"),
}
# Whatever a settings file may say, settings.py asks for.
KNOWN_SETTINGS = set(re.findall(r'"((?:OAS|DATABASE|REDIS)_\w+)"', (ROOT / "oas_trafficking/settings.py").read_text()))


def test_tracked_requirement_files_name_no_host():
    assert lint.registry_hosts() == ""


def test_planted_host_is_found(monkeypatch, tmp_path):
    (tmp_path / "requirements").mkdir()
    (tmp_path / "frontend").mkdir()
    monkeypatch.setattr(lint, "ROOT", tmp_path)
    (tmp_path / "requirements" / "base.txt").write_text("--index-url https://packages.example/simple\ndjango==5.2\n")
    (tmp_path / "frontend" / "package-lock.json").write_text('{"resolved": "anything"}')
    assert lint.registry_hosts().splitlines() == [
        "requirements/base.txt: --index-url https://packages.example/simple",
        'frontend/package-lock.json: {"resolved": "anything"}',
    ]


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_pinned_package_has_hashes(path):
    entries = re.split(r"\n(?=[a-z0-9])", path.read_text())
    pinned = [entry for entry in entries if "==" in entry.split("\n")[0]]
    assert pinned
    assert [entry.split("\n")[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_packages_in_two_requirement_files_have_one_version():
    """A package may have one version for each Python, but the same ones in every file."""
    pins: dict[str, set[frozenset[str]]] = {}
    for path in REQUIREMENTS:
        found: dict[str, set[str]] = {}
        for name, pin in re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==([^\\\n]+)", path.read_text(), re.MULTILINE):
            found.setdefault(name, set()).add(pin.strip())
        for name, versions in found.items():
            pins.setdefault(name, set()).add(frozenset(versions))
    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}


def test_compose_runs_every_part_and_its_servers():
    assert set(SERVICES) == {"postgres", "redis", "clamd", "proxy", "roles", "migrate", "backup", *PARTS}
    assert SERVICES["postgres"]["image"].startswith("postgres:18")


def test_compose_starts_parts_after_healthy_servers():
    for name in {*PARTS, "migrate"}:
        assert {each["condition"] for each in SERVICES[name]["depends_on"].values()} == {"service_healthy"}
        assert set(SERVICES[name]["depends_on"]) == {"postgres", "redis"}
    staying = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert {name for name, service in SERVICES.items() if "healthcheck" in service} == staying


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_compose_hardens_every_service(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["ulimits"] == {"core": 0}
    if "profiles" not in service:
        assert {"mem_limit", "pids_limit", "cpus"} <= set(service)
    # The proxy's image has no root; the scanner's start script leaves it by itself.
    assert service.get("user") or name in {"proxy", "clamd"}
    assert service.get("user") not in {"root", "0", "0:0"}


def test_every_image_is_pinned_to_a_release_line():
    images = {service["image"] for service in SERVICES.values() if "build" not in service}
    images |= {image for image in FROM if image not in STAGES}
    assert {image for image in images if not re.fullmatch(r"[a-z/-]+:\d[\w.-]*", image)} == set()
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= STAGES


def test_each_part_runs_as_its_unit_does():
    """The same program and options; places, names and numbers are the container's own."""
    units = dict.fromkeys(PARTS, "") | {"sealed-web": "sealed", "worker-default": "worker@", "worker-mail": "worker@"}
    units |= {"worker-documents": "worker@"}
    for name, unit in units.items():
        text = (ROOT / f"docs/operations/systemd/portal-{unit or name}.service").read_text()
        (program, *words), command = _unit_command(text), SERVICES[name]["command"]
        container = shlex.split(command) if isinstance(command, str) else command
        assert _options([program, *words]) == _options(container), name


def _unit_command(text):
    words = shlex.split(re.search("^ExecStart=(.*)$", text, re.MULTILINE)[1])
    return [words[0].split("/")[-1], *words[1:]]


def _options(words):
    """Program, subcommands and names of options, whichever way a value is joined to them."""
    return {words[0], *(word.split("=")[0] for word in words if word.startswith("--") or word in SUBCOMMANDS)}


SUBCOMMANDS = {"worker", "beat", "relay", "manage.py", "oas_trafficking.celery", "oas_trafficking.wsgi:application"}


def test_every_command_that_is_shown_exists():
    shown = [ROOT / "docker-compose.yml", ROOT / "Dockerfile", *(ROOT / "docs/operations").rglob("*.*")]
    named = {word for path in shown for word in re.findall(r"manage\.py ([a-z]\w+)", path.read_text())}
    assert len(named) > 10
    assert named <= set(get_commands())


def test_each_turn_leaves_a_sign_of_life(settings, tmp_path, monkeypatch):
    settings.ALIVE_FILE = str(tmp_path / "alive")
    stopping = iter([False, True])
    monkeypatch.setattr(threading.Event, "wait", lambda *_: next(stopping))
    monkeypatch.setattr(Command, "one_pass", lambda self: None)
    Command().handle(interval=0)
    assert Path(settings.ALIVE_FILE).exists()
    assert leave_sign in [receiver() for _, receiver in heartbeat_sent.receivers]


def test_each_queue_of_the_portal_has_a_worker_and_the_sealed_one_its_own():
    queues = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    served = {name: _queue(service["command"]) for name, service in SERVICES.items() if name.endswith("worker")}
    served |= {name: _queue(service["command"]) for name, service in SERVICES.items() if name.startswith("worker-")}
    assert sorted(served.values()) == sorted(queues)
    assert served["sealed-worker"] == "sealed"
    demo = {*_queue(WORKER).split(","), _queue(SEALED_WORKER)}
    assert demo == queues


def _queue(command):
    words = command.split() if isinstance(command, str) else list(command)
    return words[words.index("--queues") + 1]


def test_each_area_has_its_own_settings_networks_and_files():
    sealed = {"sealed-web", "sealed-worker"}
    for name in PARTS:
        area, other = ("sealed", "open") if name in sealed else ("open", "sealed")
        service = SERVICES[name]
        assert service["env_file"] == [f"compose/{area}.env"]
        assert area in service["networks"]
        assert other not in service["networks"]
        assert f"{area}:/data" in service["volumes"]
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert outside == {"proxy", "clamd", "worker-mail", "relay"}
    inner = {name: network.get("internal", False) for name, network in COMPOSE["networks"].items()}
    assert [name for name, internal in inner.items() if not internal] == ["outside"]


def test_only_the_proxy_is_reachable():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "proxy": ["80:80", "443:443"]
    }


def test_only_who_migrates_knows_the_owner_and_only_the_roles_know_the_superuser():
    knows = {
        word: {name for name, service in SERVICES.items() if word in json.dumps(service)}
        for word in ("owner.env", "roles.env", "postgres_password")
    }
    assert knows == {"owner.env": {"migrate"}, "roles.env": {"roles"}, "postgres_password": {"postgres"}}


def test_compose_holds_no_secret_of_its_own():
    for service in SERVICES.values():
        literal = {"POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS", "OAS_ALIVE_FILE"}
        assert set(service.get("environment", {})) <= literal
    assert not [path for path in lint.tracked() if path.relative_to(ROOT).parts[0] == "compose"]


# --- the image -----------------------------------------------------------------------------------

DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
INSTRUCTIONS = [line.split(None, 1) for line in DOCKERFILE.splitlines() if re.match("[A-Z]", line)]
FROM = [words.split()[0] for name, words in INSTRUCTIONS if name == "FROM"]
FROM += re.findall(r"COPY --from=(\S+)", DOCKERFILE)
STAGES = set(re.findall(r"^FROM \S+ AS (\w+)", DOCKERFILE, re.MULTILINE))


def test_the_image_copies_what_is_there_and_ends_as_nobody():
    for words in (words.split() for name, words in INSTRUCTIONS if name == "COPY"):
        if not words[0].startswith("--from"):
            assert all((ROOT / source).exists() for source in words[:-1]), words
    for stage in re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[2:]:
        assert re.findall(r"^USER (\S+)", stage, re.MULTILINE)[-1] == "nobody"
    kept_out = (ROOT / ".dockerignore").read_text().split()
    assert {"compose", "/compose"} & set(kept_out)
    assert {".git", ".venv", "var", ".env", "static/vendor"} <= set(kept_out)
    assert "build" in json.loads((ROOT / "frontend/package.json").read_text())["scripts"]


@pytest.mark.full
def test_the_commands_of_the_image_run_on_what_is_copied(tmp_path):
    """The last RUN of the portal's stage, in a folder that holds what COPY would bring."""
    for path in lint.tracked():
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    shutil.copytree(ROOT / "static/vendor", tmp_path / "static/vendor")
    run = next(words for name, words in INSTRUCTIONS if name == "RUN" and "collectstatic" in words)
    command = run.replace("/data /anchors", f"{tmp_path}/data {tmp_path}/anchors")
    if os.geteuid():
        command = command.replace("-o nobody -g nogroup ", "")
    path = f"{Path(sys.executable).parent}:{os.defpath}"
    env = {"PATH": path, "OAS_STATIC": f"{tmp_path}/static/collected", "HOME": str(tmp_path)}
    done = subprocess.run(["sh", "-ec", command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "locale").rglob("*.mo"))) == 3
    assert (tmp_path / "static/collected/staticfiles.json").is_file()


def _prepare(folder, script):
    subprocess.run(script, env={**os.environ, "PORTAL_COMPOSE_DIR": str(folder)}, check=True)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compose")
    names = ["portal.example.org", "cases.portal.example.org", "operators@example.org"]
    script = ["sh", ROOT / "docs/operations/compose/prepare.sh", *names]
    _prepare(folder, script)
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    _prepare(folder, script)
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return folder


def test_each_process_is_given_what_it_needs_and_no_more(prepared):
    lines = {path.stem: path.read_text().splitlines() for path in prepared.glob("*.env")}
    env = {name: dict(line.split("=", 1) for line in each) for name, each in lines.items()}
    logins = {name: set(re.findall(r"//(oas_\w+):", str(values))) for name, values in env.items()}
    assert logins == {
        "open": {"oas_app"},
        "sealed": {"oas_app", "oas_case", "oas_keys"},
        "owner": {"oas_owner", "oas_case", "oas_keys"},
        "backup": {"oas_backup"},
        "roles": set(),
    }
    assert env["open"]["OAS_SECRET_KEY"] != env["sealed"]["OAS_SECRET_KEY"]
    assert env["open"]["REDIS_URL"].split("@")[0] != env["sealed"]["REDIS_URL"].split("@")[0]
    for values in (env["open"], env["sealed"]):
        assert {"sslmode=verify-full" in url for name, url in values.items() if name.startswith("DATABASE")} == {True}
        assert values["REDIS_URL"].startswith("rediss://")
        assert "ssl_cert_reqs=required" in values["REDIS_URL"]
    for name in ("open", "sealed", "owner", "backup"):
        assert set(env[name]) <= KNOWN_SETTINGS
    passwords = set(env["roles"].values())
    assert len(passwords) == len(env["roles"])
    readable = [path.name for path in prepared.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert all(name.endswith(".pem") or name == "networks.conf" for name in readable)
    assert "audit_key.pem" not in readable


def test_latest_of_each_proof_is_shown(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(proofs, "FILE", tmp_path / "proofs.jsonl")
    lines = [{"proof": "smoke", "at": "1", "failed": 3}, {"proof": "kill", "at": "2"}, {"proof": "smoke", "at": "3"}]
    proofs.FILE.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert proofs.show(as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == [lines[1], lines[2]]


def test_planted_secret_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(lint, "ROOT", tmp_path)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "settings.py").write_text('URL = "postgres://portal:' + 'hunter2hunter2@db/portal"\n')
    (tmp_path / "key.txt").write_text("-----BEGIN " + "PRIVATE KEY-----\n")
    (tmp_path / "clean.py").write_text('URL = "postgres://portal:${PASSWORD}@db/portal"\n')
    assert set(lint.secrets_in_tree().splitlines()) == {"settings.py: password in a URL", "key.txt: private key"}


def catalogue(folder, *pairs):
    path = folder / "locale" / "es" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    messages = polib.POFile()
    messages.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    messages.extend(polib.POEntry(msgid=english, msgstr=spanish) for english, spanish in pairs)
    messages.save(str(path))
    return path


def test_catalogues_are_compiled_without_gettext(tmp_path):
    path = catalogue(tmp_path, ("Report", "Informe"), ("Not yet", ""))
    assert catalogues.compile_catalogues([str(path)]) == 0
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert {entry.msgid: entry.msgstr for entry in compiled} == {"Report": "Informe"}


def test_catalogue_that_lags_behind_the_source_is_found(tmp_path, capsys):
    catalogue(tmp_path / "old", ("Report", "Informe"), ("Removed", "Quitado"))
    catalogue(tmp_path / "new", ("Report", "Informe"), ("Added", ""))
    assert catalogues.check(tmp_path / "old", tmp_path / "new") == 1
    assert capsys.readouterr().out.splitlines() == [
        "locale/es/LC_MESSAGES/django.po: new: 'Added'",
        "locale/es/LC_MESSAGES/django.po: gone: 'Removed'",
        "locale/es/LC_MESSAGES/django.po: not translated: 'Added'",
    ]
    assert catalogues.check(tmp_path / "old", tmp_path / "old") == 0


def test_nobody_but_a_developer_sees_the_error_pages_of_a_developer():
    """They tell every address of the portal, and its code and data when something breaks."""
    assert "OAS_DEBUG" not in DEMO_DEFAULTS
    assert "OAS_DEBUG" not in (ROOT / "docker-compose.yml").read_text()


def test_the_page_of_installing_names_every_variable() -> None:
    """And none that does not exist."""
    read = set(re.findall(r"""env_\w+\(\s*"([A-Z0-9_]+)\"""", (ROOT / "oas_trafficking/settings.py").read_text()))
    read |= {"DATABASE_SEALED_URL", "DATABASE_KEYS_URL"}  # read in a loop
    read |= {"OAS_FILES_KEY", "OAS_FILES_SECRET"}  # read with OAS_FILES_URL
    page = (ROOT / "docs/operations/install.md").read_text()
    table = page.split("## 4. Environment")[1].split("## 5.")[0]
    named = set(re.findall(r"`((?:OAS|DATABASE|REDIS)_[A-Z_0-9]+)`", table))
    assert named == read


def test_each_unit_starts_a_process_that_gains_no_right() -> None:
    units = {path.name: path.read_text() for path in (ROOT / "docs/operations/systemd").glob("*.service")}
    assert {"portal-web.service", "portal-sealed.service", "portal-worker@.service"} <= set(units)
    for text in units.values():
        assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "LimitCORE=0"} <= set(text.splitlines())
        assert "User=portal" in text
