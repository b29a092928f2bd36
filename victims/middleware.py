"""Every page of the sealed area runs inside its scope. No view can forget it, and none can choose it."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve

from accounts.enums import STARTED
from accounts.views.fresh import ask_again, is_stale, resume
from core.db import sealed_scope
from core.envelope import SealBroken
from core.exceptions import NotAllowed, SealedAreaClosed
from core.keys import KeyRefused, KeysUnavailable
from victims.permissions import officer_of
from victims.vault import FormKeeper

logger = logging.getLogger(__name__)
# Of the area alone: neither pages of the open area nor the page that asks for the second factor keep it open.
LAST = "sealed_last"
LAST_EVERY = 30  # seconds the stamp may lag behind
CLOSED = (SealedAreaClosed, KeysUnavailable, KeyRefused, SealBroken)


class SealedMiddleware:
    """Opens the scope after the person is known, and lets nothing be written by a request that failed.

    The transaction is around the whole answer: Django has already made an exception of the view a page of status 500
    when it comes back here, and a refused form is no exception at all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = _sealed_match(request)
        if match is None or not request.user.is_authenticated:
            return self.get_response(request)  # whoever is not signed in is sent to the sign-in
        try:
            officer = officer_of(request.user)
        except NotAllowed:
            request.resolver_match = match  # the trail says which page was refused
            raise Http404 from None
        request.officer, request.keeper = officer, FormKeeper(officer.code)  # type: ignore[attr-defined]
        try:
            with sealed_scope(officer.context()):
                response = self.get_response(request)
                if response.streaming:
                    raise SealedAreaClosed("An answer that is streamed outlives its scope")
                if response.status_code >= 400:
                    transaction.set_rollback(True, using=settings.SEALED_DATABASE)
        except (*CLOSED, DatabaseError):
            return closed(request)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """After five minutes without a request the area asks who is there; a form that was sent is kept and goes on."""
        if not hasattr(request, "officer"):
            return None
        idle = time.time() - request.session.get(LAST, request.session.get(STARTED, 0))
        if idle >= settings.SEALED_LOCK.total_seconds() and is_stale(request):
            return ask_again(request)
        resume(request)
        if idle >= LAST_EVERY:
            request.session[LAST] = time.time()
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What could not be opened is said in one sentence, without what it was."""
        return closed(request) if isinstance(error, CLOSED) else None


def closed(request: HttpRequest) -> HttpResponse:
    logger.error("The sealed area could not answer")  # no trace: its frames hold what was about to be shown
    return render(request, "503.html", status=503)


def _sealed_match(request: HttpRequest) -> ResolverMatch | None:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    return match if match.func.__module__.partition(".")[0] == "victims" else None
