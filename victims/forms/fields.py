"""Fields that the forms of records share: approximate dates, countries, short and long texts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields import DatePartsField
from victims import queries

NOT_ASKED, NOT_CHOSEN = ("", _("Not asked yet")), ("", "—")

TEXT, LONG = 200, 4000


class ApproximateDateField(DatePartsField):
    """A date as far as it is known: a day, a month or a year. Kept as text, 2013-05; nothing has to be invented."""

    default_error_messages = {
        "incomplete": _("Enter at least the year, for example 2013, or 5 2013"),
        "invalid": _("Enter a date that exists, for example 24 10 2014, or only what is known"),
    }

    def to_python(self, value: Any) -> Any:
        day, month, year = ((part or "").strip() for part in value or ("", "", ""))
        if not (day or month or year):
            return ""
        if not year or (day and not month):
            raise ValidationError(self.error_messages["incomplete"], code="incomplete")
        found = self._date(day or "1", month or "1", year)
        return f"{found:%Y}" if not month else f"{found:%Y-%m}" if not day else f"{found:%Y-%m-%d}"

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            parts = [str(int(part)) for part in value.split("-")] if value else []
            return [*[""] * (3 - len(parts)), *reversed(parts)]
        return value


class CountriesField(forms.CharField):
    """Typed by name in any of the four languages, or by code: shorter than a list of 250."""

    def __init__(self, *, several: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.several = several
        self.help_text = _("Names, with commas between them") if several else ""

    def clean(self, value: Any) -> Any:
        words = [word for word in (super().clean(value) or "").split(",") if word.strip()]
        found = {word.strip(): queries.country_code(word) for word in words}
        if unknown := [word for word, code in found.items() if code is None]:
            raise ValidationError(_("The portal knows no country “%(name)s”") % {"name": unknown[0]})
        if not self.several and len(found) > 1:
            raise ValidationError(_("Enter one country"))
        codes = [code for code in found.values() if code]
        return codes if self.several else "".join(codes)

    def prepare_value(self, value: Any) -> Any:
        codes = [value] if isinstance(value, str) else value or []
        return ", ".join(queries.country_name(code) if len(code) == 2 else code for code in codes)


def one_of(
    label: Any, choices: Sequence[Any], *, radio: bool = False, required: bool = False, blank: Any = NOT_ASKED
) -> forms.ChoiceField:
    offered = list(choices) if radio else [blank, *choices]
    widget = forms.RadioSelect() if radio else forms.Select()
    return forms.ChoiceField(label=label, choices=offered, required=required, widget=widget)


def some_of(label: Any, choices: Sequence[Any]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), required=False, widget=forms.CheckboxSelectMultiple()
    )


def short_text(label: Any, *, required: bool = False, hint: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=TEXT, required=required, help_text=hint, widget=quiet())


def long_text(label: Any, *, required: bool = False, hint: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=LONG, required=required, help_text=hint, widget=area)


def quiet() -> forms.TextInput:
    """No browser on a shared computer offers the name of a person to the next one."""
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
