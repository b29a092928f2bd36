"""Returns: who fills in, sends and signs; what the database refuses; soft checks; the scope of exact figures."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.models import AuditEvent
from indicators import services
from indicators.enums import TABLES
from indicators.models import Cell, ReturnProposal, ReturnVersion, StatisticalReturn
from indicators.queries import doubts
from tests.factories.indicators import answers, sign
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db
VALUES = [12, 40, 0, 3, 5, 2, 30, 1, 0, 0, 4, 0, 2, 0, 1]  # sex by form of exploitation


def fill(
    cast: Any, table: str = "VIC_SEX_EXP", values: Any = VALUES, year: int = 2013, **more: Any
) -> StatisticalReturn:
    """A complete draft of Costa Rica."""
    filled = services.open_return(state=cast.costa_rica, year=2013, table=table, actor=cast.ana)
    data = services.ReturnData(
        cells=answers(values, table),
        source="Register of the tests",
        coverage_citizenship="both",
        coverage_movement="both",
        language="es",
        **more,
    )
    return services.save_return(filled=filled, version=filled.version, data=data, actor=cast.ana)


def test_ana_fills_in_and_beto_signs(cast: Any) -> None:
    filled = services.send_return(filled=fill(cast), actor=cast.ana)
    version = services.sign_return(filled=filled, actor=cast.beto)
    assert version.content["cells"][1] == ["F", "LAB", "value", 40]
    assert version.content["cells"][2] == ["F", "OTH", "zero", 0]
    assert (version.number, version.sent_by, version.signed_by) == (1, cast.ana, cast.beto)
    verbs = set(AuditEvent.objects.filter(chain="CR").values_list("verb", flat=True))
    assert {"return.saved", "return.sent", "return.signed"} <= verbs


def test_no_count_stands_in_the_trail(cast: Any) -> None:
    values = [987_654, *VALUES[1:]]
    filled = services.send_return(filled=fill(cast, values=values), actor=cast.ana)
    services.sign_return(filled=filled, actor=cast.beto)
    assert not [event for event in AuditEvent.objects.all() if "987654" in str(event.data)]


def test_nobody_signs_what_they_sent(cast: Any) -> None:
    filled = fill(cast)
    services.send_return(filled=filled, actor=cast.beto)
    with pytest.raises(NotAllowed):
        services.sign_return(filled=filled, actor=cast.beto)
    assert services.sign_return(filled=filled, actor=cast.bruno).signed_by == cast.bruno


def test_an_office_of_one_person_says_so(cast: Any) -> None:
    cast.costa_rica.one_person_office = True
    cast.costa_rica.save()
    filled = services.send_return(filled=fill(cast), actor=cast.beto)
    version = services.sign_return(filled=filled, actor=cast.beto)
    assert version.one_person_office is True


@pytest.mark.parametrize("name", ["ana", "carla", "ciro", "denise", "didier", "marta", "paula", "evan", "iris"])
def test_who_cannot_sign(cast: Any, name: str) -> None:
    filled = services.send_return(filled=fill(cast), actor=cast.ana)
    with pytest.raises(NotAllowed):
        services.sign_return(filled=filled, actor=getattr(cast, name))
    assert not ReturnVersion.objects.exists()


@pytest.mark.parametrize("name", ["bruno", "carla", "ciro", "denise", "didier", "marta", "paula", "evan", "iris"])
def test_who_cannot_write(cast: Any, name: str) -> None:
    with pytest.raises(NotAllowed):
        services.open_return(state=cast.costa_rica, year=2013, table="CON_SEX", actor=getattr(cast, name))


def test_a_blank_is_not_a_zero(cast: Any) -> None:
    filled = fill(cast)
    Cell.objects.filter(source=filled, row="M", column="SEX").delete()
    with pytest.raises(PortalError, match="not a zero"):
        services.send_return(filled=filled, actor=cast.ana)


def test_signed_figures_change_only_by_a_new_version(cast: Any) -> None:
    filled = services.send_return(filled=fill(cast), actor=cast.ana)
    services.sign_return(filled=filled, actor=cast.beto)
    filled = fill(cast, values=[13, *VALUES[1:]])
    assert filled.status == "draft"
    services.sign_return(filled=services.send_return(filled=filled, actor=cast.ana), actor=cast.beto)
    firsts = [version.content["cells"][0][3] for version in ReturnVersion.objects.order_by("number")]
    assert firsts == [12, 13]


@pytest.mark.parametrize(
    "change",
    [
        lambda: ReturnVersion.objects.update(number=9),
        lambda: ReturnVersion.objects.all()._raw_delete("default"),
    ],
)
def test_the_database_keeps_signed_versions(cast: Any, change: Any) -> None:
    services.sign_return(filled=services.send_return(filled=fill(cast), actor=cast.ana), actor=cast.beto)
    with pytest.raises(DatabaseError), transaction.atomic():
        change()
    assert ReturnVersion.objects.get().number == 1


@pytest.mark.parametrize(
    ("marker", "value"),
    [("value", 0), ("value", None), ("zero", 1), ("zero", None), ("not_available", 3), ("suppressed", 0), ("", 1)],
)
def test_the_database_refuses_an_answer_that_does_not_fit_its_count(cast: Any, marker: str, value: Any) -> None:
    filled = services.open_return(state=cast.costa_rica, year=2013, table="CON_SEX", actor=cast.ana)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cell.objects.create(source=filled, row="F", column="_Z", marker=marker, value=value)


def test_two_at_once(cast: Any) -> None:
    filled = services.open_return(state=cast.costa_rica, year=2013, table="CON_SEX", actor=cast.ana)
    data = services.ReturnData(cells=answers([1, 2, 3], "CON_SEX"))
    services.save_return(filled=filled, version=1, data=data, actor=cast.ana)
    with pytest.raises(StaleVersion):
        services.save_return(filled=filled, version=1, data=data, actor=cast.beto)


def test_what_waits_for_signature_does_not_change_under_the_signer(cast: Any) -> None:
    filled = services.send_return(filled=fill(cast), actor=cast.ana)
    with pytest.raises(StepRefused):
        fill(cast)
    with pytest.raises(StaleVersion):
        services.sign_return(filled=filled, actor=cast.beto, seen="0" * 64)
    assert services.take_back(filled=filled, actor=cast.beto).status == "draft"


# --- soft checks ----------------------------------------------------------------------------------


def last_year(cast: Any, values: list[int]) -> None:
    sign(cast, [services.DemoReturn(cast.costa_rica, 2012, "CON_SEX", answers(values, "CON_SEX"))])


@pytest.mark.parametrize(
    ("before", "now", "doubted"),
    [
        ([30, 5, 0], [30, 5, 0], []),
        ([30, 5, 0], [91, 5, 0], ["year:F"]),
        ([30, 5, 0], [9, 5, 0], ["year:F"]),
        ([60, 60, 0], [10, 10, 0], ["year:_T", "year:F", "year:M"]),
        ([2, 0, 0], [9, 0, 0], []),  # too few to say anything
    ],
)
def test_figures_are_doubted_against_last_year(
    cast: Any, before: list[int], now: list[int], doubted: list[str]
) -> None:
    last_year(cast, before)
    found = [doubt.code for doubt in doubts(fill(cast, "CON_SEX", now))]
    assert [code for code in found if code != "year:_T"] == [code for code in doubted if code != "year:_T"]
    assert set(doubted) <= set(found)


def test_a_doubted_figure_stands_with_a_reason(cast: Any) -> None:
    last_year(cast, [30, 30, 0])
    with pytest.raises(PortalError, match="reason"):
        services.send_return(filled=fill(cast, "CON_SEX", [300, 30, 0]), actor=cast.ana)
    reasons = {doubt.code: "A trial of many." for doubt in doubts(StatisticalReturn.objects.get(year=2013))}
    filled = services.send_return(filled=fill(cast, "CON_SEX", [300, 30, 0], reasons=reasons), actor=cast.ana)
    version = services.sign_return(filled=filled, actor=cast.beto)
    assert version.content["reasons"] == reasons


def test_tables_that_count_the_same_people_must_agree(cast: Any) -> None:
    fill(cast)
    ages = [0] * 30
    ages[4], ages[14] = 61, 36  # one woman fewer than by form of exploitation
    found = {doubt.code for doubt in doubts(fill(cast, "VIC_SEX_AGE", ages))}
    assert found == {"sum:VIC_SEX_EXP:_T", "sum:VIC_SEX_EXP:F", "sum:VIC_SEX_EXP:M", "sum:VIC_SEX_EXP:_O"}
    ages[4], ages[14], ages[24] = 60, 33, 7
    assert doubts(fill(cast, "VIC_SEX_AGE", ages)) == []


# --- counted cases --------------------------------------------------------------------------------


def propose(cast: Any, counts: Any = (4, 5, 0), table: str = "CON_SEX") -> ReturnProposal:
    cells = dict(zip(TABLES[table].cells(), counts, strict=True))
    return services.propose_return(state=cast.costa_rica, year=2013, table=table, counts=cells, system="counting")


def found(filled: StatisticalReturn) -> list[tuple[str, int | None]]:
    return list(filled.cells.values_list("marker", "value"))


PROPOSAL = ("CR", 2013, "CON_SEX")


def test_counted_cases_change_nothing_before_a_person_takes_them(cast: Any, client_of: Any) -> None:
    filled = fill(cast, "CON_SEX", [1, 1, 1])
    propose(cast)
    assert found(filled) == [("value", 1)] * 3
    ana, page = client_of(cast.ana), reverse("return_proposal", args=PROPOSAL)
    assert page in ana.get(reverse("home")).content.decode()
    rows = [(row.label, row.now, row.counted) for row in ana.get(page).context["rows"]]
    assert rows[1:] == [("Men and boys", "1", "5"), ("Another, or not recorded", "1", "0"), ("Total", "3", "9")]
    ana.post(page, {"decision": "take", "version": filled.version})
    filled.refresh_from_db()
    assert (found(filled), filled.status, filled.updated_by) == (
        [("value", 4), ("value", 5), ("zero", 0)],
        "draft",
        cast.ana,
    )
    assert ana.get(page).status_code == 404
    verbs = [e.verb for e in AuditEvent.objects.filter(object_type="indicators.returnproposal").order_by("seq")]
    assert verbs == ["return.proposed", "return.proposal_taken"]


def test_declined_counts_leave_the_return_alone(cast: Any, client_of: Any) -> None:
    filled = fill(cast, "CON_SEX", [1, 1, 1])
    proposal = propose(cast)
    client_of(cast.ana).post(reverse("return_proposal", args=PROPOSAL), {"decision": "decline", "version": 1})
    proposal.refresh_from_db()
    assert (found(filled), proposal.taken, proposal.decided_by) == ([("value", 1)] * 3, False, cast.ana)
    with pytest.raises(StepRefused):
        services.take_proposal(proposal=proposal, version=filled.version, actor=cast.ana)


def test_a_later_count_replaces_one_that_waits(cast: Any) -> None:
    first, second = propose(cast), propose(cast, (7, 7, 7))
    assert list(ReturnProposal.objects.undecided()) == [second]
    with pytest.raises(StepRefused):
        services.take_proposal(proposal=first, version=1, actor=cast.ana)


def test_a_count_never_overwrites_what_was_written_since_it_was_read(cast: Any) -> None:
    proposal, filled = propose(cast), fill(cast, "CON_SEX", [1, 1, 1])
    with pytest.raises(StaleVersion):
        services.take_proposal(proposal=proposal, version=filled.version - 1, actor=cast.ana)
    services.send_return(filled=filled, actor=cast.ana)
    with pytest.raises(StepRefused):
        services.take_proposal(proposal=proposal, version=filled.version, actor=cast.ana)
    assert found(filled) == [("value", 1)] * 3
    assert ReturnProposal.objects.undecided().count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda cells: cells.pop(("F", "_Z")),
        lambda cells: cells.update({("X", "_Z"): 1}),
        lambda cells: cells.update({("F", "_Z"): -1}),
        lambda cells: cells.update({("F", "_Z"): 10_000_001}),
    ],
)
def test_nothing_but_whole_tables_of_counts_is_taken(cast: Any, change: Any) -> None:
    cells = dict.fromkeys(TABLES["CON_SEX"].cells(), 1)
    change(cells)
    with pytest.raises(PortalError):
        services.propose_return(state=cast.costa_rica, year=2013, table="CON_SEX", counts=cells, system="counting")
    assert not ReturnProposal.objects.exists()


@pytest.mark.parametrize("name", ["bruno", "carla", "ciro", "denise", "marta", "paula"])
def test_who_cannot_decide_about_counts(cast: Any, name: str) -> None:
    with pytest.raises(NotAllowed):
        services.decline_proposal(proposal=propose(cast), actor=getattr(cast, name))


# --- scope ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["carla", "ciro", "denise", "didier", "marta", "paula", "evan"])
def test_exact_figures_are_the_states_own(cast: Any, name: str, client_of: Any) -> None:
    """Beto reads them; the Secretariat and the neighbor are told that they do not exist."""
    services.sign_return(filled=services.send_return(filled=fill(cast), actor=cast.ana), actor=cast.beto)
    pages = [
        reverse("return_year", args=["CR", 2013]),
        reverse("return_edit", args=["CR", 2013, "VIC_SEX_EXP"]),
        reverse("return_sign", args=["CR", 2013, "VIC_SEX_EXP"]),
        reverse("return_version", args=["CR", 2013, "VIC_SEX_EXP", 1]),
        reverse("return_template", args=["CR", 2013]),
    ]
    person = getattr(cast, name)
    assert [client_of(cast.beto).get(page).status_code for page in pages] == [200] * 5
    assert [client_of(person).get(page).status_code for page in pages] == [404] * 5
    assert set(StatisticalReturn.objects.visible_to(cast.beto)) == set(StatisticalReturn.objects.all()) != set()
    assert not StatisticalReturn.objects.visible_to(person).filter(state=cast.costa_rica).exists()
    assert not ReturnVersion.objects.visible_to(person).filter(source__state=cast.costa_rica).exists()


def test_looking_writes_nothing(cast: Any, client_of: Any) -> None:
    page = reverse("return_edit", args=["CR", 2014, "VIC_SEX_AGE"])
    assert client_of(cast.ana).get(page).status_code == 200
    assert not StatisticalReturn.objects.exists()


# --- pages ----------------------------------------------------------------------------------------


def typed(table: str, values: list[int], **more: str) -> dict[str, str]:
    cells = {f"n-{row}-{column}": str(v) for (row, column), v in zip(TABLES[table].cells(), values, strict=True)}
    meta = {"source": "Register", "coverage_citizenship": "both", "coverage_movement": "both", "language": "es"}
    return {**cells, **meta, "version": "1", **more}


def test_the_whole_way_by_hand(cast: Any, client_of: Any) -> None:
    ana, beto = client_of(cast.ana), client_of(cast.beto)
    page = reverse("return_edit", args=["CR", 2013, "CON_SEX"])
    sign_page = reverse("return_sign", args=["CR", 2013, "CON_SEX"])
    data = typed("CON_SEX", [1200, 0, 0], **{"n-F-_Z": "1 200", "n-_O-_Z": "", "w-_O-_Z": "not_available"})
    assert ana.post(page, {**data, "send": "1"}).headers["Location"] == sign_page
    filled = StatisticalReturn.objects.get()
    found = set(filled.cells.values_list("row", "marker", "value"))
    assert found == {("F", "value", 1200), ("M", "zero", 0), ("_O", "not_available", None)}
    ana.post(sign_page, {"send": "1"})
    assert sign_page in beto.get(reverse("return_list")).content.decode()
    assert ana.post(sign_page, {"sign": "1", "confirmed": "on"}).status_code == 403
    seen = beto.get(sign_page).context["form"].initial["seen"]
    beto.post(sign_page, {"sign": "1", "confirmed": "on", "seen": seen})
    assert ReturnVersion.objects.get().signed_by == cast.beto


def test_the_start_page_lists_what_waits_for_a_signature(cast: Any, client_of: Any) -> None:
    """For whoever may sign it: not the sender, nobody of another State."""
    fill(cast)
    page = reverse("return_sign", args=["CR", 2013, "VIC_SEX_EXP"])
    assert page not in client_of(cast.beto).get(reverse("home")).content.decode()
    services.send_return(filled=StatisticalReturn.objects.get(), actor=cast.ana)
    listed = {
        name
        for name in ("ana", "beto", "bruno", "carla", "ciro", "paula")
        if page in client_of(getattr(cast, name)).get(reverse("home")).content.decode()
    }
    assert listed == {"beto", "bruno"}


def test_the_template_carries_figures_out_and_asks_who_takes_them(cast: Any, client_of: Any) -> None:
    fill(cast)
    ana = client_of(cast.ana)
    assert ana.get(reverse("return_template", args=["CR", 2013])).status_code == 200
    session = ana.session
    session["account_authentication_methods"] = []
    session.save()
    asked = ana.get(reverse("return_template", args=["CR", 2013]))
    assert (asked.status_code, "reauthenticate" in asked.headers["Location"]) == (302, True)


def test_a_count_and_a_word_cannot_both_be_right(cast: Any, client_of: Any) -> None:
    page = reverse("return_edit", args=["CR", 2013, "CON_SEX"])
    response = client_of(cast.ana).post(page, typed("CON_SEX", [3, 0, 0], **{"w-F-_Z": "not_applicable"}))
    assert response.status_code == 422
    assert not Cell.objects.exists()


def test_pages_ask_the_database_as_often_for_a_large_table(cast: Any, client_of: Any) -> None:
    fill(cast, "CON_SEX", [1, 2, 3])
    fill(cast, "VIC_SEX_AGE", [0] * 30)
    small, large = (reverse("return_edit", args=["CR", 2013, table]) for table in ("CON_SEX", "VIC_SEX_AGE"))
    assert_same_queries(client_of(cast.ana), small, lambda: None, more_url=large)


def test_the_list_of_a_year_costs_the_same_empty_and_full(cast: Any, client_of: Any) -> None:
    def fill_all() -> None:
        for table in TABLES.values():
            fill(cast, table.code, [1] * len(list(table.cells())))

    assert_same_queries(client_of(cast.ana), reverse("return_year", args=["CR", 2013]), fill_all)
