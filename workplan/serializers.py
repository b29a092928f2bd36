"""What the API reads and writes of the plan and of reports. Codes, ISO dates, and the names of the pages."""

import json
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import Language
from accounts.models import State
from accounts.serializers import UploadField
from core.i18n import LANGUAGES, SUFFIXES
from workplan.enums import (
    ActionKind,
    Channel,
    Decision,
    EntryField,
    EvidenceType,
    ImplementationStatus,
    Obstacle,
    Visibility,
)
from workplan.models import (
    Activity,
    EntryUserObjectPermission,
    Evidence,
    Extension,
    ImportRun,
    Plan,
    Question,
    Report,
    ReportEntry,
    ReportVersion,
    Round,
)
from workplan.queries import public_entries
from workplan.services import ActionData, faulty_rows
from workplan.validators import UNWANTED

MAX_ACTIONS = 20


class TextsSerializer(serializers.Serializer[Any]):
    """One text in the four languages."""

    es = serializers.CharField()
    en = serializers.CharField()
    fr = serializers.CharField()
    pt_br = serializers.CharField()


def texts(row: Any, base: str) -> dict[str, str]:
    return {SUFFIXES[code]: getattr(row, f"{base}_{SUFFIXES[code]}") for code in LANGUAGES}


# --- the plan -------------------------------------------------------------------------------------


class PlanSerializer(serializers.Serializer[Plan]):
    """The Work Plan, and the list of activities in force."""

    slug = serializers.CharField()
    titles = serializers.SerializerMethodField()
    resolution = serializers.CharField()
    adopted_on = serializers.DateField()
    start_date = serializers.DateField()
    end_date = serializers.DateField(help_text="The one in force, after all extensions.")
    catalogue = serializers.IntegerField(source="listed.number")
    catalogue_is_official = serializers.BooleanField(
        source="listed.is_official",
        help_text="False: provisional texts, not verified against the annex of the resolution.",
    )

    @extend_schema_field(TextsSerializer)
    def get_titles(self, plan: Plan) -> dict[str, str]:
        return texts(plan, "title")


class ActivitySerializer(serializers.Serializer[Activity]):
    code = serializers.CharField()
    official_number = serializers.CharField(allow_null=True)
    area = serializers.CharField(source="area.code")
    responsible = serializers.CharField()
    themes = serializers.ListField(child=serializers.CharField())
    verified = serializers.BooleanField(help_text="False: the text is provisional.")
    titles = serializers.SerializerMethodField()
    texts = serializers.SerializerMethodField()

    @extend_schema_field(TextsSerializer)
    def get_titles(self, activity: Activity) -> dict[str, str]:
        return texts(activity, "title")

    @extend_schema_field(TextsSerializer)
    def get_texts(self, activity: Activity) -> dict[str, str]:
        return texts(activity, "text")


class StateSerializer(serializers.Serializer[State]):
    iso2 = serializers.CharField()
    iso3 = serializers.CharField()
    names = serializers.SerializerMethodField()

    @extend_schema_field(TextsSerializer)
    def get_names(self, state: State) -> dict[str, str]:
        return texts(state, "name")


class RoundSerializer(serializers.Serializer[Round]):
    code = serializers.CharField()
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    due_on = serializers.DateField()
    status = serializers.CharField()


class RoundDraftSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=12, help_text="Year and half-year, for example 2014-2.")
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    due_on = serializers.DateField()


class RoundStepSerializer(serializers.Serializer[Any]):
    step = serializers.ChoiceField(choices=("open", "close"))


# --- reports --------------------------------------------------------------------------------------


class ReportSerializer(serializers.Serializer[Report]):
    reference = serializers.CharField()
    round = serializers.CharField(source="round.code")
    state = serializers.CharField(
        source="state.iso2", allow_null=True, default=None, help_text="Null: the Secretariat."
    )
    status = serializers.CharField()
    status_label = serializers.CharField(source="get_status_display")
    language = serializers.CharField()
    due_on = serializers.DateField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)


