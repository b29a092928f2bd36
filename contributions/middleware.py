"""Whoever posts too much is turned away before anything is looked up.

Counted by what the request came with, its session or its key, so that the refusal costs one look into the cache and
no query; quotas by organization and State hold besides (services). Applications for accreditation come from anybody and
have no quota: they are counted by the address of the client alone, which nobody makes up.
"""

from collections.abc import Callable
from hashlib import sha256

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.throttling import SimpleRateThrottle

GetResponse = Callable[[HttpRequest], HttpResponse]
OPEN_TO_ALL = "/accreditation/"
PLACES = ("/contributions/", "/contribution-filings/", OPEN_TO_ALL)


class PostThrottle(SimpleRateThrottle):
    def get_rate(self) -> str:
        return str(settings.CONTRIBUTION_POSTS)

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        whose = _came_with(request) or get_adapter().get_client_ip(request)
        return f"contribution-posts:{sha256(whose.encode()).hexdigest()}"


def _came_with(request: HttpRequest) -> str:
    """The key or the session, where one is asked for: elsewhere nobody would notice that it is made up."""
    if request.path.startswith("/api/"):
        return request.headers.get("Authorization", "")
    if OPEN_TO_ALL in request.path:
        return ""
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


class FloodMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and any(place in request.path for place in PLACES):
            throttle = PostThrottle()
            if not throttle.allow_request(request, None):  # type: ignore[arg-type]
                return HttpResponse(status=429, headers={"Retry-After": str(int(throttle.wait() or 60) + 1)})
        return self.get_response(request)
