"""What every address of the API has in common: keys, refusals, pages of lists, versions, requests sent twice."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import exception_handler, set_rollback

from accounts.enums import KeyScope
from accounts.models import ApiKey, User
from accounts.queries import key_of
from core import audit
from core.canonical import content_hash, fingerprint
from core.exceptions import IdentitySuspected, NotAllowed, PortalError, StaleVersion, StepRefused
from core.fields import DatePartsWidget
from core.identity import IdentityForm
from core.models import SentForm
from core.sent_forms import claim_named

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

View = Callable[..., HttpResponseBase]
FormT = TypeVar("FormT", bound=forms.BaseForm)
Version = TypeVar("Version", int, str)
PROBLEM = "application/problem+json"
BYTES = "application/octet-stream"
DOWNLOAD: dict[Any, Any] = {(200, BYTES): OpenApiTypes.BINARY}
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read.")
LONGEST_KEY = 200  # of an Idempotency-Key


# --- keys -----------------------------------------------------------------------------------------


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`; a session is worth nothing here, so no other site can borrow one."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        words = get_authorization_header(request).split()
        if len(words) != 2 or words[0].lower() != b"bearer":
            return None
        key = key_of(words[1].decode("ascii", errors="replace"))
        if key is None:
            raise exceptions.AuthenticationFailed
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


class KeyOpens(BasePermission):
    """A key to read changes nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or getattr(request.auth, "scope", "") == KeyScope.WRITE


class ApiThrottle(SimpleRateThrottle):
    """Requests of one key, or of one address for what is public; what changes something is counted by itself."""

    scope = "api"

    def get_rate(self) -> str:
        return "1/s"  # asked before the request is known; allow_request says which holds

    def allow_request(self, request: Request, view: Any) -> bool:
        self.kind = "read" if request.method in SAFE_METHODS else "write"
        rate = settings.API_RATES.get(self.kind)
        self.num_requests, self.duration = self.parse_rate(rate)
        return rate is None or bool(super().allow_request(request, view))

    def get_cache_key(self, request: Request, view: Any) -> str:
        whose = f"key-{request.auth.pk}" if request.auth is not None else self.get_ident(request)
        return f"api-{self.kind}-{whose}"


# --- refusals -------------------------------------------------------------------------------------


