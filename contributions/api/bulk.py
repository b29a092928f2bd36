"""Many contributions from one workbook: read, looked at, sent."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.api import KeyRequest, KeyView, endpoint
from contributions import permissions, serializers, services
from contributions.models import BulkFiling
from core.exceptions import NotAllowed, StepRefused
from workplan.imports import FaultyFile
from workplan.models import Round

SHOWN_FAULTS = 50


class FilingView(KeyView):
    """A workbook that was read: what it would send, what is wrong in it, and what was sent of it."""

    serializer_class: Any = serializers.FilingSerializer

    def found(self, public_id: Any) -> BulkFiling:
        return get_object_or_404(BulkFiling.objects.visible_to(self.request.user), public_id=public_id)

    def told(self, filing: BulkFiling, code: int = 200) -> Response:
        self.serializer_class = serializers.FilingSerializer
        location = "" if self.request.method == "GET" else reverse("api_filing", args=[filing.public_id])
        return self.shown(self.found(filing.public_id), code=code, location=location)

    @extend_schema(operation_id="filing")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        return self.told(self.found(public_id))


class FilingsView(KeyView):
    """Hand a workbook in."""

    serializer_class: Any = serializers.WorkbookSerializer
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="filing_read", responses={201: serializers.FilingSerializer})
    def post(self, request: KeyRequest) -> Response:
        """Nothing is sent before it is confirmed."""
        if permissions.contributing_for(request.user) is None:
            raise NotAllowed("Your organization has no accreditation in force.")
        round_ = Round.objects.visible_to(request.user).filter(status="open").order_by("-period_start").first()
        if round_ is None:
            raise StepRefused("No period is open for contributions now.")
        file = self.read()["file"]
        try:
            filing = services.read_bulk(content=file.read(), name=file.name, round_=round_, actor=request.user)
        except FaultyFile as refusal:
            faults = [str(refusal.message), *map(str, refusal.faults)][:SHOWN_FAULTS]
            raise ValidationError({"file": faults}) from refusal
        self.serializer_class = serializers.FilingSerializer
        return self.shown(filing, code=201, location=reverse("api_filing", args=[filing.public_id]))


class FilingSendView(KeyView):
    """Send what was read."""

    serializer_class: Any = serializers.FilingSendSerializer

    @extend_schema(operation_id="filing_send", responses=serializers.FilingSerializer)
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        filings = BulkFiling.objects.visible_to(request.user)
        filing = get_object_or_404(filings, public_id=public_id)
        services.send_bulk(filing=filing, actor=request.user, **self.read())
        self.serializer_class = serializers.FilingSerializer
        return self.shown(filings.get(pk=filing.pk), location=reverse("api_filing", args=[public_id]))


urlpatterns = [
    path("contribution-filings/", endpoint(FilingsView), name="api_filings"),
    path("contribution-filings/<uuid:public_id>/", endpoint(FilingView), name="api_filing"),
    path("contribution-filings/<uuid:public_id>/send/", endpoint(FilingSendView), name="api_filing_send"),
]
