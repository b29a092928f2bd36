"""Institutions own things, people come and go: invitations, roles, appointments, hand-over, access review."""

import re
from contextlib import suppress
from datetime import date, timedelta
from itertools import product

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import permissions, queries, services, tasks
from accounts.delivery import invitation_token
from accounts.enums import ROLES_OF_KIND, SEALED_ROLES, InstitutionKind, Role
from accounts.models import AccessReview, FocalPointAppointment, Institution, Invitation, RoleAssignment, User
from accounts.services import Invitee, Note
from core.exceptions import NotAllowed, StepRefused
from core.models import AuditEvent, OutboxMessage
from tests.accounts.sign_in import NEW_PASSWORD, is_in, sign_in, url
from tests.factories.accounts import give_role, make_user
from tests.factories.workplan import answer
from workplan import services as workplan_services
from workplan.services import GrantTerms

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def invite(cast, *, actor=None, email="nora@example.org", institution=None, role="contributor", language="es"):
    invitee = Invitee(email=email, full_name="Nora", language=language)
    return services.invite(
        actor=actor or cast.beto, invitee=invitee, institution=institution or cast.authority_cr, role=role
    )


def accept(invitation, client=None, **fields):
    data = {"full_name": "Nora Nueva", "password": NEW_PASSWORD, **fields}
    return (client or Client()).post(url("invitation", invitation_token(invitation)), data)


def deliver(name):
    task = {"accounts.send_invitation": tasks.send_invitation}[name]
    for message in OutboxMessage.objects.filter(task=name):
        task.run(str(message.pk), *message.args)


# --- invitations ---


def test_invitation_opens_an_account_with_the_role(cast):
    invitation = invite(cast)
    assert accept(invitation)["Location"] == url("account_login")
    nora = User.objects.get(email="nora@example.org")
    assert nora.full_name == "Nora Nueva"
    assert nora.language == "es"
    assert nora.check_password(NEW_PASSWORD)
    role = nora.role_assignments.get()
    assert (role.institution, role.role, role.granted_by) == (cast.authority_cr, "contributor", cast.beto)


def test_the_new_person_must_set_up_a_second_factor_first(cast, client):
    accept(invite(cast))
    client.post(url("account_login"), {"login": "nora@example.org", "password": NEW_PASSWORD})
    assert client.get(url("home"))["Location"] == url("sign_in_set_up")


def test_the_mail_has_the_link_and_nothing_else_and_is_sent_once(cast):
    invitation = invite(cast, language="pt-br")
    deliver("accounts.send_invitation")
    deliver("accounts.send_invitation")
    (message,) = mail.outbox
    assert message.to == ["nora@example.org"]
    assert f"/pt-br/invite/{invitation_token(invitation)}/" in message.body
    for word in ("Nora", "Autoridad", "contributor", "Costa Rica"):
        assert word not in message.body + message.subject


def test_the_token_is_nowhere_in_the_database(cast):
    invitation = invite(cast)
    token = invitation_token(invitation)
    row = Invitation.objects.filter(pk=invitation.pk).values_list()[0]
    assert token not in str(row)
    assert token not in str(list(OutboxMessage.objects.values_list("args", "key")))


def test_the_task_holds_ids_only(cast):
    invitation = invite(cast)
    assert OutboxMessage.objects.get(task="accounts.send_invitation").args == [invitation.pk]


@pytest.mark.parametrize("state", ["used", "expired", "revoked", "replaced", "invented"])
def test_every_dead_link_gives_the_same_page(cast, state):
    invitation = invite(cast)
    token = invitation_token(invitation)
    if state == "used":
        accept(invitation)
    elif state == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif state == "revoked":
        services.revoke_invitation(invitation=invitation, actor=cast.beto)
    elif state == "replaced":
        services.resend_invitation(invitation=invitation, actor=cast.beto)
    else:
        token = "A" * len(token)
    dead = Client().get(url("invitation", token))
    never = Client().get(url("invitation", "B" * 43))
    assert dead.status_code == never.status_code == 404
    assert len(dead.content) == len(never.content)
    answer = Client().post(url("invitation", token), {"full_name": "X", "password": NEW_PASSWORD})
    assert answer.status_code == 404
    assert User.objects.filter(email="nora@example.org").count() == (1 if state == "used" else 0)


