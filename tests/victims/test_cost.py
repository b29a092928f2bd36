"""What the controls cost: the list of a supervisor, fifty opened cases on a page, with them and without them.

No page of the portal opens fifty cases; lists show codes. So the portal's own list is measured with three opened facts
in each row: its own view, queries, paging and template, for the same person, session and menu. Nothing of the
product can switch a control off; tests/victims/listing.py takes them away from around the same view.

With the controls: the middleware of the area (its match of the address, the lock of five minutes), SET LOCAL ROLE, the
signed context and its checks in the database, row-level security on every table, the rules asked at the end, the
reading in the trail, committed on its own connection before anything is opened, fifty wrapped keys fetched and
unwrapped, fifty texts opened with their whole address authenticated.

Without them: the same rows in tables without policies, the facts in clear as JSON, on the connection of the open area.
What is left is what any list of the portal does: who the person is, their role and State, the rows, the page.

The pages are asked for in turn, past the instruments that the test client puts into templates. Told are the median
times and the median work of the processor (this process and the server processes of its connections together); a
flush of the disk, where the server waits for one, is in the times alone.
"""

import contextlib
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from core.models import AuditEvent
from core.testing import record_proof
from tests.conftest import _as_after_set_up
from tests.factories.victims import acting_for, make_case, make_entry
from tests.victims.listing import ROWS, client_without_the_wall, opened_list, plain_tables, without_controls
from tests.victims.people import officer_and_client

FACTS = {"age": 30, "exploitation_types": ["ForcedLabour"], "place": "An invented place"}
ALLOWED, TIMES = 1.3, 100


class Cost(NamedTuple):
    time: float  # milliseconds
    work: float  # of the processor, milliseconds


@pytest.fixture
def clients(django_db_setup: None, django_db_blocker: Any, settings: Any) -> Iterator[dict[str, Client]]:
    """With real commits, and the trail on its own connection as in production."""
    settings.AUDIT_DATABASE = "audit"
    with django_db_blocker.unblock():
        client = officer_and_client(Role.CASE_SUPERVISOR)[1]
        with acting_for("CR"):
            for case in [make_case(number, facts=FACTS) for number in range(ROWS)]:
                make_entry(case, "need", {"need": "Shelter"})
                make_entry(case, "task", {"what": "Invented"})
        with plain_tables("CR", FACTS), opened_list():
            yield {"on": client, "off": client_without_the_wall(client)}
        _as_after_set_up(None)  # type: ignore[arg-type]
        connections.close_all()


def open_page(client: Client) -> Cost:
    environ = client._base_environ(PATH_INFO=reverse("case_list"))  # type: ignore[attr-defined]
    began, worked = time.perf_counter(), work()
    response = client.handler(environ)
    cost = Cost((time.perf_counter() - began) * 1000, (work() - worked) * 1000)
    assert (response.status_code, response.content.count(b"An invented place")) == (200, ROWS)
    return cost


def work() -> float:
    """Seconds of the processor, of this process and of the server processes of its connections (Linux counts both)."""
    raw = [each.connection for each in connections.all() if each.connection]
    spent = sum(int(Path(f"/proc/{one.info.backend_pid}/schedstat").read_text().split()[0]) for one in raw)
    return time.process_time() + spent / 1e9


@pytest.mark.full
def test_fifty_cases_cost_little_more_than_without_controls(clients: dict[str, Client]) -> None:
    around = {"on": contextlib.nullcontext, "off": without_controls}
    costs: dict[str, list[Cost]] = {"on": [], "off": []}
    for number in range(-5, TIMES):  # the first few are for the caches of templates and addresses
        for name in costs:
            with around[name]():
                cost = open_page(clients[name])
            if number >= 0:
                costs[name].append(cost)
    assert AuditEvent.objects.filter(verb="case.read").count() == TIMES + 5
    figures = compared(costs)
    record_proof("sealed_list", rows=ROWS, allowed=ALLOWED, **figures)
    assert min(figures["ratio"], figures["work_ratio"]) <= ALLOWED


def compared(costs: dict[str, list[Cost]]) -> dict[str, float]:
    on, off = costs["on"], costs["off"]
    return {
        "ratio": round(median(on, "time") / median(off, "time"), 2),
        "on_ms": round(median(on, "time"), 1),
        "off_ms": round(median(off, "time"), 1),
        "work_ratio": round(median(on, "work") / median(off, "work"), 2),
        "on_work_ms": round(median(on, "work"), 1),
        "off_work_ms": round(median(off, "work"), 1),
        # What the machine's own noise makes of two halves of one and the same page: no ratio below it says anything.
        "floor": floor(off, "time"),
        "work_floor": floor(off, "work"),
    }


def median(costs: list[Cost], what: str) -> float:
    return statistics.median(getattr(cost, what) for cost in costs)


def floor(costs: list[Cost], what: str) -> float:
    halves = sorted([median(costs[::2], what), median(costs[1::2], what)])
    return round(halves[1] / halves[0], 2)
