"""Asking a documentation site for pages: few requests at a time, tried again, bounded in all ways.

Redirects are followed by hand, since a page must not come from another site, and bodies are read
in chunks, since they must not grow without end.
"""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import anyio
import httpx

from scripts.certificates import ADVICE, refusal
from scripts.failure import PipelineError

USER_AGENT = "blaxel-jobs-fetch/1 (reads a few API reference pages for a generated client)"

_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything: seconds for one request and for the whole run, bytes of a body."""

    per_host: int = 4
    attempts: int = 4
    redirects: int = 5
    request: float = 20.0
    total: float = 300.0
    size: int = 5 * 2**20


@dataclass(frozen=True, slots=True)
class Clock:
    """What waiting needs; a test gives its own. `jitter` is in [0, 1), `today` seconds of Unix."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    jitter: Callable[[], float] = random.random
    today: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer: no redirect, and none that is worth another try."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def is_html(self) -> bool:
        """Whether the body is HTML, by its type or its beginning."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        start = self.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return kind in ("text/html", "application/xhtml+xml") or start.startswith(
            (b"<!doctype html", b"<html")
        )


@dataclass(slots=True)
class _Host:
    """One site: how many requests may be under way, and until when none may begin."""

    limiter: anyio.CapacityLimiter
    not_before: float = 0.0


@dataclass(slots=True)
class Web:
    """Asks for pages. `client` follows no redirects; the clock's `now` began the run at `start`."""

    client: httpx.AsyncClient
    limits: Limits
    clock: Clock
    start: float
    hosts: dict[str, _Host] = field(default_factory=dict)

    async def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a GET, after redirects within the site and after other tries.

        Raises PipelineError, with the URL as its file, for a site that does not answer in time, a
        redirect to elsewhere, a body that is too large, or a wait that is longer than what is left.
        """
        host = self.hosts.setdefault(
            urlsplit(url).netloc, _Host(anyio.CapacityLimiter(self.limits.per_host))
        )
        what = ""
        for attempt in range(1, self.limits.attempts + 1):
            asked = 0.0
            try:
                async with host.limiter:
                    await self._wait_turn(host)
                    with anyio.fail_after(self.limits.request):
                        answer = await self._follow(url, headers)
            except TimeoutError:
                what = f"no whole answer within {self.limits.request:g} seconds"
            except httpx.InvalidURL as error:
                raise PipelineError(f"is no URL: {error}", file=url) from None
            except httpx.TransportError as error:
                if refused := refusal(error):
                    raise PipelineError(refused, file=url, hint=ADVICE) from None
                what = f"cannot be reached: {str(error) or type(error).__name__}"
            else:
                if answer.status not in _AGAIN:
                    return answer
                what = f"the site answered {answer.status}"
                asked = self._retry_after(answer)
            if attempt < self.limits.attempts:
                wait = max(asked, self._backoff(attempt))
                left = self.start + self.limits.total - self.clock.now()
                if wait > left:
                    what += f", and another try has to wait {wait:.0f} seconds"
                    raise PipelineError(
                        what, file=url, hint=f"only {max(left, 0):.0f} are left: try again later"
                    )
                if asked:
                    host.not_before = max(host.not_before, self.clock.now() + asked)
                await self.clock.sleep(wait)
        raise PipelineError(f"{what} ({self.limits.attempts} tries)", file=url)

    async def _wait_turn(self, host: _Host) -> None:
        """Wait while the site has asked for a rest, for whichever page."""
        wait = host.not_before - self.clock.now()
        if wait > 0:
            await self.clock.sleep(wait)

    async def _follow(self, url: str, headers: Mapping[str, str]) -> Answer:
        at = url
        for _ in range(self.limits.redirects + 1):
            async with self.client.stream("GET", at, headers=dict(headers)) as response:
                if response.status_code not in _REDIRECTS:
                    return await self._read(at, response)
                at = self._target(url, at, response.headers.get("location"))
        raise PipelineError(f"more than {self.limits.redirects} redirects", file=url)

    def _target(self, url: str, at: str, location: str | None) -> str:
        if not location:
            raise PipelineError("a redirect leads nowhere", file=url)
        try:
            target = httpx.URL(at).join(location)
        except httpx.InvalidURL:
            raise PipelineError(f"a redirect is no URL: {location!r}", file=url) from None
        source = httpx.URL(at)
        same = (target.host, target.port) == (source.host, source.port)
        upgraded = source.scheme == "http" and target.scheme == "https"
        if not (same and (target.scheme == source.scheme or upgraded)) or target.userinfo:
            raise PipelineError(
                f"a redirect leads to another site: {target.copy_with(userinfo=None)}", file=url,
                hint="if the documentation has moved there, change its url in the list of sources",
            )  # fmt: skip
        return str(target)

    async def _read(self, url: str, response: httpx.Response) -> Answer:
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes(2**16):
                body += chunk
                if len(body) > self.limits.size:
                    what = f"the answer is larger than {self.limits.size:,} bytes"
                    raise PipelineError(what, file=url)
        except httpx.DecodingError as error:
            raise PipelineError(f"the answer is damaged: {error}", file=url) from None
        return Answer(url, response.status_code, response.headers, bytes(body))

    def _backoff(self, attempt: int) -> float:
        longest = min(_FIRST_WAIT * 2 ** (attempt - 1), _LONGEST_WAIT)
        return float(longest * (0.5 + self.clock.jitter() / 2))

    def _retry_after(self, answer: Answer) -> float:
        """Return the seconds that a site asks to wait, 0 where it does not."""
        written = answer.headers.get("retry-after", "").strip()
        if written.isascii() and written.isdecimal():
            return float(written)
        try:
            moment = email.utils.parsedate_to_datetime(written)
        except ValueError:
            return 0.0
        return max(moment.timestamp() - self.clock.today(), 0.0)
