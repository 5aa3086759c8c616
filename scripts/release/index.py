"""A package index: where it is, who we are to it, what it has, and how files get there.

Settings are those of uv: UV_PUBLISH_URL (where to upload to), UV_PUBLISH_USERNAME and
UV_PUBLISH_PASSWORD or UV_PUBLISH_TOKEN, and UV_PUBLISH_CHECK_URL (the index to look into, where it
is not the upload's URL with `simple/` behind it).
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser

from scripts.failure import PipelineError
from scripts.tools import program

__all__ = ["PackageIndex", "index_of"]

_JSON = "application/vnd.pypi.simple.v1+json"
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """An index to publish to: `upload_url` takes files, `simple_url` (PEP 503, 691) lists them."""

    upload_url: str
    simple_url: str
    username: str
    password: str = field(repr=False)

    def published(self, project: str) -> dict[str, str]:
        """Return the files that the index has of a project, each with its SHA-256 as hex digits.

        Raises PipelineError where the index cannot be asked.
        """
        page = urljoin(self.simple_url, f"{project}/")
        with httpx.Client(timeout=_SECONDS, trust_env=False) as client:
            try:
                answer = self._get(client, page)
                for _ in range(3):
                    if answer.next_request is None or not self._is_ours(answer.next_request.url):
                        break
                    answer = self._get(client, str(answer.next_request.url))
                # An index in front of the public one may name that by redirecting to it.
                if answer.status_code == 404 or answer.is_redirect:
                    return {}
                self._check(answer)
                files = _listed(answer)
                return {
                    name: digest or self._digest(client, url)
                    for name, (url, digest) in files.items()
                }
            except httpx.HTTPError as error:
                raise PipelineError(
                    f"the index cannot be asked: {type(error).__name__}", file=self.simple_url,
                    hint="is it up, and is UV_PUBLISH_CHECK_URL its simple index?",
                ) from None  # fmt: skip

    def _is_ours(self, url: httpx.URL) -> bool:
        """Tell whether a URL is of the index's own origin: no other one gets the credentials."""
        own = httpx.URL(self.simple_url)
        return (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port)

    def _get(self, client: httpx.Client, url: str) -> httpx.Response:
        auth = (self.username, self.password) if self._is_ours(httpx.URL(url)) else None
        return client.get(url, headers={"Accept": f"{_JSON}, text/html;q=0.5"}, auth=auth)

    def _digest(self, client: httpx.Client, url: str) -> str:
        answer = self._get(client, url)
        self._check(answer)
        return hashlib.sha256(answer.content).hexdigest()

    def _check(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        hint = "is UV_PUBLISH_CHECK_URL its simple index?"
        if answer.status_code in (401, 403):
            hint = "check UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or UV_PUBLISH_TOKEN"
        raise PipelineError(
            f"the index answers {answer.status_code} when asked what it has",
            file=self.simple_url, hint=hint,
        )  # fmt: skip

    def upload(self, files: Sequence[Path], nothing: Path) -> None:
        """Upload the files. `nothing` is an empty file, so that no ~/.pypirc has a say.

        Raises PipelineError with the index's words.
        """
        environment = {
            **os.environ,
            # Not on the command line, which every user of the machine can see.
            "TWINE_REPOSITORY_URL": self.upload_url,
            "TWINE_USERNAME": self.username,
            "TWINE_PASSWORD": self.password,
            "NO_COLOR": "1",
        }
        options = ["--non-interactive", "--disable-progress-bar", "--config-file", str(nothing)]
        command = [str(program("twine")), "upload", *options, *map(str, files)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            if self.password:
                said = said.replace(self.password, "***")
            raise PipelineError(
                "the index did not take all files",
                file=self.upload_url,
                hint=f"{said[-2000:]}\nrunning it again completes what is missing",
            )


def index_of(settings: Mapping[str, str], name: str | None) -> PackageIndex:
    """Return the index that the settings (environment variables) and a name given by hand mean.

    The public index has to be asked for by its name. Raises PipelineError.
    """
    url = settings.get("UV_PUBLISH_URL", "").strip()
    if name is not None:
        if name != "pypi":
            hint = "other indexes are named by UV_PUBLISH_URL"
            raise PipelineError(f"{name!r} is not the name of a public index: pypi is", hint=hint)
        if url and not _is_public(url):
            hint = "unset one of the two"
            raise PipelineError("UV_PUBLISH_URL names another index than pypi", hint=hint)
        url = url or _public_url()
    elif not url:
        hint = "name the internal index: UV_PUBLISH_URL=https://..."
        raise PipelineError("no index to publish to: UV_PUBLISH_URL is not set", hint=hint)
    elif _is_public(url):
        hint = "where that is meant: make publish INDEX=pypi"
        raise PipelineError("UV_PUBLISH_URL is the public index", hint=hint)
    _check_url(url, "UV_PUBLISH_URL")
    simple = settings.get("UV_PUBLISH_CHECK_URL", "").strip() or _simple(url)
    _check_url(simple, "UV_PUBLISH_CHECK_URL")
    username, password = _credentials(settings)
    return PackageIndex(url, simple.rstrip("/") + "/", username, password)


def _credentials(settings: Mapping[str, str]) -> tuple[str, str]:
    token = settings.get("UV_PUBLISH_TOKEN", "")
    username = settings.get("UV_PUBLISH_USERNAME", "")
    password = settings.get("UV_PUBLISH_PASSWORD", "")
    if token and (username or password):
        hint = "unset one of the two"
        raise PipelineError("both UV_PUBLISH_TOKEN and a user with password are set", hint=hint)
    if token:
        return "__token__", token
    if not username or not password:
        hint = "set UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or UV_PUBLISH_TOKEN"
        raise PipelineError("no credentials for the index", hint=hint)
    return username, password


def _check_url(url: str, setting: str) -> None:
    """Raise PipelineError, without the URL, which may hold a password, where it is not safe."""
    try:
        parts = urlsplit(url)
        host, has_user = parts.hostname, "@" in parts.netloc
        _ = parts.port
    except ValueError:
        raise PipelineError(f"{setting} is not a URL") from None
    if has_user:
        hint = "use UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD"
        raise PipelineError(f"{setting} must not contain a user or password", hint=hint)
    if not host or parts.scheme not in ("http", "https"):
        raise PipelineError(f"{setting} must begin with https:// and name a host")
    if parts.scheme == "http" and not _is_loopback(host):
        raise PipelineError(f"{setting} must begin with https://: passwords would be readable")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _public_url() -> str:
    from twine.utils import DEFAULT_REPOSITORY

    return DEFAULT_REPOSITORY


def _is_public(url: str) -> bool:
    """Tell whether a URL is on the public index's domain: upload, test and bare hosts alike."""
    domain = ".".join((urlsplit(_public_url()).hostname or "").split(".")[-2:])
    try:
        host = (urlsplit(url if "://" in url else f"https://{url}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return host == domain or host.endswith(f".{domain}")


def _simple(url: str) -> str:
    """Return where an upload URL's index usually is: `simple/` behind it, or beside `legacy/`."""
    bare = url.rstrip("/")
    if _is_public(url):
        domain = ".".join((urlsplit(url).hostname or "").split(".")[-2:])
        return f"https://{domain}/simple/"
    return f"{bare.removesuffix('/legacy')}/simple/"


def _listed(answer: httpx.Response) -> dict[str, tuple[str, str | None]]:
    """Return URL and SHA-256, where it is told, of each file of a project's page."""
    if "json" in answer.headers.get("content-type", ""):
        return {
            str(file["filename"]): (
                urljoin(str(answer.url), str(file["url"])),
                file.get("hashes", {}).get("sha256"),
            )
            for file in answer.json()["files"]
        }
    found: dict[str, tuple[str, str | None]] = {}
    for link in LexborHTMLParser(answer.text).css("a[href]"):
        url = urljoin(str(answer.url), link.attributes["href"] or "")
        parts = urlsplit(url)
        name = unquote(parts.path.rpartition("/")[2])
        algorithm, _, digest = parts.fragment.partition("=")
        found[name] = (url, digest if algorithm == "sha256" else None)
    return found
