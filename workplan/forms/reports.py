"""Forms of those who approve, answer, file and ask for more time."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Institution
from core.fields import DatePartsField
from workplan.enums import (
    Channel,
    Decision,
)
from workplan.forms.texts import DraftTextField, long_text
from workplan.models import Report
from workplan.queries import bodies_of
from workplan.services import Filing, Verdict


class NoteForm(forms.Form):
    """A word to the author with a report that goes back."""

    note = long_text(_("Note to the author"), 4, 2000, _("What is to be changed."), required=True)


class ApprovalForm(forms.Form):
    """`report` says in whose name it can be sent."""

    seen = forms.CharField(widget=forms.HiddenInput)
    on_behalf_of = forms.ModelChoiceField(
        Institution.objects.none(),
        label=_("On behalf of"),
        help_text=_("The body in whose name the report is sent. It is printed on the receipt."),
        empty_label=None,
        error_messages={"required": _("Choose in whose name the report is sent.")},
    )
    declaration = forms.BooleanField(
        label=_("I have read this report. It may be sent to the Secretariat in the name of the State."),
        error_messages={"required": _("Confirm that you have read the report")},
    )

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on_behalf_of"].queryset = bodies_of(report)  # type: ignore[attr-defined]
        if report.state is None:
            self.fields["declaration"].label = _(
                "I have read this report. It may be sent to the officers of the Meeting in the name of the Secretariat."
            )


class AnswerForm(forms.Form):
    text = long_text(_("Your answer"), 4, 2000, _("Write “Done” where you changed the answer itself."), required=True)


class ExtensionForm(forms.Form):
    requested_date = DatePartsField(label=_("New date you ask for"))
    reason = long_text(_("Why you need more time"), 4, 2000, _("The Secretariat reads it."), required=True)


class VerdictForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(Decision.GRANTED, _("Grant")), (Decision.REFUSED, _("Refuse"))],
        widget=forms.RadioSelect,
    )
    new_date = DatePartsField(label=_("New date"), required=False, help_text=_("Only where you grant the request."))
    decision_reason = long_text(
        _("Reason"), 3, 2000, _("The State reads it. Needed where you refuse."), kind=DraftTextField, required=True
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == Decision.GRANTED and not data.get("new_date") and "new_date" in data:
            self.add_error("new_date", _("Enter the new date"))
        if data.get("decision") == Decision.REFUSED and not data.get("decision_reason"):
            self.add_error("decision_reason", _("Say why the request is refused"))
        return data

    def verdict(self) -> Verdict:
        data = self.cleaned_data
        granted = data["decision"] == Decision.GRANTED
        return Verdict(data["decision"], data["new_date"] if granted else None, data["decision_reason"])


class ReasonForm(forms.Form):
    note = long_text(_("Reason"), 4, 2000, required=True)


class FilingForm(forms.Form):
    """How a State's report reached the Secretariat."""

    channel = forms.ChoiceField(label=_("How it came"), choices=[("", ""), *Channel.choices])
    received_on = DatePartsField(label=_("Received on"))
    received_as = forms.CharField(
        label=_("Number or name of the letter"), max_length=120, help_text=_("As it stands in your register.")
    )

    def filing(self) -> Filing:
        return Filing(**self.cleaned_data)
