"""Roles of the sealed area, and those that make second people, take two people to give."""

from contextlib import suppress
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import services, tasks
from accounts.delivery import invitation_token
from accounts.enums import ROLES_OF_KIND, SEALED_ROLES, TWO_PERSON_ROLES, Role
from accounts.models import FocalPointAppointment, Invitation, RoleAssignment, User
from accounts.services import Invitee
from core.exceptions import NotAllowed, StepRefused
from core.models import AuditEvent, OutboxMessage
from tests.accounts.sign_in import NEW_PASSWORD, url
from tests.factories.accounts import give_role, make_user

pytestmark = pytest.mark.django_db


def invite(actor: User, institution: Any, role: str = "custodian", email: str = "nora@example.org") -> Invitation:
    invitee = Invitee(email=email, full_name="Nora", language="es")
    return services.invite(actor=actor, invitee=invitee, institution=institution, role=role)


def accept(invitation: Invitation) -> User:
    invitation.refresh_from_db()
    return services.accept_as_new(token=invitation_token(invitation), full_name="Nora", password=NEW_PASSWORD)


def mails() -> dict[str, list[str]]:
    """What the outbox asks to send now, by address."""
    mail.outbox.clear()
    for message in OutboxMessage.objects.filter(task__in=("accounts.send_role_waits", "accounts.send_invitation")):
        {"accounts.send_role_waits": tasks.send_role_waits, "accounts.send_invitation": tasks.send_invitation}[
            message.task
        ].run(str(message.pk), *message.args)
    return {sent.to[0]: sent.body.split() for sent in mail.outbox}


@pytest.fixture
def ulises(cast: Any) -> User:
    user = make_user("ulises")
    give_role(user, cast.authority_cr, Role.STATE_USER_ADMIN)
    return user


def test_a_sealed_role_waits_for_another_manager_of_the_state(cast: Any, ulises: User) -> None:
    invitation = invite(ulises, cast.authority_cr)
    with pytest.raises(StepRefused):
        accept(invitation)
    assert set(mails()) == {cast.beto.email}
    for person in (ulises, cast.didier, cast.ciro, cast.ana):
        with pytest.raises(NotAllowed):
            services.confirm_invitation(invitation=invitation, actor=person)
    services.confirm_invitation(invitation=invitation, actor=cast.beto)
    assert set(mails()) == {"nora@example.org"}
    role = accept(invitation).role_assignments.get()
    assert (role.role, role.granted_by, role.confirmed_by) == ("custodian", ulises, cast.beto)
    verbs = AuditEvent.objects.filter(chain="CR").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["person.invited", "invitation.confirmed", "invitation.accepted"]


def test_a_second_mailbox_of_the_same_manager_is_no_second_person(cast: Any) -> None:
    """It would first have to be made a manager, which takes two people as well; and nobody confirms their own role."""
    puppet = invite(cast.beto, cast.authority_cr, "state_user_admin", "puppet@example.org")
    with pytest.raises(StepRefused):
        accept(puppet)
    second = make_user("second")
    give_role(second, cast.authority_cr, Role.STATE_USER_ADMIN)
    own = invite(cast.beto, cast.authority_cr, "custodian", second.email)
    with pytest.raises(NotAllowed):
        services.confirm_invitation(invitation=own, actor=second)


def test_the_secretariat_confirms_only_where_a_state_has_no_second_manager(cast: Any) -> None:
    invitation = invite(cast.beto, cast.authority_cr)
    assert set(mails()) == {cast.didier.email}
    services.confirm_invitation(invitation=invitation, actor=cast.didier)
    assert accept(invitation).role_assignments.get().confirmed_by == cast.didier


def test_whoever_recorded_a_focal_point_does_not_confirm_what_it_asks_for(cast: Any) -> None:
    day = timezone.localdate()
    FocalPointAppointment.objects.create(
        state=cast.costa_rica,
        user=cast.beto,
        note_verbale="N/1",
        note_date=day,
        valid_from=day,
        recorded_by=cast.didier,
    )
    invitation = invite(cast.beto, cast.authority_cr)
    with pytest.raises(NotAllowed):
        services.confirm_invitation(invitation=invitation, actor=cast.didier)
    other = make_user("dora")
    give_role(other, cast.secretariat, Role.SECRETARIAT_ADMIN)
    services.confirm_invitation(invitation=invitation, actor=other)


