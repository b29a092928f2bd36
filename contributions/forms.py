"""What organizations, the Secretariat and States type, turned into the services' values."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from accounts.models import State
from contributions import permissions
from contributions.enums import VISIBILITY_HINTS, Kind, OrganizationKind, Status, Visibility
from contributions.models import Accreditation, Contribution, ContributionTranslation
from contributions.queries import areas_of
from contributions.services import ApplicationData, Draft, FileData
from core.fields import DatePartsField
from core.i18n import column_suffix
from core.identity import IdentityForm
from workplan.enums import Theme
from workplan.models import Activity, Round

NO_IDENTITY = _("Never write who a victim is: no name, number of a document or telephone, no date of birth.")
LANGUAGE = _("Language of the text")
FILES = _("PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV, at most 10 MB. Never a file that names a victim.")


def _text(label: Any, rows: int = 6, limit: int = 4000, help_text: Any = NO_IDENTITY, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=limit, help_text=help_text, widget=widget, **more)


class StatesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """States by their names in the language of the page, which is known only when the form is made."""

    def __deepcopy__(self, memo: Any) -> Any:
        copy = super().__deepcopy__(memo)
        copy.queryset = State.objects.visible_to(None).order_by(f"name_{column_suffix()}")  # type: ignore[arg-type]
        return copy


class FilterForm(forms.Form):
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *Status.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *Kind.choices])
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    activity = forms.CharField(label=_("Activity"), required=False, max_length=12)

    def wanted(self) -> dict[str, str]:
        """Filters of the list; an invented value filters nothing."""
        chosen = self.cleaned_data if self.is_valid() else {}
        lookups = {"status": chosen.get("status"), "kind": chosen.get("kind"), "activities__code": self._activity()}
        return {lookup: value for lookup, value in lookups.items() if value}

    def _activity(self) -> str:
        return str(self.cleaned_data.get("activity", "")).strip().upper() if self.is_valid() else ""

    def text(self) -> str:
        return str(self.cleaned_data.get("q", "")).strip() if self.is_valid() else ""


# --- the organization -----------------------------------------------------------------------------


class AboutForm(forms.Form):
    """Who reads it, what it is, and which States and activities it is about: visibility first."""

    visibility = forms.ChoiceField(
        label=_("Who may read it"), choices=Visibility.choices, initial=Visibility.SECRETARIAT, widget=forms.RadioSelect
    )
    name_withheld = forms.BooleanField(
        label=_("Withhold the name of our organization from the States and the public"), required=False
    )
    kind = forms.ChoiceField(label=_("What you send"), choices=Kind.choices, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=LANGUAGE, choices=Language.choices)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, accreditation: Accreditation, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round = round_
        self.fields["visibility"].choice_hints = VISIBILITY_HINTS  # type: ignore[attr-defined]
        states = permissions.states_in_scope(accreditation).order_by(f"name_{column_suffix()}")
        self.fields["states"] = forms.ModelMultipleChoiceField(
            states, label=_("States it is about"), to_field_name="iso2", widget=forms.CheckboxSelectMultiple
        )
        self._add_activities(accreditation)

    def _add_activities(self, accreditation: Accreditation) -> None:
        """One group of boxes for each area of the Plan."""
        activities = Activity.objects.visible_to(None).filter(catalogue=self.round.catalogue_id)  # type: ignore[arg-type]
        within = permissions.activities_in_scope(accreditation, activities)
        self.areas = areas_of(within)
        for area in self.areas:
            self.fields[f"activities_{area.code}"] = forms.ModelMultipleChoiceField(
                within.filter(area=area),
                label=area.title,
                to_field_name="code",
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def activities(self) -> list[Activity]:
        chosen = (self.cleaned_data.get(f"activities_{area.code}", ()) for area in self.areas)
        return [activity for group in chosen for activity in group]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.activities():
            self.add_error(None, ValidationError(_("Choose at least one activity."), code="required"))
        return data

    def draft(self, before: Contribution | None = None) -> Draft:
        """What this page says; the rest as it was."""
        names = ("visibility", "name_withheld", "kind", "language", "states")
        values = {name: self.cleaned_data[name] for name in names}
        kept = ("title", "text", "period_from", "period_to", "identity_reason")
        rest = {name: getattr(before, name) for name in kept} if before else {}
        return Draft(round=self.round, activities=self.activities(), **values, **rest)

    @staticmethod
    def initial_of(row: Contribution) -> dict[str, Any]:
        names = ("visibility", "name_withheld", "kind", "language", "version")
        initial = {name: getattr(row, name) for name in names}
        initial["states"] = [state.iso2 for state in row.states.all()]
        for activity in row.activities.select_related("area"):
            initial.setdefault(f"activities_{activity.area.code}", []).append(activity.code)
        return initial


class TextForm(IdentityForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    text = _text(_("Text"), 12, 12000)
    period_from = DatePartsField(label=_("From when"))
    period_to = DatePartsField(label=_("Until when"))
    file = forms.FileField(label=_("File"), help_text=FILES, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("period_from"), data.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", ValidationError(_("The period ends before it begins."), code="order"))
        return data

    def draft(self, before: Contribution) -> Draft:
        names = ("visibility", "name_withheld", "kind", "language")
        written = ("title", "text", "period_from", "period_to")
        return Draft(
            round=before.round,
            states=list(before.states.all()),
            activities=list(before.activities.all()),
            identity_reason=self.identity_reason(),
            **{name: getattr(before, name) for name in names},
            **{name: self.cleaned_data[name] for name in written},
        )

    def file_data(self) -> FileData | None:
        upload = self.cleaned_data.get("file")
        return FileData(upload.name, upload.read(), self.identity_reason()) if upload else None

    @staticmethod
    def initial_of(row: Contribution) -> dict[str, Any]:
        return {name: getattr(row, name) for name in ("title", "text", "period_from", "period_to", "version")}


class SaidForm(IdentityForm):
    """One text in its own language: a question, an answer, a reply."""

    text = _text(_("Text"), 6, 4000)
    language = forms.ChoiceField(label=LANGUAGE, choices=Language.choices)

    def said(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("text", "language")}


class TranslationForm(IdentityForm):
    """Into any language but that of the original."""

    theirs: ContributionTranslation | None = None  # what somebody else saved while this was written

    language = forms.ChoiceField(label=_("Language of the translation"), choices=Language.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    text = _text(_("Translation"), 12, 12000)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)  # "fr 2": in which language, which

    def __init__(self, *args: Any, of: Contribution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [choice for choice in Language.choices if choice[0] != of.language]
        self.fields["language"].choices = others  # type: ignore[attr-defined]

    def translation(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in ("language", "title", "text")}
        return {**values, "seen": self._seen(), "identity_reason": self.identity_reason()}

    def _seen(self) -> int:
        """The version that the page showed; of another language than the one chosen it showed none."""
        language, _space, number = self.cleaned_data["seen"].partition(" ")
        return int(number) if language == self.cleaned_data["language"] and number.isdecimal() else 0

    def show_again(self, there: ContributionTranslation) -> None:
        """With what was typed, and knowing what somebody else saved; saved once more, it comes after that."""
        data = cast(QueryDict, self.data).copy()
        data["seen"] = self.seen_of(there)
        self.data, self.theirs = data, there

    @staticmethod
    def seen_of(there: ContributionTranslation) -> str:
        return f"{there.language} {there.version}"


class BulkForm(forms.Form):
    file = forms.FileField(label=_("Workbook"), help_text=_("The template filled in, .xlsx, at most 5 MB."))


class ConfirmBulkForm(forms.Form):
    without = forms.IntegerField(min_value=0, required=False)


class ReasonForm(forms.Form):
    reason = _text(_("Why it is not used"), 4, 1000, _("The organization reads this."))


class CitationForm(forms.Form):
    sentence = _text(_("Sentence of the summary"), 4, 1000, _("As it stands there; the organization reads it."))
    language = forms.ChoiceField(label=LANGUAGE, choices=Language.choices)


# --- accreditation --------------------------------------------------------------------------------


class _WithStatutes(forms.Form):
    file = forms.FileField(label=_("Statutes or register extract"), help_text=FILES)

    def file_data(self) -> FileData:
        upload = self.cleaned_data["file"]
        # Statutes name the people who signed them; only the Secretariat reads them.
        return FileData(upload.name, upload.read(), identity_reason="application")


class ApplicationForm(_WithStatutes):
    field_order = (
        "name", "name_language", "kind", "register_reference", "purpose", "states", "themes", "contact_name",
        "contact_email", "file",
    )  # fmt: skip
    name = forms.CharField(label=_("Name of the organization"), max_length=250)
    name_language = forms.ChoiceField(label=_("Language you write in"), choices=Language.choices)
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganizationKind.choices, widget=forms.RadioSelect)
    register_reference = forms.CharField(
        label=_("Reference in the OAS register of civil-society organizations"), max_length=60, required=False
    )
    purpose = _text(_("What you do, and what you wish to contribute"), 6, 3000)
    states = StatesField(
        State.objects.visible_to(None),  # type: ignore[arg-type]
        label=_("States in which you are active"),
        to_field_name="iso2",
        widget=forms.CheckboxSelectMultiple,
    )
    themes = forms.MultipleChoiceField(
        label=_("Themes, if not all"), choices=Theme.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    contact_name = forms.CharField(label=_("Name of the contact"), max_length=120)
    contact_email = forms.EmailField(label=_("E-mail of the contact"))
    # People leave it empty; programs that fill in everything do not.
    website = forms.CharField(widget=forms.HiddenInput, required=False)

    def application(self) -> ApplicationData:
        names = (
            "name", "name_language", "kind", "register_reference", "purpose", "states", "themes", "contact_name",
            "contact_email",
        )  # fmt: skip
        return ApplicationData(**{name: self.cleaned_data[name] for name in names})


class RenewalForm(_WithStatutes):
    field_order = ("purpose", "file")
    purpose = _text(_("What you do, and what you wish to contribute"), 6, 3000)


class VettingForm(forms.Form):
    text = _text(_("What you found"), 4, 2000, _("For the second person; the organization does not read it."))


class DecisionForm(forms.Form):
    text = _text(_("Reason of a refusal"), 4, 1000, _("Only where it is refused."), required=False)
