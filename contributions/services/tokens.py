"""Keys to the API: shown once, kept as a digest, ended at any time."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from contributions import permissions
from contributions.models import ApiToken
from contributions.queries import digest_of
from core import audit
from core.exceptions import NotAllowed

LIFETIME = timedelta(days=365)
PREFIX = "oasp_"  # so that a key that got lost is recognized by whoever finds it


@transaction.atomic
def issue_token(*, label: str, actor: User) -> tuple[ApiToken, str]:
    """A new key and its secret, which nobody can read again."""
    accreditation = permissions.contributing_for(actor)
    if accreditation is None or accreditation.institution is None:
        raise NotAllowed(_("Your organization has no accreditation in force."))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        institution=accreditation.institution,
        user=actor,
        label=label,
        digest=digest_of(secret),
        expires_at=timezone.now() + LIFETIME,
    )
    audit.record(verb="api_token.issued", obj=token, actor=actor)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: User) -> None:
    if not ApiToken.objects.visible_to(actor).filter(pk=token.pk).exists():
        raise NotAllowed(_("This key is not of your organization."))
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    audit.record(verb="api_token.revoked", obj=token, actor=actor)
