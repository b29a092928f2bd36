"""What is looked at and done before the documents are generated."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint, filled
from accounts.models import State
from core.exceptions import NotAllowed
from evaluations import permissions, serializers, services
from evaluations.forms import ExclusionForm
from evaluations.models import Evaluation
from evaluations.queries.preflight import preflight as look_ahead


class OneDraftView(KeyView):
    """What concerns an evaluation before it is published. For whoever may not read it, it does not exist."""

    def evaluation(self) -> Evaluation:
        return self._evaluation

    @cached_property
    def _evaluation(self) -> Evaluation:
        """Read once: the frozen data come with it."""
        evaluations = Evaluation.objects.visible_to(self.request.user).with_page_data()
        return get_object_or_404(evaluations, public_id=self.kwargs["public_id"])

    def prepared(self) -> Evaluation:
        evaluation = self.evaluation()
        if not permissions.can_prepare(self.request.user):
            raise NotAllowed("Only the Secretariat prepares evaluations.")
        return evaluation

    def asked(self, evaluation: Evaluation) -> State:
        """A State that was asked to report in the period."""
        asked = State.objects.visible_to(self.request.user).filter(reports__round=evaluation.round)
        return get_object_or_404(asked, iso2=self.kwargs["iso2"].upper())


class PreflightView(OneDraftView):
    """Who is missing and what is open, before the documents are made."""

    serializer_class: Any = serializers.PreflightSerializer

    @extend_schema(operation_id="preflight")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        found = look_ahead(self.evaluation())
        return self.shown(found if permissions.can_prepare(self.request.user) else replace(found, told_less=None))


class ExclusionView(OneDraftView):
    """A State that is left out."""

    serializer_class: Any = serializers.LeftOutSerializer

    @extend_schema(operation_id="state_exclude")
    def put(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        """Leave a State out that has no accepted report, with a reason."""
        evaluation = self.prepared()
        state, form = self.asked(evaluation), filled(ExclusionForm, self.read())
        made = services.exclude_state(evaluation=evaluation, state=state, actor=request.user, **form.cleaned_data)
        return self.shown(made, location=reverse("api_preflight", args=[public_id]))

    @extend_schema(operation_id="state_include", responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        """Take it back."""
        evaluation = self.prepared()
        services.include_state(evaluation=evaluation, state=self.asked(evaluation), actor=request.user)
        return Response(status=204)


class StateReminderView(OneDraftView):
    """Tell whoever works on a State's report that it is awaited; once a day."""

    serializer_class: Any = serializers.ToldSerializer

    @extend_schema(operation_id="state_remind", request=None)
    def post(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        evaluation = self.prepared()
        told = services.remind_state(evaluation=evaluation, state=self.asked(evaluation), actor=request.user)
        return self.shown({"told": told}, location=reverse("api_preflight", args=[public_id]))


urlpatterns = [
    path("evaluation-drafts/<uuid:public_id>/preflight/", endpoint(PreflightView), name="api_preflight"),
    path(
        "evaluation-drafts/<uuid:public_id>/exclusions/<slug:iso2>/",
        endpoint(ExclusionView),
        name="api_exclusion",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/reminders/<slug:iso2>/",
        endpoint(StateReminderView),
        name="api_state_reminder",
    ),
]
