from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from accounts.models import State
from accounts.querysets import AnyUser
from core.canonical import fingerprint
from core.fields import DatePartsField, OneFileField
from core.i18n import NATIVE_NAMES, column_suffix
from core.templatetags.portal import month_date
from evaluations.enums import FOURTH_MEETING, DocumentFormat, FollowUpStatus, Suggestion
from evaluations.models import AgendaItem, Conclusion, Evaluation, Meeting, MeetingDocument, Officer
from evaluations.queries.statistics import default_releases
from evaluations.validators import same_lines, validate_symbol
from indicators.models import Release
from workplan.forms import LongTextField
from workplan.models import Round
from workplan.queries import current_catalogue
from workplan.validators import UNWANTED


def _period_words(round_: Any) -> str:
    words = {"code": round_.code, "start": month_date(round_.period_start), "end": month_date(round_.period_end)}
    return _("%(code)s: %(start)s to %(end)s") % words


class RoundField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Periods by their code and their dates."""

    def label_from_instance(self, obj: Any) -> str:
        return _period_words(obj)


class RoundsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """The same, of which several may be chosen."""

    def label_from_instance(self, obj: Any) -> str:
        return _period_words(obj)


class PrintedField(LongTextField):
    """A text that documents print word for word: with one form of a line break, and without what no file can hold."""

    def to_python(self, value: Any) -> str:
        return super().to_python(same_lines(str(value or "")))

    def validate(self, value: str) -> None:
        super().validate(value)
        if unwanted := UNWANTED.search(value):
            words = _("The text holds the control character %(code)s. Remove it: copied text often carries one")
            raise forms.ValidationError(words, code="control", params={"code": f"U+{ord(unwanted[0]):04X}"})


class EvaluatedRoundField(RoundField):
    """With the version of the catalogue that its reports answer."""

    def label_from_instance(self, obj: Any) -> str:
        words = {"period": super().label_from_instance(obj), "number": obj.catalogue.number}
        words |= {"plan": obj.plan.resolution, "hash": obj.catalogue.sha256[:8]}
        return _("%(period)s. Plan %(plan)s, catalogue %(number)s (%(hash)s…)") % words


class StatesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """States by their names; the codes of the boxes stand in links and tests."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ReleasesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Releases of statistics by their number and the last year that they tell."""

    def label_from_instance(self, obj: Any) -> str:
        words = {"number": obj.number, "year": obj.year, "date": month_date(obj.published_at)}
        return _("Release %(number)s, up to the year %(year)s, published on %(date)s") % words


