"""Many contributions from one workbook: the template, the file handed in, what it would send, sending."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from contributions import permissions, presenters, services
from contributions.delivery import bulk_template
from contributions.forms import BulkForm, ConfirmBulkForm
from contributions.models import Accreditation, BulkFiling
from contributions.queries import activities_of, state_names
from contributions.views.common import page, person
from contributions.views.own import open_round
from core.exceptions import NotAllowed, PortalError
from workplan.imports import FaultyFile
from workplan.models import Round

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_FAULTS = 50


def _open(user: User) -> tuple[Accreditation, Round | None]:
    accreditation = permissions.contributing_for(user)
    if accreditation is None:
        raise PermissionDenied
    return accreditation, open_round(user)


@require_http_methods(["GET", "POST"])
def contribution_bulk(request: HttpRequest) -> HttpResponse:
    """Take the template, hand it in; nothing is sent yet."""
    user = person(request)
    _accreditation, round_ = _open(user)
    form, faults = BulkForm(request.POST or None, request.FILES or None), []
    if request.method == "POST" and round_ is not None and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect(services.read_bulk(content=file.read(), name=file.name, round_=round_, actor=user))
        except FaultyFile as refusal:
            form.add_error("file", str(refusal.message))
            faults = [str(fault) for fault in refusal.faults][:SHOWN_FAULTS]
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
    filings = BulkFiling.objects.visible_to(user).select_related("created_by", "round")[:10]
    context = {"form": form, "round": round_, "faults": faults, "filings": filings}
    return page(request, "contributions/bulk.html", **context)


@require_GET
def contribution_bulk_template(request: HttpRequest) -> HttpResponse:
    user = person(request)
    accreditation, round_ = _open(user)
    if round_ is None:
        messages.info(request, _("No period is open for contributions now."))
        return redirect("contribution_bulk")
    states = [str(state) for state in accreditation.states.order_by("iso2")]
    activities = [(one.code, one.title) for one in activities_of(round_, accreditation)]
    name = f'attachment; filename="contributions-{round_.code}.xlsx"'
    return HttpResponse(
        bulk_template(sorted(states), activities), content_type=XLSX, headers={"Content-Disposition": name}
    )


def _visible(request: HttpRequest, public_id: UUID) -> BulkFiling:
    rows = BulkFiling.objects.visible_to(person(request)).select_related("round", "created_by")
    return get_object_or_404(rows, public_id=public_id)


@require_GET
def contribution_bulk_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Each row as it would be sent, and what is wrong with the others; afterwards what was sent."""
    filing = _visible(request, public_id)
    context = {
        "filing": filing,
        "rows": presenters.bulk_rows(filing, state_names()),
        "problems": presenters.bulk_problems(filing),
        "faulty": len(filing.faulty_rows),
        "sent": presenters.list_rows(filing.contributions.select_related("round", "institution"), True),
    }
    return page(request, "contributions/bulk_detail.html", **context)


@require_POST
def contribution_bulk_send(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = _visible(request, public_id)
    form = ConfirmBulkForm(request.POST)
    without = form.cleaned_data["without"] if form.is_valid() else 0  # an invented number leaves nothing out
    try:
        sent = services.send_bulk(filing=filing, without=without or 0, actor=person(request))
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    else:
        words = ngettext("%(count)s contribution is sent.", "%(count)s contributions are sent.", sent)
        messages.success(request, words % {"count": sent})
    return redirect(filing)
