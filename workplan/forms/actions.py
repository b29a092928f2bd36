"""The rows of actions: what is asked of each kind, counts with four answers, figures that look odd."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.fields import DatePartsField, WholeNumberField
from core.templatetags.portal import month_date, thousands
from workplan.enums import (
    DETAIL_CHOICES,
    DETAIL_TYPES,
    DETAILS,
    MAX_COUNT,
    MAX_DETAIL,
    ActionKind,
    Detail,
    DetailType,
    NoCount,
    counts_of,
)
from workplan.forms.typed import MAX_ACTIONS, as_typed, raw, row_count
from workplan.models import Action, EntryDraft, ReportEntry, Round
from workplan.queries import state_choices
from workplan.services import ActionData


class CountWidget(forms.MultiWidget):
    """A box for the number, and beside it why there is none (workplan/_count.html)."""

    def __init__(self) -> None:
        super().__init__([forms.TextInput(), forms.Select(choices=[("", _("a number")), *NoCount.choices])])

    def decompress(self, value: int | str | None) -> list[str]:
        if value is None:
            return ["", ""]
        return ["", value] if isinstance(value, str) else [str(value), ""]


class CountField(forms.MultiValueField):
    """Four answers: blank says nothing, a number (0 is one), no data available, not applicable."""

    def __init__(self, **kwargs: Any) -> None:
        number = WholeNumberField(required=False, max_value=MAX_COUNT)
        reason = forms.ChoiceField(required=False, choices=[("", ""), *NoCount.choices])
        super().__init__((number, reason), widget=CountWidget(), required=False, require_all_fields=False, **kwargs)

    def compress(self, parts: list[Any]) -> int | str | None:
        number, reason = parts or (None, "")
        if number is not None and reason:
            raise ValidationError(_("Enter a number or say why there is none, not both"))
        return reason or number


@dataclass(frozen=True)
class Count:
    """A count, prepared for workplan/_count.html."""

    id: str
    name: str
    label: str
    number: str
    reason: str
    reasons: list[tuple[str, Any]]
    errors: list[str]


def _count(bound: forms.BoundField) -> Count:
    value = bound.value()
    number, reason = value if isinstance(value, list) else CountWidget().decompress(value)
    label, errors = str(bound.label), [str(error) for error in bound.errors]
    return Count(bound.auto_id, bound.html_name, label, number or "", reason or "", NoCount.choices, errors)


def detail_field(name: Detail) -> forms.Field:
    match DETAIL_TYPES[name]:
        case DetailType.COUNT:
            return CountField(label=name.label)
        case DetailType.DATE:
            return DatePartsField(label=name.label, required=False)
        case DetailType.CHOICE:
            choices = [("", ""), *DETAIL_CHOICES[name].choices]
            return forms.ChoiceField(label=name.label, choices=choices, required=False)
        case DetailType.CHOICES:
            widget = forms.CheckboxSelectMultiple
            chosen = DETAIL_CHOICES[name].choices
            return forms.MultipleChoiceField(label=name.label, choices=chosen, required=False, widget=widget)
        case DetailType.STATES:
            widget = forms.CheckboxSelectMultiple
            return forms.MultipleChoiceField(label=name.label, choices=state_choices, required=False, widget=widget)
        case DetailType.TEXT:
            return forms.CharField(label=name.label, max_length=MAX_DETAIL, required=False)


class ActionForm(forms.Form):
    """Something carried out in the period. What more is asked depends on its kind (enums.DETAILS)."""

    kind = forms.ChoiceField(label=_("Kind of action"), choices=[("", _("Choose a kind")), *ActionKind.choices])
    title = forms.CharField(label=_("Title"), max_length=200)
    starts_on = DatePartsField(label=_("First day"))
    ends_on = DatePartsField(
        label=_("Last day"), required=False, help_text=_("Leave it blank where it took one day or goes on.")
    )
    place = forms.CharField(label=_("Place"), max_length=120, required=False)

    def __init__(self, *args: Any, round_: Round, entry: ReportEntry | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round = round_
        self.chosen_kind = str(
            (self.data.get(self.add_prefix("kind")) if self.is_bound else self.initial.get("kind")) or ""
        )
        for name in self.detail_names:
            self.fields[name] = detail_field(name)
        if entry is not None:
            self.fields["kind"].widget.attrs |= self._asks_by_kind(entry)

    @property
    def detail_names(self) -> list[Detail]:
        return [*DETAILS.get(self.chosen_kind, ()), *([Detail.ODD] if counts_of(self.chosen_kind) else [])]

    def _asks_by_kind(self, entry: ReportEntry) -> dict[str, str]:
        """Another kind asks for other things: with JavaScript at once, without it once the entry is saved."""
        row = str(self.prefix).rpartition("-")[2]
        row = row if row.isdecimal() else "0"  # the formset's pattern for rows to come, which nobody sees
        address = [entry.report.reference, entry.activity.code, row]
        return {
            "hx-get": reverse("entry_action_fields", args=address),
            "hx-trigger": "change",
            "hx-include": "closest fieldset",
            "hx-target": f"#{self.prefix}-details",
            "hx-swap": "outerHTML",
        }

    @property
    def counts(self) -> list[Count]:
        return [_count(self[name]) for name in counts_of(self.chosen_kind)]

    @property
    def other_details(self) -> list[forms.BoundField]:
        shown = [name for name in self.detail_names if name not in counts_of(self.chosen_kind)]
        return [self[name] for name in shown if name != Detail.ODD or self[name].errors or self[name].value()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get(Detail.IN_FORCE_FROM), data.get(Detail.IN_FORCE_TO)
        if start and end and end < start:
            self.add_error(Detail.IN_FORCE_TO, _("This day cannot come before the first"))
        start, end = data.get("starts_on"), data.get("ends_on")
        for name, day in (("starts_on", start), ("ends_on", end)):
            if day and not self.round.period_start <= day <= self.round.period_end:
                self.add_error(name, self._outside())
        if start and end and end < start and "ends_on" in data:
            self.add_error("ends_on", _("The last day cannot come before the first"))
        return data

    def _outside(self) -> ValidationError:
        days = {"first": month_date(self.round.period_start), "last": month_date(self.round.period_end)}
        return ValidationError(_("Enter a date in the period, from %(first)s to %(last)s"), params=days)

    @property
    def is_filled(self) -> bool:
        """Whether a posted row holds anything, so that the page leaves it open."""
        return self.is_bound and self.has_changed()

    @property
    def is_kept(self) -> bool:
        return bool(self.cleaned_data.get("title")) and not self.cleaned_data.get("DELETE")

    def action_data(self) -> ActionData:
        details = {name.value: self.cleaned_data.get(name) for name in self.detail_names}
        given = {name: value for name, value in details.items() if value not in (None, "", [])}
        dated = {name: day.isoformat() for name, day in given.items() if isinstance(day, date)}
        return ActionData(**{name: self.cleaned_data[name] for name in ACTION_PARTS}, details=given | dated)


class BaseActionFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    def add_fields(self, form: ActionForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove this action")

    def ask_about_odd(self, usual: Mapping[tuple[str, str], int]) -> None:
        """Ask for a line on every figure over three times, or under a third of, that of the period before."""
        totals: dict[tuple[str, str], int] = {}
        forms_kept = [form for form in self.forms if form.is_kept]
        for form in forms_kept:
            for name in counts_of(form.chosen_kind):
                if isinstance(number := form.cleaned_data.get(name), int):
                    totals[form.chosen_kind, name] = totals.get((form.chosen_kind, name), 0) + number
        odd = {key for key, total in totals.items() if is_odd(total, usual.get(key, 0))}
        for form in forms_kept:
            names = [name for name in counts_of(form.chosen_kind) if (form.chosen_kind, name) in odd]
            if names and not form.cleaned_data.get(Detail.ODD):
                key = (form.chosen_kind, names[0])
                form.add_error(Detail.ODD, _odd_words(names[0], usual[key], totals[key]))

    def actions(self) -> list[ActionData]:
        return [form.action_data() for form in self.forms if form.is_kept]


def is_odd(now: int, before: int) -> bool:
    return before > 0 and (now > 3 * before or 3 * now < before)


def _odd_words(name: Detail, before: int, now: int) -> ValidationError:
    words = _("%(label)s: %(now)s, and %(before)s in the period before. Correct it, or say in a line why it is so.")
    return ValidationError(words, params={"label": name.label, "now": thousands(now), "before": thousands(before)})


ACTION_PARTS = ("kind", "title", "starts_on", "ends_on", "place")
_ActionFormSet = forms.formset_factory(
    ActionForm, formset=BaseActionFormSet, extra=3, can_delete=True, can_delete_extra=False, max_num=MAX_ACTIONS
)


def action_formset(
    data: Mapping[str, Any] | None, entry: ReportEntry, draft: EntryDraft | None = None
) -> BaseActionFormSet:
    """The rows of actions. A posted form carries all it needs: what others saved meanwhile must not mix in."""
    initial = None if data is not None else [action_initial(action) for action in entry.actions.all()]
    if draft is not None:
        initial = typed_actions(raw(draft), entry.report.round)
    more = {"round_": entry.report.round, "entry": entry}
    made = _ActionFormSet(data, prefix="actions", initial=initial, form_kwargs=more)
    return cast(BaseActionFormSet, made)


def one_action(data: QueryDict, prefix: str, entry: ReportEntry) -> ActionForm:
    """A row as it stands on a page, with what its kind asks for."""
    kind = data.get(f"{prefix}-kind", "")
    fields = ActionForm(round_=entry.report.round, initial={"kind": kind}).fields
    return ActionForm(round_=entry.report.round, prefix=prefix, initial=as_typed(fields, data, f"{prefix}-"))


def action_initial(action: Action) -> dict[str, Any]:
    dates = [name for name, type_ in DETAIL_TYPES.items() if type_ == DetailType.DATE and name in action.details]
    details = {**action.details, **{name: date.fromisoformat(action.details[name]) for name in dates}}
    return {**{name: getattr(action, name) for name in ACTION_PARTS}, **details}


def stored_actions(entry: ReportEntry) -> list[ActionData]:
    return [
        ActionData(**{name: getattr(action, name) for name in ACTION_PARTS}, details=action.details)
        for action in entry.actions.all()
    ]


def _typed_action(data: QueryDict, prefix: str, round_: Round) -> dict[str, Any]:
    fields = ActionForm(round_=round_, initial={"kind": data.get(f"{prefix}-kind", "")}).fields
    return as_typed({**fields, "DELETE": forms.BooleanField()}, data, f"{prefix}-")


def typed_actions(data: QueryDict, round_: Round) -> list[dict[str, Any]]:
    """The rows in which something was typed."""
    rows = [_typed_action(data, f"actions-{number}", round_) for number in range(row_count(data))]
    return [row for row in rows if any(any(v) if isinstance(v, list) else v for v in row.values())]