def test_seven_days(cast):
    invitation = invite(cast)
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)


def test_a_new_sending_has_a_new_link(cast):
    invitation = invite(cast)
    first = invitation_token(invitation)
    services.resend_invitation(invitation=invitation, actor=cast.beto)
    invitation.refresh_from_db()
    assert invitation_token(invitation) != first
    assert accept(invitation).status_code == 302


def test_an_expired_invitation_can_be_sent_again(cast):
    invitation = invite(cast)
    Invitation.objects.update(expires_at=timezone.now())
    services.resend_invitation(invitation=invitation, actor=cast.beto)
    invitation.refresh_from_db()
    assert accept(invitation).status_code == 302


def test_a_weak_password_is_refused_and_the_link_stays(cast):
    invitation = invite(cast)
    assert accept(invitation, password="portal-oea-2014").status_code == 422
    assert accept(invitation).status_code == 302


def test_the_same_offer_is_not_made_twice(cast):
    invite(cast)
    with pytest.raises(StepRefused):
        invite(cast, email="NORA@example.org")
    with pytest.raises(StepRefused):
        invite(cast, email=cast.ana.email)


def test_a_known_person_accepts_by_signing_in(cast, client):
    invitation = invite(cast, email=cast.ana.email, role="approver")
    link = url("invitation", invitation_token(invitation))
    assert b"already have an account" in client.get(link).content
    sign_in(client, cast.ana)
    assert client.post(link).status_code == 302
    assert is_in(client)
    assert set(RoleAssignment.objects.of(cast.ana).values_list("role", flat=True)) == {"contributor", "approver"}


def test_somebody_else_cannot_accept(cast, client):
    invitation = invite(cast, email=cast.ana.email, role="approver")
    sign_in(client, cast.carla)
    client.post(url("invitation", invitation_token(invitation)))
    assert not RoleAssignment.objects.of(cast.carla, "approver").exists()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_a_person_of_another_state_keeps_one_side(cast, client):
    invitation = invite(cast, email=cast.carla.email)
    sign_in(client, cast.carla)
    answer = client.post(url("invitation", invitation_token(invitation)), follow=True)
    assert b"One account acts for one side" in answer.content
    assert set(RoleAssignment.objects.of(cast.carla).values_list("institution", flat=True)) == {cast.authority_gt.pk}


def test_a_foreign_manager_sees_no_invitation_and_can_do_nothing(cast, client):
    invitation = invite(cast)
    sign_in(client, cast.ciro)
    assert list(Invitation.objects.visible_to(cast.ciro)) == []
    for name in ("invitation_resend", "invitation_revoke"):
        assert client.post(url(name, invitation.public_id)).status_code == 404
    assert "nora@example.org" not in client.get(url("team")).content.decode()


# --- who may give what ---


def expected_roles(person, institution, cast):
    """Written out by hand, apart from the code."""
    own_state = {"beto": cast.costa_rica, "uma": cast.costa_rica, "ciro": cast.guatemala}.get(person)
    possible = ROLES_OF_KIND[institution.kind] - {Role.FOCAL_POINT}
    if person == "didier":
        return possible - SEALED_ROLES - {Role.STATE_USER_ADMIN}
    if own_state is not None and institution.state == own_state:
        return possible
    return frozenset()


def test_who_may_invite_whom(cast):
    cast.uma = make_user("uma")
    give_role(cast.uma, cast.authority_cr, Role.STATE_USER_ADMIN)
    cast.mission_cr = Institution.objects.create(
        kind=InstitutionKind.MISSION, name="Mission", state=cast.costa_rica, name_language="es"
    )
    people = {name: value for name, value in vars(cast).items() if isinstance(value, User)}
    institutions = [value for value in vars(cast).values() if isinstance(value, Institution)]
    cells, wrong = 0, []
    for (name, actor), institution, role in product(people.items(), institutions, Role):
        allowed = role in expected_roles(name, institution, cast)
        try:
            with transaction.atomic():
                invite(cast, actor=actor, email=f"{cells}@example.org", institution=institution, role=role)
                outcome = True
                transaction.set_rollback(True)
        except NotAllowed:
            outcome = False
        cells += 1
        if outcome != allowed:
            wrong.append((name, institution.name, role))
    assert cells == len(people) * len(institutions) * len(Role) >= 1000
    assert wrong == []