def test_an_administrator_of_the_secretariat_is_made_by_two(cast: Any) -> None:
    invitation = invite(cast.didier, cast.secretariat, "secretariat_admin")
    assert mails() == {}
    with pytest.raises(NotAllowed):
        services.confirm_invitation(invitation=invitation, actor=cast.didier)
    with pytest.raises(StepRefused):
        accept(invitation)


def test_a_role_given_to_somebody_known_is_offered_and_confirmed(cast: Any, ulises: User) -> None:
    terms = {"person": cast.ana, "institution": cast.authority_cr, "role": "case_worker"}
    offer = services.give_role(actor=cast.beto, **terms)
    assert isinstance(offer, Invitation)
    assert not RoleAssignment.objects.of(cast.ana, "case_worker").exists()
    services.confirm_invitation(invitation=offer, actor=ulises)
    offer.refresh_from_db()
    services.accept_as_known(token=invitation_token(offer), actor=cast.ana)
    assert RoleAssignment.objects.of(cast.ana, "case_worker").get().confirmed_by == ulises


def test_a_hand_over_offers_what_two_people_give(cast: Any, ulises: User) -> None:
    give_role(cast.ana, cast.authority_cr, Role.CASE_WORKER)
    services.hand_over(actor=cast.beto, person=cast.ana, successor=cast.marta, reason="left")
    assert not RoleAssignment.objects.of(cast.marta, "case_worker").exists()
    assert Invitation.objects.pending().get().email == cast.marta.email


@pytest.mark.parametrize("gone", ["who asked", "who confirmed"])
def test_a_confirmed_offer_does_not_outlive_either_of_the_two(cast: Any, ulises: User, gone: str) -> None:
    invitation = invite(ulises, cast.authority_cr)
    services.confirm_invitation(invitation=invitation, actor=cast.beto)
    who = ulises if gone == "who asked" else cast.beto
    services.end_role(actor=cast.didier, assignment=who.role_assignments.get())
    with pytest.raises(StepRefused):
        accept(invitation)


def test_an_offer_that_waited_too_long_is_not_confirmed(cast: Any, ulises: User) -> None:
    invitation = invite(ulises, cast.authority_cr)
    Invitation.objects.update(expires_at=timezone.now())
    with pytest.raises(StepRefused):
        services.confirm_invitation(invitation=invitation, actor=cast.beto)
    services.resend_invitation(invitation=invitation, actor=ulises)
    services.confirm_invitation(invitation=invitation, actor=cast.beto)
    with pytest.raises(StepRefused):
        services.confirm_invitation(invitation=invitation, actor=cast.beto)


def test_the_database_asks_for_the_second_person(cast: Any, ulises: User) -> None:
    given = set()
    for kind, roles in ROLES_OF_KIND.items():
        place = {"authority": cast.authority_cr, "secretariat": cast.secretariat}.get(kind)
        for role in roles if place else ():
            with suppress(IntegrityError), transaction.atomic():
                give_role(make_user(f"{kind}.{role}", second_factor=False), place, role, granted_by=cast.beto)
                given.add(role)
    possible = ROLES_OF_KIND["authority"] | ROLES_OF_KIND["secretariat"]
    assert possible - given == TWO_PERSON_ROLES >= SEALED_ROLES
    with pytest.raises(IntegrityError, match="role_assignment_two_people"), transaction.atomic():
        give_role(cast.ana, cast.authority_cr, "custodian", granted_by=cast.beto, confirmed_by=cast.beto)
    invitation = invite(ulises, cast.authority_cr)
    with pytest.raises(IntegrityError, match="invitation_two_people"), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(confirmed_by=ulises, confirmed_at=timezone.now())


def test_the_pages_lead_the_second_person_through(cast: Any, ulises: User, signed_in: Any) -> None:
    invitation = invite(ulises, cast.authority_cr)
    address = url("invitation_confirm", invitation.public_id)
    assert address not in signed_in(ulises).get(url("team")).content.decode()
    assert signed_in(ulises).get(address).status_code == 403
    client: Client = signed_in(cast.beto)
    assert address in client.get(url("team")).content.decode()
    assert "Nora" in client.get(address).content.decode()
    assert client.post(address)["Location"] == url("team")
    invitation.refresh_from_db()
    assert invitation.confirmed_by == cast.beto