class Precondition(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Say which version you have read: If-Match."


class SentBefore(exceptions.APIException):
    """The same request came again: it is led to where the first one led."""

    status_code = status.HTTP_303_SEE_OTHER
    default_detail = "Done before."

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location


def problem(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Refusals by RFC 9457, in the words of the pages."""
    if isinstance(exception, PortalError):
        set_rollback()
        pieces = list(exception.pieces) if isinstance(exception, IdentitySuspected) else []
        return problem_response(_status_of(exception), str(exception.message), pieces)
    response: Response | None = exception_handler(exception, context)
    if response is None:
        return None
    errors = _errors(response.data) if isinstance(exception, exceptions.ValidationError) else []
    answer = problem_response(response.status_code, _words(exception, response, errors), errors)
    for name, value in response.headers.items():
        if name != "Content-Type":
            answer[name] = value
    if isinstance(exception, SentBefore):
        answer["Location"] = exception.location
    return answer


def _words(exception: Exception, response: Response, errors: list[Any]) -> str:
    if errors:
        return "Not valid."
    return str(response.data.get("detail", "")) or str(exception)


def _errors(data: Any, pointer: str = "") -> list[dict[str, str]]:
    """Each fault with the place it stands at (RFC 6901)."""
    if isinstance(data, Mapping):
        return [error for name, part in data.items() for error in _errors(part, f"{pointer}/{name}")]
    if isinstance(data, list):
        nested = [error for number, part in enumerate(data) if isinstance(part, Mapping | list)
                  for error in _errors(part, f"{pointer}/{number}")]  # fmt: skip
        return nested + [{"pointer": pointer, "detail": str(p)} for p in data if not isinstance(p, Mapping | list)]
    return [{"pointer": pointer, "detail": str(data)}]


def _status_of(refusal: PortalError) -> int:
    if isinstance(refusal, NotAllowed):
        return status.HTTP_403_FORBIDDEN
    if isinstance(refusal, StaleVersion):
        return status.HTTP_412_PRECONDITION_FAILED
    return status.HTTP_409_CONFLICT if isinstance(refusal, StepRefused) else status.HTTP_422_UNPROCESSABLE_ENTITY


def problem_response(
    code: int, detail: str, errors: Any = (), headers: Mapping[str, str] | None = None
) -> JsonResponse:
    body = {"type": "about:blank", "title": detail, "status": code, "detail": detail, "errors": list(errors)}
    return JsonResponse(body, status=code, content_type=PROBLEM, headers=dict(headers or {}))


# --- forms of the pages ---------------------------------------------------------------------------


def filled(make: Callable[[dict[str, Any]], FormT], sent: Mapping[str, Any]) -> FormT:
    """The form of the page with what was sent: the same rules hold whichever way it comes."""
    form = make(_posted(sent))
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.to_field_name in {None, "id"}:
            field.to_field_name = _name_of(field)
    refuse_faults(form)
    return form


def refuse_faults(form: forms.BaseForm) -> None:
    if not form.is_valid():
        raise exceptions.ValidationError({name: [str(one) for one in faults] for name, faults in form.errors.items()})


def narrowed(form: FormT) -> FormT:
    """The filters of the page, which shows everything where one is wrong; a key is told which."""
    refuse_faults(form)
    return form


def filters_of(form: type[forms.Form], **values: Iterable[str]) -> list[OpenApiParameter]:
    """How the description speaks of them. `values` are those that the form sets when it is made."""
    fields: dict[str, forms.Field] = form.base_fields
    return [OpenApiParameter(name, str, enum=_choices(field, values.get(name))) for name, field in fields.items()]


def _choices(field: forms.Field, values: Iterable[str] | None) -> list[str] | None:
    """None where anything may be written, or what there is to choose stands in the database."""
    if values is None and isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        values = [value for value, _label in field.choices]  # type: ignore[union-attr, misc]
    return [str(value) for value in values or () if value != ""] or None


def _posted(sent: Mapping[str, Any]) -> dict[str, Any]:
    """As a page would send it: what is not chosen is not there."""
    data = {name: value for name, value in sent.items() if value is not None and value is not False}
    for name in [name for name, value in data.items() if isinstance(value, date)]:  # in three boxes
        parts = DatePartsWidget().decompress(data.pop(name))
        data |= {f"{name}_{place}": part for place, part in enumerate(parts)}
    if not data.get(IdentityForm.REASON):
        return {name: value for name, value in data.items() if name != IdentityForm.REASON}
    return {**data, IdentityForm.CONFIRMED: "on"}


def _name_of(field: "forms.ModelChoiceField[Any]") -> str:
    """Keys of the database are nobody's business: what a row is called outside."""
    names = {one.name for one in field.queryset.model._meta.get_fields()}  # type: ignore[union-attr]
    return next(name for name in ("iso2", "public_id", "pk") if name in names or name == "pk")


# --- lists ----------------------------------------------------------------------------------------


class Pages(CursorPagination):
    """Pages that stay in place while rows are added: each names the next."""

    page_size, max_page_size = 50, 200
    page_size_query_param = "page_size"

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """As the view says; left to itself, the library orders every list alike."""
        ordering: str | tuple[str, ...] = view.ordering
        return (ordering,) if isinstance(ordering, str) else ordering

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ModelError) as fault:  # a cursor that somebody made up
            raise exceptions.NotFound(self.invalid_cursor_message) from fault


# --- views ----------------------------------------------------------------------------------------


class PublicView(GenericAPIView[Any]):
    """What anybody may read: no key, no session, no cookie."""

    # The description of the API is a file: no OPTIONS, which would describe a page to whoever may not open it.
    http_method_names: Any = ("get", "head", "post", "put", "patch", "delete")
    authentication_classes: Any = ()
    permission_classes: Any = ()
    throttle_classes = (ApiThrottle,)
    pagination_class = Pages
    ordering: str | tuple[str, ...] = "pk"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Which methods there are is no secret: it is told before anybody is asked who they are."""
        method = str(request.method)
        if method.lower() not in self.http_method_names or not hasattr(self, method.lower()):
            raise exceptions.MethodNotAllowed(method)
        super().initial(request, *args, **kwargs)

    def listed(self, rows: "QuerySet[Any]") -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def shown(self, row: Any, *, code: int = 200, etag: str = "", location: str = "") -> Response:
        """One object; with the tag of its version, and not again for whoever has it."""
        tag = quote_etag(etag) if etag else ""
        headers = {name: value for name, value in (("ETag", tag), ("Location", location)) if value}
        if code == 200 and tag and tag in parse_etags(self.request.headers.get("If-None-Match", "")):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(self.get_serializer(row).data, status=code, headers=headers)

    def tag(self, row: Any) -> str:
        """For what has no version: of all that is stored and all that is shown of it."""
        return content_hash([fingerprint(row), self.get_serializer(row).data])

    def read(self, sent: Any = None) -> dict[str, Any]:
        """What was sent, or was made of it, if it is as described."""
        form = self.get_serializer(data=self.request.data if sent is None else sent)
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)


class KeyView(PublicView):
    """What a person may do, with their key."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (IsAuthenticated, KeyOpens)
    request: KeyRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """One transaction holds what is written and the row that remembers it."""
        with transaction.atomic(), audit.by_key():
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                self._settle(response)
        response["Cache-Control"] = "no-store, private"
        patch_vary_headers(response, ["Authorization"])
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = cast(ApiKey, request.auth)
        audit.note_key(key=key.public_id, institution=key.institution.public_id)
        self.sent: SentForm | None = None
        word = request.headers.get("Idempotency-Key", "")
        if request.method == "POST" and word:
            self._claim(request, word)

    def _claim(self, request: Request, word: str) -> None:
        """Remember the request under its word. A second one waits here until the first is answered."""
        if len(word) > LONGEST_KEY:
            raise exceptions.ValidationError({"Idempotency-Key": "Too long."})
        user_id, content = cast(int, request.user.pk), _content(request)
        row, is_first = claim_named(user_id=user_id, address=request.path, word=word, content=content)
        if not is_first:
            raise SentBefore(row.location)
        self.sent = row

    def _settle(self, response: HttpResponseBase) -> None:
        row = getattr(self, "sent", None)
        if row is not None:
            row.location = response.headers.get("Location", self.request.path)
            row.save(update_fields=["location"])

    def is_first(self) -> bool:
        """Whether what is sent is meant as the first: If-None-Match: *."""
        return self.request.headers.get("If-None-Match", "").strip() == "*"

    def version_read(self, current: Version) -> Version:
        """The version that If-Match names; refused where another is there meanwhile."""
        tags = parse_etags(self.request.headers.get("If-Match", ""))
        if not tags:
            raise Precondition
        if quote_etag(str(current)) not in tags:
            raise StaleVersion("Somebody else saved in the meantime. Read it again.")
        return current


def _content(request: Request) -> bytes:
    """What was sent. A form with a file is told by its parts: between them stand words that change each time."""
    if not str(request.content_type).startswith("multipart/"):
        return request._request.body
    texts = "\n".join(f"{name}={value}" for name, value in sorted(request.POST.items()))
    return b"\n".join([texts.encode(), *(_file(name, request.FILES[name]) for name in sorted(request.FILES))])


def _file(name: str, upload: "UploadedFile[Any]") -> bytes:
    found = hashlib.sha256(upload.read()).hexdigest()
    upload.seek(0)
    return f"{name}: {upload.name} {found}".encode()


def download(file: FieldFile, name: str) -> FileResponse:
    """A copy as bytes, whatever it holds: nothing of it is opened in place."""
    headers = {"X-Content-Type-Options": "nosniff"}
    return FileResponse(file.open(), as_attachment=True, filename=name, content_type=BYTES, headers=headers)


def _not_again(request: HttpRequest, response: HttpResponse) -> HttpResponse | None:
    """A list has no version of its own: its tag is that of what it says. Whoever has it is not sent it again."""
    if response.status_code != status.HTTP_200_OK:
        return None
    if "ETag" not in response.headers:
        response.headers["ETag"] = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    if response.headers["ETag"] not in parse_etags(request.headers.get("If-None-Match", "")):
        return None
    kept = {name: value for name, value in response.headers.items() if name not in {"Content-Type", "Content-Length"}}
    return HttpResponse(status=status.HTTP_304_NOT_MODIFIED, headers=kept)


def endpoint(view: type[PublicView]) -> View:
    """The view for an address. A method it does not have is refused before anybody is asked for a key."""
    made = view.as_view()
    methods = [name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]
    methods += ["HEAD", "OPTIONS"] if "GET" in methods else []

    @wraps(made)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in methods:
            return problem_response(405, "There is no such method here.", headers={"Allow": ", ".join(methods)})
        response = made(request, *args, **kwargs)
        if request.method in {"GET", "HEAD"} and isinstance(response, SimpleTemplateResponse):
            response.add_post_render_callback(partial(_not_again, request))
        return response

    guard: Any = login_not_required
    guarded: View = guard(opened)
    return guarded
