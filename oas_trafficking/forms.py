"""Filters of the audit trail."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oas_trafficking.presenters import EVENT_LABELS


def _chain_label(chain: str) -> str:
    names = {"platform": _("The portal"), "SG": _("General Secretariat")}
    return str(names.get(chain, chain))


class AuditFilterForm(forms.Form):
    chain = forms.ChoiceField(label=_("Trail"), required=False)
    person = forms.CharField(label=_("Person"), required=False, max_length=120)
    verb = forms.ChoiceField(label=_("What happened"), required=False)
    about = forms.CharField(label=_("Reference"), required=False, max_length=64)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, chains: Sequence[str]) -> None:
        super().__init__(data)
        self.chains = chains
        self.fields["chain"].choices = [(chain, _chain_label(chain)) for chain in chains]  # type: ignore[attr-defined]
        self.fields["verb"].choices = [("", _("Everything")), *EVENT_LABELS.items()]  # type: ignore[attr-defined]
        if len(chains) == 1:
            del self.fields["chain"]

    @property
    def chosen_chain(self) -> str:
        return self.cleaned_data.get("chain") or self.chains[0]
