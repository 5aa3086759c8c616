"""Setting a client up: credentials, base URL, and the generated client under the same policy."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback
from pathlib import Path

import httpx
import pytest

import blaxel_jobs
from blaxel_jobs import (
    ApiKey,
    APIStatusError,
    ClientCredentials,
    ConfigurationError,
    InvalidIdentifierError,
    JobsClient,
    NotFoundError,
    RetryPolicy,
)
from blaxel_jobs_api.api.jobs import cancel_job_execution
from tests.client.fault_server import EXECUTION, answer, execution, serving


def sent_with(**options: object) -> httpx.Request:
    """Return the first request of a client that is set up like this."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=EXECUTION)

    with JobsClient(transport=httpx.MockTransport(handler), **options) as jobs:  # type: ignore[arg-type]
        jobs.cancel("job", "exec")
    return seen[0]


def test_api_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """BL_API_KEY is used, before client credentials."""
    monkeypatch.setenv("BL_API_KEY", "key-1")
    monkeypatch.setenv("BL_CLIENT_CREDENTIALS", "id:secret")
    assert sent_with().headers["authorization"] == "Bearer key-1"


@pytest.mark.parametrize("value", ["id:secret", base64.b64encode(b"id:secret").decode()])
def test_client_credentials_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """BL_CLIENT_CREDENTIALS may be base64 or plain."""
    monkeypatch.setenv("BL_CLIENT_CREDENTIALS", value)
    request = sent_first_to_the_token_endpoint()
    assert request.headers["authorization"] == httpx.BasicAuth("id", "secret")._auth_header


def sent_first_to_the_token_endpoint() -> httpx.Request:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(400)

    with JobsClient(transport=httpx.MockTransport(handler)) as jobs, pytest.raises(APIStatusError):
        jobs.cancel("job", "exec")
    assert seen[0].url == "https://api.blaxel.ai/v0/oauth/token"
    return seen[0]


def test_workspace_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """BL_WORKSPACE is used unless the argument says otherwise."""
    monkeypatch.setenv("BL_WORKSPACE", "from-environment")
    key = ApiKey("k")
    assert sent_with(credentials=key).headers["x-blaxel-workspace"] == "from-environment"
    assert sent_with(credentials=key, workspace="w").headers["x-blaxel-workspace"] == "w"


def test_config_file(home: Path) -> None:
    """The vendor CLI's file gives the credentials of the workspace in use, and its name."""
    write_config_file(home)
    headers = sent_with().headers
    assert headers["authorization"] == "Bearer key-two"
    assert headers["x-blaxel-workspace"] == "two"


def test_config_file_of_another_workspace(home: Path) -> None:
    """The workspace that is asked for takes its own credentials from the file."""
    write_config_file(home)
    assert sent_with(workspace="one").headers["authorization"] == "Bearer key-one"


def test_config_file_without_the_workspace(home: Path) -> None:
    """A workspace that the file does not know is a clear error."""
    write_config_file(home)
    with pytest.raises(ConfigurationError, match="for the workspace 'three'"):
        JobsClient(workspace="three")


def write_config_file(home: Path) -> None:
    (home / ".blaxel").mkdir()
    (home / ".blaxel/config.yaml").write_text(
        "context: {workspace: two}\n"
        "workspaces:\n"
        "- {name: one, credentials: {apiKey: key-one}}\n"
        "- {name: two, credentials: {apiKey: key-two}}\n"
    )


def test_broken_config_file(home: Path) -> None:
    """A file that is something else is a clear error."""
    folder = home / ".blaxel"
    folder.mkdir()
    (folder / "config.yaml").write_text("[1")
    with pytest.raises(ConfigurationError, match=r"not what the vendor's CLI writes"):
        JobsClient()


