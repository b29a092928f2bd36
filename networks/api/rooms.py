"""Networks, their seats, and what lies in their rooms."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, KeyView, endpoint, filled, filters_of, narrowed
from core.canonical import fingerprint
from core.exceptions import NotAllowed
from networks import forms, permissions, serializers, services
from networks.api.requests import FilesView
from networks.models import Announcement, Decision, Document, Meeting, Network, Seat


class OneNetworkView(KeyView):
    """What concerns one network."""

    serializer_class: Any = serializers.NetworkSerializer

    def network(self) -> Network:
        networks = Network.objects.visible_to(self.request.user).with_list_data()
        return get_object_or_404(networks, slug=self.kwargs["slug"])

    def coordinated(self) -> Network:
        network = self.network()
        if not permissions.can_coordinate(self.request.user, network):
            raise NotAllowed("Only the coordinator of the network does this.")
        return network

    def room(self) -> Network:
        network = self.network()
        if not permissions.has_room(self.request.user, network):
            raise NotAllowed("The room is open to members alone.")
        return network

    def written(self, serializer: Any, form: type[forms.WrittenForm]) -> forms.WrittenForm:
        self.serializer_class = serializer
        return filled(form, self.read())

    def told(self, network: Network, code: int = 200) -> Response:
        self.kwargs["slug"], self.serializer_class = network.slug, serializers.NetworkSerializer
        location = "" if self.request.method == "GET" else reverse("api_network", args=[network.slug])
        shown = self.network()
        return self.shown(shown, code=code, etag=self.tag(shown), location=location)


class NetworksView(ListModelMixin, OneNetworkView):
    """Networks that the person may know."""

    def get_queryset(self) -> "QuerySet[Network]":
        form = narrowed(forms.NetworkFilterForm(self.request.query_params))
        return Network.objects.visible_to(self.request.user).filter(**form.wanted()).with_list_data()

    @extend_schema(operation_id="networks", parameters=filters_of(forms.NetworkFilterForm))
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="network_new",
        request=serializers.NetworkDraftSerializer,
        responses={201: serializers.NetworkSerializer},
    )
    def post(self, request: KeyRequest) -> Response:
        """Found a network. The founding institution coordinates it."""
        if not permissions.can_found_networks(request.user):
            raise NotAllowed("You found no networks.")
        self.serializer_class = serializers.NetworkDraftSerializer
        form = filled(lambda data: forms.NetworkForm(data, user=request.user), self.read())
        institution = form.cleaned_data["institution"]
        return self.told(
            services.found_network(data=form.network_data(), institution=institution, actor=request.user), 201
        )


class NetworkView(OneNetworkView):
    """One network."""

    @extend_schema(operation_id="network")
    def get(self, request: KeyRequest, slug: str) -> Response:
        return self.told(self.network())

    @extend_schema(
        operation_id="network_write",
        parameters=[IF_MATCH],
        request=serializers.NetworkTextSerializer,
        responses=serializers.NetworkSerializer,
    )
    def put(self, request: KeyRequest, slug: str) -> Response:
        """Write it anew, as its coordinator. The network of which it is a part stays, unless another is named."""
        network = self.coordinated()
        self.version_read(self.tag(network))
        self.serializer_class = serializers.NetworkTextSerializer
        kept = {"parent": network.parent.slug if network.parent else None}
        sent = self.read({**kept, **request.data} if isinstance(request.data, dict) else request.data)
        form = filled(lambda data: forms.NetworkForm(data, user=request.user, network=network), sent)
        services.change_network(
            network=network, data=form.network_data(), seen=fingerprint(network), actor=request.user
        )
        return self.told(network)


class SeatsView(ListModelMixin, OneNetworkView):
    """Who sits in a network now."""

    serializer_class: Any = serializers.SeatSerializer

    def get_queryset(self) -> "QuerySet[Seat]":
        return Seat.objects.visible_to(self.request.user).current().filter(network=self.network()).with_list_data()

    @extend_schema(operation_id="seats")
    def get(self, request: KeyRequest, slug: str) -> Response:
        return self.list(request)


class SeatTakeView(OneNetworkView):
    """Take a seat that another gave to one's own institution."""

    @extend_schema(operation_id="seat_take", request=None)
    def post(self, request: KeyRequest, slug: str, pk: int) -> Response:
        seats = Seat.objects.visible_to(request.user).current().select_related("network")
        services.take_seat(seat=get_object_or_404(seats, pk=pk, network=self.network()), actor=request.user)
        return self.told(self.network())


# --- the room -------------------------------------------------------------------------------------


class AnnouncementsView(ListModelMixin, OneNetworkView):
    """Announcements in the room of a network, the newest first."""

    serializer_class: Any = serializers.AnnouncementSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Announcement]":
        rows: QuerySet[Announcement] = Announcement.objects.visible_to(self.request.user)
        return rows.filter(network=self.room()).select_related("by_institution")

    @extend_schema(operation_id="announcements")
    def get(self, request: KeyRequest, slug: str) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="announce",
        request=serializers.TitledSerializer,
        responses={201: serializers.AnnouncementSerializer},
    )
    def post(self, request: KeyRequest, slug: str) -> Response:
        """Announce something to the members."""
        network = self.room()
        if not permissions.can_post(request.user, network):
            raise NotAllowed("Only members write in the room.")
        text = self.written(serializers.TitledSerializer, forms.AnnouncementForm).written()
        row = services.announce(network=network, text=text, actor=request.user)
        self.serializer_class = serializers.AnnouncementSerializer
        return self.shown(row, code=201, location=reverse("api_announcements", args=[slug]))


