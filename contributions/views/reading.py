"""Lists and single contributions, for each side as far as it may see; steps, replies, citations, files."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.enums import Language
from accounts.models import User
from accounts.permissions import audit_chain
from contributions import permissions, presenters, services
from contributions.enums import Step
from contributions.forms import CitationForm, FilterForm, ReasonForm, SaidForm, TranslationForm
from contributions.models import Attachment, Contribution, ContributionTranslation
from contributions.queries import cited_in, found, published, translations_of, with_all
from contributions.views.common import as_download, attempt, back_to, form_page, page, paged, person, visible
from contributions.views.own import open_round
from core.exceptions import NotAllowed, PortalError, StaleVersion
from core.sanitize.kinds import KINDS

PLAIN = (Step.RECEIVE, Step.REVIEW, Step.ACCEPT, Step.WITHDRAW)


def insider(user: User, row: Contribution) -> bool:
    """Whether the person may know who wrote it."""
    return permissions.is_own(user, row) or permissions.follows(user)


@require_GET
def contribution_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = FilterForm(request.GET)
    seen = Contribution.objects.visible_to(user).filter(**form.wanted())
    listed = paged(request, with_all(found(seen, form.text())))
    organization = permissions.own_organization(user)
    context = {
        "form": form,
        "page": listed,
        "views": presenters.list_rows(listed, organization is not None or permissions.follows(user)),
        "organization": organization,
        "accreditation": permissions.accreditation_of(organization) if organization else None,
        "renewable": permissions.renewable(user) if organization else None,
        "round": open_round(user) if organization else None,
        "follows": permissions.follows(user),
    }
    return page(request, "contributions/contribution_list.html", **context)


@login_not_required
@require_safe
def contribution_published(request: HttpRequest) -> HttpResponse:
    """What is public, with the replies of the States; in the language of the page where it is translated."""
    listed = paged(request, published())
    views = [_published(request, row) for row in listed]
    return page(request, "contributions/published.html", page=listed, views=views)


def _published(request: HttpRequest, row: Contribution) -> presenters.View:
    """The original, and beside it what translates it into the language of the page."""
    beside = [one for one in row.translations.all() if one.language == get_language()]
    return replace(presenters.as_state(row), translations=presenters.translations(beside, request.user, False))


@require_GET
def contribution_detail(request: HttpRequest, reference: str) -> HttpResponse:
    user, row = person(request), visible(request, reference)
    knows = insider(user, row)
    view = presenters.as_insider(row) if knows else presenters.as_state(row)
    writes = permissions.can_translate(user, row)
    beside = presenters.translations(translations_of(row), user, writes)
    context: dict[str, Any] = {
        "view": replace(view, translations=beside),
        "can_translate": writes,
        "history": presenters.history(row.changes.select_related("by"), knows),
        "buttons": presenters.step_buttons(permissions.possible_steps(user, row), row),
        "replying": permissions.replying_state(user, row),
        "knows": knows,
    }
    if knows:
        context |= {
            "row": row,
            "question": getattr(row, "clarification", None),
            "citations": row.citations.all(),
            "cited": cited_in(row),
            "can_edit": permissions.can_edit(user, row),
            "can_ask": permissions.can_ask(user, row),
            "can_answer": permissions.can_answer(user, row),
            "can_cite": permissions.can_cite(user, row),
        }
    return page(request, "contributions/contribution_detail.html", **context)


@require_GET
def contribution_file(request: HttpRequest, public_id: UUID) -> HttpResponse | FileResponse:
    """The copy, never the original; to a State under the reference, whatever the organization had called it."""
    user = person(request)
    files = Attachment.objects.visible_to(user).served().select_related("contribution", "accreditation")
    file = get_object_or_404(files, public_id=public_id)
    name = file.original_name
    if file.contribution is not None and not insider(user, file.contribution):
        name = f"{file.contribution.reference}.{file.kind}"
    services.note_download(attachment=file, actor=user, chain=audit_chain(user))
    kind = KINDS[file.kind].content_type
    return as_download(FileResponse(file.served.open(), as_attachment=True, filename=name, content_type=kind))


# --- in another language --------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def contribution_translation(request: HttpRequest, reference: str) -> HttpResponse:
    """The original above, its translation beneath; what is there is written anew."""
    user, row = person(request), visible(request, reference)
    if not permissions.can_translate(user, row):
        raise PermissionDenied
    form = TranslationForm(request.POST or None, of=row, initial=_begun(request, row))
    if request.method == "POST" and form.is_valid():
        words = form.translation()
        if attempt(form, lambda: _translate(form, row, user, words)):
            messages.success(request, _("The translation is saved. It stands beside the original."))
            return redirect(row)
    quoted = presenters.as_state(row)
    more = {"quoted": quoted, "theirs": form.theirs}
    return form_page(request, form, title=_("Write a translation"), back=back_to(row), **more)


def _translate(form: TranslationForm, row: Contribution, user: User, words: dict[str, Any]) -> ContributionTranslation:
    try:
        return services.translate(contribution=row, actor=user, **words)
    except StaleVersion:
        form.show_again(translations_of(row).get(language=words["language"]))
        raise


def _begun(request: HttpRequest, row: Contribution) -> dict[str, str]:
    asked = request.GET.get("language", "")
    language = asked if asked in Language.values else person(request).language
    there = translations_of(row).filter(language=language).first()
    names = ("language", "title", "text")
    if there is None:
        return {"language": language}
    return {"seen": TranslationForm.seen_of(there), **{name: getattr(there, name) for name in names}}


@require_POST
def contribution_translation_review(request: HttpRequest, reference: str, language: str) -> HttpResponse:
    user, row = person(request), visible(request, reference)
    translation = get_object_or_404(translations_of(row), language=language)
    if not permissions.can_review_translation(user, translation):
        raise PermissionDenied
    seen = request.POST.get("seen", "")
    try:
        services.review_translation(translation=translation, seen=int(seen) if seen.isdecimal() else 0, actor=user)
    except StaleVersion as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The translation is marked as reviewed."))
    return redirect(row)


# --- steps ----------------------------------------------------------------------------------------


@require_POST
def contribution_step(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """One of the steps that ask nothing more."""
    if step not in PLAIN:
        raise Http404
    row = visible(request, reference)
    try:
        services.take_step(contribution=row, step=step, actor=person(request))
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, str(presenters.STEP_DONE[Step(step)]))
    return redirect(row)


@require_http_methods(["GET", "POST"])
def contribution_not_use(request: HttpRequest, reference: str) -> HttpResponse:
    user, row = person(request), visible(request, reference)
    if not permissions.can_take_step(user, row, Step.NOT_USE):
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: services.not_use(contribution=row, reason=reason, actor=user)):
            messages.success(request, _("The organization reads why it is not used."))
            return redirect(row)
    return form_page(request, form, title=_("Do not use"), back=back_to(row))


@require_http_methods(["GET", "POST"])
def contribution_ask(request: HttpRequest, reference: str) -> HttpResponse:
    user, row = person(request), visible(request, reference)
    if not permissions.can_ask(user, row):
        raise PermissionDenied
    form = SaidForm(request.POST or None, initial={"language": row.language})
    if request.method == "POST" and form.is_valid():
        said = form.said()
        if attempt(form, lambda: services.ask(contribution=row, actor=user, **said)):
            messages.success(request, _("The question is sent."))
            return redirect(row)
    return form_page(request, form, title=_("Ask the one question"), back=back_to(row), button=_("Send"))


@require_http_methods(["GET", "POST"])
def contribution_reply(request: HttpRequest, reference: str) -> HttpResponse:
    """The State's one reply, with the contribution above it."""
    user, row = person(request), visible(request, reference)
    if permissions.replying_state(user, row) is None:
        raise PermissionDenied
    form = SaidForm(request.POST or None, initial={"language": user.language})
    if request.method == "POST" and form.is_valid():
        said = form.said()
        reason = form.identity_reason()
        done = attempt(form, lambda: services.reply(contribution=row, actor=user, identity_reason=reason, **said))
        if done:
            messages.success(request, _("The reply of your State is recorded and travels with the contribution."))
            return redirect(row)
    quoted = presenters.as_state(row)
    return form_page(
        request, form, title=_("Reply for your State"), back=back_to(row), quoted=quoted, button=_("Send the reply")
    )


@require_http_methods(["GET", "POST"])
def contribution_cite(request: HttpRequest, reference: str) -> HttpResponse:
    user, row = person(request), visible(request, reference)
    if not permissions.can_cite(user, row):
        raise PermissionDenied
    form = CitationForm(request.POST or None, initial={"language": user.language})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: services.cite(contribution=row, actor=user, **data)):
            messages.success(request, _("The organization reads where it is cited."))
            return redirect(row)
    return form_page(request, form, title=_("Record where it is cited"), back=back_to(row))
