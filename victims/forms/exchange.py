"""Records from and into spreadsheets of HTCDS 2.0."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Spreadsheet of HTCDS 2.0"),
        help_text=_("An .xlsx workbook of at most 2 MB and 200 records. All of it is taken, or nothing."),
    )
    confirm = forms.BooleanField(label=_("Each of these people agreed, on paper, to be kept in the portal"))


class ExportForm(forms.Form):
    """A password of the exporter's own choice; the portal does not keep it."""

    cases = forms.MultipleChoiceField(label=_("Cases to take away"), widget=forms.CheckboxSelectMultiple())
    password = forms.CharField(
        label=_("Password of the file"),
        min_length=15,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 15 characters. Tell it by another way than the file takes; the portal does not keep it."),
    )

    def __init__(self, *args: Any, codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cases"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