class EvaluationForm(forms.Form):
    """What an evaluation is of. The data are read when its documents are generated."""

    round = EvaluatedRoundField(
        Round.objects.none(),
        label=_("Period to evaluate"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the period to evaluate")},
    )
    compared_round = RoundField(
        Round.objects.none(),
        label=_("Compare with"),
        required=False,
        empty_label=_("No comparison"),
        help_text=_("An earlier period. Each State is compared with itself alone."),
    )
    further_rounds = RoundsField(
        Round.objects.none(),
        label=_("Further periods"),
        required=False,
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Earlier ones. Documents tell how many answered what in each of them, each period by itself."),
    )
    symbol = forms.CharField(
        label=_("Document symbol"),
        max_length=60,
        validators=[validate_symbol],
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
        help_text=_("As it will stand on the cover, for example RTP-IV/doc.6/14"),
        error_messages={"required": _("Write the document symbol")},
    )
    original_language = forms.ChoiceField(
        label=_("Original language"),
        choices=Language.choices,
        widget=forms.RadioSelect,
        help_text=_("Printed on the cover of all four language versions."),
        error_messages={"required": _("Choose the original language")},
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=Language.choices,
        initial=Language.values,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The original language is always one of them."),
        error_messages={"required": _("Choose at least one language")},
    )
    formats = forms.MultipleChoiceField(
        label=_("Formats"),
        choices=DocumentFormat.choices,
        initial=DocumentFormat.values,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("CSV and JSON hold the matrix of States and activities."),
        error_messages={"required": _("Choose at least one format")},
    )
    with_contributions = forms.TypedChoiceField(
        label=_("Contributions of international bodies and civil society"),
        choices=[("yes", _("With their section")), ("no", _("Without"))],
        initial="yes",
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
        error_messages={"required": _("Say whether contributions are included")},
    )
    with_papers = forms.TypedChoiceField(
        label=_("Papers of the States"),
        choices=[("yes", _("One for each State in each language")), ("no", _("Without"))],
        initial="yes",
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
        help_text=_("A DOCX with what the evaluation says of this State and nothing of others."),
        error_messages={"required": _("Say whether papers of the States are written")},
    )

    meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label=_("For which Meeting"),
        required=False,
        empty_label=None,
        to_field_name="number",
        widget=forms.RadioSelect,
        help_text=_("The cover takes its title, place and days from the register of Meetings."),
    )
    states = StatesField(
        State.objects.none(),
        label=_("States covered"),
        to_field_name="iso2",
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Figures count these States alone, as far as they were asked to report in the period."),
        error_messages={"required": _("Choose at least one State")},
    )
    releases = ReleasesField(
        Release.objects.none(),
        label=_("Releases of statistics"),
        required=False,
        to_field_name="number",
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only whole years up to the end of the period are printed. Ticked is the last release of each."),
    )

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rounds = Round.objects.visible_to(user).exclude(status="draft").order_by("-period_start")
        rounds = rounds.select_related("plan", "catalogue")
        for name in ("round", "compared_round", "further_rounds"):
            field = self.fields[name]
            assert isinstance(field, RoundField | RoundsField)  # noqa: S101 - for the type checker
            field.queryset = rounds
        self._offer(rounds, user)
        # The newest period and the language of whoever asks; both may be changed.
        self.fields["round"].initial = rounds.first()
        self.fields["original_language"].initial = getattr(user, "language", None)

    def _offer(self, rounds: "QuerySet[Round]", user: AnyUser) -> None:
        """All States that were ever asked, by name, and all releases; ticked are those of the newest period."""
        states, releases = self.fields["states"], self.fields["releases"]
        assert isinstance(states, StatesField)  # noqa: S101 - for the type checker
        assert isinstance(releases, ReleasesField)  # noqa: S101 - for the type checker
        by_name = f"name_{column_suffix(get_language() or 'en')}"
        states.queryset = State.objects.visible_to(user).filter(reports__round__in=rounds).distinct().order_by(by_name)
        releases.queryset = Release.objects.visible_to(user).published().order_by("-number")
        meeting = self.fields["meeting"]
        assert isinstance(meeting, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        meeting.queryset, meeting.initial = Meeting.objects.visible_to(user), FOURTH_MEETING
        newest = rounds.first()
        states.initial = [state.iso2 for state in states.queryset]
        releases.initial = [release.number for release in default_releases(newest)] if newest else []

    def clean_symbol(self) -> str:
        symbol = str(self.cleaned_data["symbol"])
        if Evaluation.objects.filter(symbol=symbol).exists():
            raise forms.ValidationError(_("Another evaluation has this symbol"))
        return symbol

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        round_, compared = data.get("round"), data.get("compared_round")
        if round_ and compared and compared.period_start >= round_.period_start:
            self.add_error("compared_round", _("Choose a period before the one to evaluate"))
        further = data.get("further_rounds") or ()
        if round_ and any(each.period_start >= round_.period_start for each in further):
            self.add_error("further_rounds", _("Choose periods before the one to evaluate"))
        elif compared and compared in further:
            self.add_error("further_rounds", _("Leave out the period that is compared with: it has its own tables"))
        return data


class ExclusionForm(forms.Form):
    """Why a State is left out; the sentence stands in the documents as it is written."""

    reason = PrintedField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Printed in the documents as you write it, with its language."),
        error_messages={"required": _("Write the reason")},
    )
    language = forms.ChoiceField(label=_("Language of the reason"), choices=Language.choices, widget=forms.RadioSelect)


