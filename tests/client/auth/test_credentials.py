"""Credentials of other kinds, and those that contradict each other."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import httpx
import pytest

from blaxel_jobs import (
    ApiKey,
    AuthenticationError,
    ClientCredentials,
    ConfigurationError,
    JobsClient,
)
from tests.client.conftest import Caller
from tests.client.fault_server import answer, execution, serving

TOKEN = answer(200, {"access_token": "token-1", "expires_in": 7200})


def write_config_file(home: Path, text: str) -> None:
    (home / ".blaxel").mkdir()
    (home / ".blaxel/config.yaml").write_text(text)


class Rotating:
    """A key that is another one each time it is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def bearer(self) -> str:
        self.asked += 1
        return f"key-{self.asked}"


def test_own_key_source(call: Caller) -> None:
    """An object with `bearer()` is asked before each attempt."""
    with serving(answer(503), execution()) as server:
        call(server.url, "cancel", "job", "exec", client={"credentials": Rotating()})
    assert [seen.headers["authorization"] for seen in server.seen] == [
        "Bearer key-1",
        "Bearer key-2",
    ]


@pytest.mark.parametrize("value", ["", "  ", None])
def test_empty_bearer(call: Caller, value: str | None) -> None:
    """No request goes out with an empty token."""

    class Empty:
        def bearer(self) -> str | None:
            return value

    with serving(execution()) as server:
        with pytest.raises(ConfigurationError, match=r"empty|must be a string"):
            call(server.url, "cancel", "job", "exec", client={"credentials": Empty()})
        assert server.seen == []


class Workload:
    """An identity of the platform, exchanged for a token."""

    def token_request(self, url: httpx.URL) -> httpx.Request:
        return httpx.Request("POST", url, data={"assertion": "signed"})


def test_own_token_source(call: Caller) -> None:
    """An object with `token_request(url)` says how tokens are asked for."""
    script = [TOKEN, execution(), answer(401), TOKEN, execution("cancelled")]
    with serving(*script) as server:
        call(server.url, "cancel_and_wait", "job", "exec", client={"credentials": Workload()})
    asked = server.seen[0]
    assert (asked.target, asked.body) == ("/v0/oauth/token", b"assertion=signed")
    assert asked.headers["user-agent"].startswith("blaxel-jobs/")
    assert [seen.method for seen in server.seen] == ["POST", "DELETE", "GET", "POST", "GET"]


@pytest.mark.parametrize("credentials", ["key", 7, httpx.BasicAuth("a", "b"), ("id", "secret")])
def test_no_credentials_at_all(credentials: object) -> None:
    """Something else is refused, with a word on what is wanted, and without showing it."""
    with pytest.raises(ConfigurationError, match=r"ApiKey\(") as caught:
        JobsClient(credentials)  # type: ignore[arg-type]
    assert "secret" not in str(caught.value).replace("ClientCredentials", "")


def test_two_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of two in the environment the key is used, and the log names both."""
    monkeypatch.setenv("BL_API_KEY", "the-key")
    monkeypatch.setenv("BL_CLIENT_CREDENTIALS", "id:the-secret")
    JobsClient().close()
    assert "BL_API_KEY and BL_CLIENT_CREDENTIALS are both set" in caplog.text
    assert "the-key" not in caplog.text
    assert "the-secret" not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "id:s",
        base64.b64encode(b"id:s").decode(),
        base64.b64encode(b"id:s").decode().rstrip("="),
        base64.urlsafe_b64encode(b"id:s").decode(),
        "  id:s\n",
    ],
)
def test_base64(text: str) -> None:
    """Base64 of either alphabet, with or without padding, or the pair itself."""
    assert ClientCredentials.from_base64(text) == ClientCredentials("id", "s")


@pytest.mark.parametrize("text", ["", "id", "id:", ":s", "aWQ=", "!!!", None, 7])
def test_no_base64(text: object) -> None:
    """Anything else is refused."""
    with pytest.raises(ConfigurationError):
        ClientCredentials.from_base64(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("parts", [("", "s"), ("i:d", "s"), ("id", ""), ("id", "a\nb"), (7, "s")])
def test_unusable_client_credentials(parts: tuple[str, str]) -> None:
    """An id or secret that cannot be sent is refused."""
    with pytest.raises(ConfigurationError):
        ClientCredentials(*parts)


def test_secret_may_hold_a_colon() -> None:
    """Only the first colon divides."""
    assert ClientCredentials.from_base64("id:a:b").secret.reveal() == "a:b"


LOGIN = """
context: {workspace: w}
workspaces:
- name: w
  env: prod
  credentials: {access_token: old, refresh_token: the-refresh, device_code: the-device}
