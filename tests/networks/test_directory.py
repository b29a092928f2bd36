"""Who sees which contact, how it is found, taken along and kept true."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import FocalPointAppointment
from core.exceptions import NotAllowed, PortalError
from core.models import AuditEvent, OutboxMessage
from networks import delivery, services
from networks.models import Desk, Seat
from networks.queries import found_desks
from tests.factories.networks import make_desk, make_network, many_desks, seat
from tests.support import assert_same_queries, form_of
from tests.workplan.pages import url

EVERYBODY = ("ana", "beto", "marta", "carla", "ciro", "denise", "evan", "paula", "iris")


@pytest.fixture
def desks(cast: Any) -> dict[str, Desk]:
    """Guatemala's three kinds of contact, and one that is closed."""
    return {
        "public": make_desk(cast.authority_gt, "Línea", service="hotline", visibility="public"),
        "authorities": make_desk(cast.authority_gt, "Fiscalía", service="prosecutor"),
        "networks": make_desk(cast.authority_gt, "Casa", service="shelter", visibility="networks"),
        "closed": make_desk(cast.authority_gt, "Antigua", visibility="public", closed_on=date(2014, 1, 1)),
    }


def seen_by(user: Any) -> set[str]:
    return set(Desk.objects.visible_to(user).values_list("name", flat=True))


def test_each_contact_is_seen_by_its_circle_alone(cast: Any, desks: dict[str, Desk]) -> None:
    own, authority, public = {"Línea", "Fiscalía", "Casa", "Antigua"}, {"Línea", "Fiscalía"}, {"Línea"}
    expected = dict.fromkeys(EVERYBODY, authority) | {"carla": own, "ciro": own, "paula": public, "iris": public}
    assert {name: seen_by(getattr(cast, name)) for name in EVERYBODY} == expected
    assert seen_by(AnonymousUser()) == public


def test_a_common_network_opens_what_is_for_networks(cast: Any, desks: dict[str, Desk]) -> None:
    network = make_network(cast.ciro, cast.authority_gt)
    assert "Casa" not in seen_by(cast.ana)
    member = seat(network, cast.authority_cr)
    assert {name for name in EVERYBODY if "Casa" in seen_by(getattr(cast, name))} == {"ana", "beto", "carla", "ciro"}
    services.end_seat(seat=member, actor=cast.beto)
    assert "Casa" not in seen_by(cast.ana)


def test_a_seat_of_the_state_counts_for_all_its_bodies(cast: Any, desks: dict[str, Desk]) -> None:
    network = make_network(cast.beto, cast.authority_cr)
    Seat.objects.create(network=network, state=cast.guatemala)
    assert "Casa" in seen_by(cast.ana)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fiscalia", {"Fiscalía"}),
        ("FISCALÍA guatemala", {"Fiscalía"}),
        ("prosecutors", {"Fiscalía"}),
        ("procureur", {"Fiscalía"}),
        ("promotoria", {"Fiscalía"}),
        ("hotlines", {"Línea"}),
        ("lineas telefonicas", {"Línea"}),
        ("ligne d'urgence", {"Línea"}),
        ("emergência", {"Línea"}),
        ("fisc", {"Fiscalía"}),
        ("guatemala", {"Línea", "Fiscalía"}),
        ("honduras", set()),
        ("fiscalia honduras", set()),
        ("'; drop & | ! ( :*", set()),
        ("", {"Línea", "Fiscalía"}),
    ],
)
def test_found_in_four_languages_without_accents(cast: Any, desks: dict[str, Desk], text: str, found: set[str]) -> None:
    rows = found_desks(Desk.objects.visible_to(cast.ana).open(), text)
    assert set(rows.values_list("name", flat=True)) == found


def test_the_list_costs_the_same_with_few_and_many(cast: Any, client: Client, desks: dict[str, Desk]) -> None:
    client.force_login(cast.ana)
    assert assert_same_queries(client, url("directory_list"), lambda: many_desks(200)) <= 12


def test_the_workbook_holds_what_is_seen_and_no_formula(cast: Any, client: Client, desks: dict[str, Desk]) -> None:
    make_desk(cast.authority_gt, '=HYPERLINK("http://x")', service="other", phone="+1 2", address="@SUM(A1)")
    client.force_login(cast.ana)
    response = client.get(url("directory_export") + "?service=other")
    sheet = load_workbook(io.BytesIO(response.content))["Contacts"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in rows] == ['\'=HYPERLINK("http://x")']
    assert rows[0][4] == "'+1 2"
    assert all(cell.data_type == "s" for line in sheet.iter_rows() for cell in line if cell.value is not None)
    assert AuditEvent.objects.filter(verb="directory.exported", actor=cast.ana).exists()


