"""Signing in as a browser does, for the tests of accounts."""

import time
from contextlib import contextmanager
from typing import Any
from unittest import mock

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from tests.factories.accounts import PASSWORD, TOTP_SECRET
from tests.support import forget_cache

NEW_PASSWORD = "velvet otter paints quiet bridges"


def code_now(secret: str = TOTP_SECRET, *, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def url(name: str, *args: object, language: str = "en", **query: str) -> str:
    with translation.override(language):
        return reverse(name, args=args, query=query or None)


def first_step(client: Client, email: str, password: str = PASSWORD, **extra: object) -> Any:
    return client.post(url("account_login"), {"login": email, "password": password, **extra})


def second_step(client: Client, code: str | None = None) -> Any:
    return client.post(url("mfa_authenticate"), {"code": code or code_now()})


def sign_in(client: Client, person: User, password: str = PASSWORD, **extra: object) -> Any:
    """Both steps. The code's time step is forgotten, so that a test may sign the same person in twice."""
    forget_steps(person)
    first_step(client, person.email, password, **extra)
    return second_step(client)


def forget_steps(person: User) -> None:
    for factor in person.authenticator_set.filter(type="totp"):
        factor.data.pop("last_step", None)
        factor.save()
    forget_cache()


def is_in(client: Client) -> bool:
    """Whether the next request of this browser is a signed-in one, asked of a real page."""
    return client.get(url("profile")).status_code == 200


def is_known(client: Client) -> bool:
    return SESSION_KEY in client.session


@contextmanager
def later(**delta: float) -> Any:
    """The clock of the sessions, moved on."""
    seconds = delta.get("hours", 0) * 3600 + delta.get("minutes", 0) * 60 + delta.get("seconds", 0)
    real = time.time
    with mock.patch("time.time", side_effect=lambda: real() + seconds):
        yield
