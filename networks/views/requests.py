"""Cooperation requests: the list, one request with its thread and steps, answer times, what is late."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.enums import Language
from accounts.models import State, User
from core.exceptions import NotAllowed, PortalError, StaleVersion
from networks import permissions, presenters, services
from networks.enums import Step
from networks.forms import (
    AnswerForm,
    CloseForm,
    DeclineForm,
    DocumentForm,
    NoteForm,
    RequestFilterForm,
    RequestForm,
    TransferForm,
    TranslationForm,
    language_of,
)
from networks.models import CooperationRequest, Desk, Document, RequestMessage, RequestTranslation
from networks.queries import corridors, escalated_rows
from networks.views.common import attempt, form_page, page, paged, person

PLAIN: dict[str, Callable[..., CooperationRequest]] = {
    Step.SEND: services.send,
    Step.ACKNOWLEDGE: services.acknowledge,
    Step.WITHDRAW: services.withdraw,
}


def visible_request(user: User, reference: str) -> CooperationRequest:
    rows = CooperationRequest.objects.visible_to(user)
    related = rows.select_related("sender__state", "receiver__state", "sender_state", "receiver_state", "desk")
    return get_object_or_404(related, reference=reference)


def _own_states(user: User) -> set[int]:
    return {one.state_id for one in permissions.asking_institutions(user) if one.state_id}


@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    """What was asked of us and what we asked, late ones marked."""
    user = person(request)
    own = _own_states(user)
    if not own:
        raise PermissionDenied
    form = RequestFilterForm(request.GET)
    requests = CooperationRequest.objects.visible_to(user).matching(user, **form.chosen())
    listed = paged(request, requests.with_list_data())
    context = {"form": form, "page": listed, "rows": presenters.request_rows(listed, own)}
    return page(request, "networks/request_list.html", "request_list", **context)


@require_http_methods(["GET", "POST"])
def request_new(request: HttpRequest) -> HttpResponse:
    """Write a request, from a contact of the directory or from scratch; "Send" sends it at once."""
    user = person(request)
    if not permissions.writes_requests(user):
        raise PermissionDenied
    desk = _chosen_desk(request, user)
    initial = {**language_of(user), **({"receiver": desk.institution} if desk else {})}
    form = RequestForm(request.POST or None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        written = attempt(form, lambda: _write_new(request, form, user, desk))
        if written is not None:
            return _saved(request, written)
    return page(request, "networks/request_form.html", "request_list", form=form, desk=desk)


def _chosen_desk(request: HttpRequest, user: User) -> Desk | None:
    wanted = request.GET.get("desk", "")
    desks = Desk.objects.visible_to(user).open().select_related("institution")
    with suppress(ValueError):
        return desks.filter(public_id=UUID(wanted)).first()
    return None


def _write_new(request: HttpRequest, form: RequestForm, user: User, desk: Desk | None) -> CooperationRequest:
    data = form.request_data()
    chosen = desk if desk and desk.institution_id == data.receiver.pk else None
    draft = services.draft_request(
        sender=form.sender(), data=data, actor=user, desk=chosen, identity_reason=form.identity_reason()
    )
    return services.send(request=draft, actor=user) if "send" in request.POST else draft


def _saved(request: HttpRequest, written: CooperationRequest) -> HttpResponse:
    if written.sent_at:
        messages.success(request, _("The request is sent. Its reference is %(ref)s.") % {"ref": written.reference})
    else:
        messages.success(request, _("The draft is saved. Only your side sees it."))
    return redirect(written)


@require_http_methods(["GET", "POST"])
def request_edit(request: HttpRequest, reference: str) -> HttpResponse:
    user = person(request)
    row = visible_request(user, reference)
    if not permissions.can_take_step(user, row, Step.SEND):
        raise PermissionDenied
    form = RequestForm(request.POST or None, user=user, initial=RequestForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        written = attempt(form, lambda: _write_again(request, form, user, row))
        if written is not None:
            return _saved(request, written)
    return page(request, "networks/request_form.html", "request_list", form=form, draft=row)


def _write_again(request: HttpRequest, form: RequestForm, user: User, row: CooperationRequest) -> CooperationRequest:
    changed = services.change_draft(
        request=row,
        data=form.request_data(),
        version=form.cleaned_data["version"] or 0,
        actor=user,
        identity_reason=form.identity_reason(),
    )
    return services.send(request=changed, actor=user) if "send" in request.POST else changed


@require_GET
def request_detail(request: HttpRequest, reference: str) -> HttpResponse:
    user = person(request)
    row = visible_request(user, reference)
    return _detail(request, row, NoteForm(initial=language_of(user)))


def _detail(request: HttpRequest, row: CooperationRequest, form: NoteForm) -> HttpResponse:
    user = person(request)
    sides = permissions.sides_of(user, row)
    own = presenters.states_of(sides, row)
    said = row.messages.select_related("by", "by_institution__state")
    translations = presenters.translations(_translations(row), user, row, own)
    changes = row.changes.select_related("by", "by_institution__state", "to_institution")
    context = {
        "row": row,
        "tag": presenters.request_tag(row),
        "facts": presenters.request_facts(row),
        "stages": presenters.request_stages(row),
        "buttons": presenters.step_buttons(permissions.possible_steps(sides, row), row),
        "translations": translations.get(None, []),
        "can_translate": row.sent_at is not None,
        "thread": presenters.thread(said, user, row, own, translations),
        "history": presenters.history(changes, own),
        "documents": Document.objects.visible_to(user).filter(request=row).select_related("by_institution__state"),
        "can_write": permissions.is_talking(row),
        "can_edit": Step.SEND in permissions.possible_steps(sides, row),
        "form": form,
    }
    return page(request, "networks/request_detail.html", "request_list", **context)


def _translations(row: CooperationRequest) -> QuerySet[RequestTranslation]:
    return row.translations.select_related("by", "by_institution__state", "message")


@require_POST
def request_message(request: HttpRequest, reference: str) -> HttpResponse:
    user = person(request)
    row = visible_request(user, reference)
    if not permissions.can_write_message(user, row):
        raise PermissionDenied
    form = NoteForm(request.POST)
    if form.is_valid():
        note = form.note()
        if attempt(form, lambda: services.write_message(request=row, note=note, actor=user)):
            messages.success(request, _("The message is sent."))
            return redirect(row)
    return _detail(request, row, form)


@require_http_methods(["GET", "POST"])
def request_file(request: HttpRequest, reference: str) -> HttpResponse:
    user = person(request)
    row = visible_request(user, reference)
    if not (permissions.can_write_message(user, row) or permissions.can_take_step(user, row, Step.SEND)):
        raise PermissionDenied
    form = DocumentForm(request.POST or None, request.FILES or None, initial=language_of(user))
    if request.method == "POST" and form.is_valid():
        file = form.file_data()
        if attempt(form, lambda: services.attach_to_request(request=row, file=file, actor=user)):
            messages.success(request, _("The file is attached. It is given out once it is checked."))
            return redirect(row)
    title, back = _("Attach a file"), (row.get_absolute_url(), row.reference)
    return form_page(request, "request_list", form, title=title, back=back, button=title, files=True)


# --- in another language --------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def request_translation(request: HttpRequest, reference: str) -> HttpResponse:
    return _translation(request, visible_request(person(request), reference), None)


@require_http_methods(["GET", "POST"])
def message_translation(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    row = visible_request(person(request), reference)
    return _translation(request, row, get_object_or_404(row.messages, pk=pk))


def _translation(request: HttpRequest, row: CooperationRequest, message: RequestMessage | None) -> HttpResponse:
    """The original above, the translation beneath; one's own is written anew."""
    user, original = person(request), message or row
    if not permissions.can_translate(user, row):
        raise PermissionDenied
    form = TranslationForm(request.POST or None, of=original, initial=_begun(request, row, message))
    if request.method == "POST" and form.is_valid():
        data = form.translation()
        if attempt(form, lambda: services.translate(request=row, message=message, data=data, actor=user)):
            messages.success(request, _("The translation is saved. It stands beside the original."))
            return redirect(row)
    title, back = _("Write a translation"), (row.get_absolute_url(), row.reference)
    words: dict[str, Any] = {
        "title": title,
        "back": back,
        "caption": row.subject if message is None else "",
        "quoted": original,
    }
    return form_page(request, "request_list", form, **words)


