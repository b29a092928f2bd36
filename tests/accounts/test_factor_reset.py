"""A lost second factor: two people, a day, and a way to stop it; after it the next sign-in sets up a new one."""

import re
from datetime import timedelta
from itertools import product

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from accounts import permissions, services, tasks
from accounts.enums import Role
from accounts.models import FactorReset, User
from core.exceptions import NotAllowed, StepRefused
from core.models import AuditEvent, OutboxMessage
from oas_trafficking.presenters import EVENT_LABELS
from tests.accounts.sign_in import first_step, is_in, later, sign_in, url
from tests.factories.accounts import give_role, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(cast):
    """A second administrator of the Secretariat, and a user administrator of Costa Rica."""
    cast.dora, cast.uma = make_user("dora"), make_user("uma")
    give_role(cast.dora, cast.secretariat, Role.SECRETARIAT_ADMIN)
    give_role(cast.uma, cast.authority_cr, Role.STATE_USER_ADMIN)
    return cast


def ask(people, person="ana", actor="beto"):
    return services.request_factor_reset(
        actor=getattr(people, actor),
        person=getattr(people, person),
        identified="in_person",
        reason="Phone stolen on the bus",
    )


def confirmed(people, actor="didier", **who):
    reset = ask(people, **who)
    services.confirm_factor_reset(actor=getattr(people, actor), reset=reset)
    reset.refresh_from_db()
    return reset


def a_day_later(monkeypatch, **delta):
    moment = timezone.now() + timedelta(**(delta or {"hours": 24, "seconds": 1}))
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def deliver():
    mail.outbox = []
    for message in OutboxMessage.objects.filter(task="accounts.send_factor_notice", done_at=None):
        tasks.send_factor_notice(str(message.pk), *message.args)
    return {message.to[0]: message.body for message in mail.outbox}


def stop_link(body):
    return re.search(r"https?://[^/\s]+(/\S+/stop-reset/\S+)", body)[1]


# --- the whole way ---


def test_from_the_loss_to_the_new_set_up(people, signed_in, monkeypatch, client):
    RecoveryCodes.activate(people.ana)
    thief = signed_in(people.ana)
    coordinator, secretariat = signed_in(people.beto), signed_in(people.didier)
    person = url("person_detail", people.ana.public_id)
    form = url("factor_reset_new", people.ana.public_id)
    assert form in coordinator.get(person).content.decode()
    assert coordinator.get(form).status_code == 200
    assert coordinator.post(form, {"identified": "in_person"}).status_code == 422
    assert coordinator.post(form, {"identified": "in_person", "reason": "Stolen"})["Location"] == person
    reset = FactorReset.objects.get()
    assert b"waits for the Secretariat" in secretariat.get(url("team")).content
    confirm = url("factor_reset_confirm", reset.public_id)
    assert confirm in secretariat.get(person).content.decode()
    assert confirm not in coordinator.get(person).content.decode()
    assert b"Stolen" in secretariat.get(confirm).content
    assert secretariat.post(confirm)["Location"] == person
    assert services.apply_factor_resets() == 0
    assert Authenticator.objects.filter(user=people.ana).count() == 2
    a_day_later(monkeypatch)
    assert services.apply_factor_resets() == 1
    assert services.apply_factor_resets() == 0
    assert not Authenticator.objects.filter(user=people.ana).exists()
    monkeypatch.undo()  # a day later the session would be over by itself
    assert not is_in(thief)
    first_step(client, people.ana.email)
    assert client.get(url("home"))["Location"] == url("sign_in_set_up")
    assert client.get(url("team"))["Location"] == url("sign_in_set_up")


def test_the_factors_of_others_stay(people, monkeypatch):
    confirmed(people)
    before = set(Authenticator.objects.exclude(user=people.ana).values_list("pk", flat=True))
    a_day_later(monkeypatch)
    services.apply_factor_resets()
    assert set(Authenticator.objects.values_list("pk", flat=True)) == before


def test_not_a_minute_before_the_day_is_over(people, monkeypatch):
    confirmed(people)
    a_day_later(monkeypatch, hours=23, minutes=59)
    assert services.apply_factor_resets() == 0


def test_without_the_second_person_nothing_happens(people, monkeypatch):
    ask(people)
    a_day_later(monkeypatch, days=30)
    assert services.apply_factor_resets() == 0


def test_a_closed_account_waits(people, monkeypatch):
    confirmed(people)
    User.objects.filter(pk=people.ana.pk).update(is_active=False)
    a_day_later(monkeypatch)
    assert services.apply_factor_resets() == 0


# --- who ---


def test_who_may_ask_for_whom(people):
    """Coordinators for their State; the Secretariat's administrators for its side, and where no coordinator is left."""
    asks = {
        "beto": {"ana", "bruno", "marta", "uma"},
        "uma": {"ana", "beto", "bruno", "marta"},
        "ciro": {"carla"},
        "didier": {"denise", "dora", "evan", "paula", "ciro"},
        "dora": {"denise", "didier", "evan", "paula", "ciro"},
    }
    names = [name for name, value in vars(people).items() if isinstance(value, User)]
    allowed = {
        (actor, person)
        for actor, person in product(names, names)
        if permissions.can_request_reset(getattr(people, actor), getattr(people, person))
    }
    assert allowed == {(actor, person) for actor, persons in asks.items() for person in persons}


