"""Files of every kind take one way, and none is forgotten when the scanner was away."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from contributions.models import Attachment
from contributions.services import FileData as ContributedFile
from contributions.services import attach
from core.checked_files import kinds, recheck_files
from core.models import OutboxMessage
from networks.models import Document
from networks.services import FileData, attach_to_request
from tests.factories.contributions import make_accreditation
from tests.factories.contributions import make_draft as make_contribution
from tests.factories.networks import make_draft
from tests.factories.workplan import make_open_round


def test_every_model_of_files_is_asked_for_again() -> None:
    scanned = {model for model in apps.get_models() if any(f.name == "scan_state" for f in model._meta.fields)}
    assert {kind.model for kind in kinds()} == scanned


def test_files_of_requests_and_contributions_are_asked_for_again(cast: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    make_accreditation(cast.partner, cast)
    request = make_draft(cast.ana, cast.authority_cr, cast.authority_gt)
    attach_to_request(request=request, file=FileData("A", "es", "a.txt", b"Uno."), actor=cast.ana)
    contribution = make_contribution(cast.paula, make_open_round(cast))
    attach(contribution=contribution, file=ContributedFile("b.txt", b"Dos."), actor=cast.paula)
    OutboxMessage.objects.update(dead_at=timezone.now())
    assert recheck_files() == 0
    long_ago = timezone.now() - timedelta(minutes=11)
    for model in (Document, Attachment):
        model.objects.update(uploaded_at=long_ago)
    assert (recheck_files(), recheck_files()) == (2, 0)
    again = OutboxMessage.objects.filter(dead_at=None).values_list("task", flat=True)
    assert set(again) == {"networks.process_document", "contributions.process_attachment"}
