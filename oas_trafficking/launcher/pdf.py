"""The system libraries that WeasyPrint loads: present, installed as root, unpacked under var/, or PDF is off."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from oas_trafficking.launcher.console import step
from oas_trafficking.launcher.place import PYTHON, ROOT
from oas_trafficking.launcher.setup import base_environment

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-core")
LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libharfbuzz-subset.so.0",
    "libfontconfig.so.1",
)
LOADS = f"import ctypes; [ctypes.CDLL(name) for name in {LIBRARIES}]"
UNPACKED = ROOT / "var" / "syslib"
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{unpacked}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{unpacked}/cache</cachedir>
</fontconfig>
"""


def environment_for_pdf() -> dict[str, str]:
    """What the processes that write PDF need in their environment; with OAS_PDF_OFF if nothing helped."""
    if os.environ.get("OAS_PDF_OFF") or _libraries_load({}):
        return {}
    if _libraries_load(_unpacked_environment()):
        return _unpacked_environment()
    if not shutil.which("apt-get"):
        return {"OAS_PDF_OFF": f"the system libraries {', '.join(PACKAGES[:3])} are missing"}
    return _with_apt()


def _libraries_load(extra: Mapping[str, str]) -> bool:
    env = {**base_environment(), **extra}
    return subprocess.run([str(PYTHON), "-c", LOADS], env=env, capture_output=True, check=False).returncode == 0


def _unpacked_environment() -> dict[str, str]:
    folders = {str(path.parent) for path in (UNPACKED / "usr" / "lib").rglob("lib*.so.*")}
    return {"LD_LIBRARY_PATH": ":".join(sorted(folders)), "FONTCONFIG_FILE": str(UNPACKED / "fonts.conf")}


def _with_apt() -> dict[str, str]:
    try:
        if os.geteuid() == 0:
            with step("System libraries for PDF (apt-get)"):
                apt_install(*PACKAGES)
            return {}
        with step("System libraries for PDF (unpacked under var/)"):
            _unpack()
    except (subprocess.CalledProcessError, OSError) as error:
        return {"OAS_PDF_OFF": f"the system libraries for PDF could not be installed ({_reason(error)})"}
    found = _unpacked_environment()
    if _libraries_load(found):
        return found
    return {"OAS_PDF_OFF": "the system libraries for PDF do not load on this machine"}


def _reason(error: subprocess.CalledProcessError | OSError) -> str:
    output = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    lines = [line for line in str(output).splitlines() if line.startswith("E:")] or str(output).splitlines()
    return lines[0] if lines else "apt-get failed"


def apt_install(*packages: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if subprocess.run(install, env=env, capture_output=True, check=False).returncode:
        _tool(["apt-get", "update"], env=env)
        _tool(install, env=env)


def _unpack() -> None:
    shutil.rmtree(UNPACKED, ignore_errors=True)
    for name in ("lists/partial", "cache/archives/partial", "debs"):
        (UNPACKED / name).mkdir(parents=True)
    apt = ["apt-get", "-o", f"Dir::Cache={UNPACKED}/cache"]
    try:
        names = _missing_packages(apt)
    except subprocess.CalledProcessError:
        # This machine keeps no package lists: fetch our own.
        apt += ["-o", f"Dir::State::lists={UNPACKED}/lists"]
        _tool([*apt, "update"])
        names = _missing_packages(apt)
    _tool([*apt, "download", *names], cwd=UNPACKED / "debs")
    for package in (UNPACKED / "debs").glob("*.deb"):
        _tool(["dpkg", "-x", str(package), str(UNPACKED)])
    for name in ("lists", "cache", "debs"):
        shutil.rmtree(UNPACKED / name)
    (UNPACKED / "fonts.conf").write_text(FONTS_CONF.format(unpacked=UNPACKED))


def _missing_packages(apt: list[str]) -> list[str]:
    plan = _tool([*apt, "install", "--simulate", "--no-install-recommends", *PACKAGES])
    return re.findall(r"^Inst (\S+)", plan, re.MULTILINE)


def _tool(argv: list[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    return subprocess.run(argv, env=env, cwd=cwd, capture_output=True, text=True, check=True).stdout
