"""The audit trail: append-only, hash-chained per State, written through one database function."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import F, Sum
from django.utils import timezone

from core.middleware import current_request_id
from core.models import AuditEvent, AuditTally

PLATFORM = "platform"
_key: ContextVar[dict[str, str] | None] = ContextVar("key", default=None)


@contextmanager
def by_key() -> Iterator[None]:
    """For a request of the API: what it records tells with whose key it was done, once that is noted."""
    before = _key.set({})
    try:
        yield
    finally:
        _key.reset(before)


def note_key(*, key: UUID, institution: UUID) -> None:
    _key.set({"key": str(key), "institution": str(institution)})


def record(
    *,
    verb: str,
    obj: models.Model,
    chain: str = PLATFORM,
    actor: AbstractBaseUser | None = None,
    system: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append one event in the current transaction.

    `chain` is the ISO code of the State whose data is concerned. `data` holds codes and names of fields,
    never the text of a report and never anything about a victim. Without an actor, `system` names the
    machinery; without either the database refuses the row.
    """
    object_id = str(getattr(obj, "public_id", None) or obj.pk)
    append(
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=object_id,
        chain=chain,
        actor_id=actor.pk if actor else None,
        system=system,
        data=data,
    )


def append(
    *,
    verb: str,
    object_type: str,
    object_id: str,
    chain: str = PLATFORM,
    actor_id: int | None = None,
    system: str = "",
    data: Mapping[str, Any] | None = None,
    durable: bool = False,
) -> None:
    """Append an event that concerns no stored object, such as a refused sign-in.

    `durable` commits at once on a connection of its own: the event stays when the request's transaction
    is rolled back. Not for a chain to which this transaction has already appended, whose head it locks.
    """
    alias = settings.AUDIT_DATABASE if durable else DEFAULT_DB_ALIAS
    told = json.dumps({**(data or {}), **(_key.get() or {})})
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT core_audit_append(%s, %s, %s, %s, %s, %s, %s::jsonb, %s)",
            [chain, actor_id, system, verb, object_type, object_id, told, current_request_id()],
        )


# --- what somebody can make happen any number of times ---------------------------------------------

ALONE = 20  # events of their own, an hour and a person (or an account that is guessed at)


def append_counted(
    *,
    verb: str,
    object_type: str,
    object_id: str,
    shared: Collection[str],
    chain: str = PLATFORM,
    actor_id: int | None = None,
    system: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append a durable event; from the twenty-first of an hour on it is counted only (docs/adr/0032).

    `shared` names the columns that together have the twenty: all refusals of one actor, say, whatever the page.
    """
    columns: dict[str, Any] = {"chain": chain, "actor_id": actor_id, "system": system, "verb": verb}
    columns |= {"object_type": object_type, "object_id": object_id}
    tallies = AuditTally.objects.using(settings.AUDIT_DATABASE)
    with transaction.atomic(using=settings.AUDIT_DATABASE):
        tally, _is_new = tallies.get_or_create(hour=this_hour(), **columns)
        together = tallies.filter(hour=tally.hour, **{name: columns[name] for name in shared})
        is_alone = (together.aggregate(n=Sum("written"))["n"] or 0) < ALONE
        if is_alone:
            append(**columns, data=data, durable=True)
        name = "written" if is_alone else "counted"
        tallies.filter(pk=tally.pk).update(**{name: F(name) + 1})


def this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


@transaction.atomic
def write_tallies() -> int:
    """One event for each thing that was counted in an hour that is over. Returns how many were written."""
    over = AuditTally.objects.select_for_update(skip_locked=True).filter(hour__lt=this_hour()).order_by("chain", "pk")
    rows = list(over)
    counted = [row for row in rows if row.counted]
    for row in counted:
        columns: dict[str, Any] = {name: getattr(row, name) for name in ("chain", "actor_id", "system", "verb")}
        data = {"times": row.counted, "hour": row.hour.isoformat()}
        append(**columns, object_type=row.object_type, object_id=row.object_id, data=data)
    AuditTally.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(counted)


def digest(event: AuditEvent, data_text: str) -> bytes:
    """What the hash of a stored row must be; the same text as in the database function.

    `data_text` is the row's data as the database writes it (AuditEventQuerySet.with_data_text).
    """
    parts = (
        bytes(event.previous).hex(),
        event.chain,
        str(event.seq),
        event.at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "" if event.actor_id is None else str(event.actor_id),
        event.system,
        event.verb,
        event.object_type,
        event.object_id,
        data_text,
        event.request_id,
    )
    encoded = (part.encode() for part in parts)
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in encoded)).digest()
