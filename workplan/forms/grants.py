"""Entries handed to somebody."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.fields import DatePartsField
from workplan.models import ReportEntry
from workplan.services import GrantTerms


class EntryChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, entry: ReportEntry) -> str:
        return f"{entry.report.reference} · {entry.activity.number} {entry.activity.title}"


class GrantForm(forms.Form):
    """Hand entries to somebody of the own State."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), to_field_name="public_id")
    valid_to = DatePartsField(
        label=_("Last day"), help_text=_("From the day after, the entries are closed to this person.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
    entries = EntryChoice(label=_("Entries"), queryset=ReportEntry.objects.none(), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: QuerySet[User], entries: QuerySet[ReportEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[User]", self.fields["person"]).queryset = people
        cast(EntryChoice, self.fields["entries"]).queryset = entries

    def terms(self) -> GrantTerms:
        return GrantTerms(reason=self.cleaned_data["reason"], valid_to=self.cleaned_data["valid_to"])
