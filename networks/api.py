"""The API of requests between authorities: for the two sides, and nobody else."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint
from core.exceptions import NotAllowed, StepRefused
from networks import permissions, serializers, services
from networks.enums import AssistanceSide, Topic
from networks.forms import AssistanceFilterForm
from networks.models import AssistanceItem, CooperationRequest
from networks.queries import TopicRow, assistance_matrix

STEPS = {"send": services.send, "acknowledge": services.acknowledge, "withdraw": services.withdraw}


class RequestsView(ListModelMixin, KeyView):
    """Requests of one's side, sent and received, the newest first."""

    serializer_class = serializers.RequestSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[CooperationRequest]":
        return CooperationRequest.objects.visible_to(self.request.user).with_list_data()

    @extend_schema(operation_id="requests")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class OneRequestView(KeyView):
    """What concerns one request."""

    serializer_class: Any = serializers.WholeRequestSerializer

    def found(self, reference: str) -> CooperationRequest:
        rows = CooperationRequest.objects.visible_to(self.request.user).with_list_data().defer(None)
        return get_object_or_404(rows.prefetch_related("messages"), reference=reference)

    def told(self, reference: str, code: int = 200) -> Response:
        self.serializer_class = serializers.WholeRequestSerializer
        row, location = self.found(reference), reverse("api_request", args=[reference])
        return self.shown(
            row, code=code, etag=str(row.version), location="" if self.request.method == "GET" else location
        )


class RequestView(OneRequestView):
    """One request, with its thread."""

    @extend_schema(operation_id="request")
    def get(self, request: KeyRequest, reference: str) -> Response:
        return self.told(reference)


class RequestStepsView(OneRequestView):
    """Send a draft, acknowledge what came, or withdraw what was sent."""

    serializer_class: Any = serializers.RequestStepSerializer

    @extend_schema(operation_id="request_step", responses=serializers.WholeRequestSerializer)
    def post(self, request: KeyRequest, reference: str) -> Response:
        row, step = self.found(reference), self.read()["step"]
        if row.status not in permissions.sources_of(step):
            raise StepRefused("The request is no longer at this step.")
        if not permissions.can_take_step(request.user, row, step):
            raise NotAllowed("This step is not yours to take.")
        STEPS[step](request=row, actor=request.user)
        return self.told(reference)


class RequestMessagesView(OneRequestView):
    """Write into the thread."""

    serializer_class: Any = serializers.MessageSerializer

    @extend_schema(operation_id="request_message", responses={201: serializers.WholeRequestSerializer})
    def post(self, request: KeyRequest, reference: str) -> Response:
        row = self.found(reference)
        services.write_message(request=row, note=services.Note(**self.read()), actor=request.user)
        return self.told(reference, 201)


class AssistanceView(ListModelMixin, KeyView):
    """Open needs and offers of technical assistance, the newest first."""

    serializer_class = serializers.AssistanceSerializer
    ordering = ("-at", "-pk")

    def get_queryset(self) -> "QuerySet[AssistanceItem]":
        wanted = AssistanceFilterForm(self.request.query_params).wanted()
        return AssistanceItem.objects.visible_to(self.request.user).open().filter(**wanted).with_list_data()

    @extend_schema(
        operation_id="assistance",
        parameters=[
            OpenApiParameter("side", str, enum=list(AssistanceSide.values)),
            OpenApiParameter("topic", str, enum=list(Topic.values)),
        ],
    )
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class AssistanceMatrixView(KeyView):
    """The matrix of technical assistance: a row for each topic."""

    serializer_class = serializers.TopicSerializer
    pagination_class: Any = None  # a row for each topic, always

    @extend_schema(operation_id="assistance_matrix", responses=serializers.TopicSerializer(many=True))
    def get(self, request: KeyRequest) -> Response:
        matrix = assistance_matrix(request.user)
        rows = [{"topic": topic, **asdict(matrix.get(topic, TopicRow()))} for topic in Topic.values]
        return Response(self.get_serializer(rows, many=True).data)


urlpatterns = [
    path("assistance/", endpoint(AssistanceView), name="api_assistance"),
    path("assistance/matrix/", endpoint(AssistanceMatrixView), name="api_assistance_matrix"),
    path("requests/", endpoint(RequestsView), name="api_requests"),
    path("requests/<slug:reference>/", endpoint(RequestView), name="api_request"),
    path("requests/<slug:reference>/steps/", endpoint(RequestStepsView), name="api_request_steps"),
    path("requests/<slug:reference>/messages/", endpoint(RequestMessagesView), name="api_request_messages"),
]
