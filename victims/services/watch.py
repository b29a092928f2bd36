"""The watch over the access log: who looks at more, at other hours or in other ways than is usual (docs/adr/0126).

It reads the trail alone: who, when, which case by its number. No key is asked for; an alert holds nothing of a case.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import RoleAssignment, State, User
from core.db import SealedContext, sealed_scope
from core.exceptions import NotAllowed, StepRefused
from core.jobs import enqueue
from core.models import AuditEvent
from victims import vault
from victims.enums import AlertKind, FieldClass, Reason, SearchReason
from victims.models import Alert
from victims.permissions import Officer, can_watch

WATCH, TABLE, OBJECT = "watch", "alert", "victims.alert"


@dataclass(frozen=True)
class Thresholds:
    """All of them, and nowhere else. Of one person; a day and its hours are those of the State."""

    history_days: int = 28
    days_to_know: int = 5  # with fewer days of work in the history, colleagues are the measure
    times_usual: float = 3.0  # an alert is that many times what is usual, and at least:
    many_cases: int = 15  # different cases within an hour
    many_always: int = 60  # whatever is usual
    night_from: int = 22
    night_until: int = 5
    night_cases: int = 3
    nights_usual: int = 3  # who worked on so many nights of the history has night duty
    reveals: int = 8  # identities shown in a day
    reveals_of_one: int = 5  # of the same case in a day
    misses: int = 8  # addresses within an hour
    exports: int = 3  # files in a day
    exported_cases: int = 25  # in a day
    searches: int = 12  # without an answer, within an hour


@dataclass(frozen=True)
class Seen:
    """One event of the trail, at the State's own time."""

    at: datetime
    what: str
    cases: tuple[str, ...] = ()
    is_emergency: bool = False  # has notices and a review of its own


@dataclass(frozen=True)
class Finding:
    kind: str
    number: int
    usual: int = 0


Events = Sequence[Seen]
Days = Mapping[date, Events]
OPENED, REVEALED, EXPORTED, MISSED, IN_VAIN = "opened", "revealed", "exported", "missed", "in vain"
_HOW = {"page": OPENED, "referral": OPENED, "reveal": REVEALED, "export": EXPORTED}


# --- the trail as the watch reads it --------------------------------------------------------------


def _seen(event: AuditEvent, zone: ZoneInfo) -> Seen | None:
    at, data = event.at.astimezone(zone), event.data
    if event.verb == "case.read":
        what = _HOW.get(data.get("how", ""))
        if what is None or (what == EXPORTED and data.get("class") != FieldClass.QUASI):
            return None  # counting and indexing; the other classes of the same file
        return Seen(at, what, tuple(data.get("cases", [event.object_id])), data.get("purpose") == Reason.SAFETY)
    if event.verb == "access.refused":
        return Seen(at, MISSED) if data.get("status") == 404 and "token" in data else None
    return None if data["cases"] or data.get("reason") == SearchReason.NEW_PERSON else Seen(at, IN_VAIN)


def _trail(state: State, since: datetime) -> dict[int, dict[date, list[Seen]]]:
    """By person and by day."""
    verbs, zone = ("case.read", "access.refused", "search.answered"), ZoneInfo(state.time_zone)
    events = AuditEvent.objects.filter(chain=state.iso2, verb__in=verbs, at__gte=since, actor__isnull=False)
    found: dict[int, dict[date, list[Seen]]] = defaultdict(lambda: defaultdict(list))
    for event in events.order_by("seq").iterator():
        if seen := _seen(event, zone):
            found[event.actor_id or 0][seen.at.date()].append(seen)
    return found


# --- rules ----------------------------------------------------------------------------------------


def _most_within_an_hour(events: Iterable[Seen]) -> int:
    """Different cases, or events that have none, in any sixty minutes."""
    marks = [(one.at, case) for one in events for case in one.cases or (one.at.isoformat(),)]
    held: Counter[str] = Counter()
    most = start = 0
    for at, case in marks:
        held[case] += 1
        while marks[start][0] <= at - timedelta(hours=1):
            held[marks[start][1]] -= 1
            start += 1
        most = max(most, sum(count > 0 for count in held.values()))
    return most


