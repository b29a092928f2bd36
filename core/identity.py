"""The identity guard in services and forms: a warning stops, a reason lets pass.

The service asks `refuse_identity`; the view hands a refusal to the form (`IdentityForm.suspect`), which then asks
the person to look again and to say why no victim is named.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.exceptions import IdentitySuspected
from core.file_text import Unreadable, text_of
from core.identity_guard import Finding, Mark, findings

MARK_LABELS: dict[str, Promise] = {
    Mark.NAME: gettext_lazy("name of a person"),
    Mark.DOCUMENT: gettext_lazy("number of a document"),
    Mark.PHONE: gettext_lazy("telephone number"),
    Mark.BIRTH: gettext_lazy("date of birth"),
    Mark.EMAIL: gettext_lazy("e-mail address"),
}
SHOWN = 5


def refuse_identity(texts: Iterable[str], *, reason: str = "", files: Iterable[tuple[str, bytes]] = ()) -> str:
    """Returns the reason to be kept: empty where there was nothing to warn of. Raises IdentitySuspected.

    `files` are pairs of kind and content; what cannot be read must be confirmed by a person as well.
    """
    found = [finding for text in texts for finding in findings(text)]
    unreadable = 0
    for kind, content in files:
        try:
            found += findings(text_of(kind, content))
        except Unreadable:
            unreadable += 1
    if not found and not unreadable:
        return ""
    if reason.strip():
        return reason.strip()[:300]
    raise IdentitySuspected(_warning(found), [_piece(finding) for finding in found[:SHOWN]])


def _warning(found: list[Finding]) -> str:
    if not found:
        return _("The portal cannot read this file. Look yourself whether it tells who a victim is, and confirm below.")
    return ngettext(
        "This may tell who somebody is: %(pieces)s. Take it out, or confirm below that no victim is named.",
        "These may tell who somebody is: %(pieces)s. Take them out, or confirm below that no victim is named.",
        len(found),
    ) % {"pieces": "; ".join(_piece(finding) for finding in found[:SHOWN])}


def _piece(finding: Finding) -> str:
    return f"“{finding.text[:60]}” ({MARK_LABELS[finding.mark]})"


class IdentityForm(forms.Form):
    """A form whose texts the guard reads. Its two questions are asked only after a warning."""

    CONFIRMED, REASON = "identity_confirmed", "identity_reason"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.add_prefix(self.REASON) in self.data:
            self._ask()

    def _ask(self) -> None:
        self.fields[self.CONFIRMED] = forms.BooleanField(
            label=_("I have looked again: this contains no victim’s identity"), required=False
        )
        self.fields[self.REASON] = forms.CharField(
            label=_("Why it names no victim"),
            max_length=300,
            required=False,
            help_text=_("For example: it is the name of an official, or the number of the switchboard."),
        )

    def clean_identity_reason(self) -> str:
        """One without the other is no confirmation."""
        reason = str(self.cleaned_data.get(self.REASON, "")).strip()
        if bool(reason) != bool(self.cleaned_data.get(self.CONFIRMED)):
            raise ValidationError(_("Tick the box and say why, or take the words out."), code="half_confirmed")
        return reason

    def identity_reason(self) -> str:
        return str(self.cleaned_data.get(self.REASON, ""))

    def suspect(self, refusal: IdentitySuspected) -> None:
        """Show the warning and ask the two questions."""
        self._ask()
        self.add_error(None, str(refusal.message))
