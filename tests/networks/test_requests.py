"""Every step of a request by everybody; what a request may hold; who is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client

from core.exceptions import IdentitySuspected, NotAllowed, PortalError, StaleVersion, StepRefused
from core.models import OutboxMessage
from core.testing import record_proof
from networks import permissions, services
from networks.delivery import send_notice
from networks.enums import TRANSITIONS, RequestStatus, Step
from networks.models import CooperationRequest, RequestMessage
from tests.factories.accounts import give_role, make_institution, make_user
from tests.factories.networks import make_draft, make_sent, note, request_data
from tests.support import assert_same_queries
from tests.workplan.pages import url

# Written from the design: who asks, who is asked, and their coordinators.
SENDERS, RECEIVERS = {"ana", "beto", "bruno"}, {"carla", "ciro"}
ACTORS = ("ana", "beto", "bruno", "marta", "carla", "ciro", "denise", "didier", "evan", "paula", "iris")
STEP_OF: dict[str, set[str]] = {
    Step.SEND: SENDERS,
    Step.WITHDRAW: SENDERS,
    Step.CLOSE: SENDERS,
    Step.ACKNOWLEDGE: RECEIVERS,
    Step.TRANSFER: RECEIVERS,
    Step.ANSWER: RECEIVERS,
    Step.DECLINE: RECEIVERS,
}


def at_status(cast: Any, status: str) -> CooperationRequest:
    """A request of Costa Rica to Guatemala that has come as far as `status`."""
    request = make_draft(cast.ana, cast.authority_cr, cast.authority_gt)
    other = make_institution("agency", f"Agencia {request.reference}", cast.guatemala)
    ways: dict[str, list[Callable[[], Any]]] = {
        RequestStatus.DRAFT: [],
        RequestStatus.SENT: [lambda: services.send(request=request, actor=cast.ana)],
        RequestStatus.WITHDRAWN: [lambda: services.withdraw(request=request, actor=cast.ana)],
    }
    sent = ways[RequestStatus.SENT]
    back = make_institution("agency", f"Otra {request.reference}", cast.guatemala)
    ways[RequestStatus.TRANSFERRED] = [
        *sent,
        lambda: services.transfer(request=request, to=other, note=note(), actor=cast.ciro),
        lambda: CooperationRequest.objects.filter(pk=request.pk).update(receiver=cast.authority_gt),
    ]
    assert back
    ways[RequestStatus.ACKNOWLEDGED] = [*sent, lambda: services.acknowledge(request=request, actor=cast.carla)]
    ways[RequestStatus.ANSWERED] = [
        *ways[RequestStatus.ACKNOWLEDGED],
        lambda: services.answer(request=request, note=note(), actor=cast.carla),
    ]
    ways[RequestStatus.DECLINED] = [
        *sent,
        lambda: services.decline(request=request, reason="law", note=note(), actor=cast.carla),
    ]
    ways[RequestStatus.CLOSED] = [
        *ways[RequestStatus.ANSWERED],
        lambda: services.close(request=request, outcome="met", note=note(""), actor=cast.ana),
    ]
    for act in ways[status]:
        act()
    return CooperationRequest.objects.get(pk=request.pk)


def take(request: CooperationRequest, step: str, actor: Any, other: Any) -> None:
    more: dict[str, dict[str, Any]] = {
        Step.TRANSFER: {"to": other, "note": note()},
        Step.ANSWER: {"note": note()},
        Step.DECLINE: {"reason": "law", "note": note()},
        Step.CLOSE: {"outcome": "met", "note": note()},
    }
    getattr(services, step)(request=request, actor=actor, **more.get(step, {}))


def test_every_step_from_every_status_by_everybody(cast: Any) -> None:
    """8 statuses × 7 steps × 11 people: exactly what the table and the sides allow."""
    other = make_institution("agency", "Agencia competente", cast.guatemala)
    tried, wrong = 0, []
    for status in RequestStatus.values:
        request = at_status(cast, status)
        for step, name in product(Step.values, ACTORS):
            should = status in TRANSITIONS[step].sources and name in STEP_OF[step]
            with transaction.atomic():
                try:
                    take(request, step, getattr(cast, name), other)
                    did = True
                except (StepRefused, NotAllowed):
                    did = False
                transaction.set_rollback(True)
            tried += 1
            if did != should or permissions.can_take_step(getattr(cast, name), request, step) != should:
                wrong.append((status, step, name))
    record_proof("request_steps", combinations=tried, deviations=len(wrong))
    assert tried == 8 * 7 * 11
    assert not wrong


def test_who_sees_a_request(cast: Any) -> None:
    draft = make_draft(cast.ana, cast.authority_cr, cast.authority_gt)
    sent = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)

    def seen(request: CooperationRequest) -> set[str]:
        visible = CooperationRequest.objects.visible_to
        return {name for name in ACTORS if visible(getattr(cast, name)).filter(pk=request.pk).exists()}

    assert seen(draft) == SENDERS
    assert seen(sent) == SENDERS | RECEIVERS


def test_a_transferred_request_belongs_to_the_new_authority_and_the_coordinator(cast: Any) -> None:
    agency = make_institution("agency", "Fiscalía de Guatemala", cast.guatemala)
    fiscal = make_user("fiscal")
    give_role(fiscal, agency, "contributor")
    request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    before = request.answer_by
    services.transfer(request=request, to=agency, note=note("Es de la fiscalía."), actor=cast.carla)
    request.refresh_from_db()
    assert (request.status, request.receiver, request.answer_by) == ("transferred", agency, before)
    assert CooperationRequest.objects.visible_to(fiscal).filter(pk=request.pk).exists()
    assert CooperationRequest.objects.visible_to(cast.ciro).filter(pk=request.pk).exists()
    assert not CooperationRequest.objects.visible_to(cast.carla).filter(pk=request.pk).exists()


def test_no_request_travels_to_a_third_state_or_stays_at_home(cast: Any) -> None:
    request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    with pytest.raises(NotAllowed):
        services.transfer(request=request, to=cast.ministry_cr, note=note(), actor=cast.ciro)
    with pytest.raises(PortalError, match="another State"):
        make_draft(cast.ana, cast.authority_cr, cast.ministry_cr)
    with pytest.raises(DatabaseError, match="request_institution_fits_state"), transaction.atomic():
        CooperationRequest.objects.filter(pk=request.pk).update(receiver=cast.authority_cr)


def test_what_was_sent_stays_as_it_was(cast: Any) -> None:
    request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    with pytest.raises(DatabaseError, match="request_sent_is_fixed"), transaction.atomic():
        CooperationRequest.objects.filter(pk=request.pk).update(text="Otro texto")
    with pytest.raises(StepRefused):
        services.change_draft(request=request, data=request_data(cast.authority_gt), version=1, actor=cast.ana)


def test_a_draft_changed_by_two_is_not_overwritten(cast: Any) -> None:
    draft = make_draft(cast.ana, cast.authority_cr, cast.authority_gt)
    data = request_data(cast.authority_gt, subject="Otra cosa")
    services.change_draft(request=draft, data=data, version=1, actor=cast.beto)
    with pytest.raises(StaleVersion):
        services.change_draft(request=draft, data=data, version=1, actor=cast.ana)


IDENTITIES = (
    "La víctima se llama Yolanda Quispe.",
    "Her passport number is X1234567.",
    "On peut la joindre au +509 34 12 55 67.",
    "Nascida em 14 de maio de 1999.",
)


@pytest.mark.parametrize("text", IDENTITIES)
def test_no_text_of_a_request_names_a_victim_unless_somebody_says_that_it_does_not(cast: Any, text: str) -> None:
    data = request_data(cast.authority_gt, text=text)
    with pytest.raises(IdentitySuspected):
        services.draft_request(sender=cast.authority_cr, data=data, actor=cast.ana)
    request = services.draft_request(
        sender=cast.authority_cr, data=data, actor=cast.ana, identity_reason="Es una funcionaria."
    )
    assert request.identity_reason == "Es una funcionaria."
    sent = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    for act in (
        lambda: services.write_message(request=sent, note=note(text), actor=cast.ciro),
        lambda: services.transfer(
            request=sent, to=make_institution("agency", "B", cast.guatemala), note=note(text), actor=cast.ciro
        ),
        lambda: services.decline(request=sent, reason="law", note=note(text), actor=cast.ciro),
    ):
        with pytest.raises(IdentitySuspected), transaction.atomic():
            act()
    assert not RequestMessage.objects.exists()


def test_the_page_asks_again_and_keeps_the_reason(cast: Any, client: Client) -> None:
    client.force_login(cast.ana)
    data = {
        "receiver": cast.authority_gt.pk, "kind": "information", "urgency": "urgent", "subject": "Contacto",
        "text": "Atiende la señora Marta Lucía Higuera.", "language": "es", "send": "yes",
    }  # fmt: skip
    warned = client.post(url("request_new"), data)
    assert warned.status_code == 422
    assert "Marta Lucía Higuera" in warned.content.decode()
    assert 'name="identity_reason"' in warned.content.decode()
    half = client.post(url("request_new"), {**data, "identity_reason": "Es la directora."})
    assert half.status_code == 422
    done = client.post(url("request_new"), {**data, "identity_reason": "Es la directora.", "identity_confirmed": "on"})
    request = CooperationRequest.objects.get()
    assert done.url == request.get_absolute_url()
    assert (request.status, request.identity_reason) == ("sent", "Es la directora.")


def test_mails_say_nothing_but_that_something_waits(cast: Any) -> None:
    request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt, subject="Asunto secreto")
    told = OutboxMessage.objects.filter(task="networks.send_notice").values_list("args", flat=True)
    assert {args[0] for args in told} == {cast.carla.pk, cast.ciro.pk}
    for args in told:
        send_notice(*args)
    assert len(mail.outbox) == 2
    text = "".join(f"{one.subject} {one.body}" for one in mail.outbox)
    assert request.get_absolute_url().split("/", 2)[2] in text
    for secret in ("Asunto", "secreto", "documentos", "Costa Rica", "Autoridad", "Ana"):
        assert secret not in text


def test_whoever_may_no_longer_see_it_gets_no_mail(cast: Any) -> None:
    request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    send_notice(cast.denise.pk, "request_arrived", request.pk)
    send_notice(cast.iris.pk, "request_arrived", request.pk)
    assert mail.outbox == []


def test_to_the_other_state_the_authority_speaks_and_not_the_person(cast: Any, client: Client) -> None:
    request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    services.write_message(request=request, note=note("Gracias."), actor=cast.ana)
    names = {}
    for person in (cast.beto, cast.ciro):
        client.force_login(person)
        page = client.get(url("request_detail", request.reference)).content.decode()
        names[person.email] = "<strong>Ana</strong>" in page
    assert names == {"beto@example.org": True, "ciro@example.org": False}


def test_a_step_twice_by_a_double_click(cast: Any, client: Client) -> None:
    request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    client.force_login(cast.ciro)
    for _click in range(2):
        assert client.post(url("request_step", request.reference, "acknowledge")).status_code == 302
    assert request.changes.filter(step="acknowledge").count() == 1


def test_median_answer_time_by_corridor_is_computed_in_the_database(cast: Any, client: Client) -> None:
    for hours in (10, 30, 80):
        request = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
        services.acknowledge(request=request, actor=cast.carla)
        services.answer(request=request, note=note(), actor=cast.carla)
        request.refresh_from_db()
        answered = request.sent_at + timedelta(hours=hours)
        CooperationRequest.objects.filter(pk=request.pk).update(answered_at=answered)
    make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    rows = {}
    for name in ("ana", "ciro", "denise"):
        client.force_login(getattr(cast, name))
        rows[name] = [
            (r.asked, r.answered, r.waiting, r.median) for r in client.get(url("corridor_list")).context["rows"]
        ]
    assert all(row == [(4, 3, 1, "30 hours")] for row in rows.values())
    client.force_login(cast.marta)  # of a ministry that has nothing to do with them
    assert client.get(url("corridor_list")).context["rows"] == []


def test_the_list_costs_the_same_with_few_and_many(cast: Any, client: Client) -> None:
    client.force_login(cast.ciro)
    make_sent(cast.ana, cast.authority_cr, cast.authority_gt)

    def grow() -> None:
        for _number in range(30):
            make_sent(cast.ana, cast.authority_cr, cast.authority_gt)

    assert assert_same_queries(client, url("request_list"), grow) <= 12


def test_sent_at_is_kept_with_its_deadlines(cast: Any) -> None:
    request = make_draft(cast.ana, cast.authority_cr, cast.authority_gt)
    with pytest.raises(DatabaseError, match="request_sent_has"), transaction.atomic():
        CooperationRequest.objects.filter(pk=request.pk).update(sent_at=datetime(2014, 1, 1, tzinfo=UTC), status="sent")
