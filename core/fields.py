"""Form fields that accept what people type: dates in three boxes, whole numbers in any of four habits."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Sent by accounts.views.fresh with a form that had a file: the form was kept while its sender was asked who they are,
# the file was not.
LEFT_BEHIND = "-left-behind"
# 4 210, 4.210 and 4,210 are the same number; the separator must be one and the same all along.
GROUPED = re.compile(r"\d{1,3}(?:([ \u00a0\u202f.,])\d{3})(?:\1\d{3})*")


def pressed(data: Mapping[str, Any]) -> tuple[str, str]:
    """Which button of a form was sent, and for which of its rows: one reading, for the guard and for the form."""
    button, _colon, row = data.get("do", "").partition(":")
    return button, row


def month_number(text: str) -> int:
    """A month typed as a number or as a word of the page's language; 0 when it is neither."""
    word = text.strip().rstrip(".").casefold()
    if word.isdecimal():
        return int(word)
    names = [*MONTHS.items(), *MONTHS_3.items()]
    return next((number for number, name in names if str(name).casefold() == word), 0)


class DatePartsWidget(forms.MultiWidget):
    """Three boxes; components/field.html writes them, with these labels and widths."""

    use_fieldset = True
    part_labels: Sequence[Promise] = (_("Day"), _("Month"), _("Year"))
    part_widths = (2, 5, 4)

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([forms.TextInput(), forms.TextInput(), forms.TextInput()], attrs)

    def decompress(self, value: dt.date | None) -> list[str]:
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


class DatePartsField(forms.Field):
    widget = DatePartsWidget
    default_error_messages = {
        "incomplete": _("Enter day, month and year, for example 24 10 2014"),
        "invalid": _("Enter a date that exists, for example 24 10 2014"),
    }

    def to_python(self, value: list[str | None] | None) -> dt.date | None:
        parts = [(part or "").strip() for part in value or []]
        if not any(parts):
            return None
        if not all(parts):
            raise ValidationError(self.error_messages["incomplete"], code="incomplete")
        return self._date(*parts)

    def _date(self, day: str, month: str, year: str) -> dt.date:
        try:
            # A year of two digits is refused: 14 could be either century.
            return dt.date(int(year) if len(year) == 4 else 0, month_number(month), int(day))
        except (ValueError, OverflowError):  # a day of twenty digits is no day either
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class OneFileInput(forms.FileInput):
    """Tells a file that was left behind from one that never was."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return super().value_from_datadict(data, files, name) or (
            LEFT_BEHIND if f"{name}{LEFT_BEHIND}" in data else None
        )


class OneFileField(forms.FileField):
    widget = OneFileInput
    default_error_messages = {
        "left_behind": _("Choose the file again: it was not kept while you confirmed that it is you"),
    }

    def clean(self, data: Any, initial: Any = None) -> Any:
        if data == LEFT_BEHIND:
            raise ValidationError(self.error_messages["left_behind"], code="left_behind")
        return super().clean(data, initial)


class WholeNumberField(forms.IntegerField):
    """A count. "5,3" or "5 mil" is asked again, never guessed."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Enter a whole number, for example 5300")}

    def to_python(self, value: Any) -> int | None:
        text = str(value).strip() if value is not None else ""
        if text in self.empty_values:
            return None
        if GROUPED.fullmatch(text):
            text = re.sub(r"\D", "", text)
        if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text)
