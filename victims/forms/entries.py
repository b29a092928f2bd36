"""One dated thing in a record: a need, a goal, a service, a task."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields import DatePartsField
from victims import queries
from victims.enums import EntryStatus, Kind, NoteKind
from victims.forms.fields import (
    NOT_CHOSEN,
    ApproximateDateField,
    CountriesField,
    long_text,
    one_of,
    quiet,
    short_text,
    some_of,
)


class EntryForm(forms.Form):
    """One thing in a record. Whatever is not a column is sealed."""

    version = forms.IntegerField(widget=forms.HiddenInput(), required=False)
    COLUMNS = ("version", "status", "due_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, codes, several in self.coded():
            offered = queries.choices(codes)
            self.fields[name] = (
                some_of(label, offered)
                if several
                else one_of(label, offered, required=name in self.needed, blank=NOT_CHOSEN)
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
    words = long_text(_("What else has to be known today"))
    order = ("risk", "dangers")

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (("risk", _("How great is the risk"), "risk", False), ("dangers", _("What is urgent"), "danger", True))

    def todo(self) -> dict[str, str]:
        return {code: queries.label_of("danger", code) for code in self.cleaned_data["dangers"]}


class NeedForm(EntryForm):
    words = long_text(_("What the person needs, in her or his own words where possible"))
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
    objective = long_text(_("What the person wants to reach"), required=True)
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
    what = short_text(_("What is done"), required=True)
    who = short_text(_("Who does it"))
    due_on = DatePartsField(label=_("Until"), required=False)
    status = _status()


class ServiceForm(EntryForm):
    provider = short_text(_("Who provides it"))
    began = ApproximateDateField(label=_("Since"), required=False)
    ended = ApproximateDateField(label=_("Until"), required=False)
    words = long_text(_("Remarks"))
    order = ("service", "provider", "began", "ended", "outcome", "words")
    needed = ("service",)

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (("service", _("Service"), "service", False), ("outcome", _("Outcome"), "outcome", False))

    def columns(self) -> dict[str, Any]:
        is_over = self.cleaned_data.get("ended") or self.cleaned_data.get("outcome")
        return {"status": EntryStatus.DONE if is_over else EntryStatus.OPEN, "due_on": None}


class ProtectionForm(EntryForm):
    authority = short_text(_("Authority that ordered it"))
    began = ApproximateDateField(label=_("Since"), required=False)
    ended = ApproximateDateField(label=_("Until"), required=False)
    words = long_text(_("Remarks"))
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
    place = short_text(_("Where"))
    country = CountriesField(label=_("Country"), required=False, several=False, widget=quiet())
    words = long_text(_("What happened, in a few words"))
    order = ("type", "happened", "place", "country", "words")
    needed = ("type",)

    def coded(self) -> Sequence[tuple[str, Any, str, bool]]:
        return (("type", _("Kind"), "event_type", False),)


class NoteForm(EntryForm):
    note_kind = forms.ChoiceField(
        label=_("What about"), choices=NoteKind.choices, initial=NoteKind.GENERAL, widget=forms.RadioSelect()
    )
    text = long_text(_("Text"), required=True, hint=_("For the team alone. Write what helps, and nothing else."))


class TaskForm(EntryForm):
    what = short_text(_("What has to be done"), required=True)
    due_on = DatePartsField(label=_("Until"))
    who = short_text(_("Who does it"))
    status = _status()


class ExitForm(EntryForm):
    risks = long_text(_("Risks that remain, and what was agreed about them"))
    referrals = short_text(_("Referrals that go on"))
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