class SeenForm(forms.Form):
    """Knows which version its page showed, so that what somebody else saved meanwhile is not passed over."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def show_again(self, stored: int, **texts: str) -> None:
        """With what was typed, beside what is stored now; saved once more, it comes after that."""
        data = cast(QueryDict, self.data).copy()
        for name, value in {"seen": str(stored), **texts}.items():
            data[name] = value
        self.data = data


class ElementForm(SeenForm):
    """What becomes of an activity in a second Work Plan, as a draft or as the text that documents print."""

    suggestion = forms.ChoiceField(
        label=_("Suggestion"),
        choices=Suggestion.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a suggestion")},
    )
    merge_into = forms.ChoiceField(
        label=_("Merge with"), required=False, help_text=_("Only where the suggestion is to merge it. Which one stays?")
    )
    text = PrintedField(
        label=_("Text"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("What should change, and why. Needed unless the activity is kept as it is."),
    )
    language = forms.ChoiceField(label=_("Language of the text"), choices=Language.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, is_new: bool, targets: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, target = self.fields["suggestion"], self.fields["merge_into"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        assert isinstance(target, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [choice for choice in Suggestion.choices if (choice[0] == Suggestion.NEW) == is_new]
        target.choices = [("", pgettext("activity", "None")), *(() if is_new else targets)]
        if is_new:  # what would be new is merged with nothing
            target.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("suggestion") not in (None, Suggestion.KEEP) and not data.get("text"):
            self.add_error("text", _("Write what should change"))
        is_merge, target = data.get("suggestion") == Suggestion.MERGE, data.get("merge_into")
        if is_merge and not target and "merge_into" not in self.errors:
            self.add_error("merge_into", _("Choose what it is merged with"))
        if target and not is_merge and "suggestion" in data:
            self.add_error("merge_into", _("Leave this empty, or choose to merge: only a merge names another"))
        return data


# --- the register of the Meetings -----------------------------------------

SOURCE = _("Source")
SOURCE_HELP = _("Where this can be checked: a symbol, an address, a file.")


def _four(base: str, label: Promise) -> dict[str, Any]:
    """Labels of a text in four languages."""
    return {f"{base}_{column_suffix(code)}": format_lazy("{} ({})", label, name) for code, name in NATIVE_NAMES.items()}


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """An item of a Meeting. What must be once in a Meeting is checked with the Meeting."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # fingerprint of what the page showed

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = fingerprint(self.instance)

    def show_again(self, stored: Any) -> None:
        """With what was typed; saved once more, it replaces what is stored now."""
        data = cast(QueryDict, self.data).copy()
        data["seen"] = fingerprint(stored)
        self.data = data

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # untyped there
        return excluded - {"meeting"}


class MeetingForm(RecordForm):
    class Meta:
        model = Meeting
        fields = [
            "number", "title_es", "title_en", "title_fr", "title_pt_br", "place_es", "place_en", "place_fr",
            "place_pt_br", "host", "starts_on", "ends_on", "series",
        ]  # fmt: skip
        field_classes = {"starts_on": DatePartsField, "ends_on": DatePartsField}
        labels = {
            "number": _("Number of the Meeting"),
            **_four("title", _("Title")),
            **_four("place", _("Place")),
            "host": _("Host State"),
            "starts_on": _("First day"),
            "ends_on": _("Last day"),
            "series": _("Series of documents"),
        }
        help_texts = {"series": _("For example OEA/Ser.K/XXXIX.4; empty where it is not known.")}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day cannot come before the first"))
        return data


class OfficerForm(RecordForm):
    class Meta:
        model = Officer
        fields = ["role", "name", "state"]
        widgets = {"role": forms.RadioSelect}
        labels = {"role": _("Office"), "name": _("Name"), "state": _("State")}


