"""A server that speaks clamd's INSTREAM on a socket of this machine and knows one signature: EICAR's."""

import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.factories.files import EICAR


class Peer:
    def __init__(self, path: Path | None = None) -> None:
        self.received: list[bytes] = []
        self.answer: bytes | str | None = "verdict"  # bytes are sent as they are; None is silence
        self.closing = threading.Event()
        if path:
            self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.server.bind(str(path))
            self.address = f"unix:{path}"
        else:
            self.server = socket.create_server(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{self.server.getsockname()[1]}"
        self.server.listen()
        self.server.settimeout(0.1)
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Peer":
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self.thread.join()
        self.server.close()

    def _serve(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _address = self.server.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                self._talk(connection)

    def _talk(self, connection: Any) -> None:
        with connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            content = b""
            while length := int.from_bytes(stream.read(4), "big"):
                content += stream.read(length)
        self.received.append(content)
        if self.answer is None:
            self.closing.wait(3)
        elif isinstance(self.answer, bytes):
            connection.sendall(self.answer)
        else:
            connection.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0")
