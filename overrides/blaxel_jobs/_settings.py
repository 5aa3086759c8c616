"""What both clients are set up with, checked."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any, cast

from blaxel_jobs._auth.credentials import Credentials
from blaxel_jobs._auth.discovery import find_identity
from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._http.mixture import remedy_for
from blaxel_jobs._network.proxy import is_loopback, problem_of_place
from blaxel_jobs._retry.attempt import OnAttempt
from blaxel_jobs._retry.backoff import RetryPolicy
from blaxel_jobs._retry.policy import Context
from blaxel_jobs._transport.deadline import checked_timeout
from blaxel_jobs._transport.decompression import ACCEPTED_ENCODINGS
from blaxel_jobs._version import __version__

__all__ = ["Settings", "problem_of_base_url"]


class Settings:
    """Checks what a client is set up with, and makes of it what its parts need."""

    def __init__(
        self,
        credentials: Credentials | None,
        *,
        workspace: str | None,
        base_url: str,
        api_version: str,
        timeout: float,
        retry: RetryPolicy,
        max_response_bytes: int,
        on_attempt: OnAttempt | None,
    ) -> None:
        self.url = httpx.URL(base_url)
        self.timeout = checked_timeout(timeout)
        if type(max_response_bytes) is not int or max_response_bytes < 1:
            raise ConfigurationError("max_response_bytes must be a number of bytes, 1 or more")
        if not isinstance(retry, RetryPolicy):
            raise ConfigurationError(f"retry must be a RetryPolicy, not {type(retry).__name__}")
        if on_attempt is not None and not _is_plain_function(on_attempt):
            raise ConfigurationError("on_attempt must be a plain function, not an async one")
        credentials, workspace = find_identity(credentials, workspace)
        self.context = Context(credentials, self.url, retry, on_attempt=on_attempt)
        self.headers = {
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED_ENCODINGS,
            "Blaxel-Version": _checked_header("api_version", api_version),
            "User-Agent": f"blaxel-jobs/{__version__}",
        }
        self.context.token_headers = {
            name: self.headers[name] for name in ("Accept", "Accept-Encoding", "User-Agent")
        }
        if workspace is not None:
            self.headers["X-Blaxel-Workspace"] = _checked_header("workspace", workspace)


def problem_of_base_url(base_url: object) -> str | None:
    """Return what is wrong with a base URL, if anything.

    Not raised here: the URL may hold a password, and tools show a traceback's locals.
    """
    try:
        url = httpx.URL(cast("str", base_url))  # what is none is a TypeError
    except (httpx.InvalidURL, TypeError):
        return f"the base URL is not a URL{remedy_for(base_url)}"
    if url.userinfo:
        return "the base URL must not contain a user or password"
    if url.raw_host and (problem := problem_of_place(url)):
        return f"the base URL {problem}"
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.host)):
        return f"the base URL must begin with https://, not {url.scheme}://"
    if not url.host or url.query or url.fragment:
        return "the base URL must have a host, and neither query nor fragment"
    return None


def _is_plain_function(given: Any) -> bool:
    if not callable(given):
        return False
    return not (iscoroutinefunction(given) or iscoroutinefunction(type(given).__call__))


def _checked_header(name: str, value: object) -> str:
    if isinstance(value, str) and value.isascii() and value.isprintable() and value.strip():
        return value.strip()
    raise ConfigurationError(f"{name} {value!r} cannot be sent in a header")
