"""Search by blind index: what may be asked, what is told to whom, and what the index itself gives away."""

import random
from collections import Counter
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from core import keys
from core.db import sealed_scope
from core.exceptions import StepRefused
from core.models import AuditEvent
from core.testing import record_proof
from tests.factories.victims import acting_for, make_case
from tests.victims.people import officer_and_client
from victims import queries, services
from victims.models import Case, SearchToken
from victims.permissions import Officer
from victims.services import Answer, search

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])

ALL = Answer(given=True, classes=["identity", "quasi"])
ROSA = {"first_name": "María Rosa", "second_name": "De la Peña Gonçalves", "birth_date": "1995-03-07"}
PAPER = {"identity_number": "AB 12.345-6", "identity_country": "NI"}
Person = tuple[Officer, Client]


def registered(person: Person, identity: dict[str, Any]) -> Case:
    with sealed_scope(person[0].context()):
        return services.open_case(actor=person[0], consent=ALL, facts={}, identity=identity)


def sent(identity: dict[str, Any], reason: str = "returned") -> dict[str, Any]:
    """As the form sends it."""
    parts = dict(
        zip(("birth_date_2", "birth_date_1", "birth_date_0"), identity.get("birth_date", "").split("-"), strict=False)
    )
    return {"reason": reason, **{n: v for n, v in identity.items() if n != "birth_date"}, **parts}


def answer(person: Person, identity: dict[str, Any]) -> str:
    response = person[1].post(reverse("case_search"), sent(identity))
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


@pytest.fixture
def worker() -> Person:
    return officer_and_client(Role.CASE_WORKER)


def test_only_compounds_that_hardly_two_people_share_are_indexed() -> None:
    fields = {field.name for field in queries.fields()}
    assert search.COMPOUNDS == {
        "document": ("identity_number", "identity_country"),
        "person": ("first_name", "second_name", "birth_date"),
        "sound": ("first_name", "second_name", "birth_date"),
    }
    assert {part for parts in search.COMPOUNDS.values() for part in parts} <= fields
    everything = {**ROSA, **PAPER}
    for parts in search.COMPOUNDS.values():
        for part in parts:  # without any one part, and with one part alone, there is no token
            without = {name: value for name, value in everything.items() if name in parts and name != part}
            assert search.texts_of(without) == search.texts_of({part: everything[part]}) == {}
    assert search.texts_of({**ROSA, "birth_date": "1995-03"}) == {}
    others = dict.fromkeys(fields - everything.keys(), "x")
    assert search.texts_of(others) == {}


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        (("María Rosa", "De la Peña Gonçalves"), ("MARIA ROSA", "Pena Gonsalves")),
        (("João", "dos Santos"), ("Joao", "Santos")),
        (("Marie-Ève", "d’Aubigné"), ("Marie Eve", "Aubigne")),
        (("Jean", "Le Blanc"), ("Blanc", "Jean")),
    ],
)
def test_case_accents_particles_and_order_do_not_matter(written: tuple[str, str], typed: tuple[str, str]) -> None:
    one, two = ({"first_name": a, "second_name": b, "birth_date": "1995-03-07"} for a, b in (written, typed))
    assert search.texts_of(one)["person"] == search.texts_of(two)["person"]


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("gonzalez", "gonsales"), ("vasquez", "basques"), ("ximena", "shimena"), ("hernandez", "ernandes"),
        ("quispe", "kispe"), ("walter", "valter"), ("philippe", "filipe"), ("yamila", "llamila"), ("nunes", "nunez"),
        ("carvalho", "carvallo"), ("jessica", "jesica"), ("geraldo", "jeraldo"), ("christophe", "xristofe"),
    ],
)  # fmt: skip
def test_names_are_found_as_they_are_heard(written: str, heard: str) -> None:
    assert search.sound(written) == search.sound(heard)


def test_a_record_is_found_by_its_document_by_names_and_by_sound(worker: Person) -> None:
    case = registered(worker, {**ROSA, **PAPER})
    heard = {"first_name": "Maria", "second_name": "Penna", "birth_date": "1995-03-07"}
    for wanted in (ROSA, {"identity_number": "ab123456", "identity_country": "Nicaragua"}, heard):
        assert case.code in answer(worker, wanted)
    assert case.code not in answer(worker, {**ROSA, "birth_date": "1995-03-08"})


def test_another_team_s_record_is_only_hinted_at_and_another_state_s_not_at_all(worker: Person) -> None:
    case = registered(worker, ROSA)
    colleague, supervisor = officer_and_client(Role.CASE_WORKER), officer_and_client(Role.CASE_SUPERVISOR)
    page = answer(colleague, ROSA)
    assert (case.code in page, "Another team of your State" in page, str(supervisor[0].user) in page) == (
        False,
        True,
        True,
    )
    assert case.code in answer(supervisor, ROSA)
    assert "No record was found" in answer(officer_and_client(Role.CASE_WORKER, "GT"), ROSA)


def test_the_answer_takes_the_same_work_and_size_whatever_is_found(worker: Person) -> None:
    registered(worker, ROSA)
    colleague = officer_and_client(Role.CASE_WORKER)
    nobody = {**ROSA, "birth_date": "1990-01-01"}
    cost = set()
    for person, wanted in ((worker, ROSA), (colleague, ROSA), (worker, nobody)):
        person[1].get(reverse("case_search"))
        with CaptureQueriesContext(connections["sealed"]) as sealed, CaptureQueriesContext(connections["default"]) as o:
            response = person[1].post(reverse("case_search"), sent(wanted))
        cost.add((len(sealed), len(o), len(response.content)))
    assert {size % 4096 for _one, _two, size in cost} == {0}
    assert len(cost) == 1


