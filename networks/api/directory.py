"""The directory: institutions and their contacts, found, written, kept true."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, KeyView, endpoint, filled, filters_of, narrowed
from accounts.models import Institution
from core.canonical import fingerprint
from core.exceptions import NotAllowed
from networks import forms, permissions, serializers, services
from networks.models import Desk
from networks.queries import found_desks


class InstitutionsView(ListModelMixin, KeyView):
    """Institutions that the person may know: authorities, the Secretariat, and those of one's own State."""

    serializer_class = serializers.InstitutionSerializer

    def get_queryset(self) -> "QuerySet[Institution]":
        return Institution.objects.visible_to(self.request.user).current().select_related("state").distinct()

    @extend_schema(operation_id="institutions")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class OneDeskView(KeyView):
    """What concerns one contact."""

    serializer_class: Any = serializers.DeskSerializer

    def found(self, public_id: Any) -> Desk:
        return get_object_or_404(Desk.objects.visible_to(self.request.user).with_list_data(), public_id=public_id)

    def kept(self, public_id: Any) -> Desk:
        desk = self.found(public_id)
        if not permissions.can_keep_desk(self.request.user, desk):
            raise NotAllowed("You keep only the contacts of your own institutions.")
        return desk

    def write(self, desk: Desk | None, code: int) -> Response:
        seen = fingerprint(desk) if desk and self.version_read(self.tag(desk)) else ""
        self.serializer_class = serializers.DeskDraftSerializer
        form = filled(lambda data: forms.DeskForm(data, user=self.request.user), self.read())
        saved = services.save_desk(data=form.data_of_desk(), actor=self.request.user, desk=desk, seen=seen)
        return self.told(saved, code)

    def told(self, desk: Desk, code: int = 200) -> Response:
        self.serializer_class = serializers.DeskSerializer
        location = "" if self.request.method == "GET" else reverse("api_desk", args=[desk.public_id])
        shown = self.found(desk.public_id)
        return self.shown(shown, code=code, etag=self.tag(shown), location=location)


class DesksView(ListModelMixin, OneDeskView):
    """Contacts of services, those that others may see of them."""

    def get_queryset(self) -> "QuerySet[Desk]":
        form = narrowed(forms.DirectoryFilterForm(self.request.query_params))
        desks = Desk.objects.visible_to(self.request.user).open().filter(**form.wanted())
        return found_desks(desks, form.text()).with_list_data()

    @extend_schema(operation_id="desks", parameters=filters_of(forms.DirectoryFilterForm))
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_new", request=serializers.DeskDraftSerializer, responses={201: serializers.DeskSerializer}
    )
    def post(self, request: KeyRequest) -> Response:
        """Write a contact of one of one's own institutions. It counts as verified today."""
        if not permissions.keeps_desks(request.user):
            raise NotAllowed("You keep no contacts.")
        return self.write(None, 201)


class DeskView(OneDeskView):
    """One contact."""

    @extend_schema(operation_id="desk")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        return self.told(self.found(public_id))

    @extend_schema(
        operation_id="desk_write",
        parameters=[IF_MATCH],
        request=serializers.DeskDraftSerializer,
        responses=serializers.DeskSerializer,
    )
    def put(self, request: KeyRequest, public_id: Any) -> Response:
        """Write it anew. It counts as verified today."""
        return self.write(self.kept(public_id), 200)

    @extend_schema(operation_id="desk_close", responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any) -> Response:
        """Close it: it is no longer shown."""
        services.close_desk(desk=self.kept(public_id), actor=request.user)
        return Response(status=204)


class DeskVerifyView(OneDeskView):
    """Say that a contact is still true today."""

    @extend_schema(operation_id="desk_verify", request=None)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        desk = self.kept(public_id)
        services.verify_desk(desk=desk, actor=request.user)
        return self.told(desk)


urlpatterns = [
    path("institutions/", endpoint(InstitutionsView), name="api_institutions"),
    path("desks/", endpoint(DesksView), name="api_desks"),
    path("desks/<uuid:public_id>/", endpoint(DeskView), name="api_desk"),
    path("desks/<uuid:public_id>/verify/", endpoint(DeskVerifyView), name="api_desk_verify"),
]
