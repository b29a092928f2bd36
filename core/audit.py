"""The audit trail: append-only, hash-chained per State, written through one database function."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models

from core.middleware import current_request_id

PLATFORM = "platform"


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
) -> None:
    """Append an event that concerns no stored object, such as a refused sign-in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT core_audit_append(%s, %s, %s, %s, %s, %s, %s::jsonb, %s)",
            [chain, actor_id, system, verb, object_type, object_id, json.dumps(data or {}), current_request_id()],
        )
