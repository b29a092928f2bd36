"""Asking once more who somebody is, before what must not be done on a screen that was left open.

What was typed is never lost: a form that is sent too late is kept in the session and sent on, at its own address,
once the second factor was shown.
"""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from core.addresses import page_behind
from core.fields import LEFT_BEHIND, pressed

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

SAFE = ("GET", "HEAD", "OPTIONS")
KEPT = "suspended_form"
RESUME = "resume"


class Keeper(Protocol):
    """How an area keeps what was typed there: of a request that carries one, nothing is kept in clear."""

    def seal(self, text: str) -> str: ...

    def open(self, text: str) -> str: ...


def fresh_sign_in_required(view: View) -> View:
    """Nothing of the page without the second factor of the last five minutes (accounts.adapters.is_fresh)."""
    return _asking(view, lambda request: True)


def fresh_to_change(view: View) -> View:
    """The page opens; sending its form asks."""
    return _asking(view, lambda request: request.method not in SAFE)


def fresh_for_button(*buttons: str) -> Callable[[View], View]:
    """Of the buttons of one form, these ask. What a form reads as the same button is the same button here."""
    return lambda view: _asking(view, lambda request: pressed(request.POST)[0] in buttons)


def fresh_download(view: View) -> View:
    """A file to take away. The way leads back to the page with its link: a browser that is given a file stays where
    it is, which would be the page that asked for the code."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _is_stale(request):
            return view(request, *args, **kwargs)
        messages.info(request, _("Confirm that it is you; then choose the file again."))
        return _ask(request, page_behind(request))

    return wrapped  # type: ignore[return-value]


def _asking(view: View, needs: Callable[[HttpRequest], bool]) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _is_stale(request):
            resume(request)
        elif needs(request):
            return ask_again(request)
        return view(request, *args, **kwargs)

    return wrapped  # type: ignore[return-value]


def is_stale(request: HttpRequest) -> bool:
    return _is_stale(request)


def ask_again(request: HttpRequest) -> HttpResponse:
    """To the second factor and back; a form that was sent goes on afterwards."""
    return _ask(request, _kept(request))


def _is_stale(request: HttpRequest) -> bool:
    return bool(is_reauthentication_required(request, app="portal"))


def _ask(request: HttpRequest, then: str) -> HttpResponse:
    method = get_adapter().get_reauthentication_methods(request.user)[0]
    return redirect(f"{method['url']}?{urlencode({REDIRECT_FIELD_NAME: then})}")


def _kept(request: HttpRequest) -> str:
    """Where to go on; for a form, with the word under which it is kept."""
    if request.method in SAFE:
        return request.get_full_path()
    data, query, word = request.POST.copy(), request.GET.copy(), secrets.token_urlsafe(16)
    data.pop("csrfmiddlewaretoken", None)
    for name in request.FILES:
        data[f"{name}{LEFT_BEHIND}"] = "yes"
    query[RESUME] = word
    keeper: Keeper | None = getattr(request, "keeper", None)
    post = keeper.seal(data.urlencode()) if keeper else data.urlencode()
    request.session[KEPT] = {"word": word, "path": request.path, "post": post}
    return f"{request.path}?{query.urlencode()}"


def resume(request: HttpRequest) -> None:
    """Turn the request that comes back into the one that was kept: once, and only under its own word, so that a form
    somebody thought better of is never sent by a later visit to the page."""
    kept = request.session.get(KEPT)
    asked = (request.GET.get(RESUME), request.path)
    if request.method != "GET" or not kept or asked != (kept["word"], kept["path"]):
        return
    del request.session[KEPT]
    keeper: Keeper | None = getattr(request, "keeper", None)
    request.method, request.POST = "POST", QueryDict(keeper.open(kept["post"]) if keeper else kept["post"])
    request._files = MultiValueDict()  # type: ignore[attr-defined]
