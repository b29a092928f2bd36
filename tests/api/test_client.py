"""A Python client generated from the description, used as a State's own programmer would use it."""

import importlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.testing import record_proof
from oas_trafficking.api import described
from tests.factories.accounts import make_cast, make_key
from tests.factories.files import pdf
from tests.factories.workplan import make_open_round, only_a_few_take_part
from workplan.models import ReportEntry

NAME = "portal_client"
SETTINGS = {
    "package_name_override": NAME,
    "post_hooks": [],  # no formatter runs over it
    "content_type_overrides": {"application/pdf": "application/octet-stream"},
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Made in a process of its own; nothing in the description may be left out for being odd."""
    place = tmp_path_factory.mktemp("client")
    (place / "schema.json").write_text(json.dumps(described()))
    (place / "settings.json").write_text(json.dumps(SETTINGS))
    words = ("generate", "--path", "schema.json", "--config", "settings.json", "--meta", "none")
    command = [sys.executable, "-m", "openapi_python_client", *words, "--output-path", NAME, "--fail-on-warning"]
    made = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(place))
    yield place / NAME
    sys.path.remove(str(place))
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


def part(name: str) -> ModuleType:
    return importlib.import_module(f"{NAME}.{name}")


def operations() -> dict[str, str]:
    """Of the description: each operation's name, and its module in the client."""
    return {
        operation["operationId"]: path.split("/")[3].replace("-", "_")
        for path, methods in described()["paths"].items()
        for operation in methods.values()
    }


def test_every_operation_is_in_the_client(package: Path) -> None:
    keywords = {"return": "return_", "round": "round_"}  # words of Python
    for name, group in operations().items():
        assert callable(part(f"api.{group}.{keywords.get(name, name)}").sync_detailed), name


def test_a_state_writes_its_report_and_its_statistics_with_it(
    package: Path, transactional_db: None, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    cast = make_cast()
    only_a_few_take_part()
    make_open_round(cast)
    _key, secret = make_key(cast.ana, "write")
    made = part("client").AuthenticatedClient(base_url=live_server.url, token=secret, httpx_args={"trust_env": False})
    with made as own:
        calls = writes_for_its_state(own)
    assert ReportEntry.objects.get(report__reference="CR-2014-1", activity__code="PRO-02").results == "24 jueces."
    record_proof("generated_client", operations=len(operations()), calls=calls)


def writes_for_its_state(own: Any) -> int:
    models, calls = part("models"), [0]

    def call(operation: str, *where: Any, **more: Any) -> Any:
        calls[0] += 1
        return part(f"api.{operation}").sync_detailed(*where, client=own, **more)

    assert call("plan.plan").parsed.catalogue_is_official is False
    assert [row.reference for row in call("reports.reports").parsed.results] == ["CR-2014-1"]
    place = ("CR-2014-1", "PRO-02")
    read = call("reports.entry", *place)
    answer = read.parsed
    answer.status, answer.narrative = models.Entry.from_dict({**answer.to_dict(), "status": "partial"}).status, "Doce."
    written = call("reports.entry_write", *place, body=answer, if_match=read.headers["ETag"])
    assert (written.status_code, written.parsed.version, written.parsed.narrative) == (200, 2, "Doce.")
    change = models.PatchedEntry(results="24 jueces.")
    assert call("reports.entry_change", *place, body=change, if_match=read.headers["ETag"]).status_code == 412
    changed = call("reports.entry_change", *place, body=change, if_match=written.headers["ETag"])
    assert (changed.parsed.results, changed.parsed.narrative) == ("24 jueces.", "Doce.")
    law = part("types").File(payload=io.BytesIO(pdf()), file_name="ley.pdf", mime_type="application/pdf")
    sent = models.EvidenceFile(file=law, language=models.LanguageEnum("es"), type_=models.TypeEnum("law"))
    attached = call("reports.evidence_attach", *place, body=sent, idempotency_key="ley-9095")
    assert (attached.status_code, attached.parsed.scan_state, attached.parsed.title) == (202, "pending", "ley.pdf")
    assert call("evidence.evidence", attached.parsed.id).parsed.sha256 == attached.parsed.sha256
    assert "PRO-03" in call("reports.report_check", "CR-2014-1").parsed.blank
    moved = call("reports.report_step", "CR-2014-1", body=models.Step.from_dict({"step": "send_to_coordinator"}))
    assert (moved.status_code, moved.parsed.status) == (200, "with_coordinator")
    assert call("evidence.evidence_remove", attached.parsed.id).status_code == 403
    draft = models.ReturnDraft.from_dict(
        {"language": "es", "cells": [{"row": "F", "column": "_Z", "marker": "value", "value": 0}]}
    )
    where = ("CR", 2013, "CON_SEX")
    refused = call("returns.return_write", *where, body=draft, if_none_match="*")
    assert (refused.parsed.status, refused.parsed.errors[0]["pointer"]) == (400, "/cells/0/value")
    draft.cells[0].value = 12
    assert call("returns.return_write", *where, body=draft, if_none_match="*").status_code == 201
    assert call("returns.return_", *where).parsed.cells[0].value == 12
    return calls[0]