class GrantSerializer(serializers.Serializer[EntryUserObjectPermission]):
    report = serializers.CharField(source="content_object.report.reference")
    activity = serializers.CharField(source="content_object.activity.code")
    person = serializers.CharField(source="user")
    reason = serializers.CharField()
    valid_to = serializers.DateField(allow_null=True, help_text="The last day.")
    granted_by = serializers.CharField(allow_null=True)
    granted_at = serializers.DateTimeField()


class ShownSerializer(serializers.Serializer[Any]):
    is_shown = serializers.BooleanField(help_text="To everybody. A report that is opened again is not.")
    version = serializers.IntegerField(allow_null=True, help_text="The one consented to.")
    consented_at = serializers.DateTimeField(allow_null=True)


class StepSerializer(serializers.Serializer[Any]):
    """A step that a button takes on the pages. What asks for the second factor is not among them."""

    step = serializers.ChoiceField(
        choices=("send_to_coordinator", "take_back", "withdraw", "ask_return", "return", "reopen")
    )
    note = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="To ask for the return, to return, to reopen."
    )
    version = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, help_text="To return: the number of the version that was read."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What a step asks for, and nothing else."""
        needed = STEP_ASKS.get(attrs["step"], ())
        if missing := [name for name in needed if name not in attrs]:
            raise serializers.ValidationError(dict.fromkeys(missing, "This step asks for it."))
        return {name: attrs[name] for name in ("step", *needed)}


STEP_ASKS = {"ask_return": ("note",), "return": ("note", "version"), "reopen": ("note",)}


class CheckSerializer(serializers.Serializer[Any]):
    """Activities by their codes."""

    total = serializers.IntegerField()
    answered = serializers.IntegerField()
    statuses = serializers.DictField(child=serializers.IntegerField())
    blank = serializers.ListField(child=serializers.CharField())
    without_text = serializers.ListField(child=serializers.CharField())
    changed = serializers.ListField(child=serializers.CharField(), help_text="Since the last version that was sent.")
    unconfirmed = serializers.ListField(child=serializers.CharField(), help_text="Copied from the period before.")
    proposed = serializers.ListField(child=serializers.CharField(), help_text="By colleagues, and not accepted yet.")
    open_questions = serializers.IntegerField()
    steps = serializers.ListField(child=serializers.CharField(), help_text="That the person may take now.")


@extend_schema_field({"type": "object", "additionalProperties": True})
class DetailsField(serializers.JSONField):
    """What is asked of a kind of action; services say what fits."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if not isinstance(value, Mapping):
            raise serializers.ValidationError("An object.")
        try:
            words = json.dumps(value, ensure_ascii=False, allow_nan=False)
            words.encode()
        except ValueError as fault:
            raise serializers.ValidationError("Not a text.") from fault
        if "\\u0000" in words or UNWANTED.search(words):
            raise serializers.ValidationError("Holds control characters.")
        return value


class ActionSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=ActionKind.choices)
    title = serializers.CharField(max_length=200)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True, default=None)
    place = serializers.CharField(max_length=120, allow_blank=True, default="")
    details = DetailsField(default=dict)


class EntrySerializer(serializers.Serializer[ReportEntry]):
    """The answer to one activity. What is left out when it is written is blank from then on."""

    report = serializers.CharField(source="report.reference", read_only=True)
    activity = serializers.CharField(source="activity.code", read_only=True)
    status = serializers.ChoiceField(choices=ImplementationStatus.choices, allow_blank=True, default="")
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")
    narrative = serializers.CharField(max_length=4000, allow_blank=True, default="")
    results = serializers.CharField(max_length=2000, allow_blank=True, default="")
    good_practice = serializers.CharField(
        max_length=2000, allow_blank=True, default="", help_text="What worked and others could take up, and why."
    )
    obstacles = serializers.CharField(max_length=2000, allow_blank=True, default="")
    obstacle_kinds = serializers.ListField(child=serializers.ChoiceField(choices=Obstacle.choices), default=list)
    language = serializers.ChoiceField(choices=Language.choices)
    is_ready = serializers.BooleanField(default=False, help_text="The section is complete.")
    confirmed = serializers.BooleanField(
        write_only=True, default=False, help_text="What was copied from the period before still holds."
    )
    carried_from = serializers.CharField(source="carried_from.code", read_only=True, default=None, allow_null=True)
    version = serializers.IntegerField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    actions = ActionSerializer(many=True, required=False)

    def validate_actions(self, actions: list[Any]) -> list[Any]:
        if len(actions) > MAX_ACTIONS:
            raise serializers.ValidationError("Too many.")
        return actions

    def to_representation(self, entry: ReportEntry) -> dict[str, Any]:
        shown = super().to_representation(entry)
        shown["actions"] = ActionSerializer(entry.actions.all(), many=True).data
        return shown


