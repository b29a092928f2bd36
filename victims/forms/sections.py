"""Sections of the record, made from the catalog of fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import WholeNumberField
from victims import queries
from victims.enums import Standing
from victims.forms.fields import ApproximateDateField, CountriesField, long_text, one_of, quiet, short_text, some_of


def _made(field: queries.Field) -> forms.Field:
    label = field.label
    if field.kind == "choice":
        return one_of(label, queries.choices(field.codes))
    if field.kind == "multi":
        return some_of(label, queries.choices(field.codes))
    if field.kind == "number":
        return WholeNumberField(label=label, required=False, max_value=120)
    if field.kind == "date":
        return ApproximateDateField(label=label, required=False)
    if field.kind in {"country", "countries"}:
        return CountriesField(label=label, required=False, several=field.kind == "countries", widget=quiet())
    return long_text(label) if field.kind == "long" else short_text(label)


class SectionForm(forms.Form):
    """One section of the record, made from the catalog of fields."""

    version = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, fields: Sequence[queries.Field], *args: Any, with_standing: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalog = list(fields)
        if with_standing:
            self.fields["standing"] = one_of(_("What was found"), Standing.choices, radio=True, required=True)
            self.initial["standing"] = with_standing
        for field in self.catalog:
            self.fields[field.name] = _made(field)
        declined = some_of(_("The person preferred not to say"), [(f.name, f.label) for f in self.catalog])
        declined.help_text = _("Whatever you leave blank above counts as not asked yet.")
        self.fields[queries.OWN_WORDS] = declined
        mine = {field.name for field in self.catalog}
        self.initial[queries.OWN_WORDS] = [n for n in self.initial.get(queries.OWN_WORDS, []) if n in mine]

    def merged(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """All facts as they shall stand: this section's answers in the place of the former ones."""
        mine = [field.name for field in self.catalog]
        kept = {name: value for name, value in before.items() if name not in {*mine, queries.OWN_WORDS}}
        answers = {n: self.cleaned_data[n] for n in mine if self.cleaned_data[n] not in (None, "", [])}
        declined = [n for n in before.get(queries.OWN_WORDS, []) if n not in mine]
        declined += [n for n in self.cleaned_data[queries.OWN_WORDS] if n not in answers]
        return {**kept, **answers, **({queries.OWN_WORDS: declined} if declined else {})}
