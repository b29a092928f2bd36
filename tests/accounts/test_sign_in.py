"""Signing in: the answers that tell nothing, the throttles, passwords, the pages that do not exist."""

import json
import re
from statistics import median
from time import perf_counter

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.test.utils import override_settings
from django.urls import NoReverseMatch, reverse

from accounts import delivery, services, tasks
from core.models import AuditEvent, OutboxMessage
from oas_trafficking.presenters import EVENT_LABELS
from tests.access.world import passkey_of
from tests.accounts.sign_in import NEW_PASSWORD, PASSWORD, code_now, first_step, is_in, later, second_step, sign_in, url
from tests.factories.accounts import TOTP_SECRET

pytestmark = pytest.mark.django_db

KNOWN, UNKNOWN = "ana@example.org", "nobody@example.org"


def without_secrets(response, *words):
    """Body without the form token and the address that was typed."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    for word in words:
        body = body.replace(word, "")
    return response.status_code, body, sorted(response.headers)


def deliver(task, name):
    for message in OutboxMessage.objects.filter(task=name, done_at=None):
        task.run(str(message.pk), *message.args)


# --- the same answer ---


def test_wrong_password_and_unknown_account_answer_alike(cast):
    answers = [without_secrets(first_step(Client(), email, "not the password"), email) for email in (KNOWN, UNKNOWN)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 422


def test_closed_account_answers_like_a_wrong_password(cast):
    right = first_step(Client(), cast.iris.email)
    wrong = first_step(Client(), UNKNOWN)
    assert without_secrets(right, cast.iris.email) == without_secrets(wrong, UNKNOWN)


def test_reset_answers_alike_and_makes_the_same_work(cast):
    answers = []
    for email in (KNOWN, UNKNOWN, cast.iris.email):
        client = Client()
        sent = client.post(url("account_reset_password"), {"email": email})
        answers.append((sent.status_code, sent["Location"], without_secrets(client.get(sent["Location"]))))
    assert answers[0] == answers[1] == answers[2]
    assert OutboxMessage.objects.filter(task="accounts.send_reset").count() == 3
    deliver(tasks.send_reset, "accounts.send_reset")
    assert [message.to for message in mail.outbox] == [[KNOWN]]


def test_the_inviter_learns_nothing_about_accounts_elsewhere(cast, signed_in):
    answers = []
    for email in (cast.carla.email, UNKNOWN):
        data = {"full_name": "X", "email": email, "language": "es", "role": "contributor"}
        sent = signed_in(cast.beto).post(url("invite"), data)
        answers.append((sent.status_code, sent["Location"]))
    assert answers[0] == answers[1] == (302, url("team"))


def test_times_of_known_and_unknown_are_alike(cast):
    """With the real hasher: the median of refused sign-ins differs by less than a fifth."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"], ACCOUNT_RATE_LIMITS=False
    ):
        cast.ana.set_password(PASSWORD)
        cast.ana.save()
        taken = {KNOWN: [], UNKNOWN: []}
        for _ in range(7):
            for email, times in taken.items():
                start = perf_counter()
                first_step(Client(), email, "not the password")
                times.append(perf_counter() - start)
    known, unknown = median(taken[KNOWN]), median(taken[UNKNOWN])
    assert abs(known - unknown) < 0.2 * max(known, unknown)


# --- throttles ---


def test_ten_guesses_an_hour_at_one_account_from_many_addresses(cast):
    for number in range(10):
        Client(REMOTE_ADDR=f"10.0.0.{number}").post(url("account_login"), {"login": KNOWN, "password": "wrong"})
    right = Client(REMOTE_ADDR="10.0.1.1")
    assert first_step(right, KNOWN).status_code == 422


def test_the_throttle_passes_by_itself(cast, client):
    for _ in range(10):
        first_step(Client(REMOTE_ADDR="10.0.0.1"), KNOWN, "wrong")
    with later(hours=1, seconds=1):
        assert first_step(client, KNOWN).status_code == 302


def test_a_throttled_unknown_account_answers_like_a_known_one(cast):
    answers = []
    for email in (KNOWN, UNKNOWN):
        for number in range(10):
            Client(REMOTE_ADDR=f"10.0.2.{number}").post(url("account_login"), {"login": email, "password": "wrong"})
        answers.append(without_secrets(first_step(Client(REMOTE_ADDR="10.0.3.1"), email), email))
    assert answers[0] == answers[1]


