"""What organizations have sent, for the Secretariat and for the States it is about; replies, and translations."""

from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import DOWNLOAD, IF_MATCH, KeyRequest, KeyView, download, endpoint, filled, filters_of
from accounts.permissions import audit_chain
from contributions import forms, permissions, serializers, services
from contributions.api.own import narrowed_list
from contributions.models import Attachment, Contribution, ContributionTranslation
from contributions.queries import translations_of, with_all
from contributions.querysets import ContributionQuerySet
from core.exceptions import NotAllowed


class OneReceivedView(KeyView):
    """What concerns one contribution of somebody else."""

    serializer_class: Any = serializers.ReceivedSerializer

    def get_queryset(self) -> ContributionQuerySet:
        own = Contribution.objects.visible_to(self.request.user).written_for(self.request.user)
        return with_all(Contribution.objects.visible_to(self.request.user).exclude(pk__in=own.values("pk")))

    def get_serializer_context(self) -> dict[str, Any]:
        """Who wrote it is for the Secretariat; a State reads the name that may be shown."""
        return {**super().get_serializer_context(), "knows": permissions.follows(self.request.user)}

    def received(self) -> Contribution:
        return get_object_or_404(self.get_queryset(), reference=self.kwargs["reference"])

    def told(self, reference: str, code: int = 200) -> Response:
        self.serializer_class = serializers.ReceivedSerializer
        location = "" if self.request.method == "GET" else reverse("api_received", args=[reference])
        return self.shown(self.received(), code=code, location=location)


class ReceivedListView(ListModelMixin, OneReceivedView):
    """Contributions that the person may read, the newest first."""

    ordering = "-pk"

    def get_queryset(self) -> ContributionQuerySet:
        return narrowed_list(super().get_queryset(), self.request)

    @extend_schema(operation_id="received_contributions", parameters=filters_of(forms.FilterForm))
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class ReceivedView(OneReceivedView):
    """One of them."""

    @extend_schema(operation_id="received_contribution")
    def get(self, request: KeyRequest, reference: str) -> Response:
        return self.told(reference)


class ReplyView(OneReceivedView):
    """Reply for one's State: one word, that travels with the contribution."""

    serializer_class: Any = serializers.AnswerSerializer

    @extend_schema(operation_id="contribution_reply", responses={201: serializers.ReceivedSerializer})
    def post(self, request: KeyRequest, reference: str) -> Response:
        row = self.received()
        if permissions.replying_state(request.user, row) is None:
            raise NotAllowed("The focal point of a State replies once to what is about it.")
        form = filled(forms.SaidForm, self.read())
        reason = form.identity_reason()
        services.reply(contribution=row, actor=request.user, identity_reason=reason, **form.said())
        return self.told(reference, 201)


class QuestionView(OneReceivedView):
    """Put the Secretariat's one question."""

    serializer_class: Any = serializers.SaidSerializer

    @extend_schema(operation_id="contribution_ask", responses={201: serializers.ReceivedSerializer})
    def post(self, request: KeyRequest, reference: str) -> Response:
        row = self.received()
        if not permissions.can_ask(request.user, row):
            raise NotAllowed("There is one question only, by the Secretariat, while the contribution is looked at.")
        services.ask(contribution=row, actor=request.user, **filled(forms.SaidForm, self.read()).said())
        return self.told(reference, 201)


class ReceivedStepsView(OneReceivedView):
    """Confirm receipt, begin the review, accept, or say why it is not used."""

    serializer_class: Any = serializers.ReceivedStepSerializer

    @extend_schema(operation_id="contribution_step", responses=serializers.ReceivedSerializer)
    def post(self, request: KeyRequest, reference: str) -> Response:
        row, sent = self.received(), self.read()
        if sent["step"] == "not_use":
            services.not_use(contribution=row, reason=sent["reason"], actor=request.user)
        else:
            services.take_step(contribution=row, step=sent["step"], actor=request.user)
        return self.told(reference)


class CitationsView(OneReceivedView):
    """Record where it is cited. The organization reads it."""

    serializer_class: Any = serializers.CitationSerializer

    @extend_schema(operation_id="contribution_cite", responses={201: serializers.ReceivedSerializer})
    def post(self, request: KeyRequest, reference: str) -> Response:
        row = self.received()
        if not permissions.can_cite(request.user, row):
            raise NotAllowed("The Secretariat cites what was accepted.")
        form = filled(forms.CitationForm, self.read())
        services.cite(contribution=row, actor=request.user, **form.cleaned_data)
        return self.told(reference, 201)