"""


def test_login_of_the_command_line(call: Caller, home: Path) -> None:
    """A login in the vendor CLI's file is refreshed; the file stays as it is."""
    write_config_file(home, LOGIN)
    with serving(TOKEN, execution()) as server:
        call(server.url, "cancel", "job", "exec", client={"credentials": None})
    asked, cancel = server.seen
    assert json.loads(asked.body) == {
        "grant_type": "refresh_token",
        "refresh_token": "the-refresh",
        "device_code": "the-device",
        "client_id": "blaxel",
    }
    assert cancel.headers["authorization"] == "Bearer token-1"
    assert cancel.headers["x-blaxel-workspace"] == "w"
    assert (home / ".blaxel/config.yaml").read_text() == LOGIN


def test_refresh_token_that_rotates(call: Caller, home: Path) -> None:
    """Of a refresh token that is replaced, the new one is used next time."""
    write_config_file(home, LOGIN)
    first = answer(
        200, {"access_token": "token-1", "expires_in": 7200, "refresh_token": "the-second"}
    )
    with serving(first, execution(), answer(401), TOKEN, execution("cancelled")) as server:
        call(server.url, "cancel_and_wait", "job", "exec", client={"credentials": None})
    assert json.loads(server.seen[3].body)["refresh_token"] == "the-second"


def test_login_that_has_ended(call: Caller, home: Path) -> None:
    """A login that the vendor does not renew is an AuthenticationError that hides the token."""
    write_config_file(home, LOGIN)
    refusal = answer(400, {"error": "invalid_grant", "error_description": "no the-refresh"})
    with serving(refusal) as server, pytest.raises(AuthenticationError) as caught:
        call(server.url, "cancel", "job", "exec", client={"credentials": None})
    assert "the-refresh" not in caught.value.body + str(caught.value)


@pytest.mark.parametrize("spelling", ["client_credentials", "clientCredentials"])
def test_client_credentials_in_the_file(call: Caller, home: Path, spelling: str) -> None:
    """Client credentials in the file may be spelt in two ways."""
    write_config_file(
        home,
        f"context: {{workspace: w}}\nworkspaces:\n- name: w\n"
        f"  credentials: {{{spelling}: 'id:secret'}}\n",
    )
    with serving(TOKEN, execution()) as server:
        call(server.url, "cancel", "job", "exec", client={"credentials": None})
    basic = base64.b64encode(b"id:secret").decode()
    assert server.seen[0].headers["authorization"] == f"Basic {basic}"


def test_same_workspace_twice(home: Path) -> None:
    """A file that has a workspace twice contradicts itself, and is not guessed at."""
    write_config_file(
        home,
        "context: {workspace: w}\nworkspaces:\n"
        "- {name: w, credentials: {apiKey: a}}\n- {name: w, credentials: {apiKey: b}}\n",
    )
    with pytest.raises(ConfigurationError, match="more than once"):
        JobsClient()


@pytest.mark.parametrize("name", ["{missing}", "{0}", "a}b"])
def test_odd_workspace(home: Path, name: str) -> None:
    """A workspace's name is repeated as it is."""
    write_config_file(home, "context: {workspace: w}\nworkspaces: []\n")
    with pytest.raises(ConfigurationError) as caught:
        JobsClient(workspace=name)
    assert name in str(caught.value)


def test_file_that_cannot_be_read(home: Path) -> None:
    """A file that is no text is a clear error."""
    (home / ".blaxel").mkdir()
    (home / ".blaxel/config.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"\.blaxel/config\.yaml"):
        JobsClient()


def test_without_the_extra(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that would be needed says which extra reads it."""
    write_config_file(home, LOGIN)
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    with pytest.raises(ConfigurationError, match=r"blaxel-jobs\[config\]"):
        JobsClient()
    JobsClient(ApiKey("k")).close()
