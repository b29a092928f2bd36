"""Keys to the API: shown once, kept as a digest, ended at any time."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiKey, Institution, User
from accounts.permissions import audit_chain
from accounts.queries import digest_of, institutions_with_keys
from core import audit
from core.exceptions import NotAllowed

PREFIX = "oasp_"  # so that a key that got lost is recognized by whoever finds it


@dataclass(frozen=True)
class KeyTerms:
    """What a key is for, what it opens, and how long."""

    label: str
    scope: str
    days: int


@transaction.atomic
def issue_key(*, institution: Institution, terms: KeyTerms, actor: User) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again."""
    if not institutions_with_keys(actor).filter(pk=institution.pk).exists():
        raise NotAllowed(_("You have no key in the name of this institution."))
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        institution=institution,
        user=actor,
        label=terms.label,
        scope=terms.scope,
        digest=digest_of(secret),
        expires_at=timezone.now() + timedelta(days=terms.days),
    )
    audit.record(verb="api_key.issued", obj=key, actor=actor, chain=audit_chain(actor), data={"scope": key.scope})
    return key, secret


@transaction.atomic
def end_keys(*, user: User, actor: User | None) -> int:
    """All keys in one person's name: whoever had the account may have made them, to come back with."""
    keys = ApiKey.objects.filter(user=user, revoked_at=None).order_by("pk")
    for key in keys:
        audit.record(
            verb="api_key.revoked", obj=key, actor=actor, system="" if actor else "accounts", chain=audit_chain(user)
        )
    return keys.update(revoked_at=timezone.now())


@transaction.atomic
def revoke_key(*, key: ApiKey, actor: User) -> None:
    if not ApiKey.objects.visible_to(actor).filter(pk=key.pk).exists():
        raise NotAllowed(_("This key is not of your institution."))
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    audit.record(verb="api_key.revoked", obj=key, actor=actor, chain=audit_chain(actor))