def test_one_address_at_many_accounts_is_slowed(cast):
    answers = [
        first_step(Client(REMOTE_ADDR="10.0.4.1"), f"guess{n}@example.org", "wrong").status_code for n in range(31)
    ]
    assert answers[-1] == 429
    assert first_step(Client(REMOTE_ADDR="10.0.4.2"), KNOWN).status_code == 302


def test_codes_are_throttled_too(cast, client):
    first_step(client, KNOWN)
    for _ in range(10):
        second_step(client, "000000")
    assert second_step(client).status_code == 422
    assert not is_in(client)


def test_reset_mails_are_throttled(cast):
    answers = [
        Client(REMOTE_ADDR=f"10.0.5.{n}").post(url("account_reset_password"), {"email": KNOWN}) for n in range(6)
    ]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]


# --- the second factor ---


def test_the_key_of_the_app_is_encrypted_at_rest(cast):
    stored = Authenticator.objects.get(user=cast.ana, type="totp").data["secret"]
    assert TOTP_SECRET not in stored


def test_first_enrolment(cast, client):
    cast.ana.authenticator_set.all().delete()
    assert first_step(client, KNOWN)["Location"] == url("home")
    page = client.get(url("mfa_activate_totp"))
    assert b"<svg" in page.content
    assert b"data:image" not in page.content
    key = page.context["form"].secret
    client.post(url("mfa_activate_totp"), {"code": code_now(key)})
    codes = client.get(url("mfa_view_recovery_codes"))
    assert len(codes.context["unused_codes"]) == 10
    assert client.get(url("profile"))["Location"] == url("sign_in_set_up")
    assert client.post(url("recovery_codes_saved"))["Location"] == url("home")
    assert is_in(client)


def test_a_code_that_activated_the_app_does_not_open_a_session(cast, client, django_capture_on_commit_callbacks):
    cast.ana.authenticator_set.all().delete()
    first_step(client, KNOWN)
    code = code_now(client.get(url("mfa_activate_totp")).context["form"].secret)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("mfa_activate_totp"), {"code": code})
    other = Client()
    first_step(other, KNOWN)
    second_step(other, code)
    assert not is_in(other)


@pytest.mark.parametrize("change", sorted(delivery.CHANGES))
def test_every_change_of_security_is_mailed_in_the_persons_language(cast, change):
    cast.ana.language = "es"
    cast.ana.save()
    services.notify_of_change(user=cast.ana, change=change)
    deliver(tasks.send_notice, "accounts.send_notice")
    deliver(tasks.send_notice, "accounts.send_notice")
    (message,) = mail.outbox
    assert message.to == [KNOWN]
    assert f"{settings.PORTAL_ADDRESS}/es/account/2fa/" in message.body


def test_every_change_of_security_has_words_in_the_trail():
    assert {f"account.{change}" for change in delivery.CHANGES} - set(EVENT_LABELS) == set()


def test_links_in_mails_do_not_follow_the_host_of_the_request(cast):
    Client(HTTP_HOST="localhost").post(url("account_reset_password"), {"email": KNOWN})
    deliver(tasks.send_reset, "accounts.send_reset")
    assert settings.PORTAL_ADDRESS in mail.outbox[0].body


# --- languages ---


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt-br"])
def test_the_sign_in_goes_on_in_the_persons_language(cast, client, language):
    cast.ana.language = language
    cast.ana.save()
    assert sign_in(client, cast.ana)["Location"] == url("home", language=language)


def test_the_persons_language_also_holds_where_a_page_was_asked_for(cast, client):
    cast.ana.language = "pt-br"
    cast.ana.save()
    wanted = url("profile", language="es")
    assert sign_in(client, cast.ana, next=wanted)["Location"] == url("profile", language="pt-br")