def test_a_card_cannot_carry_a_second_one(cast: Any) -> None:
    desk = make_desk(cast.authority_gt, "Casa; 2,\r\nEND:VCARD\r\nBEGIN:VCARD", email="a@b.example")
    text = delivery.desk_card(desk)
    assert text.count("BEGIN:VCARD") == text.count("\r\nEND:VCARD") == 1 or text.count("\r\nBEGIN:VCARD") == 0
    assert r"FN:Casa\; 2\, END:VCARD BEGIN:VCARD" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_only_its_own_people_change_a_contact(cast: Any, client: Client, desks: dict[str, Desk]) -> None:
    allowed = {}
    for name in ("carla", "ciro", "ana", "denise"):
        client.force_login(getattr(cast, name))
        allowed[name] = client.post(url("desk_verify", desks["authorities"].public_id)).status_code
    assert allowed == {"carla": 302, "ciro": 302, "ana": 403, "denise": 403}
    data = services.DeskData(cast.authority_gt, "police", "Ajena", "es", ["es"], phone="1")
    with pytest.raises(NotAllowed):
        services.save_desk(data=data, actor=cast.ana)


def test_a_ministry_keeps_its_own_contacts_and_the_authority_all(cast: Any) -> None:
    data = services.DeskData(cast.ministry_cr, "labor_inspection", "Inspección", "es", ["es"], phone="1")
    desk = services.save_desk(data=data, actor=cast.marta)
    services.verify_desk(desk=desk, actor=cast.ana)
    with pytest.raises(PortalError, match="already has"):
        services.save_desk(data=data, actor=cast.ana)
    with pytest.raises(NotAllowed):
        services.save_desk(data=services.DeskData(cast.authority_cr, "police", "X", "es", ["es"]), actor=cast.marta)


def test_saved_through_the_page(cast: Any, client: Client) -> None:
    client.force_login(cast.ana)
    data = {
        "institution": cast.authority_cr.pk, "service": "hotline", "name": "Línea 1147", "name_language": "es",
        "languages": ["es", "en"], "visibility": "public", "hours": "24 h", "response_hours": "2",
    }  # fmt: skip
    assert client.post(url("desk_new"), data).status_code == 422  # no way to reach it
    response = client.post(url("desk_new"), {**data, "phone": "1147"})
    desk = Desk.objects.get(name="Línea 1147")
    assert response.url == desk.get_absolute_url()
    assert (desk.verified_on, desk.verified_by) == (timezone.localdate(), cast.ana)


def test_what_a_colleague_changed_meanwhile_is_not_passed_over(cast: Any, client: Client) -> None:
    desk = make_desk(cast.authority_cr, "Línea", phone="1")
    client.force_login(cast.ana)
    address = url("desk_edit", desk.public_id)
    shown = form_of(client.get(address).content.decode(), "phone") | {"languages": ["es"], "phone": "2"}
    Desk.objects.filter(pk=desk.pk).update(phone="3")
    assert "Somebody else changed this in the meantime." in client.post(address, shown).content.decode()
    again = form_of(client.get(address).content.decode(), "phone") | {"languages": ["es"], "phone": "4"}
    assert client.post(address, again).status_code == 302
    desk.refresh_from_db()
    assert desk.phone == "4"


def test_stale_contacts_are_marked_and_the_coordinator_is_told_once_a_month(cast: Any, client: Client) -> None:
    old = timezone.localdate() - timedelta(days=181)
    desk = make_desk(cast.authority_cr, "Vieja", verified_on=old)
    make_desk(cast.authority_gt, "Reciente", verified_on=old + timedelta(days=1))
    assert services.remind_stale_desks() == services.remind_stale_desks() == 1
    asked = OutboxMessage.objects.filter(task="networks.send_notice").values_list("args", flat=True)
    assert [args[:2] for args in asked] == [[cast.beto.pk, "desk_stale"]]
    client.force_login(cast.beto)
    page = client.get(url("directory_list")).content.decode()
    assert page.count("Not verified for long") == 1
    services.verify_desk(desk=desk, actor=cast.beto)
    assert "Not verified for long" not in client.get(url("directory_list")).content.decode()


def test_focal_points_with_their_succession(cast: Any, client: Client) -> None:
    common = {"state": cast.guatemala, "recorded_by": cast.didier, "note_date": date(2012, 1, 1)}
    FocalPointAppointment.objects.create(
        user=cast.carla, note_verbale="GT/1", valid_from=date(2012, 1, 1), valid_to=date(2013, 1, 1), **common
    )
    FocalPointAppointment.objects.create(user=cast.ciro, note_verbale="GT/2", valid_from=date(2013, 1, 2), **common)
    client.force_login(cast.ana)
    row = next(row for row in client.get(url("focal_point_list")).context["rows"] if row.state == cast.guatemala)
    assert (row.name, row.since) == ("Ciro", date(2013, 1, 2))
    assert len(row.before) == 1
    assert row.before[0].startswith("Carla, 1 Jan. 2012 to")
    client.force_login(cast.paula)
    assert client.get(url("focal_point_list")).status_code == 403
