"""Making a backup: by the login that reads everything and changes nothing, encrypted to keys kept elsewhere."""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from core import anchors, audit
from core.backup import (
    ANCHORS,
    DATABASE,
    FILES,
    KEY_STORE,
    LEDGER,
    MANIFEST,
    MEDIA,
    RECORD_KEYS,
    BackupFailed,
    streams,
    tables,
)
from core.canonical import canonical_json
from core.files import object_storage

FORMAT = 1
# The key of the signed contexts is a secret of the key store; its two pads never leave in a dump.
NEVER = "--exclude-table-data=ctx.signing_key"


def make_backup(folder: Path) -> Path:
    """A new folder in `folder`, complete or not there at all. Audited."""
    to = recipients(settings.BACKUP_RECIPIENTS, "OAS_BACKUP_RECIPIENTS")
    name = f"portal-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    draft, target = folder / f".{name}", folder / name
    draft.mkdir(mode=0o700, parents=True)
    try:
        manifest = _write_parts(draft, to)
        streams.seal_bytes(_signed(manifest), draft / MANIFEST, to)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    rows = sum(rows for rows, _ in manifest["tables"].values())
    audit.append(verb="backup.made", object_type="core.backup", object_id=name, system="backup", data={"rows": rows})
    return target


def _write_parts(draft: Path, to: streams.Recipients) -> dict[str, Any]:
    database = tables.of_backups()
    env = {**os.environ, **tables.environment(database)}
    # Before the database: what is anchored must be in it.
    streams.seal_files(anchor_file(), draft / ANCHORS, to)
    with tables.reading(database) as cursor:
        if ("keys", "record_key") not in tables.names(cursor):
            raise BackupFailed("There is nothing to keep yet: the database was not migrated.")
        cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version_num')::int / 10000")
        snapshot, postgres = cursor.fetchone()
        dump = [program("pg_dump"), "--format=custom", f"--snapshot={snapshot}", "--no-comments"]
        streams.seal_command([*dump, "--exclude-schema=keys", NEVER], env, draft / DATABASE, to)
        streams.seal_command([*dump, "--schema=keys"], env, draft / RECORD_KEYS, to)
        figures = tables.figures(cursor)
    # After the database: a file is written before the row that names it, so every row finds its file.
    seal_private_files(draft / FILES, to)
    return {
        "format": FORMAT,
        "portal": settings.OAS_VERSION,
        "postgres": postgres,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tables": figures,
        "parts": {path.name: streams.sha256(path) for path in sorted(draft.iterdir())},
    }


def seal_private_files(target: Path, to: streams.Recipients) -> None:
    streams.seal_files(private_files(), target, to, stored_objects())


def private_files() -> dict[str, Path]:
    """Uploads and documents, by their name in the archive."""
    return {} if object_storage() else {MEDIA: Path(settings.MEDIA_ROOT)}


def stored_objects() -> Iterator[tuple[str, IO[bytes]]]:
    """The same, of a bucket: one after the other."""
    if (bucket := object_storage()) is None:
        return
    for name in bucket.names():
        with suppress(FileNotFoundError):  # removed since it was listed: no row names it any more
            yield f"{MEDIA}/{name}", bucket.fetch(name)


def anchor_file() -> dict[str, Path]:
    return {"anchors.jsonl": Path(settings.AUDIT_ANCHOR_FILES[0])}


def back_up_key_store(folder: Path) -> Path:
    """The secrets without which a backup stays closed: to another place, for other keepers (B79 of the design)."""
    to = recipients(settings.BACKUP_KEY_RECIPIENTS, "OAS_BACKUP_KEY_RECIPIENTS")
    if set(settings.BACKUP_KEY_RECIPIENTS) & set(settings.BACKUP_RECIPIENTS):
        raise BackupFailed("OAS_BACKUP_KEY_RECIPIENTS: who opens the backups must not open the keys as well.")
    target = folder / f"keys-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    target.mkdir(mode=0o700, parents=True)
    streams.seal_files(key_store(), target / KEY_STORE, to)
    return target


def key_store() -> dict[str, Path]:
    """Secrets that this process knows; those in a security module have a backup of the module's own."""
    secrets = {"audit_key.pem": settings.AUDIT_KEY_FILE, "secret_key": settings.SECRET_KEY_FILE}
    secrets["factor_key"] = settings.FACTOR_KEY_FILE
    if settings.SERVES_SEALED:
        secrets |= {"context.key": settings.SEALED_SIGNING_KEY_FILE, "record-keys": settings.SEALED_KEY_FOLDER}
        secrets |= {"erasures.pem": settings.ERASURE_KEY_FILE, LEDGER: settings.ERASURE_FILES[0]}
    return {name: Path(path) for name, path in secrets.items() if path}


def program(name: str) -> str:
    found = shutil.which(name, path=settings.PG_BIN or None)
    if not found:
        raise BackupFailed(f"{name} was not found: set OAS_PG_BIN to the folder of PostgreSQL's programs.")
    return found


def recipients(texts: list[str], variable: str) -> streams.Recipients:
    if not texts:
        raise BackupFailed(f"Set {variable}: public keys of age, made by age-keygen on another machine.")
    return streams.recipients(texts)


def _signed(manifest: dict[str, Any]) -> bytes:
    """Encrypted to a public key, a backup could be anybody's; the signature says whose it is."""
    text = canonical_json(manifest)
    signature = base64.b64encode(anchors.signing_key().sign(text.encode())).decode()
    return json.dumps({"manifest": text, "signature": signature}).encode()
