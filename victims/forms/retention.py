"""How long a record is kept."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import DatePartsField, WholeNumberField
from victims.enums import EraseReason, HoldReason, RetentionStep, Standing
from victims.forms.fields import long_text
from victims.services.retention import years_after

LONGEST_YEARS = 30


class KeepForm(forms.Form):
    until = DatePartsField(label=_("Keep until"), help_text=_("On this day somebody decides again."))
    words = long_text(_("Why it is still needed"), required=True)

    def clean_until(self) -> dt.date:
        until: dt.date = self.cleaned_data["until"]
        today = timezone.localdate()
        if until <= today or until > years_after(today, LONGEST_YEARS):
            raise ValidationError(_("Enter a day to come, at most 30 years from now"))
        return until


class EraseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=EraseReason.choices, widget=forms.RadioSelect())
    words = long_text(_("What the second person should know"))


class ConfirmForm(forms.Form):
    confirm = forms.BooleanField(label=_("I know that nobody can bring this record back"))


class HoldForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=HoldReason.choices, widget=forms.RadioSelect())
    words = long_text(_("Which proceeding, and who asked"), required=True)


class LiftForm(forms.Form):
    words = long_text(_("Why it is not needed any more"), required=True)


class BareForm(forms.Form):
    """A step that asks nothing but to be sure."""


RETENTION_FORMS: dict[str, type[forms.Form]] = {
    RetentionStep.KEEP: KeepForm,
    RetentionStep.ERASE: EraseForm,
    RetentionStep.WITHDRAW: BareForm,
    RetentionStep.CONFIRM: ConfirmForm,
    RetentionStep.DECLINE: BareForm,
    RetentionStep.HOLD: HoldForm,
    RetentionStep.LIFT: LiftForm,
}


class RulesForm(forms.Form):
    """One number for each kind of record."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Standing:
            self.fields[kind.value] = WholeNumberField(
                label=kind.label, min_value=1, max_value=LONGEST_YEARS, help_text=_("Years after the case is closed")
            )
