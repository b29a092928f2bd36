"""Forms of case records. Nothing but consent is required: what was not asked stays blank, and each group may say what
the person preferred not to speak of."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import State
from core.fields import DatePartsField, WholeNumberField
from indicators.forms import RETURN_YEARS
from victims import queries
from victims.enums import (
    CODE_ALPHABET,
    AlertOutcome,
    EntryStatus,
    EraseReason,
    FieldClass,
    GivenBy,
    Help,
    HoldReason,
    Kind,
    Manner,
    NoteKind,
    Purpose,
    Reason,
    ReferralKind,
    Refusal,
    RetentionStep,
    SearchReason,
    Standing,
    Urgency,
)
from victims.services import Answer
from victims.services.retention import years_after

NOT_ASKED, NOT_CHOSEN = ("", _("Not asked yet")), ("", "—")
TEXT, LONG = 200, 4000


class ApproximateDateField(DatePartsField):
    """A date as far as it is known: a day, a month or a year. Kept as text, 2013-05; nothing has to be invented."""

    default_error_messages = {
        "incomplete": _("Enter at least the year, for example 2013, or 5 2013"),
        "invalid": _("Enter a date that exists, for example 24 10 2014, or only what is known"),
    }

    def to_python(self, value: Any) -> Any:
        day, month, year = ((part or "").strip() for part in value or ("", "", ""))
        if not (day or month or year):
            return ""
        if not year or (day and not month):
            raise ValidationError(self.error_messages["incomplete"], code="incomplete")
        found = self._date(day or "1", month or "1", year)
        return f"{found:%Y}" if not month else f"{found:%Y-%m}" if not day else f"{found:%Y-%m-%d}"

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            parts = [str(int(part)) for part in value.split("-")] if value else []
            return [*[""] * (3 - len(parts)), *reversed(parts)]
        return value


class CountriesField(forms.CharField):
    """Typed by name in any of the four languages, or by code: shorter than a list of 250."""

    def __init__(self, *, several: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.several = several
        self.help_text = _("Names, with commas between them") if several else ""

    def clean(self, value: Any) -> Any:
        words = [word for word in (super().clean(value) or "").split(",") if word.strip()]
        found = {word.strip(): queries.country_code(word) for word in words}
        if unknown := [word for word, code in found.items() if code is None]:
            raise ValidationError(_("The portal knows no country “%(name)s”") % {"name": unknown[0]})
        if not self.several and len(found) > 1:
            raise ValidationError(_("Enter one country"))
        codes = [code for code in found.values() if code]
        return codes if self.several else "".join(codes)

    def prepare_value(self, value: Any) -> Any:
        codes = [value] if isinstance(value, str) else value or []
        return ", ".join(queries.country_name(code) if len(code) == 2 else code for code in codes)


def _choice(
    label: Any, choices: Sequence[Any], *, radio: bool = False, required: bool = False, blank: Any = NOT_ASKED
) -> forms.ChoiceField:
    offered = list(choices) if radio else [blank, *choices]
    widget = forms.RadioSelect() if radio else forms.Select()
    return forms.ChoiceField(label=label, choices=offered, required=required, widget=widget)


def _several(label: Any, choices: Sequence[Any]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), required=False, widget=forms.CheckboxSelectMultiple()
    )


def _text(label: Any, *, required: bool = False, hint: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=TEXT, required=required, help_text=hint, widget=_quiet())


def _long(label: Any, *, required: bool = False, hint: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=LONG, required=required, help_text=hint, widget=area)


def _quiet() -> forms.TextInput:
    """No browser on a shared computer offers the name of a person to the next one."""
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})


def _made(field: queries.Field) -> forms.Field:
    label = field.label
    if field.kind == "choice":
        return _choice(label, queries.choices(field.codes))
    if field.kind == "multi":
        return _several(label, queries.choices(field.codes))
    if field.kind == "number":
        return WholeNumberField(label=label, required=False, max_value=120)
    if field.kind == "date":
        return ApproximateDateField(label=label, required=False)
    if field.kind in {"country", "countries"}:
        return CountriesField(label=label, required=False, several=field.kind == "countries", widget=_quiet())
    return _long(label) if field.kind == "long" else _text(label)


class SectionForm(forms.Form):
    """One section of the record, made from the catalog of fields."""

    version = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, fields: Sequence[queries.Field], *args: Any, with_standing: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalog = list(fields)
        if with_standing:
            self.fields["standing"] = _choice(_("What was found"), Standing.choices, radio=True, required=True)
            self.initial["standing"] = with_standing
        for field in self.catalog:
            self.fields[field.name] = _made(field)
        declined = _several(_("The person preferred not to say"), [(f.name, f.label) for f in self.catalog])
        declined.help_text = _("Whatever you leave blank above counts as not asked yet.")
        self.fields[queries.OWN_WORDS] = declined
        mine = {field.name for field in self.catalog}
        self.initial[queries.OWN_WORDS] = [n for n in self.initial.get(queries.OWN_WORDS, []) if n in mine]

    def merged(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """All facts as they shall stand: this section's answers in the place of the former ones."""
        mine = [field.name for field in self.catalog]
        kept = {name: value for name, value in before.items() if name not in {*mine, queries.OWN_WORDS}}
        answers = {n: self.cleaned_data[n] for n in mine if self.cleaned_data[n] not in (None, "", [])}
        declined = [n for n in before.get(queries.OWN_WORDS, []) if n not in mine]
        declined += [n for n in self.cleaned_data[queries.OWN_WORDS] if n not in answers]
        return {**kept, **answers, **({queries.OWN_WORDS: declined} if declined else {})}