def _begun(request: HttpRequest, row: CooperationRequest, message: RequestMessage | None) -> dict[str, str]:
    """What is there in the language asked for; without one, one's own language."""
    asked = request.GET.get("language", "")
    language = asked if asked in Language.values else person(request).language
    there = _translations(row).filter(message=message, language=language).first()
    if there is None:
        return {"language": language}
    return {name: getattr(there, name) for name in ("language", "subject", "text")}


@require_POST
def translation_review(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    user = person(request)
    row = visible_request(user, reference)
    translation = get_object_or_404(_translations(row), pk=pk)
    if not permissions.can_review_translation(user, translation):
        raise PermissionDenied
    try:
        services.review_translation(translation=translation, seen=request.POST.get("seen", ""), actor=user)
    except StaleVersion as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The translation is marked as reviewed."))
    return redirect(row)


# --- steps ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def request_step(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """One step: by its button alone, or with the form it asks for."""
    user = person(request)
    row = visible_request(user, reference)
    if step not in Step.values:
        raise Http404
    if request.method == "GET" and step in PLAIN:
        return redirect(row)
    if row.status not in permissions.sources_of(step):
        messages.error(request, _("The request is no longer at this step."))
        return redirect(row)
    if not permissions.can_take_step(user, row, step):
        raise PermissionDenied
    return _plain_step(request, row, step, user) if step in PLAIN else _asked_step(request, row, step, user)


def _plain_step(request: HttpRequest, row: CooperationRequest, step: str, user: User) -> HttpResponse:
    try:
        PLAIN[step](request=row, actor=user)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, f"{presenters.STEP_DONE[Step(step)]}: {row.reference}")
    return redirect(row)


