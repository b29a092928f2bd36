"""Answers from a spreadsheet: read, looked at, imported, undone."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint, filled
from core.exceptions import NotAllowed
from workplan import forms, permissions, serializers, services
from workplan.api.reports import report_of
from workplan.imports import FaultyFile
from workplan.models import ImportRun
from workplan.queries import reports_to_import

SHOWN_FAULTS = 50


class RunView(KeyView):
    """What concerns a spreadsheet that was read."""

    serializer_class: Any = serializers.ImportSerializer

    def run(self, public_id: Any) -> ImportRun:
        return get_object_or_404(ImportRun.objects.visible_to(self.request.user).with_report(), public_id=public_id)

    def told(self, run: ImportRun, code: int = 200) -> Response:
        self.serializer_class = serializers.ImportSerializer
        location = "" if self.request.method == "GET" else reverse("api_import", args=[run.public_id])
        return self.shown(self.run(run.public_id), code=code, location=location)


class ImportsView(ListModelMixin, RunView):
    """Spreadsheets that were handed in for a report."""

    parser_classes = (MultiPartParser,)
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[ImportRun]":
        runs = ImportRun.objects.visible_to(self.request.user)
        return runs.filter(report__reference=self.kwargs.get("reference", "")).with_report()

    @extend_schema(operation_id="imports")
    def get(self, request: KeyRequest, reference: str) -> Response:
        report_of(request, reference)
        return self.list(request)

    @extend_schema(
        operation_id="import_read",
        request=serializers.ImportFileSerializer,
        responses={201: serializers.ImportSerializer},
    )
    def post(self, request: KeyRequest, reference: str) -> Response:
        """Read a spreadsheet. Nothing is written into the report before it is confirmed."""
        reports = reports_to_import(request.user)
        if not reports.filter(reference=reference).exists():
            report_of(request, reference)
            raise NotAllowed("Answers of this report cannot be imported now.")
        self.serializer_class = serializers.ImportFileSerializer
        sent = self.read()
        files, for_states = {"file": sent.pop("file")}, permissions.can_manage_rounds(request.user)
        form = filled(
            lambda data: forms.ImportForm(data, files, reports=reports, for_states=for_states),
            {"report": reference, **sent},
        )
        return self.told(self._read(form), 201)

    def _read(self, form: forms.ImportForm) -> ImportRun:
        chosen = form.cleaned_data
        try:
            return services.start_import(
                report=chosen["report"],
                content=chosen["file"].read(),
                name=chosen["file"].name,
                channel=chosen.get("channel", ""),
                actor=self.request.user,
            )
        except FaultyFile as refusal:
            faults = [str(refusal.message), *map(str, refusal.faults)][:SHOWN_FAULTS]
            raise ValidationError({"file": faults}) from refusal


class ImportView(RunView):
    """A spreadsheet that was read: what it would change, and afterwards what it did."""

    @extend_schema(operation_id="import_run")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        return self.told(self.run(public_id))


class DecidedView(RunView):
    """The two steps after it."""

    def take(self, public_id: Any, step: Callable[..., ImportRun], **more: Any) -> Response:
        run = self.run(public_id)
        if not permissions.can_import(self.request.user, run.report):
            raise NotAllowed("Answers of this report cannot be imported now.")
        return self.told(step(run=run, actor=self.request.user, **more))


class ImportConfirmView(DecidedView):
    """Write what was read into the report."""

    serializer_class: Any = serializers.ImportConfirmSerializer

    @extend_schema(operation_id="import_confirm", responses=serializers.ImportSerializer)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        return self.take(public_id, services.confirm_import, **self.read())


class ImportUndoView(DecidedView):
    """Put back what was there, within a day and while nobody went on."""

    @extend_schema(operation_id="import_undo", request=None)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        return self.take(public_id, services.undo_import)


urlpatterns = [
    path("reports/<slug:reference>/imports/", endpoint(ImportsView), name="api_imports"),
    path("imports/<uuid:public_id>/", endpoint(ImportView), name="api_import"),
    path("imports/<uuid:public_id>/confirm/", endpoint(ImportConfirmView), name="api_import_confirm"),
    path("imports/<uuid:public_id>/undo/", endpoint(ImportUndoView), name="api_import_undo"),
]
