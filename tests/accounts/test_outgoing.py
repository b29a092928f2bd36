"""Nothing of this network is ever called, whatever a name resolves to; who is called is who was judged."""

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from core import outgoing
from core.checks import safe_settings
from core.outgoing import Trouble, Unreachable
from core.testing import record_proof
from tests.accounts.https_peer import NAME, Names, Peer, certificate, running

# Each family of addresses behind which nobody's own system can be.
INSIDE = [
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1",
    "172.31.255.255", "192.168.0.1", "192.168.255.255", "169.254.0.1", "169.254.169.254", "169.254.170.2",
    "100.64.0.1", "100.100.100.200", "100.127.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "192.88.99.1", "::1", "::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "fe80::1", "fec0::1", "fc00::1", "fd00::1", "fd00:ec2::254",
    "ff02::1", "ff0e::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::",
    "2002:a9fe:a9fe::1", "2001::1", "2001:db8::1", "100::1", "::ffff:192.168.0.1",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "200.1.2.3", "8.8.8.8", "2606:2800:220:1::1", "2800:3f0:4001::1"]
NOT_CALLED = [
    "http://sistema.example.org/", "ftp://sistema.example.org/", "//sistema.example.org/", "sistema.example.org",
    "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://0x7f.1/",
    "https://0177.0.0.1/", "https://127.1/", "https://localhost/", "https://a.localhost/", "https://metadata/",
    "https://metadata.google.internal/", "https://printer.local/", "https://sistema.example.org:22/",
    "https://sistema.example.org:80/", "https://sistema.example.org:6379/", "https://sistema.example.org:99999/",
    "https://user@sistema.example.org/", "https://sistema.example.org@127.0.0.1/", "https://sistema.example.org:x/",
    "https://sistema.example.org/#a", "https://sistema.example.org\\@127.0.0.1/", "https://sistema.example.org/a b",
    "https://sistema.example.org/\r\nHost: other", "https://ⅼocalhost.example.org/", "https://portal.example.gob/",
    "https://testserver/", "https://-a.example.org/", "https://example..org/", "https://1.2.3.4.5/", "https:///x",
    "file:///etc/passwd", "https://%31%32%37.0.0.1/", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("peer")
    public, both = certificate(folder)
    other_public, other = certificate(folder, "otro.example.org")
    bundle = folder / "both.pem"
    bundle.write_bytes(public.read_bytes() + other_public.read_bytes())
    return SimpleNamespace(bundle=bundle, both=both, other=other)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """The name server, and nothing of the portal, is replaced: it is what an attacker has in hand."""
    found = Names(socket.getaddrinfo)
    monkeypatch.setattr(socket, "getaddrinfo", found)
    return found


@pytest.fixture
def peer(files: SimpleNamespace, settings: Any) -> Iterator[Peer]:
    with running(files.both) as server:
        settings.OUTGOING_CA_FILE = str(files.bundle)
        settings.OUTGOING_TEST_PORTS = [server.port]
        settings.PORTAL_ADDRESS = "https://portal.example.gob"
        yield server


def call(peer: Peer, host: str = NAME) -> int:
    return outgoing.post(f"https://{host}:{peer.port}/hook?x=1", b"{}", {"Content-Type": "application/json"})


def trouble(peer: Peer, host: str = NAME) -> Trouble:
    with pytest.raises(Unreachable) as refusal:
        call(peer, host)
    return refusal.value.trouble


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every connection that is begun, wherever it leads."""
    begun: list[Any] = []
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            begun.append(address)
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return begun


def test_no_address_of_this_network_is_reached(peer: Peer, names: Names, attempts: list[Any]) -> None:
    for number, address in enumerate(INSIDE):
        names.answers[f"h{number}.example.org"] = [[address]]
        names.answers[f"m{number}.example.org"] = [["93.184.216.34", address]]
        assert trouble(peer, f"h{number}.example.org") == Trouble.ADDRESS, address
        assert trouble(peer, f"m{number}.example.org") == Trouble.ADDRESS, address
    for url in NOT_CALLED:
        with pytest.raises(Unreachable):
            outgoing.post(url, b"{}", {})
    tried = 2 * len(INSIDE) + len(NOT_CALLED)
    record_proof("ssrf", addresses=tried, reached=len(attempts) + peer.connections)
    assert (len(attempts), peer.connections) == (0, 0)


def test_the_instrument_sees_a_machine_that_is_reached(
    peer: Peer, names: Names, attempts: list[Any], settings: Any
) -> None:
    """With the network of the test let through, the same call arrives: the zero above is not the server's."""
    settings.OUTGOING_TEST_NETWORKS = ["127.0.0.1/32"]
    names.answers[NAME] = [["127.0.0.1"]]
    assert call(peer) == 204
    assert (attempts, peer.connections, len(peer.heard)) == ([("127.0.0.1", peer.port)], 1, 1)
    assert peer.heard[0][0]["Host"] == f"{NAME}:{peer.port}"


def test_addresses_of_the_internet_are_not_refused() -> None:
    assert [text for text in OUTSIDE if outgoing.is_refused(outgoing.ip_address(text))] == []


def test_a_name_that_changes_its_mind_leads_nowhere_else(
    peer: Peer, names: Names, attempts: list[Any], settings: Any
) -> None:
    settings.OUTGOING_TEST_NETWORKS = ["127.0.0.1/32"]
    names.answers[NAME] = [["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]]
    assert call(peer) == 204
    assert (names.asked.count(NAME), attempts) == (1, [("127.0.0.1", peer.port)])
    assert trouble(peer) == Trouble.ADDRESS


def test_the_portals_own_address_is_refused_under_any_name(peer: Peer, names: Names, attempts: list[Any]) -> None:
    names.answers["portal.example.gob"] = [["93.184.216.34"]]
    names.answers[NAME] = [["93.184.216.34"]]
    assert trouble(peer) == Trouble.ADDRESS
    assert attempts == []


def test_the_certificate_must_be_the_names(peer: Peer, names: Names, files: SimpleNamespace, settings: Any) -> None:
    settings.OUTGOING_TEST_NETWORKS = ["127.0.0.1/32"]
    names.answers |= {NAME: [["127.0.0.1"]], "otro.example.org": [["127.0.0.1"]]}
    assert trouble(peer, "otro.example.org") == Trouble.CERTIFICATE
    settings.OUTGOING_CA_FILE = ""
    assert trouble(peer) == Trouble.CERTIFICATE
    assert peer.heard == []


def test_a_redirect_is_not_followed(peer: Peer, names: Names, settings: Any) -> None:
    settings.OUTGOING_TEST_NETWORKS = ["127.0.0.1/32"]
    names.answers[NAME] = [["127.0.0.1"]]
    for status in (301, 302, 307, 308):
        peer.answer, peer.location = (lambda body, status=status: status), f"https://{NAME}:{peer.port}/again"
        assert trouble(peer) == Trouble.REDIRECT
    assert len(peer.heard) == 4


def test_nobody_holds_a_worker(peer: Peer, names: Names, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow answer has an end, as a whole too; of a long one the body is left where it is."""
    settings.OUTGOING_TEST_NETWORKS = ["127.0.0.1/32"]
    names.answers[NAME] = [["127.0.0.1"]]
    peer.body = b"x" * 10_000_000
    assert call(peer) == 204
    peer.pause = 0.6
    monkeypatch.setattr(outgoing, "CONNECT_SECONDS", 0.2)
    assert trouble(peer) == Trouble.TIME
    monkeypatch.setattr(outgoing, "CONNECT_SECONDS", 5)
    monkeypatch.setattr(outgoing, "WHOLE_SECONDS", 0.2)
    assert trouble(peer) == Trouble.TIME


def test_an_unknown_name_and_a_closed_port_are_told_apart(peer: Peer, names: Names, settings: Any) -> None:
    assert trouble(peer, "nobody.example.org") == Trouble.UNKNOWN
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.OUTGOING_TEST_NETWORKS = ["127.0.0.1/32"]
        settings.OUTGOING_TEST_PORTS = [closed.getsockname()[1]]
        names.answers[NAME] = [["127.0.0.1"]]
        with pytest.raises(Unreachable) as refusal:
            outgoing.post(f"https://{NAME}:{closed.getsockname()[1]}/", b"{}", {})
    assert refusal.value.trouble == Trouble.CONNECTION


def test_the_deploy_check_refuses_the_networks_of_tests(settings: Any) -> None:
    def is_refused() -> bool:
        return "core.E012" in {error.id for error in safe_settings(None)}

    assert not is_refused()
    settings.OUTGOING_TEST_NETWORKS = ["127.0.0.1/32"]
    assert is_refused()
    settings.OUTGOING_TEST_NETWORKS, settings.OUTGOING_TEST_PORTS = [], [9000]
    assert is_refused()
