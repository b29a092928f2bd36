import pytest
from django.test import Client

from tests.accounts.sign_in import first_step, second_step, sign_in, url, forget_throttles

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    forget_throttles()


def test_walk(cast, client):
    r = client.get(url("account_login"))
    assert r.status_code == 200
    r = first_step(client, "ana@example.org")
    assert r.status_code == 302, r.content.decode()
    assert r["Location"] == url("mfa_authenticate")
    r = client.get(r["Location"])
    assert r.status_code == 200
    r = second_step(client)
    assert r.status_code == 302, r.content.decode()[:3000]
    assert r["Location"] == "/en/home/"
    for name in (
        "mfa_index",
        "mfa_view_recovery_codes",
        "usersessions_list",
        "account_change_password",
        "account_logout",
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
    ):
        r = client.get(url(name))
        print(name, r.status_code, r.get("Location"))
