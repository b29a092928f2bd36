"""Mails of accounts: in the recipient's language, without content beyond what happened and a link."""

from base64 import urlsafe_b64encode

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Invitation, User

# What allauth calls a change, and what we say.
CHANGES = {
    "password_changed": gettext_lazy("Your password was changed."),
    "password_reset": gettext_lazy("Your password was changed with a link sent to this address."),
    "totp_activated": gettext_lazy("An authenticator app was added to your account."),
    "totp_deactivated": gettext_lazy("The authenticator app was removed from your account."),
    "webauthn_added": gettext_lazy("A passkey was added to your account."),
    "webauthn_removed": gettext_lazy("A passkey was removed from your account."),
    "recovery_codes_generated": gettext_lazy("New recovery codes were made; the old ones no longer work."),
}


def address(name: str, *args: object) -> str:
    """Absolute address of a page, in the active language."""
    return settings.PORTAL_ADDRESS + reverse(name, args=args)


def invitation_token(invitation: Invitation) -> str:
    """The secret of an invitation's link: computed, so that neither the database nor a task ever holds it."""
    digest = salted_hmac(
        "accounts.invitation", f"{invitation.public_id}:{invitation.issue}", algorithm="sha256"
    ).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def send_invitation(invitation_id: int) -> None:
    """Only what the link needs: an invitation revoked or sent again meanwhile gets no mail from this task."""
    invitation = Invitation.objects.usable().filter(pk=invitation_id).first()
    if invitation is None:
        return
    with translation.override(invitation.language):
        url = address("invitation", invitation_token(invitation))
        body = render_to_string("accounts/mail/invitation.txt", {"url": url, "invitation": invitation})
        send_mail(_("Invitation to the portal"), body, None, [invitation.email])


def send_notice(user_id: int, change: str) -> None:
    user = User.objects.get(pk=user_id)
    with translation.override(user.language):
        context = {"what": str(CHANGES[change]), "url": address("mfa_index")}
        body = render_to_string("accounts/mail/notice.txt", context)
        send_mail(_("Your account on the portal was changed"), body, None, [user.email])


def send_reset(user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    token = default_token_generator.make_token(user)
    with translation.override(user.language):
        url = address("account_reset_password_from_key", user_pk_to_url_str(user), token)
        body = render_to_string("accounts/mail/reset.txt", {"url": url})
        send_mail(_("Choose a new password"), body, None, [user.email])
