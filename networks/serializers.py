"""What the API reads and writes of requests between authorities."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import Language
from accounts.models import Institution
from accounts.serializers import UploadField
from networks.enums import (
    Act,
    AssistanceSide,
    DecisionStatus,
    DeclineReason,
    DeskVisibility,
    Force,
    Level,
    Outcome,
    RequestKind,
    RouteSide,
    Service,
    Step,
    Topic,
    Urgency,
)
from networks.models import (
    Agreement,
    Announcement,
    AssistanceItem,
    AssistanceMatch,
    CooperationRequest,
    Decision,
    Desk,
    Document,
    InstrumentAct,
    LegalInstrument,
    Meeting,
    NationalPlan,
    Network,
    RequestTranslation,
    RouteFigure,
    Seat,
)

CODE = r"^[A-Z]{3}-\d{2}$"
REASON = "Why the text names no victim, after a warning."
DAY: dict[str, Any] = {"required": False, "allow_null": True, "default": None}


def _reason() -> serializers.CharField:
    return serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", write_only=True, help_text=REASON
    )


def _activity() -> serializers.RegexField:
    return serializers.RegexField(
        CODE, max_length=12, required=False, allow_blank=True, default="", help_text="Of the Work Plan."
    )


class MessageSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk", read_only=True)
    text = serializers.CharField(max_length=8000)
    language = serializers.ChoiceField(choices=Language.choices)
    identity_reason = _reason()
    step = serializers.CharField(read_only=True)
    at = serializers.DateTimeField(read_only=True)


class RequestSerializer(serializers.Serializer[CooperationRequest]):
    """A request as a line of a list."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    urgency = serializers.CharField()
    subject = serializers.CharField()
    sender = serializers.CharField(source="sender_state.iso2")
    receiver = serializers.CharField(source="receiver_state.iso2")
    status = serializers.CharField()
    status_label = serializers.CharField(source="get_status_display")
    sent_at = serializers.DateTimeField(allow_null=True)
    answer_by = serializers.DateField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class WholeRequestSerializer(RequestSerializer):
    """A request with its thread, for the two sides alone."""

    sender_institution = serializers.UUIDField(source="sender.public_id")
    receiver_institution = serializers.UUIDField(source="receiver.public_id")
    text = serializers.CharField()
    language = serializers.CharField()
    activity = serializers.CharField(source="activity_code", allow_blank=True)
    messages = serializers.SerializerMethodField()

    @extend_schema_field(MessageSerializer(many=True))
    def get_messages(self, row: CooperationRequest) -> list[dict[str, Any]]:
        return list(MessageSerializer(row.messages.all(), many=True).data)


class AssistanceSerializer(serializers.Serializer[AssistanceItem]):
    """What is needed, or what is offered."""

    id = serializers.UUIDField(source="public_id")
    side = serializers.CharField()
    topic = serializers.CharField()
    institution = serializers.CharField(source="institution.name")
    state = serializers.CharField(source="institution.state.iso2", allow_null=True, default=None)
    title = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()
    activity = serializers.CharField(source="activity_code", allow_blank=True)
    matches = serializers.IntegerField(source="match_count", help_text="Proposed, agreed or done.")
    at = serializers.DateTimeField()


class TopicSerializer(serializers.Serializer[Any]):
    """A row of the matrix: how much is needed and offered, and how much of it has found the other."""

    topic = serializers.CharField()
    needs = serializers.IntegerField()
    needs_met = serializers.IntegerField()
    offers = serializers.IntegerField()
    offers_used = serializers.IntegerField()


class AssistanceDraftSerializer(serializers.Serializer[Any]):
    side = serializers.ChoiceField(choices=AssistanceSide.choices)
    topic = serializers.ChoiceField(choices=Topic.choices)
    institution = serializers.UUIDField(help_text="One of one's own.")
    title = serializers.CharField(max_length=160)
    text = serializers.CharField(max_length=4000)
    language = serializers.ChoiceField(choices=Language.choices)
    activity_code = _activity()
    identity_reason = _reason()


