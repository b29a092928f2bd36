"""manage.py check --deploy refuses settings under which the promises about signing in do not hold."""

from datetime import timedelta

import pytest

from core.checks import safe_sign_in


@pytest.fixture
def production(settings):
    """Settings as an installation has them: those of the tests, without their shortcuts."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
    settings.ALLOWED_HOSTS = ["portal.example.org"]
    settings.PORTAL_ADDRESS = "https://portal.example.org"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.SESSION_COOKIE_NAME = "__Host-sid"
    settings.SESSION_COOKIE_SECURE = True
    return settings


def found():
    return {error.id for error in safe_sign_in(None)}


def test_a_proper_installation_has_nothing_to_mend(production):
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", True, "accounts.E001"),
        ("ALLOWED_HOSTS", ["*"], "accounts.E002"),
        ("ALLOWED_HOSTS", [".example.org", "portal.example.org"], "accounts.E002"),
        ("ALLOWED_HOSTS", ["other.example.org"], "accounts.E002"),
        ("PORTAL_ADDRESS", "http://portal.example.org", "accounts.E002"),
        ("MFA_SUPPORTED_TYPES", ["totp", "recovery_codes"], "accounts.E003"),
        ("PASSWORD_HASHERS", ["django.contrib.auth.hashers.PBKDF2PasswordHasher"], "accounts.E004"),
        ("SESSION_COOKIE_SECURE", False, "accounts.E005"),
        ("SESSION_COOKIE_HTTPONLY", False, "accounts.E005"),
        ("SESSION_COOKIE_SAMESITE", "None", "accounts.E005"),
        ("SESSION_COOKIE_NAME", "sid", "accounts.E005"),
        ("SESSION_COOKIE_DOMAIN", "example.org", "accounts.E005"),
        ("SESSION_COOKIE_PATH", "/portal", "accounts.E005"),
        ("CSRF_USE_SESSIONS", False, "accounts.E005"),
        ("SESSION_IDLE_LIMIT", timedelta(minutes=16), "accounts.E006"),
        ("SESSION_ABSOLUTE_LIMIT", timedelta(hours=9), "accounts.E006"),
        ("ACCOUNT_REAUTHENTICATION_TIMEOUT", 301, "accounts.E006"),
    ],
)
def test_each_mistake_is_found(production, name, value, code):
    setattr(production, name, value)
    assert found() == {code}


def test_argon_second_is_not_first(production):
    hashers = ["PBKDF2PasswordHasher", "Argon2PasswordHasher"]
    production.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}" for name in hashers]
    assert found() == {"accounts.E004"}
