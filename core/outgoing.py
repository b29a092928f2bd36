"""Requests to a machine that somebody named: never to one of this network, whatever the name resolves to.

A name is resolved once, every address of it is judged, and the connection goes to an address that was judged:
a name server that answers differently the second time is not asked a second time. The certificate is checked for
the name. No redirect is followed, and nothing of the answer is read but its status (docs/adr/0160).
"""

import http.client
import re
import socket
import ssl
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

PORTS = (443, 8443)
CONNECT_SECONDS = 5  # for each step of the conversation
WHOLE_SECONDS = 10  # for all of it: a machine that sends a byte every four seconds would hold a worker for hours
# Names of the Internet only: no number in any notation, no name without a dot, which means a machine of this network.
NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")
INSIDE = (".local", ".localhost", ".internal", ".home.arpa", ".localdomain", ".lan")
# Where IPv4 addresses hide in IPv6, and what is on no public network; beside what the library calls global.
REFUSED = [
    ip_network(text)
    for text in (
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23",
        "fec0::/10", "fd00:ec2::/32", "0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24",
        "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
    )
]  # fmt: skip

Address = IPv4Address | IPv6Address


class Trouble(TextChoices):
    """Why a request came to nothing."""

    ADDRESS = "address", _("The address does not belong to a machine on the Internet")
    UNKNOWN = "unknown", _("The name is not known")
    CONNECTION = "connection", _("No connection")
    CERTIFICATE = "certificate", _("The certificate is not valid for the name")
    TIME = "time", _("No answer in time")
    REDIRECT = "redirect", _("It answered with another address, which is not followed")
    STATUS = "status", _("It answered with an error")


class Unreachable(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """The parts of an https address that may be called at all. Raises Unreachable; asks no name server."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise Unreachable(Trouble.ADDRESS) from error
    host = parts.hostname or ""
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and "#" not in url
    if not is_plain or parts.scheme != "https" or "@" in parts.netloc or port not in _ports():
        raise Unreachable(Trouble.ADDRESS)
    if not NAME.match(host) or host.endswith(INSIDE) or host in _own_names():
        raise Unreachable(Trouble.ADDRESS)
    path = parts.path or "/"
    return Target(host, port, f"{path}?{parts.query}" if parts.query else path)


def _ports() -> tuple[int, ...]:
    return (*PORTS, *settings.OUTGOING_TEST_PORTS)


def _own_names() -> set[str]:
    return {name.lower() for name in (urlsplit(settings.PORTAL_ADDRESS).hostname or "", *settings.ALLOWED_HOSTS)}


def is_refused(address: Address) -> bool:
    """Whether nobody's system can be there: this machine, this network, a cloud's metadata, many at once."""
    if any(address in ip_network(text) for text in settings.OUTGOING_TEST_NETWORKS):
        return False
    if getattr(address, "scope_id", None) or not address.is_global or address.is_multicast or address.is_reserved:
        return True
    return any(address.version == network.version and address in network for network in REFUSED)


def addresses_of(host: str, port: int) -> list[str]:
    """Every address of the name, if each may be called. One that may not spoils the name: it is a trick or a fault."""
    found = _resolve(host, port)
    own = {text for name in _own_names() if NAME.match(name) for text in _resolve_quietly(name)}
    if not found or any(text in own or is_refused(ip_address(text)) for text in found):
        raise Unreachable(Trouble.ADDRESS)
    return found


def _resolve(host: str, port: int) -> list[str]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(Trouble.UNKNOWN) from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _resolve_quietly(host: str) -> list[str]:
    try:
        return _resolve(host, 443)
    except Unreachable:
        return []


class _Pinned(http.client.HTTPSConnection):
    """Speaks to the address that was judged, and demands a certificate for the name."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self.address, self.is_late = address, False

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), timeout=CONNECT_SECONDS)
        try:
            self.sock = _tls().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def hang_up(self) -> None:
        self.is_late = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is over already


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.OUTGOING_CA_FILE:
        context.load_verify_locations(settings.OUTGOING_CA_FILE)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body; the status of the answer, which is one of success. Raises Unreachable."""
    target = target_of(url)
    addresses = addresses_of(target.host, target.port)
    status = _status(target, addresses[0], body, headers)
    if 300 <= status < 400:
        raise Unreachable(Trouble.REDIRECT)
    return status


def _status(target: Target, address: str, body: bytes, headers: dict[str, str]) -> int:
    connection = _Pinned(target, address)
    end = threading.Timer(WHOLE_SECONDS, connection.hang_up)
    end.daemon = True
    end.start()
    try:
        connection.request("POST", target.path, body=body, headers={**headers, "Connection": "close"})
        return connection.getresponse().status
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(Trouble.CERTIFICATE) from error
    except TimeoutError as error:
        raise Unreachable(Trouble.TIME) from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(Trouble.TIME if connection.is_late else Trouble.CONNECTION) from error
    finally:
        end.cancel()
        connection.close()
