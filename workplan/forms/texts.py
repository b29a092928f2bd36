"""Fields for longer texts, and for what may stay blank in a draft."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class LongTextField(forms.CharField):
    """Browsers send CR LF; one form of a line break, or the same text would count as changed."""

    def to_python(self, value: Any) -> str:
        return super().to_python(str(value or "").replace("\r\n", "\n")) or ""


class DraftTextField(LongTextField):
    """Wanted in the end, so not called optional; a draft may still leave it blank."""

    def validate(self, value: str) -> None:
        """Blank passes here; the form knows when it must not."""


def long_text(
    label: Any,
    rows: int,
    limit: int,
    help_text: Any = "",
    *,
    required: bool = False,
    kind: type[LongTextField] = LongTextField,
) -> LongTextField:
    too_long = format_lazy("{}: {}", label, _("use at most %(limit_value)d characters; these are %(show_value)d"))
    return kind(
        label=label,
        max_length=limit,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"max_length": too_long},
    )


class DraftChoiceField(forms.ChoiceField):
    """As DraftTextField."""

    def validate(self, value: str) -> None:
        if value not in self.empty_values:
            super().validate(value)
