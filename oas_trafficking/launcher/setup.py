"""Sets up what is missing: Python packages, the front end, message catalogues, the libraries that write PDF."""

import fcntl
import importlib.util
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.machinery import PathFinder
from pathlib import Path

from oas_trafficking.launcher.console import (
    Argv,
    LaunchError,
    fingerprint,
    inherited_environment,
    is_done,
    redo,
    run,
    step,
)
from oas_trafficking.launcher.place import PYTHON, ROOT, VENV

REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
NODE_NEEDED = (20, 19)
FREE_MEGABYTES_NEEDED = 1500
PYTHON_VERSION = "{}.{}.{}".format(*sys.version_info[:3])


def base_environment() -> dict[str, str]:
    return inherited_environment(VENV, ROOT / "var" / "home")


def site_packages() -> str:
    """Of .venv: the launcher itself may run on another Python."""
    return sysconfig.get_path("platlib", scheme="venv", vars={"base": str(VENV), "platbase": str(VENV)})


def installed_package(name: str) -> Path | None:
    """Where a package of .venv is, without importing it."""
    spec = PathFinder.find_spec(name, [site_packages()])
    return Path(spec.origin).parent if spec and spec.origin else None


def set_up(*, dev: bool = False) -> None:
    """One launcher at a time: `up` and `test` may be started side by side."""
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        install("base", "local", *(["dev"] if dev else []))
        build_frontend()
        compile_messages()


def make_venv() -> None:
    stamp = VENV / "portal-python"
    if PYTHON.exists() and is_done(stamp, PYTHON_VERSION):
        return
    if VENV.is_symlink():  # clearing it would empty a folder that is not this portal's
        raise LaunchError(f"{VENV} is a link to an environment of another Python. Remove the link and start again.")
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        major, minor = sys.version_info[:2]
        raise LaunchError(
            f"This Python cannot make virtual environments: install python3-venv "
            f"(Debian, Ubuntu: sudo apt-get install python3-venv python{major}.{minor}-venv)."
        )
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < FREE_MEGABYTES_NEEDED:
        raise LaunchError(f"The disk is too full: {free} MB are free and the set-up needs {FREE_MEGABYTES_NEEDED} MB.")
    with step(f"Python {PYTHON_VERSION} environment"):
        venv.create(VENV, clear=True, with_pip=True, symlinks=True)
    stamp.write_text(PYTHON_VERSION)


def install(*names: str) -> None:
    """Only ready-made files, each checked against the hash in the repository."""
    pip: Argv = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _install("bootstrap", "Installer", pip)
    uv: Argv = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--no-build", "--python", PYTHON]
    for name in names:
        _install(name, f"Python packages ({name})", uv)


def _install(name: str, label: str, installer: Argv) -> None:
    path = REQUIREMENTS / f"{name}.txt"
    argv = [*installer, "--require-hashes", "-r", path]
    failure = f"The packages of requirements/{name}.txt could not be installed"
    redo(
        VENV / f"portal-{name}",
        fingerprint([path], PYTHON_VERSION),
        label,
        lambda: _discard(run(argv, env=base_environment(), cwd=ROOT, failure=failure)),
    )


def _discard(output: str) -> None:
    """The tool's own words are of interest only when it fails."""


def build_frontend() -> None:
    sources = [
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and "node_modules" not in path.relative_to(FRONTEND).parts
    ]
    # The stamp lies in the result: who deletes the result builds it again.
    stamp, value = ROOT / "static" / "vendor" / ".portal", fingerprint(sources)
    if not is_done(stamp, value) and not _machine_has_node(base_environment()):
        install("node")
    redo(stamp, value, "Front end", _build_frontend)


def _build_frontend() -> None:
    env = base_environment()
    failure = "The front end could not be built"
    run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], env=env, cwd=FRONTEND, failure=failure)
    run(["npm", "run", "build"], env=env, cwd=FRONTEND, failure=failure)


def _machine_has_node(env: dict[str, str]) -> bool:
    if not (shutil.which("node", path=env["PATH"]) and shutil.which("npm", path=env["PATH"])):
        return False
    found = subprocess.run(["node", "--version"], env=env, capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    return version >= NODE_NEEDED


def compile_messages() -> None:
    sources = list(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
    stamp = VENV / "portal-messages"
    if any(not path.with_suffix(".mo").exists() for path in sources):
        stamp.unlink(missing_ok=True)
    argv: Argv = [PYTHON, "-m", "oas_trafficking.launcher.catalogues", "compile", *sources]
    redo(
        stamp,
        fingerprint(sources),
        "Message catalogues",
        lambda: _discard(run(argv, env=base_environment(), cwd=ROOT, failure="A catalogue of messages is not valid")),
    )
