"""Requests between authorities: for the two sides, and nobody else."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.api import DOWNLOAD, IF_MATCH, KeyRequest, KeyView, download, endpoint, filled, filters_of, narrowed
from core.exceptions import NotAllowed, StepRefused
from networks import forms, permissions, serializers, services
from networks.enums import Step
from networks.models import CooperationRequest, Desk, Document

PLAIN: dict[str, Callable[..., CooperationRequest]] = {
    Step.SEND: services.send,
    Step.ACKNOWLEDGE: services.acknowledge,
    Step.WITHDRAW: services.withdraw,
}
ASKED: dict[str, Callable[..., CooperationRequest]] = {
    Step.ANSWER: services.answer,
    Step.DECLINE: services.decline,
    Step.CLOSE: services.close,
    Step.TRANSFER: services.transfer,
}
FORMS: dict[str, type[forms.NoteForm]] = {
    Step.ANSWER: forms.AnswerForm,
    Step.DECLINE: forms.DeclineForm,
    Step.CLOSE: forms.CloseForm,
}


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


class RequestsView(ListModelMixin, OneRequestView):
    """Requests of one's side, sent and received, the newest first."""

    serializer_class: Any = serializers.RequestSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[CooperationRequest]":
        form = narrowed(forms.RequestFilterForm(self.request.query_params))
        rows = CooperationRequest.objects.visible_to(self.request.user)
        return rows.matching(self.request.user, **form.chosen()).with_list_data()

    @extend_schema(operation_id="requests", parameters=filters_of(forms.RequestFilterForm))
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="request_new",
        request=serializers.RequestDraftSerializer,
        responses={201: serializers.WholeRequestSerializer},
    )
    def post(self, request: KeyRequest) -> Response:
        """Write a draft. Only one's own side sees it until it is sent."""
        if not permissions.writes_requests(request.user):
            raise NotAllowed("You write no requests.")
        self.serializer_class = serializers.RequestDraftSerializer
        sent = self.read()
        desk = self._desk(sent.pop("desk"))
        form = filled(lambda data: forms.RequestForm(data, user=request.user), sent)
        if sent["sender"] not in (None, form.sender().public_id):
            raise ValidationError({"sender": ["You do not write requests for this institution."]})
        data = form.request_data()
        if desk is not None and desk.institution_id != data.receiver.pk:
            raise ValidationError({"desk": ["This contact is another institution's."]})
        draft = services.draft_request(
            sender=form.sender(), data=data, actor=request.user, desk=desk, identity_reason=form.identity_reason()
        )
        return self.told(draft.reference, 201)

    def _desk(self, public_id: Any) -> Desk | None:
        if public_id is None:
            return None
        desk = Desk.objects.visible_to(self.request.user).open().filter(public_id=public_id).first()
        if desk is None:
            raise ValidationError({"desk": ["There is no such contact."]})
        return desk


class RequestView(OneRequestView):
    """One request, with its thread."""

    @extend_schema(operation_id="request")
    def get(self, request: KeyRequest, reference: str) -> Response:
        return self.told(reference)

    @extend_schema(
        operation_id="request_write",
        parameters=[IF_MATCH],
        request=serializers.RequestTextSerializer,
        responses=serializers.WholeRequestSerializer,
    )
    def put(self, request: KeyRequest, reference: str) -> Response:
        """Write a draft anew, whose version was read."""
        row = self.found(reference)
        if not permissions.can_take_step(request.user, row, Step.SEND):
            raise NotAllowed("This draft is not yours to change, or was sent.")
        version = self.version_read(row.version)
        self.serializer_class = serializers.RequestTextSerializer
        kept = {"sender": row.sender}
        form = filled(lambda data: forms.RequestForm(data, user=request.user, initial=kept), self.read())
        reason = form.identity_reason()
        services.change_draft(
            request=row, data=form.request_data(), version=version, actor=request.user, identity_reason=reason
        )
        return self.told(reference)


class RequestStepsView(OneRequestView):
    """Send a draft; acknowledge, transfer, answer or decline what came; withdraw or close what was sent."""

    serializer_class: Any = serializers.RequestStepSerializer

    @extend_schema(operation_id="request_step", responses={200: serializers.WholeRequestSerializer, 204: None})
    def post(self, request: KeyRequest, reference: str) -> Response:
        """204 where it passed on to another authority, and is no longer one's own to read."""
        row, sent = self.found(reference), self.read()
        step = sent.pop("step")
        if row.status not in permissions.sources_of(step):
            raise StepRefused("The request is no longer at this step.")
        if not permissions.can_take_step(request.user, row, step):
            raise NotAllowed("This step is not yours to take.")
        if step in PLAIN:
            PLAIN[step](request=row, actor=request.user)
        else:
            self._take(row, step, sent)
        kept = CooperationRequest.objects.visible_to(request.user).filter(pk=row.pk).exists()
        return self.told(reference) if kept else Response(status=204)

    def _take(self, row: CooperationRequest, step: str, sent: dict[str, Any]) -> None:
        """By the form that the page asks for."""

        def asked(data: dict[str, Any]) -> forms.NoteForm:
            return forms.TransferForm(data, request=row) if step == Step.TRANSFER else FORMS[step](data)

        form = filled(asked, sent)
        chosen = {name: form.cleaned_data[name] for name in ("to", "reason", "outcome") if name in form.fields}
        ASKED[step](request=row, note=form.note(), actor=self.request.user, **chosen)


