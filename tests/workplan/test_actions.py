"""What is asked of each kind of action: four answers to a count, odd figures, and answers copied from before."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core.exceptions import PortalError
from tests.factories.workplan import answer, make_open_round
from tests.workplan.pages import typed, url
from workplan import services
from workplan.enums import DETAIL_TYPES, DETAILS, ActionKind, Detail
from workplan.models import Action, Report, ReportEntry
from workplan.queries import report_content

CR = "CR-2014-1"
TRAINING = {"kind": "training", "title": "Curso", "starts_on": (3, 3, 2014), "ends_on": ("", "", "")}


@pytest.fixture
def before(cast: Any) -> ReportEntry:
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    return Report.objects.get(reference="CR-2013-2").entries.get(activity__code="PRV-01")


@pytest.fixture
def entry(before: ReportEntry, open_round: Any) -> ReportEntry:
    return Report.objects.get(reference=CR).entries.get(activity__code="PRV-01")


@pytest.fixture
def page(entry: ReportEntry) -> str:
    return url("entry_edit", CR, "PRV-01")


@pytest.fixture
def ana(cast: Any, client: Client) -> Client:
    client.force_login(cast.ana)
    return client


def action(kind: str = "training", year: int = 2014, **details: Any) -> services.ActionData:
    return services.ActionData(kind, "Curso", date(year, 3 if year == 2014 else 9, 3), details=details)


def test_every_kind_and_every_detail_is_in_the_table() -> None:
    assert set(DETAILS) == set(ActionKind)
    assert set(DETAIL_TYPES) == set(Detail)
    assert {name for names in DETAILS.values() for name in names} == set(Detail) - {Detail.ODD}


def test_a_count_has_four_answers(ana: Client, page: str, entry: ReportEntry) -> None:
    row = {**TRAINING, "women": ("0", ""), "men": ("", "no_data"), "hours": ("", "")}
    other = {**TRAINING, "title": "Otro", "women": ("5 300", ""), "men": ("", "not_applicable"), "institution": "MP"}
    assert ana.post(page, typed(entry, row, other)).status_code == 302
    details = {saved.title: saved.details for saved in entry.actions.all()}
    assert details == {
        "Curso": {"women": 0, "men": "no_data"},
        "Otro": {"institution": "MP", "women": 5300, "men": "not_applicable"},
    }
    html = ana.get(page).content.decode()
    assert '<option value="no_data" selected>' in html


@pytest.mark.parametrize("women", [("5", "no_data"), ("-1", ""), ("5,3", ""), ("1" * 12, "")])
def test_a_count_that_is_none_is_refused(ana: Client, page: str, entry: ReportEntry, women: tuple[str, str]) -> None:
    response = ana.post(page, typed(entry, {**TRAINING, "women": women}))
    assert response.status_code == 422
    assert 'href="#id_actions-0-women"' in response.content.decode()
    assert 'id="id_actions-0-women"' in response.content.decode()


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("training", {"women": -1}),
    ("training", {"women": True}),
    ("training", {"women": "many"}),
    ("training", {"reach": 5}),
    ("study", {"odd": "Porque sí."}),
    ("campaign", {"modalities": ["theft"]}),
    ("campaign", {"modalities": []}),
    ("network", {"network_level": "galactic"}),
    ("law_or_plan", {"in_force_from": "2014-02-31"}),
    ("law_or_plan", {"in_force_from": "2014-02-01", "in_force_to": "2014-01-01"}),
    ("agreement", {"partner_states": ["Guatemala"]}),
]


@pytest.mark.parametrize(("kind", "details"), WRONG)
def test_the_service_takes_only_what_the_table_has(
    cast: Any, entry: ReportEntry, kind: str, details: dict[str, Any]
) -> None:
    with pytest.raises(PortalError):
        answer(entry, cast.ana, actions=[action(kind, **details)])
    assert Action.objects.filter(entry=entry).count() == 0


def test_the_database_refuses_a_count_below_zero(entry: ReportEntry) -> None:
    for details, fits in (({"women": 0}, True), ({"women": "no_data"}, True), ({"women": -1}, False)):
        try:
            with transaction.atomic():
                Action.objects.create(
                    entry=entry, kind="training", title="x", starts_on=date(2014, 3, 3), details=details
                )
        except IntegrityError:
            assert not fits
        else:
            assert fits


def test_choosing_a_kind_asks_for_its_figures(ana: Client, entry: ReportEntry) -> None:
    address = url("entry_action_fields", CR, "PRV-01", 1)
    names = {}
    for kind in ("campaign", "training", "other", "nonsense"):
        html = ana.get(address, {"actions-1-kind": kind, "actions-1-women_0": "7"}).content.decode()
        names[kind] = {name for name in Detail.values if f'name="actions-1-{name}' in html}
        assert ('value="7"' in html) == (kind == "training")
    assert names == {
        "campaign": {"modalities", "audience", "reach"},
        "training": {"institution", "women", "men", "hours"},
        "other": set(),
        "nonsense": set(),
    }


def test_what_is_sent_holds_the_figures_and_whether_a_law_is_in_force(
    cast: Any, client: Client, entry: ReportEntry
) -> None:
    law = action("law_or_plan", in_force_from="2012-05-01", in_force_to="2014-03-31", reference="Ley 9095")
    pact = action("agreement", partner_states=["GT", "PA"])
    answer(entry, cast.ana, actions=[law, pact, action(women=0, men="no_data")])
    services.send_to_coordinator(report=entry.report, actor=cast.ana)
    version = services.approve(report=entry.report, actor=cast.beto)
    sent = next(row for row in version.content["entries"] if row["activity"] == "PRV-01")
    assert [row["details"] for row in sent["actions"]] == [law.details, pact.details, {"women": 0, "men": "no_data"}]
    client.force_login(cast.denise)
    for address in (url("report_version", CR, 1), url("review_detail", CR)):
        text = client.get(address).content.decode()
        for words in ("Ley 9095", "In force on 30 June 2014", "Guatemala, Panama", "No data available"):
            assert words in text


# --- odd figures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("women", "is_odd"), [("600", False), ("601", True), ("67", False), ("66", True), ("0", True)])
def test_a_figure_over_three_times_or_under_a_third_is_asked_about(
    cast: Any, ana: Client, page: str, before: ReportEntry, entry: ReportEntry, women: str, is_odd: bool
) -> None:
    answer(before, cast.ana, actions=[action(year=2013, women=150), action(year=2013, women=50)])
    row = {**TRAINING, "women": (women, "")}
    assert ana.post(page, typed(entry, row, completed="no")).status_code == 302
    entry.refresh_from_db()
    assert ana.post(page, typed(entry, row)).status_code == (422 if is_odd else 302)
    if is_odd:
        assert ana.post(page, typed(entry, {**row, "odd": "Escuela nueva."})).status_code == 302
        assert entry.actions.get().details == {"women": int(women), "odd": "Escuela nueva."}


# --- nothing has changed -------------------------------------------------------------------------


def test_the_answer_of_before_is_copied_and_waits_for_a_confirmation(
    cast: Any, ana: Client, page: str, before: ReportEntry, entry: ReportEntry
) -> None:
    answer(before, cast.ana, narrative="Sigue igual.", obstacle_kinds=["legal"], language="es")
    assert "Nothing has changed" in ana.get(page).content.decode()
    blank = typed(entry, status="", narrative="", results="Esto es nuevo.", completed="yes", then="carry")
    assert ana.post(page, blank).url == f"{page}#copied"
    entry.refresh_from_db()
    assert (entry.status, entry.narrative, entry.results) == ("partial", "Sigue igual.", "Esto es nuevo.")
    assert (entry.obstacle_kinds, entry.is_ready, entry.carried_from.code) == (["legal"], False, "2013-2")
    assert "not confirmed yet" in ana.get(page).content.decode()
    assert "Copied from 2013-2, not confirmed yet" in ana.get(url("report_check", CR)).content.decode()


@pytest.fixture
def copied(cast: Any, ana: Client, page: str, before: ReportEntry, entry: ReportEntry) -> ReportEntry:
    answer(before, cast.ana, narrative="Sigue igual.")
    ana.post(page, typed(entry, status="", narrative="", completed="no", then="carry"))
    entry.refresh_from_db()
    return entry


def test_what_was_copied_is_not_complete_until_it_is_confirmed(ana: Client, page: str, copied: ReportEntry) -> None:
    refused = ana.post(page, typed(copied, narrative=copied.narrative))
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"confirmed"})
    assert ana.post(page, typed(copied, narrative=copied.narrative, confirmed="on")).status_code == 302
    copied.refresh_from_db()
    assert (copied.carried_from, copied.is_ready) == (None, True)


def test_what_was_copied_is_not_sent_until_it_is_confirmed(cast: Any, copied: ReportEntry) -> None:
    with pytest.raises(PortalError, match="PRV-01"):
        services.send_to_coordinator(report=copied.report, actor=cast.ana)
    answer(copied, cast.ana)
    services.send_to_coordinator(report=copied.report, actor=cast.ana)
    assert "carried" not in str(report_content(copied.report))


def test_the_database_refuses_a_ready_answer_that_nobody_confirmed(copied: ReportEntry) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportEntry.objects.filter(pk=copied.pk).update(is_ready=True)
