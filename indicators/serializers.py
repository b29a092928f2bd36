"""What the API reads of statistics: releases for everybody, exact figures for the State's own authority."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import Language
from accounts.serializers import UploadField
from indicators.enums import CoverageCitizenship, CoverageMovement, Marker
from indicators.models import Release, ReleaseFile, ReturnProposal, ReturnUpload, StatisticalReturn
from indicators.queries import META, Doubt, as_answers, doubts
from indicators.services import obstacles


class ReleaseSerializer(serializers.Serializer[Release]):
    number = serializers.IntegerField()
    year = serializers.IntegerField(help_text="The newest year it tells.")
    published_at = serializers.DateTimeField()


class ReleaseAskedSerializer(serializers.Serializer[Release]):
    year = serializers.IntegerField(min_value=1900, max_value=2100, help_text="The newest year that it tells.")


class ReleaseFileSerializer(serializers.Serializer[ReleaseFile]):
    table = serializers.CharField()
    language = serializers.CharField()
    format = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="In the language of the file.")

    def get_url(self, file: ReleaseFile) -> str:
        if file.table == "dictionary":
            return reverse("data_dictionary")
        return reverse("data_download", args=[file.content.release.number, file.table, file.format])


class ReturnSerializer(serializers.Serializer[StatisticalReturn]):
    """One table of a State and year, as it is being filled in."""

    state = serializers.CharField(source="state.iso2")
    year = serializers.IntegerField()
    table = serializers.CharField()
    status = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    language = serializers.CharField()
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class CellSerializer(serializers.Serializer[Any]):
    row = serializers.CharField(max_length=8)
    column = serializers.CharField(max_length=8)
    marker = serializers.ChoiceField(choices=Marker.choices, help_text="A count, a zero, or why there is none.")
    value = serializers.IntegerField(allow_null=True, default=None)


class DoubtSerializer(serializers.Serializer[Doubt]):
    """A figure that should be looked at before the table is sent; it stands when a reason is given."""

    code = serializers.CharField()
    text = serializers.CharField()
    reason = serializers.CharField()


class ReturnDraftSerializer(serializers.Serializer[Any]):
    """A whole table. A cell that is left out is not answered yet: a blank is not a zero."""

    source = serializers.CharField(max_length=300, allow_blank=True, default="")  # type: ignore[assignment]
    coverage_citizenship = serializers.ChoiceField(CoverageCitizenship.choices, allow_blank=True, default="")
    coverage_movement = serializers.ChoiceField(CoverageMovement.choices, allow_blank=True, default="")
    criminal_code_article = serializers.CharField(max_length=200, allow_blank=True, default="")
    definition_note = serializers.CharField(max_length=2000, allow_blank=True, default="")
    language = serializers.ChoiceField(Language.choices)
    reasons = serializers.DictField(
        child=serializers.CharField(max_length=300, allow_blank=True),
        default=dict,
        help_text="Why a figure stands that is doubted, by the code of the doubt.",
    )
    cells = CellSerializer(many=True)


class WholeReturnSerializer(ReturnSerializer):
    coverage_citizenship = serializers.CharField()
    coverage_movement = serializers.CharField()
    criminal_code_article = serializers.CharField()
    definition_note = serializers.CharField()
    cells = CellSerializer(many=True)
    doubts = DoubtSerializer(many=True)
    obstacles = serializers.ListField(child=serializers.CharField(), help_text="What keeps it from being sent.")

    def to_representation(self, filled: StatisticalReturn) -> dict[str, Any]:
        return {
            **ReturnSerializer(filled).data,
            **{name: getattr(filled, name) for name in META},
            "cells": CellSerializer(filled.cells.all(), many=True).data,
            "doubts": [DoubtSerializer(doubt).data for doubt in doubts(filled)],
            "obstacles": obstacles(filled),
        }


class CountSerializer(serializers.Serializer[Any]):
    row = serializers.CharField()
    column = serializers.CharField()
    value = serializers.IntegerField(allow_null=True)


class ProposalSerializer(serializers.Serializer[ReturnProposal]):
    """What was counted from a State's own cases, for a table: figures alone."""

    state = serializers.CharField(source="state.iso2")
    year = serializers.IntegerField()
    table = serializers.CharField()
    counted_at = serializers.DateTimeField()
    cells = serializers.SerializerMethodField()

    @extend_schema_field(CountSerializer(many=True))
    def get_cells(self, proposal: ReturnProposal) -> list[dict[str, Any]]:
        counted = as_answers(proposal.cells).items()
        return [{"row": row, "column": column, "value": value} for (row, column), (_marker, value) in counted]


class ProposalDecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=("take", "decline"))


class TemplateSerializer(serializers.Serializer[Any]):
    file = UploadField(help_text="The portal's own .xlsx template of this State and year, up to 2 MB.")


class UploadSerializer(serializers.Serializer[ReturnUpload]):
    """A workbook that was read without a fault."""

    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField(source="state.iso2")
    year = serializers.IntegerField()
    sha256 = serializers.CharField()
    tables = serializers.SerializerMethodField(help_text="How many cells it would write, by table.")
    applied_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    def get_tables(self, upload: ReturnUpload) -> dict[str, int]:
        return {table: len(data["cells"]) for table, data in upload.content.items()}
