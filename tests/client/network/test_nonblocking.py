"""Reads and writes of a socket that does not block."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import httpcore
import pytest
import trustme

from blaxel_jobs._network.nonblocking import NonBlocking

Pair = tuple[NonBlocking, socket.socket]


def of(one: socket.socket) -> NonBlocking:
    found = NonBlocking.of(one)
    assert found is not None
    return found


@pytest.fixture(params=["plain", "TLS"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Yield one end to test, and the other, which blocks."""
    one, other = socket.socketpair()
    if request.param == "TLS":
        authority = trustme.CA()
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(server)
        client = ssl.create_default_context()
        authority.configure_trust(client)
        accepted: list[ssl.SSLSocket] = []
        thread = threading.Thread(
            target=lambda: accepted.append(server.wrap_socket(other, server_side=True))
        )
        thread.start()
        one = client.wrap_socket(one, server_hostname="localhost")
        thread.join()
        (other,) = accepted
    other.settimeout(30)
    with one, other:
        yield of(one), other


def test_read(pair: Pair) -> None:
    """What arrives later is waited for, and the end is an empty answer."""
    one, other = pair

    def send() -> None:
        other.sendall(b"late")
        other.close()

    later = threading.Timer(0.05, send)
    later.start()
    assert one.read(100, 30.0) == b"late"
    later.join()
    assert one.read(100, 30.0) == b""


def test_read_in_parts(pair: Pair) -> None:
    """What TLS holds back of a record is there at once, though nothing comes from the network."""
    one, other = pair
    other.sendall(b"abc")
    assert [one.read(1, 30.0) for _ in range(3)] == [b"a", b"b", b"c"]


def test_read_in_vain(pair: Pair) -> None:
    """Where nothing comes in time, that is a timeout."""
    with pytest.raises(httpcore.ReadTimeout):
        pair[0].read(100, 0.01)


def test_long_write(pair: Pair) -> None:
    """More than the system takes at once arrives whole and in order."""
    one, other = pair
    data = bytes(range(256)) * 40_000
    received = bytearray()

    def receive() -> None:
        while len(received) < len(data) and (chunk := other.recv(100_000)):
            received.extend(chunk)

    thread = threading.Thread(target=receive)
    thread.start()
    one.write(data, 30.0)
    thread.join(30)
    assert received == data


def test_write_in_vain(pair: Pair) -> None:
    """Where nobody reads, that is a timeout."""
    with pytest.raises(httpcore.WriteTimeout):
        pair[0].write(bytes(10_000_000), 0.01)


def test_no_limit(pair: Pair) -> None:
    """Without a timeout, and with one beyond what the system counts, it waits."""
    one, other = pair
    for timeout in (None, 1e9):
        other.sendall(b"a")
        assert one.read(1, timeout) == b"a"


def test_closed() -> None:
    """A socket that was closed meanwhile is an error of the connection."""
    one, other = socket.socketpair()
    found = of(one)
    one.close()
    other.close()
    with pytest.raises(httpcore.ReadError, match="Bad file descriptor"):
        found.read(1, 1.0)
    with pytest.raises(httpcore.WriteError, match="Bad file descriptor"):
        found.write(b"a", 1.0)


def test_reset(pair: Pair) -> None:
    """A peer that has gone is an error of a write."""
    one, other = pair
    other.close()
    with pytest.raises(httpcore.WriteError):
        one.write(bytes(10_000_000), 30.0)


def test_others_sockets() -> None:
    """What is another's class, such as gevent's, is left alone."""

    class Cooperative(socket.socket):
        pass

    with Cooperative() as one:
        assert NonBlocking.of(one) is None
        assert one.gettimeout() is None
    assert NonBlocking.of(None) is None
