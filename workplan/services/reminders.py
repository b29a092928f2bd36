"""Reminders before and after a deadline: each once, and one digest per person and day."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.enums import SECRETARIAT_ROLES, InstitutionKind
from accounts.models import RoleAssignment, User
from core.jobs import enqueue
from workplan.enums import APPROVERS, NOT_YET_SENT, REMINDER_OFFSETS, WRITERS, NotificationKind
from workplan.models import Digest, DigestChoice, EntryUserObjectPermission, Notification, Report

MORNING = timedelta(hours=7)  # of the State: nobody is reminded at midnight
STALE = timedelta(days=14)  # a clock that stood still for so long after the deadline keeps quiet


@transaction.atomic
def remind() -> int:
    """Write the reminders whose morning has come and ask for the digests. Returns how many mails were asked for.

    Run as often as one likes, late, or by three clocks at once: what has its row is not written again.
    """
    now = timezone.now()
    reminders = [reminder for report in _awaited() for reminder in _reminders(report, now)]
    # In one order everywhere, so that two clocks wait for one another instead of deadlocking.
    reminders.sort(key=lambda row: (row.user_id, row.report_id))
    Notification.objects.bulk_create(reminders, ignore_conflicts=True)
    return _ask_for_digests(now)


def _awaited() -> Iterable[Report]:
    return Report.objects.awaited().select_related("round", "state").order_by("pk")


def _reminders(report: Report, now: datetime) -> Iterator[Notification]:
    offset = due_offset(report.due, report.due_since, report.time_zone, now)  # type: ignore[attr-defined]
    if offset is None:
        return
    for user in sorted(recipients(report)):
        yield Notification(
            user_id=user, kind=NotificationKind.DEADLINE, report=report, due_on=report.due_on, offset=offset
        )


def due_offset(due: date, since: datetime, zone: ZoneInfo, now: datetime) -> int | None:
    """The last reminder of the series whose morning has come where the reporter is.

    Earlier ones that were missed are not made up for: one reminder says it all. None before the first, long
    after the last, and where the date was set only after that reminder's day.
    """
    today = (now.astimezone(zone) - MORNING).date()
    come = [offset for offset in REMINDER_OFFSETS if due + timedelta(days=offset) <= today]
    if not come or today - due > STALE:
        return None
    offset = max(come)
    was_set = since.astimezone(zone).date()
    return offset if due + timedelta(days=offset) >= was_set else None


def recipients(report: Report) -> set[int]:
    """Who works on the report: its authority's people, and those to whom an entry is handed."""
    roles = RoleAssignment.objects.current()
    if report.state is None:
        own = roles.filter(institution__kind=InstitutionKind.SECRETARIAT, role__in=SECRETARIAT_ROLES)
        return set(own.values_list("user", flat=True))
    of_state = roles.filter(institution__state=report.state)
    own = of_state.filter(institution__kind=InstitutionKind.AUTHORITY, role__in={*WRITERS, *APPROVERS})
    handed = EntryUserObjectPermission.objects.in_force().filter(content_object__report=report)
    handed = handed.filter(user__in=of_state.values("user"))
    return {*own.values_list("user", flat=True), *handed.values_list("user", flat=True)}


def _ask_for_digests(now: datetime) -> int:
    """One digest for everybody with something new; whoever had today's waits until tomorrow."""
    waiting = Notification.objects.filter(digest=None, read_at=None)
    silent = DigestChoice.objects.filter(by_mail=False).values("user")
    people = User.objects.filter(pk__in=waiting.values("user"), is_active=True).exclude(pk__in=silent)
    return sum(_ask_for_digest(user, now) for user in people.order_by("pk"))


def _ask_for_digest(user: User, now: datetime) -> bool:
    day = timezone.localdate(now, ZoneInfo(user.time_zone))
    digest, is_new = Digest.objects.get_or_create(user=user, day=day)
    if is_new:
        Notification.objects.filter(user=user, digest=None, read_at=None).update(digest=digest)
        enqueue("workplan.send_digest", digest.pk, key=f"digest:{user.pk}:{day}", queue="mail")
    return is_new


@transaction.atomic
def remind_now(*, report: Report) -> int:
    """A reminder out of turn, asked for by somebody who waits for the report; once a day. Returns how many people.

    Nobody is reminded of what they have sent.
    """
    if report.status not in NOT_YET_SENT:
        return 0
    offset = (report.today - report.due_on).days
    told = [
        Notification(user_id=user, kind=NotificationKind.DEADLINE, report=report, due_on=report.due_on, offset=offset)
        for user in sorted(recipients(report))
    ]
    already = Notification.objects.filter(report=report, kind=NotificationKind.DEADLINE, offset=offset)
    if already.filter(due_on=report.due_on).exists():
        return 0
    Notification.objects.bulk_create(told, ignore_conflicts=True)
    _ask_for_digests(timezone.now())
    return len(told)


@transaction.atomic
def mark_read(*, actor: User) -> int:
    """All that was shown so far is read."""
    return Notification.objects.visible_to(actor).unread().update(read_at=timezone.now())


@transaction.atomic
def choose_digest(*, by_mail: bool, actor: User) -> None:
    """Whether the digest comes by mail. What came while it did not was on the page and is not mailed later."""
    DigestChoice.objects.update_or_create(user=actor, defaults={"by_mail": by_mail})
    if by_mail:
        Notification.objects.filter(user=actor, digest=None).update(read_at=timezone.now())