class MatchSerializer(serializers.Serializer[AssistanceMatch]):
    """A need and an offer that were proposed to each other."""

    id = serializers.IntegerField(source="pk")
    need = serializers.UUIDField(source="need.public_id")
    offer = serializers.UUIDField(source="offer.public_id")
    status = serializers.CharField()
    proposed_side = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class MatchDraftSerializer(serializers.Serializer[Any]):
    other = serializers.UUIDField(help_text="The offer that answers the need, or the need that the offer answers.")


class MatchDecisionSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=("agreed", "declined", "done"))


# --- writing a request ----------------------------------------------------------------------------


class RequestTextSerializer(serializers.Serializer[Any]):
    receiver = serializers.UUIDField(help_text="An institution of another State.")
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    urgency = serializers.ChoiceField(choices=Urgency.choices, default=Urgency.ROUTINE)
    subject = serializers.CharField(max_length=160)
    text = serializers.CharField(max_length=8000)
    language = serializers.ChoiceField(choices=Language.choices)
    activity_code = _activity()
    identity_reason = _reason()


class RequestDraftSerializer(RequestTextSerializer):
    sender = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Where the person writes for several institutions."
    )
    desk = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The contact of the directory it goes to."
    )


class RequestStepSerializer(serializers.Serializer[Any]):
    """A step, with what it asks for."""

    step = serializers.ChoiceField(choices=Step.choices)
    text = serializers.CharField(
        max_length=8000, required=False, allow_blank=True, help_text="Of an answer; a remark of the others."
    )
    language = serializers.ChoiceField(choices=Language.choices, required=False, help_text="Of the text.")
    reason = serializers.ChoiceField(choices=DeclineReason.choices, required=False, help_text="To decline.")
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False, help_text="To close.")
    to = serializers.UUIDField(required=False, help_text="To transfer: an institution of the same State.")
    identity_reason = _reason()


class TranslationSerializer(serializers.Serializer[RequestTranslation]):
    """What a request or a message says in another language. The original alone counts."""

    id = serializers.IntegerField(source="pk")
    message = serializers.IntegerField(source="message_id", allow_null=True, help_text="Null: of the request itself.")
    language = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    status = serializers.CharField()
    institution = serializers.CharField(source="by_institution.name")
    at = serializers.DateTimeField()


class TranslationDraftSerializer(serializers.Serializer[Any]):
    message = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**31, help_text="Its id in the thread."
    )
    language = serializers.ChoiceField(choices=Language.choices)
    subject = serializers.CharField(
        max_length=160, required=False, allow_blank=True, default="", help_text="Of the request; a message has none."
    )
    text = serializers.CharField(max_length=8000)
    identity_reason = _reason()


