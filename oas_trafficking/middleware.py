"""What the root sees of every request."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control, patch_vary_headers

from oas_trafficking.permissions import is_served
from oas_trafficking.presenters.public import CACHED
from oas_trafficking.services import record_refusal

logger = logging.getLogger(__name__)


class RefusalMiddleware:
    """Puts refusals into the audit trail, after the view's own transaction was rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in {403, 404}:
            try:
                record_refusal(request=request, response=response)
            except DatabaseError:
                # The answer is a refusal already: nothing is shown that was not recorded.
                logger.exception("A refusal could not be recorded")
        return response


class SealedAloneMiddleware:
    """In a process of the sealed area alone. What others send in (files, sheets, texts) is read by code that cannot
    reach a case; here that code is not to be had (docs/adr/0170)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in {"home", "language_root"}:
            return redirect("case_list")
        if not is_served(view, name):
            raise Http404
        return None


class PublicPageMiddleware:
    """Public pages may be kept by anybody and are asked for again each time: what is withdrawn is gone at once, and
    what has not changed costs an empty answer (docs/adr/0135)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.conditional = ConditionalGetMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or match.url_name not in CACHED or request.user.is_authenticated:
            return response
        # Whoever signs in gets another page at the same address.
        patch_vary_headers(response, ["Cookie"])
        if response.status_code == HTTPStatus.OK:
            patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        return self.conditional.process_response(request, response)
