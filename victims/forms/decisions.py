"""Reasons, decisions, teams, the search and the count."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from indicators.forms import RETURN_YEARS
from victims.enums import CODE_ALPHABET, AlertOutcome, Reason, SearchReason
from victims.forms.fields import ApproximateDateField, CountriesField, long_text, quiet, short_text


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why you need it"), choices=Reason.choices, widget=forms.RadioSelect())


class WordsForm(forms.Form):
    words = long_text(_("What the other person should know"))


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("approved", _("Approve")), ("returned", _("Return"))],
        widget=forms.RadioSelect(),
    )
    words = long_text(_("What is missing, if you return it"))


class EmergencyForm(forms.Form):
    code = short_text(_("Code of the case"), required=True, hint=_("For example CR-7Q4M-29"))
    confirm = forms.BooleanField(
        label=_("There is a risk to life or safety, and nobody of the team can be reached"), required=True
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip().upper()
        if set(code) - set(CODE_ALPHABET) - {"-", "I", "L", "O", "U"} or len(code) > 10:
            raise ValidationError(_("Enter the code as it stands in the list, for example CR-7Q4M-29"))
        return code


class AlertForm(forms.Form):
    outcome = forms.ChoiceField(label=_("What came of it"), choices=AlertOutcome.choices, widget=forms.RadioSelect())
    words = long_text(_("What you found out"), required=True, hint=_("Do not name the person of a case."))


class SearchForm(forms.Form):
    """A document with its country, or all names with a full date of birth. A part of either finds nothing, and says
    so before anything is asked."""

    reason = forms.ChoiceField(
        label=_("Why you search"),
        choices=SearchReason.choices,
        widget=forms.RadioSelect(),
        help_text=_("The access log keeps the reason and what was found, never what you typed."),
    )
    identity_number = short_text(_("Number of an identity document"))
    identity_country = CountriesField(
        label=_("Country that issued the document"), required=False, several=False, widget=quiet()
    )
    first_name = short_text(_("Given names"), hint=_("Spelling, accents and capitals do not matter."))
    second_name = short_text(_("Family names"))
    birth_date = ApproximateDateField(label=_("Date of birth"), required=False)

    PARTS = {
        ("identity_number", "identity_country"): _("Enter both the number and the country of the document"),
        ("first_name", "second_name", "birth_date"): _("Enter given names, family names and the date of birth"),
    }

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for parts, words in self.PARTS.items():
            lacking = [part for part in parts if not data.get(part) and part not in self.errors]
            if 0 < len(lacking) < len(parts):
                self.add_error(lacking[0], words)
        if data.get("birth_date") and data["birth_date"].count("-") != 2:
            self.add_error("birth_date", _("Enter day, month and year: an approximate date finds too many people"))
        if not self.errors and not any(data.get(parts[0]) for parts in self.PARTS):
            raise ValidationError(_("Enter a document with its country, or all names with a full date of birth."))
        return data

    def wanted(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for parts in self.PARTS for name in parts}


class ColleagueForm(forms.Form):
    colleague = forms.ChoiceField(label=_("Colleague"))

    def __init__(self, *args: Any, colleagues: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].choices = list(colleagues)  # type: ignore[attr-defined]


class CountForm(forms.Form):
    year = forms.TypedChoiceField(
        label=_("Year"), coerce=int, choices=[(year, str(year)) for year in reversed(RETURN_YEARS)]
    )
