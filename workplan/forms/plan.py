"""Filters of the plan and of the States; a new period."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import DatePartsField
from workplan.enums import (
    Responsible,
    Theme,
)


class PlanFilterForm(forms.Form):
    theme = forms.ChoiceField(label=_("Theme"), required=False, choices=[("", _("All themes")), *Theme.choices])
    responsible = forms.ChoiceField(
        label=_("Responsible"), required=False, choices=[("", _("All")), *Responsible.choices]
    )

    def wanted(self) -> dict[str, str]:
        """The filters that hold; an unknown value in the address is no filter."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class StateFilterForm(forms.Form):
    grouping = forms.ChoiceField(label=_("Sub-regional grouping"), required=False)

    def __init__(self, data: Mapping[str, Any], *, groupings: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["grouping"].choices = [("", _("All States")), *groupings]  # type: ignore[attr-defined]

    def wanted(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("grouping", ""))


class RoundForm(forms.Form):
    code = forms.RegexField(
        r"^[0-9]{4}-[0-9]$",
        label=_("Code"),
        help_text=_("Year and half-year, for example 2014-2"),
        error_messages={"invalid": _("Enter a year, a hyphen and a number, for example 2014-2")},
    )
    period_start = DatePartsField(label=_("First day of the period"))
    period_end = DatePartsField(label=_("Last day of the period"))
    due_on = DatePartsField(label=_("Reports are due on"))
