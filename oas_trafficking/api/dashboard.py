"""The figures of the dashboard and of a State's page, and their files, for whoever reads them on the page."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView
from accounts.models import State
from core.canonical import content_hash
from core.exceptions import NotAllowed
from core.models import Job
from oas_trafficking import serializers, services
from oas_trafficking.delivery import figures_of, reports_of, rounds_looked_at, state_page_of
from oas_trafficking.forms import PeriodForm
from oas_trafficking.queries import Desk
from workplan.models import Round

PERIODS = [
    OpenApiParameter("period", str, description="The latest one where it is left out or unknown."),
    OpenApiParameter("compare", str, description="The period before where it is left out; none for no comparison."),
]
ACCEPTED = {202: None}


class FiguresView(KeyView):
    """What the pages of figures share."""

    def told(self, data: dict[str, Any]) -> Response:
        body: Any = self.get_serializer(data).data
        return self.shown(data, etag=content_hash(body))

    def asked(self, state: State | None, query: dict[str, str], kind: str) -> Response:
        job: Job = services.request_export(state=state, query=query, kind=kind, actor=self.request.user)
        return Response(status=202, headers={"Location": reverse("api_job", args=[job.public_id])})

    def form(self, query: Any) -> PeriodForm:
        """For the Secretariat."""
        if not Desk(self.request.user).is_secretariat:
            raise NotAllowed("The dashboard is the Secretariat's.")
        rounds = rounds_looked_at(self.request.user)
        if not rounds:
            raise Http404
        return PeriodForm(query, rounds=rounds)


class DashboardView(FiguresView):
    """The figures of a period for all States together, and where each report stands. States are never ranked."""

    serializer_class = serializers.DashboardSerializer

    @extend_schema(operation_id="dashboard", parameters=PERIODS)
    def get(self, request: KeyRequest) -> Response:
        form = self.form(request.query_params)
        of, reports = figures_of(form)
        return self.told({**serializers.overview_data(of), "reports": reports})


class DashboardExportView(FiguresView):
    """The dashboard as a file."""

    serializer_class = serializers.PeriodsSerializer

    @extend_schema(operation_id="dashboard_export", responses=ACCEPTED)
    def post(self, request: KeyRequest) -> Response:
        """202 with the job that makes it."""
        sent = self.read()
        return self.asked(None, self.form(sent).query, sent["format"])


class RoundRemindersView(KeyView):
    """Remind every State whose report is overdue; once a day, whoever asks."""

    serializer_class: Any = serializers.RemindedSerializer

    @extend_schema(operation_id="round_remind", request=None)
    def post(self, request: KeyRequest, round_code: str) -> Response:
        found = get_object_or_404(Round.objects.visible_to(request.user), code=round_code)
        told = services.remind_overdue(round_=found, actor=request.user)
        return self.shown({"reminded": told}, location=reverse("api_round", args=[round_code]))


def _state_of(request: KeyRequest, iso2: str, query: Any) -> Any:
    """The State's figures, from accepted reports that the person may open; 404 without any."""
    state = get_object_or_404(State.objects.visible_to(request.user), iso2=iso2.upper())
    found = state_page_of(state, reports_of(request.user, state), query)
    if found is None:
        raise Http404
    return found


class StateFiguresView(FiguresView):
    """The figures of one State, beside its own of another period."""

    serializer_class = serializers.OverviewSerializer

    @extend_schema(operation_id="state_figures", parameters=PERIODS)
    def get(self, request: KeyRequest, iso2: str) -> Response:
        _form, page = _state_of(request, iso2, request.query_params)
        return self.told(serializers.overview_data(page.of))


class StateExportView(FiguresView):
    """A State's figures as a file."""

    serializer_class = serializers.PeriodsSerializer

    @extend_schema(operation_id="state_export", responses=ACCEPTED)
    def post(self, request: KeyRequest, iso2: str) -> Response:
        """202 with the job that makes it."""
        sent = self.read()
        form, page = _state_of(request, iso2, sent)
        return self.asked(page.state, form.query, sent["format"])
