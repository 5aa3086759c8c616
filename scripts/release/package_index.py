"""A package index: its URLs and credentials, the files it holds, and uploading to it.

Settings are those of uv: UV_PUBLISH_URL (where to upload to), UV_PUBLISH_USERNAME and
UV_PUBLISH_PASSWORD or UV_PUBLISH_TOKEN, and UV_PUBLISH_CHECK_URL (the index to look into, where it
is not the upload's URL with `simple/` behind it).
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from packaging.utils import canonicalize_name
from selectolax.lexbor import LexborHTMLParser

from scripts.addresses import fault_of
from scripts.certificates import ADVICE, authorities, refusal, tls_context
from scripts.failure import PipelineError
from scripts.tools import program

_JSON = "application/vnd.pypi.simple.v1+json"
_SECONDS = 60.0
_DEPENDENCY = "httpx"
"""A dependency of the package: what an index in front of the public one has."""
_HINT = "UV_PUBLISH_CHECK_URL names its simple index; docs/publishing.md has examples"


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """An index to publish to: `upload_url` takes files, `simple_url` (PEP 503, 691) lists them."""

    upload_url: str
    simple_url: str
    username: str
    password: str = field(repr=False)

    def published(self, project: str) -> dict[str, str]:
        """Return the files that the index has of a project, each with its SHA-256 as hex digits.

        Raises PipelineError where the index cannot be asked, and where nothing is found by a URL
        that is not seen to be a simple index: a 404 from elsewhere does not mean that a version is
        free.
        """
        with httpx.Client(timeout=_SECONDS, verify=tls_context()) as client:
            try:
                if files := self._files(client, project):
                    return {
                        name: digest or self._digest(client, url)
                        for name, (url, digest) in files.items()
                    }
                # The dependency first: the root of an index in front of the public one is large,
                # and CodeArtifact has none.
                if self._files(client, _DEPENDENCY) or _is_root(self._get(client, self.simple_url)):
                    return {}
            except httpx.HTTPError as error:
                refused = refusal(error)
                hint = ADVICE if refused else _HINT
                raise PipelineError(
                    f"the index cannot be asked: {refused or str(error) or type(error).__name__}",
                    file=self.simple_url, hint=hint,
                ) from None  # fmt: skip
        raise PipelineError("is no simple index", file=self.simple_url, hint=_HINT)

    def _files(self, client: httpx.Client, project: str) -> dict[str, tuple[str, str | None]]:
        """Return URL and SHA-256, where it is given, of each file of a project."""
        answer = self._get(client, urljoin(self.simple_url, f"{project}/"))
        # An index in front of the public one may name that by redirecting to it.
        if answer.status_code == 404 or answer.is_redirect:
            return {}
        self._check(answer)
        return _listed(answer, project)

    def _is_ours(self, url: httpx.URL) -> bool:
        """Return whether a URL is of the index's own origin: no other one gets the credentials."""
        own = httpx.URL(self.simple_url)
        return (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port)

    def _get(self, client: httpx.Client, url: str) -> httpx.Response:
        """Return the answer to a GET, after redirects within the index's own origin."""
        headers = {"Accept": f"{_JSON}, text/html;q=0.5"}
        redirects = 0
        while True:
            auth = (self.username, self.password) if self._is_ours(httpx.URL(url)) else None
            answer = client.get(url, headers=headers, auth=auth)
            following = answer.next_request
            if following is None or not self._is_ours(following.url) or redirects == 3:
                return answer
            url = str(following.url)
            redirects += 1

    def _digest(self, client: httpx.Client, url: str) -> str:
        answer = self._get(client, url)
        self._check(answer)
        return hashlib.sha256(answer.content).hexdigest()

    def _check(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        hint = _HINT
        if answer.status_code in (401, 403):
            hint = "check UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or UV_PUBLISH_TOKEN"
        raise PipelineError(
            f"the index answers {answer.status_code} when asked for its files",
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
            # Else twine trusts certifi's authorities alone.
            "TWINE_CERT": os.environ.get("TWINE_CERT") or str(authorities()),
            "NO_COLOR": "1",
        }
        options = ["--non-interactive", "--disable-progress-bar", "--config-file", str(nothing)]
        command = [str(program("twine")), "upload", *options, *map(str, files)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            output = (done.stdout + done.stderr).strip()
            if self.password:
                output = output.replace(self.password, "***")
            raise PipelineError(
                "the index did not take all files",
                file=self.upload_url,
                hint=f"{output[-2000:]}\nrunning it again completes what is missing",
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
    if fault := fault_of(url):
        hint = "such as https://packages.example.com/pypi; passwords have settings of their own"
        raise PipelineError(f"{setting} {fault}", hint=hint)


def _public_url() -> str:
    from twine.utils import DEFAULT_REPOSITORY

    return DEFAULT_REPOSITORY


def _is_public(url: str) -> bool:
    """Return whether a URL is on the public index's domain: upload, test and bare hosts alike."""
    domain = _domain(_public_url())
    try:
        host = (urlsplit(url if "://" in url else f"https://{url}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return host == domain or host.endswith(f".{domain}")


def _simple(url: str) -> str:
    """Return where an upload URL's index usually is: `simple/` behind it, or beside `legacy/`."""
    if _is_public(url):
        return f"https://{_domain(url)}/simple/"
    return f"{url.rstrip('/').removesuffix('/legacy')}/simple/"


def _domain(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


def _listed(answer: httpx.Response, project: str) -> dict[str, tuple[str, str | None]]:
    """Return URL and SHA-256, where it is given, of each distribution of a project on its page.

    Nothing for a page that is something else.
    """
    found: dict[str, tuple[str, str | None]] = {}
    if _is_json(answer):
        files = _json(answer).get("files")
        for file in files if isinstance(files, list) else ():
            url = urljoin(str(answer.url), str(file["url"]))
            found[str(file["filename"])] = (url, file.get("hashes", {}).get("sha256"))
    else:
        for link in LexborHTMLParser(answer.text).css("a[href]"):
            url = urljoin(str(answer.url), link.attributes["href"] or "")
            parts = urlsplit(url)
            algorithm, _, digest = parts.fragment.partition("=")
            found[_last(parts.path)] = (url, digest if algorithm == "sha256" else None)
    ours = re.compile(rf"{project}-[0-9].*{_DISTRIBUTION}")
    return {name: file for name, file in found.items() if ours.fullmatch(canonicalize_name(name))}


def _is_root(answer: httpx.Response) -> bool:
    """Return whether an answer is a simple index: a list of projects (PEP 503, 691)."""
    if not answer.is_success:
        return False
    if _is_json(answer):
        content = _json(answer)
        return "meta" in content and isinstance(content.get("projects"), list)
    page = LexborHTMLParser(answer.text)
    links = [
        (
            canonicalize_name(link.text().strip().rstrip("/")),
            urlsplit(link.attributes["href"] or "").path,
        )
        for link in page.css("a[href]")
    ]
    if not links:
        title = page.css_first("title")
        return title is not None and "simple" in title.text().lower()
    return all(
        text == canonicalize_name(_last(path.rstrip("/"))) and not re.search(_DISTRIBUTION, text)
        for text, path in links
    )


_DISTRIBUTION = r"-(?:whl|tar-gz|zip)$"
"""How the normalized name of a distribution's file ends."""


def _last(path: str) -> str:
    return unquote(path.rpartition("/")[2])


def _is_json(answer: httpx.Response) -> bool:
    return "json" in answer.headers.get("content-type", "")


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
