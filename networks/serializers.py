"""What the API reads and writes of requests between authorities."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import Language
from networks.models import CooperationRequest


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


class RequestStepSerializer(serializers.Serializer[Any]):
    """A step that one button takes on the pages."""

    step = serializers.ChoiceField(choices=("send", "acknowledge", "withdraw"))
