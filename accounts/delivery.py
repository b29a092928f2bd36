"""What the worker does: mails in the recipient's language, without content beyond what happened and a link; files
that are handed in; and notices to systems of institutions."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.core.signing import Signer
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import HOOK_ROLES, FactorNotice, NoteRefusal, NoticeState
from accounts.models import (
    FactorReset,
    FocalPointAppointment,
    HookEvent,
    HookNotice,
    Invitation,
    NoteDocument,
    RoleAssignment,
    User,
    Webhook,
)
from core import audit, outgoing
from core.checked_files import process_file
from core.jobs import enqueue, finish
from core.models import OutboxMessage

DELIVER_NOTICE = "accounts.deliver_notice"
HOOK_TROUBLE = "accounts.send_hook_trouble"
# What allauth calls a change, and what the mail says.
CHANGES = {
    "password_changed": gettext_lazy("Your password was changed."),
    "password_reset": gettext_lazy("Your password was changed with a link sent to this address."),
    "totp_activated": gettext_lazy("An authenticator app was added to your account."),
    "totp_deactivated": gettext_lazy("The authenticator app was removed from your account."),
    "webauthn_added": gettext_lazy("A passkey was added to your account."),
    "webauthn_removed": gettext_lazy("A passkey was removed from your account."),
    "recovery_codes_generated": gettext_lazy("New recovery codes were made; the old ones no longer work."),
}

# What is said of a reset: to the person, and to whoever asked or confirms.
TO_THE_PERSON = {
    FactorNotice.CONFIRMED: gettext_lazy("Your second factor will be removed, because somebody said that you lost it."),
    FactorNotice.STOPPED: gettext_lazy("The reset of your second factor was stopped. Nothing changes."),
    FactorNotice.APPLIED: gettext_lazy(
        "Your second factor was removed and you were signed out everywhere. "
        "Sign in with your password to set up a new one."
    ),
}
TO_OTHERS = {
    FactorNotice.REQUESTED: gettext_lazy("A reset of a second factor waits for a second person to confirm it."),
    FactorNotice.CONFIRMED: gettext_lazy("The reset of a second factor that you asked for is confirmed."),
    FactorNotice.STOPPED: gettext_lazy("The reset of a second factor that you asked for was stopped. Nothing changes."),
    FactorNotice.APPLIED: gettext_lazy("The reset of a second factor that you asked for is done."),
}


def address(name: str, *args: object) -> str:
    """Absolute address of a page, in the active language."""
    return settings.PORTAL_ADDRESS + reverse(name, args=args)


def invitation_token(invitation: Invitation) -> str:
    """The secret of an invitation's link: computed, so that neither the database nor a task ever holds it."""
    digest = salted_hmac(
        "accounts.invitation", f"{invitation.public_id}:{invitation.issue}", algorithm="sha256"
    ).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def send_invitation(invitation_id: int) -> None:
    """Only what the link needs: an invitation revoked or sent again meanwhile gets no mail from this task."""
    _send_link(invitation_id, "accounts/mail/invitation.txt", gettext_lazy("Invitation to the portal"))


def send_invitation_reminder(invitation_id: int) -> None:
    _send_link(invitation_id, "accounts/mail/invitation_waits.txt", gettext_lazy("Your invitation is waiting"))


def _send_link(invitation_id: int, template: str, subject: Promise) -> None:
    invitation = Invitation.objects.usable().filter(pk=invitation_id).first()
    if invitation is None:
        return
    with translation.override(invitation.language):
        url = address("invitation", invitation_token(invitation))
        send_mail(
            str(subject), render_to_string(template, {"url": url, "invitation": invitation}), None, [invitation.email]
        )


def send_role_waits(invitation_id: int, user_id: int) -> None:
    """To who may confirm a role: that one waits, and where. No name and no role."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    invitation = Invitation.objects.pending().filter(pk=invitation_id, confirmed_at=None).first()
    if user is None or invitation is None:
        return
    with translation.override(user.language):
        context = {"url": address("invitation_confirm", invitation.public_id)}
        body = render_to_string("accounts/mail/role_waits.txt", context)
        send_mail(_("A role waits for your confirmation"), body, None, [user.email])


def send_appointment_notice(appointment_id: int, user_id: int) -> None:
    """To the State, when the Secretariat records a focal point: from which day, and where to look. No name."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    appointment = FocalPointAppointment.objects.get(pk=appointment_id)
    if user is None:
        return
    with translation.override(user.language):
        context = {"url": address("appointment_list"), "first": appointment.valid_from}
        body = render_to_string("accounts/mail/appointment.txt", context)
        send_mail(_("A new focal point of your State was recorded"), body, None, [user.email])


