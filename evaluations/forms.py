from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from accounts.querysets import AnyUser
from core.templatetags.portal import month_date
from evaluations.enums import DocumentFormat, Suggestion
from evaluations.models import Evaluation
from evaluations.validators import validate_symbol
from workplan.models import Round


class RoundField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Periods by their code and their dates."""

    def label_from_instance(self, obj: Any) -> str:
        words = {"code": obj.code, "start": month_date(obj.period_start), "end": month_date(obj.period_end)}
        return _("%(code)s: %(start)s to %(end)s") % words


class EvaluationForm(forms.Form):
    """What an evaluation is of. The data are read when its documents are generated."""

    round = RoundField(
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

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rounds = Round.objects.visible_to(user).exclude(status="draft").order_by("-period_start")
        for name in ("round", "compared_round"):
            field = self.fields[name]
            assert isinstance(field, RoundField)  # noqa: S101 - for the type checker
            field.queryset = rounds
        # The newest period and the language of whoever asks; both may be changed.
        self.fields["round"].initial = rounds.first()
        self.fields["original_language"].initial = getattr(user, "language", None)

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
        return data


class ExclusionForm(forms.Form):
    """Why a State is left out; the sentence stands in the documents as it is written."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Printed in the documents as you write it, with its language."),
        error_messages={"required": _("Write the reason")},
    )
    language = forms.ChoiceField(label=_("Language of the reason"), choices=Language.choices, widget=forms.RadioSelect)


class ElementForm(forms.Form):
    """What becomes of an activity in a second Work Plan, as a draft or as the text that documents print."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    suggestion = forms.ChoiceField(
        label=_("Suggestion"),
        choices=Suggestion.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a suggestion")},
    )
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("What should change, and why. Needed unless the activity is kept as it is."),
    )
    language = forms.ChoiceField(label=_("Language of the text"), choices=Language.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["suggestion"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [choice for choice in Suggestion.choices if (choice[0] == Suggestion.NEW) == is_new]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("suggestion") not in (None, Suggestion.KEEP) and not data.get("text"):
            self.add_error("text", _("Write what should change"))
        return data
