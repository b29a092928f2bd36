"""Periods of reporting: what there is, who has reported, and the Secretariat's steps."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.permissions import SignedInRequest
from accounts.views.fresh import fresh_to_change
from core.exceptions import PortalError
from workplan import forms, permissions, presenters, services
from workplan.models import Extension, Report, Round
from workplan.queries import current_catalogue, round_counts, submission_overview


@require_GET
def round_list(request: SignedInRequest) -> HttpResponse:
    context = {
        "rounds": round_counts(Round.objects.visible_to(request.user)),
        "can_follow": permissions.can_follow_rounds(request.user),
        "can_manage": permissions.can_manage_rounds(request.user),
    }
    return render(request, "workplan/round_list.html", context)


@require_http_methods(["GET", "POST"])
def round_new(request: SignedInRequest) -> HttpResponse:
    if not permissions.can_manage_rounds(request.user):
        raise PermissionDenied
    form = forms.RoundForm(request.POST or None)
    if form.is_valid():
        try:
            round_ = services.create_round(catalogue=current_catalogue(), actor=request.user, **form.cleaned_data)
        except PortalError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The period is prepared. Open it when the States may begin."))
            return redirect("submission_matrix", round_.code)
    return render(request, "workplan/round_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def round_step(request: SignedInRequest, code: str, step: str) -> HttpResponse:
    """Open, close or freeze a period. `step` comes from the address's own name."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user), code=code)
    if not permissions.can_manage_rounds(request.user):
        raise PermissionDenied
    try:
        messages.success(request, STEPS[step](round_, request.user))
    except PortalError as error:
        messages.error(request, str(error))
    return redirect("submission_matrix", round_.code)


def _open(round_: Round, user: User) -> str:
    reports = services.open_round(round=round_, actor=user)
    return _("The period is open: %(count)s reports can be written.") % {"count": len(reports)}


def _close(round_: Round, user: User) -> str:
    services.close_round(round=round_, actor=user)
    return _("The period is closed.")


def _freeze(round_: Round, user: User) -> str:
    services.freeze_round(round=round_, actor=user)
    return _("The period is frozen. Nothing in it changes any more.")


STEPS: dict[str, Callable[[Round, User], str]] = {"open": _open, "close": _close, "freeze": _freeze}
round_freeze = fresh_to_change(round_step)  # nothing undoes it


@require_GET
def submission_matrix(request: SignedInRequest, code: str) -> HttpResponse:
    round_ = get_object_or_404(Round.objects.visible_to(request.user), code=code)
    if not permissions.can_follow_rounds(request.user):
        raise PermissionDenied
    rows = presenters.matrix_rows(submission_overview(round_), round_)
    wanted = request.GET.get("status", "")
    own = Report.objects.visible_to(request.user).filter(round=round_, state=None).select_related("round").first()
    context = {
        "round": round_,
        "rows": presenters.matrix_selection(rows, wanted),
        "total": len(rows),
        "counts": presenters.matrix_counts(rows),
        "wanted": wanted,
        "wanted_label": presenters.MATRIX_WORDS.get(wanted, ""),
        "own": own,
        "own_tag": presenters.report_tag(own) if own else None,
        "extensions": Extension.objects.visible_to(request.user).filter(report__round=round_).with_report(),
        "can_manage": permissions.can_manage_rounds(request.user),
    }
    return render(request, "workplan/submission_matrix.html", context)
