"""What must be so for the portal to be trusted, asked of the running installation. One finding a line.

The same findings are printed by `manage.py doctor`, shown on the status page and counted in the metrics.
"""

import io
import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from core import checks, clamd, clocks, keys, replica
from core.anchors import public_key, read_anchors
from core.audit_check import check_chain, known_chains
from core.backup.make import key_store
from core.db import consistent_reads
from core.files import object_storage, store_once
from core.models import OutboxMessage

OK, WARN, FAIL = "ok", "warn", "FAIL"
FREE_BYTES_WANTED = 2 * 10**9
EARLY = 3  # times as much: time to make room
CLOCK_SECONDS = 2.0
LONGEST_WAIT = timedelta(minutes=5)
OLDEST_SERVER = 150000


@dataclass(frozen=True)
class Finding:
    name: str
    level: str
    text: str


Check = Callable[[], tuple[str, str]]


def examine(names: set[str] | None = None) -> list[Finding]:
    """All findings, or those named. A check that cannot be made has failed; what it met is named by its kind alone."""
    return [_finding(name, check) for name, check in CHECKS.items() if names is None or name in names]


def _finding(name: str, check: Check) -> Finding:
    if name in OF_THE_OPEN_AREA and not settings.SERVES_OPEN:
        return Finding(name, OK, _("the open area's, and examined there"))
    try:
        with transaction.atomic():
            level, text = check()
    except Exception as error:  # whatever it is, the other checks still have something to say
        level, text = FAIL, _("could not be asked (%(error)s)") % {"error": type(error).__name__}
    return Finding(name, level, text)


