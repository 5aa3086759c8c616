"""No secret shows itself, wherever one looks: errors and their locals, reprs, logs, pickles."""

from __future__ import annotations

import base64
import copy
import logging
import pickle
import ssl
import traceback
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import trustme

from blaxel_jobs import (
    ApiKey,
    AsyncJobsClient,
    BlaxelError,
    ClientCredentials,
    ConfigurationError,
    JobsClient,
    ResponseDecodeError,
    RetryPolicy,
)
from blaxel_jobs._auth.secrets import Secret
from tests.client.conftest import KINDS, Caller
from tests.client.fault_server import Act, answer, execution, hang_up, say_nothing, serving
from tests.client.http2_server import serving_http2

SECRET, TOKEN = "s3cr3t-value", "t0k3n-value"
BASIC = base64.b64encode(f"id:{SECRET}".encode()).decode()
GIVEN = answer(200, {"access_token": TOKEN, "expires_in": 60, "refresh_token": "r3fr3sh-value"})


def chain(error: BaseException) -> Iterator[BaseException]:
    """Return an error and all that are in its context, suppressed or not."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def shown_by(error: BaseException) -> str:
    """Return all that a tool can show of an error, without the frames of these tests."""
    parts = []
    for one in chain(error):
        trace = one.__traceback__
        while trace is not None and "/tests/" in trace.tb_frame.f_code.co_filename:
            trace = trace.tb_next
        frames = traceback.StackSummary.extract(
            traceback.walk_tb(trace), capture_locals=True, lookup_lines=False
        )
        parts += [str(frame.locals) for frame in frames]
        parts += [str(one), repr(one), repr(vars(one))]
        if trace is not None:
            parts += [deep(frame.f_locals) for frame, _ in traceback.walk_tb(trace)]
    return "\n".join(parts)


def deep(values: dict[str, Any]) -> str:
    """Return what a tool shows that looks into the locals, one step deep."""
    inner = [vars(value) for value in values.values() if hasattr(value, "__dict__")]
    return repr([one for one in inner if not isinstance(one, types.MappingProxyType)])


def check(text: str) -> None:
    for secret in (SECRET, TOKEN, BASIC, "r3fr3sh-value"):
        assert secret not in text


SCRIPTS: dict[str, list[Act]] = {
    "forbidden": [answer(403)],
    "hung up": [hang_up],
    "silence": [say_nothing],
    "nonsense": [answer(200, b"<html>")],
    "too large": [answer(200, b" " * 2000)],
    "denied": [hang_up, answer(404), answer(403)],
    "repeated": [answer(500, {"message": f"no {SECRET}", "error": SECRET})],
    "repeated token": [answer(500, {"message": f"no {TOKEN}", "error": TOKEN})],
}


KEY, CLIENT = ApiKey(SECRET), ClientCredentials("id", SECRET)
CASES: list[tuple[ApiKey | ClientCredentials, str]] = [(CLIENT, name) for name in SCRIPTS]
CASES += [(KEY, name) for name in SCRIPTS if name != "repeated token"]


@pytest.mark.parametrize(("credentials", "name"), CASES)
@pytest.mark.parametrize("kind", KINDS)
def test_errors(
    kind: str,
    name: str,
    credentials: ApiKey | ClientCredentials,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An error of a call, its locals, its pickle, the client and the logs at DEBUG are clean."""
    caplog.set_level(logging.DEBUG)
    options: dict[str, Any] = {
        "retry": RetryPolicy(max_attempts=2, initial_delay=0),
        "timeout": 0.3,
        "max_response_bytes": 1000,
    }
    script = list(SCRIPTS[name])
    if isinstance(credentials, ClientCredentials):
        script.insert(0, GIVEN)
    with serving(*script) as server:
        jobs: JobsClient | AsyncJobsClient
        if kind == "sync":
            jobs = JobsClient(credentials, base_url=server.url, **options)
            with jobs, pytest.raises(BlaxelError) as caught:
                jobs.cancel("job", "exec")
        else:
            jobs = async_jobs = AsyncJobsClient(credentials, base_url=server.url, **options)

            async def main() -> None:
                async with async_jobs:
                    await async_jobs.cancel("job", "exec")

            with pytest.raises(BlaxelError) as caught:
                anyio.run(main, backend=kind)
    check(shown_by(caught.value) + caplog.text + repr(jobs) + repr(vars(jobs)))
    check(repr(vars(jobs._http._transport)))
    check(pickle.dumps(caught.value).decode("latin-1"))