class AgendaForm(RecordForm):
    class Meta:
        model = AgendaItem
        fields = ["position", "title_es", "title_en", "title_fr", "title_pt_br", "source"]
        labels = {"position": _("Position"), **_four("title", _("Title")), "source": SOURCE}
        help_texts = {"source": SOURCE_HELP}


class PaperForm(RecordForm):
    class Meta:
        model = MeetingDocument
        fields = [
            "symbol", "revision", "title", "title_language", "dated_on", "original_language", "note", "source"
        ]  # fmt: skip
        field_classes = {"dated_on": DatePartsField}
        widgets = {"title_language": forms.RadioSelect}
        labels = {
            "symbol": _("Symbol"),
            "revision": _("Revision"),
            "title": _("Title"),
            "title_language": _("Language of the title"),
            "dated_on": _("Date"),
            "original_language": _("Original language"),
            "note": _("Note"),
            "source": SOURCE,
        }
        help_texts = {
            "symbol": _("For example RTP-III/doc.10/12, without its revision; empty where it is not known."),
            "revision": _("The number after “rev.”. A new revision is a new document of this list."),
            "source": SOURCE_HELP,
        }


class ConclusionForm(RecordForm):
    activities = forms.MultipleChoiceField(
        label=_("Activities of the Work Plan"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Conclusion
        fields = [
            "number", "position", "meaning_es", "meaning_en", "meaning_fr", "meaning_pt_br", "source", "responsible",
            "due_on", "activities",
        ]  # fmt: skip
        field_classes = {"due_on": DatePartsField}
        labels = {
            "number": _("Number of the conclusion"),
            "position": _("Position"),
            **_four("meaning", _("Meaning, in the portal’s words")),
            "source": SOURCE,
            "responsible": _("Who is to act"),
            "due_on": _("By when"),
        }
        help_texts = {"source": SOURCE_HELP}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["activities"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        known = {activity.code: str(activity) for activity in current_catalogue().activities.all()}
        # What an earlier catalogue called by another code stays ticked: it is not lost by correcting a word.
        field.choices = list(({code: code for code in self.instance.activities} | known).items())


class FollowUpForm(forms.Form):
    """What became of a conclusion by today."""

    status = forms.ChoiceField(
        label=_("How it stands"),
        choices=FollowUpStatus.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how it stands")},
    )
    text = PrintedField(
        label=_("What was done"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Everybody can read it. What was said before stays beside it."),
        error_messages={"required": _("Write what was done")},
    )
    language = forms.ChoiceField(label=_("Language of the text"), choices=Language.choices, widget=forms.RadioSelect)
    who = forms.CharField(label=_("Who acts"), max_length=200, required=False)
    due_on = DatePartsField(label=_("By when"), required=False)


# --- consultation ---------------------------------------------------------


class ConsultationForm(forms.Form):
    """Until when States may comment on their own part."""

    closes_on = DatePartsField(
        label=_("Last day for comments"), error_messages={"required": _("Write the last day for comments")}
    )


class CommentForm(SeenForm):
    """What a State says, area by area; an emptied box takes back what was said."""

    language = forms.ChoiceField(
        label=_("Language of your comments"), choices=Language.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, areas: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = [code for code, _title in areas]
        for code, title in areas:
            self.fields[f"text_{code}"] = PrintedField(
                label=title, required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 5})
            )

    @property
    def texts(self) -> dict[str, str]:
        return {code: str(self.cleaned_data[f"text_{code}"]) for code in self.areas}


# --- translation ----------------------------------------------------------


class TranslationForm(SeenForm):
    text = PrintedField(
        label=_("Translation"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Write the translation")},
    )


class InterchangeForm(forms.Form):
    file = OneFileField(
        label=_("File of the translators (XLIFF 1.2)"), error_messages={"required": _("Choose the file")}
    )
