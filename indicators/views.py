"""Pages of the statistics: returns for the State's own people, releases for the Secretariat, data for everybody."""

import hashlib
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.models import State, User
from accounts.permissions import SignedInRequest
from accounts.views.fresh import fresh_download, fresh_to_change
from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion
from indicators import forms, imports, permissions, presenters, services
from indicators.delivery.files import notes
from indicators.delivery.template import write_template
from indicators.enums import CATALOGUE, TABLES, FileFormat, ReleaseTable, legend
from indicators.models import Release, ReleaseFile, ReturnProposal, ReturnUpload, ReturnVersion, StatisticalReturn
from indicators.queries import META, answers_of, doubts, return_content, table_years, told_areas, version_answers
from indicators.querysets import counting_states

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "xlsx": XLSX}

# --- returns -------------------------------------------------------------------------------------


def own_state(user: User, iso2: str, year: int) -> State:
    """The State whose exact figures the person works with; another's does not exist for them."""
    if year not in forms.RETURN_YEARS:
        raise Http404
    return get_object_or_404(State.objects.visible_to(user).filter(pk__in=counting_states(user)), iso2=iso2)


def own_return(user: User, iso2: str, year: int, table: str) -> StatisticalReturn | None:
    """The return, or none where it is not begun. Unknown tables and other States' are not found."""
    own_state(user, iso2, year)
    if table not in TABLES:
        raise Http404
    returns = StatisticalReturn.objects.visible_to(user).select_related("state", "updated_by", "sent_by")
    return returns.filter(state__iso2=iso2, year=year, table=table).first()


@require_GET
def return_list(request: SignedInRequest) -> HttpResponse:
    states = State.objects.visible_to(request.user).filter(pk__in=counting_states(request.user))
    if not states:
        raise PermissionDenied
    waiting = (
        StatisticalReturn.objects.visible_to(request.user).filter(status="sent").select_related("state", "sent_by")
    )
    proposals = ReturnProposal.objects.visible_to(request.user).undecided().select_related("state")
    years = list(forms.RETURN_YEARS)[::-1]
    context = {"states": states, "years": years, "waiting": waiting, "proposals": proposals}
    return render(request, "indicators/return_list.html", context)


@require_GET
def return_year(request: SignedInRequest, iso2: str, year: int) -> HttpResponse:
    state = own_state(request.user, iso2, year)
    existing = StatisticalReturn.objects.visible_to(request.user).filter(state=state, year=year)
    return render(
        request,
        "indicators/return_year.html",
        {
            "state": state,
            "year": year,
            "items": presenters.return_rows(state, year, existing),
            "can_write": permissions.can_write(request.user, state),
            "upload": forms.UploadForm(),
        },
    )


@require_http_methods(["GET", "POST"])
def return_edit(request: SignedInRequest, iso2: str, year: int, table: str) -> HttpResponse:
    filled = own_return(request.user, iso2, year, table)
    state = own_state(request.user, iso2, year)
    if not permissions.can_write(request.user, state) or (filled and filled.status not in forms.EDITABLE):
        return _return_read_only(request, state, year, table, filled)
    filled = filled or StatisticalReturn(state=state, year=year, table=table, language=request.user.language)
    form = forms.ReturnForm(request.POST or None, filled=filled)
    if request.method == "POST" and form.is_valid():
        data = form.return_data()
        try:
            opened = services.open_return(state=state, year=year, table=table, actor=request.user)
            services.save_return(filled=opened, version=form.cleaned_data["version"], data=data, actor=request.user)
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The table is saved."))
            return redirect("return_sign" if "send" in request.POST else "return_edit", iso2, year, table)
    context = {
        "form": form,
        "filled": filled,
        "obstacles": services.obstacles(filled),
        "versions": _versions(request, filled),
    }
    return render(request, "indicators/return_edit.html", context, status=422 if form.errors else 200)


