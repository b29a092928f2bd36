"""Translations of what is published: written by one, reviewed by another."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from contributions import permissions
from contributions.models import Contribution, ContributionTranslation
from core import audit
from core.exceptions import NotAllowed, PortalError, StaleVersion
from core.identity import refuse_identity


@transaction.atomic
def translate(
    *,
    contribution: Contribution,
    language: str,
    title: str,
    text: str,
    seen: int,
    actor: User,
    identity_reason: str = "",
) -> ContributionTranslation:
    """Write or rewrite a translation. Rewritten, it waits for its review again.

    `seen` is the version that was read, 0 where there was none. Raises StaleVersion where somebody saved meanwhile.

    The original was fixed when it was sent (a trigger), so no translation ever lags behind it. A name that was
    confirmed there is not asked about once more.
    """
    if not permissions.can_translate(actor, contribution):
        raise NotAllowed(_("Only what is accepted and public is translated."))
    if language == contribution.language:
        raise PortalError(_("This is the language of the original."))
    refuse_identity((title, text), reason=contribution.identity_reason or identity_reason)
    row = _standing(contribution, language, seen)
    row.title, row.text, row.version = title, text, seen + 1
    row.status, row.by, row.reviewed_by, row.at = "draft", actor, None, timezone.now()
    row.save()
    audit.record(verb="contribution.translated", obj=contribution, actor=actor, data={"language": language})
    return row


def _standing(contribution: Contribution, language: str, seen: int) -> ContributionTranslation:
    """With the contribution locked: of two who write the first one, the second finds the other's."""
    Contribution.objects.select_for_update(of=("self",)).get(pk=contribution.pk)
    there = ContributionTranslation.objects.filter(contribution=contribution, language=language).first()
    if (there.version if there else 0) != seen:
        raise StaleVersion(_("Somebody else has saved this meanwhile. Read their version below before you save yours."))
    return there or ContributionTranslation(contribution=contribution, language=language)


@transaction.atomic
def review_translation(*, translation: ContributionTranslation, seen: int, actor: User) -> None:
    """`seen` is the version that was read. Raises StaleVersion where it was written anew meanwhile."""
    translation = ContributionTranslation.objects.select_for_update(of=("self",)).get(pk=translation.pk)
    if not permissions.can_review_translation(actor, translation):
        raise NotAllowed(_("Somebody else than its author reviews a translation."))
    if translation.version != seen:
        raise StaleVersion(_("The translation was written anew meanwhile. Read it again before you mark it."))
    translation.status, translation.reviewed_by = "reviewed", actor
    translation.save(update_fields=["status", "reviewed_by"])
    data = {"language": translation.language}
    audit.record(verb="contribution.translation_reviewed", obj=translation.contribution, actor=actor, data=data)
