"""A lost second factor."""

from functools import partial
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import permissions, queries, services
from accounts.delivery import stop_signer
from accounts.forms import (
    FactorResetForm,
)
from accounts.models import (
    FactorReset,
    User,
)
from accounts.views.common import done, managed, page, signed_in
from accounts.views.fresh import fresh_sign_in_required


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def factor_reset_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The coordinator asks, having made sure who it is."""
    user, person = managed(request, public_id)
    if not permissions.can_request_reset(user, person):
        raise PermissionDenied
    form = FactorResetForm(request.POST or None)
    if form.is_valid():
        return done(
            request,
            lambda: services.request_factor_reset(actor=user, person=person, **form.cleaned_data),
            _("The Secretariat is asked to confirm."),
            "person_detail",
            public_id,
            form=form,
            template="accounts/factor_reset_new.html",
            context={"form": form, "person": person},
        )
    return page(request, "accounts/factor_reset_new.html", form=form, person=person)


def _visible_reset(user: User, public_id: UUID) -> FactorReset:
    resets = FactorReset.objects.visible_to(user).select_related("person", "requested_by")
    return get_object_or_404(resets, public_id=public_id)


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def factor_reset_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The second person."""
    user = signed_in(request)
    reset = _visible_reset(user, public_id)
    if not permissions.can_confirm_reset(user, reset):
        raise PermissionDenied
    if request.method == "POST":
        said = _("The reset is confirmed. It takes effect in 24 hours.")
        confirm = partial(services.confirm_factor_reset, actor=user, reset=reset)
        return done(request, confirm, said, "person_detail", reset.person.public_id)
    return page(request, "accounts/factor_reset_confirm.html", reset=reset)


@require_POST
def factor_reset_stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stopping needs no fresh sign-in: it is the safe direction, and may be urgent."""
    user = signed_in(request)
    reset = _visible_reset(user, public_id)
    target = ("profile",) if reset.person_id == user.pk else ("person_detail", reset.person.public_id)
    return done(
        request, partial(services.stop_factor_reset, actor=user, reset=reset), _("The reset is stopped."), *target
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def factor_reset_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in the mail. Used, late and invented links look the same."""
    try:
        reset = queries.reset_of_link(stop_signer().unsign(token))
    except BadSignature:
        reset = None
    if reset is None:
        return render(request, "accounts/factor_reset_gone.html", status=404)
    if request.method == "POST":
        said = _("The reset is stopped. Your second factor stays as it is.")
        stop = partial(services.stop_factor_reset, actor=reset.person, reset=reset)
        return done(request, stop, said, "account_login")
    return page(request, "accounts/factor_reset_link.html", reset=reset)
