"""Sections of a record: identity, consents, facts, what was written and done."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import State
from accounts.views.fresh import fresh_sign_in_required, fresh_to_change
from core.exceptions import PortalError
from victims import presenters, queries, services
from victims.enums import Decision, Kind, Purpose, Reason, Status
from victims.forms import (
    ENTRY_FORMS,
    EntryForm,
    FurtherConsentForm,
    InterviewForm,
    ReasonForm,
    SafetyForm,
    SectionForm,
)
from victims.models import Case, Consent, Entry
from victims.permissions import can_read_notes, can_reveal_identity, works_on
from victims.services import Record
from victims.views.common import allowed, attempt, officer_at, opened, reason_of, record_page, visible_case

IDENTITY_SECTIONS = ("identity", "trafficker")


def _writable(request: HttpRequest, token: str) -> Record:
    record = opened(request, token)
    if record.case.status != Status.OPEN or not works_on(officer_at(request), record.case):
        raise PermissionDenied
    return record


def _at_intake(name: str, case: Case, **words: Any) -> HttpResponse:
    """At intake one page leads to the next; later each leads back to its section."""
    return redirect(f"{reverse(name, kwargs={'token': case.token, **words})}?intake=1")


# --- identity -------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@fresh_to_change
def identity_detail(request: HttpRequest, token: str) -> HttpResponse:
    """Masked until somebody of the team says why; what is shown is on no address that could be kept."""
    record, officer = opened(request, token), officer_at(request)
    form, revealed = ReasonForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        identity = allowed(lambda: services.reveal_identity(actor=officer, case=record.case, reason=reason))
        revealed = presenters.fact_rows(identity, queries.fields_of(*IDENTITY_SECTIONS))
    context = {"form": form, "revealed": revealed, "may_see": can_reveal_identity(officer, record.case)}
    return record_page(request, record, "victims/identity.html", "identity", **context)


@require_http_methods(["GET", "POST"])
@fresh_sign_in_required
def identity_edit(request: HttpRequest, token: str) -> HttpResponse:
    record, officer = _writable(request, token), officer_at(request)
    version = services.identity_version(record.case)
    kept: Mapping[str, Any] = {}
    if version:
        kept = services.reveal_identity(actor=officer, case=record.case, reason=Reason.ASSISTANCE)
    fields = queries.fields_of(*IDENTITY_SECTIONS, intake="intake" in request.GET)
    form = SectionForm(fields, request.POST or None, initial={**kept, "version": version})
    if request.method == "POST" and form.is_valid():
        change = {"identity": form.merged(kept), "version": form.cleaned_data["version"]}
        if attempt(form, lambda: services.change_identity(actor=officer, case=record.case, **change)):
            messages.success(request, _("The identity is saved, and masked again."))
            if "intake" in request.GET:
                return _at_intake("facts_edit", record.case, section="intake")
            return redirect("identity_detail", token=token)
    return _form_page(request, record, form, "identity", _("Identity"), asks_why=_why_identity())


def _why_identity() -> str:
    return _(
        "Asked so that the person can be reached and protected. Only the team sees it, and every look is recorded."
    )


# --- consents -------------------------------------------------------------------------------------


@require_GET
def consent_list(request: HttpRequest, token: str) -> HttpResponse:
    record = opened(request, token)
    states = {state.iso2: state.name for state in State.objects.visible_to(request.user)}
    rows = presenters.consent_rows(record, states)
    return record_page(
        request,
        record,
        "victims/consent_list.html",
        "consents",
        rows=rows,
        may_withdraw=works_on(officer_at(request), record.case),
    )


@require_http_methods(["GET", "POST"])
def consent_new(request: HttpRequest, token: str) -> HttpResponse:
    record, officer = _writable(request, token), officer_at(request)
    form = FurtherConsentForm(request.POST or None, home=officer.state, user=request.user)
    if request.method == "POST" and form.is_valid():
        words = {"purpose": form.cleaned_data["purpose"], "recipient": form.recipient_code()}
        if attempt(
            form,
            lambda: services.ask_consent(actor=officer, case=record.case, answer=form.answer(), **words),
        ):
            messages.success(request, _("The answer is recorded."))
            return redirect("consent_list", token=token)
    return _form_page(request, record, form, "consents", _("Ask for consent"))


@require_POST
@fresh_to_change
def consent_withdraw(request: HttpRequest, token: str, consent: UUID) -> HttpResponse:
    case, officer = visible_case(request, token), officer_at(request)
    row = get_object_or_404(Consent.objects.visible_to(officer), id=consent, case_id=case.id)
    try:
        allowed(lambda: services.withdraw_consent(actor=officer, case=case, consent=row))
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The consent is withdrawn, from now on and for good."))
        if row.purpose == Purpose.STORAGE:
            messages.info(request, _("Supervisors are asked to erase the record."))
    return redirect("consent_list", token=token)


# --- facts ----------------------------------------------------------------------------------------


@require_GET
def facts_detail(request: HttpRequest, token: str) -> HttpResponse:
    record = opened(request, token)
    groups = [
        {"key": key, "title": title, "rows": presenters.fact_rows(record.facts, queries.fields_of(key))}
        for key, title in presenters.FACT_SECTIONS.items()
    ]
    return record_page(request, record, "victims/facts.html", "facts", groups=groups)


@require_http_methods(["GET", "POST"])
def facts_edit(request: HttpRequest, token: str, section: str) -> HttpResponse:
    """One group of facts. At intake the few that matter most, of every group."""
    if section not in {*presenters.FACT_SECTIONS, "intake"}:
        raise Http404
    record = _writable(request, token)
    is_intake = section == "intake"
    fields = queries.fields_of(*(presenters.FACT_SECTIONS if is_intake else (section,)), intake=is_intake)
    standing = record.case.standing if is_intake or section == "trafficking" else ""
    initial = {**record.facts, "version": record.case.version}
    form = SectionForm(fields, request.POST or None, initial=initial, with_standing=standing)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _save_facts(request, record, form)):
        messages.success(request, _("The facts are saved."))
        return redirect("case_detail" if is_intake else "facts_detail", token=record.case.token)
    title = _("Facts") if is_intake else presenters.FACT_SECTIONS[section]
    return _form_page(request, record, form, "facts", str(title), asks_why=_why_facts())


def _save_facts(request: HttpRequest, record: Record, form: SectionForm) -> None:
    services.change_facts(
        actor=officer_at(request),
        case=record.case,
        facts=form.merged(record.facts),
        version=form.cleaned_data["version"],
        standing=form.cleaned_data.get("standing"),
    )


def _why_facts() -> str:
    return _(
        "Asked to find out which help and which protection the person has a right to. "
        "Nothing has to be told today; a date may be a year, and blank means not asked."
    )


# --- what is written and done ---------------------------------------------------------------------


@require_GET
def case_section(request: HttpRequest, token: str, section: str) -> HttpResponse:
    if section not in presenters.SECTIONS:
        raise Http404
    record = opened(request, token)
    title, kinds = presenters.SECTIONS[section]
    groups = [
        {
            "title": str(presenters.ADD[kind]),
            "label": str(Kind(kind).label),
            "kind": kind,
            "rows": presenters.entry_rows(record, kind),
        }
        for kind in kinds
        if kind != Kind.STEP
    ]
    question = {"plan": "plan", "exit": "closure"}.get(section, "")
    names = queries.people(part.row.asked_by for part in record.approvals)
    context = {
        "title": str(title),
        "groups": groups,
        "question": question,
        "answers": presenters.approval_rows(record, question, names) if question else [],
        "waits": presenters.is_answered(record, question, Decision.ASKED),
        "told": presenters.told_times(record) if section == "protection" else "",
    }
    return record_page(request, record, "victims/section.html", section, **context)


@require_http_methods(["GET", "POST"])
def safety_new(request: HttpRequest, token: str) -> HttpResponse:
    """Immediate safety. Each danger becomes a task for today."""
    record, officer = _writable(request, token), officer_at(request)
    form = SafetyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = {"data": form.sealed_data(), "todo": form.todo()}
        if attempt(form, lambda: services.note_safety(actor=officer, case=record.case, **words)):
            if "intake" in request.GET:
                return _at_intake("identity_edit", record.case)
            return redirect("case_section", token=token, section="assessment")
    return _form_page(request, record, form, "assessment", _("Immediate needs and safety"))


@require_http_methods(["GET", "POST"])
def entry_new(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    if kind not in ENTRY_FORMS or kind in {Kind.STEP, Kind.SAFETY}:
        raise Http404
    record = _writable(request, token)
    form = _entry_form(record, kind, request)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _write(request, record, kind, form)):
        return _saved(request, record.case, kind)
    return _form_page(request, record, form, presenters.SECTION_OF[kind], str(presenters.ADD[kind]))


@require_http_methods(["GET", "POST"])
def step_new(request: HttpRequest, token: str, goal: UUID) -> HttpResponse:
    record = _writable(request, token)
    get_object_or_404(Entry.objects.visible_to(officer_at(request)), id=goal, case_id=record.case.id, kind=Kind.GOAL)
    form = _entry_form(record, Kind.STEP, request)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _write_step(request, record, form, goal)):
        return _saved(request, record.case, Kind.STEP)
    return _form_page(request, record, form, "plan", str(presenters.ADD[Kind.STEP]))


def _entry_form(record: Record, kind: str, request: HttpRequest, **kwargs: Any) -> EntryForm:
    form = ENTRY_FORMS[kind]
    if issubclass(form, InterviewForm):
        others = [part for part in record.of(Kind.INTERVIEW) if part.data is not kwargs.get("initial")]
        kwargs["is_first"] = not others
    return form(request.POST or None, **kwargs)


def _write(request: HttpRequest, record: Record, kind: str, form: EntryForm, **more: Any) -> None:
    services.write_entry(
        actor=officer_at(request),
        case=record.case,
        kind=kind,
        data=form.sealed_data(),
        **form.columns(),
        **more,
    )


def _write_step(request: HttpRequest, record: Record, form: EntryForm, goal: UUID) -> None:
    _write(request, record, Kind.STEP, form, parent=goal)


def _saved(request: HttpRequest, case: Case, kind: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    section = presenters.SECTION_OF[kind]
    if section == "notes":
        return redirect("note_list", token=case.token)
    return redirect("case_section", token=case.token, section=section)


@require_http_methods(["GET", "POST"])
def entry_edit(request: HttpRequest, token: str, entry: UUID) -> HttpResponse:
    """Notes are not rewritten: a second one says what the first got wrong."""
    record, officer = opened(request, token), officer_at(request)
    part = next((part for part in record.entries if part.row.id == entry), None)
    if part is None:
        raise Http404
    if record.case.status != Status.OPEN or not works_on(officer, record.case):
        raise PermissionDenied
    row = part.row
    columns = {"version": row.version, "status": row.status, "due_on": row.due_on}
    data = {**part.data, **columns}
    form = _entry_form(record, row.kind, request, initial=data)
    if isinstance(form, InterviewForm):
        form.is_first = len(record.of(Kind.INTERVIEW)) == 1
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _change(request, record, row, form)):
        return _saved(request, record.case, row.kind)
    return _form_page(request, record, form, presenters.SECTION_OF[row.kind], str(Kind(row.kind).label))


def _change(request: HttpRequest, record: Record, row: Entry, form: EntryForm) -> None:
    services.change_entry(
        actor=officer_at(request),
        case=record.case,
        entry=row,
        data=form.sealed_data(),
        version=form.cleaned_data["version"] or 0,
        **form.columns(),
    )


@require_POST
def entry_done(request: HttpRequest, token: str, entry: UUID) -> HttpResponse:
    case, officer = visible_case(request, token), officer_at(request)
    mine = Entry.objects.visible_to(officer).filter(case_id=case.id, kind__in=(Kind.TASK, Kind.STEP))
    row = get_object_or_404(mine, id=entry)
    try:
        allowed(lambda: services.finish_task(actor=officer, case=case, entry=row))
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("case_section", token=token, section=presenters.SECTION_OF[row.kind])


@require_GET
def note_list(request: HttpRequest, token: str) -> HttpResponse:
    """For the team alone: a supervisor approves without knowing what was told."""
    record, officer = opened(request, token), officer_at(request)
    notes: list[services.Part] = []
    may_read = can_read_notes(officer, record.case)
    if may_read:
        reason = reason_of(officer, record.case)
        notes = services.read_notes(actor=officer, case=record.case, reason=reason)
    names = queries.people(part.row.made_by for part in notes)
    context = {"notes": presenters.note_rows(notes, names), "may_read": may_read}
    return record_page(request, record, "victims/notes.html", "notes", **context)


def _form_page(
    request: HttpRequest, record: Record, form: Any, section: str, title: str, *, asks_why: str = ""
) -> HttpResponse:
    context = {"form": form, "title": title, "asks_why": asks_why, "is_intake": "intake" in request.GET}
    return record_page(request, record, "victims/form.html", section, **context)
