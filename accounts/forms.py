"""Forms of signing in, in the words of the portal, and of people and roles."""

from typing import Any, cast

import qrcode
from allauth.account import forms as account_forms
from allauth.account.fields import SetPasswordField
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts import permissions, services
from accounts.enums import (
    KEY_LIFETIMES,
    ROLE_HINTS,
    UNCHOSEN_HOOKS,
    HookKind,
    Identified,
    InstitutionKind,
    KeyScope,
    Language,
    NoteRefusal,
    Role,
    time_zones,
)
from accounts.models import Institution, Invitation, State, User
from core.exceptions import PortalError
from core.fields import DatePartsField, OneFileField, OneFileInput
from core.i18n import column_suffix

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


class UserTokenForm(account_forms.UserTokenForm):
    def _get_user(self, uidb36: str) -> User | None:
        """A link sent before the account was closed opens nothing."""
        user = super()._get_user(uidb36)
        return user if user is not None and user.is_active else None


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

    user: User
    is_signed_in = False

    def clean_code(self) -> str:
        try:
            return self._spent(super().clean_code())  # type: ignore[misc]
        except ValidationError:
            services.note_refused_factor(user=self.user, kind="code", is_signed_in=self.is_signed_in)
            raise

    def _spent(self, code: str) -> str:
        if not services.spend_code(authenticator=self.authenticator, code=code):  # type: ignore[attr-defined]
            raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class CodeForm(SingleUse, mfa_forms.AuthenticateForm):
    pass


class FreshCodeForm(SingleUse, mfa_forms.ReauthenticateForm):
    is_signed_in = True


class NotedPasskey:
    """A passkey that is refused goes into the trail, like a wrong code."""

    user: User | None
    is_signed_in = False

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            services.note_refused_factor(user=self.user, kind="passkey", is_signed_in=self.is_signed_in)
            raise


class PasskeyForm(NotedPasskey, AuthenticateWebAuthnForm):
    """The second step, after the password."""


class PasskeyAloneForm(NotedPasskey, LoginWebAuthnForm):
    """Whose account it should be, only a passkey that is accepted tells."""


class FreshPasskeyForm(NotedPasskey, ReauthenticateWebAuthnForm):
    is_signed_in = True


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


# --- people ---------------------------------------------------------------------------------------


class InstitutionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Institutions by a key that tells nothing, with the State before the name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Institution.objects.none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, institution: Institution) -> str:
        return institution.with_state


class ProfileForm(forms.Form):
    full_name = forms.CharField(label=_("Full name"), max_length=120)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        help_text=_("Of the pages after you sign in, and of mails to you."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)


