"""Systems of an institution that are told when something happened."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import queries, services
from accounts.enums import HookState
from accounts.forms import HookForm
from accounts.models import User, Webhook
from accounts.views.common import done, page, signed_in
from accounts.views.fresh import fresh_to_change
from core.exceptions import PortalError

NOTICES_SHOWN = 50
CHANGES = {
    "pause": (services.pause_hook, gettext_lazy("Paused. What happens meanwhile is sent when you switch it on again.")),
    "resume": (services.resume_hook, gettext_lazy("It is switched on.")),
    "test": (services.test_hook, gettext_lazy("A test is on its way. Load the page again to see whether it arrived.")),
}


@fresh_to_change
@require_http_methods(["GET", "POST"])
def hook_list(request: HttpRequest) -> HttpResponse:
    """The systems of one's institution. The secret of a new one is on the page that answers, and never again."""
    user = signed_in(request)
    institutions = queries.institutions_with_hooks(user)
    if not institutions.exists():
        raise PermissionDenied
    form = HookForm(request.POST or None, institutions=institutions)
    if request.method == "POST" and form.is_valid():
        try:
            hook, secret = services.add_hook(**form.wanted(), actor=user)
            return _detail(request, hook, secret=secret)
        except PortalError as refusal:
            form.add_error("url", str(refusal.message))
    hooks = Webhook.objects.visible_to(user).select_related("institution__state")
    return page(request, "accounts/hook_list.html", form=form, hooks=hooks)


@require_GET
def hook_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _detail(request, _hook(signed_in(request), public_id))


@require_POST
def hook_change(request: HttpRequest, public_id: UUID, change: str) -> HttpResponse:
    user = signed_in(request)
    hook = _hook(user, public_id)
    if change not in CHANGES:
        raise Http404
    act, said = CHANGES[change]
    return done(request, lambda: act(hook=hook, actor=user), str(said), "hook_detail", hook.public_id)


@fresh_to_change
@require_POST
def hook_secret(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A new secret, shown once."""
    user = signed_in(request)
    hook = _hook(user, public_id)
    secret = services.rotate_secret(hook=hook, actor=user)
    return _detail(request, hook, secret=secret)


@require_http_methods(["GET", "POST"])
def hook_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user = signed_in(request)
    hook = _hook(user, public_id)
    if request.method == "GET":
        return page(request, "accounts/hook_end.html", hook=hook)
    services.end_hook(hook=hook, actor=user)
    messages.success(request, _("This system is no longer told of anything."))
    return redirect("hook_list")


def _hook(user: User, public_id: UUID) -> Webhook:
    return get_object_or_404(Webhook.objects.visible_to(user).select_related("institution__state"), public_id=public_id)


def _detail(request: HttpRequest, hook: Webhook, **more: Any) -> HttpResponse:
    notices = hook.notices.select_related("event")[:NOTICES_SHOWN]
    is_on = hook.state == HookState.ACTIVE
    return page(request, "accounts/hook_detail.html", hook=hook, notices=notices, is_on=is_on, **more)
