"""The way back: into an empty database, all or nothing, and without doing twice what was done already."""

import base64
import json
import os
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from django.db import connection
from django.db.models.functions import Now

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
from core.backup.make import FORMAT, anchor_file, key_store, private_files, program
from core.files import object_storage
from core.models import OutboxMessage

if TYPE_CHECKING:
    from core.storage import ObjectStorage

# What an app does before a restored portal is opened to people: the name of the step and one line about it.
BEFORE_OPENING: list[tuple[str, Callable[[], str]]] = []
# Effects of these leave the machine: what was open in the backup may have been sent since.
SENDING_QUEUES = ("mail",)


def read_manifest(backup: Path, with_keys: streams.Identities, public_key: str | None = None) -> dict[str, Any]:
    """What the backup should hold, after its signature and the hash of each part were checked."""
    signed = json.loads(streams.unseal_bytes(backup / MANIFEST, with_keys))
    try:
        signature = base64.b64decode(signed["signature"])
        anchors.public_key(public_key).verify(signature, signed["manifest"].encode())
    except InvalidSignature as error:
        raise BackupFailed("The backup was not made by this portal: its signature is not of the audit key.") from error
    manifest: dict[str, Any] = json.loads(signed["manifest"])
    if manifest["format"] != FORMAT:
        raise BackupFailed(f"The backup has format {manifest['format']} and this portal reads {FORMAT}.")
    for name, digest in manifest["parts"].items():
        if not (backup / name).exists() or streams.sha256(backup / name) != digest:
            raise BackupFailed(f"{name} is missing or was changed.")
    return manifest


def restore_database(backup: Path, with_keys: streams.Identities) -> None:
    """As the owner. Each of the two dumps comes back whole or not at all."""
    _refuse_used_database()
    database = connection.settings_dict
    connection.close()
    env = {**os.environ, **tables.environment(database)}
    # The database exists with its schema "public", which a dump would make again.
    argv = [program("pg_restore"), "--exit-on-error", "--single-transaction", "--dbname", str(database["NAME"])]
    for part in (DATABASE, RECORD_KEYS):
        with streams.unsealed(backup / part, with_keys) as plain:
            streams.feed_command(argv, env, plain)


def _refuse_used_database() -> None:
    with connection.cursor() as cursor:
        if tables.names(cursor):
            raise BackupFailed("The database is not empty. A backup is never written over data that is there.")


def restore_files(backup: Path, with_keys: streams.Identities) -> None:
    if (bucket := object_storage()) is None:
        _unpack(backup / FILES, with_keys, private_files())
    else:
        _put_back(backup / FILES, with_keys, bucket)
    _unpack(backup / ANCHORS, with_keys, anchor_file())


def restore_key_store(folder: Path, with_keys: streams.Identities) -> None:
    """Over what a new installation has made for itself. A ledger of erasures that is there is never the older one."""
    places = key_store()
    if LEDGER in places and places[LEDGER].exists():
        del places[LEDGER]
    _unpack(folder / KEY_STORE, with_keys, places)


def _unpack(path: Path, with_keys: streams.Identities, places: dict[str, Path]) -> None:
    """Each entry to its place of today."""
    with streams.unsealed(path, with_keys) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
        for member in archive:
            name, _, below = member.name.partition("/")
            if not member.isfile() or name not in places:
                continue
            target = places[name] / below if below else places[name]
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            member.name = target.name
            archive.extract(member, target.parent, filter="data")


def _put_back(path: Path, with_keys: streams.Identities, bucket: "ObjectStorage") -> None:
    """Into the bucket, from whichever of the two places the files were backed up."""
    with streams.unsealed(path, with_keys) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
        for member in archive:
            place, _, name = member.name.partition("/")
            file = archive.extractfile(member)
            # A killed process may have left a piece of a file in the folder; no row names it.
            if file is not None and place == MEDIA and not Path(name).name.startswith(".part-"):
                bucket.keep(name, file.read())


def hold_what_was_being_sent() -> int:
    """Mails that were open in the backup are dead letters from here on, for a person to look at; how many."""
    waiting = OutboxMessage.objects.filter(done_at=None, dead_at=None, queue__in=SENDING_QUEUES)
    return waiting.update(dead_at=Now(), last_error="held: restored from a backup")


def note_restore(manifest: dict[str, Any], *, held: int, different: list[str]) -> None:
    """What came after the backup is lost to the trail: the trail says so itself."""
    data = {"held": held, "different": len(different)}
    made_at = manifest["made_at"]
    audit.append(verb="backup.restored", object_type="core.backup", object_id=made_at, system="restore", data=data)


def compare(manifest: dict[str, Any]) -> list[str]:
    """Tables whose rows are not those of the backup. None may differ. Read by the login of backups."""
    with tables.reading(tables.of_backups()) as cursor:
        return tables.different(manifest["tables"], tables.figures(cursor))


def note_recovery(until: datetime, *, held: int) -> None:
    """The same for a recovery to a moment."""
    moment = until.isoformat(timespec="seconds")
    audit.append(
        verb="backup.recovered", object_type="core.backup", object_id=moment, system="restore", data={"held": held}
    )
