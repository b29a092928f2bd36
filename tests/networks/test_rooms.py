"""A member of one network learns nothing of another's room: not its files, its numbers or its names."""

import os
import re
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from core.canonical import fingerprint
from core.exceptions import IdentitySuspected, NotAllowed, PortalError
from core.files import store_once
from core.models import AuditEvent, OutboxMessage
from core.testing import record_proof
from networks import services
from networks.delivery import process_document
from networks.models import (
    Announcement,
    Decision,
    Desk,
    Document,
    GuestOffer,
    Meeting,
    Network,
    NetworkUserObjectPermission,
    Seat,
)
from networks.services import FileData, Text
from tests.factories.accounts import make_institution
from tests.factories.networks import make_desk, make_network, network_data, seat
from tests.support import form_of
from tests.workplan.pages import url

FULL = os.environ.get("PORTAL_FULL") == "1"
PLAIN_FILE = b"Turnos de guardia de mayo.\n"


@pytest.fixture(autouse=True)
def media(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rooms(cast: Any) -> dict[str, Network]:
    """Costa Rica's and Guatemala's own network each, both with everything in their rooms; one is listed."""
    return {
        "cr hidden": furnished(cast.beto, cast.authority_cr, "CRHIDDEN", is_listed=False),
        "cr listed": furnished(cast.beto, cast.authority_cr, "CRLISTED", is_listed=True),
        "gt hidden": furnished(cast.ciro, cast.authority_gt, "GTHIDDEN", is_listed=False),
        "gt listed": furnished(cast.ciro, cast.authority_gt, "GTLISTED", is_listed=True),
    }


def furnished(actor: Any, institution: Any, word: str, **fields: Any) -> Network:
    """Every text of the room holds the word ROOM and the network's own; its name and purpose hold the latter."""
    network = make_network(actor, institution, f"Red {word}", **fields)
    text = Text(f"room{word.lower()} acta", "es", title=f"room{word.lower()} asunto")
    meeting = services.record_meeting(
        network=network, text=text, held_on=date(2014, 3, 1), place=f"room{word.lower()}", actor=actor
    )
    services.record_decision(meeting=meeting, text=text, responsible=None, due_on=None, actor=actor)
    services.announce(network=network, text=text, actor=actor)
    file = FileData(f"room{word.lower()} archivo", "es", f"room{word.lower()}.txt", PLAIN_FILE + word.encode())
    document = services.share_in_network(network=network, file=file, actor=actor)
    name, _digest = store_once(f"room{word.lower()} copia".encode(), folder="networks", suffix="txt")
    Document.objects.filter(pk=document.pk).update(scan_state="not_scanned", served=name, served_size=9)
    return network


def addresses(network: Network) -> list[str]:
    """Every page that names a thing of the network."""
    meeting, document = Meeting.objects.get(network=network), Document.objects.get(network=network)
    one = Seat.objects.get(network=network)
    decision = meeting.decisions.get()
    return [
        url("network_detail", network.slug),
        url("network_edit", network.slug),
        url("network_drawing", network.slug),
        url("seat_new", network.slug),
        url("seat_end", network.slug, one.pk),
        url("guest_list", network.slug),
        url("guest_end", network.slug, 1),
        url("announcement_new", network.slug),
        url("network_document_new", network.slug),
        url("meeting_new", network.slug),
        url("meeting_detail", network.slug, meeting.public_id),
        url("decision_follow_up", network.slug, meeting.public_id, decision.pk),
        url("shared_file", document.public_id),
    ]


LISTS = ("network_list", "directory_list", "cooperation_map", "network_new", "home", "assistance_list")
MEMBERS = {"cr": {"ana", "beto", "bruno"}, "gt": {"carla", "ciro"}}
PEOPLE = ("ana", "denise", "paula")
MORE_PEOPLE = ("beto", "bruno", "marta", "carla", "ciro", "didier", "evan")


@dataclass(frozen=True)
class Answer:
    address: str
    status: int
    text: str


def ask(client: Client, address: str, method: str = "get") -> Answer:
    response = getattr(client, method)(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    for close in response._resource_closers:  # the response's own close() would take the connection along
        close()
    return Answer(address, response.status_code, body.decode(errors="replace"))


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def walk(client: Client, networks: dict[str, Network]) -> dict[str, list[Answer]]:
    """Every page that names a thing of each network, by either method; and, as "", the pages that list things."""
    found = {key: [ask(client, one, way) for one in addresses(network) for way in ("get", "post")]
             for key, network in networks.items()}  # fmt: skip
    lists = [*(url(name) for name in LISTS), url("cooperation_pair", "cr", "gt"), url("cooperation_state", "gt")]
    return {**found, "": [ask(client, address) for address in lists]}


def leaks_of(key: str, answers: list[Answer], lists: list[Answer]) -> list[str]:
    """What of a network that is not theirs somebody has seen: a word of its room or, hidden, even its name."""
    code, kind = key.split()
    words = [f"room{code}{kind}"] + ([f"{code}{kind}".upper()] if kind == "hidden" else [])
    found = [f"{one.address}: {word}" for one in answers + lists for word in words if word in one.text]
    told = {403} if kind == "hidden" else set()  # "you may not" would say that it is there
    return found + [f"{one.address}: {one.status}" for one in answers if one.status in told | {500}]


@pytest.mark.timeout(600)
def test_a_member_of_one_network_learns_nothing_of_another(cast: Any, rooms: dict[str, Network]) -> None:
    combinations, leaks = 0, []
    for name in PEOPLE + (MORE_PEOPLE if FULL else ()):
        foreign = {key: network for key, network in rooms.items() if name not in MEMBERS[key[:2]]}
        answers = walk(signed_in(getattr(cast, name)), foreign)
        lists = answers.pop("")
        for key, found in answers.items():
            combinations += len(found) + len(lists)
            leaks += [f"{name} {leak}" for leak in leaks_of(key, found, lists)]
    record_proof("network_scope", combinations=combinations, leaks=len(leaks), full=FULL)
    assert leaks == []
    assert combinations >= 300


def test_the_instrument_sees_what_a_member_sees(cast: Any, rooms: dict[str, Network]) -> None:
    """The same walk finds every word where it may be found, or its silence would prove nothing."""
    own = {"gt hidden": rooms["gt hidden"]}
    answers = walk(signed_in(cast.carla), own)
    text = "".join(one.text for one in answers["gt hidden"])
    assert {part for part in ("acta", "asunto", "archivo", "copia") if f"roomgthidden {part}" in text} == {
        "acta",
        "asunto",
        "archivo",
        "copia",
    }
    assert "GTHIDDEN" in "".join(one.text for one in answers[""])
    assert leaks_of("gt hidden", answers["gt hidden"], answers[""])


def test_counts_tell_nothing_of_hidden_networks(cast: Any, rooms: dict[str, Network], client: Client) -> None:
    seat(rooms["gt hidden"], make_institution("authority", "Otra", cast.costa_rica))
    seat(rooms["gt listed"], make_institution("authority", "Tercera", cast.costa_rica))
    pairs = {}
    for name in ("ana", "carla", "denise"):
        client.force_login(getattr(cast, name))
        page = client.get(url("cooperation_map"))
        row = next(row for row in page.context["rows"] if row.state == cast.costa_rica)
        column = [state.iso2 for state in page.context["states"]].index("GT")
        pairs[name] = row.cells[column].count
        networks = client.get(url("cooperation_pair", "cr", "gt")).context["networks"]
        assert len(networks) == pairs[name]
    assert pairs == {"ana": 1, "carla": 2, "denise": 1}


def test_leaving_closes_the_room_at_the_next_request(cast: Any, rooms: dict[str, Network]) -> None:
    member = seat(rooms["gt hidden"], cast.authority_cr)
    client = signed_in(cast.ana)
    pages = [
        url("network_detail", rooms["gt hidden"].slug),
        url("shared_file", Document.objects.get(network=rooms["gt hidden"]).public_id),
    ]
    assert [ask(client, one).status for one in pages] == [200, 200]
    services.end_seat(seat=member, actor=cast.ciro)
    assert [ask(client, one).status for one in pages] == [404, 404]
    assert Announcement.objects.visible_to(cast.ana).filter(network=rooms["gt hidden"]).count() == 0


def test_a_role_that_ends_closes_the_room_too(cast: Any, rooms: dict[str, Network]) -> None:
    role = cast.carla.role_assignments.get()
    role.valid_to, role.ended_at = timezone.localdate(), timezone.now()
    role.save()
    assert not Network.objects.with_room_for(cast.carla).exists()


def test_a_guest_enters_one_room_until_the_day(cast: Any, rooms: dict[str, Network]) -> None:
    today = timezone.localdate()
    terms = {"network": rooms["gt hidden"], "email": "Paula@Example.org", "reason": "Asesora", "valid_to": today}
    services.let_in_guest(**terms, actor=cast.ciro)
    assert set(Network.objects.with_room_for(cast.paula)) == {rooms["gt hidden"]}
    NetworkUserObjectPermission.objects.update(valid_to=today - timedelta(days=1))
    assert not Network.objects.visible_to(cast.paula).exists()
    with pytest.raises(NotAllowed):
        services.let_in_guest(**terms, actor=cast.ana)


def test_a_guest_is_shown_out_at_once(cast: Any, rooms: dict[str, Network], client: Client) -> None:
    network, today = rooms["gt hidden"], timezone.localdate()
    terms = {"network": network, "email": "paula@example.org", "valid_to": today, "actor": cast.ciro}
    offers = [services.let_in_guest(reason=reason, **terms) for reason in ("Asesora", "Asesora del ministerio")]
    assert offers[0] == offers[1]  # once more is a change of terms
    client.force_login(cast.ciro)
    client.post(url("guest_end", network.slug, offers[0].pk))
    assert not Network.objects.visible_to(cast.paula).exists()
    assert "paula@example.org" not in client.get(url("guest_list", network.slug)).content.decode()


def test_the_right_of_a_guest_is_removed_when_it_ends(cast: Any, rooms: dict[str, Network]) -> None:
    today = timezone.localdate()
    terms = {"network": rooms["gt hidden"], "email": "paula@example.org", "reason": "Asesora", "valid_to": today}
    services.let_in_guest(**terms, actor=cast.ciro)
    assert services.remove_ended_guests() == 0
    for model in (NetworkUserObjectPermission, GuestOffer):
        model.objects.update(valid_to=today - timedelta(days=1))
    assert [services.remove_ended_guests(), services.remove_ended_guests()] == [1, 0]
    assert not NetworkUserObjectPermission.objects.exists()
    assert not GuestOffer.objects.filter(ended_at=None).exists()
    assert AuditEvent.objects.get(verb="network.guest_ended").chain == "GT"


def test_the_list_of_guests_does_not_tell_who_has_an_account(
    cast: Any, rooms: dict[str, Network], client: Client
) -> None:
    """A coordinator could otherwise ask, address by address, who works for another State, and read the names."""
    network = rooms["gt hidden"]
    client.force_login(cast.ciro)
    shown = []
    for email in ("ana@example.org", "nobody@example.org"):
        form = {"email": email, "reason": "Asesora", **parts("valid_to", timezone.localdate())}
        client.post(url("guest_list", network.slug), form)
        page = client.get(url("guest_list", network.slug)).content.decode()
        assert email in page
        shown.append(re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|/guests/\d+/', "", page).replace(email, ""))
        client.post(url("guest_end", network.slug, GuestOffer.objects.get(ended_at=None).pk))
        client.get(url("guest_list", network.slug))  # with the word that the room is closed, which is not compared
    assert shown[0] == shown[1]
    assert cast.ana.full_name not in shown[0]


def parts(name: str, day: date) -> dict[str, int]:
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


def test_nobody_is_seated_to_have_their_contacts_read(cast: Any, client: Client) -> None:
    """Whoever founds a network seats whom they like; the seat opens nothing of its holder's until it is taken."""
    network = make_network(cast.beto, cast.authority_cr)
    desk = make_desk(cast.authority_gt, visibility="networks")
    services.seat_member(network=network, state=None, institution=cast.authority_gt, role="member", actor=cast.beto)
    assert desk not in Desk.objects.visible_to(cast.beto)
    given = Seat.objects.get(network=network, institution=cast.authority_gt)
    client.force_login(cast.beto)
    assert client.post(url("seat_take", network.slug, given.pk)).status_code == 403
    client.force_login(cast.carla)
    assert "Take the seat" in client.get(url("network_detail", network.slug)).content.decode()
    client.post(url("seat_take", network.slug, given.pk))
    assert "Take the seat" not in client.get(url("network_detail", network.slug)).content.decode()
    assert desk in Desk.objects.visible_to(cast.beto)
    assert AuditEvent.objects.filter(verb="network.seat_taken", actor=cast.carla).count() == 1


def test_only_the_coordinator_gives_seats_and_somebody_always_coordinates(cast: Any) -> None:
    network = make_network(cast.beto, cast.authority_cr)
    with pytest.raises(NotAllowed):
        services.seat_member(
            network=network, state=None, institution=cast.authority_gt, role="member", actor=cast.denise
        )
    services.seat_member(network=network, state=None, institution=cast.authority_gt, role="member", actor=cast.beto)
    own = Seat.objects.get(network=network, institution=cast.authority_cr)
    with pytest.raises(PortalError, match="Somebody must coordinate"):
        services.end_seat(seat=own, actor=cast.beto)


def change(network: Network, cast: Any, name: str, **values: Any) -> None:
    data, seen = network_data(name, **values), fingerprint(network)
    services.change_network(network=network, data=data, seen=seen, actor=cast.beto)


def test_a_network_is_no_part_of_itself_by_way_of_another(cast: Any) -> None:
    first, second, below = (make_network(cast.beto, cast.authority_cr, name) for name in ("Una", "Dos", "Tres"))
    change(first, cast, "Una", parent=second)
    with pytest.raises(PortalError, match="part of itself"):
        change(second, cast, "Dos", parent=first)
    # Where there is a circle all the same, whoever comes upon it is told and not kept for ever.
    Network.objects.filter(pk=second.pk).update(parent=first)
    with pytest.raises(PortalError, match="part of itself"):
        change(below, cast, "Tres", parent=first)


@pytest.mark.timeout(30)
@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_make_no_circle(cast: Any) -> None:
    first, second = (make_network(cast.beto, cast.authority_cr, name) for name in ("Una", "Dos"))

    def put_first_below_second() -> str:
        try:
            with override("en"):
                change(first, cast, "Una", parent=second)
        except PortalError as refusal:
            return str(refusal.message)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change(second, cast, "Dos", parent=first)
            other = pool.submit(put_first_below_second)
            assert wait([other], timeout=0.5).not_done
        assert other.result() == "A network cannot be part of itself."


def test_an_observer_reads_and_does_not_write(cast: Any, rooms: dict[str, Network]) -> None:
    seat(rooms["gt hidden"], cast.authority_cr, role="observer")
    assert Meeting.objects.visible_to(cast.ana).filter(network=rooms["gt hidden"]).exists()
    with pytest.raises(NotAllowed):
        services.announce(network=rooms["gt hidden"], text=Text("Hola", "es", "Aviso"), actor=cast.ana)


def test_a_member_follows_up_its_own_decision_alone(cast: Any, rooms: dict[str, Network], client: Client) -> None:
    mine = seat(rooms["gt hidden"], cast.authority_cr)
    meeting = Meeting.objects.get(network=rooms["gt hidden"])
    text = Text("Enviar la lista.", "es")
    decision = services.record_decision(
        meeting=meeting, text=text, responsible=mine, due_on=date(2014, 4, 1), actor=cast.ciro
    )
    other = meeting.decisions.exclude(pk=decision.pk).get()
    client.force_login(cast.ana)
    data = {"status": "done", "note": "Enviada", "seen": fingerprint(decision)}
    answers = [
        client.post(url("decision_follow_up", rooms["gt hidden"].slug, meeting.public_id, row.pk), data).status_code
        for row in (decision, other)
    ]
    assert answers == [302, 403]
    decision.refresh_from_db()
    assert (decision.status, decision.followed_up_on) == ("done", timezone.localdate())


def test_what_a_colleague_changed_meanwhile_is_not_passed_over(cast: Any, client: Client) -> None:
    network = furnished(cast.beto, cast.authority_cr, "Nube")
    decision = Decision.objects.get(meeting__network=network)
    client.force_login(cast.beto)
    pages = {
        url("network_edit", network.slug): ("acronym", "NUBE"),
        url("decision_follow_up", network.slug, decision.meeting.public_id, decision.pk): ("note", "Enviada"),
    }
    shown = {address: form_of(client.get(address).content.decode(), box) for address, (box, _) in pages.items()}
    Network.objects.filter(pk=network.pk).update(acronym="SUYA")
    Decision.objects.filter(pk=decision.pk).update(note="Suya")
    for address, (box, text) in pages.items():
        answer = client.post(address, {**shown[address], box: text})
        assert answer.status_code == 422
        assert "Somebody else changed this in the meantime." in answer.content.decode()
    network.refresh_from_db()
    decision.refresh_from_db()
    assert (network.acronym, decision.note) == ("SUYA", "Suya")


def test_a_file_that_names_somebody_is_not_shared_without_a_word(cast: Any, rooms: dict[str, Network]) -> None:
    file = FileData("Lista", "es", "lista.csv", b"nombre;documento\nYolanda Quispe;X1234567\n")
    with pytest.raises(IdentitySuspected):
        services.share_in_network(network=rooms["cr hidden"], file=file, actor=cast.ana)
    picture = FileData("Foto", "es", "foto.png", b"\x89PNG\r\n\x1a\n" + bytes(64))
    with pytest.raises(IdentitySuspected):
        services.share_in_network(network=rooms["cr hidden"], file=picture, actor=cast.ana)


def test_a_file_is_given_out_as_a_checked_copy_only(cast: Any, rooms: dict[str, Network], client: Client) -> None:
    file = FileData("Turnos", "es", "turnos.txt", b"Turnos de mayo\n")
    document = services.share_in_network(network=rooms["cr hidden"], file=file, actor=cast.ana)
    client.force_login(cast.beto)
    address = url("shared_file", document.public_id)
    assert client.get(address).status_code == 404
    message = OutboxMessage.objects.get(key=f"document:{document.pk}")
    process_document(message, document.pk)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == b"Turnos de mayo\n"
    for close in answer._resource_closers:
        close()
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"


def test_the_groupings_of_the_sources_become_networks(db: None) -> None:
    for _run in range(2):
        call_command("load_networks", verbosity=0)
    rows = Network.objects.filter(level="regional")
    assert set(rows.values_list("slug", flat=True)) == {"regional-coalition", "mercosur", "caricom-impacs"}
    assert all(network.source and network.is_listed for network in rows)
    assert Seat.objects.filter(network__slug="mercosur").count() == 5
    assert Seat.objects.filter(network__level="continental", state__isnull=False).count() == 34
    assert not Seat.objects.filter(network__level="regional").exclude(institution=None).exists()


def test_a_state_without_a_seated_institution_is_represented_by_its_focal_point(cast: Any) -> None:
    call_command("load_networks", verbosity=0)
    coalition = Network.objects.get(slug="regional-coalition")
    inside = {
        name
        for name in ("ana", "beto", "marta", "carla", "ciro", "denise", "paula")
        if Network.objects.with_room_for(getattr(cast, name)).filter(pk=coalition.pk).exists()
    }
    assert inside == {"beto", "ciro"}


def test_names_in_four_languages_fall_back_to_one_that_is_there(cast: Any) -> None:
    network = make_network(cast.beto, cast.authority_cr, "Red del sur")
    with override("fr"):
        assert (network.name, network.name_language) == ("Red del sur", "es")
