"""The register of the Meetings: everybody reads it, the Secretariat keeps it."""

from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from core.exceptions import PortalError, StaleVersion
from evaluations import permissions, services
from evaluations.forms import AgendaForm, ConclusionForm, FollowUpForm, MeetingForm, OfficerForm, PaperForm, RecordForm
from evaluations.models import Meeting, Publication
from evaluations.presenters import meetings as presenters
from evaluations.queries.records import stored_version

ITEMS: dict[str, tuple[type[RecordForm], str]] = {
    "officers": (OfficerForm, "officers"),
    "agenda": (AgendaForm, "agenda"),
    "documents": (PaperForm, "papers"),
    "conclusions": (ConclusionForm, "conclusions"),
}


@login_not_required
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    meetings = Meeting.objects.visible_to(request.user)
    context = {
        "rows": [(meeting, presenters.days(meeting)) for meeting in meetings],
        "publications": Publication.objects.visible_to(request.user).for_list(),
        "can_keep": permissions.can_prepare(request.user),
    }
    return render(request, "evaluations/meeting_list.html", context)


@login_not_required
@require_safe
def meeting_detail(request: HttpRequest, number: int) -> HttpResponse:
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user).with_page_data(), number=number)
    published = Publication.objects.visible_to(request.user).with_page_data().defer("snapshot__content")
    context = {
        "can_keep": permissions.can_prepare(request.user),
        "publications": published.filter(evaluation__meeting=meeting),
    }
    return render(request, "evaluations/meeting_detail.html", context | presenters.meeting_page(meeting))


@require_http_methods(["GET", "POST"])
def meeting_new(request: HttpRequest) -> HttpResponse:
    _require_keeper(request)
    return _keep(request, MeetingForm(request.POST or None), _("New Meeting"), None)


@require_http_methods(["GET", "POST"])
def meeting_edit(request: HttpRequest, number: int) -> HttpResponse:
    meeting = _meeting(request, number)
    return _keep(request, MeetingForm(request.POST or None, instance=meeting), _("Facts of the Meeting"), meeting)


@require_http_methods(["GET", "POST"])
def item_new(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """Another officer, item, document or conclusion of a Meeting."""
    meeting = _meeting(request, number)
    form_class, _manager = _item(kind)
    record = form_class._meta.model(meeting=meeting)
    return _keep(request, form_class(request.POST or None, instance=record), presenters.ITEM_TITLES[kind], meeting)


@require_http_methods(["GET", "POST"])
def item_edit(request: HttpRequest, number: int, kind: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, number)
    form_class, manager = _item(kind)
    record = get_object_or_404(getattr(meeting, manager), pk=pk)
    return _keep(request, form_class(request.POST or None, instance=record), presenters.ITEM_TITLES[kind], meeting)


@require_http_methods(["GET", "POST"])
def follow_up(request: HttpRequest, number: int, conclusion: str) -> HttpResponse:
    """What became of a conclusion."""
    meeting = _meeting(request, number)
    of = get_object_or_404(meeting.conclusions.exclude(responsible=""), number=conclusion)
    form = FollowUpForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            services.follow_up(conclusion=of, **form.cleaned_data, actor=_user(request))
        except PortalError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect(meeting)
    title = _("Follow-up of conclusion %(number)s") % {"number": of.number}
    return _form_page(request, form, title, meeting)


def _keep(request: HttpRequest, form: RecordForm, title: Any, meeting: Meeting | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        record = form.save(commit=False)
        try:
            services.keep_record(record=record, seen=form.cleaned_data["seen"], actor=_user(request))
        except StaleVersion as error:
            form.add_error(None, str(error.message))
            return _conflict_page(request, form, title, meeting)
        except PortalError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect(meeting or record)
    return _form_page(request, form, title, meeting)


def _conflict_page(request: HttpRequest, form: RecordForm, title: Any, meeting: Meeting | None) -> HttpResponse:
    """What was typed beside what somebody else saved meanwhile; nothing of either is lost."""
    stored = stored_version(form.instance)
    form.show_again(stored)
    context = {"form": form, "title": title, "meeting": meeting, "rows": presenters.conflict_rows(form, stored)}
    return render(request, "evaluations/meeting_form.html", context, status=409)


def _form_page(request: HttpRequest, form: Any, title: Any, meeting: Meeting | None) -> HttpResponse:
    context = {"form": form, "title": title, "meeting": meeting}
    return render(request, "evaluations/meeting_form.html", context, status=422 if form.errors else 200)


def _item(kind: str) -> tuple[type[RecordForm], str]:
    if kind not in ITEMS:
        raise Http404
    return ITEMS[kind]


def _meeting(request: HttpRequest, number: int) -> Meeting:
    """A Meeting to be corrected."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), number=number)
    _require_keeper(request)
    return meeting


def _require_keeper(request: HttpRequest) -> None:
    if not permissions.can_prepare(request.user):
        raise PermissionDenied


def _user(request: HttpRequest) -> User:
    """Nobody else gets past the middleware that asks for a sign-in."""
    return cast(User, request.user)
