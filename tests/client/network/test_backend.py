"""The way to the server: what may hang on it, and what may stand on it."""

from __future__ import annotations

import contextvars
import http.client
import math
import re
import socket
import ssl
import threading
import time
import uuid
from asyncio.trsock import TransportSocket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import anyio
import httpcore
import httpx
import pytest

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    APITimeoutError,
    AsyncJobsClient,
    Attempt,
    CancelResult,
    JobsClient,
    RetryPolicy,
)
from blaxel_jobs._network import attempt, backend
from blaxel_jobs._network.attempt import ATTEMPT, CONNECT_SECONDS, WatchedAttempt
from tests.client.conftest import Caller
from tests.client.fault_server import (
    EXECUTION,
    Act,
    FaultServer,
    answer,
    drip,
    execution,
    hang_up,
    running,
    say_nothing,
    serving,
)
from tests.client.http2_server import serving_http2
from tests.client.timeouts import TIMEOUTS, timed_out, timed_out_at

ONCE = {"retry": RetryPolicy(max_attempts=1)}


def transports(**options: object) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return what makes httpx's own transports, with these options."""
    return (
        lambda: httpx.HTTPTransport(**options),  # type: ignore[arg-type]
        lambda: httpx.AsyncHTTPTransport(**options),  # type: ignore[arg-type]
    )


@contextmanager
def never_accepting() -> Iterator[int]:
    """Keep a port to which no connection can be made: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        time.sleep(0.05)  # until the kernel has filled the queue
        try:
            yield listener.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


def test_connecting_hangs(call: Caller) -> None:
    """A connection that is never made ends the call in time; nothing can have been processed."""
    with never_accepting() as port:
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
    url = f"https://{uuid.uuid4()}.example.com/v0"  # no other test waits for this one

    def look_up(*_: object, **__: object) -> list[object]:
        found.wait(30)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert not timed_out(call, url).may_have_been_processed
    found.set()


def test_unknown_host(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is not found is a connection error."""

    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(APIConnectionError) as caught:
        call("https://api.example.com/v0", "cancel", "job", "exec", client=ONCE)
    assert not caught.value.may_have_been_processed


