"""Every linter, one line each; what a linter printed is shown only if it failed."""

import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from oas_trafficking.launcher import migrations, pdf, supply
from oas_trafficking.launcher.place import PYTHON, ROOT
from oas_trafficking.launcher.setup import base_environment

BIN = PYTHON.parent
MANAGE = (PYTHON, ROOT / "manage.py")
HOST = re.compile(r"https?://|(?<![\w@/])[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|internal|local)\b")
SECRETS = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "cloud key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "access token": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10,}|npm_[A-Za-z0-9]{36})"
    ),
    "password in a URL": re.compile(r"\b\w+://[\w.-]+:(?!x@|password@|\$)[^@\s/{}'\"<>$]{6,}@"),
}

BOTH_AREAS = {
    "OAS_AREAS": "open,sealed",
    "DATABASE_SEALED_URL": "postgres://oas_case@localhost:1/portal",
    "DATABASE_KEYS_URL": "postgres://oas_keys@localhost:1/portal",
}

Linter = Callable[[], str]


def lint() -> int:
    failed = 0
    for name, linter in linters().items():
        began = time.monotonic()
        findings = linter()
        failed += bool(findings)
        print(f"{'failed' if findings else 'ok':<7}{name} ({time.monotonic() - began:.1f} s)", flush=True)
        if findings:
            print("\n".join(f"       {line}" for line in findings.splitlines()), flush=True)
    return min(failed, 1)


def linters() -> dict[str, Linter]:
    production = _production_environment()
    templates = [path for path in tracked() if path.suffix == ".html"]
    return {
        "ruff check": _tool(BIN / "ruff", "check", "--quiet"),
        "ruff format": _tool(BIN / "ruff", "format", "--check", "--quiet"),
        "mypy": _tool(BIN / "mypy", "--no-error-summary", *_python_folders()),
        "djlint --lint": _tool(BIN / "djlint", "--lint", "--quiet", *templates) if templates else _nothing,
        "import contracts": _tool(BIN / "lint-imports"),
        "makemigrations --check": _tool(*MANAGE, "makemigrations", "--check", "--dry-run", env=production | BOTH_AREAS),
        "migrations": migrations.faults,
        "check --deploy": _tool(*MANAGE, "check", "--deploy", "--fail-level", "WARNING", env=production),
        "message catalogues": lambda: catalogues(production),
        "no registry host": registry_hosts,
        "licences": supply.check_licences,
        "no withdrawn package": supply.check_withdrawn,
        "no secret": secrets_in_tree,
    }


def _tool(*argv: str | Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Linter:
    def linter() -> str:
        command = list(map(str, argv))
        done = subprocess.run(
            command, cwd=cwd, env=env or base_environment(), capture_output=True, text=True, check=False
        )
        return (done.stdout + done.stderr).strip() or f"exit code {done.returncode}" if done.returncode else ""

    return linter


def _nothing() -> str:
    return ""


def _production_environment() -> dict[str, str]:
    """As in production, but with servers that do not exist: checks must not need them."""
    inherited = {key: value for key, value in base_environment().items() if not key.startswith("OAS_")}
    return inherited | {
        "OAS_DEBUG": "0",
        "OAS_PLAIN_HTTP": "0",
        "OAS_HOSTS": "portal.example",
        "OAS_ADDRESS": "https://portal.example",
        "OAS_SECRET_KEY": secrets.token_urlsafe(64),
        "DATABASE_URL": "postgres://oas_app@localhost:1/portal",
        "REDIS_URL": "redis://localhost:1/0",
        # A file that exists stands for the key; the checks do not read it.
        "OAS_AUDIT_KEY_FILE": str(ROOT / "manage.py"),
        "OAS_AUDIT_ANCHORS": "/elsewhere/anchors.jsonl",
        # makemigrations warns that it cannot ask the database whether its history is consistent.
        "PYTHONWARNINGS": "ignore:Got an error checking a consistent migration history:RuntimeWarning",
    }


def _python_folders() -> list[str]:
    return [
        "manage.py",
        "oas_trafficking",
        *(path.parent.name for path in ROOT.glob("*/apps.py") if path.parent != ROOT / "oas_trafficking"),
    ]


def tracked() -> list[Path]:
    """The files of the repository, those not yet added included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def catalogues(env: Mapping[str, str]) -> str:
    if not shutil.which("msgfmt") and os.geteuid() == 0 and shutil.which("apt-get"):
        pdf.apt_install("gettext")
    if not shutil.which("msgfmt"):
        return "gettext is not installed (Debian, Ubuntu: apt-get install gettext)"
    faults = [
        _tool("msgfmt", "--check", "--output-file=/dev/null", path)()
        for path in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
    ]
    return "\n".join(filter(None, [*faults, _changed_by_makemessages(env)]))


def _changed_by_makemessages(env: Mapping[str, str]) -> str:
    """In a copy, so that looking changes nothing."""
    with tempfile.TemporaryDirectory(prefix="portal-messages-") as folder:
        copy = Path(folder)
        for path in tracked():
            target = copy / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        made = _tool(PYTHON, "manage.py", "makemessages", "--all", "--no-obsolete", env=env, cwd=copy)()
        return made or _tool(PYTHON, "-m", "oas_trafficking.launcher.catalogues", "check", ROOT, copy)()


def registry_hosts() -> str:
    """Lock files hold names, versions and hashes: where they are downloaded from is a matter of the machine."""
    files = [*ROOT.glob("requirements/*"), ROOT / "frontend" / ".npmrc"]
    found = [
        f"{path.relative_to(ROOT)}: {line}" for path in files if path.is_file() for line in _lines_with(HOST, path)
    ]
    lock = ROOT / "frontend" / "package-lock.json"
    found += [f"{lock.relative_to(ROOT)}: {line}" for line in _lines_with(re.compile(r'"resolved"'), lock)]
    return "\n".join(found)


def secrets_in_tree() -> str:
    return "\n".join(
        f"{path.relative_to(ROOT)}: {kind}"
        for path in tracked()
        if path.suffix not in {".png", ".woff2", ".pdf", ".xlsx"}
        for kind, pattern in SECRETS.items()
        if list(_lines_with(pattern, path))
    )


def _lines_with(pattern: re.Pattern[str], path: Path) -> Sequence[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return [line.strip() for line in lines if pattern.search(line)]
