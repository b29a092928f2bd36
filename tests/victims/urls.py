"""Pages that do what pages of the area might do wrong, behind the real middleware."""

from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from core.exceptions import SealedAreaClosed
from oas_trafficking.urls import urlpatterns as real
from tests.factories.victims import make_case
from victims.models import Case


def role() -> str:
    with connections["sealed"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def count(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{role()} {Case.objects.count()}")


def write(request: HttpRequest, status: int) -> HttpResponse:
    make_case(900 + status)
    return HttpResponse(status=status)


def fail(request: HttpRequest) -> HttpResponse:
    make_case(990)
    raise ValueError("CNRY-in-the-exception")


def close(request: HttpRequest) -> HttpResponse:
    make_case(991)
    raise SealedAreaClosed("CNRY-in-the-exception")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"CNRY-in-the-stream"]))


def outside(request: HttpRequest) -> HttpResponse:
    """A page of the open area: no scope."""
    return HttpResponse(f"{role()} {Case.objects.count()}")


for view in (count, write, fail, close, stream):
    view.__module__ = "victims.views"

urlpatterns = [
    path("sealed/count/", count),
    path("sealed/write/<int:status>/", write),
    path("sealed/fail/", fail),
    path("sealed/close/", close),
    path("sealed/stream/", stream),
    path("outside/", outside),
    *real,
]