class RequestMessagesView(OneRequestView):
    """Write into the thread."""

    serializer_class: Any = serializers.MessageSerializer

    @extend_schema(operation_id="request_message", responses={201: serializers.WholeRequestSerializer})
    def post(self, request: KeyRequest, reference: str) -> Response:
        row, sent = self.found(reference), self.read()
        form = filled(forms.NoteForm, sent)
        services.write_message(request=row, note=form.note(), actor=request.user)
        return self.told(reference, 201)


# --- files ----------------------------------------------------------------------------------------


def file_of(sent: dict[str, Any]) -> services.FileData:
    """By the form of the page, for a request and for a room."""
    files = {"file": sent.pop("file")}
    return filled(lambda data: forms.DocumentForm(data, files), sent).file_data()


class FilesView(ListModelMixin, KeyView):
    """Files of one place."""

    serializer_class: Any = serializers.SharedFileSerializer
    parser_classes = (MultiPartParser,)
    ordering = "pk"

    def listed_files(self, **place: Any) -> "QuerySet[Document]":
        return Document.objects.visible_to(self.request.user).filter(removed_at=None, **place)

    def read_file(self) -> services.FileData:
        self.serializer_class = serializers.SharedUploadSerializer
        return file_of(self.read())

    def attached(self, document: Document) -> Response:
        self.serializer_class = serializers.SharedFileSerializer
        return self.shown(document, code=202, location=reverse("api_shared_file", args=[document.public_id]))


class RequestFilesView(FilesView):
    """Files of a request."""

    def get_queryset(self) -> "QuerySet[Document]":
        return self.listed_files(request__reference=self.kwargs.get("reference", ""))

    @extend_schema(operation_id="request_files")
    def get(self, request: KeyRequest, reference: str) -> Response:
        _visible(request, reference)
        return self.list(request)

    @extend_schema(
        operation_id="request_file",
        request=serializers.SharedUploadSerializer,
        responses={202: serializers.SharedFileSerializer},
    )
    def post(self, request: KeyRequest, reference: str) -> Response:
        """Attach a file. It is checked behind the scenes: its scan_state tells how that went."""
        row = _visible(request, reference)
        may = permissions.can_write_message(request.user, row)
        if not (may or permissions.can_take_step(request.user, row, Step.SEND)):
            raise NotAllowed("Nothing more can be attached to this request.")
        return self.attached(services.attach_to_request(request=row, file=self.read_file(), actor=request.user))


def _visible(request: KeyRequest, reference: str) -> CooperationRequest:
    rows = CooperationRequest.objects.visible_to(request.user).with_list_data()
    return get_object_or_404(rows, reference=reference)


class SharedFileView(KeyView):
    """A file of a request or of a room, and how its check went."""

    serializer_class = serializers.SharedFileSerializer

    @extend_schema(operation_id="shared_file")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        document = get_object_or_404(Document.objects.visible_to(request.user), public_id=public_id)
        return self.shown(document, etag=document.scan_state)


class SharedCopyView(KeyView):
    """The copy that was made of a file, never the original."""

    @extend_schema(operation_id="shared_file_copy", responses=DOWNLOAD)
    def get(self, request: KeyRequest, public_id: Any) -> FileResponse:
        document = get_object_or_404(Document.objects.visible_to(request.user).served(), public_id=public_id)
        services.note_download(document=document, actor=request.user)
        return download(document.served, document.original_name)


urlpatterns = [
    path("requests/", endpoint(RequestsView), name="api_requests"),
    path("requests/<slug:reference>/", endpoint(RequestView), name="api_request"),
    path("requests/<slug:reference>/steps/", endpoint(RequestStepsView), name="api_request_steps"),
    path("requests/<slug:reference>/messages/", endpoint(RequestMessagesView), name="api_request_messages"),
    path("requests/<slug:reference>/files/", endpoint(RequestFilesView), name="api_request_files"),
    path("shared-files/<uuid:public_id>/", endpoint(SharedFileView), name="api_shared_file"),
    path("shared-files/<uuid:public_id>/file/", endpoint(SharedCopyView), name="api_shared_copy"),
]