def test_the_trail_holds_why_and_what_was_found_and_never_what_was_typed(worker: Person) -> None:
    case = registered(worker, {**ROSA, **PAPER})
    answer(worker, {**ROSA, **PAPER})
    events = AuditEvent.objects.filter(chain="CR", verb__startswith="search.").order_by("seq")
    assert [(event.verb, event.data) for event in events] == [
        ("search.asked", {"reason": "returned", "index": ["document", "person", "sound"]}),
        ("search.answered", {"reason": "returned", "cases": [str(case.id)]}),
    ]
    with sealed_scope(worker[0].context()):
        log = queries.access_log(case, state="CR")
    assert "search.answered" in {event.verb for event in log}


def test_thirty_an_hour_and_a_person(worker: Person) -> None:
    with sealed_scope(worker[0].context()):
        for _number in range(search.AN_HOUR):
            search.find(actor=worker[0], wanted=PAPER, reason="returned")
        with pytest.raises(StepRefused):
            search.find(actor=worker[0], wanted=PAPER, reason="returned")
    response = worker[1].post(reverse("case_search"), sent(PAPER))
    assert (response.status_code, b"30 times within an hour" in response.content) == (422, True)
    assert "No record" in answer(officer_and_client(Role.CASE_WORKER), PAPER)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"second_name": "Peña"}, "first_name"),
        ({"identity_number": "1"}, "identity_country"),
        ({**ROSA, "birth_date": "1995"}, "birth_date"),
        ({}, "__all__"),
    ],
)
def test_a_part_is_not_searched_and_costs_nothing(worker: Person, wanted: dict[str, str], field: str) -> None:
    response = worker[1].post(reverse("case_search"), sent(wanted))
    assert (response.status_code, field in response.context["form"].errors) == (422, True)
    assert not AuditEvent.objects.filter(verb="search.asked").exists()


def test_a_search_needs_a_reason(worker: Person) -> None:
    response = worker[1].post(reverse("case_search"), sent(ROSA, reason=""))
    assert (response.status_code, set(response.context["form"].errors)) == (422, {"reason"})


def test_tokens_follow_the_identity_and_end_with_the_record(worker: Person) -> None:
    case, officer = registered(worker, ROSA), worker[0]
    changed = {**ROSA, "birth_date": "1996-03-07"}
    with sealed_scope(officer.context()):
        services.change_identity(actor=officer, case=case, identity=changed, version=1)
    assert case.code in answer(worker, changed)
    assert case.code not in answer(worker, ROSA)
    with sealed_scope(officer.context()):
        search.forget(case)
        assert set(SearchToken.objects.filter(case_id=case.id).values_list("token", flat=True)) == {None}
    assert case.code not in answer(worker, changed)


def test_records_from_before_are_indexed_and_their_reading_is_in_the_trail() -> None:
    supervisor = officer_and_client(Role.CASE_SUPERVISOR)
    with acting_for("CR"):
        case = make_case(1, identity=ROSA)
    assert case.code not in answer(supervisor, ROSA)
    call_command("index_cases", verbosity=0)
    call_command("index_cases", verbosity=0)
    assert case.code in answer(supervisor, ROSA)
    read = AuditEvent.objects.filter(chain="CR", verb="case.read", data__how="index", object_id=str(case.id))
    assert set(read.values_list("system", "actor")) == {("index_cases", None)}


# --- what the index gives away --------------------------------------------------------------------

SURNAMES, GIVEN = 2000, 400


def people(count: int, chance: random.Random) -> list[dict[str, str]]:
    """Names as unequal as in life: the n-th commonest is held by one in n."""
    weights = [1 / (rank + 1) for rank in range(SURNAMES)]
    families = chance.choices(range(SURNAMES), weights, k=count)
    given = chance.choices(range(GIVEN), weights[:GIVEN], k=count)
    return [
        {
            "first_name": f"Nombre{g}",
            "second_name": f"Apellido{f}",
            "birth_date": f"{chance.randint(1960, 2008)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        }
        for f, g in zip(families, given, strict=True)
    ]


def guessed(rows: list[dict[str, str]]) -> int:
    """Rows that a thief of the index names by rank, who knows exactly how often every combination occurs."""
    provider = keys.provider()
    truth = [search.texts_of(row)["person"] for row in rows]
    seen = Counter(provider.index("CR", "person", text.encode()) for text in truth)
    by_rank = dict(
        zip((t for t, _n in seen.most_common()), (t for t, _n in Counter(sorted(truth)).most_common()), strict=True)
    )
    return sum(by_rank[provider.index("CR", "person", text.encode())] == text for text in truth)


def attack(count: int, runs: int) -> None:
    rows = identified = 0
    for run in range(runs):
        found = people(count, random.Random(run))
        rows, identified = rows + count, identified + guessed(found)
    one = [keys.provider().index(state, "person", b"x") for state in ("CR", "GT")]
    record_proof("blind_index", rows=rows, identified=identified, runs=runs, joined_states=int(one[0] == one[1]))
    assert (identified <= rows / 1000, one[0] != one[1]) == (True, True)


def test_ranks_of_tokens_tell_nobody() -> None:
    attack(1500, 1)


@pytest.mark.full
def test_ranks_of_tokens_tell_nobody_in_twenty_states() -> None:
    attack(5000, 20)
