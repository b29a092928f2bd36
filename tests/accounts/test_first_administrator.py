"""A new installation has nobody who could invite anybody: one command makes the first two, once."""

import io
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.enums import Role
from accounts.models import RoleAssignment, User
from core.models import AuditEvent
from tests.accounts.sign_in import first_step, url

pytestmark = pytest.mark.django_db
PASSWORD = "three-calm-otters-by-the-river"


def make(email: str = "first@oas.example", name: str = "Flora First") -> str:
    out = io.StringIO()
    call_command("first_administrator", email, name, stdout=out)
    return out.getvalue().strip()


def test_the_link_leads_to_a_password_once() -> None:
    link = urlsplit(make()).path
    user = User.objects.get(email="first@oas.example")
    assert not user.has_usable_password()
    assert list(RoleAssignment.objects.filter(user=user).values_list("role", flat=True)) == [Role.SECRETARIAT_ADMIN]
    assert AuditEvent.objects.filter(verb="role.given", system="set_up").count() == 1
    client = Client()
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    again = Client().get(link, follow=True)
    assert b"password1" not in again.content
    first_step(client, user.email, PASSWORD)
    assert client.get(url("mfa_activate_totp")).status_code == 200


def test_where_two_can_invite_and_confirm_there_is_no_third() -> None:
    make()
    make("second@oas.example")
    with pytest.raises(CommandError, match="two administrators already"):
        make("third@oas.example")
    assert not User.objects.filter(email="third@oas.example").exists()


@pytest.mark.parametrize(("email", "name"), [("no address", "A Name"), ("a@oas.example", "")])
def test_what_is_wrong_is_said(email: str, name: str) -> None:
    with pytest.raises(CommandError):
        make(email, name)
    assert not User.objects.exists()
