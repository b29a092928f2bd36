"""Elements for a second Work Plan, with their versions."""

from functools import cached_property, partial
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, Precondition, endpoint, filled
from core.exceptions import StaleVersion
from evaluations import serializers, services
from evaluations.api.evaluations import NO_EVALUATION
from evaluations.api.preparing import OneDraftView
from evaluations.forms import ElementForm
from evaluations.models import Element
from evaluations.presenters.elements import element_title
from evaluations.queries.elements import is_new_key, merge_targets
from evaluations.queries.translations import InLanguage, Last, element_in_languages, last_translations

FIRST = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="* where nothing is written yet.")
CONDITIONS = [IF_MATCH, FIRST]


class ElementTextsView(OneDraftView):
    """What tells elements with what there is of them in other languages."""

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "in_languages": self._in_languages}

    def _in_languages(self, element: Element) -> list[InLanguage]:
        return element_in_languages(element, *self._translations)

    @cached_property
    def _translations(self) -> tuple[list[str], Last]:
        """Of all elements, asked for once."""
        evaluation = self.evaluation()
        return evaluation.languages, last_translations(evaluation, key__startswith="element:")


class OneElementView(ElementTextsView):
    """What concerns the elements of a second Work Plan."""

    serializer_class: Any = serializers.ElementSerializer

    def get_queryset(self) -> "QuerySet[Element]":
        rows = Element.objects.visible_to(self.request.user)
        of_this = rows.filter(evaluation__public_id=self.kwargs.get("public_id", NO_EVALUATION))
        return of_this.filter(pk__in=of_this.last_versions().values("pk"))


class ElementsView(ListModelMixin, OneElementView):
    """What the Secretariat suggests for a second Work Plan, activity by activity."""

    ordering = "key"

    @extend_schema(operation_id="elements")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        self.evaluation()
        return self.list(request)


class ElementView(OneElementView):
    """One of them."""

    @extend_schema(operation_id="element")
    def get(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        self.evaluation()
        element = get_object_or_404(self.get_queryset(), key=code)
        return self.shown(element, etag=str(element.number))

    @extend_schema(operation_id="element_withdraw", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        """Take back what was entered as new by mistake; it can be brought back."""
        evaluation, last = self.prepared(), get_object_or_404(self.get_queryset(), key=code)
        seen = self.version_read(last.number)
        services.withdraw_element(evaluation=evaluation, key=code, seen=seen, actor=request.user)
        return Response(status=204)

    @extend_schema(
        operation_id="element_write",
        parameters=CONDITIONS,
        request=serializers.ElementDraftSerializer,
        responses=serializers.ElementSerializer,
    )
    def put(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        """Add a version, as a draft or as the text that documents print."""
        evaluation = self.prepared()
        if element_title(evaluation, code) is None:
            raise Http404
        seen = self._seen(self.get_queryset().filter(key=code).first())
        self.serializer_class = serializers.ElementDraftSerializer
        sent = self.read()
        is_draft, targets = sent.pop("is_draft"), merge_targets(evaluation, code)
        form = filled(partial(ElementForm, is_new=is_new_key(code), targets=targets), {**sent, "seen": seen})
        made = services.save_element(
            evaluation=evaluation, key=code, is_draft=is_draft, actor=request.user, **form.cleaned_data
        )
        self.serializer_class = serializers.ElementSerializer
        return self.shown(made, etag=str(made.number), location=reverse("api_element", args=[public_id, code]))

    def _seen(self, last: Element | None) -> int:
        """The version that was read; where there is none, that too is said."""
        if last is None and not self.is_first():
            raise Precondition("Nothing is suggested here yet. Say that yours is the first: If-None-Match: *")
        if last is not None and self.is_first():
            raise StaleVersion("Something is suggested here. Read it first.")
        return self.version_read(last.number) if last else 0


class ElementBringBackView(OneElementView):
    """An element that was withdrawn."""

    @extend_schema(
        operation_id="element_bring_back",
        parameters=[IF_MATCH],
        request=None,
        responses={201: serializers.ElementSerializer},
    )
    def post(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        """Have it stand again as it did before."""
        evaluation, last = self.prepared(), get_object_or_404(self.get_queryset(), key=code)
        seen = self.version_read(last.number)
        made = services.bring_back_element(evaluation=evaluation, key=code, seen=seen, actor=request.user)
        location = reverse("api_element", args=[public_id, code])
        return self.shown(made, code=201, etag=str(made.number), location=location)


class OneElementVersionsView(ElementTextsView):
    """What concerns all versions of an element."""

    serializer_class: Any = serializers.ElementSerializer

    def get_queryset(self) -> "QuerySet[Element]":
        rows = Element.objects.visible_to(self.request.user)
        of_this = rows.filter(evaluation__public_id=self.kwargs.get("public_id", NO_EVALUATION))
        return of_this.filter(key=self.kwargs.get("code", ""))

    def found(self, number: int) -> Element:
        return get_object_or_404(self.get_queryset(), number=number)


class ElementVersionsView(ListModelMixin, OneElementVersionsView):
    """All that was saved of an element, the newest first."""

    ordering = "-number"

    @extend_schema(operation_id="element_versions")
    def get(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        self.evaluation()
        return self.list(request)


class ElementVersionView(OneElementVersionsView):
    """One version of an element."""

    @extend_schema(operation_id="element_version")
    def get(self, request: KeyRequest, public_id: Any, code: str, number: int) -> Response:
        self.evaluation()
        return self.shown(self.found(number))


class ElementRestoreView(OneElementVersionsView):
    """An earlier version of an element."""

    @extend_schema(
        operation_id="element_restore",
        parameters=[IF_MATCH],
        request=None,
        responses={201: serializers.ElementSerializer},
    )
    def post(self, request: KeyRequest, public_id: Any, code: str, number: int) -> Response:
        """Say again what it said, as a new version. If-Match names the last version, which was read."""
        evaluation, earlier = self.prepared(), self.found(number)
        last = self.get_queryset().latest("number")
        seen = self.version_read(last.number)
        made = services.restore_element(
            evaluation=evaluation, key=code, number=earlier.number, seen=seen, actor=request.user
        )
        location = reverse("api_element_version", args=[public_id, code, made.number])
        return self.shown(made, code=201, etag=str(made.number), location=location)


urlpatterns = [
    path("evaluation-drafts/<uuid:public_id>/elements/", endpoint(ElementsView), name="api_elements"),
    path("evaluation-drafts/<uuid:public_id>/elements/<slug:code>/", endpoint(ElementView), name="api_element"),
    path(
        "evaluation-drafts/<uuid:public_id>/elements/<slug:code>/bring-back/",
        endpoint(ElementBringBackView),
        name="api_element_bring_back",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/elements/<slug:code>/versions/",
        endpoint(ElementVersionsView),
        name="api_element_versions",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/elements/<slug:code>/versions/<int:number>/",
        endpoint(ElementVersionView),
        name="api_element_version",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/elements/<slug:code>/versions/<int:number>/restore/",
        endpoint(ElementRestoreView),
        name="api_element_restore",
    ),
]