def test_nobody_gives_or_ends_their_own_role(cast):
    with pytest.raises(NotAllowed):
        services.give_role(actor=cast.beto, person=cast.beto, institution=cast.authority_cr, role="custodian")
    with pytest.raises(NotAllowed):
        services.end_role(actor=cast.beto, assignment=cast.beto.role_assignments.get())
    with pytest.raises(NotAllowed):
        services.deactivate(actor=cast.beto, person=cast.beto)


def test_the_form_offers_exactly_the_roles_that_may_be_given(cast, signed_in):
    form = signed_in(cast.didier).get(url("invite", institution=str(cast.authority_cr.public_id))).context["form"]
    offered = {value for value, _label in form.fields["role"].choices}
    assert offered == {"contributor", "approver"}


@pytest.mark.parametrize("name", ["ana", "bruno", "marta", "carla", "denise", "evan", "paula"])
def test_the_team_is_for_managers(cast, signed_in, name):
    client = signed_in(getattr(cast, name))
    for page in ("team", "invite", "access_review", "appointment_list", "appoint", "grant_list"):
        assert client.get(url(page)).status_code == 403


def test_a_manager_sees_the_people_of_the_own_state_and_no_others(cast, signed_in):
    listed = {person.email for person in signed_in(cast.beto).get(url("team")).context["people"]}
    assert listed == {f"{name}@example.org" for name in ("ana", "beto", "bruno", "marta", "iris")}


def test_foreign_people_do_not_exist(cast, signed_in):
    client = signed_in(cast.beto)
    for name in ("person_detail", "give_role", "hand_over"):
        foreign = client.get(url(name, cast.carla.public_id))
        never = client.get(url(name, "00000000-0000-4000-8000-000000000000"))
        assert foreign.status_code == never.status_code == 404
        assert len(foreign.content) == len(never.content)
    role = cast.carla.role_assignments.get()
    assert client.post(url("end_role", cast.carla.public_id, role.pk)).status_code == 404
    assert client.post(url("end_role", cast.ana.public_id, role.pk)).status_code == 404
    assert client.post(url("switch_account", cast.carla.public_id)).status_code == 404


def test_a_person_with_a_role_elsewhere_is_not_closed_by_one_side(cast):
    give_role(cast.ana, cast.meeting, Role.MEETING_OFFICER)
    with pytest.raises(NotAllowed):
        services.deactivate(actor=cast.beto, person=cast.ana)
    services.end_role(actor=cast.beto, assignment=cast.ana.role_assignments.get(role="contributor"))
    services.deactivate(actor=cast.didier, person=cast.ana)


def test_a_stranger_without_roles_is_nobodys_to_close(cast):
    loner = make_user("loner")
    with pytest.raises(NotAllowed):
        services.deactivate(actor=cast.beto, person=loner)


def test_the_list_costs_the_same_for_one_and_for_thirty(cast, signed_in):
    client = signed_in(cast.ciro)
    client.get(url("team"))
    with CaptureQueriesContext(connection) as few:
        client.get(url("team"))
    for number in range(30):
        person = make_user(f"extra{number}", second_factor=False)
        give_role(person, cast.authority_gt, Role.CONTRIBUTOR)
        invite(cast, actor=cast.ciro, email=f"waiting{number}@example.org", institution=cast.authority_gt)
    with CaptureQueriesContext(connection) as many:
        page = client.get(url("team"))
    assert len(page.context["people"]) == 32
    assert len(many) == len(few)


# --- what the database refuses ---


