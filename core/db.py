"""The only module that speaks SQL by hand: rights of the application role, locks, the way into the sealed area."""

import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction

from core.exceptions import SealedAreaClosed
from core.files import read_secret

if TYPE_CHECKING:
    from core.erasures import Erasure

APP_ROLE = "oas_app"
SEALED_ROLE = "oas_sealed"
SEALED_OWNER = "oas_sealed_owner"
ALL_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def grant_app_rights(sender: AppConfig, **kwargs: Any) -> None:
    """Give the application role each table's rights: a model's `app_rights`, or all four.

    Runs after every migrate. Append-only tables say so in their model, and the database then refuses
    the rest to the web and the workers, whatever the code tries.
    """
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [APP_ROLE])
        if cursor.fetchone()[0]:
            return  # migrate was run as the application role: nothing to give
        # A table made by the application, temporary or not, could stand before the real one in a trigger.
        database = quote(connection.settings_dict["NAME"])
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC, {APP_ROLE}")
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {APP_ROLE}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {APP_ROLE}")  # health and deploy checks read it
        existing = set(connection.introspection.table_names(cursor))
        for model in apps.get_models(include_auto_created=True):
            if model._meta.db_table not in existing or not model._meta.managed:
                continue
            table = quote(model._meta.db_table)
            rights = ", ".join(getattr(model, "app_rights", ALL_RIGHTS))
            cursor.execute(f"REVOKE ALL ON {table} FROM {APP_ROLE}")
            cursor.execute(f"GRANT {rights} ON {table} TO {APP_ROLE}")


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


