"""Into and out of age files, as streams: nothing of a backup is ever on a disk in the clear."""

import hashlib
import os
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyrage

from core.backup import BackupFailed

BLOCK = 1 << 20
Recipients = Sequence[pyrage.x25519.Recipient]
Identities = Sequence[pyrage.x25519.Identity]


def recipients(texts: Sequence[str]) -> Recipients:
    """Public keys, as `age1…`. Whoever holds one can make backups and read none."""
    try:
        return [pyrage.x25519.Recipient.from_str(text) for text in texts]
    except pyrage.RecipientError as error:
        raise BackupFailed("A recipient of backups is not a public key of age (age1…).") from error


def identities(path: Path) -> Identities:
    """Private keys of a file as age-keygen writes it: one a line, lines of comment before them."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise BackupFailed(f"{path} holds no private key of age.") from error


def seal_command(argv: Sequence[str], env: Mapping[str, str], target: Path, to: Recipients) -> None:
    """What a program prints."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603 - our own words
        with process, target.open("xb") as out:
            pyrage.encrypt_io(process.stdout, out, to)
        if process.returncode:
            raise BackupFailed(f"{Path(argv[0]).name} failed: {_last_line(errors)}")


def seal_bytes(content: bytes, target: Path, to: Recipients) -> None:
    target.write_bytes(pyrage.encrypt(content, to))


def seal_files(
    entries: Mapping[str, Path], target: Path, to: Recipients, objects: Iterable[tuple[str, IO[bytes]]] = ()
) -> None:
    """Files and folders by the names they have in the archive, and what comes one by one. What is not there is left
    out."""

    def write(pipe: IO[bytes]) -> None:
        with tarfile.open(fileobj=pipe, mode="w|") as archive:
            for name, path in sorted(entries.items()):
                if path.exists():
                    archive.add(path, arcname=name)
            for name, file in objects:
                _add(archive, name, file)

    with _fed_by(write) as plain, target.open("xb") as out:
        pyrage.encrypt_io(plain, out, to)


def _add(archive: tarfile.TarFile, name: str, file: IO[bytes]) -> None:
    with file:
        member = tarfile.TarInfo(name)
        member.size, member.mode = file.seek(0, os.SEEK_END), 0o600
        file.seek(0)
        archive.addfile(member, file)


@contextmanager
def unsealed(path: Path, with_keys: Identities) -> Iterator[IO[bytes]]:
    """The content as a stream that a program or an archive can read."""

    def write(pipe: IO[bytes]) -> None:
        with path.open("rb") as sealed:
            pyrage.decrypt_io(sealed, pipe, with_keys)

    try:
        with _fed_by(write) as plain:
            yield plain
    except pyrage.DecryptError as error:
        raise BackupFailed(f"{path.name} does not open with this key, or was changed.") from error


def unseal_bytes(path: Path, with_keys: Identities) -> bytes:
    with unsealed(path, with_keys) as plain:
        return plain.read()


def feed_command(argv: Sequence[str], env: Mapping[str, str], plain: IO[bytes]) -> None:
    with tempfile.TemporaryFile() as errors:
        done = subprocess.run(  # noqa: S603 - our own words
            argv, env=env, stdin=plain, stdout=subprocess.DEVNULL, stderr=errors, check=False
        )
        if done.returncode:
            raise BackupFailed(f"{Path(argv[0]).name} failed: {_last_line(errors)}")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _fed_by(write: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """The reading end of a pipe into which a thread writes. Its error is raised here, at the end."""
    reading, writing = os.pipe()
    failed: list[Exception] = []

    def work() -> None:
        try:
            with os.fdopen(writing, "wb") as pipe:
                write(pipe)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as plain:
            yield plain
            while plain.read(BLOCK):
                pass  # a reader that stopped early must not look like a writer that failed
    except Exception as error:
        thread.join()
        # What the reader met is the writer's error at second hand; a broken pipe is the reader's own.
        raise _cause(failed) or error from None
    thread.join()
    if failed:
        raise failed[0]


def _cause(failed: Sequence[Exception]) -> Exception | None:
    return next((error for error in failed if not isinstance(error, BrokenPipeError)), None)


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
