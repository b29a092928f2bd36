"""The queue of those who review, and the one form of a review: no button drops what was typed."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import State
from core.fields import pressed
from workplan.enums import (
    SELECTABLE_STATUSES,
    EntryField,
    ImplementationStatus,
    ReportStatus,
)
from workplan.forms.texts import long_text
from workplan.models import ReportVersion, Round
from workplan.services import RatingData

BY_SECRETARIAT = _("Secretariat’s rating")
BY_MEETING = _("Rating by the officers of the Meeting")


class ReviewFilterForm(forms.Form):
    round: "forms.ModelChoiceField[Round]" = forms.ModelChoiceField(
        label=_("Period"), queryset=None, required=False, to_field_name="code"
    )
    state: "forms.ModelChoiceField[State]" = forms.ModelChoiceField(
        label=_("State"), queryset=None, required=False, to_field_name="iso2", empty_label=_("All States")
    )
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, data: Mapping[str, Any], *, rounds: Any, states: Any) -> None:
        super().__init__(data)
        field = self.fields["round"]
        field.queryset, field.empty_label = rounds, _("All periods")  # type: ignore[attr-defined]
        self.fields["state"].queryset = states.participating().order_by("iso2")  # type: ignore[attr-defined]
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
        return self._where(statuses)

    def _where(self, statuses: list[str]) -> dict[str, Any]:
        named = {name: self.cleaned_data.get(name) for name in ("round", "state")}
        return {**named, "statuses": statuses}


class ReportFilterForm(ReviewFilterForm):
    """Of all reports, not those alone that wait."""

    def __init__(self, data: Mapping[str, Any], *, rounds: Any, states: Any) -> None:
        super().__init__(data, rounds=rounds, states=states)
        self.fields["status"].choices = [("", _("All")), *ReportStatus.choices]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        status = self.cleaned_data.get("status", "")
        return self._where([status] if status else [])


class PublishedFilterForm(forms.Form):
    """Of what States show to everybody: of one State, or of one period."""

    state = forms.CharField(min_length=2, max_length=2, required=False)
    round = forms.SlugField(max_length=12, required=False)

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        names = {"state": "report__state__iso2__iexact", "round": "report__round__code"}
        return {names[name]: value for name, value in self.cleaned_data.items() if value}


class RatingForm(forms.Form):
    status = forms.ChoiceField()
    reason = long_text(_("Reason where it differs"), 2, 1000)

    def __init__(
        self, data: Mapping[str, Any] | None, *, code: str, own: str, label: "str | Promise", draft: Mapping[str, str]
    ) -> None:
        super().__init__(data, prefix=f"rate-{code}", initial={"status": own, **draft})
        self.code, self.own = code, own
        self.fields["status"].label = str(label)
        # No information stays a possible rating only where the reporter gave none.
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
        self.do, self.about = pressed(data or {})
        own = {entry["activity"]: entry["status"] for entry in version.content["entries"]}
        draft = self._typed(data, own) if data else draft
        label = BY_SECRETARIAT if version.report.state_id else BY_MEETING
        rated, asked = draft.get("ratings", {}), draft.get("asks", {})
        rates = data if self.do == "accept" else None
        self.ratings = {
            code: RatingForm(rates, code=code, own=status, label=label, draft=rated.get(code, {}))
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
