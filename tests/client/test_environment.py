"""What is wrong in the environment is reported when a client is made, by its name, in both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
import trustme

from blaxel_jobs import (
    ApiKey,
    AsyncJobsClient,
    BlaxelError,
    ConfigurationError,
    InvalidIdentifierError,
    JobsClient,
)
from tests.client.conftest import Caller
from tests.client.fault_server import execution, serving

Kind: TypeAlias = type[JobsClient] | type[AsyncJobsClient]
KEY = ApiKey("k")
BOTH = pytest.mark.parametrize("client", [JobsClient, AsyncJobsClient])


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Return files and folders in which there are no certificates, by what they are."""
    (tmp_path / "empty").touch()
    (tmp_path / "junk").write_text("-----BEGIN CERTIFICATE-----\njunk\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "hashed").mkdir()
    (tmp_path / "hashed/5ed36f99.0").write_text("junk")
    return {name: str(tmp_path / name) for name in ("empty", "junk", "folder", "hashed", "missing")}


@BOTH
@pytest.mark.parametrize("what", ["empty", "junk", "folder", "missing"])
def test_certificate_file(
    client: Kind, what: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE has to name a file with certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", places[what])
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE") as caught:
        client(KEY)
    assert places[what] in str(caught.value)


@BOTH
@pytest.mark.parametrize("what", ["empty", "folder", "hashed", "missing"])
def test_certificate_folder(
    client: Kind, what: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_DIR has to name a folder with hashed certificates."""
    monkeypatch.setenv("SSL_CERT_DIR", places[what])
    with pytest.raises(ConfigurationError, match="SSL_CERT_DIR"):
        client(KEY)


@BOTH
def test_usable_certificate_folder(
    client: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_DIR may name several folders; one with certificates will do."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "5ed36f99.0"))
    monkeypatch.setenv("SSL_CERT_DIR", f"/nowhere{os.pathsep}{tmp_path}")
    client(KEY)


@pytest.mark.skipif(httpx.__name__ == "httpx2", reason="httpx2 reads no SSLKEYLOGFILE")
@BOTH
def test_key_log(client: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SSLKEYLOGFILE has to name a file that can be written; the other variables are not blamed."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSLKEYLOGFILE", "/nowhere/log")
    with pytest.raises(ConfigurationError, match=r"^SSLKEYLOGFILE names '/nowhere/log', which"):
        client(KEY)


@BOTH
@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com:99999/v0",
        "https://api.example.com:port/v0",
        f"https://{'a' * 64}.example.com/v0",
        "https://api..example.com/v0",
        "https://xn--\u00e9.example.com/v0",
        "https://a b.example.com/v0",
        pytest.param(
            "https://xn--a.example.com/v0",
            marks=pytest.mark.skipif(
                httpx.__name__ == "httpx2", reason="httpx2 leaves punycode to the resolver"
            ),
        ),
        "http://xn--a/v0",
        "https://[::1/v0",
    ],
)
def test_base_url(client: Kind, url: str) -> None:
    """A base URL with a host or port that is none is refused when the client is made."""
    with pytest.raises(ConfigurationError, match="base URL"):
        client(KEY, base_url=url)


class _Sync(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200)


class _Async(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200)


@pytest.mark.parametrize(
    ("client", "transport", "needed"),
    [
        (JobsClient, _Async(), "BaseTransport"),
        (AsyncJobsClient, _Sync(), "AsyncBaseTransport"),
        (JobsClient, _Sync, "BaseTransport"),
        (JobsClient, httpx.Client(), "BaseTransport"),
        (AsyncJobsClient, object(), "AsyncBaseTransport"),
    ],
)
def test_transport_of_another_kind(client: Kind, transport: object, needed: str) -> None:
    """A transport of the other kind, or none at all, is refused when the client is made."""
    with pytest.raises(ConfigurationError, match=needed):
        client(KEY, transport=transport)  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [1001, 70_000, 1_000_000])
def test_long_identifier(call: Caller, length: int) -> None:
    """An id that no URL can carry is refused, in few words."""
    with serving(execution()) as server:
        with pytest.raises(InvalidIdentifierError, match="longer than 1000") as caught:
            call(server.url, "cancel", "job", "x" * length)
        assert server.seen == []
    assert len(str(caught.value)) < 300


@BOTH
def test_no_home(client: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a home there is no file, which is reported."""

    def no_home(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", no_home)
    with pytest.raises(ConfigurationError, match="no HOME"):
        client()


@BOTH
def test_home_of_another(client: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that may not be looked into is an error."""

    def denied(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", denied)
    with pytest.raises(BlaxelError, match="Permission denied"):
        client()


def test_workspace_is_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    """BL_WORKSPACE may have white space around it, as BL_API_KEY may."""
    monkeypatch.setenv("BL_WORKSPACE", " w\n")
    with serving(execution()) as server, JobsClient(KEY, base_url=server.url) as jobs:
        jobs.get("job", "exec")
    assert server.seen[0].headers["x-blaxel-workspace"] == "w"
