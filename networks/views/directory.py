"""The directory: finding a contact, taking it along, keeping it true."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.views.fresh import fresh_download
from core.exceptions import NotAllowed
from networks import delivery, permissions, presenters, services
from networks.forms import DeskForm, DirectoryFilterForm
from networks.models import Desk
from networks.queries import found_desks, states_with_focal_points
from networks.querysets import DeskQuerySet
from networks.views.common import as_download, attempt, form_page, page, paged, person

MAX_EXPORT = 10_000  # rows; the hemisphere has a fifth of it


def _desks(request: HttpRequest, form: DirectoryFilterForm) -> DeskQuerySet:
    desks = Desk.objects.visible_to(request.user).open().filter(**form.wanted())
    return found_desks(desks, form.text()).with_list_data()


@login_not_required
@require_safe
def directory_list(request: HttpRequest) -> HttpResponse:
    """Contacts by State and service; without an account, the public ones."""
    form = DirectoryFilterForm(request.GET)
    desks = _desks(request, form)
    numbers = desks.numbers(request.user)
    context = {"form": form, "page": paged(request, desks, numbers["total"]), "stale_count": numbers["stale"]}
    return page(request, "networks/directory_list.html", "directory_list", **context)


@require_GET
@fresh_download
def directory_export(request: HttpRequest) -> HttpResponse | FileResponse:
    """What the list shows, as a workbook."""
    form = DirectoryFilterForm(request.GET)
    desks = list(_desks(request, form)[:MAX_EXPORT])
    services.note_export(count=len(desks), actor=person(request))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(delivery.directory_workbook(desks, form.words()), content_type=kind)
    response["Content-Disposition"] = 'attachment; filename="directory.xlsx"'
    return as_download(response)


@require_GET
def focal_point_list(request: HttpRequest) -> HttpResponse:
    if not permissions.can_see_focal_points(request.user):
        raise PermissionDenied
    rows = presenters.focal_point_rows(states_with_focal_points(request.user))
    return page(request, "networks/focal_point_list.html", "focal_point_list", rows=rows)


def _visible_desk(user: object, public_id: UUID) -> Desk:
    desks = Desk.objects.visible_to(user).with_list_data()  # type: ignore[arg-type]
    return get_object_or_404(desks, public_id=public_id)


@login_not_required
@require_safe
def desk_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    desk = _visible_desk(request.user, public_id)
    context = {
        "desk": desk,
        "desk_key": str(desk.public_id),
        "rows": presenters.desk_rows(desk),
        "can_keep": permissions.can_keep_desk(request.user, desk),
        "can_ask": permissions.receiving_institutions(request.user).filter(pk=desk.institution_id).exists()
        and permissions.writes_requests(request.user),
    }
    return page(request, "networks/desk_detail.html", "directory_list", **context)


@login_not_required
@require_safe
def desk_card(request: HttpRequest, public_id: UUID) -> HttpResponse | FileResponse:
    desk = _visible_desk(request.user, public_id)
    response = HttpResponse(delivery.desk_card(desk), content_type="text/vcard; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{desk.public_id}.vcf"'
    return as_download(response)


@require_http_methods(["GET", "POST"])
def desk_new(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not permissions.keeps_desks(user):
        raise PermissionDenied
    form = DeskForm(request.POST or None, user=user, initial={"name_language": user.language})
    return _desk_form(request, form, user, None)


@require_http_methods(["GET", "POST"])
def desk_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user = person(request)
    desk = _kept_desk(user, public_id)
    form = DeskForm(request.POST or None, user=user, initial=DeskForm.initial_of(desk))
    return _desk_form(request, form, user, desk)


def _kept_desk(user: User, public_id: UUID) -> Desk:
    desk = _visible_desk(user, public_id)
    if not permissions.can_keep_desk(user, desk):
        raise PermissionDenied
    return desk


def _desk_form(request: HttpRequest, form: DeskForm, user: User, desk: Desk | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        saved = attempt(
            form,
            lambda: services.save_desk(data=form.data_of_desk(), actor=user, desk=desk, seen=form.cleaned_data["seen"]),
        )
        if saved is not None:
            messages.success(request, _("The contact is saved and counts as verified today."))
            return redirect(saved)
    title = _("Change the contact") if desk else _("New contact")
    back = (desk.get_absolute_url(), desk.name) if desk else (reverse("directory_list"), _("Directory"))
    return form_page(request, "directory_list", form, title=title, back=back, button=_("Save the contact"))


@require_POST
def desk_verify(request: HttpRequest, public_id: UUID) -> HttpResponse:
    desk = _kept_desk(person(request), public_id)
    services.verify_desk(desk=desk, actor=person(request))
    messages.success(request, _("Verified today."))
    return redirect(desk)


@require_POST
def desk_close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    desk = _kept_desk(person(request), public_id)
    try:
        services.close_desk(desk=desk, actor=person(request))
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    messages.success(request, _("The contact is no longer shown."))
    return redirect("directory_list")
