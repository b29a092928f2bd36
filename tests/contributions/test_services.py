"""A contribution from draft to decision: who may do what, and what the database refuses whatever the code does."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from contributions import delivery, services
from contributions.enums import STATE_STATUSES, TRANSITIONS, Status, Step
from contributions.models import About, Accreditation, Contribution, StateReply
from contributions.services import contributions as rules
from core.exceptions import IdentitySuspected, NotAllowed, PortalError, StaleVersion, StepRefused
from core.models import AuditEvent, OutboxMessage
from tests.factories.accounts import give_role, make_institution, make_user
from tests.factories.contributions import application, draft_of, make_at, make_draft, make_sent


def refused(act: Callable[[], Any]) -> bool:
    """Whether the database says no."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError:
        return True
    return False


# --- accreditation --------------------------------------------------------------------------------


def test_two_people_accredit_and_the_contact_is_invited(cast: Any) -> None:
    row = services.apply(data=application())
    assert row.institution is None
    services.vet(accreditation=row, note="Statutes read.", actor=cast.denise)
    services.accredit(accreditation=row, actor=cast.didier)
    row.refresh_from_db()
    assert (row.status, row.institution.name, row.institution.kind) == ("accredited", "Casa Abierta", "partner")
    invitation = row.institution.invitations.get()
    assert (invitation.email, invitation.role) == ("nora@casa.example", "partner")
    assert row.is_in_force


def test_whoever_took_the_first_look_does_not_decide(cast: Any) -> None:
    row = services.apply(data=application())
    services.vet(accreditation=row, note="", actor=cast.didier)
    for act in (services.accredit, lambda **more: services.refuse(reason="No.", **more)):
        with pytest.raises(NotAllowed):
            act(accreditation=row, actor=cast.didier)
        with pytest.raises(NotAllowed):
            act(accreditation=row, actor=cast.denise)  # an officer opens no accounts
    row.refresh_from_db()
    fields = {"status": "refused", "refusal_reason": "No.", "decided_by": cast.didier}
    assert refused(lambda: Accreditation.objects.filter(pk=row.pk).update(**fields))


@pytest.mark.parametrize("name", ["ana", "beto", "evan", "paula"])
def test_only_the_secretariat_looks_at_applications(cast: Any, name: str) -> None:
    row = services.apply(data=application())
    with pytest.raises(NotAllowed):
        services.vet(accreditation=row, note="", actor=getattr(cast, name))
    assert not Accreditation.objects.visible_to(getattr(cast, name)).exists()


def test_a_refusal_says_why_and_opens_nothing(cast: Any) -> None:
    row = services.apply(data=application())
    services.vet(accreditation=row, note="", actor=cast.denise)
    services.refuse(accreditation=row, reason="No statutes.", actor=cast.didier)
    row.refresh_from_db()
    assert (row.status, row.institution, row.valid_to) == ("refused", None, None)


def test_one_application_under_a_name_at_a_time(cast: Any) -> None:
    services.apply(data=application())
    with pytest.raises(PortalError):
        services.apply(data=application(name="casa ABIERTA"))


def test_an_accreditation_that_ended_lets_nothing_more_be_sent_and_is_renewed(partner: Any) -> None:
    draft = make_draft(partner.paula, partner.round)
    yesterday = timezone.localdate() - timedelta(days=1)
    Accreditation.objects.update(valid_to=yesterday, valid_from=yesterday - timedelta(days=9))
    with pytest.raises(NotAllowed):
        services.send(contribution=draft, actor=partner.paula)
    again = services.renew(actor=partner.paula, purpose="Seguir.")
    with pytest.raises(StepRefused):
        services.renew(actor=partner.paula, purpose="Dos veces.")
    services.vet(accreditation=again, note="", actor=partner.denise)
    services.accredit(accreditation=again, actor=partner.didier)
    assert services.send(contribution=draft, actor=partner.paula).status == "sent"
    assert Accreditation.objects.in_force().get().institution == partner.partner
    assert not partner.partner.invitations.exists()  # its people are there already


