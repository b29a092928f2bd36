"""What was asked and said, in another language: beside the original, by either side, reviewed by somebody else."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import audit_chain
from core import audit
from core.canonical import fingerprint
from core.exceptions import NotAllowed, PortalError, StaleVersion
from core.identity import refuse_identity
from networks import permissions
from networks.models import CooperationRequest, RequestMessage, RequestTranslation


@dataclass(frozen=True)
class TranslationData:
    language: str
    text: str
    subject: str = ""  # of the request itself
    identity_reason: str = ""


@transaction.atomic
def translate(
    *, request: CooperationRequest, data: TranslationData, actor: User, message: RequestMessage | None = None
) -> RequestTranslation:
    """Write it, or write one's own anew; it then waits for its review again."""
    request = CooperationRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if not permissions.can_translate(actor, request):
        raise NotAllowed(_("Only what was sent is translated, by the two sides."))
    if data.language == (message or request).language:
        raise PortalError(_("This is the language of the original."))
    row = _standing(request, message, data.language, actor)
    speaker = permissions.acting_institution(actor, request)
    assert speaker is not None  # noqa: S101 - whoever may translate acts for a side
    row.text, row.subject = data.text, "" if message else data.subject
    row.identity_reason = refuse_identity((row.subject, row.text), reason=data.identity_reason)
    row.by, row.by_institution, row.at = actor, speaker, timezone.now()
    row.status, row.reviewed_by = "draft", None
    row.save()
    _audit("request.translated", row, actor)
    return row


def _standing(
    request: CooperationRequest, message: RequestMessage | None, language: str, actor: User
) -> RequestTranslation:
    rows = RequestTranslation.objects.select_related("by_institution", "request")
    row = rows.filter(request=request, message=message, language=language).first()
    if row is None:
        return RequestTranslation(request=request, message=message, language=language)
    if not permissions.can_rewrite_translation(actor, row):
        raise PortalError(_("The other side has written a translation into this language."))
    return row


@transaction.atomic
def review_translation(*, translation: RequestTranslation, seen: str, actor: User) -> None:
    """`seen` is the fingerprint of what was read. Raises StaleVersion where it was written anew meanwhile."""
    rows = RequestTranslation.objects.select_for_update(of=("self",)).select_related("request")
    row = rows.get(pk=translation.pk)
    if not permissions.can_review_translation(actor, row):
        raise NotAllowed(_("Somebody else than its author reviews a translation."))
    if fingerprint(row) != seen:
        raise StaleVersion(_("The translation was written anew meanwhile. Read it again before you mark it."))
    row.status, row.reviewed_by = "reviewed", actor
    row.save(update_fields=["status", "reviewed_by"])
    _audit("request.translation_reviewed", row, actor)


def _audit(verb: str, row: RequestTranslation, actor: User) -> None:
    data = {"reference": row.request.reference, "language": row.language}
    audit.record(verb=verb, obj=row.request, chain=audit_chain(actor), actor=actor, data=data)
