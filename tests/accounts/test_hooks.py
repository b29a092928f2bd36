"""Systems of institutions are told by codes alone, once in effect, and by whoever answers for the institution."""

import hashlib
import hmac
import json
import random
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import delivery, services, tasks
from accounts.delivery import FAILURES_TO_STOP, RETRY_AFTER
from accounts.enums import HookKind, HookState, NoticeState
from accounts.models import HookEvent, HookNotice, Webhook
from accounts.services import Audience, Happened, HookTerms
from core import jobs
from core.exceptions import NotAllowed, PortalError, StepRefused
from core.models import AuditEvent, OutboxMessage
from core.testing import record_proof
from oas_trafficking.presenters import EVENT_LABELS
from tests.accounts.https_peer import NAME, Names, Peer, certificate, running
from tests.accounts.sign_in import url
from tests.factories.workplan import answer
from tests.support import assert_same_queries
from workplan import services as workplan
from workplan.models import Report

pytestmark = pytest.mark.django_db
ALL = [kind for kind in HookKind.values if kind != HookKind.TEST]
ABOUT = Happened("report", "CR-2014-1", "/api/v1/reports/CR-2014-1/")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("peer"))


@pytest.fixture
def peer(files: tuple[Path, Path], settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    names = Names(socket.getaddrinfo)
    names.answers[NAME] = [["127.0.0.1"]]
    monkeypatch.setattr(socket, "getaddrinfo", names)
    with running(files[1]) as server:
        settings.OUTGOING_CA_FILE = str(files[0])
        settings.OUTGOING_TEST_PORTS = [server.port]
        settings.OUTGOING_TEST_NETWORKS = ["127.0.0.1/32"]
        yield server


def add(institution: Any, actor: Any, port: int = 443, kinds: Any = ALL) -> tuple[Webhook, str]:
    terms = HookTerms(label="Sistema propio", url=f"https://{NAME}:{port}/avisos", kinds=kinds)
    return services.add_hook(institution=institution, terms=terms, actor=actor)


def work(*, passes: int = 1) -> int:
    """What the relay and a worker do, without waiting for the moment: returns how many attempts there were."""
    count = 0
    for _pass in range(passes):
        open_ones = OutboxMessage.objects.filter(task=delivery.DELIVER_NOTICE, done_at=None, dead_at=None)
        for message in list(open_ones.order_by("created_at")):
            tasks.deliver_notice(str(message.pk), *message.args)
            count += 1
    return count


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As the other side checks it: by the documented header, the moment included."""
    parts = [part.split("=", 1) for part in headers["Portal-Signature"].split(",")]
    moment = next(value for name, value in parts if name == "t")
    wanted = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    is_recent = abs(time.time() - int(moment)) < 300
    return is_recent and wanted in [value for name, value in parts if name == "v1"]


# --- the proof ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)  # a worker that dies takes its connection along
def test_nothing_is_lost_nothing_acts_twice_and_no_content_leaves(
    cast: Any, open_round: Any, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that fails, answers late or is heard by a worker that dies: it acts once for each event."""
    _hook, secret = add(cast.authority_cr, cast.beto, peer.port)
    chance, acted, forged = random.Random(7), Counter[str](), 0
    texts = ["CNRY-HOOK-narrative", "Sistema propio", "Costa Rica", "Autoridad de prueba", "Ana", "Beto", "example.gob"]
    report = Report.objects.get(reference="CR-2014-1")
    entry = report.entries.all()[0]
    answer(entry, cast.ana, narrative="CNRY-HOOK-narrative")
    workplan.send_to_coordinator(report=report, actor=cast.ana)
    workplan.approve(report=report, actor=cast.beto)
    activity = entry.activity
    workplan.ask_question(
        report=report, activity=activity, field="narrative", text="CNRY-HOOK-question", actor=cast.denise
    )
    workplan.return_report(report=report, actor=cast.denise, note="CNRY-HOOK-note")
    for number in range(21):
        services.announce(HookKind.ROUND_OPENED, Happened("round", f"20{number:02}-1"), Audience(everybody=True))
    events = HookEvent.objects.count()
    assert events == 24

    def answered(body: bytes) -> int:
        told = json.loads(body)
        if chance.random() < 0.3:
            return chance.choice([500, 503, 404])
        acted[told["id"]] += 1
        return 200

    peer.answer = answered
    real_finish, deaths = delivery.finish, 0

    def dying(message: Any) -> bool:
        """The worker is gone after the other side has heard, before anything is written."""
        nonlocal deaths
        if chance.random() < 0.2:
            deaths += 1
            raise RuntimeError("killed")
        return real_finish(message)

    monkeypatch.setattr(delivery, "finish", dying)
    monkeypatch.setattr(jobs, "MAX_ATTEMPTS", 20)
    attempts = work(passes=8)
    monkeypatch.setattr(delivery, "finish", real_finish)
    attempts += work(passes=7)
    for headers, body in peer.heard:
        told = json.loads(body)
        assert set(told) == {"id", "kind", "at", "object", "object_id", "link"}
        assert headers["Portal-Event"] == told["id"]
        forged += not is_signed(secret, headers, body)
    content_hits = sum(text.encode() in body for _headers, body in peer.heard for text in texts)
    done = HookNotice.objects.filter(state=NoticeState.DONE).count()
    by_id = len(acted)  # what the other side did: each id once, however often it came
    accepted = [json.loads(body) for _headers, body in peer.heard if json.loads(body)["id"] in acted]
    happened = {(told["kind"], told["object_id"]) for told in accepted}  # each of them once in this test
    record_proof(
        "webhooks",
        events=events,
        attempts=attempts,
        deliveries=done,
        repeated=sum(acted.values()) - by_id,
        worker_deaths=deaths,
        lost=events - len(happened),
        duplicated_effect=by_id - len(happened),
        forged=forged,
        content_hits=content_hits,
    )
    assert (done, by_id, len(happened), forged, content_hits) == (events, events, events, 0, 0)
    assert deaths > 0
    assert attempts > events
    assert sum(acted.values()) > by_id  # it did come twice, or the ids would prove nothing


# --- one attempt ----------------------------------------------------------------------------------


def test_another_secret_signs_nothing(cast: Any, peer: Peer) -> None:
    hook, secret = add(cast.authority_cr, cast.beto, peer.port)
    services.test_hook(hook=hook, actor=cast.beto)
    work()
    headers, body = peer.heard[0]
    assert is_signed(secret, headers, body)
    assert not is_signed("oasw_other", headers, body)
    assert not is_signed(secret, headers, body + b" ")
    assert json.loads(body)["kind"] == "test"


def test_a_secret_is_kept_sealed_and_replaced_with_an_overlap(cast: Any, peer: Peer) -> None:
    hook, first = add(cast.authority_cr, cast.beto, peer.port)
    second = services.rotate_secret(hook=hook, actor=cast.beto)
    kept = Webhook.objects.values_list("secret", "old_secret").get()
    assert not any(secret in text for secret in (first, second) for text in kept)
    services.test_hook(hook=hook, actor=cast.beto)
    work()
    assert [is_signed(secret, *peer.heard[0]) for secret in (first, second)] == [True, True]
    Webhook.objects.update(rotated_at=timezone.now() - timedelta(hours=25))
    services.test_hook(hook=hook, actor=cast.beto)
    work()
    assert [is_signed(secret, *peer.heard[1]) for secret in (first, second)] == [False, True]


def test_a_notice_is_tried_again_later_and_later_then_given_up_and_told(cast: Any, peer: Peer) -> None:
    add(cast.authority_cr, cast.beto, peer.port)
    peer.answer = lambda body: 500
    services.announce(HookKind.REPORT_ACCEPTED, ABOUT, Audience(states=[cast.costa_rica.pk]))
    waits = []
    for _attempt in range(len(RETRY_AFTER) + 1):
        message = OutboxMessage.objects.get(task=delivery.DELIVER_NOTICE, done_at=None)
        waits.append(round((message.next_publish_at - timezone.now()).total_seconds() / 60))
        work()
    assert waits[1:] == [1, 5, 30, 120, 480, 1440]
    notice = HookNotice.objects.get()
    assert (notice.state, notice.attempts, notice.status, notice.trouble) == (NoticeState.DEAD, 7, 500, "status")
    assert work() == 0
    trouble = OutboxMessage.objects.get(task=delivery.HOOK_TROUBLE)
    assert trouble.args[1] == cast.beto.pk
    tasks.send_hook_trouble(str(trouble.pk), *trouble.args)
    assert [letter.to for letter in mail.outbox] == [[cast.beto.email]]
    assert "/account/hooks/" in mail.outbox[0].body
    assert "CR-2014-1" not in mail.outbox[0].body


def test_after_too_many_failures_in_a_row_it_is_switched_off(cast: Any, peer: Peer) -> None:
    hook, _secret = add(cast.authority_cr, cast.beto, peer.port)
    peer.answer = lambda body: 503
    for _number in range(FAILURES_TO_STOP + 3):
        services.announce(HookKind.REPORT_ACCEPTED, ABOUT, Audience(states=[cast.costa_rica.pk]))
    work()
    hook.refresh_from_db()
    assert (hook.state, hook.failures, len(peer.heard)) == (HookState.STOPPED, FAILURES_TO_STOP, FAILURES_TO_STOP)
    assert set(HookNotice.objects.values_list("state", flat=True)) == {NoticeState.DEAD}
    assert services.announce(HookKind.REPORT_ACCEPTED, ABOUT, Audience(everybody=True)) == 0
    assert AuditEvent.objects.filter(verb="webhook.stopped", chain="CR").count() == 1
    peer.answer = lambda body: 200
    services.resume_hook(hook=hook, actor=cast.beto)
    services.test_hook(hook=hook, actor=cast.beto)
    work()
    hook.refresh_from_db()
    assert (hook.state, hook.failures) == (HookState.ACTIVE, 0)


def test_what_happens_during_a_pause_is_told_afterwards(cast: Any, peer: Peer) -> None:
    hook, _secret = add(cast.authority_cr, cast.beto, peer.port)
    services.pause_hook(hook=hook, actor=cast.beto)
    services.announce(HookKind.REPORT_ACCEPTED, ABOUT, Audience(states=[cast.costa_rica.pk]))
    work()
    assert peer.heard == []
    with pytest.raises(StepRefused):
        services.test_hook(hook=hook, actor=cast.beto)
    services.resume_hook(hook=hook, actor=cast.beto)
    work()
    assert len(peer.heard) == 1


def test_a_removed_system_hears_nothing_and_its_secret_is_gone(cast: Any, peer: Peer) -> None:
    hook, _secret = add(cast.authority_cr, cast.beto, peer.port)
    services.announce(HookKind.REPORT_ACCEPTED, ABOUT, Audience(everybody=True))
    services.end_hook(hook=hook, actor=cast.beto)
    work()
    hook.refresh_from_db()
    assert (peer.heard, hook.secret, hook.old_secret, hook.state) == ([], "", "", HookState.ENDED)
    assert not Webhook.objects.visible_to(cast.beto).exists()
    with pytest.raises(NotAllowed):
        services.resume_hook(hook=hook, actor=cast.beto)


def test_what_got_lost_on_its_way_is_asked_for_anew_and_old_ones_go(cast: Any) -> None:
    add(cast.authority_cr, cast.beto)
    services.announce(HookKind.REPORT_ACCEPTED, ABOUT, Audience(everybody=True))
    OutboxMessage.objects.update(dead_at=timezone.now())
    assert services.sweep_notices() == 0  # not at once: it may be on its way
    HookNotice.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert (services.sweep_notices(), services.sweep_notices()) == (1, 0)
    long_ago = timezone.now() - timedelta(days=31)
    HookNotice.objects.update(created_at=long_ago, state=NoticeState.DONE)
    services.sweep_notices()
    assert (HookNotice.objects.count(), HookEvent.objects.count()) == (0, 1)  # the event itself is of today


# --- who is told, and who may have it told ---------------------------------------------------------


def test_an_event_goes_to_the_sides_it_concerns(cast: Any, open_round: Any) -> None:
    hooks = {
        "CR": add(cast.authority_cr, cast.beto)[0],
        "GT": add(cast.authority_gt, cast.ciro)[0],
        "SG": add(cast.secretariat, cast.didier)[0],
        "partner": add(cast.partner, cast.paula)[0],
        "CR, questions": add(cast.authority_cr, cast.beto, kinds=["question.asked"])[0],
    }
    by_pk = {hook.pk: name for name, hook in hooks.items()}

    def told() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for notice in HookNotice.objects.select_related("event"):
            found.setdefault(notice.event.kind, set()).add(by_pk[notice.hook_id])
        return found

    report = Report.objects.get(reference="CR-2014-1")
    entry = report.entries.all()[0]
    answer(entry, cast.ana)
    workplan.send_to_coordinator(report=report, actor=cast.ana)
    assert told() == {}  # of a draft nobody is told
    workplan.approve(report=report, actor=cast.beto)
    question = workplan.ask_question(
        report=report, activity=entry.activity, field="narrative", text="¿Cuántos?", actor=cast.denise
    )
    workplan.answer_question(question=question, text="Doce.", actor=cast.ana)
    workplan.resolve_question(question=question, actor=cast.denise)
    workplan.accept(report=report, actor=cast.denise, ratings={})
    both = {"CR", "SG"}
    assert told() == {
        "report.submitted": both,
        "question.asked": both | {"CR, questions"},
        "question.answered": both,
        "report.accepted": both,
    }


def test_only_whoever_answers_for_the_institution_has_its_systems_told(cast: Any) -> None:
    hook, _secret = add(cast.authority_cr, cast.beto)
    for person in (cast.ana, cast.bruno, cast.ciro, cast.denise, cast.didier, cast.evan, cast.paula, cast.iris):
        with pytest.raises(NotAllowed):
            add(cast.authority_cr, person)
        assert list(Webhook.objects.visible_to(person)) == []
        with pytest.raises(NotAllowed):
            services.rotate_secret(hook=hook, actor=person)
    assert list(Webhook.objects.visible_to(cast.beto)) == [hook]
    cast.beto.role_assignments.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert list(Webhook.objects.visible_to(cast.beto)) == []


def test_an_institution_has_ten_at_most_and_each_at_an_address_of_the_internet(cast: Any) -> None:
    for address in ("http://sistema.example.org/", "https://10.0.0.1/", "https://sistema.example.org:25/"):
        with pytest.raises(PortalError):
            services.add_hook(institution=cast.authority_cr, terms=HookTerms("Sistema", address, ALL), actor=cast.beto)
    terms = HookTerms("Sistema", "HTTPS://sistema.example.org/", ALL)
    hook, _secret = services.add_hook(institution=cast.authority_cr, terms=terms, actor=cast.beto)
    assert hook.url == "https://sistema.example.org/"
    for _number in range(9):
        add(cast.authority_cr, cast.beto)
    with pytest.raises(PortalError):
        add(cast.authority_cr, cast.beto)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://sistema.example.org/"},
        {"kinds": []},
        {"kinds": ["test"]},
        {"kinds": ["report.read"]},
        {"secret": ""},
        {"label": ""},
        {"ended_at": datetime(2014, 7, 31, tzinfo=UTC)},
    ],
    ids=str,
)
def test_the_database_refuses_what_must_not_be(cast: Any, wrong: dict[str, Any]) -> None:
    hook, _secret = add(cast.authority_cr, cast.beto)
    with pytest.raises(IntegrityError), transaction.atomic():
        Webhook.objects.filter(pk=hook.pk).update(**wrong)


