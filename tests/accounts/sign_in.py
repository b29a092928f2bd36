"""Signing in as a browser does, for the tests of accounts."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.factories.accounts import PASSWORD, TOTP_SECRET


def code_now(secret: str = TOTP_SECRET, *, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def url(name: str, *args: object, language: str = "en") -> str:
    with translation.override(language):
        return reverse(name, args=args)


def first_step(client: Client, email: str, password: str = PASSWORD, **extra: object):
    return client.post(url("account_login"), {"login": email, "password": password, **extra})


def second_step(client: Client, code: str | None = None):
    return client.post(url("mfa_authenticate"), {"code": code or code_now()})


def sign_in(client: Client, email: str, password: str = PASSWORD):
    first_step(client, email, password)
    return second_step(client)


def forget_throttles() -> None:
    cache.clear()
