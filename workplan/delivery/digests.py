"""The mail of the day: what is due, and nothing of its content."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.delivery import address
from core.jobs import finish
from core.models import OutboxMessage
from workplan.models import Digest, Notification, Report


@dataclass(frozen=True)
class DigestLine:
    """What a mail may say: which report, by when, where. Never a word of what is in it."""

    reference: str
    kind: str
    due_on: date
    zone: str
    days: int  # until the deadline; negative once it is over
    url: str


def send_digest(message: OutboxMessage, digest_id: int) -> None:
    """Send what is still true. One transaction: a mail that fails is tried again, one that went is not."""
    with transaction.atomic():
        digest = Digest.objects.select_for_update(of=("self",)).select_related("user").get(pk=digest_id)
        if digest.sent_at is not None or not finish(message):
            return
        lines = digest_lines(digest)
        if not lines or not digest.user.is_active:
            return
        Digest.objects.filter(pk=digest.pk).update(sent_at=timezone.now())
        _digest_mail(digest, lines).send()


def digest_lines(digest: Digest) -> list[DigestLine]:
    """Oldest deadline first; a report sent meanwhile needs no reminder."""
    rows = digest.notifications.visible_to(digest.user).with_report().order_by("due_on", "pk")
    readable = set(Report.objects.visible_to(digest.user).values_list("pk", flat=True))
    with translation.override(digest.user.language):
        return [_digest_line(row, row.report_id in readable) for row in rows if row.is_current]


def _digest_line(row: Notification, may_open: bool) -> DigestLine:
    report = row.report
    where = ("report_detail", report.reference) if may_open else ("report_list",)
    return DigestLine(
        reference=report.reference,
        kind=row.kind,
        due_on=row.due_on,
        zone=report.time_zone.key,
        days=(row.due_on - report.today).days,
        url=address(*where),
    )


def _digest_mail(digest: Digest, lines: Sequence[DigestLine]) -> EmailMessage:
    user, host = digest.user, urlsplit(settings.PORTAL_ADDRESS).hostname
    with translation.override(user.language):
        page = address("notification_list")
        context = {"lines": lines, "page": page, "person": user}
        mail = EmailMessage(
            subject=ngettext("A deadline in the portal", "%(count)s deadlines in the portal", len(lines))
            % {"count": len(lines)},
            body=render_to_string("workplan/mail/digest.txt", context),
            to=[user.email],
            headers={
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{page}#by-mail>",
                # The same for a second attempt, so that a mail server that has it can tell.
                "Message-ID": f"<digest-{digest.public_id}@{host}>",
            },
        )
        mail.attach("deadlines.ics", calendar(lines, host or ""), "text/calendar")
    return mail


def calendar(lines: Sequence[DigestLine], host: str) -> str:
    """Deadlines as whole days (RFC 5545). A date that moved replaces the one before: same UID, later SEQUENCE."""
    stamp = timezone.now().strftime("%Y%m%dT%H%M%SZ")
    rows = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//OAS//Portal of the national authorities//EN", "METHOD:PUBLISH"]
    for line in {line.reference: line for line in lines}.values():
        summary = _("Report %(reference)s is due") % {"reference": line.reference}
        rows += [
            "BEGIN:VEVENT",
            f"UID:due-{line.reference}@{host}",
            f"DTSTAMP:{stamp}",
            f"SEQUENCE:{line.due_on.toordinal()}",
            f"DTSTART;VALUE=DATE:{line.due_on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{line.due_on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(summary)}",
            f"URL:{line.url}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(row)}\r\n" for row in [*rows, "END:VCALENDAR"])


def _escaped(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _folded(row: str) -> str:
    """Lines of at most 75 octets; a letter is never cut in two."""
    parts, part = [], ""
    for letter in row:
        if len((part + letter).encode()) > 74:
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])
