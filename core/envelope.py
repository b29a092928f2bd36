"""Fields sealed with AES-256-GCM. A ciphertext opens at its own address alone, and its length says little."""

import secrets
from base64 import urlsafe_b64encode
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.crypto import salted_hmac

from core.exceptions import PortalError

HEADER = b"\x01\x01"  # format 1, algorithm 1: AES-256-GCM with a random nonce of 96 bits
NONCE = 12
LENGTH = 4
SMALLEST = 256  # then 1 K, 4 K, 16 K ...


class SealBroken(PortalError):
    """What was stored does not belong at this address, or was changed. Never says which."""


class Address(NamedTuple):
    """Where a ciphertext belongs. All of it is authenticated: moved anywhere else, it does not open."""

    area: str
    table: str
    record: str
    field: str
    state: str
    version: int  # of the record's key

    def aad(self) -> bytes:
        text = "|".join((*self[:-1], str(self.version)))
        if text.count("|") != len(self) - 1:
            raise ValueError("A part of an address holds the separator.")
        return text.encode()


def new_key() -> bytes:
    return secrets.token_bytes(32)


def seal(key: bytes, text: bytes, address: Address) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return HEADER + nonce + AESGCM(key).encrypt(nonce, padded(text), HEADER + address.aad())


def unseal(key: bytes, sealed: bytes, address: Address) -> bytes:
    if sealed[: len(HEADER)] != HEADER:
        raise SealBroken("The stored text cannot be opened.")
    body = sealed[len(HEADER) :]
    try:
        text = AESGCM(key).decrypt(body[:NONCE], body[NONCE:], HEADER + address.aad())
    except (InvalidTag, ValueError) as error:
        raise SealBroken("The stored text cannot be opened.") from error
    return text[LENGTH : LENGTH + int.from_bytes(text[:LENGTH], "big")]


def padded(text: bytes) -> bytes:
    """The text with its length before it, filled up to a bucket."""
    size = SMALLEST
    while size < LENGTH + len(text):
        size *= 4
    return (len(text).to_bytes(LENGTH, "big") + text).ljust(size, b"\0")


def cipher(purpose: str) -> Fernet:
    """For secrets of the open area that the portal itself must read again; the key follows from the secret key."""
    return Fernet(urlsafe_b64encode(salted_hmac(purpose, "", algorithm="sha256").digest()))
