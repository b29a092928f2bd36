"""An organization's own contributions, and those that everybody may read."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, KeyView, PublicView, endpoint, filters_of, narrowed
from contributions import permissions, services
from contributions.enums import Status
from contributions.forms import FilterForm
from contributions.models import Attachment, Contribution
from contributions.queries import found, published, with_all
from contributions.querysets import ContributionQuerySet
from contributions.serializers import AnswerSerializer, ContributionSerializer, FileSerializer, PublishedSerializer
from core.exceptions import NotAllowed


class PublishedView(ListModelMixin, PublicView):
    """Contributions that were accepted and are public, with the replies of the States."""

    serializer_class = PublishedSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Contribution]":
        return published()

    @extend_schema(operation_id="published_contributions")
    def get(self, request: Request) -> Response:
        return self.list(request)


def narrowed_list(rows: ContributionQuerySet, request: KeyRequest) -> ContributionQuerySet:
    """By the filters of the one page that shows what a person wrote and what they received."""
    form = narrowed(FilterForm(request.query_params))
    return found(rows.filter(**form.wanted()), form.text())


class OwnView(KeyView):
    """What concerns one contribution of the organization."""

    serializer_class = ContributionSerializer

    def get_queryset(self) -> ContributionQuerySet:
        user = self.request.user
        return with_all(Contribution.objects.visible_to(user).written_for(user)).select_related("clarification")

    def own(self) -> Contribution:
        return get_object_or_404(self.get_queryset(), reference=self.kwargs["reference"])

    def told(self, reference: str, code: int = 200) -> Response:
        self.kwargs["reference"], self.serializer_class = reference, ContributionSerializer
        location = "" if self.request.method == "GET" else reverse("api_contribution", args=[reference])
        row = self.own()
        # Of a draft the version counts everything that is shown; afterwards others write beside it.
        etag = str(row.version) if row.status == Status.DRAFT else ""
        return self.shown(row, code=code, etag=etag, location=location)


class ContributionsView(ListModelMixin, OwnView):
    """The organization's contributions, the newest first."""

    ordering = "-pk"

    def get_queryset(self) -> ContributionQuerySet:
        return narrowed_list(super().get_queryset(), self.request)

    @extend_schema(operation_id="contributions", parameters=filters_of(FilterForm))
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(operation_id="contribution_new", responses={201: ContributionSerializer})
    def post(self, request: KeyRequest) -> Response:
        """Hand in a draft. It is not yet sent."""
        form: Any = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = services.draft_contribution(draft=form.draft(), actor=request.user)
        return self.told(row.reference, 201)


class ContributionView(OwnView):
    """One contribution, and what has become of it."""

    @extend_schema(operation_id="contribution")
    def get(self, request: KeyRequest, reference: str) -> Response:
        return self.told(reference)

    @extend_schema(operation_id="contribution_write", parameters=[IF_MATCH])
    def put(self, request: KeyRequest, reference: str) -> Response:
        """Write a draft anew, whose version was read."""
        row = self.own()
        if not permissions.can_edit(request.user, row):
            raise NotAllowed("What is sent is not changed any more.")
        version = self.version_read(row.version)
        form: Any = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        services.revise(contribution=row, draft=form.draft(), version=version, actor=request.user)
        return self.told(reference)


class FilesView(ListModelMixin, OwnView):
    """Files of a contribution."""

    serializer_class: Any = FileSerializer
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="contribution_files")
    def get(self, request: KeyRequest, reference: str) -> Response:
        return self.listed(Attachment.objects.visible_to(request.user).standing().filter(contribution=self.own()))

    @extend_schema(operation_id="contribution_file", responses={201: FileSerializer})
    def post(self, request: KeyRequest, reference: str) -> Response:
        """Attach a file to a draft."""
        sent = self.read()
        data = services.FileData(sent["file"].name, sent["file"].read(), sent.get("identity_reason", ""))
        file = services.attach(contribution=self.own(), file=data, actor=request.user)
        return self.shown(file, code=201, location=reverse("api_contribution", args=[reference]))


class FileView(OwnView):
    """One file, and how its check went."""

    serializer_class: Any = FileSerializer

    @extend_schema(operation_id="contribution_own_file")
    def get(self, request: KeyRequest, reference: str, public_id: Any) -> Response:
        file = self._file(public_id)
        return self.shown(file, etag=file.scan_state)

    @extend_schema(operation_id="contribution_file_remove", responses={204: None})
    def delete(self, request: KeyRequest, reference: str, public_id: Any) -> Response:
        """Take it off a draft."""
        file = self._file(public_id)
        if not permissions.can_edit(request.user, self.own()):
            raise NotAllowed("What is sent is not changed any more.")
        services.remove(attachment=file, actor=request.user)
        return Response(status=204)

    def _file(self, public_id: Any) -> Attachment:
        files = Attachment.objects.visible_to(self.request.user).standing().filter(contribution=self.own())
        return get_object_or_404(files.select_related("contribution"), public_id=public_id)


class SendView(OwnView):
    """Send the draft. From then on it can be withdrawn, not changed."""

    @extend_schema(operation_id="contribution_send", request=None)
    def post(self, request: KeyRequest, reference: str) -> Response:
        services.send(contribution=self.own(), actor=request.user)
        return self.told(reference)


class WithdrawView(OwnView):
    """Take it back while it is not decided."""

    @extend_schema(operation_id="contribution_withdraw", request=None)
    def post(self, request: KeyRequest, reference: str) -> Response:
        services.take_step(contribution=self.own(), step="withdraw", actor=request.user)
        return self.told(reference)


class AnswerView(OwnView):
    """Answer the Secretariat's one question."""

    serializer_class = AnswerSerializer  # type: ignore[assignment]

    @extend_schema(operation_id="contribution_answer", responses=ContributionSerializer)
    def post(self, request: KeyRequest, reference: str) -> Response:
        services.answer(contribution=self.own(), actor=request.user, **self.read())
        return self.told(reference)


urlpatterns = [
    path("published-contributions/", endpoint(PublishedView), name="api_published"),
    path("contributions/", endpoint(ContributionsView), name="api_contributions"),
    path("contributions/<slug:reference>/", endpoint(ContributionView), name="api_contribution"),
    path("contributions/<slug:reference>/files/", endpoint(FilesView), name="api_contribution_files"),
    path(
        "contributions/<slug:reference>/files/<uuid:public_id>/",
        endpoint(FileView),
        name="api_contribution_own_file",
    ),
    path("contributions/<slug:reference>/send/", endpoint(SendView), name="api_contribution_send"),
    path("contributions/<slug:reference>/withdraw/", endpoint(WithdrawView), name="api_contribution_withdraw"),
    path("contributions/<slug:reference>/answer/", endpoint(AnswerView), name="api_contribution_answer"),
]
