"""What the API reads of statistics: releases for everybody, exact figures for the State's own authority."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from indicators.models import Release, ReleaseFile, StatisticalReturn


class ReleaseSerializer(serializers.Serializer[Release]):
    number = serializers.IntegerField()
    year = serializers.IntegerField(help_text="The newest year it tells.")
    published_at = serializers.DateTimeField()


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
    row = serializers.CharField()
    column = serializers.CharField()
    marker = serializers.CharField(help_text="A count, a zero, or why there is none.")
    value = serializers.IntegerField(allow_null=True)


class WholeReturnSerializer(ReturnSerializer):
    cells = CellSerializer(many=True)

    def to_representation(self, filled: StatisticalReturn) -> dict[str, Any]:
        cells = CellSerializer(filled.cells.all(), many=True).data
        return {**ReturnSerializer(filled).data, "cells": cells}
