"""What the API reads of published evaluations."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evaluations.models import Document, Publication


class DocumentSerializer(serializers.Serializer[Any]):
    language = serializers.CharField()
    format = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    url = serializers.CharField()


class PublicationSerializer(serializers.Serializer[Publication]):
    id = serializers.UUIDField(source="evaluation.public_id")
    symbol = serializers.CharField(source="evaluation.symbol")
    round = serializers.CharField(source="evaluation.round.code")
    published_at = serializers.DateTimeField()
    content_hash = serializers.CharField(source="snapshot.content_hash", help_text="Of the data it was made of.")
    documents = serializers.SerializerMethodField()

    @extend_schema_field(DocumentSerializer(many=True))
    def get_documents(self, publication: Publication) -> list[dict[str, Any]]:
        public_id = publication.evaluation.public_id
        return [self._file(public_id, document) for document in publication.snapshot.documents.all()]

    def _file(self, public_id: UUID, document: Document) -> dict[str, Any]:
        names = ("language", "format", "size", "sha256")
        url = reverse("publication_file", args=[public_id, document.language, document.format])
        return {**{name: getattr(document, name) for name in names}, "url": url}
