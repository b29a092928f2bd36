"""Keys that wrap keys. A provider holds one for each State and purpose, in versions, and never gives one away."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol

from django.conf import settings

from core.exceptions import PortalError

INDEX_BYTES = 8  # of a token: enough to tell people apart, too few to be an identity


class KeyRefused(PortalError):
    """The provider does not do this: no such key, or what was wrapped has been changed or moved."""


class KeysUnavailable(PortalError):
    """The provider does not answer. The sealed area is closed; nothing falls back to plain text."""


class Wrapped(NamedTuple):
    version: int
    body: bytes


class KeyProvider(Protocol):
    """One contract for all providers, tested as one (tests/core/test_keys.py)."""

    def rotate(self, state: str, purpose: str) -> int:
        """Make the next version, or the first. Earlier ones still unwrap."""

    def newest(self, state: str, purpose: str) -> int: ...

    def wrap(self, state: str, purpose: str, key: bytes, aad: bytes) -> Wrapped: ...

    def unwrap(self, state: str, purpose: str, wrapped: Wrapped, aad: bytes) -> bytes: ...

    def unwrap_all(self, state: str, purpose: str, wrapped: Iterable[tuple[Wrapped, bytes]]) -> list[bytes]:
        """Many, each with its own address. One that does not belong there refuses them all."""

    def index(self, state: str, name: str, text: bytes) -> bytes:
        """A token for a blind index. Equal texts of one State and index have equal tokens, and of no two States."""

    def is_healthy(self) -> bool: ...


def provider() -> KeyProvider:
    return _provider(
        settings.SEALED_KEY_PROVIDER,
        settings.SEALED_KEY_FOLDER,
        settings.SEALED_PKCS11_MODULE,
        settings.SEALED_PKCS11_TOKEN,
        settings.SEALED_PKCS11_PIN_FILE,
    )


@lru_cache(maxsize=4)
def _provider(kind: str, folder: str, module: str, token: str, pin_file: str) -> KeyProvider:
    if kind == "pkcs11":
        from core.keys.pkcs11 import Pkcs11KeyProvider

        return Pkcs11KeyProvider(module=module, token=token, pin_file=pin_file)
    from core.keys.files import FileKeyProvider

    return FileKeyProvider(folder)
