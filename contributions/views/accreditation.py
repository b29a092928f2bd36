"""An organization applies without an account; two people of the Secretariat decide."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.models import User
from accounts.views.fresh import fresh_to_change
from contributions import permissions, presenters, services
from contributions.forms import ApplicationForm, DecisionForm, RenewalForm, VettingForm
from contributions.models import Accreditation
from contributions.views.common import attempt, form_page, page, paged, person
from core.exceptions import NotAllowed, PortalError


@login_not_required
@require_http_methods(["GET", "POST"])
def accreditation_apply(request: HttpRequest) -> HttpResponse:
    form = ApplicationForm(request.POST or None, request.FILES or None, initial={"name_language": get_language()})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["website"]:
            return redirect("accreditation_applied")  # a program: it learns nothing
        data, file = form.application(), form.file_data()
        if attempt(form, lambda: services.apply(data=data, files=[file])):
            return redirect("accreditation_applied")
    return page(request, "contributions/apply.html", form=form)


@login_not_required
@require_safe
def accreditation_applied(request: HttpRequest) -> HttpResponse:
    return page(request, "contributions/applied.html")


@require_GET
def accreditation_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not permissions.follows(user) and permissions.own_organization(user) is None:
        raise PermissionDenied
    listed = paged(request, Accreditation.objects.visible_to(user).with_list_data())
    rows = [(row, presenters.accreditation_tag(row)) for row in listed]
    return page(request, "contributions/accreditation_list.html", page=listed, rows=rows)


@fresh_to_change
@require_http_methods(["GET", "POST"])
def accreditation_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was applied for; for the Secretariat, its next act."""
    user = person(request)
    rows = Accreditation.objects.visible_to(user).select_related("vetted_by", "decided_by")
    row = get_object_or_404(rows, public_id=public_id)
    form = _form_of(user, row, request)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and attempt(form, lambda: _act(request, form, row, user)):
            messages.success(request, _("Recorded."))
            return redirect(row)
    context = {
        "row": row,
        "rows": presenters.accreditation_rows(row),
        "tag": presenters.accreditation_tag(row),
        "files": presenters.file_rows(row.files.all()),
        "form": form,
        "decides": isinstance(form, DecisionForm),
    }
    return page(request, "contributions/accreditation_detail.html", **context)


def _form_of(user: User, row: Accreditation, request: HttpRequest) -> VettingForm | DecisionForm | None:
    if permissions.can_vet(user, row):
        return VettingForm(request.POST or None)
    if permissions.can_decide(user, row):
        return DecisionForm(request.POST or None)
    return None


def _act(request: HttpRequest, form: VettingForm | DecisionForm, row: Accreditation, user: User) -> None:
    text = form.cleaned_data["text"]
    if isinstance(form, VettingForm):
        services.vet(accreditation=row, note=text, actor=user)
    elif "accredit" in request.POST:
        services.accredit(accreditation=row, actor=user)
    elif text:
        services.refuse(accreditation=row, reason=text, actor=user)
    else:
        raise PortalError(_("Say why it is refused."))


@require_http_methods(["GET", "POST"])
def accreditation_renew(request: HttpRequest) -> HttpResponse:
    user = person(request)
    before = permissions.renewable(user)
    if before is None:
        raise PermissionDenied
    form = RenewalForm(request.POST or None, request.FILES or None, initial={"purpose": before.purpose})
    if request.method == "POST" and form.is_valid():
        purpose, file = form.cleaned_data["purpose"], form.file_data()
        try:
            services.renew(actor=user, purpose=purpose, files=[file])
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The renewal is asked for."))
            return redirect("accreditation_list")
    back = (reverse("contribution_list"), _("Contributions"))
    return form_page(request, form, title=_("Renew the accreditation"), back=back, files=True)
