"""Notices to systems of institutions: who is told of what, and the addresses they are sent to (docs/adr/0160)."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import UNCHOSEN_HOOKS, HookKind, InstitutionKind, NoticeState
from accounts.models import HookEvent, HookNotice, Institution, User, Webhook, hook_cipher
from accounts.permissions import audit_chain
from accounts.queries import institutions_with_hooks
from accounts.tasks import deliver_notice
from core import audit
from core.exceptions import NotAllowed, PortalError, StepRefused
from core.jobs import enqueue, enqueue_again
from core.outgoing import Unreachable, target_of

PREFIX = "oasw_"
MOST = 10  # of an institution
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class HookTerms:
    """Which system, and what it is told of."""

    label: str
    url: str
    kinds: Collection[str]


# --- what happened --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Happened:
    """An object by its kind, its opaque name and the path of the API under which it is read."""

    object_kind: str
    object_id: str
    link: str = ""


@dataclass(frozen=True)
class Audience:
    """Whose systems may hear of it: bodies of States, single institutions, the Secretariat; or everybody's."""

    states: Collection[int] = ()
    institutions: Collection[int] = ()
    secretariat: bool = False
    everybody: bool = False

    def as_filter(self) -> Q:
        if self.everybody:
            return Q()
        found = Q(institution__state__in=self.states) | Q(institution__in=self.institutions)
        return found | Q(institution__kind=InstitutionKind.SECRETARIAT) if self.secretariat else found


def announce(kind: HookKind, happened: Happened, audience: Audience) -> int:
    """Keep a notice for each system that is told of the kind, in the transaction of what happened. Returns how many."""
    hooks = list(Webhook.objects.told_of(kind).filter(audience.as_filter()))
    return _keep(kind, happened, hooks) if hooks else 0


def _keep(kind: HookKind, happened: Happened, hooks: list[Webhook]) -> int:
    event = HookEvent.objects.create(kind=kind, **vars(happened))
    notices = HookNotice.objects.bulk_create(HookNotice(hook=hook, event=event) for hook in hooks)
    for notice in notices:
        enqueue(deliver_notice.name, notice.pk, key=f"hook:{notice.pk}:0")
    return len(notices)


@transaction.atomic
def sweep_notices() -> int:
    """What waits and is asked for by nothing any more is asked for anew; what is over goes after thirty days."""
    waiting = HookNotice.objects.deliverable().filter(created_at__lt=timezone.now() - timedelta(minutes=10))
    count = enqueue_again(deliver_notice.name, waiting.values_list("pk", flat=True), name="hook-again")
    old = timezone.now() - KEPT
    HookNotice.objects.filter(created_at__lt=old).exclude(state=NoticeState.WAITING).delete()
    HookEvent.objects.filter(at__lt=old, notices=None).delete()
    return count


# --- the addresses --------------------------------------------------------------------------------


@transaction.atomic
def add_hook(*, institution: Institution, terms: HookTerms, actor: User) -> tuple[Webhook, str]:
    """A system to be told, and the secret that signs, which nobody can read again."""
    if not institutions_with_hooks(actor).filter(pk=institution.pk).exists():
        raise NotAllowed(_("You do not answer for this institution."))
    Institution.objects.select_for_update().get(pk=institution.pk)
    if Webhook.objects.filter(institution=institution, ended_at=None).count() >= MOST:
        raise PortalError(_("An institution has ten addresses at most. Remove one first."))
    url = accepted_url(terms.url)
    kinds = [kind for kind in HookKind.values if kind in terms.kinds and kind not in UNCHOSEN_HOOKS]
    secret = PREFIX + secrets.token_urlsafe(32)
    hook = Webhook.objects.create(
        institution=institution, user=actor, label=terms.label, url=url, kinds=kinds, secret=_sealed(secret)
    )
    _audit("webhook.added", hook, actor, kinds=kinds)
    return hook, secret


def accepted_url(url: str) -> str:
    """As it is kept: its scheme in small letters, as the database wants it."""
    try:
        target_of(url)
        return urlsplit(url).geturl()
    except Unreachable as refusal:
        words = _("Give an https address of a machine on the Internet, by its name, on port 443 or 8443.")
        raise PortalError(words) from refusal


@transaction.atomic
def rotate_secret(*, hook: Webhook, actor: User) -> str:
    """A new secret; for a day the one before signs as well."""
    locked = _locked(hook, actor)
    secret = PREFIX + secrets.token_urlsafe(32)
    locked.secret, locked.old_secret, locked.rotated_at = _sealed(secret), locked.secret, timezone.now()
    locked.save(update_fields=["secret", "old_secret", "rotated_at"])
    _audit("webhook.secret_replaced", locked, actor)
    return secret


@transaction.atomic
def pause_hook(*, hook: Webhook, actor: User) -> None:
    """What happens meanwhile waits."""
    locked = _locked(hook, actor)
    locked.paused_at = locked.paused_at or timezone.now()
    locked.save(update_fields=["paused_at"])
    _audit("webhook.paused", locked, actor)


@transaction.atomic
def resume_hook(*, hook: Webhook, actor: User) -> None:
    """Switch on again, after a pause or after it was switched off; what waited goes out."""
    locked = _locked(hook, actor)
    locked.paused_at, locked.stopped_at, locked.failures = None, None, 0
    locked.save(update_fields=["paused_at", "stopped_at", "failures"])
    waiting = HookNotice.objects.filter(hook=locked).waiting().values_list("pk", flat=True)
    enqueue_again(deliver_notice.name, waiting, name="hook-resumed")
    _audit("webhook.resumed", locked, actor)


@transaction.atomic
def test_hook(*, hook: Webhook, actor: User) -> None:
    """A notice of nothing, to see whether it arrives."""
    locked = _locked(hook, actor)
    if locked.paused_at or locked.stopped_at:
        raise StepRefused(_("Switch it on first."))
    if HookNotice.objects.filter(hook=locked, event__kind=HookKind.TEST).waiting().exists():
        raise StepRefused(_("A test is on its way already."))
    _keep(HookKind.TEST, Happened("webhook", str(locked.public_id)), [locked])
    _audit("webhook.tested", locked, actor)


@transaction.atomic
def end_hook(*, hook: Webhook, actor: User) -> None:
    """Remove it: its secrets are gone, and what waited is never sent."""
    locked = _locked(hook, actor)
    locked.ended_at, locked.secret, locked.old_secret = timezone.now(), "", ""
    locked.save(update_fields=["ended_at", "secret", "old_secret"])
    HookNotice.objects.filter(hook=locked).waiting().update(state=NoticeState.DEAD)
    _audit("webhook.removed", locked, actor)


def _locked(hook: Webhook, actor: User) -> Webhook:
    found = Webhook.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=hook.pk).first()
    if found is None:
        raise NotAllowed(_("You do not answer for this institution."))
    return found


def _sealed(secret: str) -> str:
    return hook_cipher().encrypt(secret.encode()).decode()


def _audit(verb: str, hook: Webhook, actor: User, **data: Any) -> None:
    audit.record(verb=verb, obj=hook, actor=actor, chain=audit_chain(actor), data=data)
