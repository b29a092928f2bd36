"""Files and addresses that support an answer."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language
from core.sanitize import check, refuse_locked
from core.sanitize.kinds import EXTENSIONS, Refused
from workplan.enums import (
    SECRETARIATS_VISIBILITY,
    EvidenceType,
    Refusal,
    Visibility,
)
from workplan.models import ReportEntry
from workplan.services import EvidenceData

VISIBILITY_HINTS = {
    Visibility.STATE: _("Stays with your people. It is not sent with the report."),
    Visibility.SECRETARIAT: _("The Secretariat can open it once the report is sent."),
    Visibility.PUBLIC: _("As above, and the Secretariat may publish it."),
}
READ_BY_OFFICERS = _("The officers of the Meeting can open it once the report is sent.")


class EvidenceForm(forms.Form):
    """What is asked of a file and of an address alike."""

    language = forms.ChoiceField(label=_("Language of the document"), choices=Language)
    visibility = forms.ChoiceField(
        label=_("Who can see it"), choices=Visibility, widget=forms.RadioSelect, initial=Visibility.SECRETARIAT
    )
    visibility.choice_hints = VISIBILITY_HINTS  # type: ignore[attr-defined]

    def __init__(self, data: Any = None, files: Any = None, *, entry: ReportEntry) -> None:
        super().__init__(data, files, initial={"language": entry.language})
        if entry.report.state_id is None:
            field = self.fields["visibility"]
            field.choices = list(SECRETARIATS_VISIBILITY.items())  # type: ignore[attr-defined]
            field.choice_hints = {**VISIBILITY_HINTS, Visibility.SECRETARIAT: READ_BY_OFFICERS}  # type: ignore[attr-defined]


class EvidenceFileForm(EvidenceForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "One PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV file of up to 10 MB. "
            "Do not attach data that identify victims."
        ),
        error_messages={"required": _("Choose a file"), "empty": Refusal.EMPTY.label},
        widget=forms.FileInput(
            attrs={
                "accept": ",".join(EXTENSIONS),
                "data-portal-max": settings.MAX_UPLOAD_BYTES,
                "data-portal-too-large": Refusal.TOO_LARGE.label,
            }
        ),
    )
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("If you leave it blank, the file’s name is used.")
    )
    type = forms.ChoiceField(
        label=_("What it is"),
        choices=[("", ""), *(choice for choice in EvidenceType.choices if choice[0] != EvidenceType.WEB_PAGE)],
        error_messages={"required": _("Choose what it is")},
    )
    field_order = ("file", "title", "type", "language", "visibility")

    def clean_file(self) -> "UploadedFile[Any]":
        """The checks that need no waiting are answered here; the rest comes while the entry is worked on."""
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        self.content = upload.read()
        try:
            _name, kind = check(upload.name or "", self.content, settings.MAX_UPLOAD_BYTES)
            refuse_locked(kind, self.content)
        except Refused as refusal:
            raise ValidationError(Refusal(refusal.code).label, code=refusal.code) from refusal
        return upload

    def evidence_data(self) -> EvidenceData:
        return EvidenceData(**{key: self.cleaned_data[key] for key in ("type", "title", "language", "visibility")})


class EvidenceAddressForm(EvidenceForm):
    url = forms.URLField(
        label=_("Address of the page"),
        max_length=500,
        assume_scheme="https",
        help_text=_("It begins with https://. The portal does not open it."),
        error_messages={"required": _("Enter the address of the page"), "invalid": _("Enter a full address")},
    )
    title = forms.CharField(label=_("Title"), max_length=200, error_messages={"required": _("Enter a title")})
    field_order = ("url", "title", "language", "visibility")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.username is not None:
            raise ValidationError(_("Enter an address that begins with https:// and holds no password."))
        return url

    def evidence_data(self) -> EvidenceData:
        named = {key: self.cleaned_data[key] for key in ("title", "language", "visibility")}
        return EvidenceData(type=EvidenceType.WEB_PAGE, **named)
