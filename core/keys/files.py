"""Keys in files of their own: for demonstration and tests. Whoever reads the folder reads everything."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured

from core.files import read_secret, write_secret_once
from core.keys import INDEX_BYTES, KeyRefused, KeysUnavailable, Wrapped

NONCE = 12


class FileKeyProvider:
    """`<folder>/<purpose>/<State>.<version>`: 32 random bytes, mode 0600."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def rotate(self, state: str, purpose: str) -> int:
        version = max(self._versions(state, purpose), default=0) + 1
        while not write_secret_once(self._path(state, purpose, version), secrets.token_bytes(32)):
            version += 1
        return version

    def newest(self, state: str, purpose: str) -> int:
        if not (versions := self._versions(state, purpose)):
            raise KeyRefused("There is no such key.")
        return max(versions)

    def wrap(self, state: str, purpose: str, key: bytes, aad: bytes) -> Wrapped:
        version = self.newest(state, purpose)
        nonce = secrets.token_bytes(NONCE)
        return Wrapped(version, nonce + AESGCM(self._key(state, purpose, version)).encrypt(nonce, key, aad))

    def unwrap(self, state: str, purpose: str, wrapped: Wrapped, aad: bytes) -> bytes:
        return self.unwrap_all(state, purpose, [(wrapped, aad)])[0]

    def unwrap_all(self, state: str, purpose: str, wrapped: Iterable[tuple[Wrapped, bytes]]) -> list[bytes]:
        ciphers: dict[int, AESGCM] = {}  # by version, for this call alone
        keys = []
        for (version, body), aad in wrapped:
            if version not in ciphers:
                ciphers[version] = AESGCM(self._key(state, purpose, version))
            keys.append(_decrypted(ciphers[version], body, aad))
        return keys

    def index(self, state: str, name: str, text: bytes) -> bytes:
        key = self._key(state, "index", self.newest(state, "index"))
        return hmac.digest(key, name.encode() + b"\0" + text, hashlib.sha256)[:INDEX_BYTES]

    def is_healthy(self) -> bool:
        return self.folder.is_dir()

    def _versions(self, state: str, purpose: str) -> list[int]:
        folder = self._path(state, purpose, 1).parent
        return [int(path.name.partition(".")[2]) for path in folder.glob(f"{state}.*")]

    def _key(self, state: str, purpose: str, version: int) -> bytes:
        if not self.is_healthy():
            raise KeysUnavailable("The folder of keys is not there.")
        path = self._path(state, purpose, version)
        if not path.exists():
            raise KeyRefused("There is no such key.")
        try:
            return read_secret(path)
        except ImproperlyConfigured as error:
            raise KeysUnavailable(str(error)) from error

    def _path(self, state: str, purpose: str, version: int) -> Path:
        # Both become parts of a path: nothing but the letters they are made of.
        if not (re.fullmatch(r"[A-Z]{2}", state) and re.fullmatch(r"[a-z]+", purpose)):
            raise KeyRefused("There is no such key.")
        return self.folder / purpose / f"{state}.{version}"


def _decrypted(cipher: AESGCM, body: bytes, aad: bytes) -> bytes:
    try:
        return cipher.decrypt(body[:NONCE], body[NONCE:], aad)
    except (InvalidTag, ValueError) as error:
        raise KeyRefused("The wrapped key does not belong here.") from error