def at(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every host have these addresses."""
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *arguments: Any, **options: Any) -> list[Any]:
        found: list[Any] = []
        for address in addresses if host in ("localhost", b"localhost") else (host,):
            found += real(address, port, type=socket.SOCK_STREAM)
        return found

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_several_addresses(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host's second address is tried where the first refuses."""
    with serving(execution()) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        at(monkeypatch, "127.0.0.9", "127.0.0.1")
        assert call(url, "cancel", "job", "exec", client=ONCE)


def test_dead_first_address(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host's second address is tried beside a first one that does not answer."""
    with (
        never_accepting() as port,
        socket.create_server(("127.0.0.2", port)) as listener,
        running(FaultServer([execution()], port=port), listener) as server,
    ):
        at(monkeypatch, "127.0.0.1", "127.0.0.2")
        url = f"http://localhost:{port}/v0"
        started = time.monotonic()
        assert call(url, "cancel", "job", "exec", timeout=20, client=ONCE)
        assert time.monotonic() - started < CONNECT_SECONDS
        assert len(server.seen) == 1


def test_all_addresses_dead(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection has a time of its own, so that an attempt which waits for it is not all."""
    monkeypatch.setattr(attempt, "CONNECT_SECONDS", 0.2)
    attempts: list[Attempt] = []
    with never_accepting() as port:
        at(monkeypatch, "127.0.0.1")
        client = {
            "retry": RetryPolicy(max_attempts=2, initial_delay=0),
            "on_attempt": attempts.append,
        }
        with pytest.raises(APITimeoutError, match="connecting") as caught:
            call(f"http://localhost:{port}/v0", "cancel", "job", "exec", client=client)
    assert len(attempts) == 2
    assert not caught.value.may_have_been_processed


def test_timeout_is_explained(call: Caller) -> None:
    """A timeout says after how many seconds, in which phase, of which job and execution."""
    arguments = ("cancel", "a job", "exec-1")
    _, error = timed_out_at(1, call, lambda: serving(say_nothing), *arguments)
    assert re.fullmatch(
        r"timed out after \d+\.\d s waiting for the answer: "
        r"DELETE of job 'a job', execution 'exec-1'",
        str(error),
    )


def test_look_ups_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that hangs holds one thread, however many calls wait for it."""
    found = threading.Event()
    asked: list[object] = []

    def look_up(*arguments: object, **_: object) -> list[object]:
        asked.append(arguments)
        found.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    url = f"https://{uuid.uuid4()}.example.com/v0"
    retry = RetryPolicy(attempt_timeout=0.05, initial_delay=0)
    with JobsClient(ApiKey("k"), base_url=url, retry=retry) as jobs:
        results = list(jobs.cancel_many([("job", "exec")] * 8, concurrency=8))
    found.set()
    assert all(isinstance(one.error, APITimeoutError) for one in results)
    assert len(asked) == 1


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
    attempts: list[Attempt] = []
    with serving(execution(), tls=tls) as server, pytest.raises(APIConnectionError):
        call(server.url, "cancel", "job", "exec", client={"on_attempt": attempts.append})
    assert [attempt.number for attempt in attempts] == [1]


@pytest.mark.usefixtures("trusted")
def test_custom_authority(
    call: Caller,
    tls: ssl.SSLContext,
) -> None:
    """SSL_CERT_FILE names the authorities that are trusted."""
    with serving(execution(), tls=tls) as server:
        assert call(server.url, "cancel", "job", "exec").status == "cancelling"


@pytest.mark.usefixtures("trusted")
def test_custom_authority_of_another_origin(tls: ssl.SSLContext) -> None:
    """A client of a plain http address reads no certificates, unless it goes somewhere else."""

    async def status(url: str, elsewhere: str) -> int:
        async with AsyncJobsClient(ApiKey("key"), base_url=url) as jobs:
            await jobs.cancel("job", "exec")
            return (await jobs.api.get_async_httpx_client().get(elsewhere)).status_code

    with (
        serving(execution(), execution()) as server,
        serving(answer(200, {}), answer(200, {}), tls=tls) as other,
    ):
        with mock.patch.object(httpx, "create_ssl_context", side_effect=AssertionError):
            jobs = JobsClient(ApiKey("key"), base_url=server.url)
            jobs.cancel("job", "exec")
        with jobs:
            assert jobs.api.get_httpx_client().get(other.url).status_code == 200
        assert anyio.run(status, server.url, other.url) == 200


def test_unknown_authority_of_another_origin(tls: ssl.SSLContext) -> None:
    """No certificate is trusted because the base URL is plain http."""
    with (
        serving() as server,
        serving(tls=tls) as other,
        JobsClient(ApiKey("key"), base_url=server.url) as jobs,
        pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        jobs.api.get_httpx_client().get(other.url)


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


def test_netrc(call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A netrc file is not consulted."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serving(execution()) as server:
        call(server.url, "cancel", "job", "exec")
    assert server.seen[0].headers["authorization"] == "Bearer the-api-key"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_look_ups_leave_the_loop_its_threads(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that hangs holds none of the threads that an event loop has for everybody."""
    found = threading.Event()
    asked: list[object] = []

    def look_up(*arguments: object, **_: object) -> list[object]:
        asked.append(arguments)
        found.wait(60)
        return []

    async def main(timeout: float) -> list[CancelResult]:
        url = f"https://{uuid.uuid4()}.example.com/v0"
        async with AsyncJobsClient(ApiKey("k"), base_url=url, timeout=timeout) as jobs:
            pairs = [("job", f"exec-{number}") for number in range(50)]
            results = [one async for one in jobs.cancel_many(pairs, concurrency=50)]
            with anyio.fail_after(30):
                await anyio.to_thread.run_sync(list)
        return results

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    results: list[CancelResult] = []
    for timeout in TIMEOUTS:  # a busy machine may take longer to get so far
        results = anyio.run(main, timeout, backend=backend)
        if asked:
            break
    assert not found.is_set()
    found.set()
    for result in results:
        assert isinstance(result.error, APITimeoutError)
        assert not result.error.may_have_been_processed
    assert 1 <= len(asked) <= 4


class Fallback(httpx.HTTPTransport):
    """A transport of httpx that sends by other means where it cannot connect."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return super().handle_request(request)
        except httpx.ConnectError:
            raise httpx.ReadError("the tunnel broke") from None


class AsyncFallback(httpx.AsyncHTTPTransport):
    """The same in async code."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except httpx.ConnectError:
            raise httpx.ReadError("the tunnel broke") from None


class Tunnel(httpx.HTTPTransport):
    """A transport of httpx that sends by http.client alone."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        connection = http.client.HTTPConnection(request.url.host, request.url.port, timeout=20)
        try:
            connection.request(request.method, request.url.path, headers=dict(request.headers))
            answer = connection.getresponse()
            return httpx.Response(answer.status, content=answer.read())
        except http.client.HTTPException as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        except OSError as error:
            raise httpx.ReadError(str(error)) from error
        finally:
            connection.close()


class AsyncTunnel(httpx.AsyncHTTPTransport):
    """The same in async code."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await anyio.to_thread.run_sync(Tunnel().handle_request, request)


@pytest.mark.parametrize("kinds", [(Fallback, AsyncFallback), (Tunnel, AsyncTunnel)])
def test_lost_answer_by_other_means(call: Caller, kinds: tuple[Any, Any]) -> None:
    """An answer that is lost by means that are not seen leaves the doubt."""
    with serving(hang_up) as server:
        client = {**ONCE, "transport": kinds}
        # Fallback finds nobody to connect to: this server has no port but its own.
        url = server.url if kinds[0] is Tunnel else "http://127.0.0.1:9/v0"
        with pytest.raises(APIConnectionError) as caught:
            call(url, "cancel", "job", "exec", client=client)
        assert len(server.seen) == (1 if kinds[0] is Tunnel else 0)
    assert caught.value.may_have_been_processed


class Again(httpx.HTTPTransport):
    """A transport of httpx that sends once more where the server hangs up."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return super().handle_request(request)
        except httpx.RemoteProtocolError:
            return super().handle_request(request)


class AsyncAgain(httpx.AsyncHTTPTransport):
    """The same in async code."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except httpx.RemoteProtocolError:
            return await super().handle_async_request(request)


def test_sent_and_then_refused(call: Caller) -> None:
    """What went out stays sent, though the transport cannot connect when it tries again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            connection.recv(65536)
            listener.close()
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v0"
        client = {**ONCE, "transport": (Again, AsyncAgain)}
        with pytest.raises(APIConnectionError) as caught:
            call(url, "cancel", "job", "exec", client=client)
        thread.join(30)
    assert caught.value.may_have_been_processed


def test_sent_elsewhere(call: Caller) -> None:
    """A transport that sends to a plain sidecar instead has sent it, too."""
    with serving(hang_up) as server:
        port = server.port

        def moved(request: httpx.Request) -> httpx.Request:
            url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
            return httpx.Request(request.method, url, headers=request.headers)

        class Sidecar(httpx.HTTPTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                return super().handle_request(moved(request))

        class AsyncSidecar(httpx.AsyncHTTPTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                return await super().handle_async_request(moved(request))

        client = {**ONCE, "transport": (Sidecar, AsyncSidecar)}
        with pytest.raises(APIConnectionError) as caught:
            call("https://api.example.com/v0", "cancel", "job", "exec", client=client)
        assert len(server.seen) == 1
    assert caught.value.may_have_been_processed


@pytest.mark.parametrize("step", ["__init__", "start"])
def test_no_thread_to_be_had(call: Caller, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call looks up and decodes by itself where there is no thread: at exit, in interpreters."""
    before = getattr(threading.Thread, step)

    def refused(thread: threading.Thread, *arguments: Any, **options: Any) -> None:
        name = str(options.get("name") or getattr(thread, "_name", ""))
        if name.startswith(("blaxel-jobs", "AnyIO worker", "Trio thread")):
            raise RuntimeError("daemon threads are disabled in this (sub)interpreter")
        before(thread, *arguments, **options)

    monkeypatch.setattr(threading.Thread, step, refused)
    with serving(answer(200, {**EXECUTION, "additional": "a" * 200_000})) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        assert call(url, "cancel", "job", "exec").status == "cancelling"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_threads_of_the_application(
    backend: str, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first call does not wait for the threads that the application may have at a time."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    ready = threading.Event()

    async def in_thread(ready: threading.Event) -> None:
        await anyio.to_thread.run_sync(ready.wait)

    async def main(url: str) -> None:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        async with anyio.create_task_group() as group:
            group.start_soon(in_thread, ready)
            while not limiter.borrowed_tokens:
                await anyio.sleep(0.01)
            try:
                async with AsyncJobsClient(ApiKey("key"), base_url=url) as jobs:
                    with pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
                        await jobs.cancel("job", "exec", timeout=30)
            finally:
                ready.set()

    with serving(tls=tls) as server:
        anyio.run(main, server.url, backend=backend)


def test_nothing_sent_while_connecting_again(call: Caller) -> None:
    """Where httpx itself connects again and again, nothing was sent all the while."""
    client = {**ONCE, "transport": transports(retries=20)}
    error = timed_out(call, "http://127.0.0.1:9/v0", client=client, timeout=2.0)
    assert not error.may_have_been_processed


def test_setting_up_takes_all_the_time(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS context that takes longer than the call has: nothing was sent, and it says so."""
    made = httpx.create_ssl_context()

    def slow() -> ssl.SSLContext:
        time.sleep(0.4)
        return made

    monkeypatch.setattr(httpx, "create_ssl_context", slow)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/v0"
        with pytest.raises(APITimeoutError) as caught:
            call(url, "cancel", "job", "exec", timeout=0.3)
    assert not caught.value.may_have_been_processed


def test_body_that_is_taken_slowly() -> None:
    """A long body is written bit by bit, each in the time that is left."""
    watched = WatchedAttempt(deadline=math.inf)
    written = []

    class Slow(httpcore.NetworkStream):
        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            written.append(len(buffer))
            watched.deadline = 0.0

    stream = backend._Stream(Slow(), backend._Backend(httpcore.MockBackend([])))
    context = contextvars.copy_context()
    context.run(ATTEMPT.set, watched)
    with pytest.raises(httpcore.WriteTimeout):
        context.run(stream.write, b" " * 1_000_000)
    assert len(written) == 1
    assert watched.sent


class StandIn:
    """What uvloop gives for the socket of a connection."""

    def __init__(self, one: socket.socket) -> None:
        self.dup = one.dup


@pytest.mark.parametrize("wrapped", [lambda one: one, TransportSocket, StandIn])
def test_end_of_a_connection(wrapped: Callable[[socket.socket], object]) -> None:
    """A connection can be ended whatever event loop it belongs to."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        given = wrapped(ours)
        backend.end(mock.Mock(get_extra_info=lambda info: given if info == "socket" else None))
        theirs.settimeout(30)
        assert theirs.recv(1) == b""
        assert ours.fileno() >= 0
