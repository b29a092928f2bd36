"""Files that are named by their content, and files of secrets: written whole or not at all, and once."""

import errno
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage

if TYPE_CHECKING:
    from core.storage import ObjectStorage


def is_full(error: BaseException | None) -> bool:
    """Whether only room was missing. It passes by itself once somebody has made some."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def object_storage() -> "ObjectStorage | None":
    """Where files are kept, if not below MEDIA_ROOT. Its package is installed only where it is used."""
    return cast("ObjectStorage", default_storage) if hasattr(default_storage, "keep") else None


def store_once(content: bytes, *, folder: str, suffix: str) -> tuple[str, str]:
    """Keep the content below MEDIA_ROOT or in the bucket; (name, SHA-256). The same content again finds its file.

    A killed process must never leave half a file under the final name, so the content goes to a temporary
    file, to the disk, and only then to its name.
    """
    digest = hashlib.sha256(content).hexdigest()
    name = f"{folder}/{digest[:2]}/{digest}.{suffix}"
    if (bucket := object_storage()) is not None:
        bucket.keep(name, content)
        return name, digest
    path = Path(settings.MEDIA_ROOT) / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content)
    return name, digest


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_secret(path: Path) -> bytes:
    """The bytes of a key. A file that others may read is no secret, and the process does not go on with it."""
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes()
    except OSError as error:
        raise ImproperlyConfigured(f"There is no readable key at {path}.") from error
    if mode & 0o077:
        raise ImproperlyConfigured(f"{path} may be read by others: its mode must be 0600.")
    return secret


def write_secret_once(path: Path, secret: bytes) -> bool:
    """Keep a new key, 0600 in a folder of 0700. False: there was one, and it stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink(missing_ok=True)
    return True
