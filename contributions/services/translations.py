"""Translations of what is published: written by one, reviewed by another."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from contributions import permissions
from contributions.models import Contribution, ContributionTranslation
from core import audit
from core.exceptions import NotAllowed, PortalError
from core.identity import refuse_identity


@transaction.atomic
def translate(
    *, contribution: Contribution, language: str, title: str, text: str, actor: User, identity_reason: str = ""
) -> ContributionTranslation:
    """Write or rewrite a translation. Rewritten, it waits for its review again.

    The original was fixed when it was sent (a trigger), so no translation ever lags behind it. A name that was
    confirmed there is not asked about once more.
    """
    if not permissions.can_translate(actor, contribution):
        raise NotAllowed(_("Only what is accepted and public is translated."))
    if language == contribution.language:
        raise PortalError(_("This is the language of the original."))
    refuse_identity((title, text), reason=contribution.identity_reason or identity_reason)
    values = {"title": title, "text": text, "status": "draft", "by": actor, "reviewed_by": None, "at": timezone.now()}
    row, _created = ContributionTranslation.objects.update_or_create(
        contribution=contribution, language=language, defaults=values
    )
    audit.record(verb="contribution.translated", obj=contribution, actor=actor, data={"language": language})
    return row


@transaction.atomic
def review_translation(*, translation: ContributionTranslation, actor: User) -> None:
    translation = ContributionTranslation.objects.select_for_update(of=("self",)).get(pk=translation.pk)
    if not permissions.can_review_translation(actor, translation):
        raise NotAllowed(_("Somebody else than its author reviews a translation."))
    translation.status, translation.reviewed_by = "reviewed", actor
    translation.save(update_fields=["status", "reviewed_by"])
    data = {"language": translation.language}
    audit.record(verb="contribution.translation_reviewed", obj=translation.contribution, actor=actor, data=data)
