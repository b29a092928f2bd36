"""The form of one activity's answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from core.templatetags.portal import month_date
from workplan.enums import (
    SELECTABLE_STATUSES,
    STATUS_HINTS,
    ImplementationStatus,
    Obstacle,
)
from workplan.forms.texts import DraftChoiceField, DraftTextField, long_text
from workplan.forms.typed import as_typed, raw
from workplan.models import EntryDraft, ReportEntry
from workplan.services import ActionData, EntryData

NEED_NARRATIVE = {
    ImplementationStatus.PLANNED,
    ImplementationStatus.PARTIAL,
    ImplementationStatus.SUBSTANTIAL,
    ImplementationStatus.FULL,
}
ENTRY_TEXTS = ("status", "reason", "narrative", "results", "good_practice", "obstacles", "obstacle_kinds", "language")


class EntryForm(forms.Form):
    """One activity's answer. Blank is allowed until the person says that the section is complete."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    status = DraftChoiceField(choices=SELECTABLE_STATUSES, widget=forms.RadioSelect)
    reason = long_text(
        _("Why it does not apply"),
        2,
        1000,
        _("Only where you chose “Not applicable”."),
        required=True,
        kind=DraftTextField,
    )
    narrative = long_text(
        _("What was done"),
        7,
        4000,
        _(
            "What was done, with whom and what changed. Write in your language: the Secretariat translates. "
            "Do not include data that identify victims."
        ),
        required=True,
        kind=DraftTextField,
    )
    language = forms.ChoiceField(label=_("Language of your answer"), choices=Language)
    results = long_text(_("Results"), 4, 2000, _("Figures and effects you can show. Write 0 only where it was zero."))
    good_practice = long_text(
        _("Good practice"),
        4,
        2000,
        _("What worked and others could take up, and why. Leave empty if nothing stands out."),
    )
    obstacles = long_text(_("Obstacles"), 3, 2000, _("What kept the activity from advancing."))
    obstacle_kinds = forms.MultipleChoiceField(
        label=_("Kinds of obstacle"), choices=Obstacle, required=False, widget=forms.CheckboxSelectMultiple
    )
    confirmed = forms.BooleanField(
        label=_("I have read what was copied: it still holds in this period."), required=False
    )
    completed = forms.ChoiceField(
        label=_("Have you completed this section?"),
        choices=[("yes", _("Yes, this section is complete")), ("no", _("No, I’ll come back"))],
        widget=forms.RadioSelect,
        initial="no",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        entry: ReportEntry,
        before: ReportEntry | None,
        draft: EntryDraft | None = None,
    ) -> None:
        super().__init__(data, initial=entry_initial(entry))
        copies = before is not None and (data or {}).get("then") == "carry"
        self.carried_from = before.report.round if copies and before else entry.carried_from
        if self.carried_from is None:
            del self.fields["confirmed"]
        if draft is not None:
            self.initial = {**as_typed(self.fields, raw(draft)), "version": draft.entry_version}
        status = self.fields["status"]
        status.choice_hints = STATUS_HINTS  # type: ignore[attr-defined]
        status.label = _("Status on %(date)s") % {"date": month_date(entry.report.round.period_end)}
        if before is not None and before.status:
            status.help_text = _("In the period before: “%(status)s”") % {"status": before.get_status_display()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        status, is_ready = data.get("status"), data.get("completed") == "yes"
        if status == ImplementationStatus.NOT_APPLICABLE and not data.get("reason") and "reason" in data:
            self.add_error("reason", _("Say why the activity does not apply"))
        if is_ready and not status and "status" in data:
            self.add_error("status", _("Choose a status, or say that you’ll come back"))
        if is_ready and status in NEED_NARRATIVE and not data.get("narrative") and "narrative" in data:
            self.add_error("narrative", _("Say what was done, or say that you’ll come back"))
        if is_ready and "confirmed" in self.fields and not data.get("confirmed"):
            self.add_error("confirmed", _("Confirm what was copied, or say that you’ll come back"))
        return data

    def entry_data(self, actions: Iterable[ActionData]) -> EntryData:
        values = {name: self.cleaned_data[name] for name in ENTRY_TEXTS}
        return EntryData(
            **values,
            is_ready=self.cleaned_data["completed"] == "yes",
            carried_from=None if self.cleaned_data.get("confirmed") else self.carried_from,
            actions=tuple(actions),
        )


def entry_initial(entry: ReportEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in ENTRY_TEXTS}
    return {**values, "version": entry.version, "completed": "yes" if entry.is_ready else "no"}


def carried_over(data: QueryDict, before: ReportEntry) -> QueryDict:
    """The posted form with the answer of the period before wherever nothing was typed. Actions belong to a period."""
    result = data.copy()
    old = entry_initial(before)
    if not data.get("narrative"):
        result["language"] = old["language"]
    for name in ("status", "reason", "narrative", "results", "good_practice", "obstacles"):
        result[name] = data.get(name) or old[name]
    if not data.getlist("obstacle_kinds"):
        result.setlist("obstacle_kinds", old["obstacle_kinds"])
    result["completed"] = "no"
    return result
