"""What people type into reports and reviews, turned into the services' values."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from accounts.models import Institution, User
from core.fields import DatePartsField, WholeNumberField
from core.sanitize import check, refuse_locked
from core.sanitize.kinds import EXTENSIONS, Refused
from core.templatetags.portal import month_date, thousands
from workplan.enums import (
    DETAIL_CHOICES,
    DETAIL_TYPES,
    DETAILS,
    MAX_COUNT,
    MAX_DETAIL,
    SELECTABLE_STATUSES,
    ActionKind,
    Channel,
    Decision,
    Detail,
    DetailType,
    EntryField,
    EvidenceType,
    ImplementationStatus,
    NoCount,
    Obstacle,
    Refusal,
    ReportStatus,
    Responsible,
    Theme,
    Visibility,
    counts_of,
)
from workplan.imports import MAX_BYTES, MAX_ROWS
from workplan.models import Action, EntryDraft, Report, ReportEntry, ReportVersion, Round
from workplan.queries import bodies_of, state_choices
from workplan.services import ActionData, EntryData, EvidenceData, Filing, GrantTerms, PageMark, RatingData, Verdict

# Rules of the scale, so that thirty-four States use its words alike.
STATUS_HINTS = {
    ImplementationStatus.NOT_STARTED: _("No action in or before the period."),
    ImplementationStatus.PLANNED: _("There is a decision, a budget or a draft; nothing has been carried out."),
    ImplementationStatus.PARTIAL: _("Some of the elements, or part of the territory."),
    ImplementationStatus.SUBSTANTIAL: _("Most of the elements work in the whole country; you can name the gaps."),
    ImplementationStatus.FULL: _("All of the elements, and they are kept up."),
    ImplementationStatus.NOT_APPLICABLE: _("Your reason is asked below."),
}
NEED_NARRATIVE = {
    ImplementationStatus.PLANNED,
    ImplementationStatus.PARTIAL,
    ImplementationStatus.SUBSTANTIAL,
    ImplementationStatus.FULL,
}
ENTRY_TEXTS = ("status", "reason", "narrative", "results", "obstacles", "obstacle_kinds", "language")


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
    for name in ("status", "reason", "narrative", "results", "obstacles"):
        result[name] = data.get(name) or old[name]
    if not data.getlist("obstacle_kinds"):
        result.setlist("obstacle_kinds", old["obstacle_kinds"])
    result["completed"] = "no"
    return result


# --- actions -------------------------------------------------------------------------------------


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
MAX_ACTIONS = 60  # of one entry
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


# --- what is typed and not saved yet -------------------------------------------------------------

MAX_DRAFT = 200_000  # characters: many times what a valid answer holds
_ROWS = re.compile(r"actions-(TOTAL_FORMS|INITIAL_FORMS|[0-9]{1,2}-[a-zA-Z_0-9]{1,40})")
MAX_INTEGER = 2**31 - 1


class DraftForm(forms.Form):
    """Of a posted entry: which page sends, and on which version it was typed. The answer itself stays unchecked."""

    version = forms.IntegerField(min_value=1, max_value=MAX_INTEGER)
    page = forms.UUIDField(required=False)
    sequence = forms.IntegerField(min_value=0, max_value=MAX_INTEGER, required=False)
    follows = forms.CharField(required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if sum(len(value) for values in self.answer().values() for value in values) > MAX_DRAFT:
            raise ValidationError(_("The text is too long to be kept."))
        return data

    def answer(self) -> dict[str, list[str]]:
        """The names that an entry has, each with its values as they were typed."""
        data = cast(QueryDict, self.data)
        names = [name for name in data if name in EntryForm.base_fields or _ROWS.fullmatch(name)]
        # PostgreSQL stores every character but this one.
        return {name: [text.replace("\0", "") for text in data.getlist(name)] for name in names if name != "version"}

    def mark(self) -> PageMark:
        """A sender that says nothing of itself is a page of its own."""
        data = self.cleaned_data
        return PageMark(data["page"] or uuid.uuid4(), data["sequence"] or 0, data["follows"])


def raw(draft: EntryDraft) -> QueryDict:
    """What was typed, as it was posted."""
    data = QueryDict(mutable=True)
    for name, values in draft.answer.items():
        data.setlist(name, values)
    return data


def row_count(data: QueryDict) -> int:
    """How many rows of actions a form says it has."""
    said = re.fullmatch(r"[0-9]{1,3}", data.get("actions-TOTAL_FORMS", ""), re.ASCII)
    return min(int(said[0]), MAX_ACTIONS) if said else 0


def as_typed(fields: Mapping[str, forms.Field], data: QueryDict, prefix: str = "") -> dict[str, Any]:
    """Initial values of fields out of a posted form, valid or not."""
    return {name: field.widget.value_from_datadict(data, {}, f"{prefix}{name}") for name, field in fields.items()}


def _typed_action(data: QueryDict, prefix: str, round_: Round) -> dict[str, Any]:
    fields = ActionForm(round_=round_, initial={"kind": data.get(f"{prefix}-kind", "")}).fields
    return as_typed({**fields, "DELETE": forms.BooleanField()}, data, f"{prefix}-")


def typed_actions(data: QueryDict, round_: Round) -> list[dict[str, Any]]:
    """The rows in which something was typed."""
    rows = [_typed_action(data, f"actions-{number}", round_) for number in range(row_count(data))]
    return [row for row in rows if any(any(v) if isinstance(v, list) else v for v in row.values())]


# --- two people in one entry ---------------------------------------------------------------------

# Parts of an entry in which two people can differ; the joinable ones can be kept both.
CONFLICT_LABELS = {
    "status": _("Status"),
    "reason": _("Why it does not apply"),
    "narrative": _("What was done"),
    "language": _("Language of your answer"),
    "results": _("Results"),
    "obstacles": _("Obstacles"),
    "obstacle_kinds": _("Kinds of obstacle"),
    "completed": _("Have you completed this section?"),
    "actions": _("Actions in the period"),
}
JOINABLE = ("reason", "narrative", "results", "obstacles", "obstacle_kinds", "actions")


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
        required=False,
        empty_label=None,
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


class ReviewFilterForm(forms.Form):
    round: "forms.ModelChoiceField[Round]" = forms.ModelChoiceField(
        label=_("Period"), queryset=None, required=False, to_field_name="code"
    )
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, data: Mapping[str, Any], *, rounds: Any) -> None:
        super().__init__(data)
        field = self.fields["round"]
        field.queryset, field.empty_label = rounds, _("All periods")  # type: ignore[attr-defined]
        decided = [(status.value, status.label) for status in (ReportStatus.RETURNED, ReportStatus.ACCEPTED)]
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            ("", _("Waiting for review")),
            *decided,
            ("all", _("All")),
        ]

    def wanted(self) -> dict[str, Any]:
        """What to look for; an unknown value in the address is no filter."""
        self.is_valid()
        status = self.cleaned_data.get("status", "")
        statuses = {"": [ReportStatus.SUBMITTED], "all": []}.get(status, [status])
        return {"round": self.cleaned_data.get("round"), "statuses": statuses}


# --- review: one HTML form, in which nothing typed is lost whichever button is pressed -----------


class RatingForm(forms.Form):
    status = forms.ChoiceField(label=_("Secretariat’s rating"))
    reason = long_text(_("Reason where it differs"), 2, 1000)

    def __init__(self, data: Mapping[str, Any] | None, *, code: str, own: str, draft: Mapping[str, str]) -> None:
        super().__init__(data, prefix=f"rate-{code}", initial={"status": own, **draft})
        self.code, self.own = code, own
        # No information stays a possible rating only where the State gave none.
        choices = SELECTABLE_STATUSES if own in dict(SELECTABLE_STATUSES) else list(ImplementationStatus.choices)
        self.fields["status"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("status") not in (None, self.own) and not data.get("reason"):
            text = _("%(code)s: say why your rating differs from the self-rating") % {"code": self.code}
            self.add_error("reason", text)
        return data

    @property
    def is_changed(self) -> bool:
        return self.initial != {"status": self.own}

    def rating_data(self) -> RatingData:
        return RatingData(status=self.cleaned_data["status"], reason=self.cleaned_data["reason"])


class AskForm(forms.Form):
    field = forms.ChoiceField(label=_("About"), choices=EntryField)
    text = long_text(_("Question"), 3, 2000, required=True)

    def __init__(
        self, data: Mapping[str, Any] | None, *, code: str, draft: Mapping[str, str], is_left: bool = False
    ) -> None:
        super().__init__(data, prefix=f"ask-{code}", initial={"field": EntryField.NARRATIVE, **draft})
        self.code, self.is_left = code, is_left

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.is_left:
            text = _("%(code)s: this question is not asked yet. Ask it, or empty the box, before you accept")
            self.add_error("text", text % {"code": self.code})
        return data


class DecisionForm(forms.Form):
    """The note that goes back with a report; its box stands outside the form's element, in the right column."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = long_text(_("Cover note"), 5, 2000, _("Goes to the coordinator and the author with your questions."))

    def __init__(self, data: Mapping[str, Any] | None, *, version: int, draft: str) -> None:
        super().__init__(data, initial={"version": version, "note": draft})
        self.fields["note"].widget.attrs["form"] = "review"