def _of(events: Events, *kinds: str) -> list[Seen]:
    return [one for one in events if one.what in kinds]


def _busy_hour(events: Events) -> int:
    return _most_within_an_hour(_of(events, OPENED, REVEALED))


def _reveals(events: Events) -> int:
    return len(_of(events, REVEALED))


def _night_cases(events: Events, rule: Thresholds) -> int:
    day = range(rule.night_until, rule.night_from)
    at_night = [one for one in _of(events, OPENED, REVEALED) if one.at.hour not in day and not one.is_emergency]
    return len({case for one in at_night for case in one.cases})


def _high(numbers: Iterable[int]) -> int:
    """What a busy day reaches: nine days of ten are not above it."""
    ordered = sorted(numbers)
    return ordered[int(len(ordered) * 0.9)] if ordered else 0


@dataclass(frozen=True)
class Habits:
    """What is usual: of a person, where there is history enough, else of colleagues."""

    busy_hour: int
    reveals: int
    nights: int


def habits(days: Days, peers: Sequence[Days], rule: Thresholds) -> Habits:
    def usual(measure: Callable[[Events], int]) -> int:
        if len(days) >= rule.days_to_know:
            return _high(map(measure, days.values()))
        known = [_high(map(measure, one.values())) for one in peers if len(one) >= rule.days_to_know]
        return int(median(known)) if known else 0

    nights = sum(_night_cases(events, rule) > 0 for events in days.values())
    return Habits(usual(_busy_hour), usual(_reveals), nights)


def findings(events: Events, usual: Habits, rule: Thresholds) -> list[Finding]:
    """Of one person and day."""
    return [one for check in _CHECKS if (one := check(events, usual, rule)) is not None]


def _many(events: Events, usual: Habits, rule: Thresholds) -> Finding | None:
    number, limit = _busy_hour(events), max(rule.many_cases, int(rule.times_usual * usual.busy_hour))
    return Finding(AlertKind.MANY, number, usual.busy_hour) if number >= min(limit, rule.many_always) else None


def _night(events: Events, usual: Habits, rule: Thresholds) -> Finding | None:
    number = _night_cases(events, rule)
    has_duty = usual.nights >= rule.nights_usual
    return Finding(AlertKind.NIGHT, number) if number >= rule.night_cases and not has_duty else None


def _shown(events: Events, usual: Habits, rule: Thresholds) -> Finding | None:
    number = _reveals(events)
    of_one = max(Counter(case for one in _of(events, REVEALED) for case in one.cases).values(), default=0)
    is_much = number >= max(rule.reveals, int(rule.times_usual * usual.reveals)) or of_one >= rule.reveals_of_one
    return Finding(AlertKind.REVEALS, number, usual.reveals) if is_much else None


def _missed(events: Events, usual: Habits, rule: Thresholds) -> Finding | None:
    number = _most_within_an_hour(_of(events, MISSED))
    return Finding(AlertKind.MISSES, number) if number >= rule.misses else None


def _taken(events: Events, usual: Habits, rule: Thresholds) -> Finding | None:
    files = _of(events, EXPORTED)
    cases = {case for one in files for case in one.cases}
    is_much = len(files) >= rule.exports or len(cases) >= rule.exported_cases
    return Finding(AlertKind.EXPORTS, len(cases)) if is_much else None


def _in_vain(events: Events, usual: Habits, rule: Thresholds) -> Finding | None:
    number = _most_within_an_hour(_of(events, IN_VAIN))
    return Finding(AlertKind.SEARCHES, number) if number >= rule.searches else None


_CHECKS = (_many, _night, _shown, _missed, _taken, _in_vain)


# --- the job --------------------------------------------------------------------------------------


def look(rule: Thresholds | None = None) -> int:
    """Over today and yesterday of every State; how many alerts are new. What was found before is found once."""
    return sum(_look(state, rule or Thresholds()) for state in State.objects.all())


