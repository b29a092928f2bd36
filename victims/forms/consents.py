"""What somebody is asked before anything is kept, and later."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import State
from core.fields import DatePartsField
from victims import queries
from victims.enums import FieldClass, GivenBy, Manner, Purpose
from victims.services import Answer


class ConsentForm(forms.Form):
    """What was asked and answered: one purpose, the classes one by one."""

    given = forms.ChoiceField(
        label=_("Did the person agree?"), choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect()
    )
    classes = forms.MultipleChoiceField(
        label=_("What may be kept or shared"),
        choices=FieldClass.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Only what the person agreed to."),
    )
    explained = forms.MultipleChoiceField(
        label=_("What was explained"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    given_by = forms.ChoiceField(label=_("Who answered"), choices=GivenBy.choices, widget=forms.RadioSelect())
    manner = forms.ChoiceField(label=_("How"), choices=Manner.choices, widget=forms.RadioSelect())
    language = forms.ChoiceField(label=_("In which language"))
    interpreter = forms.BooleanField(label=_("With an interpreter"), required=False)
    expires_on = DatePartsField(
        label=_("Until when it holds"), required=False, help_text=_("Leave blank if it has no end.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["explained"].choices = queries.choices("explained")  # type: ignore[attr-defined]
        self.fields["language"].choices = queries.choices("language")  # type: ignore[attr-defined]
        self.initial.setdefault("given_by", GivenBy.PERSON)
        self.initial.setdefault("manner", Manner.SPOKEN)
        self.initial.setdefault("language", "spa")

    def clean_expires_on(self) -> dt.date | None:
        until: dt.date | None = self.cleaned_data["expires_on"]
        if until and until <= timezone.localdate():
            raise ValidationError(_("Enter a day to come"))
        return until

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("given") == "yes" and "classes" in data and not data["classes"]:
            self.add_error("classes", _("Say what the person agreed to."))
        return data

    def answer(self) -> Answer:
        names = ("classes", "explained", "given_by", "manner", "language", "interpreter", "expires_on")
        return Answer(given=self.cleaned_data["given"] == "yes", **{name: self.cleaned_data[name] for name in names})


class FurtherConsentForm(ConsentForm):
    """A consent of a record that exists: for which purpose, and for whom."""

    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices, widget=forms.RadioSelect())
    recipient = forms.ModelChoiceField(
        State.objects.none(), label=_("Which State would receive it"), required=False, to_field_name="iso2"
    )
    field_order = ("purpose", "recipient")

    def __init__(self, *args: Any, home: str, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = State.objects.visible_to(user).exclude(iso2=home)
        self.fields["recipient"].queryset = states  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (data.get("purpose") == Purpose.RECIPIENT) != bool(data.get("recipient")):
            self.add_error("recipient", _("Name a State if the consent is to share, and only then."))
        return data

    def recipient_code(self) -> str:
        state = self.cleaned_data["recipient"]
        return state.iso2 if state else ""


class FirstConsentForm(ConsentForm):
    """Consent to keep a record. Asked before anything else is written down."""

    agrees_to_services = forms.BooleanField(label=_("The person also agrees to receive services"), required=False)
