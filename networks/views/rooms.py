"""What lies in the room of a network: announcements, meetings and their decisions, files."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.canonical import fingerprint
from core.sanitize.kinds import KINDS
from networks import permissions, services
from networks.forms import AnnouncementForm, DecisionForm, DocumentForm, FollowUpForm, MeetingForm, language_of
from networks.models import Document, Meeting
from networks.views.common import as_download, attempt, form_page, page, person
from networks.views.networks import own_network, room, way_back


@require_http_methods(["GET", "POST"])
def announcement_new(request: HttpRequest, slug: str) -> HttpResponse:
    user = person(request)
    network = room(user, slug)
    if not permissions.can_post(user, network):
        raise PermissionDenied
    form = AnnouncementForm(request.POST or None, initial=language_of(user))
    if request.method == "POST" and form.is_valid():
        text = form.written()
        if attempt(form, lambda: services.announce(network=network, text=text, actor=user)):
            messages.success(request, _("The announcement is in the room."))
            return redirect(network)
    title, button = _("New announcement"), _("Announce")
    return form_page(request, "network_list", form, title=title, back=way_back(network), button=button)


@require_http_methods(["GET", "POST"])
def document_new(request: HttpRequest, slug: str) -> HttpResponse:
    user = person(request)
    network = room(user, slug)
    if not permissions.can_post(user, network):
        raise PermissionDenied
    form = DocumentForm(request.POST or None, request.FILES or None, initial=language_of(user))
    if request.method == "POST" and form.is_valid():
        file = form.file_data()
        if attempt(form, lambda: services.share_in_network(network=network, file=file, actor=user)):
            messages.success(request, _("The file is in the room. It is given out once it is checked."))
            return redirect(network)
    title = _("Share a file")
    return form_page(request, "network_list", form, title=title, back=way_back(network), button=title, files=True)


@require_http_methods(["GET", "POST"])
def meeting_new(request: HttpRequest, slug: str) -> HttpResponse:
    user = person(request)
    network = own_network(user, slug)
    form = MeetingForm(request.POST or None, initial=language_of(user))
    if request.method == "POST" and form.is_valid():
        text, held_on, place = form.written(), form.cleaned_data["held_on"], form.cleaned_data["place"]
        meeting = attempt(
            form,
            lambda: services.record_meeting(network=network, text=text, held_on=held_on, place=place, actor=user),
        )
        if meeting is not None:
            messages.success(request, _("The meeting is recorded. Now add what it decided."))
            return redirect(meeting)
    title = _("Record a meeting")
    return form_page(request, "network_list", form, title=title, back=way_back(network), button=title)


def _meeting(request: HttpRequest, slug: str, public_id: UUID) -> Meeting:
    network = room(person(request), slug)
    meetings = Meeting.objects.visible_to(request.user).select_related("network", "by_institution__state")
    return get_object_or_404(meetings, network=network, public_id=public_id)  # type: ignore[no-any-return]


@require_http_methods(["GET", "POST"])
def meeting_detail(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    """Minutes and decisions; its coordinator adds decisions here."""
    user = person(request)
    meeting = _meeting(request, slug, public_id)
    coordinates = permissions.can_coordinate(user, meeting.network)
    if request.method == "POST" and not coordinates:
        raise PermissionDenied
    form = DecisionForm(request.POST or None, network=meeting.network, user=user, initial=language_of(user))
    if request.method == "POST" and form.is_valid():
        text, chosen = form.written(), form.cleaned_data
        if attempt(
            form,
            lambda: services.record_decision(
                meeting=meeting, text=text, responsible=chosen["responsible"], due_on=chosen["due_on"], actor=user
            ),
        ):
            messages.success(request, _("The decision is recorded."))
            return redirect(meeting)
    decisions = meeting.decisions.select_related("responsible__institution__state", "responsible__state")
    context = {"meeting": meeting, "decisions": decisions, "form": form, "coordinates": coordinates}
    return page(request, "networks/meeting_detail.html", "network_list", network=meeting.network, **context)


@require_http_methods(["GET", "POST"])
def decision_follow_up(request: HttpRequest, slug: str, public_id: UUID, pk: int) -> HttpResponse:
    user = person(request)
    meeting = _meeting(request, slug, public_id)
    decision = get_object_or_404(meeting.decisions.select_related("meeting__network", "responsible"), pk=pk)
    if not services.can_follow_up(user, decision):
        raise PermissionDenied
    shown = {"status": decision.status, "note": decision.note, "seen": fingerprint(decision)}
    form = FollowUpForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        if attempt(form, lambda: (services.follow_up_decision(decision=decision, actor=user, **chosen), True)):
            messages.success(request, _("What became of the decision is recorded."))
            return redirect(meeting)
    title, back = _("What became of the decision"), (meeting.get_absolute_url(), meeting.title)
    return form_page(request, "network_list", form, title=title, back=back, quoted=decision)


@require_GET
def shared_file(request: HttpRequest, public_id: UUID) -> HttpResponse | FileResponse:
    """The copy, never the original, of a file of a room or a request. What one may not see never existed."""
    document = get_object_or_404(Document.objects.visible_to(request.user).served(), public_id=public_id)
    services.note_download(document=document, actor=person(request))
    response = FileResponse(
        document.served.open(),
        as_attachment=True,
        filename=document.original_name,
        content_type=KINDS[document.kind].content_type,
    )
    return as_download(response)