def test_the_database_knows_the_roles_of_each_kind(cast):
    institutions = {value.kind: value for value in vars(cast).values() if isinstance(value, Institution)}
    institutions[InstitutionKind.MISSION] = Institution.objects.create(
        kind=InstitutionKind.MISSION, name="M", state=cast.costa_rica, name_language="es"
    )
    taken = set()
    for kind, role in product(InstitutionKind, Role):
        with suppress(IntegrityError), transaction.atomic():
            give_role(make_user(f"{kind}.{role}", second_factor=False), institutions[kind], role)
            taken.add((kind, role))
    assert taken == {(kind, role) for kind, roles in ROLES_OF_KIND.items() for role in roles}


@pytest.mark.parametrize(
    ("name", "institution", "refused"),
    [
        ("ana", "authority_gt", True),
        ("ana", "secretariat", True),
        ("ana", "partner", True),
        ("denise", "authority_gt", True),
        ("paula", "authority_cr", True),
        ("ana", "ministry_cr", False),
        ("ana", "meeting", False),
        ("evan", "authority_cr", False),
    ],
)
def test_the_database_lets_nobody_act_for_two_sides(cast, name, institution, refused):
    place = getattr(cast, institution)
    role = min(ROLES_OF_KIND[place.kind])
    try:
        with transaction.atomic():
            give_role(getattr(cast, name), place, role)
        outcome = False
    except IntegrityError as error:
        outcome = "role_one_side" in str(error)
    assert outcome is refused


def test_one_after_the_other_is_allowed(cast):
    cast.ana.role_assignments.update(valid_to=date(2013, 12, 31))
    give_role(cast.ana, cast.authority_gt, Role.CONTRIBUTOR, valid_from=date(2014, 1, 1))


def test_an_institution_with_roles_keeps_its_kind_and_state(cast):
    with pytest.raises(IntegrityError, match="institution_keeps_kind"), transaction.atomic():
        Institution.objects.filter(pk=cast.authority_cr.pk).update(state=cast.guatemala)
    Institution.objects.filter(pk=cast.authority_cr.pk).update(name="Other name")


def test_a_role_ended_today_gives_nothing_today(cast):
    role = cast.ana.role_assignments.get()
    services.end_role(actor=cast.beto, assignment=role, reason="left")
    role.refresh_from_db()
    assert role.valid_to == TODAY()
    assert not RoleAssignment.objects.of(cast.ana).exists()
    assert (role.ended_by, role.reason) == (cast.beto, "left")


# --- appointment by note verbale ---


def note(day, reference="N/1"):
    return Note(reference=reference, dated=day, in_force_from=day)


def appoint(cast, day, email="nora@example.org", actor=None, reference="N/1"):
    invitee = Invitee(email=email, full_name="Nora", language="es")
    return services.appoint(
        actor=actor or cast.didier, institution=cast.authority_cr, note=note(day, reference), invitee=invitee
    )


@pytest.fixture
def beto_appointed(cast):
    return FocalPointAppointment.objects.create(
        state=cast.costa_rica,
        user=cast.beto,
        note_verbale="N/0",
        note_date=date(2012, 1, 1),
        valid_from=date(2012, 1, 1),
        recorded_by=cast.didier,
    )


def confirm(cast, appointment):
    dora = make_user("dora")
    give_role(dora, cast.secretariat, Role.SECRETARIAT_ADMIN)
    services.confirm_invitation(invitation=appointment.invitation, actor=dora)
    appointment.invitation.refresh_from_db()


def test_a_new_focal_point_follows_the_one_before_no_sooner_than_a_day_later(cast, beto_appointed):
    appointment = appoint(cast, TODAY())
    begin = TODAY() + timedelta(days=2)
    beto_appointed.refresh_from_db()
    assert (appointment.valid_from, beto_appointed.valid_to) == (begin, begin - timedelta(days=1))
    assert RoleAssignment.objects.of(cast.beto, Role.FOCAL_POINT).exists()
    assert accept(appointment.invitation).status_code == 404  # nobody has confirmed
    confirm(cast, appointment)
    accept(appointment.invitation)
    appointment.refresh_from_db()
    nora = User.objects.get(email="nora@example.org")
    assert appointment.user == nora
    assert not RoleAssignment.objects.of(nora, Role.FOCAL_POINT).exists()
    assert nora.role_assignments.get().valid_from == begin


