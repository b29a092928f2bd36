"""What holds for every signed-in request: limits of the session, the second factor, the person's time zone."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_SESSION_KEY
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.enums import ENDED, PROTECTED, RETURNING, SEEN, STARTED
from accounts.models import User
from accounts.permissions import has_second_factor
from core.addresses import page_behind
from core.clocks import APART_SECONDS

GetResponse = Callable[[HttpRequest], HttpResponse]

SAFE = ("GET", "HEAD", "OPTIONS")
# The stamp of the last activity may lag this far behind: a save per request would cost more than it tells.
SEEN_EVERY = 30
# What a person without a second factor can reach: setting one up, and leaving.
SET_UP_URLS = frozenset(
    {
        "sign_in_set_up",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "recovery_codes_saved",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_logout",
    }
)
# Pages of the sign-in: htmx must load them as pages, never swap them into a corner of another.
STEP_UP_URLS = ("account_reauthenticate", "mfa_reauthenticate")
ENTRANCE_URLS = ("account_login", *STEP_UP_URLS, "sign_in_set_up")


def start_session(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Receiver of Django's user_logged_in: the limits count from here."""
    request.session[STARTED] = request.session[SEEN] = time.time()
    request.session[PROTECTED] = has_second_factor(user)
    request.session[RETURNING] = bool(request.session.pop(ENDED, ""))


def end_other_sessions(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Receiver of allauth's authenticator_added: a session that began without the new factor ends; this one goes on
    under another key."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return  # they come with a factor
    services.end_sessions(user=user)
    services.keep_session(request=request, user=user)


def _why_over(request: HttpRequest) -> str:
    """Code of the limit this session has passed; a session without stamps is over."""
    now = time.time()
    if max(request.session.get(STARTED, 0), request.session.get(SEEN, 0)) > now + APART_SECONDS:
        return "absolute"  # by a clock that went back it would last longer than anybody allowed
    if now - request.session.get(STARTED, 0) >= settings.SESSION_ABSOLUTE_LIMIT.total_seconds():
        return "absolute"
    if now - request.session.get(SEEN, 0) >= settings.SESSION_IDLE_LIMIT.total_seconds():
        return "idle"
    return ""


def _note_activity(request: HttpRequest) -> None:
    match, session = request.resolver_match, request.session
    if match is None or match.url_name in settings.SESSION_PASSIVE_URLS:
        return
    if time.time() - session.get(SEEN, 0) >= SEEN_EVERY:
        session[SEEN] = time.time()
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())


def _back_to_a_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What was sent when the session was over is not sent again: the sign-in leads back to the page it came from."""
    target = urlsplit(response.get("Location", ""))
    leads_to = parse_qs(target.query).get(REDIRECT_FIELD_NAME)
    if request.method in SAFE or target.path != reverse("account_login") or leads_to != [request.get_full_path()]:
        return response
    return redirect_to_login(page_behind(request))


def _as_htmx(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Turn a redirect to the entrance into one that htmx follows with the whole page."""
    location = response.get("Location", "")
    target = urlsplit(location).path
    if "HX-Request" not in request.headers or target not in map(reverse, ENTRANCE_URLS):
        return response
    if request.method not in SAFE and target in map(reverse, STEP_UP_URLS):
        return HttpResponse(status=204, headers={"HX-Redirect": location})  # it leads to the form that is kept
    query = urlencode({"next": page_behind(request)})
    return HttpResponse(status=204, headers={"HX-Redirect": f"{target}?{query}"})


class AccessMiddleware:
    """Ends sessions at their limits and sends whoever has no second factor to set one up.

    A deactivated account, a new password or an ended role need nothing here: User._get_session_auth_hash.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        form_token = request.session.get(CSRF_SESSION_KEY)
        if request.user.is_authenticated and (why := _why_over(request)):
            logout(request)
            request.session[ENDED] = why
        if form_token and not request.user.is_authenticated:
            # A form sent after the end would otherwise be refused as forged before anybody is asked to sign in.
            request.session.setdefault(CSRF_SESSION_KEY, form_token)
        with timezone.override(getattr(request.user, "time_zone", None)):
            response = self.get_response(request)
        if request.user.is_authenticated:
            _note_activity(request)
        return _as_htmx(request, _back_to_a_page(request, response))

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or request.session.get(PROTECTED):
            return None
        public = not getattr(view, "login_required", True)
        if public or (request.resolver_match and request.resolver_match.url_name in SET_UP_URLS):
            return None
        return redirect("sign_in_set_up")
