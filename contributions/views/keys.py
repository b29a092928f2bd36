"""Keys to the API: made, shown once, ended."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contributions import permissions, services
from contributions.forms import KeyForm
from contributions.models import ApiToken
from contributions.views.common import attempt, page, person


@require_http_methods(["GET", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """The organization's keys. A new one is on the page that answers, and never again."""
    user, secret = person(request), ""
    if permissions.contributing_for(user) is None:
        raise PermissionDenied
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        label = form.cleaned_data["label"]
        made = attempt(form, lambda: services.issue_token(label=label, actor=user))
        if made is not None:
            secret, form = made[1], KeyForm()
    keys = ApiToken.objects.visible_to(user).select_related("user")
    return page(request, "contributions/token_list.html", form=form, keys=keys, secret=secret)


@require_POST
def token_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user = person(request)
    key = get_object_or_404(ApiToken.objects.visible_to(user), public_id=public_id)
    services.revoke_token(token=key, actor=user)
    messages.success(request, _("The key no longer opens anything."))
    return redirect("token_list")
