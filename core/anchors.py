"""Signed heads of the audit chains, kept outside the database.

A hash chain alone does not notice that its last rows were cut off and its head turned back. Every few
minutes the heads of all chains are signed and appended to files that the database's owner cannot reach.
"""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.canonical import canonical_json
from core.models import AuditHead


@dataclass(frozen=True)
class AnchorFault:
    file: str
    line: int
    kind: str


Anchored = dict[tuple[str, int], bytes]


def signing_key() -> Ed25519PrivateKey:
    """The key of AUDIT_KEY_FILE. Made on first use on a demonstration machine, never in production."""
    path = Path(settings.AUDIT_KEY_FILE)
    if not path.exists():
        if not (settings.OAS_DEMO or settings.DEBUG):
            raise ImproperlyConfigured(f"There is no key for the audit anchors at {path} (AUDIT_KEY_FILE).")
        make_key(path)
    return load_key(path)


def load_key(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{path} must hold an Ed25519 key.")
    return key


def make_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked: another process never reads half a key, nor replaces one that exists.
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def public_key(path: str | None = None) -> Ed25519PublicKey:
    """The key kept elsewhere, where one is given; else the public half of this machine's own."""
    if path is None:
        return signing_key().public_key()
    key = serialization.load_pem_public_key(Path(path).read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ImproperlyConfigured(f"{path} must hold an Ed25519 public key.")
    return key


def public_key_pem() -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return signing_key().public_key().public_bytes(encoding, form).decode()


def write_anchor() -> dict[str, Any]:
    """Sign the heads as they stand and append the line to every file of AUDIT_ANCHOR_FILES."""
    heads = [[head.chain, head.seq, bytes(head.hash).hex()] for head in AuditHead.objects.order_by("chain")]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    key = signing_key()
    for name in settings.AUDIT_ANCHOR_FILES:
        append_line(Path(name), {"at": at, "heads": heads}, key)
    return {"at": at, "heads": heads}


def append_line(path: Path, anchor: dict[str, Any], key: Ed25519PrivateKey) -> None:
    """Signed, with the hash of the line before: nothing is taken out unnoticed, but from the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = _last_line(file)
        signed = {**anchor, "previous": hashlib.sha256(before).hexdigest() if before else ""}
        signature = base64.b64encode(key.sign(canonical_json(signed).encode())).decode()
        file.write(canonical_json({**signed, "signature": signature}).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _last_line(file: BinaryIO) -> bytes:
    """Empty where there is none. Read from the end: the file grows for years."""
    size, block = file.seek(0, os.SEEK_END), 8192
    while True:
        file.seek(max(0, size - block))
        lines = file.read().splitlines()
        if len(lines) > 1 or block >= size:
            return lines[-1] if lines else b""
        block *= 2


def read_anchors(key: Ed25519PublicKey) -> tuple[Anchored, list[AnchorFault]]:
    """What the files vouch for, and what is wrong with the files themselves."""
    anchored: Anchored = {}
    faults: list[AnchorFault] = []
    paths = [Path(name) for name in settings.AUDIT_ANCHOR_FILES]
    some_exist = any(path.exists() for path in paths)
    for path in paths:
        if not path.exists():
            faults += [AnchorFault(str(path), 0, "anchor file missing")] if some_exist else []
            continue
        for number, heads, fault in _read_file(path, key):
            faults += [AnchorFault(str(path), number, fault)] if fault else []
            # The first anchor counts: what was rewritten later is signed again by the next one.
            known = {head: anchored.setdefault(head, digest) for head, digest in heads.items()}
            faults += [AnchorFault(str(path), number, "differs from an earlier anchor")] if known != heads else []
    return anchored, faults


def _read_file(path: Path, key: Ed25519PublicKey) -> Iterator[tuple[int, Anchored, str]]:
    previous = ""
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        heads, fault = _read_line(line, previous, key)
        yield number, heads, fault
        previous = hashlib.sha256(line).hexdigest()


def _read_line(line: bytes, previous: str, key: Ed25519PublicKey) -> tuple[Anchored, str]:
    """Heads of a line that is rightly signed; of any other, only what is wrong with it."""
    try:
        anchor = open_line(line, key)
    except KeyError:
        return {}, "signature missing"
    except (InvalidSignature, ValueError, AttributeError, TypeError):
        return {}, "signature wrong"
    heads = {(chain, seq): bytes.fromhex(digest) for chain, seq, digest in anchor["heads"]}
    return heads, "" if anchor["previous"] == previous else "anchor line missing"


def open_line(line: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """What a line says, once its signature was found right."""
    fields: dict[str, Any] = json.loads(line)
    signature = base64.b64decode(fields.pop("signature"), validate=True)
    key.verify(signature, canonical_json(fields).encode())
    return fields
