"""National plans and treaties: read by every authority, written by a State for itself."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, KeyView, endpoint, filled
from core.exceptions import NotAllowed
from networks import forms, permissions, serializers, services
from networks.models import InstrumentAct, LegalInstrument, NationalPlan

STATE = OpenApiParameter("state", str, description="Code of a State.")


class InstrumentsView(ListModelMixin, KeyView):
    """The treaties on which States say where they stand."""

    serializer_class: Any = serializers.InstrumentSerializer
    ordering = ("position", "pk")

    def get_queryset(self) -> "QuerySet[LegalInstrument]":
        return LegalInstrument.objects.visible_to(self.request.user)

    @extend_schema(operation_id="instruments")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class LawView(KeyView):
    """What plans and acts have in common."""

    model: Any
    form: Any
    draft: Any
    address: str
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Any]":
        if not permissions.can_see_focal_points(self.request.user):
            raise NotAllowed("Authorities alone read this.")
        rows: QuerySet[Any] = self.model.objects.visible_to(self.request.user).standing().select_related("state")
        state = self.request.query_params.get("state", "")
        return rows.filter(state__iso2=state.upper()) if state else rows

    def found(self, public_id: Any) -> Any:
        return get_object_or_404(self.get_queryset(), public_id=public_id)

    def entered(self) -> Response:
        state = permissions.reporting_states(self.request.user).first()
        if state is None:
            raise NotAllowed("You report nothing for a State.")
        record = services.enter_law(state=state, data=self.data_sent(), actor=self.request.user)
        return self.told(record, 201)

    def changed(self, public_id: Any) -> Response:
        record = self.own(self.get_queryset(), public_id)
        seen = self.version_read(record.version)
        return self.told(services.change_law(record=record, data=self.data_sent(), seen=seen, actor=self.request.user))

    def removed(self, public_id: Any) -> Response:
        services.remove_law(record=self.own(self.get_queryset(), public_id), actor=self.request.user)
        return Response(status=204)

    def restored(self, public_id: Any) -> Response:
        record = self.own(self.model.objects.visible_to(self.request.user).select_related("state"), public_id)
        services.restore_law(record=record, actor=self.request.user)
        return self.told(self.found(public_id))

    def own(self, rows: "QuerySet[Any]", public_id: Any) -> Any:
        record = get_object_or_404(rows, public_id=public_id)
        if not permissions.writes_law_of(self.request.user, record.state):
            raise NotAllowed("You report only for your own State.")
        return record

    def data_sent(self) -> Any:
        shown, self.serializer_class = self.serializer_class, self.draft
        data = filled(self.form, self.read()).law_data()
        self.serializer_class = shown
        return data

    def told(self, record: Any, code: int = 200) -> Response:
        location = "" if self.request.method == "GET" else reverse(self.address, args=[record.public_id])
        return self.shown(record, code=code, etag=str(record.version), location=location)


class _Plans(LawView):
    model, form, address = NationalPlan, forms.PlanForm, "api_national_plan"
    serializer_class: Any = serializers.NationalPlanSerializer
    draft = serializers.NationalPlanDraftSerializer


class PlansView(ListModelMixin, _Plans):
    """National plans with their dates. Whether one is in force follows from them."""

    @extend_schema(operation_id="national_plans", parameters=[STATE])
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="national_plan_new",
        request=serializers.NationalPlanDraftSerializer,
        responses={201: serializers.NationalPlanSerializer},
    )
    def post(self, request: KeyRequest) -> Response:
        """Enter a plan of one's own State."""
        return self.entered()


class PlanView(_Plans):
    """One plan."""

    @extend_schema(operation_id="national_plan")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        return self.told(self.found(public_id))

    @extend_schema(
        operation_id="national_plan_write",
        parameters=[IF_MATCH],
        request=serializers.NationalPlanDraftSerializer,
        responses=serializers.NationalPlanSerializer,
    )
    def put(self, request: KeyRequest, public_id: Any) -> Response:
        """Write it anew."""
        return self.changed(public_id)

    @extend_schema(operation_id="national_plan_remove", responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any) -> Response:
        """Remove it from sight; it can be put back."""
        return self.removed(public_id)


class PlanRestoreView(_Plans):
    """Put back a plan that was removed."""

    @extend_schema(operation_id="national_plan_restore", request=None)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        return self.restored(public_id)


class _Acts(LawView):
    model, form, address = InstrumentAct, forms.ActForm, "api_ratification"
    serializer_class: Any = serializers.RatificationSerializer
    draft = serializers.RatificationDraftSerializer

    def get_queryset(self) -> "QuerySet[Any]":
        return super().get_queryset().select_related("state", "instrument")


class ActsView(ListModelMixin, _Acts):
    """Signatures, ratifications, accessions and denunciations, as States enter them."""

    @extend_schema(operation_id="ratifications", parameters=[STATE])
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="ratification_new",
        request=serializers.RatificationDraftSerializer,
        responses={201: serializers.RatificationSerializer},
    )
    def post(self, request: KeyRequest) -> Response:
        """Enter an act of one's own State."""
        return self.entered()


class ActView(_Acts):
    """One act."""

    @extend_schema(operation_id="ratification")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        return self.told(self.found(public_id))

    @extend_schema(
        operation_id="ratification_write",
        parameters=[IF_MATCH],
        request=serializers.RatificationDraftSerializer,
        responses=serializers.RatificationSerializer,
    )
    def put(self, request: KeyRequest, public_id: Any) -> Response:
        """Write it anew."""
        return self.changed(public_id)

    @extend_schema(operation_id="ratification_remove", responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any) -> Response:
        """Remove it from sight; it can be put back."""
        return self.removed(public_id)


class ActRestoreView(_Acts):
    """Put back an act that was removed."""

    @extend_schema(operation_id="ratification_restore", request=None)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        return self.restored(public_id)


urlpatterns = [
    path("instruments/", endpoint(InstrumentsView), name="api_instruments"),
    path("national-plans/", endpoint(PlansView), name="api_national_plans"),
    path("national-plans/<uuid:public_id>/", endpoint(PlanView), name="api_national_plan"),
    path("national-plans/<uuid:public_id>/restore/", endpoint(PlanRestoreView), name="api_national_plan_restore"),
    path("ratifications/", endpoint(ActsView), name="api_ratifications"),
    path("ratifications/<uuid:public_id>/", endpoint(ActView), name="api_ratification"),
    path("ratifications/<uuid:public_id>/restore/", endpoint(ActRestoreView), name="api_ratification_restore"),
]