@contextmanager
def session_lock(name: str) -> Iterator[bool]:
    """Hold an advisory lock for as long as the connection lives. False: somebody else has it.

    The server releases it when a killed worker's connection ends, so no clock and no lease are needed.
    """
    if settings.POOLED:
        raise ImproperlyConfigured("A worker needs a connection of its own, without PgBouncer: unset OAS_POOLED.")
    key = _lock_key(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        taken = bool(cursor.fetchone()[0])
    try:
        yield taken
    finally:
        if taken and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def is_locked(name: str) -> bool:
    """Whether a session holds the advisory lock. Only looks: trying the lock would take it for a moment, and a
    worker that came in that moment would believe somebody else is at work."""
    key = _lock_key(name) % 2**64
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND granted AND objsubid = 1"
            " AND classid = %s AND objid = %s)",
            [key >> 32, key & 0xFFFFFFFF],
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def consistent_reads(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Several queries that see one moment of the database. Inside a transaction they join it as it is."""
    joined = connections[alias].in_atomic_block
    with transaction.atomic(using=alias):
        if not joined:
            with connections[alias].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def place_in_log() -> tuple[str, datetime]:
    """How far the database has written its log, and its time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()::text, clock_timestamp()")
        return tuple(cursor.fetchone())


def replayed(alias: str, place: str) -> tuple[bool, bool | None, datetime | None]:
    """Of a standby: whether it follows, whether it has come to that place, and the time of the last change it made.

    One that was promoted answers, too, and follows no longer.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= %s::pg_lsn, pg_last_xact_replay_timestamp()",
            [place],
        )
        return tuple(cursor.fetchone())


# --- the sealed area --------------------------------------------------------------------------------


class AreaRouter:
    """Models of the sealed area name their connection; nothing else ever reaches it."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return getattr(model, "area_database", None)

    db_for_write = db_for_read

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool | None:
        """The owner migrates everything on the default connection."""
        return False if database in {settings.SEALED_DATABASE, settings.SEALED_KEYS_DATABASE} else None


@dataclass(frozen=True)
class SealedContext:
    """For whom the area is open: codes alone, never a name."""

    state: str
    user: str
    roles: tuple[str, ...] = ()
    # Record keys unwrapped so far. They live as long as the scope and are in nothing that is printed.
    keys: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False, compare=False)

    def claims(self) -> str:
        parts = (self.state, self.user, ",".join(self.roles))
        if any("|" in part for part in parts):
            raise SealedAreaClosed("A claim holds the separator")
        return "|".join(parts)


_sealed_context: ContextVar[SealedContext | None] = ContextVar("sealed_context", default=None)


def sealed_context() -> SealedContext:
    """The context of this request or task. Without one there is no key and no row."""
    if (context := _sealed_context.get()) is None:
        raise SealedAreaClosed("No scope of the sealed area is open")
    return context


@contextmanager
def sealed_scope(context: SealedContext) -> Iterator[SealedContext]:
    """One transaction of the sealed area: its role, and a context that the database checks, until it ends.

    Both are local to the transaction, so that nothing is left on a connection kept for the next request.
    """
    if _sealed_context.get() is not None:
        raise SealedAreaClosed("State and role are chosen once")
    mark = _sealed_context.set(context)
    try:
        with transaction.atomic(using=settings.SEALED_DATABASE, durable=True):
            enter_sealed_role(context)
            yield context
            _check_deferred_rules()
    finally:
        context.keys.clear()
        _sealed_context.reset(mark)


def _check_deferred_rules() -> None:
    """What the database asks only at the end is asked here, while the context still shows it the rows."""
    sealed = connections[settings.SEALED_DATABASE]
    if not sealed.needs_rollback:
        with sealed.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def enter_sealed_role(context: SealedContext) -> None:
    with connections[settings.SEALED_DATABASE].cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {SEALED_ROLE}; {_CONTEXT}", [_token(cursor, context)])


@contextmanager
def wrapped_keys() -> Iterator[None]:
    """A transaction on the store of wrapped keys. It commits by itself: a key exists before its record does."""
    alias = settings.SEALED_KEYS_DATABASE
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        _set_context(cursor, sealed_context())
        yield


def fetch_wrapped_keys(records: Iterable[UUID], field_class: str) -> list[tuple[UUID, int, bytes]]:
    """(record, version of the State's key, wrapped key) of those that are there.

    Context and question go to the server together: both are one transaction, and the context ends with it.
    """
    wanted = [[str(record) for record in records], field_class]
    with _asking_for_keys() as cursor:
        cursor.execute(f"{_CONTEXT}; {_WRAPPED}", [_token(cursor, sealed_context()), *wanted])
        return [(record, version, bytes(wrapped)) for record, version, wrapped in cursor.fetchall()]


@contextmanager
def _asking_for_keys() -> Iterator[Any]:
    """Behind a pooler the number of the server process is asked for first, and holds for a transaction alone."""
    alias = settings.SEALED_KEYS_DATABASE
    with transaction.atomic(using=alias) if settings.POOLED else nullcontext(), connections[alias].cursor() as cursor:
        yield cursor


# Of the sealed area, and always in one transaction with what needs it.
_CONTEXT = "SELECT set_config('app.ctx', %s, true)"
_WRAPPED = (
    "SELECT record, kek_version, wrapped FROM keys.record_key WHERE record = ANY(%s::uuid[]) AND field_class = %s"
)


def destroy_package_keys(record: Any) -> None:
    """For good, and for both sides: what the keys sealed is noise from then on. Inside `wrapped_keys`."""
    with connections[settings.SEALED_KEYS_DATABASE].cursor() as cursor:
        cursor.execute("SELECT keys.destroy_package(%s)", [record])


def erase_record(case: UUID) -> None:
    """All that tells of a person, and every key, in the scope's own transaction. The database asks for two people."""
    with connections[settings.SEALED_DATABASE].cursor() as cursor:
        cursor.execute("SELECT sealed.erase_case(%s)", [case])


def erase_record_again(erasure: "Erasure") -> bool:
    """As the owner, after a restore: what was erased since the backup. False: it is not there, or erased already."""
    context = SealedContext(erasure.state, "restore")
    given = [erasure.case, erasure.reason, erasure.asked_by, erasure.confirmed_by, erasure.erased_at]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {SEALED_OWNER}")
        _set_context(cursor, context)
        cursor.execute("SELECT sealed.erase_again(%s, %s, %s, %s, %s)", given)
        return bool(cursor.fetchone()[0])


def compare_keys_with_records() -> list[tuple[str, UUID, str, datetime]]:
    """(finding, record, class, made at) of the State: orphan, erased, package, keyless. Inside `wrapped_keys`."""
    with connections[settings.SEALED_KEYS_DATABASE].cursor() as cursor:
        cursor.execute("SELECT * FROM keys.compare_with_records()")
        return list(cursor.fetchall())


def destroy_orphan_keys() -> int:
    """Those of no row, once they are a day old, and what an erased case still has. Inside `wrapped_keys`."""
    with connections[settings.SEALED_KEYS_DATABASE].cursor() as cursor:
        cursor.execute("SELECT keys.destroy_orphans()")
        return int(cursor.fetchone()[0])


def _set_context(cursor: Any, context: SealedContext) -> None:
    cursor.execute(_CONTEXT, [_token(cursor, context)])


def _token(cursor: Any, context: SealedContext) -> str:
    return sign_context(context, backend=_backend(cursor), key=_signing_key())


def _backend(cursor: Any) -> int:
    """The server process behind the connection. What the driver was told when it connected is, behind a pooler,
    the pooler's; a number that is not true opens nothing."""
    if not settings.POOLED:
        return int(cursor.connection.info.backend_pid)
    cursor.execute("SELECT pg_backend_pid()")
    return int(cursor.fetchone()[0])


def sign_context(context: SealedContext, *, backend: int, key: bytes, expires: float | None = None) -> str:
    """`state|user|roles|expiry|mac`, worth nothing on another connection of the server."""
    end = int(expires if expires is not None else time.time() + settings.SEALED_CONTEXT_SECONDS)
    claims = f"{context.claims()}|{end}"
    return f"{claims}|{hmac.new(key, f'{claims}|{backend}'.encode(), hashlib.sha256).hexdigest()}"


def _signing_key() -> bytes:
    return read_secret(Path(settings.SEALED_SIGNING_KEY_FILE))


def install_signing_key(key: bytes) -> None:
    """As the owner: the database learns the two pads of the HMAC. The key before stays good, for a rotation."""
    padded = key.ljust(64, b"\0")
    pads = [bytes(byte ^ mask for byte in padded) for mask in (0x36, 0x5C)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {SEALED_OWNER}")
        cursor.execute(
            "INSERT INTO ctx.signing_key (inner_pad, outer_pad) VALUES (%s, %s) ON CONFLICT DO NOTHING", pads
        )
        cursor.execute("DELETE FROM ctx.signing_key WHERE id <= (SELECT max(id) FROM ctx.signing_key) - 2")
        cursor.execute("RESET ROLE")


def home_rules(table: str, *, role: str = SEALED_ROLE, change: str = "") -> str:
    """SQL for a table of the sealed area: a State sees and writes its own rows, whatever another policy says.

    `change` names the columns that may be updated. The guard is restrictive: a careless permissive policy added
    later opens nothing. Nobody may delete or truncate; erasing is a function.
    """
    if not re.fullmatch(r"[a-z_]+\.[a-z_]+", table):
        raise ValueError(table)
    update = f"GRANT UPDATE ({change}) ON {table} TO {role};" if change else ""
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY home ON {table} TO {role} USING (state = (SELECT ctx.state()));
    CREATE POLICY guard ON {table} AS RESTRICTIVE TO public USING (state = (SELECT ctx.state()));
    GRANT SELECT, INSERT ON {table} TO {role}; {update}"""
