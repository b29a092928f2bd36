"""When the portal cannot answer for a while: on purpose, or because what it stands on is away."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from core import clocks

RETRY_SECONDS = "60"


def flag() -> Path:
    """The file that means maintenance: it works without a database, and a restart does not forget it."""
    return Path(settings.VAR_DIR) / "maintenance"


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 without asking the database or the session for anything."""
    if request.path.startswith("/api/"):
        content, kind = '{"status": 503, "title": "The portal is not available now."}', "application/problem+json"
    else:
        content, kind = render_to_string("503.html"), "text/html; charset=utf-8"
    return HttpResponse(content, status=503, content_type=kind, headers={"Retry-After": RETRY_SECONDS})


class MaintenanceMiddleware:
    """Everybody is told to come back; only the health of the process is still answered.

    By a wrong clock, too: sessions, links and keys would last longer than anybody allowed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_asked = request.path.startswith((settings.STATIC_URL, "/health/"))
        is_closed = not is_asked and (flag().exists() or clocks.is_wrong())
        return unavailable(request) if is_closed else self.get_response(request)
