"""Keys in a hardware security module, by PKCS#11. They are made inside, marked sensitive, and never come out."""

import os
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import GeneralError, NoSuchKey, PKCS11Error, UserAlreadyLoggedIn

from core.files import read_secret
from core.keys import INDEX_BYTES, KeyRefused, KeysUnavailable, Wrapped

NONCE = 12
TAG_BITS = 128
# What modules answer to a wrong tag; they do not agree.
TAG_ERRORS = (
    pkcs11.exceptions.EncryptedDataInvalid,
    pkcs11.exceptions.EncryptedDataLenRange,
    pkcs11.exceptions.DataInvalid,
    GeneralError,
)
_SECRET = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.PRIVATE: True,
}


class Pkcs11KeyProvider:
    """Objects `<State>/<purpose>/<version>` of one token. A process opens the token of its own purposes alone."""

    def __init__(self, *, module: str, token: str, pin_file: str) -> None:
        self.module, self.token_label, self.pin_file = module, token, pin_file
        self._lock = threading.Lock()  # a session of PKCS#11 is for one thread at a time
        self._session: Any = None
        self._process = 0

    def rotate(self, state: str, purpose: str) -> int:
        def work(session: Any) -> int:
            version = max(self._versions(session, state, purpose), default=0) + 1
            self._make(session, f"{state}/{purpose}/{version}", is_index=purpose == "index")
            return version

        return int(self._with_session(work))

    def newest(self, state: str, purpose: str) -> int:
        versions = self._with_session(lambda session: self._versions(session, state, purpose))
        if not versions:
            raise KeyRefused("There is no such key.")
        return int(max(versions))

    def wrap(self, state: str, purpose: str, key: bytes, aad: bytes) -> Wrapped:
        version = self.newest(state, purpose)
        nonce = secrets.token_bytes(NONCE)

        def work(session: Any) -> bytes:
            parameters = GCMParams(nonce, aad, TAG_BITS)
            found = self._find(session, state, purpose, version)
            return bytes(found.encrypt(key, mechanism=Mechanism.AES_GCM, mechanism_param=parameters))

        return Wrapped(version, nonce + self._with_session(work))

    def unwrap(self, state: str, purpose: str, wrapped: Wrapped, aad: bytes) -> bytes:
        return self.unwrap_all(state, purpose, [(wrapped, aad)])[0]

    def unwrap_all(self, state: str, purpose: str, wrapped: Iterable[tuple[Wrapped, bytes]]) -> list[bytes]:
        def work(session: Any) -> list[bytes]:
            found: dict[int, Any] = {}  # by version: looking for an object takes longer than using it
            keys = []
            for (version, body), aad in wrapped:
                if version not in found:
                    found[version] = self._find(session, state, purpose, version)
                keys.append(_decrypted(found[version], body, aad))
            return keys

        return list(self._with_session(work))

    def index(self, state: str, name: str, text: bytes) -> bytes:
        version = self.newest(state, "index")

        def work(session: Any) -> bytes:
            found = self._find(session, state, "index", version)
            return bytes(found.sign(name.encode() + b"\0" + text, mechanism=Mechanism.SHA256_HMAC))

        return bytes(self._with_session(work)[:INDEX_BYTES])

    def is_healthy(self) -> bool:
        try:
            self._with_session(lambda session: session.token.label)
        except KeysUnavailable:
            return False
        return True

    def _with_session(self, work: Any) -> Any:
        with self._lock:
            try:
                return work(self._opened())
            except NoSuchKey as error:
                raise KeyRefused("There is no such key.") from error
            except (PKCS11Error, RuntimeError, OSError) as error:
                self._session = None  # opened anew at the next call: an HSM that came back needs no restart
                raise KeysUnavailable("The key provider does not answer.") from error

    def _opened(self) -> Any:
        # The library must be initialized in each process: a forked child inherits handles that are not its own.
        if self._session is None or self._process != os.getpid():
            library = pkcs11.lib(self.module)
            if self._process and self._process != os.getpid():
                library.reinitialize()
            self._session = self._log_in(library.get_token(token_label=self.token_label))
            self._process = os.getpid()
        return self._session

    def _log_in(self, token: Any) -> Any:
        pin = read_secret(Path(self.pin_file)).decode().strip()
        try:
            return token.open(rw=True, user_pin=pin)
        except UserAlreadyLoggedIn:
            return token.open(rw=True)  # a login is the process's, not the session's

    @staticmethod
    def _versions(session: Any, state: str, purpose: str) -> list[int]:
        before = f"{state}/{purpose}/"
        keys = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
        return [int(key.label.removeprefix(before)) for key in keys if key.label.startswith(before)]

    @staticmethod
    def _find(session: Any, state: str, purpose: str, version: int) -> Any:
        return session.get_key(object_class=ObjectClass.SECRET_KEY, label=f"{state}/{purpose}/{version}")

    @staticmethod
    def _make(session: Any, label: str, *, is_index: bool) -> None:
        kind = KeyType.GENERIC_SECRET if is_index else KeyType.AES
        uses = MechanismFlag.SIGN if is_index else MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT
        mechanism = {"mechanism": Mechanism.GENERIC_SECRET_KEY_GEN} if is_index else {}
        session.generate_key(kind, 256, label=label, store=True, capabilities=uses, template=_SECRET, **mechanism)


def _decrypted(key: Any, body: bytes, aad: bytes) -> bytes:
    if len(body) <= NONCE + TAG_BITS // 8:
        raise KeyRefused("The wrapped key does not belong here.")
    parameters = GCMParams(body[:NONCE], aad, TAG_BITS)
    try:
        return bytes(key.decrypt(body[NONCE:], mechanism=Mechanism.AES_GCM, mechanism_param=parameters))
    except TAG_ERRORS as error:
        raise KeyRefused("The wrapped key does not belong here.") from error