def test_the_first_focal_point_of_a_state_needs_the_second_administrator_alone(cast):
    RoleAssignment.objects.filter(institution=cast.authority_cr, role=Role.FOCAL_POINT).delete()
    appointment = appoint(cast, TODAY(), cast.ana.email)
    assert not RoleAssignment.objects.of(cast.ana, Role.FOCAL_POINT).exists()
    confirm(cast, appointment)
    services.accept_as_known(token=invitation_token(appointment.invitation), actor=cast.ana)
    assert RoleAssignment.objects.of(cast.ana, Role.FOCAL_POINT).exists()


def test_one_administrator_alone_makes_no_focal_point(cast, beto_appointed):
    appointment = appoint(cast, TODAY())
    for person in (cast.didier, cast.beto, cast.denise):
        with pytest.raises(NotAllowed):
            services.confirm_invitation(invitation=appointment.invitation, actor=person)
    with pytest.raises(IntegrityError, match="role_by_two_people"), transaction.atomic():
        give_role(cast.ana, cast.authority_cr, Role.FOCAL_POINT, granted_by=cast.didier)


def test_the_state_is_told_at_once_and_by_no_name(cast, beto_appointed):
    uma, aida = make_user("uma"), make_user("aida")
    give_role(uma, cast.authority_cr, Role.STATE_USER_ADMIN)
    give_role(aida, cast.authority_cr, Role.STATE_AUDITOR)
    appoint(cast, TODAY())
    for message in OutboxMessage.objects.filter(task="accounts.send_appointment_notice"):
        tasks.send_appointment_notice.run(str(message.pk), *message.args)
    assert {sent.to[0] for sent in mail.outbox} == {cast.beto.email, uma.email, aida.email}
    assert all("Nora" not in sent.body and "/team/appointments/" in sent.body for sent in mail.outbox)


def test_an_appointment_ahead_leaves_the_one_before_until_then(cast, beto_appointed):
    begin = TODAY() + timedelta(days=10)
    appoint(cast, begin, cast.ana.email)
    assert RoleAssignment.objects.of(cast.beto, Role.FOCAL_POINT).exists()
    assert not RoleAssignment.objects.of(cast.ana, Role.FOCAL_POINT).exists()
    assert cast.beto.role_assignments.get().valid_to == begin - timedelta(days=1)


def test_only_the_secretariats_administrator_records_appointments(cast):
    for name in ("beto", "denise", "ana", "evan", "paula"):
        with pytest.raises(NotAllowed):
            appoint(cast, TODAY(), actor=getattr(cast, name))


def test_a_note_older_than_the_appointment_in_force_is_refused(cast, beto_appointed):
    with pytest.raises(StepRefused):
        appoint(cast, date(2011, 1, 1))


def test_one_appointment_is_in_force(cast, beto_appointed):
    with pytest.raises(IntegrityError, match="appointment_one_in_force"), transaction.atomic():
        FocalPointAppointment.objects.create(
            state=cast.costa_rica,
            user=cast.ana,
            note_verbale="N/2",
            note_date=TODAY(),
            valid_from=TODAY(),
            recorded_by=cast.didier,
        )


def test_appointment_page(cast, signed_in, beto_appointed):
    today = TODAY()
    data = {"institution": str(cast.authority_cr.public_id), "reference": "N/9", "full_name": "Nora", "language": "es"}
    data |= {"email": "nora@example.org"}
    for name in ("note_date", "in_force_from"):
        data |= {f"{name}_0": today.day, f"{name}_1": today.month, f"{name}_2": today.year}
    client = signed_in(cast.didier)
    assert client.post(url("appoint"), data)["Location"] == url("appointment_list")
    assert b"N/9" in client.get(url("appointment_list")).content


# --- hand-over ---


