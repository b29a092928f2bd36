"""What the API reads and writes. Codes, ISO dates, and the names of the pages."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import Language
from accounts.models import State
from accounts.serializers import UploadField
from contributions.enums import Kind, Visibility
from contributions.models import BulkFiling, Contribution, ContributionTranslation
from contributions.queries import open_activities, open_rounds
from contributions.services import Draft


class StateReplySerializer(serializers.Serializer[Any]):
    state = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()


def replies_of(row: Contribution) -> list[dict[str, str]]:
    return [{"state": one.state.iso2, "text": one.text, "language": one.language} for one in row.replies.all()]


class ContributionSerializer(serializers.Serializer[Contribution]):
    """A contribution as its own organization sees it."""

    reference = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    round = serializers.SlugRelatedField(
        slug_field="code",
        queryset=open_rounds(),
        help_text="Code of the open period, for example 2014-1.",
    )
    kind = serializers.ChoiceField(choices=Kind.choices)
    visibility = serializers.ChoiceField(choices=Visibility.choices, default=Visibility.SECRETARIAT)
    name_withheld = serializers.BooleanField(default=False)
    language = serializers.ChoiceField(choices=Language.choices)
    states = serializers.SlugRelatedField(
        slug_field="iso2",
        many=True,
        queryset=State.objects.visible_to(None),  # type: ignore[arg-type]
    )
    activities = serializers.SlugRelatedField(
        slug_field="code",
        many=True,
        queryset=open_activities(),
    )
    title = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=12000)
    period_from = serializers.DateField(allow_null=True, help_text="Null in a draft that was begun on the pages.")
    period_to = serializers.DateField(allow_null=True)
    identity_reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="Why the text names no victim, after a warning."
    )
    reason = serializers.CharField(read_only=True, help_text="Why it is not used.")
    sent_at = serializers.DateTimeField(read_only=True, allow_null=True)
    question = serializers.SerializerMethodField()
    replies = serializers.SerializerMethodField()
    citations = serializers.SerializerMethodField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs["period_from"] and attrs["period_to"]):
            raise serializers.ValidationError({"period_from": "Say which time it is about."})
        if attrs["period_to"] < attrs["period_from"]:
            raise serializers.ValidationError({"period_to": "The period ends before it begins."})
        return attrs

    def get_question(self, row: Contribution) -> str:
        return row.clarification.text if hasattr(row, "clarification") else ""

    @extend_schema_field(StateReplySerializer(many=True))
    def get_replies(self, row: Contribution) -> list[dict[str, str]]:
        return replies_of(row)

    def get_citations(self, row: Contribution) -> list[str]:
        return [one.sentence for one in row.citations.all()]

    def draft(self) -> Draft:
        return Draft(**self.validated_data)


class AnswerSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)
    language = serializers.ChoiceField(choices=Language.choices)
    identity_reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class FileSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    file = UploadField(write_only=True)
    identity_reason = serializers.CharField(max_length=300, required=False, allow_blank=True, write_only=True)
    original_name = serializers.CharField(read_only=True)
    scan_state = serializers.CharField(read_only=True)


class PublishedSerializer(serializers.Serializer[Contribution]):
    """A contribution as everybody may read it: the name alone that may be shown."""

    reference = serializers.CharField()
    organization = serializers.CharField(source="shown_name", help_text="Blank: it asked that its name be withheld.")
    round = serializers.CharField(source="round.code")
    kind = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()
    period_from = serializers.DateField()
    period_to = serializers.DateField()
    states = serializers.SerializerMethodField()
    activities = serializers.SerializerMethodField()
    replies = serializers.SerializerMethodField()

    def get_states(self, row: Contribution) -> list[str]:
        return [state.iso2 for state in row.states.all()]

    def get_activities(self, row: Contribution) -> list[str]:
        return [activity.code for activity in row.activities.all()]

    @extend_schema_field(StateReplySerializer(many=True))
    def get_replies(self, row: Contribution) -> list[dict[str, str]]:
        return replies_of(row)


# --- what others have sent ------------------------------------------------------------------------


class SentField(serializers.DateTimeField):
    """The day alone for a State: by the moment, a name that is withheld would be told by the rows beside it."""

    def to_representation(self, value: Any) -> Any:
        day = value if self.context["knows"] else value.replace(hour=0, minute=0, second=0, microsecond=0)
        return super().to_representation(day)


class ReceivedSerializer(PublishedSerializer):
    """A contribution for the Secretariat, or for a State that it is about."""

    organization = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="Blank: it asked that its name be withheld."
    )
    visibility = serializers.CharField()
    status = serializers.CharField()
    sent_at = SentField(allow_null=True)
    files = serializers.SerializerMethodField(help_text="Ids of those of which there is a copy.")

    def get_organization(self, row: Contribution) -> str:
        return row.institution.name if self.context["knows"] else row.shown_name

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "uuid"}})
    def get_files(self, row: Contribution) -> list[str]:
        return [str(file.public_id) for file in row.files.all() if file.removed_at is None and file.is_served]


class SaidSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)
    language = serializers.ChoiceField(choices=Language.choices)


class ReceivedStepSerializer(serializers.Serializer[Any]):
    step = serializers.ChoiceField(choices=("receive", "review", "accept", "not_use"))
    reason = serializers.CharField(
        max_length=1000, required=False, help_text="Why it is not used. The organization reads it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["step"] == "not_use" and not attrs.get("reason"):
            raise serializers.ValidationError({"reason": "Say why it is not used."})
        return attrs


class CitationSerializer(serializers.Serializer[Any]):
    sentence = serializers.CharField(max_length=1000, help_text="Of the summary, as it stands there.")
    language = serializers.ChoiceField(choices=Language.choices)


class ContributionTextSerializer(serializers.Serializer[ContributionTranslation]):
    """A contribution in another language. The original alone counts."""

    language = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    status = serializers.CharField()
    version = serializers.IntegerField(help_text="Whoever writes it anew names it in If-Match.")
    at = serializers.DateTimeField()


class ContributionTextDraftSerializer(serializers.Serializer[Any]):
    language = serializers.ChoiceField(choices=Language.choices)
    title = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=12000)
    identity_reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", write_only=True
    )


# --- many at once ---------------------------------------------------------------------------------


class WorkbookSerializer(serializers.Serializer[Any]):
    file = UploadField(help_text="The template of the pages, filled in, .xlsx, at most 5 MB.")


class RowProblemSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField()
    column = serializers.CharField()
    found = serializers.CharField()
    reason = serializers.CharField()


class FilingSerializer(serializers.Serializer[BulkFiling]):
    """A workbook: how many rows can be sent, and what is wrong in the others."""

    id = serializers.UUIDField(source="public_id")
    round = serializers.CharField(source="round.code")
    state = serializers.CharField(help_text="read or sent.")
    file_name = serializers.CharField()
    rows = serializers.SerializerMethodField()
    faulty_rows = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField()
    contributions = serializers.SerializerMethodField(help_text="References of what was sent.")

    def get_rows(self, filing: BulkFiling) -> int:
        return len(filing.lines)

    def get_faulty_rows(self, filing: BulkFiling) -> int:
        return len(filing.faulty_rows)

    @extend_schema_field(RowProblemSerializer(many=True))
    def get_problems(self, filing: BulkFiling) -> list[dict[str, Any]]:
        return list(RowProblemSerializer(filing.problems, many=True).data)

    def get_contributions(self, filing: BulkFiling) -> list[str]:
        return sorted(filing.contributions.values_list("reference", flat=True))


class FilingSendSerializer(serializers.Serializer[Any]):
    without = serializers.IntegerField(
        min_value=0, max_value=100_000, default=0, help_text="How many faulty rows are left out: faulty_rows, or 0."
    )
