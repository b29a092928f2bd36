"""What people are told in the portal, as on its page."""

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView
from oas_trafficking import serializers
from workplan import services
from workplan.models import Notification


class NotificationsView(ListModelMixin, KeyView):
    """One's own messages, the newest first."""

    serializer_class = serializers.NotificationSerializer
    ordering = ("-created_at", "-pk")

    def get_queryset(self) -> "QuerySet[Notification]":
        told = Notification.objects.visible_to(self.request.user).with_report()
        return told.unread() if self.request.query_params.get("unread") == "yes" else told

    @extend_schema(operation_id="notifications", parameters=[OpenApiParameter("unread", str, enum=["yes"])])
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class NotificationsReadView(KeyView):
    """Say that everything told so far was read."""

    @extend_schema(operation_id="notifications_read", request=None, responses={204: None})
    def post(self, request: KeyRequest) -> Response:
        services.mark_read(actor=request.user)
        return Response(status=204, headers={"Location": reverse("api_notifications")})
