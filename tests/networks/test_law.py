"""Plans and treaties: days are kept, what follows from them is computed; each State writes its own."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import State
from core.exceptions import IdentitySuspected, NotAllowed, PortalError, StaleVersion, StepRefused
from networks import services
from networks.enums import last_act
from networks.management.commands.load_networks import load_instruments
from networks.models import InstrumentAct, LegalInstrument, NationalPlan
from networks.services import ActData, PlanData
from tests.workplan.pages import url

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2010, 1, 1), date(2013, 12, 31)


def plan_data(**fields: Any) -> PlanData:
    known = {"title": "Plan nacional", "language": "es", "valid_from": FIRST, "valid_to": LAST}
    return PlanData(**{**known, "adopted_by": "Decreto ejecutivo", "source": "La Gaceta", **fields})


def enter(cast: Any, **fields: Any) -> NationalPlan:
    plan = services.enter_law(state=cast.costa_rica, data=plan_data(**fields), actor=cast.ana)
    assert isinstance(plan, NationalPlan)
    return plan


@pytest.fixture
def protocol() -> LegalInstrument:
    load_instruments()
    return LegalInstrument.objects.get(code="UNTOC-P")


@pytest.mark.parametrize(
    ("day", "word"),
    [
        (date(2009, 12, 31), "not_yet"),
        (FIRST, "in_force"),
        (LAST, "in_force"),
        (date(2014, 1, 1), "expired"),
    ],
)
def test_the_days_say_whether_a_plan_is_in_force(cast: Any, day: date, word: str) -> None:
    """In Python and in the database alike, on the first and last day and the days beside them."""
    plan = enter(cast)
    assert plan.force_on(day) == word
    assert NationalPlan.objects.in_force_on(day).exists() == (word == "in_force")


def test_a_plan_without_an_end_does_not_expire(cast: Any) -> None:
    assert enter(cast, valid_to=None).force_on(date(2099, 1, 1)) == "in_force"


def test_the_last_act_until_a_day_counts() -> None:
    acts = [("denounced", date(2010, 5, 1)), ("ratified", date(2002, 1, 1)), ("signed", date(2002, 1, 1))]
    found = [last_act(acts, day) for day in (date(2001, 1, 1), date(2002, 1, 1), date(2010, 4, 30), date(2010, 5, 1))]
    assert [one and one[0] for one in found] == [None, "ratified", "ratified", "denounced"]


def test_each_state_writes_its_own(cast: Any) -> None:
    for actor in (cast.ciro, cast.denise, cast.paula, cast.bruno):
        with pytest.raises(NotAllowed):
            services.enter_law(state=cast.costa_rica, data=plan_data(), actor=actor)
    plan = enter(cast)
    with pytest.raises(NotAllowed):
        services.remove_law(record=plan, actor=cast.ciro)
    with pytest.raises(PortalError, match="already"):
        enter(cast)
    with pytest.raises(IdentitySuspected):
        enter(cast, title="Plan de Yolanda Quispe")


def test_changed_removed_and_put_back(cast: Any) -> None:
    plan = enter(cast)
    services.change_law(record=plan, data=plan_data(title="Plan nuevo"), seen=1, actor=cast.ana)
    with pytest.raises(StaleVersion):
        services.change_law(record=plan, data=plan_data(), seen=1, actor=cast.ana)
    services.remove_law(record=plan, actor=cast.ana)
    with pytest.raises(StepRefused):
        services.change_law(record=plan, data=plan_data(), seen=2, actor=cast.ana)
    assert list(NationalPlan.objects.visible_to(cast.ciro)) == []
    assert list(NationalPlan.objects.visible_to(cast.ana)) == [plan]
    again = enter(cast, title="Plan nuevo")
    with pytest.raises(PortalError, match="already"):
        services.restore_law(record=plan, actor=cast.ana)
    services.remove_law(record=again, actor=cast.ana)
    services.restore_law(record=plan, actor=cast.ana)
    assert NationalPlan.objects.visible_to(cast.ciro).get().title == "Plan nuevo"


def test_no_act_before_the_treaty(cast: Any, protocol: LegalInstrument) -> None:
    def act(day: date) -> ActData:
        return ActData(instrument=protocol, act="signed", done_on=day, source="UNTS")

    with pytest.raises(PortalError, match="before the day"):
        services.enter_law(state=cast.costa_rica, data=act(date(2000, 11, 14)), actor=cast.ana)
    services.enter_law(state=cast.costa_rica, data=act(protocol.adopted_on), actor=cast.ana)
    known = {"state": cast.costa_rica, "instrument": protocol, "act": "signed", "source": "x"}
    with pytest.raises(DatabaseError, match="act_before_the_treaty"), transaction.atomic():
        InstrumentAct.objects.create(done_on=date(2000, 11, 14), **known)
    with pytest.raises(DatabaseError, match="instrument_act_once"), transaction.atomic():
        InstrumentAct.objects.create(done_on=protocol.adopted_on, **known)


@pytest.mark.parametrize("wrong", [{"valid_to": date(2009, 12, 31)}, {"source": ""}, {"adopted_by": ""}])
def test_the_database_refuses_what_cannot_be(cast: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match="national_plan_"), transaction.atomic():
        NationalPlan.objects.create(state=cast.costa_rica, **{**vars(plan_data()), **wrong})


def test_every_treaty_has_its_day_source_and_four_names(protocol: LegalInstrument) -> None:
    load_instruments()  # a second run adds nothing
    rows = list(LegalInstrument.objects.all())
    assert [row.code for row in rows] == [
        "UNTOC", "UNTOC-P", "C029", "P029", "C105", "C182", "CRC-OPSC", "OAS-B57", "OAS-A61",
    ]  # fmt: skip
    assert all(len({row.name_es, row.name_en, row.name_fr, row.name_pt_br}) == 4 and row.source for row in rows)


def test_on_the_pages(cast: Any, client: Client, protocol: LegalInstrument) -> None:
    client.force_login(cast.ana)
    days = {"valid_from_0": "1", "valid_from_1": "1", "valid_from_2": "2012"}
    plan = {"title": "Plan de las pruebas", "language": "es", "adopted_by": "Ley", "source": "Gaceta", **days}
    assert client.post(url("law_new", "plans"), plan).status_code == 302
    day = {"done_on_0": "1", "done_on_1": "2", "done_on_2": "2003"}
    act = {"instrument": "UNTOC-P", "act": "ratified", "source": "UNTS", **day}
    assert client.post(url("law_new", "acts"), act).status_code == 302
    early = client.post(url("law_new", "acts"), {**act, "done_on_2": "1999"})
    assert (early.status_code, "before the day" in early.content.decode()) == (422, True)
    record = NationalPlan.objects.get()
    edit = url("law_edit", "plans", record.public_id)
    assert 'value="Plan de las pruebas"' in client.get(edit).content.decode()
    assert client.post(edit, {**plan, "title": "Plan cambiado", "seen": "1"}).status_code == 302
    for name in ("ciro", "denise"):
        client.force_login(getattr(cast, name))
        shown = client.get(url("law_list")).content.decode()
        assert "Plan cambiado" in shown
        assert "Ratified, " in shown
        assert "No plan registered" in shown
        assert "Plan cambiado" in client.get(url("state_detail", "cr")).content.decode()
        assert client.post(url("law_remove", "plans", record.public_id)).status_code == 403
    client.logout()
    assert "Plan cambiado" not in client.get(url("state_detail", "cr")).content.decode()
    client.force_login(cast.ana)
    assert client.post(url("law_remove", "plans", record.public_id)).status_code == 302
    page = client.get(url("law_state", "cr")).content.decode()
    assert url("law_restore", "plans", record.public_id) in page
    assert client.post(url("law_restore", "plans", record.public_id)).status_code == 302
    assert NationalPlan.objects.standing().count() == 1
    assert State.objects.get(iso2="CR").instrument_acts.get().act == "ratified"