class FileCopyView(KeyView):
    """The copy that was made of a file, never the original."""

    @extend_schema(operation_id="contribution_file_copy", responses=DOWNLOAD)
    def get(self, request: KeyRequest, public_id: Any) -> FileResponse:
        """To a State under the reference, whatever the organization had called it."""
        files = Attachment.objects.visible_to(request.user).served().select_related("contribution")
        file = get_object_or_404(files, public_id=public_id)
        name, row = file.original_name, file.contribution
        if row is not None and not (permissions.is_own(request.user, row) or permissions.follows(request.user)):
            name = f"{row.reference}.{file.kind}"
        services.note_download(attachment=file, actor=request.user, chain=audit_chain(request.user))
        return download(file.served, name)


# --- in another language --------------------------------------------------------------------------


class TranslationsView(ListModelMixin, OneReceivedView):
    """Translations of a contribution: drafts for those who write them, for others what was read over."""

    serializer_class: Any = serializers.ContributionTextSerializer
    ordering = "language"

    @extend_schema(operation_id="contribution_translations")
    def get(self, request: KeyRequest, reference: str) -> Response:
        rows = translations_of(self.received())
        return self.listed(rows if permissions.translates(request.user) else rows.filter(status="reviewed"))

    @extend_schema(
        operation_id="contribution_translate",
        parameters=[IF_MATCH],
        request=serializers.ContributionTextDraftSerializer,
        responses={201: serializers.ContributionTextSerializer},
    )
    def post(self, request: KeyRequest, reference: str) -> Response:
        """Write it; or write it anew, with the version that was read. It then waits for its review."""
        row = self.received()
        if not permissions.can_translate(request.user, row):
            raise NotAllowed("Translators translate what is published.")
        self.serializer_class = serializers.ContributionTextDraftSerializer
        form = filled(lambda data: forms.TranslationForm(data, of=row), self.read())
        words = {**form.translation(), "seen": self._seen(row, form.cleaned_data["language"])}
        made = services.translate(contribution=row, actor=request.user, **words)
        self.serializer_class = serializers.ContributionTextSerializer
        location = reverse("api_contribution_translations", args=[reference])
        return self.shown(made, code=201, etag=str(made.version), location=location)

    def _seen(self, row: Contribution, language: str) -> int:
        there = translations_of(row).filter(language=language).first()
        return self.version_read(there.version) if there else 0


class TranslationReviewView(OneReceivedView):
    """Say that a translation by somebody else was read beside its original."""

    serializer_class: Any = serializers.ContributionTextSerializer

    @extend_schema(operation_id="contribution_translation_review", parameters=[IF_MATCH], request=None)
    def post(self, request: KeyRequest, reference: str, language: str) -> Response:
        rows = translations_of(self.received())
        translation: ContributionTranslation = get_object_or_404(rows, language=language)
        if not permissions.can_review_translation(request.user, translation):
            raise NotAllowed("Somebody else than who wrote it reviews it.")
        seen = self.version_read(translation.version)
        services.review_translation(translation=translation, seen=seen, actor=request.user)
        location = reverse("api_contribution_translations", args=[reference])
        return self.shown(rows.get(pk=translation.pk), location=location)


_ONE = "received-contributions/<slug:reference>/"
urlpatterns = [
    path("received-contributions/", endpoint(ReceivedListView), name="api_received_list"),
    path(_ONE, endpoint(ReceivedView), name="api_received"),
    path(f"{_ONE}reply/", endpoint(ReplyView), name="api_contribution_reply"),
    path(f"{_ONE}question/", endpoint(QuestionView), name="api_contribution_question"),
    path(f"{_ONE}steps/", endpoint(ReceivedStepsView), name="api_contribution_steps"),
    path(f"{_ONE}citations/", endpoint(CitationsView), name="api_contribution_citations"),
    path(f"{_ONE}translations/", endpoint(TranslationsView), name="api_contribution_translations"),
    path(
        f"{_ONE}translations/<slug:language>/review/",
        endpoint(TranslationReviewView),
        name="api_contribution_translation_review",
    ),
    path("contribution-files/<uuid:public_id>/file/", endpoint(FileCopyView), name="api_contribution_file"),
]
