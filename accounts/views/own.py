"""Signing in, where allauth has no page for it, and one's own account."""

import time
from functools import partial

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, translate_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries, services
from accounts.enums import HOOK_ROLES, PROTECTED, SEEN
from accounts.forms import (
    AcceptForm,
    ProfileForm,
)
from accounts.models import (
    Invitation,
    User,
)
from accounts.permissions import has_second_factor
from accounts.views.common import done, page, signed_in


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


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    initial = {"full_name": user.full_name, "language": user.language, "time_zone": user.time_zone}
    form = ProfileForm(request.POST or None, initial=initial)
    if form.is_valid():
        services.save_profile(actor=user, **form.cleaned_data)
        messages.success(request, _("Your details are saved."))
        return redirect(translate_url(reverse("profile"), user.language))
    roles = user.role_assignments.not_over().select_related("institution__state")
    reset = user.factor_resets.open().first()
    has_keys = queries.institutions_with_keys(user).exists()
    more = {"has_keys": has_keys, "has_hooks": any(role.role in HOOK_ROLES for role in roles)}
    return page(request, "accounts/profile.html", form=form, roles=roles, reset=reset, **more)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link. Used, revoked, expired and invented links look the same."""
    invitation = queries.invitation_of_link(token)
    if invitation is None:
        return render(request, "accounts/invitation_gone.html", status=404)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return _accept_as_known(request, invitation, token)
    form = AcceptForm(request.POST or None, invitation=invitation)
    if form.is_valid():
        said = _("Your account is open. Sign in with your address and the password you chose.")
        accept = partial(services.accept_as_new, token=token, **form.cleaned_data)
        return done(request, accept, said, "account_login")
    return page(request, "accounts/invitation.html", form=form, invitation=invitation)


def _accept_as_known(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    is_theirs = isinstance(request.user, User) and request.user.email == invitation.email
    if request.method == "POST" and is_theirs:
        user = signed_in(request)
        return done(request, partial(_take, request, token, user), _("You have the new role."), "home")
    return page(request, "accounts/invitation_known.html", invitation=invitation, is_theirs=is_theirs)


def _take(request: HttpRequest, token: str, user: User) -> None:
    services.accept_as_known(token=token, actor=user)
    services.keep_session(request=request, user=user)
