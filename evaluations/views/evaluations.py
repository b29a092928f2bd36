"""Pages of evaluations. Who may not read them is not told that they exist."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import State, User
from accounts.views.fresh import fresh_download, fresh_to_change
from core.exceptions import PortalError
from core.models import Job
from evaluations import permissions, services
from evaluations.delivery.parts import Part, written_part
from evaluations.forms import EvaluationForm, ExclusionForm
from evaluations.models import Document, Evaluation, Publication, StatePaper
from evaluations.presenters import evaluations as presenters
from evaluations.views.publications import send_file, send_paper, send_written

PAGE_SIZE = 25


def _evaluations(request: HttpRequest) -> "QuerySet[Evaluation]":
    return Evaluation.objects.visible_to(request.user).for_list()


def _user(request: HttpRequest) -> User:
    """Nobody else gets past the middleware that asks for a sign-in."""
    return cast(User, request.user)


def _require_reader(request: HttpRequest) -> None:
    if not permissions.can_read(request.user):
        raise Http404


def _require_preparer(request: HttpRequest) -> None:
    """404 for whoever may not know of evaluations, 403 for whoever reads and does not write."""
    _require_reader(request)
    if not permissions.can_prepare(request.user):
        raise PermissionDenied


@require_GET
def evaluation_list(request: HttpRequest) -> HttpResponse:
    _require_reader(request)
    page = Paginator(_evaluations(request), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [presenters.list_row(evaluation) for evaluation in page],
        "can_prepare": permissions.can_prepare(request.user),
    }
    return render(request, "evaluations/evaluation_list.html", context)


@require_http_methods(["GET", "POST"])
def evaluation_new(request: HttpRequest) -> HttpResponse:
    _require_preparer(request)
    form = EvaluationForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            evaluation = services.create_evaluation(**form.cleaned_data, actor=_user(request))
        except PortalError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect("evaluation_preflight", evaluation.public_id)
    return render(request, "evaluations/evaluation_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def evaluation_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    evaluation = get_object_or_404(_evaluations(request), public_id=public_id)
    documents = list(Document.objects.visible_to(request.user).current().filter(snapshot__evaluation=evaluation))
    papers = StatePaper.objects.visible_to(request.user).filter(snapshot=evaluation.snapshot_id)
    context = {
        "evaluation": evaluation,
        "rows": presenters.document_rows(evaluation, documents),
        "formats": presenters.format_words(evaluation),
        "papers": presenters.paper_table(evaluation, papers, "paper_download"),
        "facts": presenters.evaluation_facts(evaluation, evaluation.snapshot),
        "can_prepare": permissions.can_prepare(request.user),
        "pdf_off": presenters.pdf_off(),
        "publication": Publication.objects.visible_to(request.user).filter(evaluation=evaluation).first(),
    }
    return render(request, "evaluations/evaluation_detail.html", context)


@require_GET
def evaluation_preflight(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the documents would be made of today: who is missing, what is open, what is not told as it is."""
    evaluation = get_object_or_404(_evaluations(request), public_id=public_id)
    context = {"evaluation": evaluation, "can_prepare": permissions.can_prepare(request.user)}
    return render(request, "evaluations/preflight.html", context | presenters.preflight(evaluation))


@require_POST
def evaluation_remind(request: HttpRequest, public_id: UUID, iso2: str) -> HttpResponse:
    evaluation, state = _evaluation_and_state(request, public_id, iso2)
    told = services.remind_state(evaluation=evaluation, state=state, actor=_user(request))
    messages.info(request, presenters.reminded_words(state, told))
    return redirect("evaluation_preflight", evaluation.public_id)