def actions_of(sent: Mapping[str, Any]) -> list[ActionData]:
    return [ActionData(**action) for action in sent.get("actions", [])]


# --- evidence -------------------------------------------------------------------------------------


class EvidenceSerializer(serializers.Serializer[Evidence]):
    """A file or an address that supports an answer, and how the check of the file went."""

    id = serializers.UUIDField(source="public_id")
    report = serializers.CharField(source="entry.report.reference")
    activity = serializers.CharField(source="entry.activity.code")
    type = serializers.CharField()
    title = serializers.CharField()
    language = serializers.CharField()
    visibility = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    name = serializers.CharField(source="original_name", allow_blank=True)
    size = serializers.IntegerField()
    sha256 = serializers.CharField(allow_blank=True, help_text="Of the file as it was sent.")
    scan_state = serializers.CharField(allow_blank=True, help_text="pending: it is being checked. Blank: an address.")
    refusal = serializers.CharField(allow_blank=True, help_text="Why the check refused it.")
    removed_parts = serializers.ListField(child=serializers.CharField(), help_text="What the copy leaves out.")
    uploaded_at = serializers.DateTimeField()


class _AboutEvidence(serializers.Serializer[Any]):
    language = serializers.ChoiceField(choices=Language.choices)
    visibility = serializers.ChoiceField(choices=Visibility.choices, default=Visibility.SECRETARIAT)


class EvidenceFileSerializer(_AboutEvidence):
    """PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV, at most 10 MB. Never data that identify victims."""

    file = UploadField()
    title = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Blank: the name of the file."
    )
    type = serializers.ChoiceField(choices=[one for one in EvidenceType.choices if one[0] != EvidenceType.WEB_PAGE])


class EvidenceAddressSerializer(_AboutEvidence):
    """A page of the web. The portal never opens it."""

    url = serializers.CharField(max_length=500)
    title = serializers.CharField(max_length=200)


# --- more time, and answers from a file -----------------------------------------------------------


class ExtensionSerializer(serializers.Serializer[Extension]):
    """A request for more time, and what was decided."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    report = serializers.CharField(source="report.reference", read_only=True)
    requested_date = serializers.DateField()
    reason = serializers.CharField(max_length=2000)
    requested_at = serializers.DateTimeField(read_only=True)
    decision = serializers.CharField(read_only=True, help_text="Blank: it waits.")
    new_date = serializers.DateField(read_only=True, allow_null=True)
    decision_reason = serializers.CharField(read_only=True)


class VerdictSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=Decision.choices)
    new_date = serializers.DateField(required=False, allow_null=True, help_text="Where it is granted.")
    decision_reason = serializers.CharField(max_length=2000)


class ImportProblemSerializer(serializers.Serializer[Any]):
    sheet = serializers.CharField()
    row = serializers.IntegerField()
    column = serializers.CharField()
    found = serializers.CharField()
    expected = serializers.CharField()


class ImportSerializer(serializers.Serializer[ImportRun]):
    """A spreadsheet that was read: what it would change, and what is wrong in it."""

    id = serializers.UUIDField(source="public_id")
    report = serializers.CharField(source="report.reference")
    state = serializers.CharField(help_text="read, imported or undone.")
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    changes = serializers.SerializerMethodField(help_text="Activities by what becomes of their answer.")
    problems = serializers.SerializerMethodField()
    faulty_rows = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    imported_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}})
    def get_changes(self, run: ImportRun) -> dict[str, list[str]]:
        kinds = ("new", "change", "same")
        return {kind: [line["activity"] for line in run.lines if line["kind"] == kind] for kind in kinds}

    @extend_schema_field(ImportProblemSerializer(many=True))
    def get_problems(self, run: ImportRun) -> list[dict[str, Any]]:
        return list(ImportProblemSerializer(run.problems, many=True).data)

    def get_faulty_rows(self, run: ImportRun) -> int:
        return len(faulty_rows(run))


class ImportFileSerializer(serializers.Serializer[Any]):
    """The portal's template as XLSX, or its columns as CSV in UTF-8, at most 5 MB."""

    file = UploadField()
    channel = serializers.ChoiceField(
        choices=Channel.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of the Secretariat alone: how a State's answers came.",
    )


