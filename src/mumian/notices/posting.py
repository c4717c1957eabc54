"""Sending to an address somebody else has given: never to where this server alone can reach, never longer than agreed.

The name is resolved here and the connection goes to the very address that was looked at, so that a name which
answers differently the second time gains nothing. Redirects are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from mumian.errors import MumianError

SECONDS = 10
"""How long one step may take."""
LONGEST = 20
"""Seconds the whole may take: an answer that drips is cut off."""
LOCAL = {"localhost", "127.0.0.1", "::1"}
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (RFC 6052)."""

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(MumianError):
    """An address this server does not send to."""


class NotReached(Exception):
    """The other side did not answer, and in what way."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    text: str = ""

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


def check(url: str, *, local: bool = False, named: bool = True) -> None:
    """Raises `NotAllowed` where nothing may be sent to an address.

    `local`: this machine itself by name may be meant. `named`: its name is asked for too, which may take a while
    and raise `NotReached`; without it only what the address itself says is looked at.
    """
    parts, allowed = _parts(url), settings.PRIVATE_RECEIVERS
    own = local and parts.hostname in LOCAL
    if parts.scheme != "https" and not own and not allowed:
        raise NotAllowed(url, reason=_("it is not safe on the way"), cure=_("Give an address with https"))
    if not own and (named or _is_literal(parts)):
        _outside(parts)


def host(url: str) -> str:
    """The name in an address. Raises `NotAllowed` where it is none."""
    return str(_parts(url).hostname)


def post(url: str, body: bytes, headers: Mapping[str, str], *, local: bool = False) -> Answer:
    """Sends a body. Raises `NotAllowed`, and `NotReached` where there was no answer."""
    check(url, local=local)
    parts = _parts(url)
    try:
        reached = _addresses(parts)[0] if local and parts.hostname in LOCAL else _outside(parts)[0]
        return _send(parts, reached, body, headers)
    except (OSError, http.client.HTTPException) as error:
        raise NotReached(str(error) or type(error).__name__) from error


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        whole = (
            parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) and url.isprintable()
        )
    except ValueError:
        whole = None
    if not whole or parts.username is not None or " " in url or not url.isascii():
        raise NotAllowed(
            url, reason=_("it is not an address on the web"), cure=_("Give an address with https")
        )
    return parts


def _is_literal(parts: SplitResult) -> bool:
    try:
        return bool(ipaddress.ip_address(str(parts.hostname)))
    except ValueError:
        return False


def _outside(parts: SplitResult) -> list[str]:
    """The addresses a name leads to, all of which lie in the open net."""
    found = _addresses(parts)
    if not settings.PRIVATE_RECEIVERS and not all(_is_open(ipaddress.ip_address(each)) for each in found):
        raise NotAllowed(
            parts.netloc,
            reason=_("it leads into a private network"),
            cure=_("Give a public address, or allow private ones with MUMIAN_PRIVATE_RECEIVERS=1"),
        )
    return found


def _addresses(parts: SplitResult) -> list[str]:
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached(_("the name %(name)s leads nowhere") % {"name": parts.hostname}) from error
    return [str(address[0]).partition("%")[0] for *_kind, address in found]


def _is_open(address: IpAddress) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is not None:
            return _is_open(inner)
        if address.sixtofour or address.teredo or address in _TRANSLATED:
            return False
    return address.is_global and not address.is_multicast


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _send(parts: SplitResult, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    host = str(parts.hostname)
    connection = http.client.HTTPConnection(host, _port(parts), timeout=SECONDS)
    line = socket.create_connection((address, _port(parts)), timeout=SECONDS)
    cut = Timer(LONGEST, _cut, [line])
    cut.start()
    try:
        if parts.scheme == "https":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
            cut.args[0] = line  # type: ignore[index]
        connection.sock = line
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {"Host": parts.netloc, **headers})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read1(500).decode(errors="replace"))
    finally:
        cut.cancel()
        connection.close()
        line.close()


def _cut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        line.close()
