"""Addresses inside the portal."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def page_behind(request: HttpRequest) -> str:
    """The page from which was asked: there a person wants to be after signing in, not at a fragment or a step."""
    url = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    allowed = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    parts = urlsplit(url)
    path = "/" + parts.path.lstrip("/")  # two slashes would begin another host's address
    return f"{path}?{parts.query}".rstrip("?") if allowed else reverse("home")
