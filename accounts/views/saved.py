"""Saved views: kept, opened, pinned to the start page, renamed, removed and brought back."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import queries, services
from accounts.forms import SavedViewForm
from accounts.models import SavedView
from accounts.views.common import done, page, signed_in
from core.exceptions import PortalError


@require_GET
def saved_view_list(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    rows = SavedView.objects.visible_to(user).with_list_data(user)
    removed = queries.removed_views(user)
    return page(request, "accounts/saved_view_list.html", rows=rows, removed=removed, user=user)


@require_http_methods(["GET", "POST"])
def saved_view_new(request: HttpRequest) -> HttpResponse:
    """The filters come in the address, as on the page they are of."""
    user, name = signed_in(request), request.GET.get("of", "")
    if name not in services.PAGES:
        return redirect("saved_view_list")
    form = SavedViewForm(request.POST or None, institutions=queries.own_institutions(user))
    if request.method == "POST" and form.is_valid():
        try:
            pin = form.cleaned_data["pin"]
            services.save_view(page=name, query=request.GET, terms=form.terms(), pin=pin, actor=user)
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The view is saved."))
            return redirect("saved_view_list")
    query = services.kept_query(name, request.GET)
    label = services.PAGES[name].label
    return page(request, "accounts/saved_view_form.html", form=form, label=label, query=query)


@require_GET
def saved_view_open(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The page decides what its reader may see: a shared view shows each their own."""
    view = _view(request, public_id)
    address = services.address_of(view)
    if not address:
        raise Http404
    return redirect(address)


@require_http_methods(["GET", "POST"])
def saved_view_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, view = signed_in(request), _view(request, public_id)
    if view.owner_id != user.pk:
        raise PermissionDenied
    initial = {"name": view.name, "institution": view.institution and view.institution.public_id}
    form = SavedViewForm(
        request.POST or None, institutions=queries.own_institutions(user), initial=initial, is_new=False
    )
    context = {"form": form, "view": view}
    if request.method == "POST" and form.is_valid():
        act = partial(services.change_view, view=view, terms=form.terms(), actor=user)
        return done(request, act, _("The view is changed."), "saved_view_list")
    return page(request, "accounts/saved_view_form.html", **context)


@require_POST
def saved_view_change(request: HttpRequest, public_id: UUID, change: str) -> HttpResponse:
    """Pin it to one's start page, or not; remove it, and bring it back."""
    user = signed_in(request)
    if change == "restore":
        view = get_object_or_404(queries.removed_views(user), public_id=public_id)
        return done(
            request, lambda: services.restore_view(view=view, actor=user), _("The view is back."), "saved_view_list"
        )
    view = _view(request, public_id)
    if change in {"pin", "unpin"}:
        is_pinned = change == "pin"
        said = _("The view is on your start page.") if is_pinned else _("The view is no longer on your start page.")
        act = partial(services.pin_view, view=view, is_pinned=is_pinned, actor=user)
        return done(request, act, said, "saved_view_list")
    if change != "remove":
        raise Http404
    said = _("The view is removed. You can bring it back below for a day.")
    return done(request, lambda: services.remove_view(view=view, actor=user), said, "saved_view_list")


def _view(request: HttpRequest, public_id: UUID) -> SavedView:
    views = SavedView.objects.visible_to(signed_in(request)).select_related("institution__state", "owner")
    return get_object_or_404(views, public_id=public_id)
