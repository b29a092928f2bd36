"""Filters of the audit trail and of the dashboard."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from oas_trafficking.presenters import EVENT_LABELS
from oas_trafficking.presenters.dashboard import GROUP_WORDS
from workplan.enums import ImplementationStatus
from workplan.models import Round

NO_COMPARISON = "none"
Choices = Sequence[tuple[str, str | Promise]]


def _chain_label(chain: str) -> str:
    names = {"platform": _("The portal"), "SG": _("General Secretariat")}
    return str(names.get(chain, chain))


class AuditFilterForm(forms.Form):
    chain = forms.ChoiceField(label=_("Trail"), required=False)
    person = forms.CharField(label=_("Person"), required=False, max_length=120)
    verb = forms.ChoiceField(label=_("What happened"), required=False)
    about = forms.CharField(label=_("Reference"), required=False, max_length=64)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, chains: Sequence[str]) -> None:
        super().__init__(data)
        self.chains = chains
        self.fields["chain"].choices = [(chain, _chain_label(chain)) for chain in chains]  # type: ignore[attr-defined]
        self.fields["verb"].choices = [("", _("Everything")), *EVENT_LABELS.items()]  # type: ignore[attr-defined]
        if len(chains) == 1:
            del self.fields["chain"]

    @property
    def chosen_chain(self) -> str:
        return self.cleaned_data.get("chain") or self.chains[0]


class PeriodForm(forms.Form):
    """The period looked at and an earlier one beside it. What an address does not say, or says wrongly, is the
    latest period and the one before."""

    period = forms.ChoiceField(label=_("Period"), required=False)
    compare = forms.ChoiceField(label=_("Compare with"), required=False)

    def __init__(self, query: Mapping[str, Any], *, rounds: Sequence[Round]) -> None:
        """`rounds` are those the person may look at, the latest first; at least one."""
        by_code = {round_.code: round_ for round_ in rounds}
        self.round = by_code.get(query.get("period", ""), rounds[0])
        earlier = [round_ for round_ in rounds if round_.period_start < self.round.period_start]
        self.compared = self._compared(query.get("compare", ""), earlier)
        # Not unpacked: a QueryDict gives lists that way.
        super().__init__({**{name: query.get(name) for name in query}, **self.query})
        self.fields["period"].choices = [(round_.code, round_.code) for round_ in rounds]  # type: ignore[attr-defined]
        none = [(NO_COMPARISON, _("No comparison"))]
        self.fields["compare"].choices = [*((r.code, r.code) for r in earlier), *none]  # type: ignore[attr-defined]

    @staticmethod
    def _compared(code: str, earlier: Sequence[Round]) -> Round | None:
        if code == NO_COMPARISON or not earlier:
            return None
        return next((round_ for round_ in earlier if round_.code == code), earlier[0])

    @property
    def query(self) -> dict[str, str]:
        """What an address says of the two periods."""
        return {"period": self.round.code, "compare": self.compared.code if self.compared else NO_COMPARISON}

    @property
    def address(self) -> str:
        return urlencode(self.query)


class AnswerFilterForm(PeriodForm):
    area = forms.ChoiceField(label=_("Area"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    activity = forms.ChoiceField(label=_("Activity"), required=False)

    def offer(self, *, areas: Choices, states: Choices, activities: Choices) -> None:
        """Set the choices, which come from the data of the period."""
        statuses = [*GROUP_WORDS.items(), *_single_statuses()]
        for name, choices in (("area", areas), ("status", statuses), ("state", states), ("activity", activities)):
            self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, str]:
        """What to look for; an unknown value in the address is no filter."""
        self.is_valid()
        data = self.cleaned_data
        return {"group": data.get("status", ""), **{name: data.get(name, "") for name in ("area", "state", "activity")}}


def _single_statuses() -> Choices:
    return [choice for choice in ImplementationStatus.choices if choice[0] not in GROUP_WORDS]