def test_no_credentials() -> None:
    """Without credentials the error names what was looked for."""
    with pytest.raises(ConfigurationError, match="BL_API_KEY or BL_CLIENT_CREDENTIALS"):
        JobsClient()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://api.example.com/v0", "https"),
        ("ftp://api.example.com", "https"),
        ("https://user:secret@api.example.com/v0", "user or password"),
        ("https://api.example.com/v0?a=b", "query"),
        ("api.example.com", "https"),
    ],
)
def test_unsafe_base_url(url: str, message: str) -> None:
    """A base URL that is not safe is refused, without showing what it holds."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        JobsClient(ApiKey("k"), base_url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "käse"])
def test_unusable_key(value: str) -> None:
    """A key that no header can carry is refused, without showing it."""
    with pytest.raises(ConfigurationError) as caught:
        ApiKey(value)
    assert not value.strip() or value not in str(caught.value)


@pytest.mark.parametrize("timeout", [0, -1, True, "5", float("nan")])
def test_unusable_timeout(timeout: object) -> None:
    """A timeout that is no positive number is refused."""
    with pytest.raises(ConfigurationError, match="seconds"):
        JobsClient(ApiKey("k"), timeout=timeout)  # type: ignore[arg-type]


def test_generated_operation() -> None:
    """A generated operation under our client has credential, retry and errors like our own."""
    with serving(answer(503), execution(), answer(404)) as server:
        retry = RetryPolicy(initial_delay=0)
        with JobsClient(ApiKey("key-1"), base_url=server.url, retry=retry) as jobs:
            result = cancel_job_execution.sync("job", "exec", client=jobs.api)
            with pytest.raises(NotFoundError):
                cancel_job_execution.sync("job", "exec", client=jobs.api)
    assert result is not None
    assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer key-1"] * 3


@pytest.mark.parametrize("identifier", ["..", "", ".", "a/b", "%2e%2e"])
def test_generated_operation_with_a_dangerous_id(identifier: str) -> None:
    """The identifier check holds for generated operations too."""
    with (
        serving(execution()) as server,
        JobsClient(ApiKey("k"), base_url=server.url) as jobs,
        pytest.raises(InvalidIdentifierError),
    ):
        cancel_job_execution.sync("job", identifier, client=jobs.api)
    assert server.seen == []


SECRET = "s3cr3t-value"


@pytest.mark.parametrize("credentials", [ApiKey(SECRET), ClientCredentials("id", SECRET)])
def test_secrets_stay_secret(
    credentials: ApiKey | ClientCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """No repr, traceback with locals, pickle or log at DEBUG shows a secret or a token."""
    token = "t0k3n-value"
    caplog.set_level(logging.DEBUG)
    answers = [answer(200, {"access_token": token, "expires_in": 60}), answer(403)]
    script = answers if isinstance(credentials, ClientCredentials) else answers[1:]
    with (
        serving(*script) as server,
        JobsClient(credentials, base_url=server.url) as jobs,
        pytest.raises(APIStatusError) as caught,
    ):
        jobs.cancel("job", "exec")
    # Without this test's own frame, whose locals hold the secrets.
    caught.value.__traceback__ = caught.tb.tb_next
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(shown.format()) + repr(credentials) + repr(vars(jobs)) + caplog.text
    text += pickle.dumps(caught.value).decode("latin-1")
    basic = base64.b64encode(f"id:{SECRET}".encode()).decode()
    assert SECRET not in text
    assert token not in text
    assert basic not in text


def test_errors_can_be_pickled() -> None:
    """An error keeps its attributes through pickle."""
    error = NotFoundError("404: gone", status_code=404, body="b", code="C", request_id="r")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is NotFoundError
    assert vars(copy) == vars(error)
    assert str(copy) == "404: gone"


def test_close_twice() -> None:
    """Closing twice does no harm."""
    jobs = JobsClient(ApiKey("k"))
    jobs.close()
    jobs.close()


def test_every_export_is_listed() -> None:
    """What is imported into the public face is public, and the other way round."""
    public = {
        name
        for name, value in vars(blaxel_jobs).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("blaxel_jobs.")
    }
    assert public <= set(blaxel_jobs.__all__)
    assert all(hasattr(blaxel_jobs, name) for name in blaxel_jobs.__all__)
