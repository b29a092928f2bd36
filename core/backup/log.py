"""Back to any moment: a base backup now and then, and the server's log after it, both encrypted (docs/adr/0140).

The server copies each finished piece of its log into a spool; `ship` takes it from there, so that PostgreSQL's account
needs neither the portal's program nor a key.
"""

import gzip
import os
import re
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from core.backup import BackupFailed, streams, tables
from core.backup.make import program, recipients

STAMP = "%Y%m%dT%H%M%SZ"
BASE, LOG = "base-{}.tar.age", "log"
# Pieces of the log, histories of timelines, labels of backups; a copy that is not finished has another name.
PIECE = re.compile(r"[0-9A-F]{8}(?:[0-9A-F]{16}(?:\.[0-9A-F]{8}\.backup)?|\.history)")


def make_base(folder: Path) -> Path:
    """The whole cluster as it is, by the login of replication. Named by the moment from which on it is of use."""
    if settings.REPLICATION_DATABASE is None:
        raise BackupFailed("Set DATABASE_REPLICATION_URL: base backups are made by a login that may replicate.")
    to = recipients(settings.BACKUP_RECIPIENTS, "OAS_BACKUP_RECIPIENTS")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".base-{os.getpid()}"
    argv = [program("pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast"]
    try:
        streams.seal_command(argv, {**os.environ, **tables.environment(settings.REPLICATION_DATABASE)}, draft, to)
        target = folder / BASE.format(datetime.now(UTC).strftime(STAMP))
        draft.rename(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return target


def ship(spool: Path, folder: Path) -> int:
    """Every piece that the server has laid down, encrypted into the folder; how many. A piece leaves the spool last."""
    to = recipients(settings.BACKUP_RECIPIENTS, "OAS_BACKUP_RECIPIENTS")
    kept = folder / LOG
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    pieces = sorted(path for path in spool.iterdir() if PIECE.fullmatch(path.name))
    for piece in pieces:
        _keep(piece, kept / f"{piece.name}.gz.age", to)
        piece.unlink()
    return len(pieces)


def _keep(piece: Path, target: Path, to: streams.Recipients) -> None:
    """On the disk before it has its name: what is there is whole, whatever was killed."""
    draft = target.with_name(f".{target.name}")
    draft.unlink(missing_ok=True)
    streams.seal_bytes(gzip.compress(piece.read_bytes(), compresslevel=1), draft, to)
    for path in (draft, target.parent):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    draft.rename(target)


def newest_base(folder: Path, until: datetime) -> Path:
    """The last one that was complete at that moment."""
    complete = [path for path in folder.glob(BASE.format("*")) if path.name < BASE.format(until.strftime(STAMP))]
    if not complete:
        raise BackupFailed(f"There is no base backup in {folder} from before {until:%Y-%m-%d %H:%M:%S} UTC.")
    return max(complete)


def unpack(folder: Path, until: datetime, data: Path, log: Path, with_keys: streams.Identities) -> Path:
    """The base into `data` and the log after it into `log`, for a server to recover from; the base that was taken."""
    base = newest_base(folder, until.astimezone(UTC))
    for path in (data, log):
        path.mkdir(mode=0o700, parents=True)
    with streams.unsealed(base, with_keys) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
        archive.extractall(data, filter="tar")
    data.chmod(0o700)
    first = _first_piece(data)
    for kept in sorted((folder / LOG).glob("*.gz.age")):
        name = kept.name.removesuffix(".gz.age")
        if len(name) < len(first) or name[8:] >= first[8:]:
            (log / name).write_bytes(gzip.decompress(streams.unseal_bytes(kept, with_keys)))
    return base


def _first_piece(data: Path) -> str:
    """The piece of the log with which recovery begins; what is older is of no use."""
    label = (data / "backup_label").read_text(encoding="utf-8")
    found = re.search(r"START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)", label)
    if not found:
        raise BackupFailed("The base backup has no label.")
    return found[1]
