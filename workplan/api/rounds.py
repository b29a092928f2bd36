"""Periods: read by everybody with a key; prepared, opened and closed by the Secretariat."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint, filled
from core.exceptions import NotAllowed
from workplan import forms, permissions, serializers, services
from workplan.models import Round
from workplan.queries import current_catalogue

# To freeze asks for the second factor: nothing undoes it.
STEPS: dict[str, Callable[..., Any]] = {"open": services.open_round, "close": services.close_round}


class OneRoundView(KeyView):
    """What concerns periods."""

    serializer_class: Any = serializers.RoundSerializer

    def get_queryset(self) -> "QuerySet[Round]":
        return Round.objects.visible_to(self.request.user)

    def found(self, round_code: str) -> Round:
        return get_object_or_404(self.get_queryset(), code=round_code)

    def told(self, round_code: str, code: int = 200) -> Response:
        self.serializer_class = serializers.RoundSerializer
        location = "" if self.request.method == "GET" else reverse("api_round", args=[round_code])
        return self.shown(self.found(round_code), code=code, location=location)

    def refuse_others(self) -> None:
        if not permissions.can_manage_rounds(self.request.user):
            raise NotAllowed("Only the Secretariat keeps the periods.")


class RoundsView(ListModelMixin, OneRoundView):
    """The periods, the latest first."""

    ordering = "-period_start"

    @extend_schema(operation_id="rounds")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="round_new",
        request=serializers.RoundDraftSerializer,
        responses={201: serializers.RoundSerializer},
    )
    def post(self, request: KeyRequest) -> Response:
        """Prepare a period. Nobody but the Secretariat sees it until it opens."""
        self.refuse_others()
        self.serializer_class = serializers.RoundDraftSerializer
        form = filled(forms.RoundForm, self.read())
        made = services.create_round(catalogue=current_catalogue(), actor=request.user, **form.cleaned_data)
        return self.told(made.code, 201)


class RoundView(OneRoundView):
    """One period."""

    @extend_schema(operation_id="round")
    def get(self, request: KeyRequest, round_code: str) -> Response:
        return self.told(round_code)


class RoundStepsView(OneRoundView):
    """Open a period, which begins a report for each reporter; close it."""

    serializer_class: Any = serializers.RoundStepSerializer

    @extend_schema(operation_id="round_step", responses=serializers.RoundSerializer)
    def post(self, request: KeyRequest, round_code: str) -> Response:
        found = self.found(round_code)
        self.refuse_others()
        STEPS[self.read()["step"]](round=found, actor=request.user)
        return self.told(round_code)


urlpatterns = [
    path("rounds/", endpoint(RoundsView), name="api_rounds"),
    path("rounds/<slug:round_code>/", endpoint(RoundView), name="api_round"),
    path("rounds/<slug:round_code>/steps/", endpoint(RoundStepsView), name="api_round_steps"),
]
