"""Forms of signing in, in the words of the portal, and of people and roles."""

from typing import Any

import qrcode
from allauth.account import forms as account_forms
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts import services

password_advice = lazy(lambda: " ".join(password_validators_help_texts()), str)


class PlainFields:
    """Gives allauth's fields our labels and takes the placeholders away: they vanish as one types."""

    words: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.words.get(name, field.label)
            field.help_text = self.hints.get(name, "")


class LoginForm(PlainFields, account_forms.LoginForm):
    words = {"login": _("E-mail address")}


class ReauthenticateForm(PlainFields, account_forms.ReauthenticateForm):
    pass


class NewPassword(PlainFields):
    """Typed once and shown on demand: a second field only adds typing errors."""

    words = {"oldpassword": _("Current password"), "password1": _("New password")}
    hints = {"password1": password_advice()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)


class ResetPasswordKeyForm(NewPassword, account_forms.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(NewPassword, account_forms.ChangePasswordForm):
    pass


class ResetPasswordForm(PlainFields, account_forms.ResetPasswordForm):
    words = {"email": _("E-mail address")}

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """The mail goes out by a task, known account or not: the answer is the same and takes as long."""
        services.ask_for_reset(user=self.users[0] if self.users else None)
        return str(self.cleaned_data["email"])


class SingleUse(PlainFields):
    """A code of the app works once, wherever it is typed."""

    words = {"code": _("Code from your app, or a recovery code")}

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if not services.spend_code(authenticator=self.authenticator, code=code):  # type: ignore[attr-defined]
            raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class CodeForm(SingleUse, mfa_forms.AuthenticateForm):
    pass


class FreshCodeForm(SingleUse, mfa_forms.ReauthenticateForm):
    pass


class ActivateAppForm(PlainFields, ActivateTOTPForm):
    words = {"code": _("Six-digit code shown by the app")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}

    @property
    def key_parts(self) -> list[str]:
        """The key in groups of four, as people copy it."""
        return [self.secret[i : i + 4] for i in range(0, len(self.secret), 4)]

    @property
    def qr(self) -> dict[str, Any]:
        """Drawn in the page: our content policy takes no image from a data address."""
        code = qrcode.QRCode(border=2)
        code.add_data(get_mfa_adapter().build_totp_url(self.user, self.secret))
        rows = code.get_matrix()
        dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
        return {"size": len(rows), "path": "".join(dark)}


class AddPasskeyForm(PlainFields, AddWebAuthnForm):
    words = {"name": _("Name of this device"), "passwordless": _("Sign in with this passkey alone, without password")}
    hints = {"name": _("To tell your passkeys apart, for example “Office laptop”.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