def test_its_end_is_told_once(partner: Any) -> None:
    Accreditation.objects.update(valid_to=timezone.localdate() + timedelta(days=30))
    assert [services.remind_of_end(), services.remind_of_end()] == [1, 0]


# --- writing and sending --------------------------------------------------------------------------


def test_scope_by_state_and_theme_is_kept(partner: Any) -> None:
    with pytest.raises(NotAllowed):
        make_draft(partner.paula, partner.round, "CR", "HN")
    Accreditation.objects.update(themes=["C4g"])
    with pytest.raises(NotAllowed):
        make_draft(partner.paula, partner.round)


def test_whoever_is_no_partner_cannot_contribute(partner: Any) -> None:
    for name in ("ana", "beto", "denise", "evan"):
        with pytest.raises(NotAllowed):
            make_draft(getattr(partner, name), partner.round)


@pytest.mark.parametrize("lacking", ["title", "text", "period_from", "states", "activities"])
def test_what_is_incomplete_is_not_sent(partner: Any, lacking: str) -> None:
    empty: Any = {"states": [], "activities": [], "period_from": None}.get(lacking, "")
    row = make_draft(partner.paula, partner.round, **{lacking: empty})
    with pytest.raises(PortalError):
        services.send(contribution=row, actor=partner.paula)
    assert not Contribution.objects.exclude(status="draft").exists()


def test_a_closed_period_takes_nothing_more(partner: Any) -> None:
    row = make_draft(partner.paula, partner.round)
    partner.round.status = "closed"
    partner.round.save()
    with pytest.raises(PortalError):
        services.send(contribution=row, actor=partner.paula)


def test_what_is_sent_is_fixed(partner: Any) -> None:
    row = make_sent(partner.paula, partner.round)
    with pytest.raises(NotAllowed):
        services.revise(contribution=row, draft=draft_of(partner.round), version=row.version, actor=partner.paula)
    same = Contribution.objects.filter(pk=row.pk)
    for fields in ({"text": "Otro."}, {"visibility": "public"}, {"name_withheld": True, "shown_name": ""}):
        assert refused(lambda fields=fields: same.update(**fields)), fields
    assert refused(lambda: About.objects.create(contribution=row, state=partner.guatemala))
    assert refused(lambda: About.objects.filter(contribution=row).delete())


def test_the_second_of_two_who_save_is_told(partner: Any) -> None:
    row = make_draft(partner.paula, partner.round)
    draft = draft_of(partner.round, "GT", title="Otro título")
    services.revise(contribution=row, draft=draft, version=1, actor=partner.paula)
    with pytest.raises(StaleVersion):
        services.revise(contribution=row, draft=draft, version=1, actor=partner.paula)
    row.refresh_from_db()
    assert (row.title, [state.iso2 for state in row.states.all()]) == ("Otro título", ["GT"])


def test_the_guard_warns_and_a_reason_lets_pass(partner: Any) -> None:
    text = "La joven Yolanda Quispe, nacida el 3 de mayo de 1999, desea volver."
    with pytest.raises(IdentitySuspected):
        make_draft(partner.paula, partner.round, text=text)
    row = make_draft(partner.paula, partner.round, text=text, identity_reason="Es un ejemplo inventado.")
    assert row.identity_reason == "Es un ejemplo inventado."


def test_quotas_by_state_and_by_organization(partner: Any) -> None:
    with patch.object(rules, "MAX_PER_STATE", 2):
        for _time in range(2):
            make_sent(partner.paula, partner.round, "CR")
        with pytest.raises(PortalError):
            make_sent(partner.paula, partner.round, "CR", "GT")
        make_sent(partner.paula, partner.round, "GT")  # another State's page has room
    make_draft(partner.paula, partner.round)
    with patch.object(rules, "MAX_OPEN_DRAFTS", 1), pytest.raises(PortalError):
        make_draft(partner.paula, partner.round)


# --- the name that is withheld --------------------------------------------------------------------


