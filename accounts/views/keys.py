"""Keys to the API: made, shown once, ended."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries, services
from accounts.forms import KeyForm
from accounts.models import ApiKey
from accounts.views.common import page, signed_in
from accounts.views.fresh import fresh_to_change


@fresh_to_change
@require_http_methods(["GET", "POST"])
def key_list(request: HttpRequest) -> HttpResponse:
    """One's keys. A new one is on the page that answers, and never again."""
    user, secret = signed_in(request), ""
    institutions = queries.institutions_with_keys(user)
    if not institutions.exists():
        raise PermissionDenied
    form = KeyForm(request.POST or None, institutions=institutions)
    if request.method == "POST" and form.is_valid():
        institution = form.cleaned_data["institution"]
        _key, secret = services.issue_key(institution=institution, terms=form.terms(), actor=user)
        form = KeyForm(institutions=institutions)
    keys = ApiKey.objects.visible_to(user).select_related("user", "institution__state")
    return page(request, "accounts/key_list.html", form=form, keys=keys, secret=secret)


@require_POST
def key_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user = signed_in(request)
    key = get_object_or_404(ApiKey.objects.visible_to(user), public_id=public_id)
    services.revoke_key(key=key, actor=user)
    messages.success(request, _("The key no longer opens anything."))
    return redirect("key_list")
