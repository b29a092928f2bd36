"""Attacks on who gives roles, and on what asks for the second factor: each was shown to work once."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.delivery import invitation_token
from accounts.enums import Role
from accounts.models import ApiKey, FactorReset, Invitation, RoleAssignment
from accounts.services import Invitee
from contributions import services as contribution_services
from contributions.models import Contribution
from core.exceptions import NotAllowed, PortalError, StepRefused
from core.files import store_once
from networks import services as network_services
from networks.services import NETWORK_TEXTS, NetworkData
from tests.accounts.sign_in import NEW_PASSWORD, sign_in, url
from tests.contributions.test_bulk import row, workbook
from tests.factories.accounts import give_role, make_key, make_user
from tests.factories.contributions import make_accreditation
from tests.factories.workplan import answer
from tests.workplan.pages import sent
from tests.workplan.test_review_pages import review
from workplan import services as workplan_services
from workplan.models import Report, ReportPaper, ReviewOpening

pytestmark = pytest.mark.django_db
STALE = override_settings(ACCOUNT_REAUTHENTICATION_TIMEOUT=-1)


def invite(actor: Any, institution: Any, email: str = "nora@example.org", role: str = "contributor") -> Invitation:
    invitee = Invitee(email=email, full_name="Nora", language="es")
    return services.invite(actor=actor, invitee=invitee, institution=institution, role=role)


@pytest.fixture
def ulises(cast: Any) -> Any:
    user = make_user("ulises")
    give_role(user, cast.authority_cr, Role.STATE_USER_ADMIN)
    return user


# --- roles ----------------------------------------------------------------------------------------


def test_nobody_invites_themselves(cast: Any) -> None:
    EmailAddress.objects.create(user=cast.beto, email="beto@second.example", verified=True)
    for address in (cast.beto.email, "BETO@Example.org", "beto@second.example"):
        with pytest.raises(NotAllowed):
            invite(cast.beto, cast.authority_cr, address, "approver")
    assert not Invitation.objects.exists()


def test_nobody_accepts_their_own_invitation(cast: Any) -> None:
    """As if the address had become theirs since."""
    invitation = invite(cast.beto, cast.authority_cr)
    Invitation.objects.update(email=cast.beto.email)
    with pytest.raises(StepRefused):
        services.accept_as_known(token=invitation_token(invitation), actor=cast.beto)
    assert not RoleAssignment.objects.of(cast.beto, "contributor").exists()


def test_the_database_lets_nobody_give_themselves_a_role(cast: Any) -> None:
    with pytest.raises(IntegrityError, match="role_assignment_not_by_oneself"), transaction.atomic():
        give_role(cast.beto, cast.authority_cr, "approver", granted_by=cast.beto)


@pytest.mark.parametrize("how", ["ended", "closed", "ran out"])
def test_an_invitation_does_not_outlive_the_right_of_who_sent_it(cast: Any, ulises: Any, how: str) -> None:
    invitation = invite(ulises, cast.authority_cr)
    role = ulises.role_assignments.get()
    if how == "ended":
        services.end_role(actor=cast.beto, assignment=role)
    elif how == "closed":
        services.deactivate(actor=cast.beto, person=ulises)
    else:
        RoleAssignment.objects.filter(pk=role.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    with pytest.raises(StepRefused):
        services.accept_as_new(token=invitation_token(invitation), full_name="N", password=NEW_PASSWORD)
    assert not RoleAssignment.objects.filter(user__email=invitation.email).exists()
    invitation.refresh_from_db()
    assert (invitation.revoked_at is not None) is (how != "ran out")


def test_an_invitation_stays_where_one_of_two_roles_ends(cast: Any, ulises: Any) -> None:
    further = give_role(ulises, cast.authority_cr, "contributor")
    invitation = invite(ulises, cast.authority_cr)
    services.end_role(actor=cast.beto, assignment=further)
    services.accept_as_new(token=invitation_token(invitation), full_name="N", password=NEW_PASSWORD)
    assert RoleAssignment.objects.filter(user__email=invitation.email).exists()


def test_a_time_zone_chosen_does_not_prolong_a_role(cast: Any) -> None:
    """Two in the morning of the day after, by UTC; in Adak it is still the last day."""
    role = cast.ana.role_assignments.get()
    RoleAssignment.objects.filter(pk=role.pk).update(valid_to=date(2030, 5, 1))
    moment = datetime(2030, 5, 2, 2, 0, tzinfo=UTC)
    with mock.patch("django.utils.timezone.now", return_value=moment), timezone.override("America/Adak"):
        assert not RoleAssignment.objects.of(cast.ana).exists()


# --- the second factor ----------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["accept", "accept:", "accept:1"])
def test_no_spelling_of_the_button_accepts_without_the_second_factor(
    cast: Any, open_round: Any, client: Client, button: str
) -> None:
    report = Report.objects.get(reference="CR-2014-1")
    answer(report.entries.get(activity__code="PRV-01"), cast.ana)
    sent(report, cast.ana, cast.beto)
    client.force_login(cast.denise)
    with STALE:
        response = review(client, button)
    report.refresh_from_db()
    assert report.status == "submitted"
    assert response["Location"].startswith(reverse("mfa_reauthenticate"))


# --- keys and sessions ----------------------------------------------------------------------------


def _opens(secret: str) -> bool:
    headers = {"authorization": f"Bearer {secret}"}
    return Client().get("/api/v1/reports/", headers=headers).status_code == 200


def test_keys_end_with_a_reset_of_the_factor(cast: Any) -> None:
    _key, secret = make_key(cast.ana, "read")
    assert _opens(secret)
    past = timezone.now() - timedelta(days=2)
    terms = {"requested_by": cast.beto, "requested_at": past, "identified": "in_person", "reason": "Lost"}
    reset = FactorReset.objects.create(person=cast.ana, **terms)
    day = timedelta(hours=24)
    FactorReset.objects.filter(pk=reset.pk).update(confirmed_by=cast.didier, confirmed_at=past, effective_at=past + day)
    services.apply_factor_resets()
    assert not _opens(secret)


def test_keys_end_with_a_password_set_by_a_link(cast: Any) -> None:
    _key, secret = make_key(cast.ana, "read")
    services.notify_of_change(user=cast.ana, change="password_changed")
    assert _opens(secret)  # who changes it knows the one before
    services.notify_of_change(user=cast.ana, change="password_reset")
    assert not _opens(secret)


@pytest.mark.parametrize("with_keys", [True, False])
def test_keys_end_with_the_other_sessions_where_one_says_so(cast: Any, with_keys: bool) -> None:
    key, _secret = make_key(cast.ana, "read")
    foreign, _other = make_key(cast.beto, "read")
    here, there = Client(), Client()
    for client in (there, here):
        sign_in(client, cast.ana)
    page = here.get(url("usersessions_list")).content.decode()
    assert 'name="keys"' in page
    assert here.post(url("usersessions_list"), {"keys": "yes"} if with_keys else {}).status_code == 302
    left = set(ApiKey.objects.filter(revoked_at=None).values_list("pk", flat=True))
    assert left == ({foreign.pk} if with_keys else {foreign.pk, key.pk})
    assert UserSession.objects.filter(user=cast.ana).count() == 1


def test_a_session_that_goes_on_stays_in_ones_list(cast: Any, client: Client) -> None:
    sign_in(client, cast.ana)
    invitation = invite(cast.beto, cast.authority_cr, cast.ana.email, "approver")
    client.post(url("invitation", invitation_token(invitation)))
    assert RoleAssignment.objects.of(cast.ana, "approver").exists()
    assert [session.session_key for session in UserSession.objects.purge_and_list(cast.ana)] == [
        client.session.session_key
    ]


def test_a_refused_invitation_leaves_the_session_alone(cast: Any, client: Client) -> None:
    sign_in(client, cast.carla)
    before = client.session.session_key
    invitation = invite(cast.beto, cast.authority_cr, cast.carla.email)
    client.post(url("invitation", invitation_token(invitation)))
    assert client.session.session_key == before


# --- behind a proxy -------------------------------------------------------------------------------


def test_an_invented_forwarding_header_is_no_new_address(client: Client, settings: Any) -> None:
    settings.API_RATES = {"read": "3/min", "write": "3/min"}
    answers = [client.get("/api/v1/states/", headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code for n in range(5)]
    assert answers[3:] == [429, 429]


# --- what is read, and what is inferred -----------------------------------------------------------


@pytest.mark.parametrize("by_key", [False, True])
def test_a_reviewer_who_takes_the_receipt_has_opened_the_report(
    cast: Any, open_round: Any, client: Client, by_key: bool
) -> None:
    report = Report.objects.get(reference="CR-2014-1")
    answer(report.entries.get(activity__code="PRV-01"), cast.ana)
    sent(report, cast.ana, cast.beto)
    name, digest = store_once(b"%PDF-1.7 whole", folder="papers", suffix="pdf")
    paper = ReportPaper.objects.create(
        version=report.versions.get(), language="es", is_whole=True, file=name, size=14, sha256=digest
    )
    if by_key:
        _key, secret = make_key(cast.denise, "read")
        headers = {"authorization": f"Bearer {secret}"}
        taken = client.get(reverse("api_paper", args=[report.reference, paper.public_id]), headers=headers)
    else:
        client.force_login(cast.denise)
        taken = client.get(url("report_paper", report.reference, paper.public_id))
    assert b"".join(taken.streaming_content).startswith(b"%PDF")
    assert ReviewOpening.objects.get().by == cast.denise
    with pytest.raises(StepRefused):
        workplan_services.withdraw(report=report, actor=cast.beto)


def test_the_address_of_a_network_does_not_tell_of_a_hidden_one(cast: Any) -> None:
    texts = dict.fromkeys(NETWORK_TEXTS, "") | {"name_es": "Operación Tormenta"}
    founders = ((cast.authority_gt, cast.ciro), (cast.authority_cr, cast.beto))
    slugs = [
        network_services.found_network(
            data=NetworkData(level="regional", texts=texts), institution=institution, actor=actor
        ).slug
        for institution, actor in founders
    ]
    assert all(re.fullmatch(r"operacion-tormenta-[2-9a-z]{6}", slug) for slug in slugs)


def test_a_withheld_name_is_not_told_by_its_neighbours(cast: Any, open_round: Any) -> None:
    cast.round = open_round
    make_accreditation(cast.partner, cast)
    hidden = row(title="Danger", text="Officials take bribes.", withheld="Yes")
    mixed = read_workbook(cast, row(), hidden)
    with pytest.raises(PortalError, match="withholds"):
        contribution_services.send_bulk(filing=mixed, actor=cast.paula)
    contribution_services.send_bulk(filing=read_workbook(cast, hidden), actor=cast.paula)
    contribution = Contribution.objects.get()
    contribution_services.take_step(contribution=contribution, step="receive", actor=cast.denise)
    _key, secret = make_key(cast.beto, "read")
    got = Client().get("/api/v1/received-contributions/", headers={"authorization": f"Bearer {secret}"}).json()
    (one,) = got["results"]
    assert re.search(r"T00:00:00(Z|\+00:00)$", one["sent_at"])


def read_workbook(cast: Any, *rows: Any) -> Any:
    return contribution_services.read_bulk(content=workbook(*rows), name="m.xlsx", round_=cast.round, actor=cast.paula)
