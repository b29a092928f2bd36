"""The API of contributions: the same acts as on the pages, with the organization's own key."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.views.decorators.http import require_GET, require_http_methods
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.decorators import api_view, authentication_classes, parser_classes, permission_classes
from rest_framework.exceptions import APIException, AuthenticationFailed, ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from accounts.models import User
from contributions import services
from contributions.models import Contribution
from contributions.queries import key_of, with_all
from contributions.serializers import AnswerSerializer, ContributionSerializer, FileSerializer
from core.exceptions import IdentitySuspected, NotAllowed, PortalError, StaleVersion, StepRefused

View = Callable[..., Any]
PROBLEM = "application/problem+json"


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`; a session is worth nothing here, so no other site can borrow one."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        words = get_authorization_header(request).split()
        if len(words) != 2 or words[0].lower() != b"bearer":
            return None
        key = key_of(words[1].decode("ascii", errors="replace"))
        if key is None:
            raise AuthenticationFailed
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the description speaks of the key."""

    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class KeyRequest(Request):
    """The request of a view behind a key, for type checkers."""

    user: User


class Listing(LimitOffsetPagination):
    default_limit, max_limit = 50, 200


def problem(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Refusals by RFC 9457, in the words of the pages."""
    if isinstance(exception, PortalError):
        set_rollback()
        status = _status_of(exception)
        pieces = list(exception.pieces) if isinstance(exception, IdentitySuspected) else []
        return _problem(status, str(exception.message), pieces)
    response: Response | None = exception_handler(exception, context)
    if response is None:
        return None
    errors = response.data if isinstance(exception, ValidationError) else []
    detail = str(exception.detail) if isinstance(exception, APIException) and not errors else "Not valid."
    answer = _problem(response.status_code, detail, errors)
    for name, value in response.headers.items():
        if name != "Content-Type":
            answer[name] = value
    return answer


def _status_of(refusal: PortalError) -> int:
    if isinstance(refusal, NotAllowed):
        return 403
    return 409 if isinstance(refusal, StepRefused | StaleVersion) else 422


def _problem(status: int, detail: str, errors: Any) -> JsonResponse:
    body = {"type": "about:blank", "title": detail, "status": status, "detail": detail, "errors": errors}
    return JsonResponse(body, status=status, content_type=PROBLEM)


def _with_key(*methods: str, **described: Any) -> Callable[[View], View]:
    """A view of the API: these methods, and a key. `described` goes into the description."""
    describe: Any = extend_schema(**described)

    def decorate(view: View) -> View:
        guarded = permission_classes([IsAuthenticated])(authentication_classes([KeyAuthentication])(view))
        made = describe(api_view(list(methods))(guarded))
        guard: Any = login_not_required
        made_view: View = guard(require_http_methods(list(methods))(made))
        return made_view

    return decorate


def _own(request: KeyRequest, reference: str) -> Contribution:
    rows = with_all(Contribution.objects.visible_to(request.user)).select_related("clarification")
    return get_object_or_404(rows, reference=reference)


def _shown(request: KeyRequest, reference: str, status: int = 200) -> Response:
    return Response(ContributionSerializer(_own(request, reference)).data, status=status)


@_with_key("GET", "POST", request=ContributionSerializer, responses=ContributionSerializer)
def api_contributions(request: KeyRequest) -> Response:
    """List one's own, or hand in a draft. A draft is not yet sent."""
    if request.method == "GET":
        pages = Listing()
        rows: Any = pages.paginate_queryset(with_all(Contribution.objects.visible_to(request.user)), request)
        return pages.get_paginated_response(ContributionSerializer(rows, many=True).data)
    form = ContributionSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    row = services.draft_contribution(draft=form.draft(), actor=request.user)
    return _shown(request, row.reference, 201)


@_with_key("GET", responses=ContributionSerializer, operation_id="contribution_read")
def api_contribution(request: KeyRequest, reference: str) -> Response:
    """One contribution, and what has become of it."""
    return _shown(request, reference)


@_with_key("POST", request=FileSerializer, responses={201: FileSerializer})
@parser_classes([MultiPartParser])
def api_contribution_files(request: KeyRequest, reference: str) -> Response:
    """Attach a file to a draft."""
    form = FileSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    upload = form.validated_data["file"]
    data = services.FileData(upload.name, upload.read(), form.validated_data.get("identity_reason", ""))
    file = services.attach(contribution=_own(request, reference), file=data, actor=request.user)
    return Response(FileSerializer(file).data, status=201)


@_with_key("POST", request=None, responses=ContributionSerializer)
def api_contribution_send(request: KeyRequest, reference: str) -> Response:
    """Send the draft. From then on it can be withdrawn, not changed."""
    services.send(contribution=_own(request, reference), actor=request.user)
    return _shown(request, reference)


@_with_key("POST", request=None, responses=ContributionSerializer)
def api_contribution_withdraw(request: KeyRequest, reference: str) -> Response:
    """Take it back while it is not decided."""
    services.take_step(contribution=_own(request, reference), step="withdraw", actor=request.user)
    return _shown(request, reference)


@_with_key("POST", request=AnswerSerializer, responses=ContributionSerializer)
def api_contribution_answer(request: KeyRequest, reference: str) -> Response:
    """Answer the Secretariat's one question."""
    form = AnswerSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    services.answer(contribution=_own(request, reference), actor=request.user, **form.validated_data)
    return _shown(request, reference)


@login_not_required
@require_GET
def api_schema(request: HttpRequest) -> JsonResponse:
    """The description of the API, as OpenAPI 3.1."""
    generator: Any = SchemaGenerator
    patterns = [path("api/v1/", include("contributions.api"))]
    return JsonResponse(generator(patterns=patterns).get_schema(request=None, public=True))


urlpatterns = [
    path("schema/", api_schema, name="api_schema"),
    path("contributions/", api_contributions, name="api_contributions"),
    path("contributions/<slug:reference>/", api_contribution, name="api_contribution"),
    path("contributions/<slug:reference>/files/", api_contribution_files, name="api_contribution_files"),
    path("contributions/<slug:reference>/send/", api_contribution_send, name="api_contribution_send"),
    path("contributions/<slug:reference>/withdraw/", api_contribution_withdraw, name="api_contribution_withdraw"),
    path("contributions/<slug:reference>/answer/", api_contribution_answer, name="api_contribution_answer"),
]
