"""What was asked and said, in another language: beside the original."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint, filled
from core.canonical import fingerprint
from core.exceptions import NotAllowed
from networks import forms, permissions, serializers, services
from networks.models import CooperationRequest, RequestMessage, RequestTranslation


class OfRequestView(KeyView):
    """What concerns the translations of one request."""

    serializer_class: Any = serializers.TranslationSerializer
    ordering = "pk"

    def found(self, reference: str) -> CooperationRequest:
        return get_object_or_404(CooperationRequest.objects.visible_to(self.request.user), reference=reference)

    def get_queryset(self) -> "QuerySet[RequestTranslation]":
        return self.found(self.kwargs["reference"]).translations.select_related("by_institution", "request")


class TranslationsView(ListModelMixin, OfRequestView):
    """Translations of a request and of its messages."""

    @extend_schema(operation_id="request_translations")
    def get(self, request: KeyRequest, reference: str) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="request_translate",
        request=serializers.TranslationDraftSerializer,
        responses={201: serializers.TranslationSerializer},
    )
    def post(self, request: KeyRequest, reference: str) -> Response:
        """Translate the request, or one of its messages; what one's own side wrote is written anew."""
        row = self.found(reference)
        if not permissions.can_translate(request.user, row):
            raise NotAllowed("Only what was sent is translated, by the two sides.")
        self.serializer_class = serializers.TranslationDraftSerializer
        sent = self.read()
        message = self._message(row, sent.pop("message"))
        form = filled(lambda data: forms.TranslationForm(data, of=message or row), sent)
        made = services.translate(request=row, message=message, data=form.translation(), actor=request.user)
        self.serializer_class = serializers.TranslationSerializer
        return self.shown(made, code=201, location=reverse("api_request_translations", args=[reference]))

    def _message(self, row: CooperationRequest, number: int | None) -> RequestMessage | None:
        if number is None:
            return None
        message = row.messages.filter(pk=number).first()
        if message is None:
            raise ValidationError({"message": ["There is no such message."]})
        return message


class TranslationReviewView(OfRequestView):
    """Say that a translation by somebody else was read beside its original."""

    @extend_schema(operation_id="request_translation_review", request=None)
    def post(self, request: KeyRequest, reference: str, pk: int) -> Response:
        translation = get_object_or_404(self.get_queryset(), pk=pk)
        if not permissions.can_review_translation(request.user, translation):
            raise NotAllowed("Somebody else than who wrote it reviews it.")
        services.review_translation(translation=translation, seen=fingerprint(translation), actor=request.user)
        location = reverse("api_request_translations", args=[reference])
        return self.shown(self.get_queryset().get(pk=pk), location=location)


_REQUEST = "requests/<slug:reference>/translations/"
urlpatterns = [
    path(_REQUEST, endpoint(TranslationsView), name="api_request_translations"),
    path(f"{_REQUEST}<int:pk>/review/", endpoint(TranslationReviewView), name="api_request_translation_review"),
]
