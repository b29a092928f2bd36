"""Referral to another State's authority. The other side sees the envelope alone until it accepts."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.enums import Role
from accounts.views.fresh import fresh_to_change
from core.exceptions import NotAllowed, PortalError
from victims import presenters
from victims.enums import FieldClass, MessageKind, ReferralStage
from victims.forms import MessageForm, ReasonForm, ReferralForm, RefusalForm
from victims.models import Referral
from victims.permissions import works_on
from victims.services import referrals as services
from victims.services.referrals import Wish
from victims.views.common import allowed, attempt, officer_at, opened, record_page

PAGE_SIZE = 25


def visible_referral(request: HttpRequest, token: str) -> Referral:
    return get_object_or_404(Referral.objects.visible_to(officer_at(request)), token=token)


@require_GET
def referral_list(request: HttpRequest) -> HttpResponse:
    """What came and what was sent: envelopes, by a reference that is no case's code. What waits for an answer is open
    on the page, so that nobody opens an envelope twice to answer it."""
    officer = officer_at(request)
    if not officer.roles & {Role.CASE_WORKER, Role.CASE_SUPERVISOR}:
        raise PermissionDenied
    rows = Referral.objects.visible_to(officer)
    page = Paginator(rows.order_by("-created_at"), PAGE_SIZE).get_page(request.GET.get("page"))
    waiting = rows.received_by(officer).filter(stage=ReferralStage.SENT).order_by("answer_by", "id")[:PAGE_SIZE]
    inbox = [{"referral": row, "rows": presenters.envelope_rows(row)} for row in waiting]
    return render(request, "victims/referral_list.html", {"page": page, "inbox": inbox, "state": officer.state})


@require_http_methods(["GET", "POST"])
@fresh_to_change
def referral_new(request: HttpRequest, token: str) -> HttpResponse:
    """What is sent is a copy, made now, of what the person agreed to share with that State."""
    record, officer = opened(request, token), officer_at(request)
    if not works_on(officer, record.case):
        raise PermissionDenied
    agreed = services.agreed_recipients(record.case)
    form = ReferralForm(request.POST or None, agreed=agreed, recorded=list(record.facts))
    if request.method == "POST" and form.is_valid():
        made: list[Referral] = []
        wish = Wish(**form.cleaned_data)
        if attempt(form, lambda: made.append(services.propose(actor=officer, case=record.case, wish=wish))):
            return redirect("referral_detail", token=made[0].token)
    context = {"form": form, "title": _("Refer to another State"), "button": _("Prepare and look at it")}
    if not agreed:
        return record_page(request, record, "victims/referral_without_consent.html", "summary", title=context["title"])
    return record_page(request, record, "victims/form.html", "summary", **context)


@require_http_methods(["GET", "POST"])
@fresh_to_change
def referral_detail(request: HttpRequest, token: str) -> HttpResponse:
    """The identity in what is sent stays masked here too, until somebody of the team says why."""
    referral, officer = visible_referral(request, token), officer_at(request)
    sends, stage = referral.from_state == officer.state, referral.stage
    contents, identity = {}, {}
    if sends and stage in {ReferralStage.DRAFT, ReferralStage.SENT}:
        contents = allowed(lambda: services.preview(actor=officer, referral=referral))
        identity = _identity(request, referral)
    elif request.method == "POST":
        raise PermissionDenied
    said = services.read_messages(actor=officer, referral=referral)
    context = {
        "referral": referral,
        "rows": presenters.envelope_rows(referral),
        "parts": presenters.preview_parts(contents),
        "identity": identity,
        "timeline": presenters.timeline(referral, said),
        "sends": sends,
        "approves": sends and stage == ReferralStage.DRAFT and Role.CASE_SUPERVISOR in officer.roles
        and referral.created_by != officer.code,
        "withdraws": sends and stage in {ReferralStage.DRAFT, ReferralStage.SENT},
        "answers": not sends and stage == ReferralStage.SENT,
        "writes": _kind_to_write(sends=sends, stage=stage),
    }  # fmt: skip
    is_shown = request.method == "GET" or bool(identity.get("rows"))
    return render(request, "victims/referral_detail.html", context, status=200 if is_shown else 422)


def _identity(request: HttpRequest, referral: Referral) -> dict[str, Any]:
    """What the page has for it: whether it is sent, who may see it, the form that asks why, and what it shows then."""
    officer, form, shown = officer_at(request), ReasonForm(request.POST or None), dict[str, Any]()

    def reveal() -> None:
        reason = form.cleaned_data["reason"]
        shown.update(services.reveal_copy(actor=officer, referral=referral, reason=reason))

    if request.method == "POST" and form.is_valid():
        attempt(form, reveal)
    return {
        "is_sent": FieldClass.IDENTITY in referral.classes,
        "may_see": services.can_reveal_copy(officer, referral),
        "form": form,
        "rows": presenters.preview_rows(shown),
    }


def _kind_to_write(*, sends: bool, stage: str) -> str:
    if stage == ReferralStage.SENT:
        return MessageKind.ANSWER if sends else MessageKind.QUESTION
    return MessageKind.FEEDBACK if stage == ReferralStage.ACCEPTED and not sends else ""


@require_POST
@fresh_to_change
def referral_approve(request: HttpRequest, token: str) -> HttpResponse:
    return _step(request, token, services.approve, _("Approved and sent."))


@require_POST
@fresh_to_change
def referral_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    return _step(request, token, services.withdraw, _("Withdrawn. The other side cannot read it."))


@require_POST
@fresh_to_change
def referral_accept(request: HttpRequest, token: str) -> HttpResponse:
    """The new case has a code of its own; whoever accepts is the first of its team."""
    referral, officer = visible_referral(request, token), officer_at(request)
    try:
        case = services.accept(actor=officer, referral=referral)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("referral_detail", token=token)
    messages.success(request, _("Accepted. This is the new case."))
    return redirect("case_detail", token=case.token)


def _step(request: HttpRequest, token: str, act: Callable[..., Any], done: str) -> HttpResponse:
    referral, officer = visible_referral(request, token), officer_at(request)
    try:
        act(actor=officer, referral=referral)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, done)
    return redirect("referral_detail", token=token)


@require_http_methods(["GET", "POST"])
@fresh_to_change
def referral_refuse(request: HttpRequest, token: str) -> HttpResponse:
    referral, officer = visible_referral(request, token), officer_at(request)
    if referral.to_state != officer.state:
        raise PermissionDenied
    form = RefusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: services.refuse(actor=officer, referral=referral, reason=reason)):
            return redirect("referral_detail", token=token)
    return _form(request, referral, form, _("Refuse the referral"), _("Refuse"))


@require_http_methods(["GET", "POST"])
@fresh_to_change
def referral_write(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    referral, officer = visible_referral(request, token), officer_at(request)
    if kind not in MessageKind.values:
        raise Http404
    if (kind == MessageKind.ANSWER) != (referral.from_state == officer.state):
        raise PermissionDenied
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if attempt(form, lambda: services.write_message(actor=officer, referral=referral, kind=kind, text=text)):
            return redirect("referral_detail", token=token)
    return _form(request, referral, form, str(MessageKind(kind).label), _("Send"))


def _form(request: HttpRequest, referral: Referral, form: forms.Form, title: str, button: str) -> HttpResponse:
    context = {"referral": referral, "form": form, "title": title, "button": button}
    return render(request, "victims/referral_form.html", context, status=422 if form.is_bound else 200)
