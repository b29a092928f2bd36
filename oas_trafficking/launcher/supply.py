"""What the portal is made of: every pinned package, its licence, a bill of materials, and whether one was withdrawn.

`requirements/licences.csv` is the list: name, licence (SPDX), and the lock file that pins it. The linters keep it equal
to the lock files and to what installed packages say of themselves.
"""

import csv
import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from oas_trafficking.launcher.place import PYTHON, ROOT
from oas_trafficking.launcher.setup import base_environment, site_packages

LIST = ROOT / "requirements" / "licences.csv"
NPM = "npm"
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# What may be given on with the portal. Copyleft of a library's own files is kept by naming it; a whole program under
# the GPL may check the code, and is no part of what runs.
FREE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "HPND", "ISC", "MIT", "MIT-0"),
    *("MIT-CMU", "MPL-1.1", "MPL-2.0", "OFL-1.1", "PSF-2.0", "PostgreSQL", "Unlicense", "Zlib", "LGPL-3.0-or-later"),
}
TOOLS = {"dev", "local", "node", "bootstrap"}
OF_TOOLS = FREE | {"GPL-3.0-or-later"}
# As packages say it, before there was one way to say it.
SPOKEN = {
    "apache software license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "mit license": "MIT",
    "mozilla public license 1.1 (mpl 1.1)": "MPL-1.1",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "gnu library or lesser general public license (lgpl)": "LGPL-3.0-or-later",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "isc license (iscl)": "ISC",
    "the unlicense (unlicense)": "Unlicense",
    "zlib/libpng license": "Zlib",
}


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    part: str  # base, s3, dev, local, node, bootstrap or npm: the lock file that pins it
    hashes: tuple[str, ...] = ()  # SHA-256 of the files it may come in
    integrity: str = ""  # of npm
    licence: str = ""  # as a lock file of npm says it

    @property
    def purl(self) -> str:
        kind = "npm" if self.part == NPM else "pypi"
        return f"pkg:{kind}/{self.name.replace('@', '%40')}@{self.version}"


def packages() -> list[Package]:
    """Every pin once, in the order of the lock files: what the portal needs is no tool, even if a tool needs it too."""
    found: dict[tuple[bool, str], Package] = {}
    for part in ("base", "s3", "local", "node", "bootstrap", "dev"):
        for package in _pinned(ROOT / "requirements" / f"{part}.txt"):
            found.setdefault((False, package.name), package)
    for package in _pinned_by_npm():
        found.setdefault((True, package.name), package)
    return list(found.values())


def _pinned(path: Path) -> Iterator[Package]:
    text = path.read_text()
    pins = list(PIN.finditer(text))
    ends = [*(pin.start() for pin in pins[1:]), len(text)]
    for pin, end in zip(pins, ends, strict=False):
        yield Package(_plain(pin[1]), pin[2], path.stem, tuple(HASH.findall(text, pin.start(), end)))


def _pinned_by_npm() -> Iterator[Package]:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    for place, entry in lock["packages"].items():
        if place:
            name = place.rpartition("node_modules/")[2]
            yield Package(
                name, entry["version"], NPM, integrity=entry.get("integrity", ""), licence=entry.get("license", "")
            )


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# --- licences -------------------------------------------------------------------------------------


def licences() -> dict[tuple[bool, str], str]:
    """Licence of each package by (from npm, name)."""
    with LIST.open(newline="") as file:
        return {(row["part"] == NPM, row["name"]): row["licence"] for row in csv.DictReader(file)}


def check_licences() -> str:
    listed, pinned = licences(), packages()
    keys = {(package.part == NPM, package.name): package for package in pinned}
    findings = [f"{name}: pinned, and not in {LIST.name}" for is_npm, name in keys.keys() - listed.keys()]
    findings += [f"{name}: in {LIST.name}, and not pinned" for is_npm, name in listed.keys() - keys.keys()]
    for key in keys.keys() & listed.keys():
        findings += _findings(keys[key], listed[key])
    return "\n".join(sorted(findings))


def _findings(package: Package, licence: str) -> Iterator[str]:
    allowed = OF_TOOLS if package.part in TOOLS else FREE
    if not any(set(choice.split(" AND ")) <= allowed for choice in licence.split(" OR ")):
        yield f"{package.name}: {licence} may not be given on with the portal"
    said = spoken_licence(package)
    if said and said != licence:
        yield f"{package.name}: the list says {licence}, the package {said}"


def spoken_licence(package: Package) -> str:
    """As the installed package says it; empty where it is not installed here or says nothing that is known."""
    if package.part == NPM:
        return package.licence
    installed = next(iter(distributions(name=package.name, path=[site_packages()])), None)
    if installed is None:
        return ""
    said = installed.metadata
    if "License-Expression" in said:
        return said["License-Expression"]
    classifiers = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or [] if "License ::" in each]
    words = classifiers or said.get_all("License") or [""]
    known = [SPOKEN.get(word.lower(), word if word in OF_TOOLS else "") for word in words]
    return known[0] if len(known) == 1 else ""


# --- withdrawn ------------------------------------------------------------------------------------


def check_withdrawn() -> str:
    """Versions that their makers took back, as the registry of this machine says it. Without one, nothing is asked."""
    findings: list[str] = []
    for part in ("base", "s3", "local", "node", "bootstrap", "dev"):
        lock = ROOT / "requirements" / f"{part}.txt"
        uv = [PYTHON.parent / "uv", "pip", "install", "--dry-run", "--reinstall", "--no-deps", "--python", PYTHON]
        asked = [*map(str, uv), "--requirements", str(lock)]
        done = subprocess.run(
            asked, cwd=ROOT, env=base_environment(), capture_output=True, text=True, check=False, timeout=120
        )
        findings += [line.strip() for line in done.stderr.splitlines() if "yanked" in line]
    return "\n".join(findings)


# --- bill of materials ----------------------------------------------------------------------------


def bill_of_materials() -> dict[str, Any]:
    """CycloneDX 1.6: every pinned package with its licence and the hashes it is held to."""
    listed = licences()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": {"type": "application", "name": "oas-trafficking-portal", "bom-ref": "portal"},
        },
        "components": [_component(package, listed[package.part == NPM, package.name]) for package in packages()],
    }


def _component(package: Package, licence: str) -> dict[str, Any]:
    kind = "expression" if " " in licence else "license"
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "scope": "excluded" if package.part in TOOLS else "required",
        "licenses": [{"expression": licence} if kind == "expression" else {"license": {"id": licence}}],
        "properties": [{"name": "portal:lock", "value": package.part}]
        + [{"name": "portal:sha256", "value": each} for each in package.hashes]
        + ([{"name": "portal:integrity", "value": package.integrity}] if package.integrity else []),
    }


def print_bill() -> int:
    print(json.dumps(bill_of_materials(), indent=1))
    return 0