class InviteeForm(forms.Form):
    full_name = forms.CharField(label=_("Full name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("Of the person, not of an office."))
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=Language.choices)

    def invitee(self) -> services.Invitee:
        return services.Invitee(**{name: self.cleaned_data[name] for name in ("email", "full_name", "language")})


class InstitutionForm(forms.Form):
    """Sent by GET: which roles there are depends on the institution."""

    institution = InstitutionField(label=_("Institution"), empty_label=None)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(InstitutionField, self.fields["institution"])
        field.queryset = permissions.managed_institutions(actor).order_by("state__iso2", "name")


class TeamFilterForm(forms.Form):
    text = forms.CharField(label=_("Name or address"), required=False, max_length=80)
    state = forms.ModelChoiceField(
        label=_("State"), queryset=State.objects.all(), to_field_name="iso2", required=False, empty_label=_("All")
    )
    everybody = forms.ChoiceField(
        label=_("People"), choices=[("", _("With a role")), ("yes", _("All, also without a role"))], required=False
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not permissions.can_record_appointments(actor):
            del self.fields["state"]

    def chosen(self) -> dict[str, Any]:
        """What was asked for; a value that does not exist asks for nothing."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return {**chosen, "everybody": bool(chosen.get("everybody"))}


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, actor: User, institution: Institution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["role"])
        possible = permissions.roles_to_give(actor, institution)
        field.choices = [(role.value, role.label) for role in Role if role in possible]
        field.choice_hints = ROLE_HINTS  # type: ignore[attr-defined]


class InvitationForm(RoleForm, InviteeForm):
    field_order = ["full_name", "email", "language", "role"]


class GiveRoleForm(RoleForm):
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class AcceptForm(forms.Form):
    full_name = forms.CharField(label=_("Your full name"), max_length=120)
    password = SetPasswordField(label=_("Password"), help_text=password_advice())

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["full_name"].initial = invitation.full_name
        self.fields["password"].widget.attrs.pop("placeholder", None)
        # The person as they will be, so that the password is compared with their name and address.
        person = User(email=invitation.email, full_name=invitation.full_name)
        self.fields["password"].user = person  # type: ignore[attr-defined]


class NoteField(OneFileField):
    """The note verbale; what can be told at once is told in the form, the rest by the check behind it."""

    default_error_messages = {"required": _("Choose a file"), "empty": NoteRefusal.EMPTY.label}

    def __init__(self, **kwargs: Any) -> None:
        limit = {"data-portal-max": settings.MAX_UPLOAD_BYTES, "data-portal-too-large": NoteRefusal.TOO_LARGE.label}
        super().__init__(widget=OneFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png", **limit}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> services.NoteFile | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        file = services.NoteFile(name=upload.name, content=upload.read())
        try:
            services.check_note(file)
        except PortalError as refusal:
            raise ValidationError(str(refusal.message)) from refusal
        return file


class AppointmentForm(InviteeForm):
    institution = InstitutionField(label=_("National authority"))
    reference = forms.CharField(label=_("Reference of the note verbale"), max_length=80)
    note_date = DatePartsField(label=_("Date of the note verbale"))
    in_force_from = DatePartsField(label=_("In force from"))
    file = NoteField(
        label=_("The note verbale, if you have it"),
        required=False,
        help_text=_("One PDF, JPG or PNG file of up to 10 MB. It can follow later."),
    )

    field_order = ["institution", "reference", "note_date", "in_force_from", "file", "full_name", "email", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authorities = Institution.objects.current().filter(kind=InstitutionKind.AUTHORITY)
        field = cast(InstitutionField, self.fields["institution"])
        field.queryset = authorities.select_related("state").order_by(f"state__name_{column_suffix()}", "name")

    def note(self) -> services.Note:
        data = self.cleaned_data
        return services.Note(reference=data["reference"], dated=data["note_date"], in_force_from=data["in_force_from"])


class NoteForm(forms.Form):
    file = NoteField(label=_("The note verbale"), help_text=_("One PDF, JPG or PNG file of up to 10 MB."))


class FactorResetForm(forms.Form):
    identified = forms.ChoiceField(
        label=_("How did you make sure who asks?"), choices=Identified.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("What happened"), max_length=300)


class HandoverForm(forms.Form):
    successor = forms.ModelChoiceField(
        label=_("Who takes over"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody: end the roles and keep the work with the institution"),
        widget=forms.RadioSelect,
        to_field_name="public_id",
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
    confirmed = forms.BooleanField(label=_("I have looked at what is open and want to close this account"))

    def __init__(self, *args: Any, candidates: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[User]", self.fields["successor"]).queryset = candidates


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Somebody who has left since the page was made is passed over: there is nothing to decide any more."""

    def __init__(self, *, required: bool) -> None:
        super().__init__(queryset=User.objects.none(), required=required, to_field_name="public_id")

    def clean(self, value: Any) -> Any:
        known = {str(public_id) for public_id in self.queryset.values_list("public_id", flat=True)}  # type: ignore[union-attr]
        return super().clean([item for item in value or [] if item in known])


class ReviewForm(forms.Form):
    shown = PeopleField(required=True)  # the rows of the page: of nobody else is anything decided
    staying = PeopleField(required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            cast("forms.ModelMultipleChoiceField[User]", field).queryset = people


class KeyForm(forms.Form):
    """A key to the API."""

    label = forms.CharField(label=_("What it is for"), max_length=80)
    institution = InstitutionField(label=_("In whose name"), empty_label=None)
    scope = forms.ChoiceField(
        label=_("What it opens"), choices=KeyScope, initial=KeyScope.READ, widget=forms.RadioSelect
    )
    days = forms.TypedChoiceField(label=_("How long"), choices=KEY_LIFETIMES, coerce=int, initial=90)

    def __init__(self, *args: Any, institutions: QuerySet[Institution], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(InstitutionField, self.fields["institution"])
        field.queryset = institutions
        field.initial = institutions[0].public_id

    def terms(self) -> services.KeyTerms:
        data = self.cleaned_data
        return services.KeyTerms(label=data["label"], scope=data["scope"], days=data["days"])


class HookForm(forms.Form):
    """A system of an institution, and what it is told of."""

    label = forms.CharField(label=_("Which system"), max_length=80)
    institution = InstitutionField(label=_("Institution"), empty_label=None)
    url = forms.CharField(
        label=_("Its address"),
        help_text=_("Begins with https:// and names a machine on the Internet."),
        max_length=300,
        widget=forms.URLInput,
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is told of"),
        choices=[choice for choice in HookKind.choices if choice[0] not in UNCHOSEN_HOOKS],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, institutions: QuerySet[Institution], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(InstitutionField, self.fields["institution"])
        field.queryset = institutions
        field.initial = institutions[0].public_id

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            return services.accepted_url(url)
        except PortalError as refusal:
            raise ValidationError(str(refusal.message)) from refusal

    def wanted(self) -> dict[str, Any]:
        data = self.cleaned_data
        terms = services.HookTerms(label=data["label"], url=data["url"], kinds=data["kinds"])
        return {"institution": data["institution"], "terms": terms}


class SavedViewForm(forms.Form):
    """The name of a view, and whether one's institution sees it."""

    name = forms.CharField(label=_("Name"), max_length=80)
    institution = InstitutionField(
        label=_("Share with"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("The name and the filters are shared. Each reader sees in the list what they may see."),
    )
    pin = forms.BooleanField(label=_("Put it on my start page"), required=False)

    def __init__(self, *args: Any, institutions: QuerySet[Institution], is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(InstitutionField, self.fields["institution"]).queryset = institutions
        if not is_new:
            del self.fields["pin"]

    def terms(self) -> services.ViewTerms:
        return services.ViewTerms(name=self.cleaned_data["name"], institution=self.cleaned_data["institution"])
