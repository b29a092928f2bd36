"""The API: journey d with a key, who is turned away, and a flood that slows nobody else."""

import json
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey
from contributions import services
from contributions.models import Accreditation, Contribution
from core.testing import record_proof
from tests.factories.contributions import make_accreditation, make_at, make_draft, make_token
from tests.factories.workplan import make_open_round
from tests.support import forget_cache

ROOT = "/api/v1/contributions/"
SENT = {
    "round": "2014-1", "kind": "evidence", "visibility": "state", "language": "es", "states": ["CR"],
    "activities": ["PRO-02"], "title": "Acogida de noche", "text": "No hay casas abiertas de noche.",
    "period_from": "2014-01-01", "period_to": "2014-03-31",
}  # fmt: skip


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """What earlier tests posted is not counted against this one."""
    forget_cache()


def with_key(user: Any) -> Client:
    _token, secret = make_token(user)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, address: str, data: Any = None) -> Any:
    return client.post(address, json.dumps(data or {}), content_type="application/json")


def test_journey_d_through_the_api(partner: Any) -> None:
    client, calls = with_key(partner.paula), 0
    made = post(client, ROOT, {**SENT, "name_withheld": True})
    assert made.status_code == 201, made.content
    own = f"{ROOT}{made.json()['reference']}/"
    file = client.post(f"{own}files/", {"file": SimpleUploadedFile("casas.txt", b"Tres provincias.")})
    assert file.status_code == 201, file.content
    sent = post(client, f"{own}send/")
    calls += 3
    assert (sent.status_code, sent.json()["status"]) == (200, "sent")
    row = Contribution.objects.get()
    assert (row.shown_name, row.files.count(), row.status) == ("", 1, "sent")
    services.take_step(contribution=row, step="receive", actor=partner.denise)
    services.ask(contribution=row, text="Which provinces?", language="en", actor=partner.denise)
    services.reply(contribution=row, text="Se abrirán dos.", language="es", actor=partner.beto)
    seen = client.get(own).json()
    assert (seen["question"], seen["replies"][0]["text"]) == ("Which provinces?", "Se abrirán dos.")
    assert post(client, f"{own}answer/", {"text": "Las del norte.", "language": "es"}).status_code == 200
    assert post(client, f"{own}withdraw/").json()["status"] == "withdrawn"
    record_proof("journey_d_api", calls=calls)


def test_without_a_key_that_is_good_nobody_is_told_anything(partner: Any) -> None:
    row = make_draft(partner.paula, partner.round)
    token, secret = make_token(partner.paula)
    signed_in = Client()
    signed_in.force_login(partner.paula, backend="allauth.account.auth_backends.AuthenticationBackend")
    wrong = Client(headers={"Authorization": "Bearer oasp_wrong"})
    for client in (Client(), signed_in, wrong):
        for address in (ROOT, f"{ROOT}{row.reference}/"):
            answer = client.get(address)
            assert (answer.status_code, row.reference in answer.content.decode()) == (401, False)
        assert post(client, ROOT, SENT).status_code == 401
    good = Client(headers={"Authorization": f"Bearer {secret}"})
    assert good.get(ROOT).status_code == 200
    for ending in ({"revoked_at": timezone.now()}, {"revoked_at": None, "expires_at": timezone.now()}):
        ApiKey.objects.filter(pk=token.pk).update(created_at=timezone.now() - timedelta(days=1), **ending)
        assert good.get(ROOT).status_code == 401


def test_a_key_opens_as_much_as_its_person_may(partner: Any) -> None:
    other = make_at("received", partner, partner.round)
    client = with_key(partner.paula)
    partner.paula.role_assignments.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert client.get(ROOT).status_code == 401
    assert client.get(f"{ROOT}{other.reference}/").status_code == 401


def test_refusals_are_problems_in_words(partner: Any) -> None:
    client = with_key(partner.paula)
    named = {**SENT, "text": "La joven Yolanda Quispe, nacida el 3 de mayo de 1999, desea volver."}
    for data, status in ((named, 422), ({**SENT, "states": ["HN"]}, 403), ({**SENT, "kind": "gossip"}, 400)):
        answer = post(client, ROOT, data)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["detail"]
    assert not Contribution.objects.exists()
    Accreditation.objects.update(status="accredited", valid_to=timezone.localdate() - timedelta(days=1))
    assert post(client, ROOT, SENT).status_code == 403


# --- flood ----------------------------------------------------------------------------------------

FLOOD = """
import sys, http.client
host, port, posts, secret = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
body, accepted = sys.stdin.read(), 0
connection = http.client.HTTPConnection(host, port)
for _number in range(posts):
    connection.request("POST", "/api/v1/contributions/", body, {
        "Authorization": f"Bearer {secret}", "Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    accepted += response.status == 201
    if response.getheader("Connection") == "close":
        connection.close()
print(accepted)
"""


def seconds_of(client: Client) -> float:
    start = time.perf_counter()
    assert client.get("/en/plan/").status_code == 200
    return time.perf_counter() - start


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("posts", [70, pytest.param(10_000, marks=pytest.mark.full)])
def test_a_flood_from_one_account_is_turned_away_and_slows_nobody(
    transactional_db: None, live_server: Any, settings: Any, posts: int
) -> None:
    settings.CONTRIBUTION_POSTS = "60/min"
    from tests.factories.accounts import make_cast

    cast = make_cast()
    make_open_round(cast)
    make_accreditation(cast.partner, cast)
    _token, secret = make_token(cast.paula)
    other = Client()
    seconds_of(other)
    before = statistics.median(seconds_of(other) for _time in range(40 if posts >= 10_000 else 10))
    arguments = [sys.executable, "-c", FLOOD, live_server.thread.host, str(live_server.thread.port), str(posts), secret]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, **pipes) as flood:
        flood.stdin.write(json.dumps(SENT))
        flood.stdin.close()
        during = []
        while flood.poll() is None:
            during.append(seconds_of(other))
        accepted = int(flood.stdout.read())
    slowdown = statistics.median(during) / before
    record_proof("flood", posts=posts, accepted=accepted, slowdown=round(slowdown, 2))
    assert accepted <= 50  # open drafts of one organization
    assert Contribution.objects.count() == accepted
    if posts >= 10_000:
        assert slowdown <= 1.5
