"""What people type into the directory, networks and requests, turned into the services' values."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.enums import Language
from accounts.models import Institution, State, User
from core.canonical import fingerprint
from core.fields import DatePartsField, WholeNumberField
from core.i18n import column_suffix
from core.identity import IdentityForm
from networks import permissions
from networks.enums import (
    Act,
    AssistanceSide,
    DecisionStatus,
    DeclineReason,
    DeskVisibility,
    Level,
    Outcome,
    RequestKind,
    RequestStatus,
    RouteSide,
    SeatRole,
    Service,
    Topic,
    Urgency,
    urgency_terms,
)
from networks.models import (
    AssistanceItem,
    CooperationRequest,
    Desk,
    InstrumentAct,
    LegalInstrument,
    NationalPlan,
    Network,
    RequestMessage,
    Seat,
)
from networks.querysets import AnyUser
from networks.services import (
    NETWORK_TEXTS,
    ActData,
    AssistanceData,
    DeskData,
    FileData,
    NetworkData,
    Note,
    PlanData,
    RequestData,
    RouteData,
    Text,
    TranslationData,
)

ANY = [("", _("All"))]
NO_IDENTITY = _("Never write who a victim is: no name, number of a document or telephone, no date of birth.")
LANGUAGE = _("Language of the text")
# Which States there are is public, so the scope asks nobody who it is.
ALL_STATES = State.objects.visible_to(None)  # type: ignore[arg-type]
_CODE = r"^[A-Z]{3}-\d{2}$"


def _text(label: Any, rows: int = 6, limit: int = 4000, help_text: Any = NO_IDENTITY, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=limit, help_text=help_text, widget=widget, **more)


def _activity() -> forms.RegexField:
    hint = _("Code in the Work Plan, for example COO-03.")
    return forms.RegexField(_CODE, label=_("Activity it serves"), required=False, help_text=hint, max_length=12)


class InstitutionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.with_state)


def _institutions(rows: QuerySet[Institution], label: Any, **more: Any) -> InstitutionField:
    more.setdefault("empty_label", _("Choose"))
    return InstitutionField(rows.select_related("state").order_by("state__iso2", "name"), label=label, **more)


class StateField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """States by their names in the language of the page, which is known only when the form is made."""

    def __deepcopy__(self, memo: Any) -> Any:
        copy = super().__deepcopy__(memo)
        copy.queryset = ALL_STATES.order_by(f"name_{column_suffix()}")
        return copy


class StatesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """As StateField, for several."""

    def __deepcopy__(self, memo: Any) -> Any:
        copy = super().__deepcopy__(memo)
        copy.queryset = ALL_STATES.order_by(f"name_{column_suffix()}")
        return copy


def _states(label: Any, **more: Any) -> StateField:
    more.setdefault("empty_label", _("Choose"))
    return StateField(ALL_STATES, label=label, **more)


# --- filters --------------------------------------------------------------------------------------


class DirectoryFilterForm(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = _states(_("State"), required=False, to_field_name="iso2", empty_label=_("All"))
    service = forms.ChoiceField(label=_("Service"), required=False, choices=[*ANY, *Service.choices])
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[*ANY, *Language.choices])

    def wanted(self) -> dict[str, Any]:
        """Filters of the list; an invented value filters nothing."""
        chosen = self.cleaned_data if self.is_valid() else {}
        lookups = {
            "institution__state": chosen.get("state"),
            "service": chosen.get("service"),
            "languages__contains": [chosen["language"]] if chosen.get("language") else None,
        }
        return {lookup: value for lookup, value in lookups.items() if value}

    def text(self) -> str:
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""

    def words(self) -> str:
        """The filters in words, for the first sheet of an export."""
        chosen = self.cleaned_data if self.is_valid() else {}
        return ", ".join(str(value) for value in chosen.values() if value)


class NetworkFilterForm(forms.Form):
    level = forms.ChoiceField(label=_("Level"), required=False, choices=[*ANY, *Level.choices])

    def wanted(self) -> dict[str, Any]:
        level = self.cleaned_data["level"] if self.is_valid() else ""
        return {"level": level} if level else {}


class RequestFilterForm(forms.Form):
    side = forms.ChoiceField(
        label=_("Direction"),
        required=False,
        choices=[*ANY, ("received", _("Received")), ("sent", _("Sent"))],
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[*ANY, ("open", _("Not closed")), *RequestStatus.choices]
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[*ANY, *RequestKind.choices])

    def chosen(self) -> dict[str, str]:
        return self.cleaned_data if self.is_valid() else {}


class AssistanceFilterForm(forms.Form):
    side = forms.ChoiceField(label=_("Needs or offers"), required=False, choices=[*ANY, *AssistanceSide.choices])
    topic = forms.ChoiceField(label=_("Topic"), required=False, choices=[*ANY, *Topic.choices])

    def wanted(self) -> dict[str, Any]:
        chosen = self.cleaned_data if self.is_valid() else {}
        return {name: value for name, value in chosen.items() if value}


class MapFilterForm(forms.Form):
    what = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("networks", _("Networks")), ("agreements", _("Agreements")), ("requests", _("Requests"))],
    )

    def wanted(self) -> str:
        return (self.cleaned_data["what"] if self.is_valid() else "") or "networks"


# --- directory ------------------------------------------------------------------------------------


class SeenForm(forms.Form):
    """Knows the record that its page showed, so that what somebody else saved meanwhile is not passed over."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)  # core.canonical.fingerprint

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class DeskForm(SeenForm):
    service = forms.ChoiceField(label=_("Service"), choices=Service.choices)
    name = forms.CharField(label=_("Name of the contact"), max_length=200, help_text=_("A service, not a person."))
    name_language = forms.ChoiceField(label=_("Language of the name"), choices=Language.choices)
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken there"), choices=Language.choices, widget=forms.CheckboxSelectMultiple
    )
    phone = forms.CharField(label=_("Telephone"), required=False, max_length=60)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    address = forms.CharField(label=_("Address"), required=False, max_length=250)
    hours = forms.CharField(label=_("Hours"), required=False, max_length=120)
    response_hours = WholeNumberField(
        label=_("Usually answers within (hours)"), required=False, min_value=1, max_value=2000
    )
    notes = _text(_("What others should know"), 3, 1000, "", required=False)
    visibility = forms.ChoiceField(
        label=_("Who sees it"), choices=DeskVisibility.choices, initial="authorities", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = permissions.desk_institutions(user)
        self.fields = {"institution": _institutions(mine, _("Institution")), **self.fields}

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if not self.errors and not any(chosen.get(way) for way in ("phone", "email", "address")):
            self.add_error("phone", _("Give a telephone number, an e-mail address or an address."))
        return chosen

    def data_of_desk(self) -> DeskData:
        return DeskData(**self.values())

    @staticmethod
    def initial_of(desk: Desk) -> dict[str, Any]:
        names = ("institution", "service", "name", "name_language", "languages", "phone", "email", "address", "hours")
        shown = {name: getattr(desk, name) for name in (*names, "response_hours", "notes", "visibility")}
        return {**shown, "seen": fingerprint(desk)}


# --- networks -------------------------------------------------------------------------------------

_NAMES = {"es": "Español", "en": "English", "fr": "Français", "pt_br": "Português"}


class NetworkForm(SeenForm):
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices, widget=forms.RadioSelect)
    acronym = forms.CharField(label=_("Acronym"), required=False, max_length=20)
    legal_basis = forms.CharField(label=_("Legal basis or agreement"), required=False, max_length=300)
    activity_code = _activity()
    valid_from = DatePartsField(label=_("Exists since"), required=False)
    valid_to = DatePartsField(label=_("Existed until"), required=False)
    is_listed = forms.BooleanField(label=_("Every authority may know this network and its members"), required=False)

    def __init__(self, *args: Any, user: AnyUser, network: Network | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: dict[str, forms.Field] = {}
        if network is None:
            own["institution"] = _institutions(permissions.founding_institutions(user), _("Founding institution"))
        for name in NETWORK_TEXTS:
            own[name] = self._in_language(name)
        parents = Network.objects.visible_to(user)
        others = parents.exclude(pk=network.pk) if network else parents
        parent = forms.ModelChoiceField(
            others, label=_("Part of the network"), required=False, to_field_name="slug", empty_label=_("None")
        )
        self.fields = {**own, "level": self.fields.pop("level"), **self.fields, "parent": parent}

    @staticmethod
    def _in_language(name: str) -> forms.CharField:
        base, _sep, end = name.partition("_")
        label = format_lazy("{} ({})", _("Name") if base == "name" else _("Purpose"), _NAMES[end])
        if base == "name":
            return forms.CharField(label=label, required=False, max_length=160)
        return forms.CharField(label=label, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if not self.errors and not any(chosen.get(f"name_{end}") for end in _NAMES):
            self.add_error("name_es", _("Give the network a name in at least one language."))
        first, last = chosen.get("valid_from"), chosen.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day is before the first."))
        return chosen

    def network_data(self) -> NetworkData:
        rest = {name: value for name, value in self.values().items() if name not in (*NETWORK_TEXTS, "institution")}
        return NetworkData(texts={name: self.cleaned_data[name] for name in NETWORK_TEXTS}, **rest)

    @staticmethod
    def initial_of(network: Network) -> dict[str, Any]:
        names = ("level", "acronym", "legal_basis", "activity_code", "is_listed", "valid_from", "valid_to")
        parent = network.parent.slug if network.parent else None
        shown = {name: getattr(network, name) for name in (*NETWORK_TEXTS, *names)}
        return {**shown, "parent": parent, "seen": fingerprint(network)}


class SeatForm(forms.Form):
    state = _states(_("State"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=SeatRole.choices, initial="member", widget=forms.RadioSelect)

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = Institution.objects.visible_to(user).current()
        hint = _("Leave it empty where the State itself is the member; its focal point then takes the seat.")
        own = {"institution": _institutions(kinds, _("Institution"), required=False, help_text=hint)}
        self.fields = {"state": self.fields["state"], **own, "role": self.fields["role"]}

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if not self.errors and not (chosen.get("state") or chosen.get("institution")):
            self.add_error("state", _("Choose a State or an institution."))
        return chosen


class GuestForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address of the account"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
    valid_to = DatePartsField(label=_("Last day"))

    def clean_valid_to(self) -> Any:
        day = self.cleaned_data["valid_to"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("The last day is over already."))
        return day


class WrittenForm(IdentityForm):
    """A text with its language that the identity guard reads."""

    text = _text(_("Text"))
    language = forms.ChoiceField(label=LANGUAGE, choices=Language.choices)

    def written(self) -> Text:
        chosen = self.cleaned_data
        return Text(chosen["text"], chosen["language"], chosen.get("title", ""), self.identity_reason())


class AnnouncementForm(WrittenForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    field_order = ("title", "text", "language")


class MeetingForm(WrittenForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    held_on = DatePartsField(label=_("Held on"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    text = _text(_("Minutes"), 10, 20000)
    field_order = ("title", "held_on", "place", "text", "language")


class DecisionForm(WrittenForm):
    text = _text(_("Decision"), 3, 2000)
    due_on = DatePartsField(label=_("To be done by"), required=False)
    field_order = ("text", "language", "responsible", "due_on")

    def __init__(self, *args: Any, network: Network, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = Seat.objects.visible_to(user).current().filter(network=network).with_list_data()
        self.fields["responsible"] = SeatField(
            seats, label=_("Responsible"), required=False, empty_label=_("Nobody named")
        )
        self.order_fields(self.field_order)


class SeatField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.holder)


class FollowUpForm(SeenForm):
    status = forms.ChoiceField(label=_("Status"), choices=DecisionStatus.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("What was done"), max_length=300, required=False)


class DocumentForm(IdentityForm):
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language of the file"), choices=Language.choices)
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV, at most 10 MB. Never a file that names a victim."
        ),
    )

    def file_data(self) -> FileData:
        chosen, upload = self.cleaned_data, self.cleaned_data["file"]
        return FileData(chosen["title"], chosen["language"], upload.name, upload.read(), self.identity_reason())


# --- requests -------------------------------------------------------------------------------------


class RequestForm(IdentityForm):
    kind = forms.ChoiceField(label=_("What you ask for"), choices=RequestKind.choices, widget=forms.RadioSelect)
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Urgency.choices, initial="routine", widget=forms.RadioSelect
    )
    subject = forms.CharField(label=_("Subject"), max_length=160)
    text = _text(_("Text"), 8, 8000)
    language = forms.ChoiceField(label=LANGUAGE, choices=Language.choices)
    activity_code = _activity()
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        senders = permissions.asking_institutions(user)
        receivers = permissions.receiving_institutions(user)
        own: dict[str, forms.Field] = {"receiver": _institutions(receivers, pgettext_lazy("request", "To"))}
        if "sender" in self.initial:  # a draft keeps its sender
            pass
        elif len(senders) == 1:
            self.only_sender = senders[0]
        else:
            own["sender"] = _institutions(senders, pgettext_lazy("request", "From"))
        self.fields["urgency"].choice_hints = _urgency_hints()  # type: ignore[attr-defined]
        self.fields = {**own, **self.fields}

    def sender(self) -> Institution:
        chosen: Institution = self.cleaned_data.get("sender") or self.only_sender
        return chosen

    def request_data(self) -> RequestData:
        names = ("receiver", "kind", "urgency", "subject", "text", "language", "activity_code")
        return RequestData(**{name: self.cleaned_data[name] for name in names})

    @staticmethod
    def initial_of(request: CooperationRequest) -> dict[str, Any]:
        names = ("receiver", "kind", "urgency", "subject", "text", "language", "activity_code", "version")
        return {**{name: getattr(request, name) for name in names}, "sender": request.sender}


def _urgency_hints() -> dict[str, str]:
    words = {}
    for code, terms in urgency_terms().items():
        words[code] = ngettext("Answer within %(days)s day.", "Answer within %(days)s days.", terms.answer_days) % {
            "days": terms.answer_days
        }
    return words


class NoteForm(IdentityForm):
    text = _text(_("Message"), 5, 8000)
    language = forms.ChoiceField(label=LANGUAGE, choices=Language.choices)

    def note(self) -> Note:
        chosen = self.cleaned_data
        return Note(chosen["text"], chosen["language"], self.identity_reason())


class TranslationForm(IdentityForm):
    """Of a message, or of the request with its subject; into any language but its own."""

    language = forms.ChoiceField(label=_("Language of the translation"), choices=Language.choices)
    subject = forms.CharField(label=_("Subject"), max_length=160)
    text = _text(_("Translation"), 8, 8000)

    def __init__(self, *args: Any, of: CooperationRequest | RequestMessage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [choice for choice in Language.choices if choice[0] != of.language]
        self.fields["language"].choices = others  # type: ignore[attr-defined]
        if isinstance(of, RequestMessage):
            del self.fields["subject"]

    def translation(self) -> TranslationData:
        names = ("language", "subject", "text")
        values = {name: self.cleaned_data.get(name, "") for name in names}
        return TranslationData(**values, identity_reason=self.identity_reason())


class AnswerForm(NoteForm):
    text = _text(_("Answer"), 8, 8000)


class DeclineForm(NoteForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=DeclineReason.choices, widget=forms.RadioSelect)
    text = _text(_("Explanation"), 4, 4000, required=False)
    field_order = ("reason", "text", "language")


class CloseForm(NoteForm):
    outcome = forms.ChoiceField(label=_("What came of it"), choices=Outcome.choices, widget=forms.RadioSelect)
    text = _text(_("Remark"), 3, 2000, required=False)
    field_order = ("outcome", "text", "language")


class TransferForm(NoteForm):
    text = _text(_("Remark"), 3, 2000, required=False)
    field_order = ("to", "text", "language")

    def __init__(self, *args: Any, request: CooperationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = _institutions(permissions.transfer_institutions(request), _("To the authority"))
        self.order_fields(self.field_order)


# --- assistance, agreements, routes ---------------------------------------------------------------


class AssistanceForm(WrittenForm):
    topic = forms.ChoiceField(label=_("Topic"), choices=Topic.choices)
    title = forms.CharField(label=_("Title"), max_length=160)
    activity_code = _activity()
    field_order = ("institution", "topic", "title", "text", "language", "activity_code")

    def __init__(self, *args: Any, user: AnyUser, side: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.side = side
        mine = permissions.assistance_institutions(user, side)
        self.fields["institution"] = _institutions(mine, _("Institution"))
        self.order_fields(self.field_order)

    def assistance_data(self) -> AssistanceData:
        names = ("topic", "institution", "title", "text", "language", "activity_code")
        values = {name: self.cleaned_data[name] for name in names}
        return AssistanceData(side=self.side, identity_reason=self.identity_reason(), **values)


class MatchForm(forms.Form):
    """Own items of the other side, on the same topic."""

    def __init__(self, *args: Any, user: AnyUser, item: AssistanceItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_need = item.side == AssistanceSide.NEED
        others = AssistanceItem.objects.visible_to(user).open().filter(topic=item.topic).exclude(side=item.side)
        if not permissions.can_keep_assistance(user, item):
            others = others.kept_by(user)
        label = _("Offer that answers it") if is_need else _("Need that it answers")
        self.fields["other"] = forms.ModelChoiceField(others, label=label, to_field_name="public_id")


class AgreementForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=250)
    language = forms.ChoiceField(label=_("Language of the title"), choices=Language.choices)
    parties = StatesField(ALL_STATES, label=_("States"), widget=forms.CheckboxSelectMultiple)
    valid_from = DatePartsField(label=_("In force since"), required=False)
    valid_to = DatePartsField(label=_("In force until"), required=False)
    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("Where the text can be found."))

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        first, last = chosen.get("valid_from"), chosen.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day is before the first."))
        return chosen


class RouteForm(forms.Form):
    side = forms.ChoiceField(label=_("What you report"), choices=RouteSide.choices, widget=forms.RadioSelect)
    other = _states(_("Other State"))
    year = WholeNumberField(label=_("Year"), min_value=2000, max_value=2100)
    count = WholeNumberField(
        label=_("Number of victims"),
        min_value=0,
        max_value=1_000_000,
        help_text=_("Rounded to tens before it is stored: 0 to 4 becomes 0, 5 to 14 becomes 10."),
    )
    source = forms.CharField(label=_("Source"), max_length=300)

    def route_data(self) -> RouteData:
        return RouteData(**self.cleaned_data)


# --- plans and treaties ---------------------------------------------------------------------------

_IN_FORCE = _("Whether the plan is in force is computed from its dates.")
_THE_DAY = _("Of a ratification or accession the day of deposit; of a denunciation the day on which it takes effect.")


class LawForm(IdentityForm):
    """What an entry of a State has in common with the others."""

    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("Where the text can be found."))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def law_values(self) -> dict[str, Any]:
        values = {name: value for name, value in self.cleaned_data.items() if name not in {"seen", self.CONFIRMED}}
        return {**values, self.REASON: self.identity_reason()}

    def clean_seen(self) -> int:
        return self.cleaned_data["seen"] or 0


class PlanForm(LawForm):
    title = forms.CharField(label=_("Title"), max_length=250)
    language = forms.ChoiceField(label=_("Language of the title"), choices=Language.choices)
    valid_from = DatePartsField(label=_("In force since"), help_text=_IN_FORCE)
    valid_to = DatePartsField(label=_("In force until"), required=False, help_text=_("Empty where no end is set."))
    adopted_by = forms.CharField(
        label=_("Adopted by"), max_length=200, help_text=_("The body and its decision, for example a decree.")
    )
    field_order = ("title", "language", "valid_from", "valid_to", "adopted_by", "source")

    def law_data(self) -> PlanData:
        return PlanData(**self.law_values())

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        first, last = chosen.get("valid_from"), chosen.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day is before the first."))
        return chosen

    @staticmethod
    def initial_of(plan: NationalPlan) -> dict[str, Any]:
        names = ("title", "language", "valid_from", "valid_to", "adopted_by", "source")
        return {name: getattr(plan, name) for name in names} | {"seen": plan.version}


class ActForm(LawForm):
    instrument = forms.ModelChoiceField(
        LegalInstrument.objects.visible_to(None), label=_("Treaty"), to_field_name="code", empty_label=_("Choose")
    )
    act = forms.ChoiceField(label=_("What the State did"), choices=Act.choices, widget=forms.RadioSelect)
    done_on = DatePartsField(label=_("Day"), help_text=_THE_DAY)
    field_order = ("instrument", "act", "done_on", "source")

    def law_data(self) -> ActData:
        return ActData(**self.law_values())

    @staticmethod
    def initial_of(act: InstrumentAct) -> dict[str, Any]:
        chosen = {"instrument": act.instrument.code, "act": act.act, "done_on": act.done_on}
        return {**chosen, "source": act.source, "seen": act.version}


def language_of(user: User) -> dict[str, str]:
    return {"language": user.language}