@require_http_methods(["GET", "POST"])
def evaluation_exclude(request: HttpRequest, public_id: UUID, iso2: str) -> HttpResponse:
    """Leave a State out, with a reason."""
    evaluation, state = _evaluation_and_state(request, public_id, iso2)
    form = ExclusionForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            services.exclude_state(evaluation=evaluation, state=state, **form.cleaned_data, actor=_user(request))
        except PortalError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect("evaluation_preflight", evaluation.public_id)
    context = {"evaluation": evaluation, "state": state, "form": form}
    return render(request, "evaluations/exclude.html", context, status=422 if form.errors else 200)


@require_POST
def evaluation_include(request: HttpRequest, public_id: UUID, iso2: str) -> HttpResponse:
    evaluation, state = _evaluation_and_state(request, public_id, iso2)
    services.include_state(evaluation=evaluation, state=state, actor=_user(request))
    return redirect("evaluation_preflight", evaluation.public_id)


def _evaluation_and_state(request: HttpRequest, public_id: UUID, iso2: str) -> tuple[Evaluation, State]:
    """For whoever prepares; a State that was not asked to report in the round is not found."""
    evaluation = get_object_or_404(_evaluations(request), public_id=public_id)
    _require_preparer(request)
    asked = State.objects.visible_to(request.user).filter(reports__round=evaluation.round)
    return evaluation, get_object_or_404(asked, iso2=iso2.upper())


@require_POST
def evaluation_build(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for the documents and follow the job; where one is running, follow that one."""
    return _follow(request, public_id, services.request_build)


@require_POST
def evaluation_build_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Go on with a build that was given up, and follow it."""
    return _follow(request, public_id, services.build_again)


def _follow(request: HttpRequest, public_id: UUID, ask: Callable[..., Job]) -> HttpResponse:
    evaluation = get_object_or_404(_evaluations(request), public_id=public_id)
    _require_preparer(request)
    try:
        return redirect(ask(evaluation=evaluation, actor=_user(request)))
    except PortalError as error:
        messages.info(request, str(error.message))
        return redirect(evaluation)


@fresh_to_change
@require_POST
def evaluation_publish(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The second person gives the documents to the public."""
    evaluation = get_object_or_404(_evaluations(request), public_id=public_id)
    _require_preparer(request)
    try:
        published = services.publish(evaluation=evaluation, actor=_user(request))
    except PortalError as error:
        messages.info(request, str(error.message))
        return redirect(evaluation)
    return redirect(published)


@require_GET
@fresh_download
def document_download(request: HttpRequest, public_id: UUID, language: str, file_format: str) -> FileResponse:
    """Stream a current document to somebody who may read it; the trail keeps who took a copy."""
    documents = Document.objects.visible_to(request.user).current().select_related("snapshot__evaluation")
    document = get_object_or_404(
        documents, snapshot__evaluation__public_id=public_id, language=language, format=file_format
    )
    services.record_download(document=document, actor=_user(request))
    return send_file(document)


@require_GET
@fresh_download
def written_download(request: HttpRequest, public_id: UUID, language: str, file_format: str) -> HttpResponseBase:
    """A file of the last build before the others are there, for whoever may build."""
    evaluation = get_object_or_404(_evaluations(request), public_id=public_id)
    _require_preparer(request)
    artefact = written_part(evaluation, Part(file_format, language))
    if artefact is None:
        messages.info(request, _("This file is not written yet."))
        return redirect(evaluation.job or evaluation)
    services.record_written_download(
        evaluation=evaluation, artefact=artefact, language=language, format_=file_format, actor=_user(request)
    )
    return send_written(evaluation, artefact, language, file_format)


@require_GET
@fresh_download
def paper_download(request: HttpRequest, public_id: UUID, iso2: str, language: str) -> FileResponse:
    """The current paper of a State, for whoever prepares the evaluation."""
    _require_reader(request)
    papers = StatePaper.objects.visible_to(request.user).current().with_page_data()
    paper = get_object_or_404(
        papers, snapshot__evaluation__public_id=public_id, state__iso2=iso2.upper(), language=language
    )
    services.record_paper_download(paper=paper, actor=_user(request))
    return send_paper(paper)