def _versions(request: SignedInRequest, filled: StatisticalReturn) -> Any:
    versions = ReturnVersion.objects.visible_to(request.user).filter(source_id=filled.pk)
    return versions.select_related("signed_by").defer("content")


def _return_read_only(
    request: SignedInRequest, state: State, year: int, table: str, filled: StatisticalReturn | None
) -> HttpResponse:
    if request.method == "POST":
        raise PermissionDenied
    context = {
        "state": state,
        "year": year,
        "table": TABLES[table],
        "filled": filled,
        "exact": presenters.exact_table(TABLES[table], answers_of(filled) if filled else {}),
        "can_sign": filled is not None and permissions.can_sign(request.user, filled),
        "versions": _versions(request, filled) if filled else (),
    }
    return render(request, "indicators/return_detail.html", context)


@fresh_to_change
@require_http_methods(["GET", "POST"])
def return_sign(request: SignedInRequest, iso2: str, year: int, table: str) -> HttpResponse:
    """Check, send, sign: what is to be read before each, and the button of whoever's turn it is."""
    filled = own_return(request.user, iso2, year, table)
    if filled is None:
        raise Http404
    content = return_content(filled)
    form = forms.SignForm(request.POST if "sign" in request.POST else None, initial={"seen": content_hash(content)})
    if request.method == "POST":
        answer = _take_step(request, filled, form)
        if answer is not None:
            return answer
    context = {
        "filled": filled,
        "form": form,
        "exact": presenters.exact_table(filled.definition, answers_of(filled)),
        "obstacles": services.obstacles(filled),
        "doubts": doubts(filled),
        "can_send": permissions.can_write(request.user, filled.state) and filled.status == "draft",
        "can_sign": permissions.can_sign(request.user, filled),
        "waits": filled.status == "sent",
    }
    return render(request, "indicators/return_sign.html", context, status=422 if form.errors else 200)


def _take_step(request: SignedInRequest, filled: StatisticalReturn, form: forms.SignForm) -> HttpResponse | None:
    """The answer after a step, or none where the page is to be shown again with its errors."""
    try:
        if "send" in request.POST:
            services.send_return(filled=filled, actor=request.user)
            messages.success(request, _("The table waits for signature."))
        elif "take_back" in request.POST:
            services.take_back(filled=filled, actor=request.user)
            messages.success(request, _("The table is a draft again."))
        elif not permissions.can_sign(request.user, filled):
            raise PermissionDenied
        elif not form.is_valid():
            return None
        else:
            services.sign_return(filled=filled, actor=request.user, seen=form.cleaned_data["seen"])
            messages.success(request, _("The table is signed off. It enters the next release."))
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except (StaleVersion, PortalError) as refusal:
        messages.error(request, str(refusal.message))
        return redirect("return_sign", filled.state.iso2, filled.year, filled.table)
    return redirect("return_year", filled.state.iso2, filled.year)


@require_GET
def return_version(request: SignedInRequest, iso2: str, year: int, table: str, number: int) -> HttpResponse:
    filled = own_return(request.user, iso2, year, table)
    versions = ReturnVersion.objects.visible_to(request.user).select_related("signed_by", "sent_by")
    version = get_object_or_404(versions, source=filled, number=number)
    exact = presenters.exact_table(TABLES[table], version_answers(version.content))
    context = {"filled": filled, "version": version, "exact": exact, "content": version.content}
    return render(request, "indicators/return_version.html", context)


@require_http_methods(["GET", "POST"])
def return_proposal(request: SignedInRequest, iso2: str, year: int, table: str) -> HttpResponse:
    """Counted from the State's cases, beside what stands in the return: take it or leave it."""
    filled = own_return(request.user, iso2, year, table)
    proposals = ReturnProposal.objects.visible_to(request.user).undecided().select_related("state")
    proposal = get_object_or_404(proposals, state__iso2=iso2, year=year, table=table)
    form = forms.ProposalForm(request.POST or None, initial={"version": filled.version if filled else 1})
    if request.method == "POST":
        if not permissions.can_write(request.user, proposal.state):
            raise PermissionDenied
        if form.is_valid():
            return _decide(request, proposal, form.cleaned_data)
    context = {
        "proposal": proposal,
        "form": form,
        "rows": presenters.proposal_rows(proposal, answers_of(filled) if filled else {}),
        "filled": filled,
        "can_write": permissions.can_write(request.user, proposal.state),
    }
    return render(request, "indicators/return_proposal.html", context, status=422 if form.errors else 200)


