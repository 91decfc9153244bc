"""Which machines camera pictures may be fetched from, and where a name leads: nothing else is ever connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

import httpx

from geodata.errors import Refused, Unavailable

USUAL_PORTS = {"http": 80, "https": 443}
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
NO_PICTURE = "This camera's picture cannot be fetched; its address is not one that is allowed here."


class NoPicture(Unavailable):
    """A camera's picture cannot be had; the message names no address."""

    code = "no_picture"


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts and ports of an allow-list."""

    allowed: frozenset[tuple[str, int]]

    @classmethod
    def read(cls, said: str) -> Hosts:
        """Read host or host:port separated by commas; a host without a port is meant on 80 and 443."""
        found: set[tuple[str, int]] = set()
        for entry in said.split(","):
            try:
                address = httpx.URL(f"//{entry.strip()}")
            except httpx.InvalidURL:
                raise Refused(
                    "YIPING_CAMERA_HOSTS must list host or host:port, separated by commas."
                ) from None
            if address.host:
                ports = [address.port] if address.port else USUAL_PORTS.values()
                found |= {(address.host.lower(), port) for port in ports}
        return cls(frozenset(found))

    def check(self, url: httpx.URL) -> None:
        """Refuse any address but http and https of an allowed host and port, compared letter by letter."""
        usual = USUAL_PORTS.get(url.scheme)
        if usual is None or (url.host.lower(), url.port or usual) not in self.allowed:
            raise NoPicture(NO_PICTURE)


async def leads_to(host: str, port: int) -> str:
    """The address a name leads to now; refused when a name leads to this machine or to no single machine.

    The connection is made to what is returned, so that a name cannot lead elsewhere a moment later.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as fault:
        raise NoPicture("The camera does not answer.") from fault
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not addresses or any(_forbidden(address, host) for address in addresses):
        raise NoPicture(NO_PICTURE)
    return str(addresses[0])


def _forbidden(address: ipaddress.IPv4Address | ipaddress.IPv6Address, host: str) -> bool:
    """Cameras stand in private networks, but none is this machine or a cloud's own service address."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return host.lower() not in HERE
    return address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
