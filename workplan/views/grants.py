"""Entries handed to single people: which there are, handing out, taking back."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.models import RoleAssignment, User
from accounts.views.common import done, manager, page
from accounts.views.fresh import fresh_sign_in_required, fresh_to_change
from workplan import services
from workplan.forms import GrantForm
from workplan.models import EntryUserObjectPermission, ReportEntry


@require_safe
def grant_list(request: HttpRequest) -> HttpResponse:
    """The exceptions in a State's data, each with its reason and end."""
    user = manager(request)
    grants = EntryUserObjectPermission.objects.visible_to(user).in_force().with_list_data()
    listed = Paginator(grants, 50).get_page(request.GET.get("page"))
    coordinates = RoleAssignment.objects.of(user, Role.FOCAL_POINT).exists()
    return page(request, "workplan/grant_list.html", grants=listed, coordinates=coordinates)


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def grant_new(request: HttpRequest) -> HttpResponse:
    user = manager(request)
    states = RoleAssignment.objects.of(user, Role.FOCAL_POINT).states()
    if not states:
        raise PermissionDenied
    roles = RoleAssignment.objects.visible_to(user).current().filter(institution__state__in=states)
    people = User.objects.visible_to(user).filter(pk__in=roles.values("user")).exclude(pk=user.pk)
    entries = ReportEntry.objects.visible_to(user).open_for_writing().filter(report__state__in=states).with_list_data()
    form = GrantForm(request.POST or None, people=people, entries=entries)
    if form.is_valid():
        return _hand_out(request, form, user)
    return page(request, "workplan/grant_new.html", form=form)


def _hand_out(request: HttpRequest, form: GrantForm, user: User) -> HttpResponse:
    chosen, person = form.cleaned_data["entries"], form.cleaned_data["person"]
    said = ngettext("%(count)s entry is handed out.", "%(count)s entries are handed out.", len(chosen))
    return done(
        request,
        lambda: services.grant_entries(entries=chosen, person=person, terms=form.terms(), actor=user),
        said % {"count": len(chosen)},
        "grant_list",
        form=form,
        template="workplan/grant_new.html",
        context={"form": form},
    )


@fresh_to_change
@require_POST
def grant_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    user = manager(request)
    grants = EntryUserObjectPermission.objects.visible_to(user).with_list_data()
    grant = get_object_or_404(grants, pk=pk)
    said = _("The entry is taken back.")
    return done(request, lambda: services.revoke_entry(grant=grant, actor=user), said, "grant_list")
