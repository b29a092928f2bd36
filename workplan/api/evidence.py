"""Files and addresses that support an answer: attached, looked at while they are checked, read, removed."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.api import DOWNLOAD, KeyRequest, KeyView, download, endpoint, filled
from core.exceptions import NotAllowed
from workplan import forms, permissions, serializers, services
from workplan.api.reports import editable_entry, entries_of
from workplan.models import Evidence


def _one(request: KeyRequest, public_id: Any) -> Evidence:
    return get_object_or_404(Evidence.objects.visible_to(request.user).with_entry(), public_id=public_id)


class AttachedView(KeyView):
    """What a new piece of evidence is answered with."""

    def attached(self, evidence: Evidence, code: int) -> Response:
        self.serializer_class = serializers.EvidenceSerializer
        location = reverse("api_evidence", args=[evidence.public_id])
        return self.shown(_one(self.request, evidence.public_id), code=code, location=location)


class EntryEvidenceView(ListModelMixin, AttachedView):
    """The evidence of an answer."""

    serializer_class: Any = serializers.EvidenceSerializer
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> "QuerySet[Evidence]":
        of_entry = {"entry__report__reference": self.kwargs["reference"], "entry__activity__code": self.kwargs["code"]}
        return Evidence.objects.visible_to(self.request.user).current().with_entry().filter(**of_entry)

    @extend_schema(operation_id="evidence_list")
    def get(self, request: KeyRequest, reference: str, code: str) -> Response:
        get_object_or_404(entries_of(request, reference), activity__code=code)
        return self.list(request)

    @extend_schema(
        operation_id="evidence_attach",
        request=serializers.EvidenceFileSerializer,
        responses={202: serializers.EvidenceSerializer},
    )
    def post(self, request: KeyRequest, reference: str, code: str) -> Response:
        """Attach a file. It is checked behind the scenes: its scan_state tells how that went."""
        entry = editable_entry(request, reference, code)
        self.serializer_class = serializers.EvidenceFileSerializer
        sent = self.read()
        files = {"file": sent.pop("file")}
        form = filled(lambda data: forms.EvidenceFileForm(data, files, entry=entry), sent)
        name = str(files["file"].name)
        evidence = services.attach_file(
            entry=entry, data=form.evidence_data(), name=name, content=form.content, actor=request.user
        )
        return self.attached(evidence, 202)


class AddressView(AttachedView):
    """Name a page of the web as evidence."""

    serializer_class: Any = serializers.EvidenceAddressSerializer

    @extend_schema(operation_id="evidence_address", responses={201: serializers.EvidenceSerializer})
    def post(self, request: KeyRequest, reference: str, code: str) -> Response:
        entry = editable_entry(request, reference, code)
        form = filled(lambda data: forms.EvidenceAddressForm(data, entry=entry), self.read())
        evidence = services.attach_address(
            entry=entry, data=form.evidence_data(), url=form.cleaned_data["url"], actor=request.user
        )
        return self.attached(evidence, 201)


class EvidenceView(KeyView):
    """One piece of evidence."""

    serializer_class = serializers.EvidenceSerializer

    @extend_schema(operation_id="evidence")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        evidence = _one(request, public_id)
        return self.shown(evidence, etag=f"{evidence.scan_state}-{evidence.removed_at is not None}")

    @extend_schema(operation_id="evidence_remove", responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any) -> Response:
        """Take it off the answer. In a version that was sent it stays."""
        evidence = _one(request, public_id)
        if not permissions.can_edit_entry(request.user, evidence.entry):
            raise NotAllowed("This entry cannot be changed now.")
        services.remove_evidence(evidence=evidence, actor=request.user)
        return Response(status=204)


class EvidenceFileView(KeyView):
    """The copy that was made of a file, never the original."""

    @extend_schema(operation_id="evidence_file", responses=DOWNLOAD)
    def get(self, request: KeyRequest, public_id: Any) -> FileResponse:
        files = Evidence.objects.visible_to(request.user).served().with_entry()
        evidence = get_object_or_404(files, public_id=public_id)
        services.note_download(evidence=evidence, actor=request.user)
        return download(evidence.served, evidence.original_name)


_ENTRY = "reports/<slug:reference>/entries/<slug:code>/evidence/"
urlpatterns = [
    path(_ENTRY, endpoint(EntryEvidenceView), name="api_entry_evidence"),
    path(f"{_ENTRY}addresses/", endpoint(AddressView), name="api_evidence_addresses"),
    path("evidence/<uuid:public_id>/", endpoint(EvidenceView), name="api_evidence"),
    path("evidence/<uuid:public_id>/file/", endpoint(EvidenceFileView), name="api_evidence_file"),
]