def test_hand_over_passes_work_and_roles_on_and_closes_the_account(cast, open_round, signed_in):
    report = open_round.reports.get(state=cast.costa_rica)
    entries = list(report.entries.all()[:2])
    answer(entries[0], cast.ana, is_ready=False)
    until = TODAY() + timedelta(days=30)
    terms = GrantTerms(reason="Own subject", valid_to=until)
    workplan_services.grant_entries(entries=[entries[1]], person=cast.ana, terms=terms, actor=cast.beto)
    client = signed_in(cast.beto)
    page = client.get(url("hand_over", cast.ana.public_id))
    assert len(page.context["work"]) == 2
    data = {"successor": str(cast.marta.public_id), "reason": "New post", "confirmed": "on"}
    assert client.post(url("hand_over", cast.ana.public_id), data).status_code == 302
    cast.ana.refresh_from_db()
    assert cast.ana.is_active is False
    assert not RoleAssignment.objects.not_over().filter(user=cast.ana).exists()
    assert set(RoleAssignment.objects.of(cast.marta).values_list("institution", flat=True)) == {
        cast.ministry_cr.pk,
        cast.authority_cr.pk,
    }
    grant = entries[1].grants.get()
    assert (grant.user, grant.valid_to, grant.reason) == (cast.marta, until, "Own subject")


def test_hand_over_without_successor_leaves_the_work_with_the_institution(cast, open_round):
    report = open_round.reports.get(state=cast.costa_rica)
    entry = answer(report.entries.first(), cast.ana, is_ready=False)
    services.hand_over(actor=cast.beto, person=cast.ana, successor=None, reason="left")
    entry.refresh_from_db()
    assert entry.narrative == "Texto de prueba."
    assert entry.updated_by == cast.ana


def test_a_focal_points_role_is_not_passed_on(cast):
    services.hand_over(actor=cast.didier, person=cast.beto, successor=cast.ana, reason="left")
    assert not RoleAssignment.objects.of(cast.ana, Role.FOCAL_POINT).exists()


def test_the_secretariat_passes_no_sealed_role_on(cast):
    give_role(cast.ana, cast.authority_cr, Role.CUSTODIAN)
    services.hand_over(actor=cast.didier, person=cast.ana, successor=cast.bruno, reason="left")
    assert not RoleAssignment.objects.of(cast.bruno, Role.CUSTODIAN).exists()


def test_candidates_are_of_the_same_side(cast):
    assert set(queries.successors(cast.ana)) == {cast.beto, cast.bruno, cast.marta}


def test_nobody_hands_over_for_another_state(cast):
    with pytest.raises(NotAllowed):
        services.hand_over(actor=cast.ciro, person=cast.ana, successor=cast.carla, reason="x")


# --- access review ---


def review_all(actor, state, staying):
    """As from a page that shows everybody."""
    shown = [person.pk for person in queries.people_of(state)]
    return services.review_access(actor=actor, state=state, shown=shown, staying=staying)


def test_nobody_is_decided_on_who_joined_after_the_page_was_loaded(cast, signed_in):
    client = signed_in(cast.beto)
    page = client.get(url("access_review")).content.decode()
    shown = re.findall(r'name="shown" value="([^"]+)"', page)
    assert len(shown) == queries.people_of(cast.costa_rica).count()
    nora = make_user("nora")
    give_role(nora, cast.authority_cr, "contributor")
    client.post(url("access_review"), {"shown": shown, "staying": [str(cast.ana.public_id)]})
    assert RoleAssignment.objects.of(nora).exists()
    assert not RoleAssignment.objects.of(cast.bruno).exists()
    assert not AccessReview.objects.get().decisions.filter(user=nora).exists()


def test_a_review_of_no_rows_is_none(cast, signed_in):
    answer = signed_in(cast.beto).post(url("access_review"), {"staying": [str(cast.ana.public_id)]})
    assert (answer.status_code, AccessReview.objects.count()) == (422, 0)


def test_a_row_of_another_state_is_passed_over(cast, signed_in):
    shown = [str(person.public_id) for person in (cast.beto, cast.bruno, cast.carla)]
    signed_in(cast.beto).post(url("access_review"), {"shown": shown})
    assert RoleAssignment.objects.of(cast.carla).exists()
    assert set(AccessReview.objects.get().decisions.values_list("user", flat=True)) == {cast.beto.pk, cast.bruno.pk}


