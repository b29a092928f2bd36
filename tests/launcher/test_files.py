"""Files the set-up reads or shows: requirements, lock files, compose, catalogues, proofs; and our own linters."""

import json
import re
import subprocess

import polib
import pytest
import yaml

from oas_trafficking.launcher import catalogues, lint, proofs
from oas_trafficking.launcher.place import ROOT
from oas_trafficking.launcher.stack import DEMO_DEFAULTS

REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PARTS = {"web", "worker", "beat", "relay"}


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
    assert set(COMPOSE["services"]) == {"postgres", "redis", "roles", "migrate", *PARTS}
    assert COMPOSE["services"]["postgres"]["image"].startswith("postgres:18")


def test_compose_starts_parts_after_healthy_servers_and_migrations():
    for name in PARTS:
        waits_for = COMPOSE["services"][name]["depends_on"]
        assert waits_for["migrate"]["condition"] == "service_completed_successfully"
        assert waits_for["redis"]["condition"] == "service_healthy"
    assert COMPOSE["services"]["migrate"]["depends_on"]["roles"]["condition"] == "service_completed_successfully"
    assert {name for name, service in COMPOSE["services"].items() if "healthcheck" in service} >= {
        "postgres",
        "redis",
        "web",
    }


def test_only_migrations_know_the_owner_and_only_the_roles_know_the_superuser():
    knows = {
        word: {name for name, service in COMPOSE["services"].items() if word in json.dumps(service)}
        for word in ("OAS_OWNER_PASSWORD", "POSTGRES_PASSWORD")
    }
    assert knows == {"OAS_OWNER_PASSWORD": {"migrate", "roles"}, "POSTGRES_PASSWORD": {"postgres", "roles"}}


def test_compose_holds_no_secret_of_its_own():
    for name, service in COMPOSE["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET", key):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{name}.{key}"
            if key.endswith("_URL"):
                assert not re.search(r"://\w+:(?!\$\{)[^@]*@", value), f"{name}.{key}"


def test_web_of_compose_is_reachable_from_this_machine_alone():
    published = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


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