@pytest.mark.parametrize(
    "script",
    [
        [answer(400, {"error": "invalid_client", "error_description": f"{SECRET} {BASIC}"})],
        [answer(200, {"access_token": "", "refresh_token": "r3fr3sh-value"})],
        [answer(200, f'{{"access_token": "{TOKEN}", '.encode() + b" " * 2000)],
        [answer(503)],
        [hang_up],
    ],
)
def test_errors_of_the_token_endpoint(script: list[Act], caplog: pytest.LogCaptureFixture) -> None:
    """An error of the token endpoint shows neither what was sent nor what was answered."""
    caplog.set_level(logging.DEBUG)
    retry = RetryPolicy(max_attempts=2, initial_delay=0)
    with (
        serving(*script) as server,
        JobsClient(
            ClientCredentials("id", SECRET),
            base_url=server.url,
            retry=retry,
            max_response_bytes=1000,
        ) as jobs,
        pytest.raises(BlaxelError) as caught,
    ):
        jobs.cancel("job", "exec")
    check(shown_by(caught.value) + caplog.text + pickle.dumps(caught.value).decode("latin-1"))


def test_http2(caplog: pytest.LogCaptureFixture) -> None:
    """The logs of HTTP/2, which list headers, show no secret."""
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    caplog.set_level(logging.DEBUG)
    for name in ("hpack.hpack", "hpack.table"):
        caplog.set_level(logging.DEBUG, logger=name)
    transport = httpx.HTTPTransport(verify=trusting, http2=True)
    with (
        serving_http2(tls, [200]) as server,
        JobsClient(ApiKey(SECRET), base_url=server.url, transport=transport) as jobs,
    ):
        jobs.cancel("job", "exec")
    assert "hpack" in {record.name.partition(".")[0] for record in caplog.records}
    ours = [r for r in caplog.records if r.threadName == "MainThread"]
    check("\n".join(record.getMessage() for record in ours))


def test_history() -> None:
    """A response that a generated operation sees holds no credential, nor a history with one."""
    with (
        serving(GIVEN, execution()) as server,
        JobsClient(ClientCredentials("id", SECRET), base_url=server.url) as jobs,
    ):
        response = jobs.api.get_httpx_client().request("GET", "/jobs/job")
    assert response.history == []
    assert "authorization" not in response.request.headers
    check(repr(response.request.headers.raw))


