"""Rules of the session (bar B49): every case is tried on a browser that is really signed in."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Invitation, RoleAssignment, User
from core.testing import record_proof
from tests.accounts.sign_in import (
    NEW_PASSWORD,
    PASSWORD,
    code_now,
    first_step,
    forget_steps,
    is_in,
    is_known,
    later,
    second_step,
    sign_in,
    url,
)

pytestmark = pytest.mark.django_db

Case = Callable[[object, Client], bool]
CASES: list[Case] = []


def case(function: Case) -> Case:
    CASES.append(function)
    return function


def key(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def with_key(value: str) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = value
    return client


# --- fixation and rotation ---


@case
def a_key_from_before_the_sign_in_opens_nothing(cast, client):
    client.get(url("account_login"))
    first_step(client, cast.ana.email)
    before = key(client)
    second_step(client)
    return key(client) != before and not is_in(with_key(before)) and is_in(client)


@case
def an_invented_key_is_not_adopted(cast, client):
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    sign_in(client, cast.ana)
    return key(client) != "a" * 32 and not is_in(with_key("a" * 32))


@case
def the_key_changes_with_the_password(cast, client):
    sign_in(client, cast.ana)
    before = key(client)
    client.post(url("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW_PASSWORD})
    return key(client) != before and not is_in(with_key(before)) and is_in(client)


@case
def signing_in_as_somebody_else_leaves_nothing_of_the_first(cast, client):
    sign_in(client, cast.ana)
    client.session["mark"] = "ana"
    client.post(url("account_logout"))
    sign_in(client, cast.carla)
    return "mark" not in client.session and client.session["_auth_user_id"] == str(cast.carla.pk)


# --- half-way sign-ins ---


@case
def the_password_alone_opens_nothing(cast, client):
    first_step(client, cast.ana.email)
    return not is_in(client) and not is_known(client)


@case
def a_wrong_code_opens_nothing(cast, client):
    first_step(client, cast.ana.email)
    second_step(client, "000000" if code_now() != "000000" else "111111")
    return not is_in(client)


@case
def the_second_step_without_the_first_opens_nothing(cast, client):
    second_step(client)
    return not is_in(client)


@case
def the_code_of_somebody_else_is_no_use(cast, client):
    factor = cast.carla.authenticator_set.get(type="totp")
    factor.delete()
    first_step(client, cast.carla.email)
    second_step(client, code_now())
    return not client.session.get("access_protected")


@case
def a_code_works_once(cast, client):
    other, code = Client(), code_now()  # one code, whatever the clock says meanwhile
    for browser in (client, other):
        first_step(browser, cast.ana.email)
        second_step(browser, code)
    return is_in(client) and not is_in(other)


@case
def an_older_code_than_the_last_used_is_refused(cast, client):
    sign_in(client, cast.ana)
    other = Client()
    first_step(other, cast.ana.email)
    second_step(other, code_now(steps=-1))
    return not is_in(other)


@case
def a_code_of_a_minute_ago_is_refused(cast, client):
    forget_steps(cast.ana)
    first_step(client, cast.ana.email)
    second_step(client, code_now(steps=-3))
    return not is_in(client)


# --- leaving ---


@case
def a_key_is_dead_after_signing_out(cast, client):
    sign_in(client, cast.ana)
    before = key(client)
    client.post(url("account_logout"))
    return not is_in(with_key(before)) and not is_in(client)


@case
def a_get_does_not_sign_out(cast, client):
    sign_in(client, cast.ana)
    client.get(url("account_logout"))
    return is_in(client)


@case
def signing_out_deletes_the_row(cast, client):
    sign_in(client, cast.ana)
    before = key(client)
    client.post(url("account_logout"))
    return not Session.objects.filter(session_key=before).exists()


@case
def ending_all_other_sessions_keeps_this_one(cast, client):
    other = Client()
    sign_in(other, cast.ana)
    sign_in(client, cast.ana)
    client.post(url("usersessions_list"))
    return is_in(client) and not is_in(other)


@case
def ending_sessions_leaves_those_of_others(cast, client):
    other = Client()
    sign_in(other, cast.carla)
    sign_in(client, cast.ana)
    client.post(url("usersessions_list"))
    return is_in(other)


@case
def two_browsers_may_be_signed_in_at_once_and_both_are_listed(cast, client):
    other = Client()
    sign_in(other, cast.ana)
    sign_in(client, cast.ana)
    listed = client.get(url("usersessions_list")).context["session_count"]
    return is_in(client) and is_in(other) and listed == 2


# --- changes elsewhere ---


@case
def a_new_password_ends_the_other_sessions(cast, client):
    other = Client()
    sign_in(other, cast.ana)
    sign_in(client, cast.ana)
    client.post(url("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW_PASSWORD})
    return is_in(client) and not is_in(other)


@case
def a_reset_ends_every_session(cast, client):
    sign_in(client, cast.ana)
    reset(cast.ana)
    return not is_in(client)


@case
def a_reset_does_not_sign_in(cast, client):
    return not is_known(reset(cast.ana))


@case
def a_reset_keeps_the_second_factor(cast, client):
    reset(cast.ana)
    first_step(client, cast.ana.email, NEW_PASSWORD)
    half_way = not is_in(client)
    forget_steps(cast.ana)
    second_step(client)
    return half_way and is_in(client)


@case
def the_old_password_is_dead_after_a_reset(cast, client):
    reset(cast.ana)
    return first_step(client, cast.ana.email, PASSWORD).status_code == 422


@case
def a_reset_link_works_once(cast, client):
    link = reset_link(cast.ana)
    reset(cast.ana, link)
    page = Client().get(link, follow=True)
    return b"no longer works" in page.content


@case
def a_reset_link_of_a_closed_account_is_dead(cast, client):
    link = reset_link(cast.ana)
    services.deactivate(actor=cast.beto, person=cast.ana)
    reset(cast.ana, link)
    cast.ana.refresh_from_db()
    return cast.ana.check_password(PASSWORD)


@case
def deactivation_ends_the_session_at_the_next_request(cast, client):
    sign_in(client, cast.ana)
    services.deactivate(actor=cast.beto, person=cast.ana)
    return not is_in(client)


@case
def a_reactivated_account_does_not_revive_old_sessions(cast, client):
    sign_in(client, cast.ana)
    services.deactivate(actor=cast.beto, person=cast.ana)
    services.reactivate(actor=cast.beto, person=cast.ana)
    return not is_in(client)


@case
def the_flag_alone_ends_the_session_too(cast, client):
    sign_in(client, cast.ana)
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    return not is_in(client)


@case
def a_closed_account_cannot_sign_in(cast, client):
    services.deactivate(actor=cast.beto, person=cast.ana)
    sign_in(client, cast.ana)
    return not is_in(client)


@case
def a_closed_account_half_way_cannot_finish(cast, client):
    forget_steps(cast.ana)
    first_step(client, cast.ana.email)
    services.deactivate(actor=cast.beto, person=cast.ana)
    second_step(client)
    return not is_in(client)


@case
def an_ended_role_ends_the_session(cast, client):
    sign_in(client, cast.ana)
    services.end_role(actor=cast.beto, assignment=cast.ana.role_assignments.get())
    return not is_in(client)


@case
def an_ended_role_ends_every_session(cast, client):
    other = Client()
    sign_in(other, cast.ana)
    sign_in(client, cast.ana)
    services.end_role(actor=cast.beto, assignment=cast.ana.role_assignments.get())
    return not is_in(client) and not is_in(other)


@case
def after_the_end_of_a_role_a_new_sign_in_sees_nothing(cast, client):
    services.end_role(actor=cast.beto, assignment=cast.ana.role_assignments.get())
    sign_in(client, cast.ana)
    return is_in(client) and not RoleAssignment.objects.of(cast.ana).exists()


@case
def a_given_role_ends_the_session(cast, client):
    sign_in(client, cast.ana)
    services.give_role(actor=cast.beto, person=cast.ana, institution=cast.authority_cr, role="approver")
    return not is_in(client)


@case
def an_ended_role_leaves_the_sessions_of_others(cast, client):
    sign_in(client, cast.carla)
    services.end_role(actor=cast.beto, assignment=cast.ana.role_assignments.get())
    return is_in(client)


@case
def a_role_that_ran_out_gives_nothing_in_the_running_session(cast, client):
    sign_in(client, cast.beto)
    cast.beto.role_assignments.update(valid_to=timezone.localdate() - timedelta(days=1))
    return client.get(url("team")).status_code == 403


@case
def an_institution_that_ended_gives_nothing_in_the_running_session(cast, client):
    sign_in(client, cast.beto)
    cast.authority_cr.valid_to = timezone.localdate() - timedelta(days=1)
    cast.authority_cr.save()
    return client.get(url("team")).status_code == 403


@case
def an_access_review_ends_the_sessions_of_who_goes(cast, client):
    sign_in(client, cast.ana)
    people = [cast.ana.pk, cast.bruno.pk]
    services.review_access(actor=cast.beto, state=cast.costa_rica, shown=people, staying=[cast.bruno.pk])
    return not is_in(client)


@case
def a_hand_over_ends_the_sessions_of_who_goes(cast, client):
    sign_in(client, cast.ana)
    services.hand_over(actor=cast.beto, person=cast.ana, successor=cast.bruno, reason="leaves")
    return not is_in(client)


# --- limits ---


@case
def fifteen_minutes_without_activity_end_the_session(cast, client):
    sign_in(client, cast.ana)
    with later(minutes=15, seconds=1):
        return not is_in(client) and not is_known(client)


@case
def fourteen_minutes_do_not(cast, client):
    sign_in(client, cast.ana)
    with later(minutes=14):
        return is_in(client)


@case
def activity_moves_the_idle_limit(cast, client):
    sign_in(client, cast.ana)
    with later(minutes=14):
        is_in(client)
    with later(minutes=28):
        return is_in(client)


@case
def asking_for_the_time_left_is_no_activity(cast, client):
    sign_in(client, cast.ana)
    with later(minutes=14):
        client.get(url("session_left"))
    with later(minutes=16):
        return not is_in(client)


@case
def extending_is_activity(cast, client):
    sign_in(client, cast.ana)
    with later(minutes=14):
        client.post(url("session_left"))
    with later(minutes=28):
        return is_in(client)


@case
def polling_does_not_keep_a_session(cast, client):
    sign_in(client, cast.ana)
    for minute in range(1, 15):
        with later(minutes=minute):
            client.get(url("session_left"))
    with later(minutes=16):
        return not is_in(client)


@case
def eight_hours_end_the_session_however_busy(cast, client):
    sign_in(client, cast.ana)
    for minutes in range(10, 8 * 60, 10):
        with later(minutes=minutes):
            alive = is_in(client)
    with later(hours=8, seconds=1):
        return alive and not is_in(client)


@case
def extending_does_not_move_the_absolute_limit(cast, client):
    sign_in(client, cast.ana)
    for minutes in range(10, 8 * 60, 10):
        with later(minutes=minutes):
            client.post(url("session_left"))
    with later(hours=8, seconds=1):
        return not is_in(client)


@case
def a_session_without_stamps_is_over(cast, client):
    sign_in(client, cast.ana)
    session = client.session
    del session["access_started"]
    session.save()
    return not is_in(client)


@case
def an_idle_end_returns_to_the_same_page(cast, client):
    sign_in(client, cast.ana)
    with later(minutes=16):
        away = client.get(url("usersessions_list", language="fr"))
        page = client.get(away["Location"])
        back = sign_in(client, cast.ana, next=url("usersessions_list", language="fr"))
    return b"15 minutes" in page.content and back["Location"] == url("usersessions_list", language="fr")


@case
def an_end_of_the_session_leads_htmx_to_the_sign_in_as_a_page(cast, client):
    sign_in(client, cast.ana)
    asked_from = f"http://testserver{url('profile')}"
    with later(minutes=16):
        answer = client.get(url("session_left"), headers={"HX-Request": "true", "HX-Current-URL": asked_from})
    return answer.status_code == 204 and answer["HX-Redirect"] == url("account_login", next=url("profile"))


@case
def a_form_sent_after_the_idle_end_leads_back_to_its_page(cast, client):
    """A step that only takes POST: asked for by GET after the sign-in it would answer 405."""
    client.handler.enforce_csrf_checks = True
    page, step = url("person_detail", cast.ana.public_id), url("switch_account", cast.ana.public_id)
    forget_steps(cast.beto)
    data = {"csrfmiddlewaretoken": token_of(client)}
    client.post(url("account_login"), {"login": cast.beto.email, "password": PASSWORD, **data})
    client.post(url("mfa_authenticate"), {"code": code_now(), "csrfmiddlewaretoken": token_of(client)})
    data = {"csrfmiddlewaretoken": token_of(client, page)}
    with later(minutes=16):
        away = client.post(step, data, headers={"Referer": f"http://testserver{page}"})
    return leads_to(away) == page and User.objects.get(pk=cast.ana.pk).is_active


def leads_to(answer):
    """Where the sign-in that is asked for goes on."""
    target = urlsplit(answer["Location"])
    assert target.path == url("account_login")
    return parse_qs(target.query)["next"][0]


def token_of(client, page=""):
    text = client.get(page or url("account_login"), follow=True).content.decode()
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[1]


@case
def it_leads_home_where_the_page_is_not_known_or_is_another_sites(cast, client):
    sign_in(client, cast.beto)
    step = url("switch_account", cast.ana.public_id)
    with later(minutes=16):
        answers = [
            leads_to(client.post(step, headers=headers))
            for headers in ({}, {"Referer": "https://evil.example/x"}, {"Referer": "javascript:alert(1)"})
        ]
    return set(answers) == {url("home")}


@case
def a_form_sent_after_a_role_ended_leads_to_the_sign_in_and_not_to_a_refusal(cast, client):
    client.handler.enforce_csrf_checks = True
    forget_steps(cast.beto)
    data = {"csrfmiddlewaretoken": token_of(client)}
    client.post(url("account_login"), {"login": cast.beto.email, "password": PASSWORD, **data})
    client.post(url("mfa_authenticate"), {"code": code_now(), "csrfmiddlewaretoken": token_of(client)})
    page = url("profile")
    data = {"csrfmiddlewaretoken": token_of(client, page)}
    services.end_sessions(user=cast.beto)
    away = client.post(page, data, headers={"Referer": f"http://testserver{page}"})
    return away.status_code == 302 and leads_to(away) == page


@case
def a_form_with_a_wrong_token_is_refused_after_the_end_too(cast, client):
    sign_in(client, cast.beto)
    client.handler.enforce_csrf_checks = True
    with later(minutes=16):
        return client.post(url("profile"), {"csrfmiddlewaretoken": "x" * 64}).status_code == 403


@case
def htmx_cannot_be_led_to_another_site(cast, client):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/path"}
    answer = client.get(url("session_left"), headers=headers)
    return answer["HX-Redirect"] == url("account_login", next=url("home"))


@case
def the_sign_in_does_not_lead_to_another_site(cast, client):
    answer = sign_in(client, cast.ana, next="https://evil.example/")
    return answer["Location"] == url("home")


# --- the second factor ---


@case
def without_a_second_factor_every_page_leads_to_the_set_up(cast, client):
    cast.ana.authenticator_set.all().delete()
    first_step(client, cast.ana.email)
    answers = [client.get(url(name)) for name in ("home", "profile", "team", "usersessions_list", "mfa_index")]
    return {answer.get("Location") for answer in answers} == {url("sign_in_set_up")}


@case
def recovery_codes_alone_are_no_second_factor(cast, client):
    cast.ana.authenticator_set.all().delete()
    RecoveryCodes.activate(cast.ana)
    first_step(client, cast.ana.email)
    return client.get(url("home")).get("Location") == url("sign_in_set_up")


@case
def the_confirmation_of_codes_does_not_open_without_a_factor(cast, client):
    cast.ana.authenticator_set.all().delete()
    first_step(client, cast.ana.email)
    client.post(url("recovery_codes_saved"))
    return client.get(url("profile")).get("Location") == url("sign_in_set_up")


@case
def a_recovery_code_works_once(cast, client):
    code = RecoveryCodes.activate(cast.ana).generate_codes()[0]
    first_step(client, cast.ana.email)
    second_step(client, code)
    other = Client()
    first_step(other, cast.ana.email)
    second_step(other, code)
    return is_in(client) and not is_in(other)


@case
def the_last_factor_cannot_be_removed(cast, client):
    sign_in(client, cast.ana)
    client.post(url("mfa_deactivate_totp"))
    return cast.ana.authenticator_set.filter(type="totp").exists()


# --- sensitive actions ---


@case
def a_sensitive_page_opens_right_after_the_sign_in(cast, client):
    sign_in(client, cast.beto)
    return client.get(url("invite")).status_code == 200


@case
def after_five_minutes_a_sensitive_page_asks_again(cast, client):
    sign_in(client, cast.beto)
    with later(minutes=5, seconds=1):
        return client.get(url("invite"))["Location"].startswith(url("mfa_reauthenticate"))


@case
def the_export_of_the_trail_asks_for_a_fresh_code(cast, client):
    sign_in(client, cast.didier)
    fresh = client.get(url("audit_export"))
    with later(minutes=6):
        stale = client.get(url("audit_export"))
        read = client.get(url("audit_trail"))
    served = fresh["Content-Type"].startswith("text/csv") and read.status_code == 200
    return served and stale["Location"].startswith(url("mfa_reauthenticate"))


@case
def the_password_alone_is_no_fresh_check(cast, client):
    sign_in(client, cast.beto)
    with later(minutes=6):
        client.post(url("account_reauthenticate"), {"password": PASSWORD})
        return client.get(url("invite")).status_code == 302


@case
def after_a_fresh_code_the_sensitive_page_opens(cast, client):
    sign_in(client, cast.beto)
    with later(minutes=6):
        client.post(url("mfa_reauthenticate"), {"code": code_now()})
        return client.get(url("invite")).status_code == 200


@case
def the_code_of_the_sign_in_is_no_fresh_code(cast, client):
    sign_in(client, cast.beto)
    used = code_now()
    with later(minutes=5, seconds=1):
        client.post(url("mfa_reauthenticate"), {"code": used})
        return client.get(url("invite")).status_code == 302


def confirm(client, away):
    """Show the second factor on the page one was sent to, and go on as a browser does."""
    location = away.headers.get("HX-Redirect") or away["Location"]
    (then,) = parse_qs(urlsplit(location).query)["next"]
    return client.post(location, {"code": code_now(), "next": then}, follow=True)


@case
def what_was_sent_goes_on_after_the_fresh_check(cast, client):
    sign_in(client, cast.beto)
    with later(minutes=6):
        away = client.post(url("switch_account", cast.ana.public_id))
        untouched = User.objects.get(pk=cast.ana.pk).is_active
        confirm(client, away)
    return untouched and not User.objects.get(pk=cast.ana.pk).is_active


@case
def a_form_at_an_address_with_a_query_goes_on_too(cast, client):
    sign_in(client, cast.beto)
    address = url("give_role", cast.ana.public_id, institution=str(cast.ministry_cr.public_id))
    with later(minutes=6):
        confirm(client, client.post(address, {"role": "contributor", "reason": "Helps out"}))
    return cast.ana.role_assignments.filter(institution=cast.ministry_cr, reason="Helps out").count() == 1


@case
def a_kept_form_with_an_error_is_shown_at_its_own_address(cast, client):
    sign_in(client, cast.beto)
    with later(minutes=6):
        shown = confirm(client, client.post(url("invite"), {"full_name": "Nora typed this", "email": "no address"}))
    text = shown.content.decode()
    return shown.status_code == 422 and shown.request["PATH_INFO"] == url("invite") and "Nora typed this" in text


@case
def a_kept_form_is_not_sent_by_a_later_visit(cast, client):
    sign_in(client, cast.beto)
    form = {"full_name": "Nora", "email": "nora@example.org", "language": "es", "role": "contributor"}
    with later(minutes=6):
        away = client.post(url("invite"), form)
        client.post(url("mfa_reauthenticate"), {"code": code_now(), "next": url("home")})
        client.get(url("invite"))
        client.get(url("invite", resume="guessed"))
        before = Invitation.objects.count()
        (then,) = parse_qs(urlsplit(away["Location"]).query)["next"]
        client.get(then)
        client.get(then)  # going back and forth sends nothing twice
    return (before, Invitation.objects.count()) == (0, 1)


@case
def a_kept_form_goes_on_for_htmx_too(cast, client):
    sign_in(client, cast.beto)
    with later(minutes=6):
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver" + url("team")}
        away = client.post(url("switch_account", cast.ana.public_id), headers=headers)
        confirm(client, away)
    return away.status_code == 204 and not User.objects.get(pk=cast.ana.pk).is_active


@case
def a_kept_form_is_nobody_elses(cast, client):
    sign_in(client, cast.beto)
    with later(minutes=6):
        away = client.post(url("switch_account", cast.ana.public_id))
        (then,) = parse_qs(urlsplit(away["Location"]).query)["next"]
        client.post(url("account_logout"))
        sign_in(client, cast.didier)
        client.get(then)
    return User.objects.get(pk=cast.ana.pk).is_active


@case
def a_file_that_was_left_behind_is_asked_for_again(cast, client):
    sign_in(client, cast.didier)
    form = {"institution": cast.authority_gt.public_id, "reference": "N/7", "full_name": "Nora"}
    form |= {"email": "nora@example.org", "language": "es", "file": SimpleUploadedFile("n.pdf", b"%PDF-1.4")}
    form |= {
        f"{name}_{part}": value for name in ("note_date", "in_force_from") for part, value in enumerate((1, 2, 2014))
    }
    with later(minutes=6):
        shown = confirm(client, client.post(url("appoint"), form))
    asked = "Choose the file again" in shown.content.decode()
    return asked and shown.status_code == 422 and not cast.guatemala.appointments.exists()


@case
def a_download_leads_back_to_the_page_it_was_asked_on(cast, client):
    sign_in(client, cast.didier)
    with later(minutes=6):
        headers = {"Referer": "http://testserver" + url("audit_trail")}
        away = client.get(url("audit_export"), headers=headers)
        told = client.get(away["Location"]).content.decode()
        shown = confirm(client, away)
        served = client.get(url("audit_export"))
    back = shown.request["PATH_INFO"] == url("audit_trail")
    return back and "choose the file again" in told and served["Content-Type"].startswith("text/csv")


@case
def no_foreign_page_is_where_a_download_leads_back_to(cast, client):
    sign_in(client, cast.didier)
    with later(minutes=6):
        away = client.get(url("audit_export"), headers={"Referer": "https://evil.example/x"})
    return parse_qs(urlsplit(away["Location"]).query)["next"] == [url("home")]


def reset_link(person: User) -> str:
    person.refresh_from_db()
    return url(
        "account_reset_password_from_key", user_pk_to_url_str(person), default_token_generator.make_token(person)
    )


def reset(person: User, link: str = "") -> Client:
    client = Client()
    page = client.get(link or reset_link(person), follow=True)
    client.post(page.redirect_chain[-1][0] if page.redirect_chain else link, {"password1": NEW_PASSWORD})
    return client


def holds(rule: Case, cast: object) -> bool:
    """A case that stumbles over an unexpected answer has failed, and the others are tried all the same."""
    try:
        return rule(cast, Client())
    except (KeyError, AttributeError):
        return False


def test_session_rules(cast):
    """Every rule in a transaction that is rolled back; the names of those that fail."""
    failures = []
    for rule in CASES:
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic())
            for person in vars(cast).values():
                if isinstance(person, User):
                    person.refresh_from_db()
                    forget_steps(person)
            if not holds(rule, cast):
                failures.append(rule.__name__)
            transaction.set_rollback(True)
    record_proof("session_rules", cases=len(CASES), failures=len(failures))
    assert len(CASES) >= 40
    assert failures == []
