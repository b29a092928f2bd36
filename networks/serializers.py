"""What the API reads and writes of requests between authorities."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import Language
from networks.models import AssistanceItem, CooperationRequest


class MessageSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)
    language = serializers.ChoiceField(choices=Language.choices)
    identity_reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", write_only=True,
        help_text="Why the text names no victim, after a warning.",
    )  # fmt: skip
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

    text = serializers.CharField()
    language = serializers.CharField()
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


class RequestStepSerializer(serializers.Serializer[Any]):
    """A step that one button takes on the pages."""

    step = serializers.ChoiceField(choices=("send", "acknowledge", "withdraw"))
