"""The list of licences, the bill of materials and withdrawn versions: each can fail, and names the package."""

import hashlib
import http.server
import json
import threading
import zipfile

import pytest

from oas_trafficking.launcher import supply

ROWS = "name,licence,part\nkept,MIT,base\n@of/npm,MIT,npm\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "requirements").mkdir()
    (tmp_path / "frontend").mkdir()
    for part in ("base", "s3", "local", "node", "bootstrap", "dev"):
        (tmp_path / "requirements" / f"{part}.txt").write_text("")
    (tmp_path / "requirements" / "base.txt").write_text(f"Kept==1.0 \\\n    --hash=sha256:{'a' * 64}\n")
    lock = {"packages": {"": {}, "node_modules/@of/npm": {"version": "2.0", "license": "MIT", "integrity": "sha512-x"}}}
    (tmp_path / "frontend" / "package-lock.json").write_text(json.dumps(lock))
    monkeypatch.setattr(supply, "ROOT", tmp_path)
    monkeypatch.setattr(supply, "LIST", tmp_path / "requirements" / "licences.csv")
    supply.LIST.write_text(ROWS)
    return tmp_path


def test_the_portal_names_the_licence_of_everything_it_is_made_of():
    assert supply.check_licences() == ""
    assert len(supply.packages()) == len(supply.licences()) > 100


def test_a_list_as_it_should_be(project):
    assert supply.check_licences() == ""


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        (ROWS + "gone,MIT,base\n", "gone: in licences.csv, and not pinned"),
        (ROWS.replace("kept,MIT,base\n", ""), "kept: pinned, and not in licences.csv"),
        (ROWS.replace("kept,MIT", "kept,AGPL-3.0-only"), "kept: AGPL-3.0-only may not be given on with the portal"),
        (
            ROWS.replace("kept,MIT", "kept,GPL-3.0-or-later"),
            "kept: GPL-3.0-or-later may not be given on with the portal",
        ),
        (ROWS.replace("npm,MIT", "npm,ISC"), "@of/npm: the list says ISC, the package MIT"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(project, rows, finding):
    supply.LIST.write_text(rows)
    assert supply.check_licences() == finding


def test_a_choice_of_licences_is_free_if_one_of_them_is(project):
    supply.LIST.write_text(ROWS.replace("kept,MIT", "kept,GPL-2.0-or-later OR MPL-1.1"))
    assert supply.check_licences() == ""


def test_the_bill_names_each_package_with_its_hashes(project):
    kept, npm = supply.bill_of_materials()["components"]
    assert (kept["purl"], npm["purl"]) == ("pkg:pypi/kept@1.0", "pkg:npm/%40of/npm@2.0")
    assert {"name": "portal:sha256", "value": "a" * 64} in kept["properties"]
    assert npm["licenses"] == [{"license": {"id": "MIT"}}]


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_withdrawn_version_is_found(project, monkeypatch, withdrawn):
    wheel = project / "kept-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("kept-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: kept\nVersion: 1.0\n")
        file.writestr("kept-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("kept-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (project / "requirements" / "base.txt").write_text(f"kept==1.0 --hash=sha256:{digest}\n")
    mark = ' data-yanked="it was broken"' if withdrawn else ""
    page = f'<a href="/{wheel.name}#sha256={digest}"{mark}>{wheel.name}</a>'
    (project / "kept").mkdir()
    (project / "kept" / "index.html").write_text(page)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(project))

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    registry = {"UV_DEFAULT_INDEX": f"http://127.0.0.1:{server.server_port}/", "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1"}
    environment = supply.base_environment() | registry
    monkeypatch.setattr(supply, "base_environment", lambda: environment)
    try:
        found = supply.check_withdrawn()
    finally:
        server.shutdown()
        server.server_close()
    assert ("it was broken" in found) is withdrawn
    assert ("kept" in found) is withdrawn
