"""Pages of signing in that allauth does not have, and pages of people and roles."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import PROTECTED, SEEN
from accounts.permissions import has_second_factor

View = Callable[..., HttpResponse]


def errors_are_422(view: View) -> View:
    """allauth answers a form with errors with 200; ours say 422."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and isinstance(response, TemplateResponse):
            form = (response.context_data or {}).get("form")
            response.status_code = 422 if form is not None and form.errors else response.status_code
        return response

    return wrapped


# --- signing in -----------------------------------------------------------------------------------


@require_safe
def set_up(request: HttpRequest) -> HttpResponse:
    """The first sign-in: choose a second factor."""
    if request.session.get(PROTECTED):
        return redirect("mfa_index")
    return render(request, "accounts/set_up.html", {"has_factor": has_second_factor(request.user)})


@require_POST
def codes_saved(request: HttpRequest) -> HttpResponse:
    """ "I have saved them": from here on the portal is open to whoever has a second factor."""
    request.session[PROTECTED] = has_second_factor(request.user)
    return redirect("home")


@require_http_methods(["GET", "POST"])
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """allauth's page, but the last factor stays."""
    passkey = get_object_or_404(Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN)
    if not get_mfa_adapter().can_delete_authenticator(passkey):
        messages.error(request, _("This is your only second factor. Add another one before you remove it."))
        return redirect("mfa_index")
    return remove_webauthn(request, pk=pk)  # type: ignore[no-any-return]


@require_http_methods(["GET", "POST"])
def session_left(request: HttpRequest) -> JsonResponse:
    """Seconds until the idle limit. Asking does not extend the session; sending does."""
    if request.method == "POST":
        request.session[SEEN] = time.time()
    idle = time.time() - request.session[SEEN]
    return JsonResponse({"seconds": max(0, round(settings.SESSION_IDLE_LIMIT.total_seconds() - idle))})
