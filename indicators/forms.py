"""What people type into returns and releases, turned into the services' values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Language
from core.fields import WholeNumberField
from indicators.enums import CoverageCitizenship, CoverageMovement, Marker, ReturnStatus
from indicators.models import StatisticalReturn
from indicators.queries import META, Answer, answers_of, doubts
from indicators.services import ReturnData
from indicators.validators import FIRST_YEAR, LAST_YEAR, MAX_COUNT

# A typed number says "count" or "zero" by itself; the other answers are chosen.
WORDS = [
    ("", gettext_lazy("Count")),
    (Marker.NOT_AVAILABLE.value, Marker.NOT_AVAILABLE.label),
    (Marker.NOT_APPLICABLE.value, Marker.NOT_APPLICABLE.label),
    (Marker.SUPPRESSED.value, Marker.SUPPRESSED.label),
]


@dataclass(frozen=True)
class GridCell:
    count: BoundField
    word: BoundField
    errors: list[str]


@dataclass(frozen=True)
class GridRow:
    label: str
    cells: list[GridCell]


class DraftCharField(forms.CharField):
    """Wanted in the end, so not called optional; a draft may still leave it blank."""

    def validate(self, value: str) -> None:
        pass


class DraftChoiceField(forms.ChoiceField):
    def validate(self, value: str) -> None:
        if value not in self.empty_values:
            super().validate(value)


class ReturnForm(forms.Form):
    """A whole table on one page: per cell a count, or a word that says why there is none."""

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput)
    source = DraftCharField(
        label=gettext_lazy("Source"),
        max_length=300,
        help_text=gettext_lazy("The body that keeps the figures and the name of its register."),
    )
    coverage_citizenship = DraftChoiceField(
        label=gettext_lazy("Citizenship covered"),
        choices=[("", gettext_lazy("Choose")), *CoverageCitizenship.choices],
    )
    coverage_movement = DraftChoiceField(
        label=gettext_lazy("Trafficking covered"),
        choices=[("", gettext_lazy("Choose")), *CoverageMovement.choices],
    )
    criminal_code_article = forms.CharField(
        label=gettext_lazy("Article of the criminal code"), max_length=200, required=False
    )
    definition_note = forms.CharField(
        label=gettext_lazy("Definition"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Whom the figures count and when: identified, presumed, at first contact. Name nobody."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of your notes"), choices=Language)

    def __init__(self, data: Mapping[str, Any] | None, *, filled: StatisticalReturn) -> None:
        super().__init__(data, initial=_initial(filled))
        self.table = filled.definition
        self._doubts = doubts(filled)
        rows = {c.code: c.title for c in self.table.rows.categories}
        columns = {c.code: c.title for c in self.table.columns.categories}
        for row, column in self.table.cells():
            name = rows[row] if self.is_flat else f"{rows[row]}, {columns[column]}"
            self._add_cell(_key(row, column), name)
        for number, doubt in enumerate(self._doubts):
            label = _("Why this is right: %(doubt)s") % {"doubt": doubt.text}
            self.fields[f"reason-{number}"] = DraftCharField(label=label, max_length=300, initial=doubt.reason)

    @property
    def is_flat(self) -> bool:
        return len(self.table.columns.categories) == 1

    def _add_cell(self, key: str, name: str) -> None:
        count = WholeNumberField(label=name, required=False, max_value=MAX_COUNT)
        count.widget.attrs |= {"aria-label": _("Count: %(cell)s") % {"cell": name}, "class": "govuk-input"}
        word = forms.ChoiceField(label=name, required=False, choices=WORDS)
        word.widget.attrs |= {"aria-label": _("Answer: %(cell)s") % {"cell": name}, "class": "govuk-select"}
        self.fields[f"n-{key}"], self.fields[f"w-{key}"] = count, word

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for place in self.table.cells():
            key = _key(*place)
            if data.get(f"w-{key}") and data.get(f"n-{key}") is not None:
                name = self.fields[f"n-{key}"].label
                self.add_error(f"n-{key}", _("%(cell)s: give a count or say why there is none") % {"cell": name})
        return data

    def grid(self) -> list[GridRow]:
        columns = self.table.columns.codes
        return [
            GridRow(c.title, [self._grid_cell(c.code, column) for column in columns])
            for c in self.table.rows.categories
        ]

    def _grid_cell(self, row: str, column: str) -> GridCell:
        key = _key(row, column)
        count, word = self[f"n-{key}"], self[f"w-{key}"]
        return GridCell(count, word, [*count.errors, *word.errors])

    def about_fields(self) -> Iterator[BoundField]:
        return (self[name] for name in META)

    def reason_fields(self) -> list[BoundField]:
        return [self[f"reason-{number}"] for number in range(len(self._doubts))]

    def faults_at(self, row: str, column: str) -> list[str]:
        key = _key(row, column)
        return [*self[f"n-{key}"].errors, *self[f"w-{key}"].errors]

    def return_data(self) -> ReturnData:
        reasons = {d.code: self.cleaned_data.get(f"reason-{n}", "") for n, d in enumerate(self._doubts)}
        return ReturnData(cells=dict(self._answers()), reasons=reasons, **{n: self.cleaned_data[n] for n in META})

    def _answers(self) -> Iterator[tuple[tuple[str, str], Answer]]:
        for place in self.table.cells():
            count, word = (self.cleaned_data[f"{kind}-{_key(*place)}"] for kind in "nw")
            if word:
                yield place, (word, None)
            elif count is not None:
                yield place, (Marker.VALUE, count) if count else (Marker.ZERO, 0)


def posted(filled: StatisticalReturn, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What a program sent, as the page would have posted it: the same rules hold whichever way a table comes."""
    data = {name: sent[name] for name in META} | {"version": filled.version}
    for cell in sent["cells"]:
        counts = cell["marker"] in (Marker.VALUE, Marker.ZERO)
        data[f"n-{_key(cell['row'], cell['column'])}"] = 0 if cell["marker"] == Marker.ZERO else cell["value"]
        data[f"w-{_key(cell['row'], cell['column'])}"] = "" if counts else cell["marker"]
    for number, doubt in enumerate(doubts(filled)):
        data[f"reason-{number}"] = sent["reasons"].get(doubt.code, "")
    return data