# --- what does not exist ---


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_set_password",
        "account_inactive",
        "socialaccount_connections",
        "mfa_trust",
    ],
)
def test_pages_of_allauth_that_nobody_needs_do_not_exist(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


# --- passwords ---


@pytest.mark.parametrize(
    "password",
    [
        "short and sweet",
        "portal-oea-2014",
        "CostaRicaCostaRica2014",
        "República Dominicana 2014",
        "passwordpasswordpassword",
        "qwertyuiopasdfghjkl",
        "12345678901234567890",
        "iloveyouiloveyou",
        "aaaaaaaaaaaaaaaaaaaa",
        "contraseña oea portal",
        "ana@example.org.cr",
    ],
)
def test_predictable_passwords_are_refused(cast, password):
    if password == "short and sweet":
        password = password[:14]
    with pytest.raises(ValidationError):
        validate_password(password, cast.ana)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        NEW_PASSWORD,
        "lluvia tarde mesa verde",
        "73920184650198374651",
        "x" * 3 + "kolibri vor dem fenster" * 8,
        "тихий океан у окна",
    ],
)
def test_long_passwords_of_any_kind_are_taken(cast, password):
    validate_password(password, cast.ana)


def test_a_password_of_two_hundred_characters_signs_in(cast, client):
    password = "river stone " * 16 + "lantern"
    cast.ana.set_password(password)
    cast.ana.save()
    sign_in(client, cast.ana, password)
    assert is_in(client)


# --- what is refused, and what ends, is in the trail ---

NO_PASSKEY = {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}


def refused_factors():
    events = AuditEvent.objects.filter(verb="factor.refused").order_by("pk")
    return list(events.values_list("chain", "actor", "object_id", "data"))


@pytest.mark.parametrize("typed", ["000000", "12345678", "not a code", "0" * 5000])
def test_a_wrong_code_at_the_sign_in_is_recorded_and_not_kept(cast, client, typed):
    first_step(client, KNOWN)
    second_step(client, typed)
    assert refused_factors() == [("CR", None, str(cast.ana.public_id), {"kind": "code"})]
    assert typed not in str(list(AuditEvent.objects.filter(verb="factor.refused").values_list("data")))


def test_a_used_code_and_a_used_recovery_code_are_recorded(cast, client):
    RecoveryCodes.activate(cast.ana)
    (recovery, *_others) = RecoveryCodes.activate(cast.ana).get_unused_codes()
    for code in (code_now(), recovery):
        for _ in range(2):
            browser = Client()
            first_step(browser, KNOWN)
            second_step(browser, code)
    assert [data["kind"] for _chain, _actor, _who, data in refused_factors()] == ["code", "code"]


def test_a_wrong_code_of_somebody_who_is_signed_in_names_them(cast, client, signed_in):
    signed_in(cast.ana).post(url("mfa_reauthenticate"), {"code": "000000"})
    assert refused_factors() == [("CR", cast.ana.pk, str(cast.ana.public_id), {"kind": "code"})]


def test_a_wrong_passkey_is_recorded_wherever_it_is_shown(cast, client, signed_in):
    sent = {"credential": json.dumps(NO_PASSKEY)}
    passkey_of(cast.ana)
    client.post(url("mfa_login_webauthn"), sent)
    first_step(client, KNOWN)
    client.post(url("mfa_authenticate"), sent)
    signed_in(cast.ana).post(url("mfa_reauthenticate_webauthn"), sent)
    who = str(cast.ana.public_id)
    assert refused_factors() == [
        ("platform", None, "unknown", {"kind": "passkey"}),
        ("CR", None, who, {"kind": "passkey"}),
        ("CR", cast.ana.pk, who, {"kind": "passkey"}),
    ]


def test_a_right_code_leaves_no_refusal(cast, client):
    sign_in(client, cast.ana)
    assert refused_factors() == []


def test_ending_the_other_sessions_is_recorded(cast, signed_in):
    others, last = [signed_in(cast.ana) for _ in range(2)], signed_in(cast.ana)
    last.post(url("usersessions_list"))
    event = AuditEvent.objects.get(verb="session.others_ended")
    assert (event.chain, event.actor, event.data) == ("CR", cast.ana, {"sessions": 2})
    assert [is_in(client) for client in (*others, last)] == [False, False, True]
    last.post(url("usersessions_list"))
    assert AuditEvent.objects.filter(verb="session.others_ended").count() == 1  # none was left to end