def _look(state: State, rule: Thresholds) -> int:
    today = timezone.now().astimezone(ZoneInfo(state.time_zone)).date()
    trail = _trail(state, timezone.now() - timedelta(days=rule.history_days + 2))
    new = 0
    for day in (today - timedelta(days=1), today):
        past = {person: {d: seen for d, seen in days.items() if d < day} for person, days in trail.items()}
        for person, days in trail.items():
            if not (events := days.get(day)):
                continue
            peers = [other for name, other in past.items() if name != person]
            found = findings(events, habits(past[person], peers, rule), rule)
            new += _raise(state, person, day, found) if found else 0
    return new


def _raise(state: State, person: int, day: date, found: Sequence[Finding]) -> int:
    code = str(User.objects.values_list("public_id", flat=True).get(pk=person))
    with sealed_scope(SealedContext(state.iso2, WATCH)):
        known = set(Alert.objects.filter(subject=code, day=day).values_list("kind", flat=True))
        new = [one for one in found if one.kind not in known]
        rows = [Alert(state=state.iso2, id=uuid.uuid4(), subject=code, day=day, **vars(one)) for one in new]
        for row in rows:
            vault.create_keys(row.id, [FieldClass.NARRATIVE])  # for the words of whoever closes it
        Alert.objects.bulk_create(rows)
        for row in rows:
            _note(state.iso2, "alert.raised", row, system=WATCH, kind=row.kind, person=code)
    if new:
        _tell_the_watch(state.iso2, person, day)
    return len(new)


def _tell_the_watch(state: str, subject: int, day: date) -> None:
    """One mail a day, however many alerts: that something waits, not what or about whom."""
    held = RoleAssignment.objects.current().filter(
        institution__state__iso2=state, role__in=(Role.CASE_SUPERVISOR, Role.CUSTODIAN)
    )
    for person in sorted(set(held.exclude(user_id=subject).values_list("user_id", flat=True))):
        enqueue("accounts.send_watch_notice", person, key=f"watch:{state}:{day}:{person}", queue="mail")


# --- closing --------------------------------------------------------------------------------------


def close(*, actor: Officer, alert: Alert, outcome: str, words: str) -> None:
    """By somebody else than it is about; what was found out is sealed under a key of the alert's own."""
    if not can_watch(actor) or alert.subject == actor.code:
        raise NotAllowed(_("Somebody else has to look at this."))
    if Alert.objects.open().select_for_update().filter(id=alert.id).first() is None:
        raise StepRefused(_("A colleague has closed this in the meantime."))
    _note(actor.state, "alert.closed", alert, actor_id=actor.user.pk, outcome=outcome)
    body = vault.seal({"text": words}, case=alert.id, field_class=FieldClass.NARRATIVE, table=TABLE, record=alert.id)
    fields = {"outcome": outcome, "closed_by": actor.code, "closed_at": timezone.now(), "body": body}
    try:
        with transaction.atomic(using=settings.SEALED_DATABASE):
            Alert.objects.filter(id=alert.id).update(**fields)
    except DatabaseError as error:
        raise StepRefused(_("This step is not possible.")) from error


def read_notes(*, actor: Officer, alerts: Sequence[Alert]) -> dict[uuid.UUID, str]:
    """What was written when alerts were closed; the reading is in the trail first."""
    closed = [alert for alert in alerts if alert.closed_by]
    if not closed:
        return {}
    receipt = vault.announce(
        cases=[alert.id for alert in closed],
        field_class=FieldClass.NARRATIVE,
        purpose=Reason.SUPERVISION,
        actor_id=actor.user.pk,
        object_type=OBJECT,
    )
    return {
        alert.id: vault.unseal(alert.body, receipt, case=alert.id, table=TABLE, record=alert.id)["text"]
        for alert in closed
    }


def _note(state: str, verb: str, alert: Alert, *, actor_id: int | None = None, system: str = "", **data: Any) -> None:
    vault.write_trail(
        chain=state,
        verb=verb,
        object_type=OBJECT,
        object_id=str(alert.id),
        actor_id=actor_id,
        system=system,
        data=data,
    )