def _ask(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return str(cursor.fetchone()[0])


def database() -> tuple[str, str]:
    version, encoding = int(_ask("SHOW server_version_num")), _ask("SHOW server_encoding")
    fits = version >= OLDEST_SERVER and encoding == "UTF8"
    return OK if fits else FAIL, f"PostgreSQL {version // 10000}, {encoding}"


def schema() -> tuple[str, str]:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return FAIL if waiting else OK, _("%(count)s migrations wait") % {"count": waiting}


def roles() -> tuple[str, str]:
    found = [*checks.application_role(None, ["default"]), *checks.sealed_logins(None, ["default"])]
    owned = _ask("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
    wrong = [error.msg for error in found] + (
        [_("this login owns %(count)s tables") % {"count": owned}] if owned != "0" else []
    )
    return FAIL if wrong else OK, "; ".join(map(str, wrong)) or _("the login owns nothing and bypasses nothing")


def isolation() -> tuple[str, str]:
    """The open login is refused by every table of the sealed area, and each of them guards itself."""
    open_to_us = _ask(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
        " AND n.nspname IN ('sealed', 'keys', 'ctx') AND has_schema_privilege(n.oid, 'USAGE')"
        " AND has_table_privilege(c.oid, 'SELECT')"
    )
    unguarded = _ask(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
        " AND n.nspname IN ('sealed', 'keys') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    )
    try:
        with transaction.atomic():
            _ask("SELECT count(*) FROM sealed.case_file")
        refused = False
    except ProgrammingError:
        refused = True
    fits = refused and open_to_us == unguarded == "0"
    return OK if fits else FAIL, _("%(open)s sealed tables are open to this login, %(unguarded)s have no guard") % {
        "open": open_to_us,
        "unguarded": unguarded,
    }


def chain() -> tuple[str, str]:
    anchored, wrong_lines = read_anchors(public_key())
    with consistent_reads():
        chains = known_chains(anchored)
        faults = [fault for name in chains for fault in check_chain(name, anchored)]
    total = len(faults) + len(wrong_lines)
    return FAIL if total else OK, _("%(chains)s chains, %(heads)s anchored heads, %(faults)s faults") % {
        "chains": len(chains),
        "heads": len(anchored),
        "faults": total,
    }


def anchors() -> tuple[str, str]:
    """Written by the clock: an old one means that the clock or the worker stands still."""
    path = Path(settings.AUDIT_ANCHOR_FILES[0])
    if not path.exists():
        return WARN, _("none was written yet")
    age = time.time() - path.stat().st_mtime
    level = OK if age <= 3 * settings.AUDIT_ANCHOR_SECONDS else FAIL
    return level, _("the last was written %(minutes)s minutes ago") % {"minutes": round(age / 60)}


def broker() -> tuple[str, str]:
    began = time.monotonic()
    cache.set("doctor", 1, 5)
    return OK, _("answers in %(ms)s ms") % {"ms": round((time.monotonic() - began) * 1000)}


def queue() -> tuple[str, str]:
    waiting = OutboxMessage.objects.filter(done_at=None, dead_at=None)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    age = timezone.now() - oldest if oldest else timedelta()
    text = _("%(count)s wait, the oldest for %(seconds)s s") % {
        "count": waiting.count(),
        "seconds": round(age.total_seconds()),
    }
    return FAIL if age > LONGEST_WAIT else OK, text


def dead_letters() -> tuple[str, str]:
    count = OutboxMessage.objects.exclude(dead_at=None).count()
    return WARN if count else OK, _("%(count)s pieces of work were given up") % {"count": count}


def mail() -> tuple[str, str]:
    server = get_connection()
    opened = server.open()
    server.close()
    return OK, _("the server answers") if opened else _("mails are kept on this machine")


def scanner() -> tuple[str, str]:
    if not clamd.is_configured():
        return WARN, _("none: uploads are shown as not scanned (OAS_CLAMD)")
    return (FAIL, _("calls a harmless text malware")) if clamd.find_malware(b"harmless") else (OK, _("it answers"))


def disk() -> tuple[str, str]:
    """Where uploads are kept may be a disk of its own. It is said early enough to do something about it."""
    places = [Path(place) for place in (settings.VAR_DIR, settings.MEDIA_ROOT)]
    free = min(shutil.disk_usage(place).free for place in places if place.exists())
    level = FAIL if free < FREE_BYTES_WANTED else WARN if free < EARLY * FREE_BYTES_WANTED else OK
    return level, _("%(gigabytes)s GB are free") % {"gigabytes": round(free / 10**9, 1)}


def files() -> tuple[str, str]:
    """Writes, reads and removes one that says nothing, and asks for it as a stranger."""
    if (bucket := object_storage()) is None:
        return OK, _("in a folder of this machine")
    name, _digest = store_once(uuid.uuid4().bytes, folder="doctor", suffix="bin")
    bucket.fetch(name).close()
    is_public = bucket.is_public(name)
    bucket.delete(name)
    if is_public:
        return FAIL, _("anybody can read the object storage")
    return OK, _("in object storage, which answers")


def clock() -> tuple[str, str]:
    apart = clocks.measure()
    return OK if apart <= CLOCK_SECONDS else FAIL, _("%(seconds)s s apart from the database") % {
        "seconds": round(apart, 2)
    }


def standby() -> tuple[str, str]:
    """Without it pages are as right and a little slower."""
    if not replica.is_configured():
        return OK, _("none: everything is read from the database itself")
    found = replica.examine()
    if found.answer == replica.AWAY:
        return WARN, _("does not follow, or does not answer: figures are read from the database itself")
    text = _("%(seconds)s s behind the database") % {"seconds": round(found.behind)}
    return OK if found.answer == replica.STANDBY else WARN, text


def secrets() -> tuple[str, str]:
    files = [path for place in key_store().values() for path in ([place] if place.is_file() else place.rglob("*"))]
    loose = [path.name for path in files if path.is_file() and path.stat().st_mode & 0o077]
    return (FAIL, _("others may read %(files)s") % {"files": ", ".join(loose)}) if loose else (OK, _("ours alone"))


def key_provider() -> tuple[str, str]:
    if not settings.SERVES_SEALED:
        return OK, _("none: this process serves the open area alone")
    return (OK if keys.provider().is_healthy() else FAIL), settings.SEALED_KEY_PROVIDER


def deployment() -> tuple[str, str]:
    if settings.OAS_DEMO:
        return WARN, _("a demonstration: its accounts have published secrets")
    call_command("check", deploy=True, fail_level="WARNING", stdout=io.StringIO())
    return OK, _("every deploy check passes")


CHECKS: dict[str, Check] = {
    "database": database,
    "schema": schema,
    "roles": roles,
    "isolation": isolation,
    "chain": chain,
    "anchors": anchors,
    "broker": broker,
    "queue": queue,
    "dead letters": dead_letters,
    "mail": mail,
    "scanner": scanner,
    "disk": disk,
    "files": files,
    "clock": clock,
    "standby": standby,
    "secrets": secrets,
    "keys": key_provider,
    "deployment": deployment,
}
# A process of the sealed area alone sends no mail, takes no uploads and signs no anchors.
OF_THE_OPEN_AREA = {"chain", "anchors", "mail", "scanner", "files", "standby"}
# Cheap enough for a page and for each scrape of the metrics.
QUICK = {"database", "anchors", "broker", "queue", "dead letters", "disk", "clock", "standby"}