@pytest.mark.parametrize(
    "variables",
    [
        {"BL_API_KEY": f"{SECRET}\n{SECRET}"},
        {"BL_CLIENT_CREDENTIALS": SECRET},
        {"BL_CLIENT_CREDENTIALS": f"i d:{SECRET}"},
        {"BL_CLIENT_CREDENTIALS": f"id:{SECRET}\n{SECRET}"},
    ],
)
def test_unusable_environment(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong in the environment is not shown."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        JobsClient()
    check(shown_by(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        f"workspaces: [{{name: w, credentials: {{apiKey: '{SECRET}'}}}}",
        f"context: {{workspace: w}}\nworkspaces:\n- name: w\n  credentials: '{SECRET}'",
        f"context: {{workspace: w}}\nworkspaces:\n- name: w\n  credentials: {{apiKey: [{SECRET}]}}",
        f"context: {{workspace: w}}\nworkspaces:\n- name: v\n  credentials: {{apiKey: {SECRET}}}",
    ],
)
def test_unusable_file(text: str, home: Path) -> None:
    """What is wrong in the vendor CLI's file is not shown."""
    (home / ".blaxel").mkdir()
    (home / ".blaxel/config.yaml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        JobsClient()
    check(shown_by(caught.value))


def test_unusable_base_url() -> None:
    """A password in a base URL is not shown."""
    with pytest.raises(ConfigurationError) as caught:
        JobsClient(ApiKey("k"), base_url=f"https://user:{SECRET}@api.example.com/v0")
    check(shown_by(caught.value))


@pytest.mark.parametrize("client", [JobsClient, AsyncJobsClient])
@pytest.mark.parametrize("credentials", [SECRET, SECRET.encode(), {"api_key": SECRET}], ids=type)
def test_key_as_it_is(client: type[JobsClient] | type[AsyncJobsClient], credentials: Any) -> None:
    """A key that is passed in without `ApiKey` is refused, and not shown."""
    with pytest.raises(ConfigurationError, match=r"must be ApiKey\(\.\.\.\)") as caught:
        client(credentials)
    check(shown_by(caught.value))


@pytest.mark.parametrize("credentials", [ApiKey(SECRET), ClientCredentials("id", SECRET)])
def test_credentials(credentials: ApiKey | ClientCredentials) -> None:
    """Credentials can be shown, copied and compared, and cannot be pickled."""
    check(f"{credentials} {credentials!r} {vars(credentials)} {credentials.secret:}")
    assert copy.deepcopy(credentials) == credentials
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(credentials)


class Key:
    """Custom credentials, which are what they are."""

    def __init__(self, key: Any) -> None:
        self._key = Secret(key)

    def bearer(self) -> str:
        """Return the key."""
        return self._key.reveal()


class Exchange:
    """Custom credentials, which are exchanged."""

    def __init__(self, *, url: str = "", **request: Any) -> None:
        def make(given: httpx.URL) -> httpx.Request:
            return httpx.Request("POST", url or given, **request)

        self._make = make  # a closure: no dump of this object shows what these tests look for

    def token_request(self, url: httpx.URL) -> httpx.Request:
        """Return a request with whatever is in it."""
        return self._make(url)


UNUSABLE = [
    "{}\n{}", "{} {}", "{}\r\nX-Other: {}", "{}\0{}", "{}\u00e9{}", "{}\u2028{}", "{}\x7f{}",
]  # fmt: skip


def refused(call: Caller, credentials: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Check that nothing is sent, once and for all, and that nothing is shown."""
    caplog.set_level(logging.DEBUG)
    attempts: list[object] = []
    client = {"credentials": credentials, "on_attempt": attempts.append}
    with serving(execution()) as server:
        with pytest.raises(ConfigurationError) as caught:
            call(server.url, "cancel", "job", "exec", client=client)
        assert server.seen == []
    assert attempts == []
    check(shown_by(caught.value) + caplog.text + pickle.dumps(caught.value).decode("latin-1"))


@pytest.mark.parametrize("form", UNUSABLE)
def test_bearer_that_no_header_can_carry(
    call: Caller, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is refused at once, and not shown."""
    refused(call, Key(form.format(SECRET, SECRET)), caplog)


@pytest.mark.parametrize("form", ["{}\n", " {}", "\t{}\r\n"])
def test_white_space_around_a_bearer(call: Caller, form: str) -> None:
    """It is not sent: files that hold a key end with a newline."""
    with serving(execution()) as server:
        call(server.url, "cancel", "job", "exec", client={"credentials": Key(form.format(SECRET))})
    assert server.seen[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    "exchange",
    [
        *(Exchange(headers={"X-Key": form.format(SECRET, SECRET)}) for form in UNUSABLE[2:4]),
        Exchange(headers={"X-Key": f"{SECRET}\u00e9"}),
        Exchange(headers={"X-Key": f"{SECRET}\n{SECRET}".encode()}),
        Exchange(url=f"https://id:{SECRET}@api.example.com/token"),
        Exchange(url=f"https://api.example.com/{SECRET}\n"),
        Exchange(url=f"https://api.example.com:{SECRET}/"),
        Exchange(json={"secret": f"{SECRET}\udc80", "not": {SECRET}}),
        Exchange(content=object()),
        Exchange(params={"grant_type": "client_credentials", "client_secret": SECRET}),
    ],
)
def test_token_request_that_cannot_be_sent(
    call: Caller, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    """It is refused at once, and not shown."""
    refused(call, exchange, caplog)


@pytest.mark.parametrize(
    "options",
    [
        {"json": {"device_code": SECRET}},
        {"json": {"login": [{"secret": SECRET}]}},
        {"data": {"code": SECRET}},
        {"headers": {"X-Api-Key": SECRET}},
        {"headers": {"Authorization": f"Key {SECRET}"}},
        {"headers": {"Authorization": f"Basic {BASIC}"}},
    ],
)
def test_repeated_body_of_a_token_request(call: Caller, options: dict[str, Any]) -> None:
    """An endpoint that repeats what it was sent gives nothing away, however it writes it."""
    with serving(answer(400, {"error": "no", "error_description": f"bad {SECRET}"})) as server:
        with pytest.raises(BlaxelError) as caught:
            call(server.url, "get", "job", "exec", client={"credentials": Exchange(**options)})
        assert len(server.seen) == 1
    check(shown_by(caught.value))


@pytest.mark.parametrize("method", ["cancel", "get"])
@pytest.mark.parametrize("body", [f"bad key {SECRET}".encode(), {"metadata": 7, "x": SECRET}])
def test_repeated_in_a_success(call: Caller, method: str, body: Any) -> None:
    """A 2xx that is no execution and repeats the key is shown without it."""
    with serving(answer(200, body)) as server, pytest.raises(ResponseDecodeError) as caught:
        call(server.url, method, "job", "exec", client={"credentials": ApiKey(SECRET)})
    assert caught.value.body
    check(shown_by(caught.value))


@pytest.mark.parametrize("status", [200, 404, 503])
def test_repeated_in_headers(call: Caller, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """A server that repeats the key as its id of the request, or as an error's code."""
    caplog.set_level(logging.DEBUG, "blaxel_jobs")
    repeats = answer(status, b"<html>", X_Request_Id=SECRET, X_Blaxel_Error_Code=SECRET)
    client = {"credentials": ApiKey(SECRET), "retry": RetryPolicy(max_attempts=1)}
    with serving(repeats) as server, pytest.raises(BlaxelError) as caught:
        call(server.url, "cancel", "job", "exec", client=client)
    assert getattr(caught.value, "request_id", None) == "***"
    check(shown_by(caught.value) + caplog.text)


def test_repeated_by_another_execution(call: Caller) -> None:
    """An answer about another execution that repeats the key is shown without it."""
    answers = [answer(200, {"metadata": {"id": n, "key": SECRET}, "spec": {}}) for n in ("a", "b")]
    with serving(*answers) as server, pytest.raises(ResponseDecodeError) as caught:
        call(server.url, "get", "job", "exec", client={"credentials": ApiKey(SECRET)})
    check(shown_by(caught.value))


def test_repeated_in_a_list() -> None:
    """The same for operations whose answers generated code reads."""
    with (
        serving(answer(200, {"data": SECRET})) as server,
        JobsClient(ApiKey(SECRET), base_url=server.url) as jobs,
        pytest.raises(ResponseDecodeError) as caught,
    ):
        next(jobs.list("job"))
    error = caught.value
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next  # this test's own locals have the key
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    check("\n".join([repr(error), str(error), error.body, *shown.format()]))