# --- consent --------------------------------------------------------------------------------------


class ConsentForm(forms.Form):
    """What was asked and answered: one purpose, the classes one by one."""

    given = forms.ChoiceField(
        label=_("Did the person agree?"), choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect()
    )
    classes = forms.MultipleChoiceField(
        label=_("What may be kept or shared"),
        choices=FieldClass.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Only what the person agreed to."),
    )
    explained = forms.MultipleChoiceField(
        label=_("What was explained"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    given_by = forms.ChoiceField(label=_("Who answered"), choices=GivenBy.choices, widget=forms.RadioSelect())
    manner = forms.ChoiceField(label=_("How"), choices=Manner.choices, widget=forms.RadioSelect())
    language = forms.ChoiceField(label=_("In which language"))
    interpreter = forms.BooleanField(label=_("With an interpreter"), required=False)
    expires_on = DatePartsField(
        label=_("Until when it holds"), required=False, help_text=_("Leave blank if it has no end.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["explained"].choices = queries.choices("explained")  # type: ignore[attr-defined]
        self.fields["language"].choices = queries.choices("language")  # type: ignore[attr-defined]
        self.initial.setdefault("given_by", GivenBy.PERSON)
        self.initial.setdefault("manner", Manner.SPOKEN)
        self.initial.setdefault("language", "spa")

    def clean_expires_on(self) -> dt.date | None:
        until: dt.date | None = self.cleaned_data["expires_on"]
        if until and until <= timezone.localdate():
            raise ValidationError(_("Enter a day to come"))
        return until

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("given") == "yes" and "classes" in data and not data["classes"]:
            self.add_error("classes", _("Say what the person agreed to."))
        return data

    def answer(self) -> Answer:
        names = ("classes", "explained", "given_by", "manner", "language", "interpreter", "expires_on")
        return Answer(given=self.cleaned_data["given"] == "yes", **{name: self.cleaned_data[name] for name in names})


class FurtherConsentForm(ConsentForm):
    """A consent of a record that exists: for which purpose, and for whom."""

    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices, widget=forms.RadioSelect())
    recipient = forms.ModelChoiceField(
        State.objects.none(), label=_("Which State would receive it"), required=False, to_field_name="iso2"
    )
    field_order = ("purpose", "recipient")

    def __init__(self, *args: Any, home: str, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = State.objects.visible_to(user).exclude(iso2=home)
        self.fields["recipient"].queryset = states  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (data.get("purpose") == Purpose.RECIPIENT) != bool(data.get("recipient")):
            self.add_error("recipient", _("Name a State if the consent is to share, and only then."))
        return data

    def recipient_code(self) -> str:
        state = self.cleaned_data["recipient"]
        return state.iso2 if state else ""


class FirstConsentForm(ConsentForm):
    """Consent to keep a record. Asked before anything else is written down."""

    agrees_to_services = forms.BooleanField(label=_("The person also agrees to receive services"), required=False)


# --- entries --------------------------------------------------------------------------------------


class EntryForm(forms.Form):
    """One thing in a record. Whatever is not a column is sealed."""

    version = forms.IntegerField(widget=forms.HiddenInput(), required=False)
    COLUMNS = ("version", "status", "due_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, codes, several in self.coded():
            offered = queries.choices(codes)
            self.fields[name] = (
                _several(label, offered)
                if several
                else _choice(label, offered, required=name in self.needed, blank=NOT_CHOSEN)
            )
        self.order_fields(self.order)

    order: Sequence[str] = ()
    needed: Sequence[str] = ()  # codes without which the entry would say nothing

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        """(field, label, code list, several)."""
        return ()

    def columns(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"status": data.get("status") or EntryStatus.OPEN, "due_on": data.get("due_on")}

    def sealed_data(self) -> dict[str, Any]:
        values = {n: v for n, v in self.cleaned_data.items() if n not in self.COLUMNS}
        return {n: v for n, v in values.items() if v not in (None, "", [], False)}


class SafetyForm(EntryForm):
    words = _long(_("What else has to be known today"))
    order = ("risk", "dangers")

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (("risk", _("How great is the risk"), "risk", False), ("dangers", _("What is urgent"), "danger", True))

    def todo(self) -> dict[str, str]:
        return {code: queries.label_of("danger", code) for code in self.cleaned_data["dangers"]}


class NeedForm(EntryForm):
    words = _long(_("What the person needs, in her or his own words where possible"))
    order = ("need", "risk", "levels")
    needed = ("need",)

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (
            ("need", _("Kind of help"), "service", False),
            ("risk", _("Risk if nothing is done"), "risk", False),
            ("levels", _("Where the need lies"), "level", True),
        )


def _status() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Status"), choices=EntryStatus.choices, initial=EntryStatus.OPEN, required=False)


class GoalForm(EntryForm):
    objective = _long(_("What the person wants to reach"), required=True)
    due_on = DatePartsField(label=_("Planned until"), required=False)
    status = _status()
    order = ("area", "plan_type", "objective", "due_on", "status", "outcome")

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (
            ("area", _("Part of the life project"), "goal_area", False),
            ("plan_type", _("Kind of support"), "plan_type", False),
            ("outcome", _("Outcome"), "outcome", False),
        )


class StepForm(EntryForm):
    what = _text(_("What is done"), required=True)
    who = _text(_("Who does it"))
    due_on = DatePartsField(label=_("Until"), required=False)
    status = _status()


class ServiceForm(EntryForm):
    provider = _text(_("Who provides it"))
    began = ApproximateDateField(label=_("Since"), required=False)
    ended = ApproximateDateField(label=_("Until"), required=False)
    words = _long(_("Remarks"))
    order = ("service", "provider", "began", "ended", "outcome", "words")
    needed = ("service",)

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (("service", _("Service"), "service", False), ("outcome", _("Outcome"), "outcome", False))

    def columns(self) -> dict[str, Any]:
        is_over = self.cleaned_data.get("ended") or self.cleaned_data.get("outcome")
        return {"status": EntryStatus.DONE if is_over else EntryStatus.OPEN, "due_on": None}


class ProtectionForm(EntryForm):
    authority = _text(_("Authority that ordered it"))
    began = ApproximateDateField(label=_("Since"), required=False)
    ended = ApproximateDateField(label=_("Until"), required=False)
    words = _long(_("Remarks"))
    order = ("judicial_stage", "measure", "authority", "began", "ended", "words")
    needed = ("measure",)

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (
            ("judicial_stage", _("Stage of the proceedings"), "judicial_stage", False),
            ("measure", _("Measure"), "measure", False),
        )


class InterviewForm(EntryForm):
    """The re-victimization guard: whoever asks the person to tell it again says why."""

    held_on = ApproximateDateField(label=_("When"), required=False)
    recorded = forms.BooleanField(label=_("It was recorded, so that it need not be told again"), required=False)
    accompanied = forms.BooleanField(label=_("Somebody of trust was there"), required=False)
    order = ("by", "held_on", "again", "recorded", "accompanied")
    needed = ("by",)

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        self.is_first = is_first
        super().__init__(*args, **kwargs)

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (
            ("by", _("Who asked"), "interview_by", False),
            ("again", _("Why the person tells it again"), "interview_again", False),
        )

    def clean_again(self) -> str:
        reason: str = self.cleaned_data["again"]
        if not self.is_first and reason in {"", "first"}:
            raise ValidationError(_("It was told before. Say why it has to be told again."))
        return reason


class EventForm(EntryForm):
    happened = ApproximateDateField(label=_("When"), required=False)
    place = _text(_("Where"))
    country = CountriesField(label=_("Country"), required=False, several=False, widget=_quiet())
    words = _long(_("What happened, in a few words"))
    order = ("type", "happened", "place", "country", "words")
    needed = ("type",)

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (("type", _("Kind"), "event_type", False),)


class NoteForm(EntryForm):
    note_kind = forms.ChoiceField(
        label=_("What about"), choices=NoteKind.choices, initial=NoteKind.GENERAL, widget=forms.RadioSelect()
    )
    text = _long(_("Text"), required=True, hint=_("For the team alone. Write what helps, and nothing else."))


class TaskForm(EntryForm):
    what = _text(_("What has to be done"), required=True)
    due_on = DatePartsField(label=_("Until"))
    who = _text(_("Who does it"))
    status = _status()


class ExitForm(EntryForm):
    risks = _long(_("Risks that remain, and what was agreed about them"))
    referrals = _text(_("Referrals that go on"))
    order = ("goals", "risks", "contact", "referrals")

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (
            ("goals", _("Goals of the life project"), "outcome", False),
            ("contact", _("Contact afterwards"), "contact", False),
        )


ENTRY_FORMS: dict[str, type[EntryForm]] = {
    Kind.NEED: NeedForm,
    Kind.GOAL: GoalForm,
    Kind.STEP: StepForm,
    Kind.SERVICE: ServiceForm,
    Kind.PROTECTION: ProtectionForm,
    Kind.INTERVIEW: InterviewForm,
    Kind.EVENT: EventForm,
    Kind.NOTE: NoteForm,
    Kind.TASK: TaskForm,
    Kind.EXIT: ExitForm,
    Kind.SAFETY: SafetyForm,
}


# --- reasons, decisions, teams --------------------------------------------------------------------


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why you need it"), choices=Reason.choices, widget=forms.RadioSelect())


class WordsForm(forms.Form):
    words = _long(_("What the other person should know"))


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("approved", _("Approve")), ("returned", _("Return"))],
        widget=forms.RadioSelect(),
    )
    words = _long(_("What is missing, if you return it"))


class EmergencyForm(forms.Form):
    code = _text(_("Code of the case"), required=True, hint=_("For example CR-7Q4M-29"))
    confirm = forms.BooleanField(
        label=_("There is a risk to life or safety, and nobody of the team can be reached"), required=True
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip().upper()
        if set(code) - set(CODE_ALPHABET) - {"-", "I", "L", "O", "U"} or len(code) > 10:
            raise ValidationError(_("Enter the code as it stands in the list, for example CR-7Q4M-29"))
        return code


class AlertForm(forms.Form):
    outcome = forms.ChoiceField(label=_("What came of it"), choices=AlertOutcome.choices, widget=forms.RadioSelect())
    words = _long(_("What you found out"), required=True, hint=_("Do not name the person of a case."))


class SearchForm(forms.Form):
    """A document with its country, or all names with a full date of birth. A part of either finds nothing, and says
    so before anything is asked."""

    reason = forms.ChoiceField(
        label=_("Why you search"),
        choices=SearchReason.choices,
        widget=forms.RadioSelect(),
        help_text=_("The access log keeps the reason and what was found, never what you typed."),
    )
    identity_number = _text(_("Number of an identity document"))
    identity_country = CountriesField(
        label=_("Country that issued the document"), required=False, several=False, widget=_quiet()
    )
    first_name = _text(_("Given names"), hint=_("Spelling, accents and capitals do not matter."))
    second_name = _text(_("Family names"))
    birth_date = ApproximateDateField(label=_("Date of birth"), required=False)

    PARTS = {
        ("identity_number", "identity_country"): _("Enter both the number and the country of the document"),
        ("first_name", "second_name", "birth_date"): _("Enter given names, family names and the date of birth"),
    }

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for parts, words in self.PARTS.items():
            lacking = [part for part in parts if not data.get(part) and part not in self.errors]
            if 0 < len(lacking) < len(parts):
                self.add_error(lacking[0], words)
        if data.get("birth_date") and data["birth_date"].count("-") != 2:
            self.add_error("birth_date", _("Enter day, month and year: an approximate date finds too many people"))
        if not self.errors and not any(data.get(parts[0]) for parts in self.PARTS):
            raise ValidationError(_("Enter a document with its country, or all names with a full date of birth."))
        return data

    def wanted(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for parts in self.PARTS for name in parts}


class ColleagueForm(forms.Form):
    colleague = forms.ChoiceField(label=_("Colleague"))

    def __init__(self, *args: Any, colleagues: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].choices = list(colleagues)  # type: ignore[attr-defined]


class CountForm(forms.Form):
    year = forms.TypedChoiceField(
        label=_("Year"), coerce=int, choices=[(year, str(year)) for year in reversed(RETURN_YEARS)]
    )


# --- referral to another State --------------------------------------------------------------------


class ReferralForm(forms.Form):
    """Only States and classes the person agreed to are offered; the service asks the consent again."""

    to_state = forms.ChoiceField(label=_("To the authority of"))
    kind = forms.ChoiceField(label=_("What kind of referral"), choices=ReferralKind.choices, widget=forms.RadioSelect())
    help = forms.ChoiceField(label=_("What help is asked for"), choices=Help.choices)
    urgency = forms.ChoiceField(label=_("How soon"), choices=Urgency.choices, widget=forms.RadioSelect())
    classes = forms.MultipleChoiceField(
        label=_("What is sent"),
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Only what the person agreed to share. Before it goes you see what the other side will read."),
    )
    without = forms.MultipleChoiceField(
        label=_("What stays here all the same"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Of what is sent, leave out whatever the other authority does not need."),
    )
    note = forms.CharField(
        label=_("Note for the other authority"),
        required=False,
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is sent if you chose what was told and done."),
    )

    def __init__(self, *args: Any, agreed: Mapping[str, set[str]], recorded: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(code, queries.country_name(code)) for code in agreed]
        shared = set().union(*agreed.values())
        self.fields["to_state"].choices = sorted(offered, key=lambda one: one[1])  # type: ignore[attr-defined]
        self.fields["classes"].choices = [one for one in FieldClass.choices if one[0] in shared]  # type: ignore[attr-defined]
        # Whether a field of the identity is recorded is a part of the identity: all of them are offered.
        mine = [f for f in queries.fields() if f.name in recorded or f.field_class == FieldClass.IDENTITY]
        self.fields["without"].choices = [(f.name, f.label) for f in mine if f.field_class in shared]  # type: ignore[attr-defined]
        self.initial.setdefault("kind", ReferralKind.SERVICE)


class RefusalForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why"), choices=Refusal.choices, widget=forms.RadioSelect())


class MessageForm(forms.Form):
    text = forms.CharField(label=_("Your words"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 6}))


# --- HTCDS ----------------------------------------------------------------------------------------


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Spreadsheet of HTCDS 2.0"),
        help_text=_("An .xlsx workbook of at most 2 MB and 200 records. All of it is taken, or nothing."),
    )
    confirm = forms.BooleanField(label=_("Each of these people agreed, on paper, to be kept in the portal"))


class ExportForm(forms.Form):
    """A password of the exporter's own choice; the portal does not keep it."""

    cases = forms.MultipleChoiceField(label=_("Cases to take away"), widget=forms.CheckboxSelectMultiple())
    password = forms.CharField(
        label=_("Password of the file"),
        min_length=15,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 15 characters. Tell it by another way than the file takes; the portal does not keep it."),
    )

    def __init__(self, *args: Any, codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cases"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]


# --- how long a record is kept --------------------------------------------------------------------

LONGEST_YEARS = 30


class KeepForm(forms.Form):
    until = DatePartsField(label=_("Keep until"), help_text=_("On this day somebody decides again."))
    words = _long(_("Why it is still needed"), required=True)

    def clean_until(self) -> dt.date:
        until: dt.date = self.cleaned_data["until"]
        today = timezone.localdate()
        if until <= today or until > years_after(today, LONGEST_YEARS):
            raise ValidationError(_("Enter a day to come, at most 30 years from now"))
        return until


class EraseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=EraseReason.choices, widget=forms.RadioSelect())
    words = _long(_("What the second person should know"))


class ConfirmForm(forms.Form):
    confirm = forms.BooleanField(label=_("I know that nobody can bring this record back"))


class HoldForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=HoldReason.choices, widget=forms.RadioSelect())
    words = _long(_("Which proceeding, and who asked"), required=True)


class LiftForm(forms.Form):
    words = _long(_("Why it is not needed any more"), required=True)


class BareForm(forms.Form):
    """A step that asks nothing but to be sure."""


RETENTION_FORMS: dict[str, type[forms.Form]] = {
    RetentionStep.KEEP: KeepForm,
    RetentionStep.ERASE: EraseForm,
    RetentionStep.WITHDRAW: BareForm,
    RetentionStep.CONFIRM: ConfirmForm,
    RetentionStep.DECLINE: BareForm,
    RetentionStep.HOLD: HoldForm,
    RetentionStep.LIFT: LiftForm,
}


class RulesForm(forms.Form):
    """One number for each kind of record."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Standing:
            self.fields[kind.value] = WholeNumberField(
                label=kind.label, min_value=1, max_value=LONGEST_YEARS, help_text=_("Years after the case is closed")
            )
