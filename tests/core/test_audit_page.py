"""The audit trail as its readers see it: their own chain alone, filtered, exported, at a constant cost."""

import ast
import csv
import io
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from core import audit
from core.enums import ScanState
from core.models import AuditEvent
from core.spreadsheets import csv_text, harmless
from oas_trafficking.presenters import EVENT_LABELS
from tests.access.lints import python_files
from tests.factories.accounts import give_role, make_user
from tests.support import sign_in_fresh
from workplan.enums import Step

PAGE, EXPORT = "/en/audit/", "/en/audit/export/"


@pytest.fixture
def auditor(cast: SimpleNamespace, client: Client) -> Any:
    user = make_user("aurora")
    give_role(user, cast.authority_cr, Role.STATE_AUDITOR)
    sign_in_fresh(client, user)
    return user


def event(actor: Any, chain: str = "CR", verb: str = "entry.saved", reference: str = "CR-2014-1", **data: Any) -> None:
    audit.record(actor=actor, verb=verb, obj=actor, chain=chain, data={"reference": reference, **data})


def numbers(response: Any) -> list[int]:
    return [row.number for row in response.context["rows"]]


def test_an_auditor_reads_the_chain_of_the_own_state_alone(auditor: Any, cast: Any, client: Client) -> None:
    event(cast.ana, code="seen")
    event(cast.carla, chain="GT", code="canary-7f3a")
    event(cast.denise, chain="platform", code="canary-7f3a")
    for address in (PAGE, EXPORT, f"{PAGE}?chain=GT", f"{EXPORT}?chain=platform"):
        body = client.get(address).content.decode()
        assert ("code: seen" in body, "canary-7f3a" in body) == (True, False), address


@pytest.mark.parametrize("person", ["ana", "beto", "carla", "denise", "evan", "paula"])
@pytest.mark.parametrize("address", [PAGE, EXPORT])
def test_nobody_else_reads_a_trail(cast: Any, client: Client, person: str, address: str) -> None:
    sign_in_fresh(client, getattr(cast, person))
    assert client.get(address).status_code == 403


def test_the_secretariats_administrator_reads_the_platform_and_no_state(cast: Any, client: Client) -> None:
    event(cast.ana, code="canary-7f3a")
    event(cast.denise, chain="platform", code="seen")
    sign_in_fresh(client, cast.didier)
    body = client.get(f"{PAGE}?chain=platform").content.decode()
    assert ("code: seen" in body, "canary-7f3a" in body) == (True, False)
    assert client.get(f"{PAGE}?chain=CR").status_code == 422


def test_filters_narrow_exactly(auditor: Any, cast: Any, client: Client) -> None:
    event(cast.ana)
    event(cast.beto, verb="report.approve")
    event(cast.beto, reference="CR-2013-2")
    first = AuditEvent.objects.get(chain="CR", verb="report.approve").seq
    found = {
        "verb=report.approve": [first],
        "person=Beto": [first + 1, first],
        "person=ana@example.org": [first - 1],
        "about=CR-2013-2": [first + 1],
        "since=2999-01-01": [],
        "until=2001-01-01": [],
        f"before={first}&verb=entry.saved": [first - 1],
    }
    assert {query: numbers(client.get(f"{PAGE}?{query}")) for query in found} == found


@pytest.mark.parametrize("query", ["since=yesterday", "verb=nothing", "before=-1", "chain=%00", "about=" + "x" * 65])
@pytest.mark.parametrize("address", [PAGE, EXPORT])
def test_a_filter_that_makes_no_sense_is_said_so(auditor: Any, client: Client, address: str, query: str) -> None:
    response = client.get(f"{address}?{query}")
    assert response.status_code == (200 if query.startswith("chain") else 422)


def test_older_events_are_a_page_further(auditor: Any, cast: Any, client: Client) -> None:
    for _ in range(60):
        event(cast.ana)
    newest = client.get(f"{PAGE}?verb=entry.saved")
    link = re.search(r'rel="next"\s+href="([^"]+)"', newest.content.decode())
    assert link is not None
    older = client.get(PAGE + link[1].replace("&amp;", "&"))
    assert (len(numbers(newest)), len(numbers(older))) == (50, 10)
    assert set(numbers(newest)).isdisjoint(numbers(older))


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("address", [PAGE, EXPORT])
def test_thirty_rows_cost_what_one_costs(auditor: Any, cast: Any, client: Client, address: str) -> None:
    event(cast.ana)
    client.get(address)
    one = queries_of(client, f"{address}?verb=entry.saved")
    for person in (cast.ana, cast.beto, cast.bruno) * 10:
        event(person)
    assert queries_of(client, f"{address}?verb=entry.saved") == one


def test_an_export_is_a_harmless_file_and_an_event(auditor: Any, cast: Any, client: Client) -> None:
    cast.ana.full_name = "=cmd()"
    cast.ana.save()
    event(cast.ana)
    response = client.get(f"{EXPORT}?verb=entry.saved")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert (len(rows), rows[1][2]) == (2, "'=cmd() (ana@example.org)")
    assert response["Content-Disposition"] == 'attachment; filename="audit-CR.csv"'
    last = AuditEvent.objects.filter(chain="CR").latest("seq")
    assert (last.verb, last.actor, last.data) == ("audit.exported", auditor, {"events": 1})


def test_a_trail_too_long_for_one_file_is_refused(auditor: Any, cast: Any, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("oas_trafficking.services.EXPORT_LIMIT", 2)
    for _ in range(3):
        event(cast.ana)
    assert client.get(EXPORT).status_code == 422
    assert not AuditEvent.objects.filter(verb="audit.exported").exists()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", " ="])
def test_no_cell_is_a_formula(start: str) -> None:
    assert harmless(start + "1+1") == "'" + start + "1+1"
    assert csv_text(["a"], [["1-1"]]) == "\ufeffa\r\n1-1\r\n"


# Where events are written: literals there with a noun of the trail are verbs.
WRITERS = re.compile(r"(^|/)(services|delivery|schedule|jobs|middleware)(/[^/]+)?\.py$")
NOT_VERBS = {"catalogue.csv", "document.css"}


def verbs_in_the_code() -> Iterator[str]:
    nouns = {verb.split(".")[0] for verb in EVENT_LABELS}
    for name, text in python_files().items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.keyword) and node.arg == "verb" and isinstance(node.value, ast.Constant):
                yield node.value.value
            elif isinstance(node, ast.Constant) and WRITERS.search(name) and isinstance(node.value, str):
                noun, _dot, act = node.value.partition(".")
                if noun in nouns and re.fullmatch("[a-z_]+", act):
                    yield node.value


def test_every_event_has_words() -> None:
    assert set(verbs_in_the_code()) - NOT_VERBS - set(EVENT_LABELS) == set()
    made = {f"report.{step}" for step in Step.values} | {f"evidence.{state}" for state in ScanState.values}
    assert made - set(EVENT_LABELS) == {"evidence.pending"}
