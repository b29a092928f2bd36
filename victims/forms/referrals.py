"""Referral to another State."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from victims import queries
from victims.enums import FieldClass, Help, ReferralKind, Refusal, Urgency
from victims.forms.fields import LONG


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
