"""The way to the server: what may hang on it, and what may stand on it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import TracebackException

import httpx
import pytest
import trustme

from blaxel_jobs import (
    APIConnectionError,
    Attempt,
    ConfigurationError,
    RetryPolicy,
)
from blaxel_jobs._transport import proxy
from tests.client.conftest import Caller
from tests.client.fault_server import (
    Act,
    FaultServer,
    drip,
    execution,
    hang_up,
    say_nothing,
    serving,
)
from tests.client.http2_server import serving_http2
from tests.client.timeouts import timed_out, timed_out_at

ONCE = {"retry": RetryPolicy(max_attempts=1)}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """A server's side of TLS, under that authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's side of TLS that knows the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def transports(**options: object) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return what makes httpx's own transports, with these options."""
    return (
        lambda: httpx.HTTPTransport(**options),  # type: ignore[arg-type]
        lambda: httpx.AsyncHTTPTransport(**options),  # type: ignore[arg-type]
    )


@contextmanager
def nobody_accepts() -> Iterator[int]:
    """Keep a port to which no connection can be made: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        time.sleep(0.05)  # until the kernel has filled the queue
        yield listener.getsockname()[1]
        for one in waiting:
            one.close()


def test_connecting_hangs(call: Caller) -> None:
    """A connection that is never made ends the call in time; nothing can have been processed."""
    with nobody_accepts() as port:
        error = timed_out(call, f"http://127.0.0.1:{port}/v0")
    assert not error.may_have_been_processed


def test_tls_hangs(call: Caller) -> None:
    """A server that never shakes hands ends the call in time; nothing can have been processed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:  # the kernel accepts, and that is all
        error = timed_out(call, f"https://127.0.0.1:{listener.getsockname()[1]}/v0")
    assert not error.may_have_been_processed


def test_look_up_hangs(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look-up that takes too long ends the call in time; nothing can have been processed."""
    found = threading.Event()

    def look_up(
        host: str, port: int, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[object]:
        if not flags & socket.AI_NUMERICHOST:  # trio looks at this first, and does not wait for it
            found.wait(30)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    # asyncio waits for its threads when it ends.
    client = {"on_attempt": lambda _: found.set()}
    assert not timed_out(call, "https://api.example.com/v0", client=client).may_have_been_processed


def test_unknown_host(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is not found is a connection error."""

    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(APIConnectionError) as caught:
        call("https://api.example.com/v0", "cancel", "job", "exec", client=ONCE)
    assert not caught.value.may_have_been_processed


def test_several_addresses(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host's second address is tried where the first is dead."""

    def look_up(host: str, port: int, *_: object, **__: object) -> list[object]:
        addresses = ["127.0.0.9", "127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    with serving(execution()) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        assert call(url, "cancel", "job", "exec", client=ONCE)


def test_nothing_was_asked_of_a_lost_connection(call: Caller, tls: ssl.SSLContext) -> None:
    """A certificate that is not trusted means that nothing can have been processed."""
    with serving(execution(), tls=tls) as server:
        with pytest.raises(APIConnectionError, match="certificate") as caught:
            call(server.url, "cancel", "job", "exec", client=ONCE)
        assert server.seen == []
    assert not caught.value.may_have_been_processed


def test_certificate_that_is_not_trusted_is_not_tried_again(
    call: Caller, tls: ssl.SSLContext
) -> None:
    """It would not be trusted the second time either."""
    told: list[Attempt] = []
    with serving(execution(), tls=tls) as server, pytest.raises(APIConnectionError):
        call(server.url, "cancel", "job", "exec", client={"on_attempt": told.append})
    assert [attempt.number for attempt in told] == [1]


def test_custom_authority(
    call: Caller,
    tls: ssl.SSLContext,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SSL_CERT_FILE names the authorities that are trusted."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with serving(execution(), tls=tls) as server:
        assert call(server.url, "cancel", "job", "exec").status == "cancelling"


@pytest.mark.parametrize("act", [say_nothing, drip("headers"), drip("body")])
def test_injected_transport(
    call: Caller, tls: ssl.SSLContext, trusting: ssl.SSLContext, act: Act
) -> None:
    """A transport of httpx's that is handed in is under the deadline, too, with TLS."""
    client = {"transport": transports(verify=trusting)}
    server, error = timed_out_at(1, call, lambda: serving(act, tls=tls), client=client)
    assert len(server.seen) == 1
    assert error.may_have_been_processed


def test_injected_transport_cancels(
    call: Caller, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """A transport with its own TLS settings works."""
    with serving(hang_up, execution(), tls=tls) as server:
        client = {"transport": transports(verify=trusting)}
        assert call(server.url, "cancel", "job", "exec", client=client).status == "cancelling"


def test_http2(call: Caller, tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    """HTTP/2 works, with retry."""
    with serving_http2(tls, [503, 200]) as server:
        client = {"transport": transports(verify=trusting, http2=True)}
        assert call(server.url, "cancel", "job", "exec", client=client).status == "cancelling"
        assert [seen[":method"] for seen in server.seen] == ["DELETE", "DELETE"]
        assert server.seen[1]["authorization"] == "Bearer the-api-key"


def test_http2_hangs(call: Caller, tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    """An HTTP/2 server that says nothing ends the call in time."""
    client = {"transport": transports(verify=trusting, http2=True)}
    _, error = timed_out_at(1, call, lambda: serving_http2(tls, []), client=client)
    assert error.may_have_been_processed


def test_proxy(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is used, with its user and password."""
    monkeypatch.delenv("NO_PROXY")
    with serving(execution()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:pass@127.0.0.1:{proxy.port}")
        assert call("http://localhost:9/v0", "cancel", "job", "exec").status == "cancelling"
        (seen,) = proxy.seen
    assert seen.target == "http://localhost:9/v0/jobs/job/executions/exec"
    assert seen.headers["proxy-authorization"] == httpx.BasicAuth("user", "pass")._auth_header


def test_proxy_that_hangs(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that says nothing ends the call in time."""
    monkeypatch.delenv("NO_PROXY")

    @contextmanager
    def silent() -> Iterator[FaultServer]:
        with serving(say_nothing) as server:
            monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{server.port}")
            yield server

    proxy, _ = timed_out_at(1, call, silent, url="https://api.example.com/v0")
    assert [seen.method for seen in proxy.seen] == ["CONNECT"]


def test_proxy_of_an_unknown_kind(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that cannot be used is told of, without its password."""
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTPS_PROXY", "ftp://user:sesame@127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="has the scheme 'ftp'") as caught:
        call("https://api.example.com/v0", "cancel", "job", "exec")
    told = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "sesame" not in told


def test_socks_proxy_without_its_package(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SOCKS proxy says what has to be installed for it."""
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setattr(proxy, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="httpx\\[socks\\]"):
        call("https://api.example.com/v0", "cancel", "job", "exec")


def test_no_proxy(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY is respected."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with serving(execution()) as server:
        assert call(server.url, "cancel", "job", "exec").status == "cancelling"


def test_netrc(call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A netrc file is not consulted."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serving(execution()) as server:
        call(server.url, "cancel", "job", "exec")
    assert server.seen[0].headers["authorization"] == "Bearer the-api-key"
