"""The API of statistical returns: a table written whole, cell by cell checked; signing stays with people."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import AuditEvent
from indicators import services
from indicators.delivery.template import write_template
from indicators.enums import TABLES
from indicators.models import StatisticalReturn
from tests.api.test_reports import ROOT, is_problem, keyed, send

pytestmark = pytest.mark.django_db
ADDRESS = "returns/CR/2013/CON_SEX/"
FIRST = {"If-None-Match": "*"}


def table(*cells: tuple[str, str, str, int | None], **more: Any) -> dict[str, Any]:
    names = ("row", "column", "marker", "value")
    return {
        "language": "es",
        "source": "Poder Judicial",
        "cells": [dict(zip(names, c, strict=True)) for c in cells],
    } | more


def places() -> list[tuple[str, str]]:
    return list(TABLES["CON_SEX"].cells())


def test_a_table_is_begun_written_again_and_not_overwritten_unseen(cast: Any) -> None:
    client, (one, two, *_more) = keyed(cast.ana), places()
    assert is_problem(send(client, "PUT", ADDRESS, table()), 428)
    begun = send(client, "PUT", ADDRESS, table((*one, "value", 12)), **FIRST)
    assert (begun.status_code, begun.headers["ETag"], begun.headers["Location"]) == (201, '"2"', f"{ROOT}{ADDRESS}")
    assert is_problem(send(client, "PUT", ADDRESS, table(), **FIRST), 412)
    assert is_problem(send(client, "PUT", ADDRESS, table(), **{"If-Match": '"1"'}), 412)
    cells = table((*one, "value", 12), (*two, "zero", None), coverage_movement="both")
    again = send(client, "PUT", ADDRESS, cells, **{"If-Match": '"2"'})
    assert (again.status_code, again.headers["ETag"]) == (200, '"3"')
    told = client.get(f"{ROOT}{ADDRESS}").json()
    assert {(c["row"], c["column"], c["marker"], c["value"]) for c in told["cells"]} == {
        (*one, "value", 12), (*two, "zero", 0),
    }  # fmt: skip
    assert (told["status"], told["coverage_movement"], len(told["obstacles"])) == ("draft", "both", 2)
    assert [e.verb for e in AuditEvent.objects.filter(chain="CR", verb="return.saved")] == ["return.saved"] * 2


def test_each_wrong_cell_is_named(cast: Any) -> None:
    (one, two, three, *_more), client = places(), keyed(cast.ana)
    wrong = table(
        (*one, "value", 5), (*two, "value", 0), (*three, "not_available", 3), ("XX", "YY", "value", 1),
        (*one, "zero", 0),
    )  # fmt: skip
    answer = send(client, "PUT", ADDRESS, wrong, **FIRST)
    assert is_problem(answer, 400)
    assert [e["pointer"] for e in answer.json()["errors"]] == [f"/cells/{n}/value" for n in (1, 2, 3, 4)]
    assert answer.json()["errors"][0]["detail"].startswith(", ".join(two))
    assert is_problem(send(client, "PUT", ADDRESS, table((*one, "value", -1)), **FIRST), 400)
    assert is_problem(send(client, "PUT", ADDRESS, table((*one, "value", 10_000_001)), **FIRST), 400)
    assert not StatisticalReturn.objects.exists()


def test_who_writes_and_what_waits_for_a_person(cast: Any) -> None:
    for person, status in ((cast.carla, 404), (cast.denise, 404), (cast.bruno, 403)):
        assert is_problem(send(keyed(person), "PUT", ADDRESS, table(), **FIRST), status)
    assert is_problem(send(keyed(cast.ana, "read"), "PUT", ADDRESS, table(), **FIRST), 403)
    client = keyed(cast.ana)
    assert is_problem(send(client, "PUT", "returns/CR/1999/CON_SEX/", table(), **FIRST), 404)
    every = table(
        *[(*place, "value", 7) for place in places()], coverage_citizenship="both", coverage_movement="both"
    )  # fmt: skip
    assert send(client, "PUT", ADDRESS, every, **FIRST).json()["obstacles"] == []
    services.send_return(filled=StatisticalReturn.objects.get(), actor=cast.ana)
    assert is_problem(send(client, "PUT", ADDRESS, every, **{"If-Match": '"2"'}), 409)
    assert is_problem(send(client, "POST", ADDRESS, {"step": "sign"}), 405)
    assert client.get(f"{ROOT}{ADDRESS}").json()["status"] == "sent"


def test_the_same_number_of_queries_whatever_the_size(cast: Any, django_assert_max_num_queries: Any) -> None:
    client = keyed(cast.ana)
    send(client, "PUT", ADDRESS, table(*[(*place, "value", 7) for place in places()]), **FIRST)
    with django_assert_max_num_queries(15):
        assert client.get(f"{ROOT}{ADDRESS}").status_code == 200


def test_counts_beside_a_return_are_taken_or_left(cast: Any) -> None:
    counts = dict.fromkeys(places(), 7)
    for state in (cast.costa_rica, cast.guatemala):
        services.propose_return(state=state, year=2013, table="CON_SEX", counts=counts, system="counting")
    place = "proposals/CR/2013/CON_SEX/"
    waiting = {name: keyed(getattr(cast, name)).get(f"{ROOT}proposals/").json()["results"] for name in ("ana", "carla")}
    assert {name: [row["state"] for row in rows] for name, rows in waiting.items()} == {"ana": ["CR"], "carla": ["GT"]}
    assert {row["value"] for row in waiting["ana"][0]["cells"]} == {7}
    assert is_problem(send(keyed(cast.carla), "POST", place, {"decision": "take"}), 404)
    assert is_problem(send(keyed(cast.bruno), "POST", place, {"decision": "take"}), 403)
    assert is_problem(send(keyed(cast.ana), "POST", place, {"decision": "take"}), 428)
    taken = send(keyed(cast.ana), "POST", place, {"decision": "take"}, **FIRST)
    assert (taken.status_code, {cell["value"] for cell in taken.json()["cells"]}) == (200, {7})
    assert is_problem(send(keyed(cast.ana), "POST", place, {"decision": "decline"}), 404)
    left = send(keyed(cast.carla), "POST", "proposals/GT/2013/CON_SEX/", {"decision": "decline"})
    assert left.status_code == 204
    assert [filled.state.iso2 for filled in StatisticalReturn.objects.all()] == ["CR"]


def test_a_template_is_read_and_confirmed_by_its_sender(cast: Any) -> None:
    answers = {"CON_SEX": dict.fromkeys(places(), ("value", 7))}
    content = write_template(cast.costa_rica, 2013, answers, {"CON_SEX": {"source": "Registro", "language": "es"}})
    place = f"{ROOT}returns/CR/2013/uploads/"

    def hand_in(person: Any, file: bytes = content) -> Any:
        return keyed(person).post(place, {"file": SimpleUploadedFile("returns.xlsx", file)})

    assert is_problem(hand_in(cast.carla), 404)
    assert is_problem(hand_in(cast.bruno), 403)
    assert is_problem(hand_in(cast.ana, b"-"), 400)
    made = hand_in(cast.ana)
    assert (made.status_code, made.json()["tables"]) == (201, {"CON_SEX": len(places())})
    confirm = made.headers["Location"].removeprefix(ROOT) + "confirm/"
    assert is_problem(send(keyed(cast.beto), "POST", confirm), 404)  # a colleague's
    assert not StatisticalReturn.objects.exists()
    assert send(keyed(cast.ana), "POST", confirm).json()["applied_at"]
    assert StatisticalReturn.objects.get().status == "draft"