def test_a_review_ends_the_roles_of_who_does_not_stay(cast, signed_in):
    client = signed_in(cast.beto)
    assert queries.review_state(cast.costa_rica).is_due
    stay = [str(cast.ana.public_id), str(cast.marta.public_id)]
    shown = [str(person.public_id) for person in queries.people_of(cast.costa_rica)]
    client.post(url("access_review"), {"shown": shown, "staying": stay})
    current = RoleAssignment.objects.current().filter(institution__state=cast.costa_rica)
    assert set(current.values_list("user", flat=True)) == {cast.ana.pk, cast.marta.pk, cast.beto.pk}
    review = AccessReview.objects.get()
    assert (review.state, review.reviewed_by) == (cast.costa_rica, cast.beto)
    assert dict(review.decisions.values_list("user__email", "stays")) == {
        "ana@example.org": True,
        "marta@example.org": True,
        "beto@example.org": True,
        "bruno@example.org": False,
    }
    assert not queries.review_state(cast.costa_rica).is_due


def test_a_review_is_due_again_after_ninety_days(cast):
    review = review_all(cast.beto, cast.costa_rica, [])
    assert queries.review_state(cast.costa_rica).due_at == review.reviewed_at + timedelta(days=90)


def test_a_review_reaches_no_other_state(cast):
    review_all(cast.beto, cast.costa_rica, [])
    assert RoleAssignment.objects.of(cast.carla).exists()
    with pytest.raises(NotAllowed):
        review_all(cast.beto, cast.guatemala, [])
    with pytest.raises(NotAllowed):
        review_all(cast.beto, None, [])


def test_the_secretariats_review_is_of_its_own_side(cast):
    review_all(cast.didier, None, [cast.denise.pk])
    assert not RoleAssignment.objects.of(cast.paula).exists()
    assert not RoleAssignment.objects.of(cast.evan).exists()
    assert RoleAssignment.objects.of(cast.ana).exists()
    assert permissions.review_sides(cast.didier) == [None]


def test_a_review_cannot_be_changed_afterwards(cast):
    review = review_all(cast.beto, cast.costa_rica, [])
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        AccessReview.objects.filter(pk=review.pk).update(reviewed_by=cast.ana)


# --- trail ---


def test_what_happens_to_people_is_in_the_trail_of_their_state(cast):
    invitation = invite(cast)
    services.resend_invitation(invitation=invitation, actor=cast.beto)
    invitation.refresh_from_db()
    accept(invitation)
    nora = User.objects.get(email="nora@example.org")
    services.give_role(actor=cast.beto, person=nora, institution=cast.authority_cr, role="approver")
    services.end_role(actor=cast.beto, assignment=nora.role_assignments.get(role="approver"))
    services.deactivate(actor=cast.beto, person=nora)
    services.reactivate(actor=cast.beto, person=nora)
    services.hand_over(actor=cast.beto, person=nora, successor=None, reason="x")
    review_all(cast.beto, cast.costa_rica, [cast.ana.pk])
    verbs = list(AuditEvent.objects.filter(chain="CR").values_list("verb", flat=True))
    assert verbs[:10] == [
        "person.invited",
        "invitation.sent_again",
        "invitation.accepted",
        "role.given",
        "role.ended",
        "person.deactivated",
        "person.reactivated",
        "role.ended",
        "person.deactivated",
        "person.handed_over",
    ]
    assert "access.reviewed" in verbs
    assert "nora@example.org" not in str(list(AuditEvent.objects.values_list("data", flat=True)))


# --- one's own details ---


def test_profile(cast, signed_in):
    client = signed_in(cast.ana)
    data = {"full_name": "Ana María", "language": "fr", "time_zone": "America/Costa_Rica"}
    assert client.post(url("profile"), data)["Location"] == url("profile", language="fr")
    cast.ana.refresh_from_db()
    assert (cast.ana.full_name, cast.ana.language, cast.ana.time_zone) == tuple(data.values())
    assert client.post(url("profile"), {**data, "time_zone": "Europe/Nowhere"}).status_code == 422


def test_pages_show_times_of_the_persons_zone(cast, signed_in):
    cast.ana.time_zone = "America/Costa_Rica"
    cast.ana.save()
    assert "(GMT−6)" in signed_in(cast.ana).get(url("usersessions_list")).content.decode()