def test_who_may_confirm(people):
    reset = ask(people)
    names = [name for name, value in vars(people).items() if isinstance(value, User)]
    assert {n for n in names if permissions.can_confirm_reset(getattr(people, n), reset)} == {"didier", "dora"}
    of_an_administrator = ask(people, person="didier", actor="dora")
    allowed = {n for n in names if permissions.can_confirm_reset(getattr(people, n), of_an_administrator)}
    assert allowed == set()


def test_the_secretariats_own_need_two_administrators(people):
    reset = ask(people, person="denise", actor="didier")
    with pytest.raises(NotAllowed):
        services.confirm_factor_reset(actor=people.didier, reset=reset)
    services.confirm_factor_reset(actor=people.dora, reset=reset)


@pytest.mark.parametrize("name", ["ana", "bruno", "marta", "ciro", "carla", "denise", "evan", "paula"])
def test_others_are_refused(people, signed_in, name):
    reset = ask(people)
    client = signed_in(getattr(people, name))
    assert client.post(url("factor_reset_confirm", reset.public_id)).status_code == (403 if name == "ana" else 404)
    asked = client.post(url("factor_reset_new", people.ana.public_id), {"identified": "in_person", "reason": "x"})
    assert asked.status_code == (404 if name == "ciro" else 403)
    if name != "ana":
        assert client.post(url("factor_reset_stop", reset.public_id)).status_code == 404
    reset.refresh_from_db()
    assert (reset.confirmed_at, reset.stopped_at) == (None, None)


def test_a_second_request_waits_for_the_first(people):
    ask(people)
    with pytest.raises(StepRefused):
        ask(people, actor="uma")


def test_nothing_is_asked_for_somebody_without_a_factor(people):
    people.ana.authenticator_set.all().delete()
    with pytest.raises(StepRefused):
        ask(people)


def test_asking_and_confirming_need_a_fresh_sign_in_and_stopping_does_not(people, signed_in):
    reset = ask(people)
    coordinator, secretariat = signed_in(people.beto), signed_in(people.didier)
    with later(minutes=6):
        for client, page in (
            (coordinator, url("factor_reset_new", people.marta.public_id)),
            (secretariat, url("factor_reset_confirm", reset.public_id)),
        ):
            assert client.get(page)["Location"].startswith(url("mfa_reauthenticate"))
            assert client.post(page)["Location"].startswith(url("mfa_reauthenticate"))
        coordinator.post(url("factor_reset_stop", reset.public_id))
    reset.refresh_from_db()
    assert (reset.confirmed_at, reset.stopped_by) == (None, people.beto)


# --- mails and stopping ---


def test_both_ends_are_told_and_nobody_is_named(people):
    ask(people)
    assert set(deliver()) == {"didier@example.org", "dora@example.org"}
    services.confirm_factor_reset(actor=people.dora, reset=FactorReset.objects.get())
    told = deliver()
    assert set(told) == {"ana@example.org", "beto@example.org"}
    assert f"{settings.PORTAL_ADDRESS}/en/stop-reset/" in told["ana@example.org"]
    assert "stop-reset" not in told["beto@example.org"]
    assert deliver() == {}
    for word in ("Ana", "Beto", "Dora", "Costa Rica", "stolen"):
        assert word not in "".join(told.values())


def test_the_mail_says_when_in_the_time_and_language_of_the_person(people):
    User.objects.filter(pk=people.ana.pk).update(language="es", time_zone="America/Costa_Rica")
    confirmed(people)
    body = deliver()["ana@example.org"]
    assert "/es/stop-reset/" in body
    assert "(GMT−6)" in body


def test_the_person_stops_it_by_the_link_without_signing_in(people, monkeypatch, client):
    reset = confirmed(people)
    link = stop_link(deliver()["ana@example.org"])
    page = client.get(link)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert FactorReset.objects.open().exists()  # looking stops nothing: mail programs open links by themselves
    assert client.post(link)["Location"] == url("account_login")
    reset.refresh_from_db()
    assert reset.stopped_by == people.ana
    assert set(deliver()) == {"ana@example.org", "beto@example.org"}
    a_day_later(monkeypatch)
    assert services.apply_factor_resets() == 0
    assert is_in_after_sign_in(people.ana)


def is_in_after_sign_in(person):
    client = Client()
    sign_in(client, person)
    return is_in(client)


@pytest.mark.parametrize("state", ["stopped", "applied", "invented", "forged"])
def test_every_dead_link_gives_the_same_page(people, monkeypatch, state):
    reset = confirmed(people)
    link = stop_link(deliver()["ana@example.org"])
    if state == "stopped":
        services.stop_factor_reset(actor=people.ana, reset=reset)
    elif state == "applied":
        a_day_later(monkeypatch)
        services.apply_factor_resets()
    elif state == "invented":
        link = url("factor_reset_link", "A" * 80)
    else:
        link = link.replace(str(reset.public_id)[:8], "00000000")
    dead, never = Client().get(link), Client().get(url("factor_reset_link", "B" * 80))
    assert dead.status_code == never.status_code == 404
    assert len(dead.content) == len(never.content)
    assert Client().post(link).status_code == 404


