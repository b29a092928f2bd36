"""The INSTREAM dialogue, against a server that speaks it on a real socket."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import clamd
from tests.core.clamd_peer import Peer
from tests.factories.files import EICAR


@pytest.fixture
def peer(settings: Any) -> Iterator[Peer]:
    with Peer() as peer:
        settings.CLAMD = peer.address
        settings.CLAMD_SECONDS = 1
        yield peer


def test_clean_and_infected_content_on_tcp(peer: Peer) -> None:
    content = bytes(range(256)) * 1000  # several chunks
    assert clamd.find_malware(content) == ""
    assert clamd.find_malware(EICAR) == "Win.Test.EICAR_HDB-1"
    assert peer.received == [content, EICAR]


def test_a_unix_socket_works_alike(settings: Any, tmp_path: Path) -> None:
    with Peer(path=tmp_path / "clamd.ctl") as peer:
        settings.CLAMD = peer.address
        assert clamd.find_malware(EICAR) == "Win.Test.EICAR_HDB-1"


@pytest.mark.parametrize(
    "answer",
    [b"INSTREAM size limit exceeded. ERROR\0", b"stream: Can't allocate memory ERROR\0", b"", b"stream: OKAY\0", b"\0"],
)
def test_anything_but_a_verdict_is_no_verdict(peer: Peer, answer: bytes) -> None:
    peer.answer = answer
    with pytest.raises(clamd.ScanUnavailable):
        clamd.find_malware(b"content")


def _silent(peer: Peer, settings: Any) -> None:
    peer.answer = None


def _nobody(peer: Peer, settings: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.CLAMD = f"tcp://127.0.0.1:{free.getsockname()[1]}"


def _no_socket(peer: Peer, settings: Any) -> None:
    settings.CLAMD = "unix:/nonexistent/clamd.ctl"


@pytest.mark.parametrize("spoil", [_silent, _nobody, _no_socket])
def test_a_scanner_that_is_away_is_never_clean(peer: Peer, settings: Any, spoil: Callable[[Peer, Any], None]) -> None:
    spoil(peer, settings)
    with pytest.raises(clamd.ScanUnavailable):
        clamd.find_malware(b"content")