def test_every_trace_has_words(cast: Any) -> None:
    hook, _secret = add(cast.authority_cr, cast.beto)
    services.rotate_secret(hook=hook, actor=cast.beto)
    services.test_hook(hook=hook, actor=cast.beto)
    services.pause_hook(hook=hook, actor=cast.beto)
    services.resume_hook(hook=hook, actor=cast.beto)
    services.end_hook(hook=hook, actor=cast.beto)
    verbs = AuditEvent.objects.filter(verb__startswith="webhook.", chain="CR", actor=cast.beto)
    names = ["added", "secret_replaced", "tested", "paused", "resumed", "removed"]
    assert list(verbs.order_by("seq").values_list("verb", flat=True)) == [f"webhook.{name}" for name in names]
    assert {f"webhook.{name}" for name in (*names, "stopped")} <= set(EVENT_LABELS)


# --- pages ----------------------------------------------------------------------------------------


def test_the_pages_from_adding_to_removing(client: Client, cast: Any) -> None:
    client.force_login(cast.beto)
    form = {"label": "Sistema", "institution": cast.authority_cr.public_id, "kinds": ["report.accepted"]}
    wrong = client.post(url("hook_list"), {**form, "url": "https://127.0.0.1/"})
    assert (wrong.status_code, Webhook.objects.count()) == (422, 0)
    made = client.post(url("hook_list"), {**form, "url": "https://sistema.example.org/avisos"})
    hook = Webhook.objects.get()
    secret = hook.secrets()[0].decode()
    assert secret in made.content.decode()
    detail = url("hook_detail", hook.public_id)
    assert secret not in client.get(detail).content.decode()
    client.post(url("hook_change", hook.public_id, "test"))
    page = client.get(detail).content.decode()
    assert "A test" in page
    assert "Waiting" in page
    client.post(url("hook_change", hook.public_id, "pause"))
    assert "Switch it on again" in client.get(detail).content.decode()
    client.post(url("hook_change", hook.public_id, "resume"))
    assert client.post(url("hook_change", hook.public_id, "explode")).status_code == 404
    replaced = client.post(url("hook_secret", hook.public_id)).content.decode()
    assert secret not in replaced
    assert Webhook.objects.get().secrets()[0].decode() in replaced
    assert client.get(url("hook_end", hook.public_id)).status_code == 200
    assert client.post(url("hook_end", hook.public_id)).status_code == 302
    assert client.get(detail).status_code == 404
    assert "Sistema" not in client.get(url("hook_list")).content.decode()


def test_the_list_of_notices_does_not_grow_in_queries(client: Client, cast: Any) -> None:
    hook, _secret = add(cast.authority_cr, cast.beto)
    client.force_login(cast.beto)
    page = url("hook_detail", hook.public_id)
    services.announce(HookKind.REPORT_ACCEPTED, ABOUT, Audience(everybody=True))

    def more() -> None:
        for _number in range(9):
            services.announce(HookKind.REPORT_ACCEPTED, ABOUT, Audience(everybody=True))

    assert_same_queries(client, page, more)
