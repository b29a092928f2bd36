"""The organization writes: who reads it and what it is about, the text, a last look, and sent."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from contributions import permissions, presenters, services
from contributions.forms import AboutForm, SaidForm, TextForm
from contributions.models import Accreditation, Attachment, Contribution
from contributions.views.common import attempt, back_to, form_page, page, person, visible
from core.exceptions import NotAllowed, PortalError
from workplan.models import Round


def _accreditation(user: User) -> Accreditation:
    accreditation = permissions.contributing_for(user)
    if accreditation is None:
        raise PermissionDenied
    return accreditation


def open_round(user: User) -> Round | None:
    return Round.objects.visible_to(user).filter(status="open").order_by("-period_start").first()


def _editable(request: HttpRequest, reference: str) -> Contribution:
    row = visible(request, reference)
    if not permissions.can_edit(person(request), row):
        raise PermissionDenied
    return row


@require_http_methods(["GET", "POST"])
def contribution_new(request: HttpRequest) -> HttpResponse:
    """Visibility first: who reads it decides what one writes."""
    user = person(request)
    accreditation, round_ = _accreditation(user), open_round(user)
    if round_ is None:
        messages.info(request, _("No period is open for contributions now."))
        return redirect("contribution_list")
    form = AboutForm(
        request.POST or None, accreditation=accreditation, round_=round_, initial={"language": user.language}
    )
    if request.method == "POST" and form.is_valid():
        row = attempt(form, lambda: services.draft_contribution(draft=form.draft(), actor=user))
        if row is not None:
            return redirect("contribution_text", row.reference)
    context = {"form": form, "round": round_, "back_url": reverse("contribution_list")}
    return page(request, "contributions/about.html", **context)


@require_http_methods(["GET", "POST"])
def contribution_about(request: HttpRequest, reference: str) -> HttpResponse:
    user, row = person(request), _editable(request, reference)
    form = AboutForm(
        request.POST or None,
        accreditation=_accreditation(user),
        round_=row.round,
        initial=AboutForm.initial_of(row),
    )
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        draft = form.draft(row)
        if attempt(form, lambda: services.revise(contribution=row, draft=draft, version=version, actor=user)):
            return redirect("contribution_check", row.reference)
    return page(request, "contributions/about.html", form=form, round=row.round, back_url=row.get_absolute_url())


@require_http_methods(["GET", "POST"])
def contribution_text(request: HttpRequest, reference: str) -> HttpResponse:
    user, row = person(request), _editable(request, reference)
    form = TextForm(request.POST or None, request.FILES or None, initial=TextForm.initial_of(row))
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _save_text(form, row, user)):
        return redirect("contribution_check", row.reference)
    return page(request, "contributions/text.html", form=form, row=row, view=presenters.as_insider(row))


@transaction.atomic
def _save_text(form: TextForm, row: Contribution, user: User) -> Contribution:
    saved = services.revise(contribution=row, draft=form.draft(row), version=form.cleaned_data["version"], actor=user)
    file = form.file_data()
    if file is not None:
        services.attach(contribution=saved, file=file, actor=user)
    return saved


@require_http_methods(["GET", "POST"])
def contribution_check(request: HttpRequest, reference: str) -> HttpResponse:
    """All that is sent and who will read it, once more; then it is fixed."""
    user, row = person(request), _editable(request, reference)
    refusal = ""
    if request.method == "POST":
        try:
            services.send(contribution=row, actor=user)
        except NotAllowed as error:
            raise PermissionDenied(error.message) from error
        except PortalError as error:
            refusal = str(error.message)
        else:
            words = {"reference": row.reference}
            messages.success(
                request, _("Sent. Its reference is %(reference)s; here you see what becomes of it.") % words
            )
            return redirect(row)
    return page(request, "contributions/check.html", row=row, view=presenters.as_insider(row), refusal=refusal)


@require_POST
def contribution_file_remove(request: HttpRequest, reference: str, public_id: UUID) -> HttpResponse:
    row = _editable(request, reference)
    files = Attachment.objects.visible_to(person(request)).standing().filter(contribution=row)
    services.remove(attachment=get_object_or_404(files, public_id=public_id), actor=person(request))
    return redirect("contribution_check", row.reference)


@require_http_methods(["GET", "POST"])
def contribution_answer(request: HttpRequest, reference: str) -> HttpResponse:
    user, row = person(request), visible(request, reference)
    if not permissions.can_answer(user, row):
        raise PermissionDenied
    form = SaidForm(request.POST or None, initial={"language": user.language})
    if request.method == "POST" and form.is_valid():
        said = form.said()
        reason = form.identity_reason()
        done = attempt(form, lambda: services.answer(contribution=row, actor=user, identity_reason=reason, **said))
        if done:
            messages.success(request, _("Your answer is sent."))
            return redirect(row)
    return form_page(
        request, form, title=_("Answer the question"), back=back_to(row), quoted=row.clarification, button=_("Send")
    )