def send_review_reminder(user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        body = render_to_string("accounts/mail/review_due.txt", {"url": address("access_review")})
        send_mail(_("The access review is due"), body, None, [user.email])


def send_area_notice(user_id: int) -> None:
    """Of the sealed area a mail says nothing but that something waits there: no code, no name, no address of a page."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        body = render_to_string("accounts/mail/area_notice.txt", {})
        send_mail(_("An emergency access waits for a review"), body, None, [user.email])


def send_referral_notice(user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        body = render_to_string("accounts/mail/referral_notice.txt", {})
        send_mail(_("There is something for you in the portal"), body, None, [user.email])


def send_watch_notice(user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        body = render_to_string("accounts/mail/watch_notice.txt", {})
        send_mail(_("There is something for you in the portal"), body, None, [user.email])


def send_decisions_notice(user_id: int, count: int) -> None:
    """How many decisions wait, and the way to the portal; nothing of what is to be decided, nor in which area."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        body = render_to_string("accounts/mail/decisions_notice.txt", {"count": count, "url": address("home")})
        send_mail(_("Decisions wait for you in the portal"), body, None, [user.email])


def send_notice(user_id: int, change: str) -> None:
    user = User.objects.get(pk=user_id)
    with translation.override(user.language):
        context = {"what": str(CHANGES[change]), "url": address("mfa_index")}
        body = render_to_string("accounts/mail/notice.txt", context)
        send_mail(_("Your account on the portal was changed"), body, None, [user.email])


def password_link(user: User) -> str:
    """Works once, and until the password or the sign-in has changed."""
    token = default_token_generator.make_token(user)
    return address("account_reset_password_from_key", user_pk_to_url_str(user), token)


def send_reset(user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        body = render_to_string("accounts/mail/reset.txt", {"url": password_link(user)})
        send_mail(_("Choose a new password"), body, None, [user.email])


# --- a lost second factor -------------------------------------------------------------------------


def stop_signer() -> Signer:
    """Signs the link by which a person stops the reset of their factor: whoever lost it cannot sign in to do so."""
    return Signer(salt="accounts.factor_reset.stop")


def send_factor_notice(reset_id: int, user_id: int, notice: str) -> None:
    """No name of anybody. A notice that is no longer true is not sent."""
    reset = FactorReset.objects.select_related("person").get(pk=reset_id)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or reset.notice != notice:
        return
    is_theirs = user.pk == reset.person_id
    words = TO_THE_PERSON if is_theirs else TO_OTHERS
    context = {"what": words[FactorNotice(notice)], "is_theirs": is_theirs, "effective_at": None}
    if notice == FactorNotice.CONFIRMED:
        context["effective_at"] = reset.effective_at
    with translation.override(user.language), timezone.override(user.time_zone):
        context["url"] = _factor_page(reset, FactorNotice(notice), is_theirs=is_theirs)
        body = render_to_string("accounts/mail/factor_reset.txt", context)
        send_mail(_("Reset of a second factor"), body, None, [user.email])


def _factor_page(reset: FactorReset, notice: FactorNotice, *, is_theirs: bool) -> str:
    if not is_theirs:
        return address("person_detail", reset.person.public_id)
    if notice == FactorNotice.CONFIRMED:
        return address("factor_reset_link", stop_signer().sign(str(reset.public_id)))
    return address("account_login")


# --- the note verbale as a file -------------------------------------------------------------------


def process_note(message: OutboxMessage, document_id: int) -> None:
    document = NoteDocument.objects.select_related("appointment__state").get(pk=document_id)

    def record(verdict: dict[str, Any]) -> None:
        audit.record(
            system="accounts",
            verb=f"note.{verdict['scan_state']}",
            obj=document.appointment,
            chain=document.appointment.state.iso2,
            data={"sha256": document.sha256, "refusal": verdict.get("refusal", "")},
        )

    process_file(message, document, folder="notes", record=record, refusal=NoteRefusal.of)


# --- notices to another system --------------------------------------------------------------------

RETRY_AFTER = tuple(timedelta(minutes=number) for number in (1, 5, 30, 120, 480, 1440))  # then it is given up
FAILURES_TO_STOP = 20  # in a row, of whatever notices


def signature(secrets: list[bytes], moment: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex>`; while a secret is being replaced, one v1 of each."""
    signed = b"%d.%s" % (moment, body)
    marks = [hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={moment}", *(f"v1={mark}" for mark in marks)])


def notice_body(event: HookEvent) -> bytes:
    """All that ever leaves: which event, of which kind, when, and where its object is read with a key."""
    told = {"id": str(event.public_id), "kind": event.kind, "at": event.at.isoformat()}
    link = settings.PORTAL_ADDRESS + event.link if event.link else ""
    told |= {"object": event.object_kind, "object_id": event.object_id, "link": link}
    return json.dumps(told, separators=(",", ":")).encode()


def deliver_notice(message: OutboxMessage, notice_id: int) -> None:
    """One attempt. Killed after the other side has heard it, it is made again under the same id of the event."""
    notice = HookNotice.objects.deliverable().select_related("hook", "event").filter(pk=notice_id).first()
    if notice is None:
        finish(message)
        return
    status, trouble = _call(notice)
    with transaction.atomic():
        if finish(message):
            _note_attempt(notice, status, trouble)


def _call(notice: HookNotice) -> tuple[int | None, str]:
    body, moment = notice_body(notice.event), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "oas-portal-notices/1",
        "Portal-Event": str(notice.event.public_id),
        "Portal-Signature": signature(notice.hook.secrets(), moment, body),
    }
    try:
        status = outgoing.post(notice.hook.url, body, headers)
    except outgoing.Unreachable as refusal:
        return None, refusal.trouble
    return status, "" if 200 <= status < 300 else outgoing.Trouble.STATUS


def _note_attempt(notice: HookNotice, status: int | None, trouble: str) -> None:
    # Two notices of one system may fail at once: its failures are counted under its lock.
    hook = Webhook.objects.select_for_update().get(pk=notice.hook_id)
    tries = notice.attempts + 1
    state = NoticeState.WAITING if trouble else NoticeState.DONE
    if trouble and tries > len(RETRY_AFTER):
        state = NoticeState.DEAD
    HookNotice.objects.filter(pk=notice.pk).update(
        state=state, attempts=tries, trouble=trouble, status=status, tried_at=timezone.now()
    )
    hook.failures = hook.failures + 1 if trouble else 0
    if hook.failures >= FAILURES_TO_STOP and hook.stopped_at is None:
        _stop(hook)
    elif state == NoticeState.WAITING:
        enqueue(DELIVER_NOTICE, notice.pk, key=f"hook:{notice.pk}:{tries}", after=RETRY_AFTER[tries - 1])
    if state == NoticeState.DEAD:
        _tell_of_hook(hook, "dead")
    hook.save(update_fields=["failures", "stopped_at"])


def _stop(hook: Webhook) -> None:
    """Nobody is there, it seems: what waits is given up, and nothing more is kept for it."""
    hook.stopped_at = timezone.now()
    HookNotice.objects.filter(hook=hook).waiting().update(state=NoticeState.DEAD)
    state = hook.institution.state
    audit.record(system="webhooks", verb="webhook.stopped", obj=hook, chain=state.iso2 if state else audit.PLATFORM)
    _tell_of_hook(hook, "stopped")


def _tell_of_hook(hook: Webhook, what: str) -> None:
    """A mail to whoever answers for the institution; about the same trouble one a day."""
    roles = RoleAssignment.objects.current().filter(institution=hook.institution, role__in=HOOK_ROLES)
    for user in sorted(set(roles.values_list("user", flat=True))):
        key = f"hook-trouble:{hook.pk}:{what}:{timezone.localdate()}:{user}"
        enqueue(HOOK_TROUBLE, hook.pk, user, key=key, queue="mail")


def send_hook_trouble(hook_id: int, user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    hook = Webhook.objects.filter(pk=hook_id, ended_at=None).first()
    if user is None or hook is None:
        return
    with translation.override(user.language):
        context = {"hook": hook, "url": address("hook_detail", hook.public_id)}
        body = render_to_string("accounts/mail/hook_trouble.txt", context)
        send_mail(_("Notices to your system do not arrive"), body, None, [user.email])
