"""What States share: their agreements, and the routes on which they report victims."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint, filled
from core.exceptions import NotAllowed
from networks import forms, permissions, serializers, services
from networks.models import Agreement, RouteFigure


class AgreementsView(ListModelMixin, KeyView):
    """Agreements between States, with their sources."""

    serializer_class: Any = serializers.AgreementSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Agreement]":
        self._refuse_strangers()
        agreements: QuerySet[Agreement] = Agreement.objects.visible_to(self.request.user).with_list_data()
        return agreements

    @extend_schema(operation_id="agreements")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="agreement_new",
        request=serializers.AgreementDraftSerializer,
        responses={201: serializers.AgreementSerializer},
    )
    def post(self, request: KeyRequest) -> Response:
        """Record an agreement to which one's own State is a party."""
        self._refuse_strangers()
        if not permissions.records_shared_facts(request.user):
            raise NotAllowed("You record nothing for a State.")
        self.serializer_class = serializers.AgreementDraftSerializer
        form = filled(forms.AgreementForm, self.read())
        agreement = services.record_agreement(actor=request.user, **form.cleaned_data)
        self.serializer_class = serializers.AgreementSerializer
        return self.shown(agreement, code=201, location=reverse("api_agreements"))

    def _refuse_strangers(self) -> None:
        if not permissions.can_see_focal_points(self.request.user):
            raise NotAllowed("Authorities alone read this.")


class RoutesView(ListModelMixin, KeyView):
    """Victims by route, as each State reports them, in rounded figures."""

    serializer_class: Any = serializers.RouteSerializer

    def get_queryset(self) -> "QuerySet[RouteFigure]":
        if not permissions.can_see_focal_points(self.request.user):
            raise NotAllowed("Authorities alone read this.")
        figures: QuerySet[RouteFigure] = RouteFigure.objects.visible_to(self.request.user)
        year = self.request.query_params.get("year", "")
        wanted = {"year": int(year)} if year.isascii() and year.isdigit() and len(year) == 4 else {}
        return figures.filter(**wanted).select_related("state", "other")

    @extend_schema(operation_id="routes", parameters=[OpenApiParameter("year", int)])
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="route_report",
        request=serializers.RouteDraftSerializer,
        responses={201: serializers.RouteSerializer},
    )
    def post(self, request: KeyRequest) -> Response:
        """Report a figure for one's own State. It is rounded before it is stored; a second one replaces the first."""
        state = permissions.reporting_states(request.user).first()
        if state is None:
            raise NotAllowed("You report nothing for a State.")
        self.serializer_class = serializers.RouteDraftSerializer
        form = filled(forms.RouteForm, self.read())
        figure = services.report_route(state=state, data=form.route_data(), actor=request.user)
        self.serializer_class = serializers.RouteSerializer
        return self.shown(figure, code=201, location=reverse("api_routes"))


urlpatterns = [
    path("agreements/", endpoint(AgreementsView), name="api_agreements"),
    path("routes/", endpoint(RoutesView), name="api_routes"),
]
