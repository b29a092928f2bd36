"""Evaluations that are published, what a State is asked about its own part, and the files of a build."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, KeyView, PublicView, endpoint, filled
from accounts.models import State
from core.exceptions import NotAllowed
from evaluations import permissions, serializers, services
from evaluations.forms import CommentForm
from evaluations.models import Consultation, Document, Evaluation, Publication, StateComment
from evaluations.presenters.consultations import comment_areas
from evaluations.queries.consent import shown_reports
from evaluations.queries.translations import WHOLE
from workplan.querysets import own_states

NO_EVALUATION = UUID(int=0)  # while the description is made, no address has been asked for


class EvaluationsView(ListModelMixin, PublicView):
    """Published evaluations with their documents, the newest first."""

    serializer_class = serializers.PublicationSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Publication]":
        rows = Publication.objects.visible_to(self.request.user).for_list()
        frozen = rows.annotate(rounds=KeyTransform("rounds", "snapshot__content"))
        return frozen.prefetch_related("snapshot__documents")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "shown": shown_reports()}

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

    def get_queryset(self) -> "QuerySet[Consultation]":
        return Consultation.objects.visible_to(self.request.user).for_list()

    @extend_schema(operation_id="consultations")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class EvaluationDraftsView(ListModelMixin, KeyView):
    """Evaluations for those who prepare or read them before publication, the newest first."""

    serializer_class = serializers.EvaluationSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Evaluation]":
        rows = Evaluation.objects.visible_to(self.request.user).for_list()
        return rows.prefetch_related("releases", "further_rounds")

    @extend_schema(operation_id="evaluation_drafts")
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
        parameters=[IF_MATCH],
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
        return StateComment.objects.visible_to(self.request.user).of(consultation).filter(state=state)

    def _form(self, consultation: Consultation, said: Any, seen: int) -> CommentForm:
        """By the form of the page, with what stands where nothing is said."""
        self.serializer_class = serializers.CommentsSerializer
        sent, areas = self.read(), comment_areas(consultation.snapshot.content)
        words = {code or WHOLE: code for code, _title in areas}
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


class EvaluationDocumentsView(ListModelMixin, KeyView):
    """The documents of the last build. Before publication their files are taken on the pages, which ask for the
    second factor; afterwards anybody reads them."""

    serializer_class: Any = serializers.DraftDocumentSerializer
    ordering = ("language", "format")

    def get_queryset(self) -> "QuerySet[Document]":
        rows = Document.objects.visible_to(self.request.user).current()
        return rows.filter(snapshot__evaluation__public_id=self.kwargs.get("public_id", NO_EVALUATION))

    @extend_schema(operation_id="evaluation_documents")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        self._evaluation(public_id)
        return self.list(request)

    @extend_schema(operation_id="evaluation_build", request=None, responses={202: None})
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        """Have them made anew: 202 with the job."""
        job = services.request_build(evaluation=self._evaluation(public_id), actor=request.user)
        return Response(status=202, headers={"Location": reverse("api_job", args=[job.public_id])})

    def _evaluation(self, public_id: Any) -> Evaluation:
        return get_object_or_404(Evaluation.objects.visible_to(self.request.user), public_id=public_id)


class BuildAgainView(KeyView):
    """A build that was given up."""

    @extend_schema(operation_id="evaluation_build_again", request=None, responses={202: None})
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        """Go on with the last one, with the data that it froze: 202 with the job."""
        evaluation = get_object_or_404(Evaluation.objects.visible_to(request.user), public_id=public_id)
        job = services.build_again(evaluation=evaluation, actor=request.user)
        return Response(status=202, headers={"Location": reverse("api_job", args=[job.public_id])})


urlpatterns = [
    path("evaluations/", endpoint(EvaluationsView), name="api_evaluations"),
    path("consultations/", endpoint(ConsultationsView), name="api_consultations"),
    path("consultations/<uuid:public_id>/<slug:iso2>/", endpoint(ConsultedPartView), name="api_consulted_part"),
    path("evaluation-drafts/", endpoint(EvaluationDraftsView), name="api_evaluation_drafts"),
    path(
        "evaluation-drafts/<uuid:public_id>/documents/",
        endpoint(EvaluationDocumentsView),
        name="api_evaluation_documents",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/documents/again/",
        endpoint(BuildAgainView),
        name="api_evaluation_build_again",
    ),
]