def test_a_withheld_name_is_not_in_the_row_that_states_read(partner: Any) -> None:
    row = make_sent(partner.paula, partner.round, name_withheld=True)
    assert (row.name_withheld, row.shown_name) == (True, "")
    same = Contribution.objects.filter(pk=make_draft(partner.paula, partner.round, name_withheld=True).pk)
    assert refused(lambda: same.update(shown_name=partner.partner.name))
    assert refused(lambda: same.update(name_withheld=False))


@pytest.mark.parametrize("field", ["title", "text"])
def test_a_text_that_tells_the_withheld_name_is_not_sent(partner: Any, field: str) -> None:
    row = make_draft(
        partner.paula,
        partner.round,
        name_withheld=True,
        identity_reason="Es una organización.",
        **{field: "Lo vio PARTNER of the Tests."},
    )
    with pytest.raises(PortalError):
        services.send(contribution=row, actor=partner.paula)
    sent = {"status": "sent", "sent_at": timezone.now()}
    assert refused(lambda: Contribution.objects.filter(pk=row.pk).update(**sent))


def test_a_file_that_tells_the_withheld_name_is_not_taken(partner: Any) -> None:
    row = make_draft(partner.paula, partner.round, name_withheld=True)
    with pytest.raises(PortalError):
        services.attach(
            contribution=row, file=services.FileData("datos.txt", b"de Partner of the tests"), actor=partner.paula
        )
    assert not row.files.exists()


# --- steps ----------------------------------------------------------------------------------------


def test_the_trigger_holds_the_table_of_steps(partner: Any) -> None:
    """Each pair of statuses: the database lets pass what TRANSITIONS has, and nothing else."""
    row = make_draft(partner.paula, partner.round)
    allowed = {(source, step.target) for step in TRANSITIONS.values() for source in step.sources}
    wrong = []
    for source, target in product(Status.values, Status.values):
        if source != target and _passes(row, source, target) != ((source, target) in allowed):
            wrong.append((source, target))
    assert wrong == []


def _passes(row: Contribution, source: str, target: str) -> bool:
    """Set the source by removing and inserting, which no step is; then try the update."""
    times = {"draft": None}
    reasons = {"not_used": "Porque sí."}
    with transaction.atomic():
        copy = Contribution.objects.get(pk=row.pk)
        copy.pk, copy.reference, copy.status = None, f"PC-{source[:3]}{target[:3]}"[:12], source
        copy.sent_at = times.get(source, timezone.now())
        copy.reason = reasons.get(source, "")
        copy.save(force_insert=True)
        fields = {"status": target, "reason": reasons.get(target, "")}
        if source == "draft" and target != "withdrawn":
            fields["sent_at"] = timezone.now()
        if target == "draft":
            fields["sent_at"] = None
        passed = not refused(lambda: Contribution.objects.filter(pk=copy.pk).update(**fields))
        transaction.set_rollback(True)
    return passed


def test_each_step_belongs_to_its_side(partner: Any) -> None:
    """Every person × every step × every status, against who is named in the table."""
    people = {name: getattr(partner, name) for name in ("ana", "beto", "denise", "didier", "evan", "paula")}
    other = make_user("otra")
    give_role(other, make_institution("partner", "Otra organización"), "partner")
    roles = {"denise": "secretariat_officer", "didier": "secretariat_admin", "paula": "partner"}
    row = make_draft(partner.paula, partner.round)
    from contributions import permissions

    for status, step in product(Status.values, Step.values):
        row.status = status
        can = {name for name, person in people.items() if permissions.can_take_step(person, row, step)}
        transition = TRANSITIONS[step]
        wanted = {name for name, role in roles.items() if status in transition.sources and role in transition.roles}
        assert can == wanted, (status, step)
        assert not permissions.can_take_step(other, row, step)


def test_the_whole_way_is_kept_and_audited_outside_the_states_chain(partner: Any) -> None:
    row = make_at("accepted", partner, partner.round)
    assert [change.step for change in row.changes.all()] == ["send", "receive", "review", "accept"]
    events = AuditEvent.objects.filter(object_type="contributions.contribution").order_by("seq")
    assert [event.verb for event in events] == [
        f"contribution.{what}" for what in ("drafted", "send", "receive", "review", "accept")
    ]
    assert {event.chain for event in events} == {"platform"}


