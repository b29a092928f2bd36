"""A malware scan by clamd, over its INSTREAM command. There is no answer but its own: no scan is never "clean"."""

import socket
from urllib.parse import urlsplit

from django.conf import settings

_CHUNK = 64 * 1024
_ANSWER_BYTES = 4096


class ScanUnavailable(Exception):
    """The scanner did not answer, or not with a verdict; ask again later."""


def is_configured() -> bool:
    return bool(settings.CLAMD)


def find_malware(content: bytes) -> str:
    """The name of what was found, or an empty text where clamd found nothing."""
    try:
        with _connect() as connection:
            return _verdict(_ask(connection, content))
    except OSError as error:
        raise ScanUnavailable(type(error).__name__) from error


def _connect() -> socket.socket:
    address = urlsplit(settings.CLAMD)
    if address.scheme == "tcp":
        return socket.create_connection((address.hostname, address.port), timeout=settings.CLAMD_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(settings.CLAMD_SECONDS)
    try:
        connection.connect(address.path)
    except OSError:
        connection.close()
        raise
    return connection


def _ask(connection: socket.socket, content: bytes) -> bytes:
    connection.sendall(b"zINSTREAM\0")
    for at in range(0, len(content), _CHUNK):
        piece = content[at : at + _CHUNK]
        connection.sendall(len(piece).to_bytes(4, "big") + piece)
    connection.sendall(bytes(4))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _ANSWER_BYTES:
        piece = connection.recv(_ANSWER_BYTES)
        if not piece:
            break
        answer += piece
    return answer


def _verdict(answer: bytes) -> str:
    text = answer.rstrip(b"\0\n").decode("ascii", "replace")
    if text == "stream: OK":
        return ""
    if text.startswith("stream: ") and text.endswith(" FOUND"):
        return text.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScanUnavailable("no verdict")
