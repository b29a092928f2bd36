"""A spreadsheet of answers."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from workplan.enums import (
    Channel,
    Refusal,
)
from workplan.imports import MAX_BYTES, MAX_ROWS
from workplan.models import Report


class ConfirmImportForm(forms.Form):
    without = forms.IntegerField(required=False, min_value=0, max_value=MAX_ROWS)


class ReportChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, report: Report) -> str:
        name = report.state.name if report.state else _("General Secretariat")
        return f"{name}, {report.round.code}"


class ImportForm(forms.Form):
    """A filled-in spreadsheet for one report. The channel is asked of the Secretariat alone, for a State's."""

    report = ReportChoice(label=_("Report"), queryset=Report.objects.none(), to_field_name="reference")
    channel = forms.ChoiceField(
        label=_("How the State’s answers came"), choices=[("", ""), *Channel.choices], required=False
    )
    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("The portal’s template as XLSX, or its columns as CSV in UTF-8. Up to 5 MB."),
        error_messages={"required": _("Choose a file"), "empty": Refusal.EMPTY.label},
        widget=forms.FileInput(
            attrs={
                "accept": ".xlsx,.csv",
                "data-portal-max": MAX_BYTES,
                "data-portal-too-large": _("The file is larger than 5 MB."),
            }
        ),
    )

    def __init__(self, *args: Any, reports: QuerySet[Report], for_states: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(ReportChoice, self.fields["report"]).queryset = reports
        if not for_states:
            del self.fields["channel"]
