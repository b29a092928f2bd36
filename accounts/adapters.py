"""What allauth asks the portal."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import translate_url
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language_from_path, override

from accounts import services
from accounts.enums import PROTECTED, RETURNING
from accounts.models import User
from accounts.permissions import has_second_factor

# Said by the page itself, or not worth a word.
SILENT = frozenset(
    {
        "account/messages/logged_in.txt",
        "mfa/messages/totp_activated.txt",
        "mfa/messages/recovery_codes_generated.txt",
        "mfa/messages/webauthn_added.txt",
    }
)


def is_fresh(request: HttpRequest, user: User) -> bool:
    """Whether the person proved who they are within five minutes, with the second factor once it is set up."""
    records = get_authentication_records(request, user)
    if request.session.get(PROTECTED):
        records = [record for record in records if record["method"] == "mfa"]
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def in_language(url: str, language: str) -> str:
    """The same page in another language, whatever the language of the address and of this request."""
    with override(get_language_from_path(url)):
        return translate_url(url, language)


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves, and no answer tells whether an account exists."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A deactivated account answers like a wrong password."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Signing in counts as fresh too: otherwise the first set-up would ask for the password a second time."""
        return not is_fresh(context.request, context.request.user)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """The password alone is never enough for somebody who has a second factor."""
        methods = super().get_reauthentication_methods(user)
        return [m for m in methods if m["id"] != "reauthenticate"] if has_second_factor(user) else methods

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Go on in the person's language; but back at an interrupted page, in the language it had."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if not request.session.pop(RETURNING, None):
            response["Location"] = in_language(response["Location"], user.language)
        return response

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        services.notify_of_change(user=user, change=template_prefix.rpartition("/")[2])


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of the second factor are encrypted at rest, and the last factor stays."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Ending one's other sessions leaves a trace: it is what somebody does who fears for their account."""

    def end_sessions(self, sessions: Sequence[UserSession]) -> None:
        super().end_sessions(sessions)
        if sessions:
            user = sessions[0].user
            services.note_ended_sessions(user=user, count=len(sessions))
            if context.request.POST.get("keys"):
                services.end_keys(user=user, actor=user)


def _cipher() -> Fernet:
    key = salted_hmac("accounts.second_factor", "", secret=settings.FACTOR_KEY, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(key))
