"""Pages that do what pages of the area might do wrong, behind the real middleware."""

import json
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.urls import path

from core.exceptions import SealedAreaClosed
from oas_trafficking.urls import urlpatterns as real
from tests.factories.victims import make_case
from victims import services
from victims.enums import Reason
from victims.models import Case

LIST = """{% extends "base.html" %}{% block content %}<table>{% for code, facts in rows %}<tr><th>{{ code }}</th>
<td>{{ facts.age }}</td><td>{{ facts.exploitation_types|join:", " }}</td><td>{{ facts.place }}</td></tr>{% endfor %}
</table>{% endblock %}"""


def _table(request: HttpRequest, rows: list[tuple[str, dict[str, Any]]]) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(LIST).render({"rows": rows}, request))


def fifty(request: HttpRequest) -> HttpResponse:
    """Fifty cases with their facts: entered, checked, written into the trail, unwrapped and opened."""
    officer: Any = request.officer  # type: ignore[attr-defined]
    cases = list(Case.objects.visible_to(officer)[:50])
    facts = services.read_facts(actor=officer, cases=cases, reason=Reason.SUPERVISION, how="list")
    return _table(request, [(case.code, facts[case.id]) for case in cases])


def fifty_in_clear(request: HttpRequest) -> HttpResponse:
    """The same page with every control off: a table anybody could read."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT code, facts FROM plain_case ORDER BY code LIMIT 50")
        return _table(request, [(code, json.loads(facts)) for code, facts in cursor.fetchall()])


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


for view in (count, write, fail, close, stream, fifty):
    view.__module__ = "victims.views"

urlpatterns = [
    path("sealed/count/", count),
    path("sealed/write/<int:status>/", write),
    path("sealed/fail/", fail),
    path("sealed/close/", close),
    path("sealed/stream/", stream),
    path("outside/", outside),
    path("sealed/fifty/", fifty),
    path("outside/fifty/", fifty_in_clear),
    *real,
]
