"""Records from another system and back, as the spreadsheet of HTCDS 2.0."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.enums import Role
from accounts.views.fresh import fresh_sign_in_required
from victims.forms import ExportForm, ImportForm
from victims.imports import FaultyFile, read_htcds
from victims.models import Case
from victims.permissions import Officer
from victims.services import exchange
from victims.views.common import allowed, attempt, officer_at

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def case_worker_at(request: HttpRequest) -> Officer:
    officer = officer_at(request)
    if Role.CASE_WORKER not in officer.roles:
        raise PermissionDenied
    return officer


@require_http_methods(["GET", "POST"])
@fresh_sign_in_required
def record_import(request: HttpRequest) -> HttpResponse:
    """Everything of the file, or nothing and every reason with its row and column."""
    officer = case_worker_at(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            records = read_htcds(form.cleaned_data["file"].read())
        except FaultyFile as refused:
            context = {"form": form, "faults": refused.faults[:100], "count": len(refused.faults)}
            return render(request, "victims/import.html", context, status=422)
        cases: list[Case] = []
        if attempt(form, lambda: cases.extend(exchange.import_records(actor=officer, records=records))):
            return render(request, "victims/imported.html", {"cases": cases})
    return render(request, "victims/import.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@fresh_sign_in_required
def record_export(request: HttpRequest) -> HttpResponse:
    """A locked and marked workbook of chosen cases of one's own. It is not kept here."""
    officer = case_worker_at(request)
    mine = {case.code: case for case in Case.objects.visible_to(officer).open()}
    form = ExportForm(request.POST or None, codes=sorted(mine))
    if request.method == "POST" and form.is_valid():
        chosen, password = [mine[code] for code in form.cleaned_data["cases"]], form.cleaned_data["password"]
        content: list[bytes] = []

        def take() -> None:
            content.append(exchange.export_records(actor=officer, cases=chosen, password=password))

        if allowed(lambda: attempt(form, take)):
            answer = HttpResponse(content[0], content_type=XLSX)
            answer["Content-Disposition"] = 'attachment; filename="htcds.xlsx"'
            return answer
    return render(request, "victims/export.html", {"form": form}, status=422 if form.is_bound else 200)
