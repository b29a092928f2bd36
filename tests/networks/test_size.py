"""The hemisphere in its full size: pages stay cheap, the search stays quick, the matrix is one query."""

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import State
from core.testing import record_proof
from networks import queries
from networks.models import CooperationRequest, Desk, Network, Seat
from tests.conftest import _as_after_set_up, owner_cursor
from tests.factories.accounts import give_role, make_institution, make_user
from tests.factories.networks import many_desks, many_networks, many_requests
from tests.support import note_query_count, queries_of
from tests.workplan.pages import url

# Contacts, networks, requests: a slice always, the whole with --full.
SIZES = {"slice": (200, 40, 300), "full": (2_000, 300, 20_000)}
LIMIT = 12  # of a page that lists
# One thing from many sides: may ask more, but not more with many rows.
SINGLE = {
    "network_detail", "network_drawing", "request_detail", "cooperation_state", "cooperation_pair",
    "law_list", "law_state",  # three registers on one page
}  # fmt: skip
SINGLE_LIMIT = 15
# Each page, who looks at it, and what its address needs.
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "directory_list": ("ana", ()),
    "focal_point_list": ("ana", ()),
    "network_list": ("ana", ()),
    "network_detail": ("ana", ("red-0",)),
    "network_drawing": ("ana", ("red-0",)),
    "request_list": ("ana", ()),
    "request_detail": ("ana", ()),
    "corridor_list": ("ana", ()),
    "assistance_list": ("ana", ()),
    "cooperation_map": ("ana", ()),
    "cooperation_state": ("ana", ("gt",)),
    "cooperation_pair": ("ana", ("cr", "gt")),
    "route_list": ("ana", ()),
    "law_list": ("ana", ()),
    "law_state": ("ana", ("gt",)),
    "escalation_list": ("denise", ()),
}


def people() -> SimpleNamespace:
    state = State.objects.get(iso2="CR")
    authority = make_institution("authority", "Autoridad CR", state)
    secretariat = make_institution("secretariat", "Secretaría de las pruebas")
    found = SimpleNamespace(ana=make_user("ana"), denise=make_user("denise"))
    give_role(found.ana, authority, "focal_point")
    give_role(found.denise, secretariat, "secretariat_officer")
    return found


@pytest.fixture(scope="module", params=["slice", pytest.param("full", marks=pytest.mark.full)])
def hemisphere(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Committed, so that the planner's statistics are true; few rows first, to compare with."""
    with django_db_blocker.unblock():
        _as_after_set_up(None)  # type: ignore[arg-type]
        found = people()
        many_desks(40)
        many_networks(3)
        many_requests(30, found.ana)
        found.few = {name: _count(found, name) for name in PAGES}
        for model in (CooperationRequest, Seat, Network, Desk):
            _clear(model)
        found.desks, found.networks, found.requests = SIZES[request.param]
        many_desks(found.desks)
        many_networks(found.networks)
        many_requests(found.requests, found.ana)
        with owner_cursor() as cursor:
            cursor.execute("ANALYZE")
        yield found
        _as_after_set_up(None)  # type: ignore[arg-type]


def _clear(model: Any) -> None:
    """Only the owner may take requests away."""
    with owner_cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")


def _count(found: Any, name: str) -> int:
    who, args = PAGES[name]
    if name == "request_detail":
        args = (CooperationRequest.objects.filter(sender_state__iso2="CR", sent_at__isnull=False)[0].reference,)
    client, address = Client(), url(name, *args)
    client.force_login(getattr(found, who), backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get(address)
    asked = queries_of(client, address)
    return len([sql for sql in asked if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))])


@pytest.fixture
def real(hemisphere: Any, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock():
        yield hemisphere


@pytest.mark.timeout(600)
def test_every_list_page_is_cheap_whatever_its_length(real: Any) -> None:
    many = {name: _count(real, name) for name in PAGES}
    for name in PAGES:
        note_query_count(name, real.few[name], many[name])
    lists = PAGES.keys() - SINGLE
    over = sorted(name for name in PAGES if many[name] > (SINGLE_LIMIT if name in SINGLE else LIMIT))
    growing = sorted(name for name in PAGES if many[name] > real.few[name])
    record_proof(
        "network_queries",
        pages=len(PAGES),
        lists=len(lists),
        over=len(over),
        limit=LIMIT,
        single_limit=SINGLE_LIMIT,
        growing=len(growing),
        most=max(many[name] for name in lists),
        most_of_single=max(many[name] for name in SINGLE),
        states=State.objects.count(),
        contacts=Desk.objects.count(),
        networks=Network.objects.count(),
        requests=CooperationRequest.objects.count(),
    )
    assert (over, growing) == ([], []), many


@pytest.mark.parametrize("text", ["procureur haiti", "líneas telefónicas méxico", "shelters", "abrigo", "oficina 150"])
def test_the_search_is_quick_at_the_database_and_uses_its_index(real: Any, text: str) -> None:
    rows = queries.found_desks(Desk.objects.visible_to(real.ana).open(), text).with_list_data()
    assert rows.count() > 0
    plan = rows[:50].explain(analyze=True)
    milliseconds = float(plan.split("Execution Time: ")[1].split(" ms")[0])
    record_proof("directory_search", text=text, milliseconds=milliseconds, contacts=Desk.objects.count())
    assert milliseconds < 50
    found = queries.found_desks(Desk.objects.all(), text).order_by().values("pk")
    with transaction.atomic(), connection.cursor() as cursor:
        # Two thousand rows may well be read as a whole; the index is there for when they are more.
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "desk_search" in found.explain()


def test_the_matrix_is_one_grouped_query(real: Any) -> None:
    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        pairs = queries.cooperation_pairs(real.denise)
        seconds = time.perf_counter() - start
    assert len(captured.captured_queries) <= 3  # two questions about the viewer's roles, and the matrix
    assert sum("GROUP BY" in query["sql"] for query in captured.captured_queries) == 1
    assert sum(pair.requests for pair in pairs.values()) == real.requests
    record_proof("cooperation_matrix", pairs=len(pairs), milliseconds=round(1000 * seconds))
    assert seconds < 2


def test_the_matrix_agrees_with_counting_by_hand(real: Any) -> None:
    """Listed networks only: the Secretariat sits in none of these."""
    seats: dict[int, set[int]] = {}
    for network, state in Seat.objects.filter(network__is_listed=True).values_list("network", "state"):
        seats.setdefault(network, set()).add(state)
    expected: dict[tuple[int, int], int] = {}
    for members in seats.values():
        for one in members:
            for other in members - {one}:
                expected[one, other] = expected.get((one, other), 0) + 1
    found = {pair: row.networks for pair, row in queries.cooperation_pairs(real.denise).items() if row.networks}
    assert found == expected
