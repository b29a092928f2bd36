"""What somebody does with their own account: codes, passwords, sessions, details."""

import uuid

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts import permissions
from accounts.models import User
from accounts.services.keys import end_keys
from core import audit
from core.jobs import enqueue


@transaction.atomic
def spend_code(*, authenticator: Authenticator, code: str) -> bool:
    """Mark the time step of an app's code as used; False where it, or a later one, was used before.

    allauth forgets a code after one step, while a code lives for three with our tolerance. Recovery codes
    are marked by allauth itself.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        return True
    stored = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    secret, last = decrypt(stored.data["secret"]), stored.data.get("last_step", -1)
    steps = [n for n in yield_hotp_counters_from_time() if format_hotp_value(hotp_value(secret, n)) == code.strip()]
    fresh = [n for n in steps if n > last]
    if fresh:
        stored.data["last_step"] = fresh[0]
        stored.save(update_fields=["data"])
    return bool(fresh)


def spend_activation_code(sender: object, request: object, authenticator: Authenticator, **kwargs: object) -> None:
    """Receiver of allauth's authenticator_added: the code that proved the app must not open a session later."""
    spend_code(authenticator=authenticator, code=getattr(request, "POST", {}).get("code", ""))


def note_refused_factor(*, user: User | None, kind: str, is_signed_in: bool) -> None:
    """A wrong code or passkey, kept even if the request fails later. The code itself is not."""
    audit.append_counted(
        verb="factor.refused",
        object_type="accounts.user",
        object_id=str(user.public_id) if user else "unknown",
        shared=("verb", "object_id"),
        chain=permissions.audit_chain(user) if user else audit.PLATFORM,
        actor_id=user.pk if user and is_signed_in else None,
        system="sign-in",
        data={"kind": kind},
    )


def note_ended_sessions(*, user: User, count: int) -> None:
    chain = permissions.audit_chain(user)
    audit.record(verb="session.others_ended", obj=user, chain=chain, actor=user, data={"sessions": count})


@transaction.atomic
def notify_of_change(*, user: User, change: str) -> None:
    """A password or second factor was changed: note it in the trail and mail the person.

    Whoever sets a password by a link may have lost the account to somebody, who keeps no key of it.
    """
    if change == "password_reset":
        end_keys(user=user, actor=user)
    audit.record(verb=f"account.{change}", obj=user, chain=permissions.audit_chain(user), actor=user)
    enqueue("accounts.send_notice", user.pk, change, key=f"notice:{uuid.uuid4()}", queue="mail")


@transaction.atomic
def ask_for_reset(*, user: User | None) -> None:
    """Ask for the mail with a link for a new password; nobody's request makes the same work."""
    enqueue("accounts.send_reset", user.pk if user else 0, key=f"reset:{uuid.uuid4()}", queue="mail")


@transaction.atomic
def end_sessions(*, user: User) -> None:
    """All sessions of the person are over at their next request, on every device."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


def keep_session(*, request: HttpRequest, user: User) -> None:
    """All other sessions of the person are over; this one goes on under another key, and stays in their list."""
    user.refresh_from_db(fields=["session_epoch"])
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)


@transaction.atomic
def save_profile(*, actor: User, full_name: str, language: str, time_zone: str) -> None:
    actor.full_name, actor.language, actor.time_zone = full_name, language, time_zone
    actor.save(update_fields=["full_name", "language", "time_zone"])
    audit.record(verb="profile.saved", obj=actor, chain=permissions.audit_chain(actor), actor=actor)