class NetworkFilesView(FilesView, OneNetworkView):
    """Files in the room of a network."""

    def get_queryset(self) -> "QuerySet[Document]":
        return self.listed_files(network=self.room())

    @extend_schema(operation_id="network_files")
    def get(self, request: KeyRequest, slug: str) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="network_file",
        request=serializers.SharedUploadSerializer,
        responses={202: serializers.SharedFileSerializer},
    )
    def post(self, request: KeyRequest, slug: str) -> Response:
        """Put a file into the room. It is checked behind the scenes: its scan_state tells how that went."""
        network = self.room()
        if not permissions.can_post(request.user, network):
            raise NotAllowed("Only members put files into the room.")
        return self.attached(services.share_in_network(network=network, file=self.read_file(), actor=request.user))


class OneMeetingView(OneNetworkView):
    """What concerns one meeting of a network."""

    serializer_class: Any = serializers.NetworkMeetingSerializer

    def get_queryset(self) -> "QuerySet[Meeting]":
        meetings: QuerySet[Meeting] = Meeting.objects.visible_to(self.request.user).filter(network=self.room())
        return meetings.select_related("network", "by_institution").prefetch_related("decisions")

    def meeting(self) -> Meeting:
        return get_object_or_404(self.get_queryset(), public_id=self.kwargs["public_id"])

    def told_meeting(self, meeting: Meeting, code: int = 200) -> Response:
        self.serializer_class = serializers.NetworkMeetingSerializer
        address = reverse("api_network_meeting", args=[self.kwargs["slug"], meeting.public_id])
        location = "" if self.request.method == "GET" else address
        row = self.get_queryset().get(pk=meeting.pk)
        return self.shown(row, code=code, etag=self.tag(row), location=location)


class NetworkMeetingsView(ListModelMixin, OneMeetingView):
    """Meetings of a network, with what they decided."""

    ordering = "-held_on"

    @extend_schema(operation_id="network_meetings")
    def get(self, request: KeyRequest, slug: str) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="network_meeting_record",
        request=serializers.MinutesSerializer,
        responses={201: serializers.NetworkMeetingSerializer},
    )
    def post(self, request: KeyRequest, slug: str) -> Response:
        """Record a meeting and its minutes, as coordinator."""
        network = self.coordinated()
        form = self.written(serializers.MinutesSerializer, forms.MeetingForm)
        about = {name: form.cleaned_data[name] for name in ("held_on", "place")}
        meeting = services.record_meeting(network=network, text=form.written(), actor=request.user, **about)
        return self.told_meeting(meeting, 201)


class NetworkMeetingView(OneMeetingView):
    """One meeting."""

    @extend_schema(operation_id="network_meeting")
    def get(self, request: KeyRequest, slug: str, public_id: Any) -> Response:
        return self.told_meeting(self.meeting())


class DecisionsView(OneMeetingView):
    """Record what a meeting decided, as coordinator."""

    serializer_class: Any = serializers.DecisionDraftSerializer

    @extend_schema(operation_id="decision_record", responses={201: serializers.NetworkMeetingSerializer})
    def post(self, request: KeyRequest, slug: str, public_id: Any) -> Response:
        meeting, network = self.meeting(), self.coordinated()
        form = filled(lambda data: forms.DecisionForm(data, network=network, user=request.user), self.read())
        about = {name: form.cleaned_data[name] for name in ("responsible", "due_on")}
        services.record_decision(meeting=meeting, text=form.written(), actor=request.user, **about)
        return self.told_meeting(meeting, 201)


class FollowUpView(OneMeetingView):
    """Say what became of a decision."""

    @extend_schema(
        operation_id="decision_follow_up",
        parameters=[IF_MATCH],
        request=serializers.FollowUpSerializer,
        responses=serializers.NetworkMeetingSerializer,
    )
    def post(self, request: KeyRequest, slug: str, public_id: Any, pk: int) -> Response:
        meeting = self.meeting()
        decision: Decision = get_object_or_404(meeting.decisions.select_related("meeting__network"), pk=pk)
        if not services.can_follow_up(request.user, decision):
            raise NotAllowed("Only the coordinator or whoever is responsible says what became of it.")
        self.version_read(self.tag(meeting))
        self.serializer_class = serializers.FollowUpSerializer
        form = filled(forms.FollowUpForm, self.read())
        services.follow_up_decision(decision=decision, seen=fingerprint(decision), actor=request.user, **form.values())
        return self.told_meeting(meeting)


_ONE = "networks/<slug:slug>/"
_MEETING = f"{_ONE}meetings/<uuid:public_id>/"
urlpatterns = [
    path("networks/", endpoint(NetworksView), name="api_networks"),
    path(_ONE, endpoint(NetworkView), name="api_network"),
    path(f"{_ONE}seats/", endpoint(SeatsView), name="api_seats"),
    path(f"{_ONE}seats/<int:pk>/take/", endpoint(SeatTakeView), name="api_seat_take"),
    path(f"{_ONE}announcements/", endpoint(AnnouncementsView), name="api_announcements"),
    path(f"{_ONE}files/", endpoint(NetworkFilesView), name="api_network_files"),
    path(f"{_ONE}meetings/", endpoint(NetworkMeetingsView), name="api_network_meetings"),
    path(_MEETING, endpoint(NetworkMeetingView), name="api_network_meeting"),
    path(f"{_MEETING}decisions/", endpoint(DecisionsView), name="api_decisions"),
    path(f"{_MEETING}decisions/<int:pk>/follow-up/", endpoint(FollowUpView), name="api_decision_follow_up"),
]