def _decide(request: SignedInRequest, proposal: ReturnProposal, wanted: dict[str, Any]) -> HttpResponse:
    try:
        if wanted["decision"] == "take":
            services.take_proposal(proposal=proposal, version=wanted["version"], actor=request.user)
            messages.success(request, _("The counted figures are in your draft. Complete it and send it."))
        else:
            services.decline_proposal(proposal=proposal, actor=request.user)
            messages.success(request, _("The proposal is declined. Your return stays as it was."))
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("return_edit", proposal.state.iso2, proposal.year, proposal.table)


# --- files ---------------------------------------------------------------------------------------


@require_GET
@fresh_download
def return_template(request: SignedInRequest, iso2: str, year: int) -> HttpResponse:
    state = own_state(request.user, iso2, year)
    existing = StatisticalReturn.objects.visible_to(request.user).filter(state=state, year=year)
    returns = list(existing.prefetch_related("cells"))
    answers = {filled.table: answers_of(filled) for filled in returns}
    about = {filled.table: {name: getattr(filled, name) for name in META} for filled in returns}
    response = HttpResponse(write_template(state, year, answers, about), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="returns-{state.iso2}-{year}.xlsx"'
    return response


@require_POST
def return_upload(request: SignedInRequest, iso2: str, year: int) -> HttpResponse:
    state = own_state(request.user, iso2, year)
    if not permissions.can_write(request.user, state):
        raise PermissionDenied
    form = forms.UploadForm(request.POST, request.FILES)
    faults: list[imports.Fault] = []
    if form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read(imports.MAX_BYTES + 1)
        try:
            content = imports.read_workbook(data, file.name, state=state.iso2, year=year)
        except imports.FaultyFile as refusal:
            faults = refusal.faults
        else:
            digest = hashlib.sha256(data).hexdigest()
            return redirect(
                services.keep_upload(state=state, year=year, content=content, sha256=digest, actor=request.user)
            )
    context = {"state": state, "year": year, "form": form, "faults": faults}
    return render(request, "indicators/upload_refused.html", context, status=422)


@require_http_methods(["GET", "POST"])
def upload_detail(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """What the file would change; nothing is written before its sender says so."""
    uploads = ReturnUpload.objects.visible_to(request.user).select_related("state")
    upload = get_object_or_404(uploads, public_id=public_id)
    if request.method == "POST":
        try:
            services.apply_upload(upload=upload, actor=request.user)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except PortalError as refusal:
            messages.error(request, str(refusal.message))
            return redirect(upload)
        messages.success(request, _("The file's tables are saved as drafts."))
        return redirect("return_year", upload.state.iso2, upload.year)
    existing = StatisticalReturn.objects.visible_to(request.user).filter(state=upload.state, year=upload.year)
    context = {"upload": upload, "changes": presenters.upload_changes(upload.content, existing)}
    return render(request, "indicators/upload_detail.html", context)


# --- releases ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def release_list(request: SignedInRequest) -> HttpResponse:
    if not permissions.can_prepare_releases(request.user):
        raise PermissionDenied
    form = forms.YearForm(request.POST or None, years=list(forms.RETURN_YEARS)[::-1])
    if request.method == "POST" and form.is_valid():
        try:
            release = services.request_release(year=form.cleaned_data["year"], actor=request.user)
        except PortalError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("release_detail", release.number)
    releases = Release.objects.visible_to(request.user).select_related("job", "created_by")
    context = {"form": form, "releases": releases}
    return render(request, "indicators/release_list.html", context, status=422 if form.errors else 200)


@fresh_to_change
@require_http_methods(["GET", "POST"])
def release_detail(request: SignedInRequest, number: int) -> HttpResponse:
    if not permissions.can_prepare_releases(request.user):
        raise PermissionDenied
    releases = Release.objects.visible_to(request.user).select_related("job", "content")
    release = get_object_or_404(releases, number=number)
    if request.method == "POST":
        try:
            services.publish_release(release=release, actor=request.user)
        except PortalError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("The release is public."))
        return redirect("release_detail", number)
    context = {"release": release, "findings": presenters.finding_rows(release)}
    return render(request, "indicators/release_detail.html", context)


# --- open data -----------------------------------------------------------------------------------


def readable_release(request: HttpRequest, number: int) -> Release:
    releases = Release.objects.visible_to(request.user).select_related("content").filter(content__isnull=False)
    return get_object_or_404(releases, number=number)


def _table_or_404(code: str) -> ReleaseTable:
    if code not in CATALOGUE:
        raise Http404
    return CATALOGUE[code]


@login_not_required
@require_safe
def data_list(request: HttpRequest) -> HttpResponse:
    releases = list(Release.objects.visible_to(request.user).published().select_related("content"))
    newest = releases[0] if releases else None
    rows = presenters.catalogue_rows(newest, newest.content) if newest else []
    context = {"releases": releases, "newest": newest, "rows": rows, "notes": notes()}
    return render(request, "indicators/data_list.html", context)


@login_not_required
@require_safe
def data_release(request: HttpRequest, number: int) -> HttpResponse:
    release = readable_release(request, number)
    context = {
        "release": release,
        "content": release.content,
        "rows": presenters.catalogue_rows(release, release.content),
        "dictionary": presenters.file_links(release, "dictionary"),
        "notes": notes(),
    }
    return render(request, "indicators/data_release.html", context)


@login_not_required
@require_safe
def data_table(request: HttpRequest, number: int, table: str, year: int) -> HttpResponse:
    release, definition = readable_release(request, number), _table_or_404(table)
    if year not in table_years(release.content.told, definition):
        raise Http404
    page = presenters.table_page(release, release.content, definition, year)
    return _table_response(request, release, page, "indicators/data_table.html")


@login_not_required
@require_safe
def data_area(request: HttpRequest, number: int, table: str, year: int, area: str) -> HttpResponse:
    release, definition = readable_release(request, number), _table_or_404(table)
    told = release.content.told
    if year not in table_years(told, definition) or area not in told_areas(told, definition, year, told["states"]):
        raise Http404
    page = presenters.area_page(release, release.content, definition, year, area)
    return _table_response(request, release, page, "indicators/data_area.html")


def _table_response(request: HttpRequest, release: Release, page: presenters.TablePage, template: str) -> HttpResponse:
    files = presenters.file_links(release, page.table.code)
    return render(request, template, {"release": release, "page": page, "files": files})


@login_not_required
@require_safe
def data_download(request: HttpRequest, number: int, table: str, format: str) -> FileResponse:  # noqa: A002
    release = readable_release(request, number)
    if format not in FileFormat.values:
        raise Http404
    files = ReleaseFile.objects.visible_to(request.user).filter(content__release=release)
    file = get_object_or_404(files, table=table, format=format, language=get_language())
    if request.user.is_authenticated:
        services.record_download(file=file, actor=request.user)
    name = f"{table}-{release.number}-{file.language}.{format}"
    return FileResponse(file.file.open("rb"), as_attachment=True, filename=name, content_type=CONTENT_TYPES[format])


@login_not_required
@require_safe
def data_dictionary(request: HttpRequest) -> HttpResponse:
    context = {"lists": presenters.dictionary_page(), "legend": legend(), "notes": notes()}
    return render(request, "indicators/data_dictionary.html", context)
