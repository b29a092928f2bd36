"""Files that are named by their content: written whole or not at all, and once."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


def store_once(content: bytes, *, folder: str, suffix: str) -> tuple[str, str]:
    """Keep the content below MEDIA_ROOT; (name, SHA-256). The same content again finds its file.

    A killed process must never leave half a file under the final name, so the content goes to a temporary
    file, to the disk, and only then to its name.
    """
    digest = hashlib.sha256(content).hexdigest()
    name = f"{folder}/{digest[:2]}/{digest}.{suffix}"
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
