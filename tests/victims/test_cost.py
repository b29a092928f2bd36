"""What the controls cost: a page of fifty opened cases beside the same page with every control off."""

import json
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts.enums import Role
from core.models import AuditEvent
from core.testing import record_proof
from tests.conftest import _as_after_set_up, owner_cursor
from tests.factories.victims import acting_for, make_case
from tests.victims.people import officer_and_client

pytestmark = pytest.mark.urls("tests.victims.urls")
FACTS = {"age": 30, "exploitation_types": ["ForcedLabour"], "place": "An invented place"}
ALLOWED, TIMES = 1.3, 60


@pytest.fixture
def supervisor(django_db_setup: None, django_db_blocker: Any, settings: Any) -> Iterator[Client]:
    """With real commits, and the trail on its own connection as in production."""
    settings.AUDIT_DATABASE = "audit"
    with django_db_blocker.unblock(), owner_cursor() as cursor:
        client = officer_and_client(Role.CASE_SUPERVISOR)[1]
        with acting_for("CR"):
            cases = [make_case(number, facts=FACTS) for number in range(50)]
        cursor.execute("CREATE TABLE plain_case (code text PRIMARY KEY, facts text)")
        cursor.execute("GRANT SELECT ON plain_case TO oas_app")
        cursor.executemany("INSERT INTO plain_case VALUES (%s, %s)", [(c.code, json.dumps(FACTS)) for c in cases])
        yield client
        cursor.execute("DROP TABLE plain_case")
        _as_after_set_up(None)  # type: ignore[arg-type]
        connections.close_all()


def milliseconds(client: Client, address: str) -> float:
    began = time.perf_counter()
    response = client.get(address)
    assert (response.status_code, response.content.count(b"An invented place")) == (200, 50)
    return (time.perf_counter() - began) * 1000


@pytest.mark.full
def test_fifty_cases_cost_little_more_than_without_controls(supervisor: Client) -> None:
    """In turns, so that whatever else the machine does meets both alike."""
    on, off = [], []
    for _time in range(TIMES):
        on.append(milliseconds(supervisor, "/sealed/fifty/"))
        off.append(milliseconds(supervisor, "/outside/fifty/"))
    assert AuditEvent.objects.filter(verb="case.read").count() == TIMES
    with_controls, without = statistics.median(on), statistics.median(off)
    ratio = round(with_controls / without, 2)
    # What the machine's own noise makes of two halves of one and the same page: no ratio below it says anything.
    halves = sorted([statistics.median(off[::2]), statistics.median(off[1::2])])
    figures = {"on_ms": round(with_controls, 1), "off_ms": round(without, 1), "floor": round(halves[1] / halves[0], 2)}
    record_proof("sealed_list", rows=50, ratio=ratio, allowed=ALLOWED, **figures)
    assert ratio <= ALLOWED
