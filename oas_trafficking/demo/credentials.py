"""How the demo accounts sign in. Known to everybody, which is why nothing here runs outside a demonstration."""

import base64
import hashlib
import time

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import CommandError

PASSWORD = "Portal-de-prueba-2014"  # noqa: S105 - printed by demo_accounts


def require_demo() -> None:
    if not settings.OAS_DEMO:
        raise CommandError("This portal is not a demonstration (OAS_DEMO is off).")


def totp_secret(email: str) -> str:
    """The secret an authenticator app would hold; follows from the address, so that tests can sign in."""
    return base64.b32encode(hashlib.sha256(f"demo:{email}".encode()).digest()[:20]).decode()


def recovery_seed(email: str) -> str:
    return hashlib.sha512(f"demo recovery:{email}".encode()).hexdigest()[:80]


def current_code(email: str) -> str:
    return str(format_hotp_value(hotp_value(totp_secret(email), int(time.time()) // app_settings.TOTP_PERIOD)))
