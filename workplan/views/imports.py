"""Reports from spreadsheets: the template, the file handed in, what it would change, importing and undoing."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.permissions import SignedInRequest
from accounts.views.fresh import fresh_download
from core.exceptions import NotAllowed, PortalError
from workplan import delivery, forms, permissions, presenters, services
from workplan.enums import ImportState, Step
from workplan.imports import FaultyFile
from workplan.models import BlankForm, ImportRun, Report
from workplan.queries import form_of, report_activities, report_to_fill_in, reports_to_import

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_FAULTS = 50


def _file(content: bytes | str, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_GET
@fresh_download
def report_spreadsheet(request: SignedInRequest, reference: str) -> HttpResponse:
    """The answers as they stand, to be filled in elsewhere; of a blank report, the template."""
    user = request.user
    report = _to_fill_in(user, reference)
    entries = report.entries.select_related("activity__area")
    content = delivery.workbook(report, presenters.reporter_name(report), delivery.answer_sheets(report, entries))
    services.note_export(report=report, actor=user)
    return _file(content, f"{report.reference}.xlsx", XLSX)


@require_http_methods(["GET", "POST"])
def report_form(request: SignedInRequest, reference: str) -> HttpResponse | FileResponse:
    """The printable form in the reader's language; where it was not made yet, have it made."""
    report = _to_fill_in(request.user, reference)
    language = get_language() or "en"
    if request.method == "POST":
        try:
            made = services.request_form(report=report, language=language, actor=request.user)
        except PortalError as refusal:
            messages.error(request, str(refusal.message))
            return redirect("report_form", reference)
        return redirect("report_form", reference) if isinstance(made, BlankForm) else redirect(made)
    form = form_of(request.user, report, language)
    if form is not None:
        name = f"{report.reference}_{language}.pdf"
        return FileResponse(form.file.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")
    context = {"report": report, "name": presenters.reporter_name(report), "pdf_off": settings.OAS_PDF_OFF}
    return render(request, "workplan/report_form.html", {**context, "opens": _is_seen(request.user, report)})


def _to_fill_in(user: User, reference: str) -> Report:
    """A report to take home as a file or on paper."""
    report = report_to_fill_in(user, reference=reference)
    if report is None:
        raise Http404
    if not permissions.can_take_form(user, report):
        raise PermissionDenied
    return report


def _is_seen(user: User, report: Report) -> bool:
    return Report.objects.visible_to(user).filter(pk=report.pk).exists()


@require_http_methods(["GET", "POST"])
def import_new(request: SignedInRequest) -> HttpResponse:
    """Choose the report, take the template, hand the file in."""
    reports = reports_to_import(request.user).order_by("-round__period_start", "reference")
    wanted = request.GET.get("report") or reports.values_list("reference", flat=True).first()
    for_states = permissions.can_manage_rounds(request.user)
    form = forms.ImportForm(
        request.POST or None,
        request.FILES or None,
        reports=reports,
        for_states=for_states,
        initial={"report": wanted},
    )
    faults: list[str] = []
    if form.is_valid():
        try:
            return redirect(_start(request, form))
        except FaultyFile as refusal:
            form.add_error("file", str(refusal.message))
            faults = [str(fault) for fault in refusal.faults]
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
    runs = ImportRun.objects.visible_to(request.user).with_report()[:10]
    context = {
        "form": form,
        "reports": reports,
        "runs": runs,
        "faults": faults[:SHOWN_FAULTS],
        "more": faults[SHOWN_FAULTS:],
    }
    return render(request, "workplan/import_new.html", context, status=422 if form.errors else 200)


def _start(request: SignedInRequest, form: forms.ImportForm) -> ImportRun:
    data = form.cleaned_data
    return services.start_import(
        report=data["report"],
        content=data["file"].read(),
        name=data["file"].name,
        channel=data.get("channel", ""),
        actor=request.user,
    )


def _visible(request: SignedInRequest, public_id: UUID) -> ImportRun:
    return get_object_or_404(ImportRun.objects.visible_to(request.user).with_report(), public_id=public_id)


@require_GET
def import_detail(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """What the file would change, and afterwards what it did."""
    run = _visible(request, public_id)
    until = services.undo_until(run)
    may_import = permissions.can_import(request.user, run.report)
    context = {
        "run": run,
        "name": presenters.reporter_name(run.report),
        "preview": presenters.import_preview(run, report_activities(run.report)),
        "problems": presenters.problem_rows(run),
        "can_import": may_import and run.state == ImportState.READ,
        "again": forms.ImportForm(reports=Report.objects.visible_to(request.user).none(), for_states=False),
        "undo_until": until if may_import and until and until > timezone.now() else None,
        "can_file": permissions.can_take_step(request.user, run.report, Step.FILE_FOR_STATE),
    }
    return render(request, "workplan/import_detail.html", context)


@require_POST
def import_confirm(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    run = _visible(request, public_id)
    if not permissions.can_import(request.user, run.report):
        raise PermissionDenied
    form = forms.ConfirmImportForm(request.POST)
    without = form.cleaned_data["without"] if form.is_valid() else 0  # an invented number leaves nothing out
    try:
        services.confirm_import(run=run, actor=request.user, without=without or 0)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    return redirect(run)


@require_POST
def import_undo(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    run = _visible(request, public_id)
    if not permissions.can_import(request.user, run.report):
        raise PermissionDenied
    try:
        services.undo_import(run=run, actor=request.user)
        messages.success(request, _("The import is undone. What was there before is there again."))
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    return redirect(run)


@require_GET
def import_problems(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The file that was handed in, with its problems marked. Made anew: no byte of the original goes back."""
    run = _visible(request, public_id)
    name = f"{run.report.reference}-problems"
    if run.file_name.endswith(".csv"):
        return _file(presenters.marked_csv(run), f"{name}.csv", "text/csv; charset=utf-8")
    content = delivery.workbook(run.report, presenters.reporter_name(run.report), presenters.marked_sheets(run))
    return _file(content, f"{name}.xlsx", XLSX)