def _asked_step(request: HttpRequest, row: CooperationRequest, step: str, user: User) -> HttpResponse:
    form = _step_form(request, row, step, user)
    sent = request.method == "POST" and form.is_valid()
    if sent and attempt(form, lambda: _take(row, step, form, user)):
        messages.success(request, f"{presenters.STEP_DONE[Step(step)]}: {row.reference}")
        # Whoever passed it on to another authority may no longer see it.
        kept = CooperationRequest.objects.visible_to(user).filter(pk=row.pk).exists()
        return redirect(row) if kept else redirect("request_list")
    title, back = str(Step(step).label), (row.get_absolute_url(), row.reference)
    return form_page(request, "request_list", form, title=title, back=back, caption=row.subject, button=title)


def _step_form(request: HttpRequest, row: CooperationRequest, step: str, user: User) -> NoteForm:
    data, initial = request.POST or None, language_of(user)
    if step == Step.TRANSFER:
        return TransferForm(data, request=row, initial=initial)
    kinds = {Step.ANSWER: AnswerForm, Step.DECLINE: DeclineForm, Step.CLOSE: CloseForm}
    return kinds[Step(step)](data, initial=initial)


def _take(row: CooperationRequest, step: str, form: NoteForm, user: User) -> CooperationRequest:
    common: dict[str, Any] = {"request": row, "note": form.note(), "actor": user}
    chosen = form.cleaned_data
    if step == Step.TRANSFER:
        return services.transfer(to=chosen["to"], **common)
    if step == Step.DECLINE:
        return services.decline(reason=chosen["reason"], **common)
    if step == Step.CLOSE:
        return services.close(outcome=chosen["outcome"], **common)
    return services.answer(**common)


# --- answer times ---------------------------------------------------------------------------------


def _states(user: User) -> dict[int, State]:
    return {state.pk: state for state in State.objects.visible_to(user)}


@require_GET
def corridor_list(request: HttpRequest) -> HttpResponse:
    """How soon answers come from State to State."""
    user = person(request)
    mine = permissions.standing(user)
    if not (mine.writes_requests or mine.follows_late):
        raise PermissionDenied
    listed = paged(request, corridors(user, all_states=mine.follows_late))
    context = {"page": listed, "rows": presenters.corridor_rows(listed, _states(user)), "mine": mine}
    return page(request, "networks/corridor_list.html", "corridor_list", **context)


@require_GET
def escalation_list(request: HttpRequest) -> HttpResponse:
    """Requests between States that are late: dates and kinds alone."""
    user = person(request)
    if not permissions.follows_escalations(user):
        raise PermissionDenied
    listed = paged(request, escalated_rows(user))
    rows = presenters.escalated_rows(listed, _states(user))
    return page(request, "networks/escalation_list.html", "corridor_list", page=listed, rows=rows)
