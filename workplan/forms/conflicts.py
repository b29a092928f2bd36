"""Two people in one entry: which text to keep, part by part."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workplan.forms.actions import ActionForm, BaseActionFormSet, action_formset, action_initial, stored_actions
from workplan.forms.entries import ENTRY_TEXTS, EntryForm, entry_initial
from workplan.forms.typed import row_count
from workplan.models import ReportEntry

# Parts of an entry in which two people can differ; the joinable ones can be kept both.
CONFLICT_LABELS = {
    "status": _("Status"),
    "reason": _("Why it does not apply"),
    "narrative": _("What was done"),
    "language": _("Language of your answer"),
    "results": _("Results"),
    "good_practice": _("Good practice"),
    "obstacles": _("Obstacles"),
    "obstacle_kinds": _("Kinds of obstacle"),
    "completed": _("Have you completed this section?"),
    "actions": _("Actions in the period"),
}
JOINABLE = ("reason", "narrative", "results", "good_practice", "obstacles", "obstacle_kinds", "actions")


class ConflictForm(forms.Form):
    """One choice for each part of the answer that two people wrote differently."""

    def __init__(self, data: Mapping[str, Any] | None, *, parts: Iterable[str]) -> None:
        super().__init__(data, prefix="keep")
        for name in parts:
            self.fields[name] = self._choice(name)

    def _choice(self, name: str) -> forms.ChoiceField:
        choices = [("mine", _("Keep mine")), ("theirs", _("Keep theirs"))]
        if name in JOINABLE:
            choices.append(("both", _("Keep both, one after the other")))
        label = CONFLICT_LABELS[name]
        required = format_lazy("{}: {}", label, _("choose which text to keep"))
        field = forms.ChoiceField(
            label=format_lazy("{}: {}", label, _("which to keep")),
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": required},
        )
        field.part = label  # type: ignore[attr-defined]
        return field


def conflict_choice(data: QueryDict, entry: ReportEntry) -> ConflictForm | None:
    """The choices posted from the conflict page, if they were made between these very two texts."""
    names = [name for name in data.getlist("conflict") if name in CONFLICT_LABELS]
    if not names or data.get("version") != str(entry.version):
        return None
    return ConflictForm(data, parts=names)


def carried(data: QueryDict) -> list[tuple[str, str]]:
    """What was typed, as hidden fields of the conflict page."""
    dropped = ("csrfmiddlewaretoken", "version", "conflict", "page", "sequence", "follows")
    kept = [(name, values) for name, values in data.lists() if name not in dropped and not name.startswith("keep-")]
    return [(name, value) for name, values in kept for value in values]


def conflicting(form: EntryForm, formset: BaseActionFormSet, entry: ReportEntry) -> dict[str, tuple[Any, Any]]:
    """What was typed and what is stored, for each part in which they differ. Both forms are valid."""
    stored = {**entry_initial(entry), "actions": stored_actions(entry)}
    typed = {**vars(form.entry_data(())), "completed": form.cleaned_data["completed"], "actions": formset.actions()}
    for values in (typed, stored):
        values["obstacle_kinds"] = sorted(values["obstacle_kinds"])
    parts = (*ENTRY_TEXTS, "completed", "actions")
    return {name: (typed[name], stored[name]) for name in parts if typed[name] != stored[name]}


def merged(data: QueryDict, entry: ReportEntry, choices: Mapping[str, str]) -> QueryDict:
    """The posted form with the stored text put in where the person chose to keep it."""
    result = data.copy()
    for name, choice in choices.items():
        if choice != "mine":
            _keep_stored(result, entry, name, join=choice == "both")
    return result


def _keep_stored(data: QueryDict, entry: ReportEntry, name: str, *, join: bool) -> None:
    if name == "actions":
        _keep_actions(data, entry, join)
        return
    stored = entry_initial(entry)[name]
    if isinstance(stored, list):
        data.setlist(name, sorted({*stored, *(data.getlist(name) if join else ())}))
    else:
        data[name] = joined(stored, data.get(name, "").replace("\r\n", "\n")) if join else stored


def joined(first: str, second: str) -> str:
    """Both texts, one after the other; where one holds the other, it is both."""
    if first in second:
        return second
    return first if second in first else f"{first}\n\n{second}"


def _keep_actions(data: QueryDict, entry: ReportEntry, join: bool) -> None:
    """Write the stored actions as rows of the posted formset: after the typed ones, or in their place."""
    typed = action_formset(data, entry)
    mine = typed.actions() if join and typed.is_valid() else []
    if not join:
        for key in [key for key in data if key.startswith("actions-")]:
            del data[key]
    start = row_count(data)
    pairs = zip(stored_actions(entry), entry.actions.all(), strict=True)
    rows = [action_initial(action) for stored, action in pairs if stored not in mine]
    for number, row in enumerate(rows, start):
        fields = ActionForm(round_=entry.report.round, initial=row).fields
        for name, field in fields.items():
            _post(data, f"actions-{number}-{name}", field.widget, row.get(name))
    data["actions-TOTAL_FORMS"] = str(start + len(rows))
    data.setdefault("actions-INITIAL_FORMS", "0")


def _post(data: QueryDict, name: str, widget: forms.Widget, value: Any) -> None:
    """Put a value where a browser would have put it."""
    if isinstance(widget, forms.MultiWidget):
        for index, text in enumerate(widget.decompress(value) or []):
            data[f"{name}_{index}"] = text
    elif isinstance(value, list):
        data.setlist(name, value)
    else:
        data[name] = value or ""
