"""Pages of consultations: a State reads its own part and comments; the Secretariat asks and reads what was said."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import State, User
from accounts.views.fresh import fresh_download
from core.exceptions import PortalError, StaleVersion
from evaluations import permissions, services
from evaluations.forms import CommentForm, ConsultationForm
from evaluations.models import Consultation, Evaluation, StateComment, StatePaper
from evaluations.presenters import consultations as presenters
from evaluations.views.publications import send_paper
from workplan.querysets import own_states


@require_GET
def consultation_list(request: HttpRequest) -> HttpResponse:
    """Of one's own State."""
    own = State.objects.visible_to(request.user).filter(pk__in=own_states(request.user))
    found = Consultation.objects.visible_to(request.user).for_list()
    rows = [
        (consultation, state, consultation.preview_url(state.iso2))
        for consultation in found
        for state in own
        if state.iso2 in consultation.asked
    ]
    return render(request, "evaluations/consultation_list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def consultation_preview(request: HttpRequest, public_id: UUID, iso2: str) -> HttpResponse:
    """One State's own part, and its comments on it."""
    consultation, state = _part(request, public_id, iso2)
    may_comment = permissions.can_comment(request.user, state)
    if request.method == "POST" and not may_comment:
        raise PermissionDenied
    said = StateComment.objects.visible_to(request.user).of(consultation).filter(state=state)
    form = _comment_form(request, consultation, said.count(), list(said.last_versions()))
    if request.method == "POST" and form.is_valid() and _save(request, consultation, state, form):
        return redirect(consultation.preview_url(state.iso2))
    context = {
        "consultation": consultation,
        "state": state,
        "form": form if may_comment and consultation.is_open else None,
        "is_own": not permissions.can_read(request.user),
        "papers": presenters.own_papers(consultation, state, _papers(request, consultation, state)),
    }
    context |= presenters.preview_page(consultation, state, said.last_versions())
    return render(request, "evaluations/consultation_preview.html", context, status=422 if form.errors else 200)


@require_GET
@fresh_download
def consultation_paper(request: HttpRequest, public_id: UUID, iso2: str, language: str) -> FileResponse:
    """What a delegation takes to its ministries: its State's paper, while the State is asked to comment."""
    consultation, state = _part(request, public_id, iso2)
    paper = get_object_or_404(_papers(request, consultation, state), language=language)
    services.record_paper_download(paper=paper, actor=_user(request))
    return send_paper(paper)


def _papers(request: HttpRequest, consultation: Consultation, state: State) -> "QuerySet[StatePaper]":
    papers = StatePaper.objects.visible_to(request.user).with_page_data()
    return papers.filter(snapshot=consultation.snapshot_id, state=state)


def _comment_form(request: HttpRequest, consultation: Consultation, seen: int, last: list[StateComment]) -> CommentForm:
    initial = {"seen": seen, "language": last[0].language if last else get_language()}
    initial |= {f"text_{row.area}": row.text for row in last}
    areas = presenters.comment_areas(consultation.snapshot.content)
    return CommentForm(request.POST or None, areas=areas, initial=initial)


def _save(request: HttpRequest, consultation: Consultation, state: State, form: CommentForm) -> bool:
    data = form.cleaned_data
    try:
        services.save_comments(
            consultation=consultation, state=state, texts=form.texts, language=data["language"], seen=data["seen"],
            actor=_user(request),
        )  # fmt: skip
    except StaleVersion as error:
        form.add_error(None, str(error.message))
        said = StateComment.objects.visible_to(request.user).of(consultation).filter(state=state)
        form.show_again(said.count(), **presenters.boxes_after(form.texts, said, data["seen"]))
        return False
    except PortalError as error:
        form.add_error(None, str(error.message))
        return False
    messages.success(request, _("Your comments are kept. The documents print them word for word."))
    return True


@require_http_methods(["GET", "POST"])
def evaluation_consultation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The Secretariat asks the States about the last build, moves the last day, and sees who has commented."""
    evaluation = get_object_or_404(Evaluation.objects.visible_to(request.user).with_page_data(), public_id=public_id)
    can_prepare = permissions.can_prepare(request.user)
    if request.method == "POST" and not can_prepare:
        raise PermissionDenied
    found = list(Consultation.objects.visible_to(request.user).with_page_data().filter(evaluation=evaluation))
    form = ConsultationForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _open(request, evaluation, found, form):
        return redirect("evaluation_consultation", evaluation.public_id)
    said = StateComment.objects.visible_to(request.user).filter(consultation__evaluation=evaluation).last_versions()
    context = {"evaluation": evaluation, "form": form, "can_prepare": can_prepare}
    context |= presenters.consultation_page(evaluation, found, list(State.objects.visible_to(request.user)), said)
    return render(request, "evaluations/evaluation_consultation.html", context, status=422 if form.errors else 200)


def _open(request: HttpRequest, evaluation: Evaluation, found: list[Consultation], form: ConsultationForm) -> bool:
    try:
        if "move" in request.POST and found:
            services.move_consultation(consultation=found[0], **form.cleaned_data, actor=_user(request))
        else:
            services.open_consultation(evaluation=evaluation, **form.cleaned_data, actor=_user(request))
    except PortalError as error:
        form.add_error("closes_on", str(error.message))
        return False
    return True


def _part(request: HttpRequest, public_id: UUID, iso2: str) -> tuple[Consultation, State]:
    """404 for another State's part, as for one that does not exist."""
    found = Consultation.objects.visible_to(request.user).with_page_data()
    consultation = get_object_or_404(found, public_id=public_id)
    states = State.objects.visible_to(request.user)
    if not permissions.can_read(request.user):
        states = states.filter(pk__in=own_states(request.user))
    state = get_object_or_404(states, iso2=iso2.upper())
    if state.iso2 not in consultation.asked:
        raise Http404
    return consultation, state


def _user(request: HttpRequest) -> User:
    """Nobody else gets past the middleware that asks for a sign-in."""
    return cast(User, request.user)