class SharedFileSerializer(serializers.Serializer[Document]):
    """A file of a request or of a room."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    language = serializers.CharField()
    name = serializers.CharField(source="original_name")
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    scan_state = serializers.CharField(help_text="pending: it is being checked.")
    refusal = serializers.CharField(allow_blank=True)
    uploaded_at = serializers.DateTimeField()


class SharedUploadSerializer(serializers.Serializer[Any]):
    """PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV, at most 10 MB. Never a file that names a victim."""

    file = UploadField()
    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    language = serializers.ChoiceField(choices=Language.choices)
    identity_reason = _reason()


# --- directory ------------------------------------------------------------------------------------


class InstitutionSerializer(serializers.Serializer[Institution]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField(source="state.iso2", allow_null=True, default=None)


class DeskSerializer(serializers.Serializer[Desk]):
    """A contact: a service, not a person."""

    id = serializers.UUIDField(source="public_id")
    institution = serializers.UUIDField(source="institution.public_id")
    institution_name = serializers.CharField(source="institution.name")
    state = serializers.CharField(source="institution.state.iso2", allow_null=True, default=None)
    service = serializers.CharField()
    name = serializers.CharField()
    name_language = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    phone = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    hours = serializers.CharField(allow_blank=True)
    response_hours = serializers.IntegerField(allow_null=True)
    notes = serializers.CharField(allow_blank=True)
    visibility = serializers.CharField()
    verified_on = serializers.DateField()


class DeskDraftSerializer(serializers.Serializer[Any]):
    """With a telephone number, an e-mail address or an address."""

    institution = serializers.UUIDField(help_text="One of one's own.")
    service = serializers.ChoiceField(choices=Service.choices)
    name = serializers.CharField(max_length=200)
    name_language = serializers.ChoiceField(choices=Language.choices)
    languages = serializers.ListField(child=serializers.ChoiceField(choices=Language.choices), min_length=1)
    phone = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    email = serializers.CharField(max_length=254, required=False, allow_blank=True, default="")
    address = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")
    hours = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    response_hours = serializers.IntegerField(min_value=1, max_value=2000, **DAY)
    notes = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    visibility = serializers.ChoiceField(choices=DeskVisibility.choices, default=DeskVisibility.AUTHORITIES)


# --- networks -------------------------------------------------------------------------------------


class NetworkSerializer(serializers.Serializer[Network]):
    """A network; names and purposes in the languages in which they were written."""

    slug = serializers.CharField()
    level = serializers.CharField()
    acronym = serializers.CharField(allow_blank=True)
    name_es = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    name_fr = serializers.CharField(allow_blank=True)
    name_pt_br = serializers.CharField(allow_blank=True)
    purpose_es = serializers.CharField(allow_blank=True)
    purpose_en = serializers.CharField(allow_blank=True)
    purpose_fr = serializers.CharField(allow_blank=True)
    purpose_pt_br = serializers.CharField(allow_blank=True)
    legal_basis = serializers.CharField(allow_blank=True)
    activity_code = serializers.CharField(allow_blank=True)
    is_listed = serializers.BooleanField()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    members = serializers.IntegerField(source="member_count", allow_null=True)


def _line(limit: int) -> serializers.CharField:
    return serializers.CharField(max_length=limit, required=False, allow_blank=True, default="")


class NetworkTextSerializer(serializers.Serializer[Any]):
    """With a name in at least one language."""

    level = serializers.ChoiceField(choices=Level.choices)
    acronym = _line(20)
    name_es, name_en, name_fr, name_pt_br = _line(160), _line(160), _line(160), _line(160)
    purpose_es, purpose_en, purpose_fr, purpose_pt_br = _line(2000), _line(2000), _line(2000), _line(2000)
    legal_basis = _line(300)
    activity_code = _activity()
    is_listed = serializers.BooleanField(default=False, help_text="Every authority may know it and its members.")
    valid_from = serializers.DateField(**DAY)
    valid_to = serializers.DateField(**DAY)
    parent = serializers.SlugField(max_length=60, help_text="The network of which it is a part.", **DAY)  # type: ignore[assignment]


class NetworkDraftSerializer(NetworkTextSerializer):
    institution = serializers.UUIDField(help_text="The founding institution, one of one's own.")


class SeatSerializer(serializers.Serializer[Seat]):
    id = serializers.IntegerField(source="pk")
    state = serializers.CharField(source="state.iso2", allow_null=True, default=None)
    institution = serializers.CharField(source="institution.name", allow_null=True, default=None)
    role = serializers.CharField()
    is_taken = serializers.SerializerMethodField()

    def get_is_taken(self, seat: Seat) -> bool:
        return seat.taken_at is not None


class _WrittenSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)
    language = serializers.ChoiceField(choices=Language.choices)
    identity_reason = _reason()


class TitledSerializer(_WrittenSerializer):
    title = serializers.CharField(max_length=200)


class AnnouncementSerializer(serializers.Serializer[Announcement]):
    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()
    institution = serializers.CharField(source="by_institution.name")
    at = serializers.DateTimeField()


class MinutesSerializer(TitledSerializer):
    text = serializers.CharField(max_length=20000, help_text="The minutes.")
    held_on = serializers.DateField()
    place = _line(120)


class DecisionSerializer(serializers.Serializer[Decision]):
    id = serializers.IntegerField(source="pk")
    text = serializers.CharField()
    language = serializers.CharField()
    responsible = serializers.IntegerField(source="responsible_id", allow_null=True, help_text="The id of a seat.")
    due_on = serializers.DateField(allow_null=True)
    status = serializers.CharField()
    note = serializers.CharField(allow_blank=True)


class NetworkMeetingSerializer(serializers.Serializer[Meeting]):
    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    held_on = serializers.DateField()
    place = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    language = serializers.CharField()
    decisions = serializers.SerializerMethodField()

    @extend_schema_field(DecisionSerializer(many=True))
    def get_decisions(self, meeting: Meeting) -> list[dict[str, Any]]:
        return [DecisionSerializer(decision).data for decision in meeting.decisions.all()]


class DecisionDraftSerializer(_WrittenSerializer):
    text = serializers.CharField(max_length=2000)
    responsible = serializers.IntegerField(min_value=1, max_value=2**31, help_text="The id of a seat.", **DAY)
    due_on = serializers.DateField(**DAY)


class FollowUpSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=DecisionStatus.choices)
    note = _line(300)


# --- what States share ----------------------------------------------------------------------------


class AgreementSerializer(serializers.Serializer[Agreement]):
    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    language = serializers.CharField()
    parties = serializers.SerializerMethodField()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]

    def get_parties(self, agreement: Agreement) -> list[str]:
        return sorted(state.iso2 for state in agreement.parties.all())


class AgreementDraftSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=250)
    language = serializers.ChoiceField(choices=Language.choices)
    parties = serializers.ListField(child=serializers.CharField(max_length=2), min_length=2, max_length=60)
    valid_from = serializers.DateField(**DAY)
    valid_to = serializers.DateField(**DAY)
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]


class RouteSerializer(serializers.Serializer[RouteFigure]):
    """What one State reports of one way in one year, rounded to tens."""

    state = serializers.CharField(source="state.iso2")
    side = serializers.CharField()
    other = serializers.CharField(source="other.iso2")
    year = serializers.IntegerField()
    rounded = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]


class RouteDraftSerializer(serializers.Serializer[Any]):
    side = serializers.ChoiceField(choices=RouteSide.choices)
    other = serializers.CharField(max_length=2)
    year = serializers.IntegerField(min_value=2000, max_value=2100)
    count = serializers.IntegerField(min_value=0, max_value=1_000_000)
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]


# --- plans and treaties ---------------------------------------------------------------------------


class InstrumentSerializer(serializers.Serializer[LegalInstrument]):
    code = serializers.CharField()
    name = serializers.CharField()
    adopted_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]


class NationalPlanSerializer(serializers.Serializer[NationalPlan]):
    """A plan with its dates; `standing` is computed from them for today."""

    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField(source="state.iso2")
    title = serializers.CharField()
    language = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    standing = serializers.SerializerMethodField()
    adopted_by = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]

    @extend_schema_field(serializers.ChoiceField(choices=Force.choices))
    def get_standing(self, plan: NationalPlan) -> str:
        return plan.force_on(timezone.localdate()).value


class NationalPlanDraftSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=250)
    language = serializers.ChoiceField(choices=Language.choices)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(**DAY)
    adopted_by = serializers.CharField(max_length=200)
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]
    identity_reason = _reason()


class RatificationSerializer(serializers.Serializer[InstrumentAct]):
    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField(source="state.iso2")
    instrument = serializers.CharField(source="instrument.code")
    act = serializers.CharField()
    done_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]


class RatificationDraftSerializer(serializers.Serializer[Any]):
    instrument = serializers.CharField(max_length=12, help_text="Code of a treaty.")
    act = serializers.ChoiceField(choices=Act.choices)
    done_on = serializers.DateField()
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]
    identity_reason = _reason()