def cell_faults(form: ReturnForm, cells: list[dict[str, Any]]) -> list[dict[str, list[str]]]:
    """What is wrong with each cell that was sent, in their order; with none, an empty one."""
    known, seen, faults = set(form.table.cells()), set[tuple[str, str]](), []
    for cell in cells:
        place = (cell["row"], cell["column"])
        found = [_("There is no such cell in this table.")] if place not in known else form.faults_at(*place)
        if place in seen:
            found = [_("This cell was sent twice.")]
        elif not fits(cell["marker"], cell["value"]):
            found = found or [_("An answer and its count do not fit each other.")]
        seen.add(place)
        name = ", ".join(place)
        faults.append({"value": [f"{name}: {fault}" for fault in found]} if found else {})
    return faults


def fits(marker: str, value: int | None) -> bool:
    """A count is more than zero, a zero is said as such, and every other answer goes without."""
    if marker == Marker.VALUE:
        return value is not None and value > 0
    return value in (0, None) if marker == Marker.ZERO else value is None


def _key(row: str, column: str) -> str:
    return f"{row}-{column}"


def _initial(filled: StatisticalReturn) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(filled, name) for name in META}
    for place, (marker, value) in answers_of(filled).items():
        key = _key(*place)
        values[f"n-{key}"] = value
        values[f"w-{key}"] = "" if marker in (Marker.VALUE, Marker.ZERO) else marker
    return {**values, "version": filled.version}


class SignForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(label=gettext_lazy("I have read these figures and sign them off for my State."))


class ProposalForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label=gettext_lazy("Your decision"),
        choices=[
            ("take", gettext_lazy("Put the counted figures into our draft")),
            ("decline", gettext_lazy("Keep our return as it is")),
        ],
        widget=forms.RadioSelect,
    )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Filled-in template"),
        help_text=gettext_lazy("The portal's own .xlsx template of this State and year, up to 2 MB."),
    )


class YearForm(forms.Form):
    year = forms.TypedChoiceField(label=gettext_lazy("Newest year"), coerce=int)

    def __init__(self, data: Mapping[str, Any] | None, *, years: list[int]) -> None:
        super().__init__(data)
        self.fields["year"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]


RETURN_YEARS = range(2010, 2015)  # the period of the Work Plan and of its extension
assert FIRST_YEAR <= min(RETURN_YEARS) <= max(RETURN_YEARS) <= LAST_YEAR  # noqa: S101
EDITABLE = (ReturnStatus.DRAFT, ReturnStatus.SIGNED)