class ImportConfirmSerializer(serializers.Serializer[Any]):
    without = serializers.IntegerField(
        min_value=0, max_value=100_000, default=0, help_text="How many faulty rows are left out: faulty_rows, or 0."
    )


# --- review ---------------------------------------------------------------------------------------


class ReplySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2000)
    language = serializers.CharField(read_only=True)
    at = serializers.DateTimeField(read_only=True)


class QuestionSerializer(serializers.Serializer[Question]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    activity = serializers.CharField(source="activity.code")
    field = serializers.ChoiceField(choices=EntryField.choices)
    text = serializers.CharField(max_length=2000)
    language = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    asked_at = serializers.DateTimeField(read_only=True)
    replies = ReplySerializer(many=True, read_only=True)

    def to_representation(self, question: Question) -> dict[str, Any]:
        shown = super().to_representation(question)
        shown["replies"] = ReplySerializer(question.replies.all(), many=True).data
        return shown


class VersionSerializer(serializers.Serializer[ReportVersion]):
    """What was sent, without its content."""

    report = serializers.CharField(source="report.reference")
    number = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    sha256 = serializers.CharField(help_text="Of the content as it was sent.")
    on_behalf_of = serializers.CharField()


class DifferencesSerializer(serializers.Serializer[Any]):
    since = serializers.IntegerField(min_value=1, max_value=100_000, help_text="The number of the version before.")
    language = serializers.ChoiceField(choices=Language.choices)


class PublishedReportSerializer(serializers.Serializer[ReportVersion]):
    """An accepted report that its State shows to everybody."""

    state = serializers.CharField(source="report.state.iso2")
    round = serializers.CharField(source="report.round.code")
    period_start = serializers.DateField(source="report.round.period_start")
    period_end = serializers.DateField(source="report.round.period_end")
    language = serializers.CharField(source="report.language")
    submitted_at = serializers.DateTimeField()


class PublishedEntrySerializer(serializers.Serializer[Any]):
    activity = serializers.CharField()
    area = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    narrative = serializers.CharField()
    results = serializers.CharField()
    good_practice = serializers.CharField(default="")  # versions of before have none
    obstacles = serializers.CharField()
    obstacle_kinds = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField()
    actions = ActionSerializer(many=True)


class WholePublishedReportSerializer(PublishedReportSerializer):
    """With its answers: those there are, without evidence, questions and ratings."""

    entries = serializers.SerializerMethodField()

    @extend_schema_field(PublishedEntrySerializer(many=True))
    def get_entries(self, version: ReportVersion) -> list[dict[str, Any]]:
        return list(PublishedEntrySerializer(public_entries(version), many=True).data)


class WholeVersionSerializer(VersionSerializer):
    """What was sent. Evidence is named as far as the reader may see it."""

    content = serializers.SerializerMethodField()

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_content(self, version: ReportVersion) -> dict[str, Any]:
        seen = self.context["evidence"]
        entries = [
            {**entry, "evidence": [one for one in entry.get("evidence", []) if one["id"] in seen]}
            for entry in version.content["entries"]
        ]
        return {**version.content, "entries": entries}