def test_what_is_not_used_says_why(partner: Any) -> None:
    row = make_at("under_review", partner, partner.round)
    services.not_use(contribution=row, reason="Fuera del período.", actor=partner.denise)
    row.refresh_from_db()
    assert (row.status, row.reason) == ("not_used", "Fuera del período.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution.objects.filter(pk=row.pk).update(reason="")


def test_one_question_and_its_answer(partner: Any) -> None:
    row = make_at("received", partner, partner.round)
    services.ask(contribution=row, text="Which provinces?", language="en", actor=partner.denise)
    with pytest.raises(StepRefused):
        services.ask(contribution=row, text="And when?", language="en", actor=partner.didier)
    services.answer(contribution=row, text="Las del norte.", language="es", actor=partner.paula)
    with pytest.raises(StepRefused):
        services.answer(contribution=row, text="Y otra.", language="es", actor=partner.paula)
    question = Contribution.objects.get(pk=row.pk).clarification
    assert (question.text, question.answer) == ("Which provinces?", "Las del norte.")


# --- right of reply -------------------------------------------------------------------------------


def test_a_state_replies_once_by_its_focal_point(partner: Any) -> None:
    row = make_at("received", partner, partner.round, "CR", "GT")
    for name in ("ana", "bruno", "denise", "paula", "evan"):
        with pytest.raises(StepRefused):
            services.reply(contribution=row, text="No.", language="es", actor=getattr(partner, name))
    services.reply(contribution=row, text="Se abrirán dos casas.", language="es", actor=partner.beto)
    with pytest.raises(StepRefused):
        services.reply(contribution=row, text="Y tres.", language="es", actor=partner.beto)
    services.reply(contribution=row, text="Aquí no.", language="es", actor=partner.ciro)
    assert sorted(row.replies.values_list("state__iso2", "text")) == [
        ("CR", "Se abrirán dos casas."),
        ("GT", "Aquí no."),
    ]
    twice = {"contribution": row, "state": partner.costa_rica, "text": "x", "language": "es", "by": partner.beto}
    assert refused(lambda: StateReply.objects.create(**twice))
    assert AuditEvent.objects.filter(verb="contribution.replied", chain="CR").count() == 1


@pytest.mark.parametrize(("status", "visibility"), [("sent", "state"), ("received", "secretariat")])
def test_no_reply_to_what_the_state_does_not_see(partner: Any, status: str, visibility: str) -> None:
    way = make_sent if status == "sent" else None
    row = (
        make_sent(partner.paula, partner.round, visibility=visibility)
        if way
        else make_at(status, partner, partner.round, visibility=visibility)
    )
    with pytest.raises(StepRefused):
        services.reply(contribution=row, text="x", language="es", actor=partner.beto)
    fields = {"contribution": row, "state": partner.costa_rica, "text": "x", "language": "es", "by": partner.beto}
    assert refused(lambda: StateReply.objects.create(**fields))


# --- scope ----------------------------------------------------------------------------------------


def test_who_sees_a_contribution_by_visibility_and_status(partner: Any) -> None:
    """Every person × visibility × status, against the rule in words."""
    other = make_user("otra")
    give_role(other, make_institution("partner", "Otra organización"), "partner")
    names = ("ana", "beto", "bruno", "marta", "carla", "ciro", "denise", "didier", "evan", "paula", "iris")
    people = {**{name: getattr(partner, name) for name in names}, "otra": other}
    for visibility, status in product(("secretariat", "state", "public"), ("draft", "sent", "received", "accepted")):
        if status == "draft":
            row = make_draft(partner.paula, partner.round, "CR", visibility=visibility)
        elif status == "sent":
            row = make_sent(partner.paula, partner.round, "CR", visibility=visibility)
        else:
            row = make_at(status, partner, partner.round, "CR", visibility=visibility)
        seen = {name for name, who in people.items() if Contribution.objects.visible_to(who).filter(pk=row.pk)}
        wanted = {"paula"} | ({"denise", "didier"} if status != "draft" else set())
        if visibility != "secretariat" and status in STATE_STATUSES:
            wanted |= {"ana", "beto", "bruno"}
        assert seen == wanted, (visibility, status)


def test_what_is_withdrawn_is_gone_from_the_states_side(partner: Any) -> None:
    row = make_at("received", partner, partner.round)
    services.take_step(contribution=row, step="withdraw", actor=partner.paula)
    assert not Contribution.objects.visible_to(partner.beto).exists()
    assert Contribution.objects.visible_to(partner.paula).exists()


def test_it_is_published_only_when_public_accepted_and_its_period_over(partner: Any) -> None:
    row = make_at("accepted", partner, partner.round, visibility="public")
    make_at("accepted", partner, partner.round, visibility="state")
    make_at("under_review", partner, partner.round, visibility="public")
    assert not Contribution.objects.published().exists()
    partner.round.status = "closed"
    partner.round.save()
    assert list(Contribution.objects.published()) == [row]


# --- follow-up ------------------------------------------------------------------------------------


def test_one_digest_for_all_news_and_none_without(partner: Any) -> None:
    for _time in range(3):
        make_at("accepted", partner, partner.round)
    assert [services.send_digests(), services.send_digests()] == [1, 0]
    message = OutboxMessage.objects.get(task="contributions.send_notice")
    delivery.send_notice(*message.args)
    assert [sent.to for sent in mail.outbox] == [[partner.paula.email]]
    assert "Acogida" not in mail.outbox[0].body


def test_a_citation_is_told_and_only_of_what_was_accepted(partner: Any) -> None:
    row = make_at("received", partner, partner.round)
    with pytest.raises(StepRefused):
        services.cite(contribution=row, sentence="Organizations report gaps.", language="en", actor=partner.denise)
    row = make_at("accepted", partner, partner.round)
    services.send_digests()
    services.cite(contribution=row, sentence="Organizations report gaps.", language="en", actor=partner.denise)
    assert services.send_digests() == 1


# --- bulk -----------------------------------------------------------------------------------------


def test_many_at_once_are_all_sent_or_none(partner: Any) -> None:
    good, bad = draft_of(partner.round), draft_of(partner.round, text="")
    with pytest.raises(services.FaultyBulk) as refusal:
        services.file_many(drafts=[(2, good), (3, bad), (4, good)], actor=partner.paula)
    assert [fault.row for fault in refusal.value.faults] == [3]
    assert not Contribution.objects.exists()
    services.file_many(drafts=[(2, good), (3, draft_of(partner.round, "GT"))], actor=partner.paula)
    assert Contribution.objects.filter(status="sent").count() == 2


# --- translations ---------------------------------------------------------------------------------


def test_a_translation_is_reviewed_by_somebody_else(partner: Any) -> None:
    row = make_at("accepted", partner, partner.round, visibility="public")
    words = {"language": "en", "title": "Shelter at night", "text": "None is open.", "seen": 0}
    translation = services.translate(contribution=row, actor=partner.denise, **words)
    with pytest.raises(NotAllowed):
        services.review_translation(translation=translation, seen=1, actor=partner.denise)
    services.review_translation(translation=translation, seen=1, actor=partner.didier)
    services.translate(contribution=row, actor=partner.denise, **{**words, "title": "Night shelter", "seen": 1})
    translation.refresh_from_db()
    assert (translation.status, translation.reviewed_by) == ("draft", None)
    with pytest.raises(PortalError):
        services.translate(contribution=row, actor=partner.denise, **{**words, "language": "es"})


def test_the_application_may_not_delete_what_was_said(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = current_user"
            " AND privilege_type = 'DELETE' AND table_name LIKE 'contributions_%'"
        )
        found = {name for (name,) in cursor.fetchall()}
    # What a draft is about may be chosen again; a trigger keeps it once it is sent.
    assert found == {
        "contributions_about", "contributions_contribution_activities", "contributions_accreditation_states",
        "contributions_bulkfiling_contributions",
    }  # fmt: skip
