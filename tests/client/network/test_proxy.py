"""The proxy between: which one, when none, and what may be wrong with it."""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import TracebackException

import httpx
import pytest

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    APITimeoutError,
    AsyncJobsClient,
    BlaxelError,
    ConfigurationError,
    JobsClient,
    RetryPolicy,
)
from blaxel_jobs._network import proxy
from tests.client.conftest import Caller
from tests.client.fault_server import (
    Act,
    FaultServer,
    answer,
    execution,
    hang_up,
    say_nothing,
    serving,
)
from tests.client.timeouts import timed_out_at

URL = "https://api.example.com/v0"


@pytest.fixture(autouse=True)
def _no_proxies_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def tunnel(port: int, *, drips_after: float = math.inf) -> Act:
    """Let everything through to a port of this machine, slowly after so many bytes back."""

    def copy(source: socket.socket, target: socket.socket, fast: float = math.inf) -> None:
        try:
            while data := source.recv(int(max(1, min(65536, fast)))):
                target.sendall(data)
                fast -= len(data)
                time.sleep(0.05 if fast <= 0 else 0)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def act(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(
                target=copy, args=(server, connection, drips_after), daemon=True
            )
            back.start()
            copy(connection, server)
            back.join(5)

    return act


@pytest.mark.usefixtures("trusted")
def test_tunnel(
    call: Caller,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HTTPS_PROXY is used, with its user and password, which the server does not see."""
    with serving(execution(), tls=tls) as server, serving(tunnel(server.port)) as between:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass@127.0.0.1:{between.port}")
        assert call(URL, "cancel", "job", "exec").status == "cancelling"
        (seen,), (asked,) = server.seen, between.seen
    assert (asked.method, asked.target) == ("CONNECT", "api.example.com:443")
    assert asked.headers["proxy-authorization"] == httpx.BasicAuth("user", "pass")._auth_header
    assert "authorization" not in asked.headers
    assert "proxy-authorization" not in seen.headers
    assert seen.headers["authorization"] == "Bearer the-api-key"


@pytest.mark.usefixtures("trusted")
def test_tunnel_in_tls(call: Caller, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy may speak TLS itself."""
    with serving(execution(), tls=tls) as server, serving(tunnel(server.port), tls=tls) as between:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{between.port}")
        assert call(URL, "cancel", "job", "exec").status == "cancelling"
        assert (len(server.seen), len(between.seen)) == (1, 1)


@pytest.mark.parametrize("drips_after", [1, 2500], ids=["handshake", "answer"])
@pytest.mark.usefixtures("trusted")
def test_tunnel_in_tls_that_drips(
    call: Caller, drips_after: int, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte of TLS within TLS now and then does not hold a call beyond its time."""

    @contextmanager
    def serve() -> Iterator[FaultServer]:
        long = answer(200, b" " * 50_000)
        with serving(long, tls=tls) as server:
            dripping = tunnel(server.port, drips_after=drips_after)
            with serving(dripping, tls=tls) as between:
                monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{between.port}")
                yield between

    timed_out_at(1, call, serve, url=URL)


@pytest.mark.parametrize("act", [answer(407), answer(502), hang_up, answer(200)])
def test_nothing_gets_through(call: Caller, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong at the proxy, or in TLS behind it: nothing was sent."""

    def and_hang_up(connection: socket.socket) -> None:
        act(connection)
        hang_up(connection)

    with serving(and_hang_up) as between:
        monkeypatch.setenv("ALL_PROXY", f"http://user:sesame@127.0.0.1:{between.port}")
        with pytest.raises(APIConnectionError) as caught:
            call(URL, "cancel", "job", "exec")
    assert not caught.value.may_have_been_processed
    assert "sesame" not in str(caught.value)


def let_through_and_say_nothing(connection: socket.socket) -> None:
    answer(200)(connection)
    connection.recv(65536)
    say_nothing(connection)


@pytest.mark.parametrize("act", [say_nothing, let_through_and_say_nothing], ids=["CONNECT", "TLS"])
def test_proxy_that_hangs(call: Caller, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that says nothing, or nothing more, ends the call in time; nothing was sent."""

    @contextmanager
    def serve() -> Iterator[FaultServer]:
        with serving(act) as between:
            monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{between.port}")
            yield between

    between, error = timed_out_at(1, call, serve, url=URL)
    assert [seen.method for seen in between.seen] == ["CONNECT"]
    assert "nothing was sent" in str(error)
    assert not error.may_have_been_processed


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_this_machine(
    call: Caller, name: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is meant for this machine is sent to no proxy."""
    with serving(execution()) as server, serving(execution()) as between:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{between.port}")
        url = server.url.replace("127.0.0.1", name)
        assert call(url, "cancel", "job", "exec").status == "cancelling"
        assert between.seen == []


EXCEPTIONS = [
    "*", "api.example.com", "example.com", ".example.com", "*.example.com", "API.EXAMPLE.COM",
    "api.example.com:443", "other.example,api.example.com", "other.example api.example.com:443",
]  # fmt: skip


@pytest.mark.parametrize("value", EXCEPTIONS)
def test_excepted(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY names hosts, the ends of hosts, and ports."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", value)
    assert proxy.proxy_for(httpx.URL(URL)) is None


@pytest.mark.parametrize("value", ["", ",", "other.example", "api.example.com:80", "xample.com"])
def test_not_excepted(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY that names something else changes nothing."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", value)
    assert proxy.proxy_for(httpx.URL(URL)) is not None


@pytest.mark.parametrize(
    ("host", "value", "excepted"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3:443", True),
        ("10.1.2.3", "10.1.2.3:80", False),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "10.0.0.0/99", False),
        ("[fd00::1]", "fd00::/8", True),
        ("[fd00::1]", "fd00::1", True),
        ("[fd00::1]", "[fd00::1]:443", True),
        ("[fd00::1]", "10.0.0.0/8", False),
    ],
)
def test_networks(host: str, value: str, excepted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY names addresses and networks."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", value)
    assert (proxy.proxy_for(httpx.URL(f"https://{host}/v0")) is None) is excepted


@pytest.mark.parametrize("client", [JobsClient, AsyncJobsClient])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value",
    [
        "ftp://user:sesame@127.0.0.1:1",
        "http://user:sesame@127.0.0.1:99999",
        "http://user:sesame@127.0.0.1:port",
        "http://user:sesame@",
        "http://user:sesame@[::1",
        "http://user:sesame@a b",
        "http://user:sesame@xn--\u00e9.example.com",
        pytest.param(
            "http://user:sesame@xn--a.example.com",
            marks=pytest.mark.skipif(
                httpx.__name__ == "httpx2", reason="httpx2 leaves punycode to the resolver"
            ),
        ),
        f"http://user:sesame@{'a' * 64}.example.com",
        "http://user:sesame@proxy..example.com",
    ],
)
def test_unusable(
    client: type[JobsClient] | type[AsyncJobsClient],
    variable: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A proxy that cannot be used is reported when the client is made, without its password."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"the proxy that {variable} names") as caught:
        client(ApiKey("k"), base_url=URL)
    caught.value.__traceback__ = caught.tb.tb_next
    shown = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "sesame" not in shown


def test_socks_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SOCKS proxy says what has to be installed for it."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setattr(proxy, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="httpx\\[socks\\]"):
        JobsClient(ApiKey("k"), base_url=URL)


def test_socks_that_hangs(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SOCKS proxy that says nothing ends the call in time; nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{listener.getsockname()[1]}")
        client = {"retry": RetryPolicy(max_attempts=1)}
        with pytest.raises(BlaxelError) as caught:
            call(URL, "cancel", "job", "exec", timeout=0.3, client=client)
    assert isinstance(caught.value, APITimeoutError)
    assert not caught.value.may_have_been_processed
