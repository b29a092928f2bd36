"""The API of evaluations: those that were published, and what a State is asked about its own part."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, PublicView, endpoint, filled
from accounts.models import State
from core.exceptions import NotAllowed
from evaluations import permissions, serializers, services
from evaluations.forms import CommentForm
from evaluations.models import Consultation, Publication, StateComment
from evaluations.presenters.consultations import comment_areas
from workplan.querysets import own_states


class EvaluationsView(ListModelMixin, PublicView):
    """Published evaluations with their documents, the newest first."""

    serializer_class = serializers.PublicationSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Publication]":
        rows = Publication.objects.visible_to(self.request.user).with_page_data()
        return rows.defer("snapshot__content").prefetch_related("snapshot__documents")

    @extend_schema(operation_id="evaluations")
    def get(self, request: Request) -> Response:
        return self.list(request)


class OneConsultationView(KeyView):
    """What concerns consultations."""

    serializer_class: Any = serializers.ConsultationSerializer

    def get_queryset(self) -> "QuerySet[Consultation]":
        return Consultation.objects.visible_to(self.request.user).with_page_data()


class ConsultationsView(ListModelMixin, OneConsultationView):
    """Consultations of States on their part of an evaluation, the newest first."""

    ordering = "-pk"

    @extend_schema(operation_id="consultations")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class ConsultedPartView(OneConsultationView):
    """One State's own part of an evaluation, and what it said of it."""

    serializer_class: Any = serializers.ConsultedPartSerializer

    @extend_schema(operation_id="consulted_part")
    def get(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        return self._told(*self._part(public_id, iso2))

    @extend_schema(
        operation_id="comment",
        parameters=[OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read.")],
        request=serializers.CommentsSerializer,
        responses=serializers.ConsultedPartSerializer,
    )
    def put(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        """Say what the State says, area by area."""
        consultation, state = self._part(public_id, iso2)
        if not permissions.can_comment(request.user, state):
            raise NotAllowed("The coordinator or whoever approves the report comments for the State.")
        said = self._said(consultation, state)
        seen = self.version_read(said.count())
        form = self._form(consultation, said, seen)
        services.save_comments(
            consultation=consultation, state=state, texts=form.texts, language=form.cleaned_data["language"],
            seen=seen, actor=request.user,
        )  # fmt: skip
        return self._told(consultation, state)

    def _part(self, public_id: Any, iso2: str) -> tuple[Consultation, State]:
        """404 for another State's part, as for one that does not exist."""
        user = self.request.user
        consultation = get_object_or_404(self.get_queryset(), public_id=public_id)
        states = State.objects.visible_to(user)
        if not permissions.can_read(user):
            states = states.filter(pk__in=own_states(user))
        state = get_object_or_404(states, iso2=iso2.upper())
        if state.iso2 not in consultation.asked:
            raise Http404
        return consultation, state

    def _said(self, consultation: Consultation, state: State) -> Any:
        return StateComment.objects.visible_to(self.request.user).filter(consultation=consultation, state=state)

    def _form(self, consultation: Consultation, said: Any, seen: int) -> CommentForm:
        """By the form of the page, with what stands where nothing is said."""
        self.serializer_class = serializers.CommentsSerializer
        sent, areas = self.read(), comment_areas(consultation.snapshot.content)
        words = {code or serializers.WHOLE: code for code, _title in areas}
        if unknown := sorted(set(sent["texts"]) - set(words)):
            raise ValidationError({"texts": {code: ["There is no such area."] for code in unknown}})
        texts = {row.area: row.text for row in said.last_versions()}
        texts |= {words[name]: text for name, text in sent["texts"].items()}
        data = {"seen": seen, "language": sent["language"], **{f"text_{code}": text for code, text in texts.items()}}
        return filled(lambda typed: CommentForm(typed, areas=areas), data)

    def _told(self, consultation: Consultation, state: State) -> Response:
        self.serializer_class = serializers.ConsultedPartSerializer
        said = self._said(consultation, state)
        row = serializers.consulted_part(consultation, state, said.last_versions())
        return self.shown(row, etag=str(said.count()))


urlpatterns = [
    path("evaluations/", endpoint(EvaluationsView), name="api_evaluations"),
    path("consultations/", endpoint(ConsultationsView), name="api_consultations"),
    path("consultations/<uuid:public_id>/<slug:iso2>/", endpoint(ConsultedPartView), name="api_consulted_part"),
]
