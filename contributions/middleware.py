"""Whoever posts too much is turned away before anything is looked up.

Counted by what the request came with, its session or its key, so that the refusal costs one look into the cache and
no query; quotas by organization and State hold besides (services).
"""

from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.throttling import SimpleRateThrottle

GetResponse = Callable[[HttpRequest], HttpResponse]
PLACES = ("/contributions/", "/contribution-filings/", "/accreditation/")


class PostThrottle(SimpleRateThrottle):
    def get_rate(self) -> str:
        return str(settings.CONTRIBUTION_POSTS)

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        came_with = request.headers.get("Authorization") or request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        whose = came_with or self.get_ident(request)  # type: ignore[arg-type]
        return f"contribution-posts:{sha256(whose.encode()).hexdigest()}"


class FloodMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and any(place in request.path for place in PLACES):
            throttle = PostThrottle()
            if not throttle.allow_request(request, None):  # type: ignore[arg-type]
                return HttpResponse(status=429, headers={"Retry-After": str(int(throttle.wait() or 60) + 1)})
        return self.get_response(request)
