"""The register of the Meetings."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, KeyView, PublicView, endpoint, filled
from core.canonical import fingerprint
from core.exceptions import NotAllowed
from evaluations import permissions, serializers, services
from evaluations.forms import FollowUpForm, MeetingForm
from evaluations.models import Meeting


class MeetingsView(ListModelMixin, PublicView):
    """The Meetings of National Authorities, with what they concluded."""

    serializer_class = serializers.MeetingSerializer
    ordering = "number"

    def get_queryset(self) -> "QuerySet[Meeting]":
        return Meeting.objects.visible_to(self.request.user).with_page_data()

    @extend_schema(operation_id="meetings")
    def get(self, request: Request) -> Response:
        return self.list(request)


class MeetingView(PublicView):
    """One Meeting."""

    serializer_class = serializers.MeetingSerializer

    @extend_schema(operation_id="meeting")
    def get(self, request: Request, number: int) -> Response:
        return self.shown(get_object_or_404(Meeting.objects.visible_to(request.user).with_page_data(), number=number))


class OneMeetingView(KeyView):
    """What the Secretariat keeps of a Meeting."""

    serializer_class: Any = serializers.MeetingFactsSerializer

    def refuse_others(self) -> None:
        if not permissions.can_prepare(self.request.user):
            raise NotAllowed("Only the Secretariat keeps the register of the Meetings.")

    def found(self, number: int) -> Meeting:
        return get_object_or_404(Meeting.objects.visible_to(self.request.user).with_page_data(), number=number)

    def keep(self, meeting: Meeting, seen: str, code: int) -> Response:
        form = filled(lambda data: MeetingForm(data, instance=meeting), {**self.read(), "seen": seen})
        kept = form.save(commit=False)
        services.keep_record(record=kept, seen=seen, actor=self.request.user)
        return self.told(kept.number, code)

    def told(self, number: int, code: int = 200) -> Response:
        self.serializer_class = serializers.MeetingSerializer
        row = self.found(number)
        location = "" if self.request.method == "GET" else reverse("api_meeting", args=[number])
        return self.shown(row, code=code, etag=fingerprint(row), location=location)


class RegisterView(OneMeetingView):
    """Add a Meeting to the register."""

    @extend_schema(operation_id="meeting_register", responses={201: serializers.MeetingSerializer})
    def post(self, request: KeyRequest) -> Response:
        self.refuse_others()
        return self.keep(Meeting(), "", 201)


class RegisteredView(OneMeetingView):
    """A Meeting, for whoever corrects it."""

    @extend_schema(operation_id="registered_meeting", responses=serializers.MeetingSerializer)
    def get(self, request: KeyRequest, number: int) -> Response:
        """As everybody reads it, with the version of its facts."""
        return self.told(number)

    @extend_schema(operation_id="meeting_correct", parameters=[IF_MATCH], responses=serializers.MeetingSerializer)
    def put(self, request: KeyRequest, number: int) -> Response:
        """Write its facts anew, whose version was read."""
        meeting = self.found(number)
        self.refuse_others()
        return self.keep(meeting, self.version_read(fingerprint(meeting)), 200)


class FollowUpsView(OneMeetingView):
    """Say what became of a conclusion."""

    serializer_class: Any = serializers.ConclusionFollowUpSerializer

    @extend_schema(operation_id="conclusion_follow_up", responses={201: serializers.MeetingSerializer})
    def post(self, request: KeyRequest, number: int, conclusion: str) -> Response:
        meeting = self.found(number)
        self.refuse_others()
        of = get_object_or_404(meeting.conclusions.exclude(responsible=""), number=conclusion)
        services.follow_up(conclusion=of, actor=request.user, **filled(FollowUpForm, self.read()).cleaned_data)
        return self.told(number, 201)


urlpatterns = [
    path("meeting-register/", endpoint(RegisterView), name="api_register"),
    path("meeting-register/<int:number>/", endpoint(RegisteredView), name="api_registered"),
    path(
        "meeting-register/<int:number>/conclusions/<slug:conclusion>/follow-ups/",
        endpoint(FollowUpsView),
        name="api_follow_ups",
    ),
    path("meetings/", endpoint(MeetingsView), name="api_meetings"),
    path("meetings/<int:number>/", endpoint(MeetingView), name="api_meeting"),
]