class ReviewForms:
    """All that stands in the one form of the review page.

    Only what the pressed button concerns is bound and checked; the rest is put back as it was typed. The
    draft travels in the session, so that asking a question does not cost the ratings typed so far.
    """

    def __init__(self, data: QueryDict | None, version: ReportVersion, draft: Mapping[str, Any]) -> None:
        self.do, _sep, self.about = (data.get("do", "") if data else "").partition(":")
        own = {entry["activity"]: entry["status"] for entry in version.content["entries"]}
        draft = self._typed(data, own) if data else draft
        rated, asked = draft.get("ratings", {}), draft.get("asks", {})
        self.ratings = {
            code: RatingForm(data if self.do == "accept" else None, code=code, own=status, draft=rated.get(code, {}))
            for code, status in own.items()
        }
        self.asks = {code: self._ask_form(data, code, asked) for code in own}
        self.decision = DecisionForm(
            data if self.do in ("return", "accept") else None, version=version.number, draft=draft.get("note", "")
        )
        self.draft = draft

    def _ask_form(self, data: QueryDict | None, code: str, typed: Mapping[str, Any]) -> AskForm:
        """A question that was typed and not asked stands in the way of accepting: it would be dropped unseen."""
        is_left = self.do == "accept" and code in typed
        is_bound = is_left or self._asks(code, typed)
        return AskForm(data if is_bound else None, code=code, draft=typed.get(code, {}), is_left=is_left)

    def _asks(self, code: str, typed: Mapping[str, Any] | None = None) -> bool:
        """Whether the button asks about this activity. What goes back takes along all that was typed to ask."""
        return (self.do, self.about) == ("ask", code) or (self.do == "return" and code in (typed or {}))

    def _typed(self, data: QueryDict, own: Mapping[str, str]) -> dict[str, Any]:
        """What was typed, right or wrong, where it says something."""
        rated = {code: _values(data, f"rate-{code}", ("status", "reason")) for code in own}
        asked = {code: _values(data, f"ask-{code}", ("field", "text")) for code in own if not self._asks(code)}
        return {
            "ratings": {code: typed for code, typed in rated.items() if typed != {"status": own[code], "reason": ""}},
            "asks": {code: typed for code, typed in asked.items() if typed["text"]},
            "note": data.get("note", ""),
        }

    def bound(self) -> list[forms.Form]:
        return [f for f in (self.decision, *self.ratings.values(), *self.asks.values()) if f.is_bound]

    def is_valid(self) -> bool:
        wrong = [form for form in self.bound() if not form.is_valid()]
        return not wrong

    def rating_data(self) -> dict[str, RatingData]:
        return {code: form.rating_data() for code, form in self.ratings.items()}