@pytest.mark.parametrize("name", ["ana", "beto", "uma", "didier"])
def test_those_concerned_can_stop_it(people, signed_in, name):
    reset = confirmed(people)
    client = signed_in(getattr(people, name))
    home = client.get(url("profile") if name == "ana" else url("person_detail", people.ana.public_id))
    assert url("factor_reset_stop", reset.public_id) in home.content.decode()
    assert client.post(url("factor_reset_stop", reset.public_id)).status_code == 302
    reset.refresh_from_db()
    assert reset.stopped_by == getattr(people, name)
    with pytest.raises(StepRefused):
        services.confirm_factor_reset(actor=people.dora, reset=reset)


def test_a_notice_that_is_no_longer_true_is_not_sent(people):
    reset = confirmed(people)
    services.stop_factor_reset(actor=people.beto, reset=reset)
    assert all("stopped" in body for body in deliver().values())


def test_a_manager_of_before_sees_nothing_of_a_person_who_moved(people):
    people.ana.role_assignments.update(valid_to=timezone.localdate() - timedelta(days=1))
    give_role(people.ana, people.authority_gt, Role.CONTRIBUTOR, valid_from=timezone.localdate())
    reset = ask(people, actor="ciro")
    assert not FactorReset.objects.visible_to(people.beto).exists()
    assert set(FactorReset.objects.visible_to(people.ciro)) == {reset}


# --- what the database refuses ---


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"confirmed_by": "beto"}, "factor_reset_two_people"),
        ({"confirmed_by": "ana"}, "factor_reset_two_people"),
        ({"confirmed_by": "didier", "hours": 23}, "factor_reset_takes_a_day"),
        ({"requested_by": "didier"}, "factor_reset_kept"),
        ({"person": "bruno"}, "factor_reset_kept"),
        ({"applied": True}, "factor_reset_applied_in_time"),
    ],
)
def test_the_rules_hold_in_the_database(people, fields, name):
    reset, now = ask(people), timezone.now()
    values = {key: getattr(people, fields[key]) for key in ("confirmed_by", "requested_by", "person") if key in fields}
    if "confirmed_by" in fields:
        values |= {"confirmed_at": now, "effective_at": now + timedelta(hours=fields.get("hours", 24))}
    if "applied" in fields:
        services.confirm_factor_reset(actor=people.didier, reset=reset)
        values = {"applied_at": now}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        FactorReset.objects.filter(pk=reset.pk).update(**values)


def test_nobody_asks_for_themselves_nor_enters_one_that_is_confirmed(people):
    now, words = timezone.now(), {"identified": "in_person", "reason": "x"}
    with pytest.raises(IntegrityError, match="factor_reset_not_for_oneself"), transaction.atomic():
        FactorReset.objects.create(person=people.ana, requested_by=people.ana, **words)
    moments = {"confirmed_at": now, "effective_at": now + timedelta(hours=24)}
    with pytest.raises(IntegrityError, match="factor_reset_begins_open"), transaction.atomic():
        FactorReset.objects.create(
            person=people.ana, requested_by=people.beto, confirmed_by=people.didier, **moments, **words
        )


def test_the_day_cannot_be_moved_and_the_row_stays(people):
    reset = confirmed(people)
    earlier = {name: getattr(reset, name) - timedelta(hours=1) for name in ("confirmed_at", "effective_at")}
    with pytest.raises(IntegrityError, match="factor_reset_kept"), transaction.atomic():
        FactorReset.objects.filter(pk=reset.pk).update(**earlier)
    services.stop_factor_reset(actor=people.ana, reset=reset)
    with pytest.raises(IntegrityError, match="factor_reset_kept"), transaction.atomic():
        FactorReset.objects.filter(pk=reset.pk).update(stopped_at=None, stopped_by=None)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        reset.delete()


# --- trail ---


def test_every_step_is_in_the_trail_of_the_state(people, monkeypatch):
    services.stop_factor_reset(actor=people.ana, reset=confirmed(people))
    confirmed(people, actor="dora")
    a_day_later(monkeypatch)
    services.apply_factor_resets()
    events = AuditEvent.objects.filter(chain="CR", verb__startswith="factor_reset").order_by("seq")
    assert list(events.values_list("verb", "actor", "system")) == [
        ("factor_reset.requested", people.beto.pk, ""),
        ("factor_reset.confirmed", people.didier.pk, ""),
        ("factor_reset.stopped", people.ana.pk, ""),
        ("factor_reset.requested", people.beto.pk, ""),
        ("factor_reset.confirmed", people.dora.pk, ""),
        ("factor_reset.applied", None, "accounts"),
    ]
    assert "stolen" not in str(list(events.values_list("data", flat=True)))
    assert set(events.values_list("verb", flat=True)) - set(EVENT_LABELS) == set()
