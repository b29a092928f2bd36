"""Technical assistance: needs and offers, and what finds the other."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint, filled, filters_of, narrowed
from core.exceptions import NotAllowed
from networks import forms, permissions, serializers, services
from networks.enums import AssistanceSide, Topic
from networks.models import AssistanceItem, AssistanceMatch
from networks.queries import TopicRow, assistance_matrix, matches_of


def _item(request: KeyRequest, public_id: Any) -> AssistanceItem:
    return get_object_or_404(AssistanceItem.objects.visible_to(request.user).with_list_data(), public_id=public_id)


class AssistanceView(ListModelMixin, KeyView):
    """Open needs and offers of technical assistance, the newest first."""

    serializer_class: Any = serializers.AssistanceSerializer
    ordering = ("-at", "-pk")

    def get_queryset(self) -> "QuerySet[AssistanceItem]":
        wanted = narrowed(forms.AssistanceFilterForm(self.request.query_params)).wanted()
        return AssistanceItem.objects.visible_to(self.request.user).open().filter(**wanted).with_list_data()

    @extend_schema(operation_id="assistance", parameters=filters_of(forms.AssistanceFilterForm))
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="assistance_new",
        request=serializers.AssistanceDraftSerializer,
        responses={201: serializers.AssistanceSerializer},
    )
    def post(self, request: KeyRequest) -> Response:
        """Publish what is needed, or what is offered."""
        self.serializer_class = serializers.AssistanceDraftSerializer
        sent = self.read()
        side = sent.pop("side")
        if not permissions.assistance_institutions(request.user, side).exists():
            raise NotAllowed("You publish neither needs nor offers.")
        form = filled(lambda data: forms.AssistanceForm(data, user=request.user, side=side), sent)
        item = services.publish_assistance(data=form.assistance_data(), actor=request.user)
        self.serializer_class = serializers.AssistanceSerializer
        location = reverse("api_assistance_item", args=[item.public_id])
        return self.shown(_item(request, item.public_id), code=201, location=location)


class AssistanceMatrixView(KeyView):
    """The matrix of technical assistance: a row for each topic."""

    serializer_class = serializers.TopicSerializer
    pagination_class: Any = None  # a row for each topic, always

    @extend_schema(operation_id="assistance_matrix", responses=serializers.TopicSerializer(many=True))
    def get(self, request: KeyRequest) -> Response:
        matrix = assistance_matrix(request.user)
        rows = [{"topic": topic, **asdict(matrix.get(topic, TopicRow()))} for topic in Topic.values]
        return Response(self.get_serializer(rows, many=True).data)


class AssistanceItemView(KeyView):
    """A need or an offer."""

    serializer_class = serializers.AssistanceSerializer

    @extend_schema(operation_id="assistance_item")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        return self.shown(_item(request, public_id))

    @extend_schema(operation_id="assistance_close", responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any) -> Response:
        """Close it: it is no longer needed, or no longer offered."""
        item = _item(request, public_id)
        if not permissions.can_keep_assistance(request.user, item):
            raise NotAllowed("Only whoever published it closes it.")
        services.close_assistance(item=item, actor=request.user)
        return Response(status=204)


class MatchesView(ListModelMixin, KeyView):
    """What a need found, or an offer."""

    serializer_class: Any = serializers.MatchSerializer
    ordering = "pk"

    def get_queryset(self) -> "QuerySet[AssistanceMatch]":
        return matches_of(_item(self.request, self.kwargs["public_id"]))

    @extend_schema(operation_id="matches")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="match_propose",
        request=serializers.MatchDraftSerializer,
        responses={201: serializers.MatchSerializer},
    )
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        """Propose a need and an offer of the same topic to each other; one of the two is one's own."""
        item = _item(request, public_id)
        self.serializer_class = serializers.MatchDraftSerializer
        form = filled(lambda data: forms.MatchForm(data, user=request.user, item=item), self.read())
        other = form.cleaned_data["other"]
        need, offer = (item, other) if item.side == AssistanceSide.NEED else (other, item)
        match = services.propose_match(need=need, offer=offer, actor=request.user)
        self.serializer_class = serializers.MatchSerializer
        return self.shown(match, code=201, location=reverse("api_matches", args=[public_id]))


class MatchDecisionView(KeyView):
    """Agree to a proposal, decline it, or say that it was carried out."""

    serializer_class: Any = serializers.MatchDecisionSerializer

    @extend_schema(operation_id="match_decide", responses=serializers.MatchSerializer)
    def post(self, request: KeyRequest, public_id: Any, pk: int) -> Response:
        matches = matches_of(_item(request, public_id))
        match = get_object_or_404(matches, pk=pk)
        services.decide_match(match=match, status=self.read()["status"], actor=request.user)
        self.serializer_class = serializers.MatchSerializer
        return self.shown(matches.get(pk=pk), location=reverse("api_matches", args=[public_id]))


_ITEM = "assistance/<uuid:public_id>/"
urlpatterns = [
    path("assistance/", endpoint(AssistanceView), name="api_assistance"),
    path("assistance/matrix/", endpoint(AssistanceMatrixView), name="api_assistance_matrix"),
    path(_ITEM, endpoint(AssistanceItemView), name="api_assistance_item"),
    path(f"{_ITEM}matches/", endpoint(MatchesView), name="api_matches"),
    path(f"{_ITEM}matches/<int:pk>/decision/", endpoint(MatchDecisionView), name="api_match_decision"),
]