def _values(data: QueryDict, prefix: str, names: Iterable[str]) -> dict[str, str]:
    return {name: data.get(f"{prefix}-{name}", "").replace("\r\n", "\n") for name in names}


# --- plan, States and rounds ---------------------------------------------------------------------


class PlanFilterForm(forms.Form):
    theme = forms.ChoiceField(label=_("Theme"), required=False, choices=[("", _("All themes")), *Theme.choices])
    responsible = forms.ChoiceField(
        label=_("Responsible"), required=False, choices=[("", _("All")), *Responsible.choices]
    )

    def wanted(self) -> dict[str, str]:
        """The filters that hold; an unknown value in the address is no filter."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class StateFilterForm(forms.Form):
    grouping = forms.ChoiceField(label=_("Sub-regional grouping"), required=False)

    def __init__(self, data: Mapping[str, Any], *, groupings: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["grouping"].choices = [("", _("All States")), *groupings]  # type: ignore[attr-defined]

    def wanted(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("grouping", ""))


class RoundForm(forms.Form):
    code = forms.RegexField(
        r"^[0-9]{4}-[0-9]$",
        label=_("Code"),
        help_text=_("Year and half-year, for example 2014-2"),
        error_messages={"invalid": _("Enter a year, a hyphen and a number, for example 2014-2")},
    )
    period_start = DatePartsField(label=_("First day of the period"))
    period_end = DatePartsField(label=_("Last day of the period"))
    due_on = DatePartsField(label=_("Reports are due on"))


class ExtensionForm(forms.Form):
    requested_date = DatePartsField(label=_("New date you ask for"))
    reason = long_text(_("Why you need more time"), 4, 2000, _("The Secretariat reads it."), required=True)


class ConfirmImportForm(forms.Form):
    without = forms.IntegerField(required=False, min_value=0, max_value=MAX_ROWS)


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


# --- evidence ------------------------------------------------------------------------------------

VISIBILITY_HINTS = {
    Visibility.STATE: _("Stays with your people. It is not sent with the report."),
    Visibility.SECRETARIAT: _("The Secretariat can open it once the report is sent."),
    Visibility.PUBLIC: _("As above, and the Secretariat may publish it."),
}


class EvidenceForm(forms.Form):
    """What is asked of a file and of an address alike."""

    language = forms.ChoiceField(label=_("Language of the document"), choices=Language)
    visibility = forms.ChoiceField(
        label=_("Who can see it"), choices=Visibility, widget=forms.RadioSelect, initial=Visibility.SECRETARIAT
    )
    visibility.choice_hints = VISIBILITY_HINTS  # type: ignore[attr-defined]


class EvidenceFileForm(EvidenceForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "One PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV file of up to 10 MB. "
            "Do not attach data that identify victims."
        ),
        error_messages={"required": _("Choose a file"), "empty": Refusal.EMPTY.label},
        widget=forms.FileInput(
            attrs={
                "accept": ",".join(EXTENSIONS),
                "data-portal-max": settings.MAX_UPLOAD_BYTES,
                "data-portal-too-large": Refusal.TOO_LARGE.label,
            }
        ),
    )
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("If you leave it blank, the file’s name is used.")
    )
    type = forms.ChoiceField(
        label=_("What it is"),
        choices=[("", ""), *(choice for choice in EvidenceType.choices if choice[0] != EvidenceType.WEB_PAGE)],
        error_messages={"required": _("Choose what it is")},
    )
    field_order = ("file", "title", "type", "language", "visibility")

    def clean_file(self) -> "UploadedFile[Any]":
        """The checks that need no waiting are answered here; the rest comes while the entry is worked on."""
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        self.content = upload.read()
        try:
            _name, kind = check(upload.name or "", self.content, settings.MAX_UPLOAD_BYTES)
            refuse_locked(kind, self.content)
        except Refused as refusal:
            raise ValidationError(Refusal(refusal.code).label, code=refusal.code) from refusal
        return upload

    def evidence_data(self) -> EvidenceData:
        return EvidenceData(**{key: self.cleaned_data[key] for key in ("type", "title", "language", "visibility")})


class EvidenceAddressForm(EvidenceForm):
    url = forms.URLField(
        label=_("Address of the page"),
        max_length=500,
        assume_scheme="https",
        help_text=_("It begins with https://. The portal does not open it."),
        error_messages={"required": _("Enter the address of the page"), "invalid": _("Enter a full address")},
    )
    title = forms.CharField(label=_("Title"), max_length=200, error_messages={"required": _("Enter a title")})
    field_order = ("url", "title", "language", "visibility")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.username is not None:
            raise ValidationError(_("Enter an address that begins with https:// and holds no password."))
        return url

    def evidence_data(self) -> EvidenceData:
        named = {key: self.cleaned_data[key] for key in ("title", "language", "visibility")}
        return EvidenceData(type=EvidenceType.WEB_PAGE, **named)


class EntryChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, entry: ReportEntry) -> str:
        return f"{entry.report.reference} · {entry.activity.number} {entry.activity.title}"


class GrantForm(forms.Form):
    """Hand entries to somebody of the own State."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), to_field_name="public_id")
    valid_to = DatePartsField(
        label=_("Last day"), help_text=_("From the day after, the entries are closed to this person.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
    entries = EntryChoice(label=_("Entries"), queryset=ReportEntry.objects.none(), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: QuerySet[User], entries: QuerySet[ReportEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[User]", self.fields["person"]).queryset = people
        cast(EntryChoice, self.fields["entries"]).queryset = entries

    def terms(self) -> GrantTerms:
        return GrantTerms(reason=self.cleaned_data["reason"], valid_to=self.cleaned_data["valid_to"])
