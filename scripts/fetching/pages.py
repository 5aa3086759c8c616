"""`make fetch`: the pages of `spec/sources.yaml`, fetched anew, all or nothing.

A page is fetched as `.md` where the site serves that, else as the visible text of its HTML. It is
read as the pipeline will read it before anything is written: a login, an error page or an empty
one is a failure, not a capture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import anyio
import httpx

from scripts import staging
from scripts.certificates import tls_context
from scripts.failure import PipelineError, Problem
from scripts.fetching import sources
from scripts.fetching.sources import Form, Source
from scripts.fetching.web import USER_AGENT, Answer, Clock, Limits, Web
from scripts.reading.capture import read_capture, read_text
from scripts.reading.document.markdown import holds_document
from scripts.reading.html.saved_page import page_text
from scripts.staging import Change
from scripts.terminal.progress import Progress

_ACCEPT = {Form.MD: "text/markdown, text/plain;q=0.9", Form.TEXT: "text/html"}
_SUFFIX = {Form.MD: ".md", Form.TEXT: ".txt"}


@dataclass(frozen=True, slots=True)
class Run:
    """What a fetch did: files that changed, pages that did not, and pages that failed."""

    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A page as it came: its new text, or None where the captured one still stands."""

    source: Source
    file: str
    text: str | None
    headers: httpx.Headers


@dataclass(slots=True)
class _Job:
    """The pages of one run, and how far it has come."""

    docs: Path
    web: Web
    progress: Progress
    total: int
    fetched: list[_Fetched] = field(default_factory=list)
    failed: dict[int, tuple[Problem, ...]] = field(default_factory=dict)

    async def fetch(self, source: Source) -> None:
        """Fetch one page, and note how that ended."""
        try:
            page = await _fetch_one(source, self.docs, self.web)
        except PipelineError as error:
            self.failed[source.index] = error.problems
            outcome = "failed"
        else:
            self.fetched.append(page)
            outcome = "unchanged" if page.text is None else "changed"
        done = len(self.fetched) + len(self.failed)
        if outcome != "unchanged":
            self.progress.say(f"[{done}/{self.total}] {outcome}: {source.file}")


def fetch(
    listing: Path,
    docs: Path,
    *,
    progress: Progress,
    keep_going: bool = False,
    limits: Limits | None = None,
    clock: Clock | None = None,
) -> Run:
    """Fetch the pages that `listing` names into `docs`, and note their versions in `listing`.

    Only files that change are written. Raises PipelineError with the problems of all pages, and
    then nothing has been written; with `keep_going`, pages that failed are left as they were.
    """
    limits, clock = limits or Limits(), clock or Clock()
    listed = sources.read(listing)
    if not docs.is_dir():
        raise PipelineError("there is no such folder of pages", file=str(docs))
    job = anyio.run(_fetch_all, listed, docs, progress, limits, clock)
    problems = [problem for index in sorted(job.failed) for problem in job.failed[index]]
    if problems and not keep_going:
        raise PipelineError.of(problems)
    changes = _write(listing, docs, job.fetched, clock)
    unchanged = tuple(sorted(page.file for page in job.fetched if page.text is None))
    return Run(tuple(changes), unchanged, tuple(problems))


async def _fetch_all(
    listed: Sequence[Source], docs: Path, progress: Progress, limits: Limits, clock: Clock
) -> _Job:
    client = httpx.AsyncClient(
        headers={"User-Agent": USER_AGENT}, timeout=limits.request, verify=tls_context()
    )
    async with client:
        job = _Job(docs, Web(client, limits, clock, clock.now()), progress, len(listed))
        with anyio.move_on_after(limits.total):
            async with anyio.create_task_group() as group:
                for source in listed:
                    group.start_soon(job.fetch, source)
    known = {page.source.index for page in job.fetched} | job.failed.keys()
    for source in listed:
        if source.index not in known:
            what = f"was not fetched within the {limits.total:g} seconds of the whole run"
            job.failed[source.index] = (Problem(what, source.url),)
    return job


async def _fetch_one(source: Source, docs: Path, web: Web) -> _Fetched:
    captured = docs / source.file
    known = _text(captured)
    had = None if known is None else Form.MD if holds_document(known) else Form.TEXT
    wanted = [Form.MD, Form.TEXT] if source.form is Form.ANY else [source.form]
    for form in wanted:
        url = _md_url(source.url) if form is Form.MD else source.url
        answer = await web.get(url, _headers(source, form, had))
        if answer.status == 304 and form is had:
            return _Fetched(source, source.file, None, answer.headers)
        if form is Form.MD and len(wanted) > 1 and _serves_no_md(answer):
            if had is Form.MD:
                raise PipelineError(
                    f"the site does not serve this page as .md any more ({answer.status})",
                    file=url, hint=f"to take its text instead, set `form: text` for {source.file}",
                )  # fmt: skip
            continue
        text = _validated(answer, form, url, captured if known is not None else None)
        name = str(Path(source.file).with_suffix(_SUFFIX[form]))
        same = name == source.file and text == known
        return _Fetched(source, name, None if same else text, answer.headers)
    raise AssertionError("the last form that is wanted is returned or refused")


def _text(captured: Path) -> str | None:
    """Return the text of a captured page, None where there is none; damage makes it differ."""
    return captured.read_bytes().decode("utf-8", "replace") if captured.is_file() else None


def _md_url(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=path if path.endswith(".md") else path + ".md"))


def _headers(source: Source, form: Form, had: Form | None) -> dict[str, str]:
    """Return the request's headers: conditional, where this form is the one that is captured."""
    headers = {"Accept": _ACCEPT[form]}
    if form is had:
        if source.etag is not None:
            headers["If-None-Match"] = source.etag
        if source.last_modified is not None:
            headers["If-Modified-Since"] = source.last_modified
    return headers


def _serves_no_md(answer: Answer) -> bool:
    """Return whether a site has no `.md` of a page: no such page, HTML instead, or only prose."""
    if answer.status != 200:
        return 400 <= answer.status < 500 and answer.status != 401
    return answer.is_html or not holds_document(answer.body.decode("utf-8", errors="replace"))


def _validated(answer: Answer, form: Form, url: str, captured: Path | None) -> str:
    """Return the text to write, which is a page, and of the operation that it was before."""
    if answer.status != 200:
        hint = {401: "the page needs a login", 404: "has the page moved? mend its url"}
        raise PipelineError(
            f"the site answered {answer.status}", file=url, hint=hint.get(answer.status)
        )
    if form is Form.TEXT and not answer.is_html:
        what = "the site sent neither HTML nor a page"
        raise PipelineError(what, file=url, hint=f"it is {answer.headers.get('content-type')}")
    if form is Form.MD and answer.is_html:
        raise PipelineError("the site sent HTML where .md was asked for", file=url)
    try:
        if form is Form.TEXT:
            text = page_text(answer.body, url) + "\n"
        else:
            text = answer.body.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
            text = text.rstrip("\n") + "\n"
    except UnicodeDecodeError:
        raise PipelineError("the answer is not UTF-8 text", file=url) from None
    try:
        page = read_text(text, url)
    except PipelineError as error:
        head = "what the site sent is not a page that can be read"
        problems = (replace(one, what=f"{head}: {one.what}") for one in error.problems)
        raise PipelineError.of(problems) from None
    if captured is not None:
        _refuse_other(f"{page.method.value} {page.path.value}", captured, url)
    return text


def _refuse_other(now: str, captured: Path, url: str) -> None:
    """Refuse a page that has become one of another operation, as a soft error page may be."""
    try:
        page = read_capture(captured, captured.name)
    except PipelineError:
        return  # what cannot be read has nothing to lose
    before = f"{page.method.value} {page.path.value}"
    if before != now:
        raise PipelineError(
            f"the page describes {now}, but {captured.name} describes {before}", file=url,
            hint=f"if that is right, delete {captured.name} and fetch again",
        )  # fmt: skip


def _write(listing: Path, docs: Path, fetched: Sequence[_Fetched], clock: Clock) -> list[Change]:
    """Write the pages that changed, then the list of sources; return what changed."""
    files: dict[Path, str] = {}
    versions: dict[int, dict[str, str | None]] = {}
    changes: list[Change] = []
    left: list[Path] = []
    today = datetime.fromtimestamp(clock.today(), UTC).date().isoformat()
    for page in sorted(fetched, key=lambda one: one.source.index):
        source = page.source
        new: dict[str, str | None] = {}
        if page.text is not None:
            old = docs / source.file
            before = _text(old)
            what = "added" if before is None else "changed"
            counts = staging.lines_changed(before or "", page.text)
            changes.append(Change(str(docs / page.file), what, *counts))
            files[docs / page.file] = page.text
            new = {"file": page.file, "captured_on": today}
            if before is not None and page.file != source.file:
                left.append(old)
        # An answer of 304 need not repeat its headers.
        for key, header in (("etag", "etag"), ("last_modified", "last-modified")):
            value = page.headers.get(header)
            if value is not None and not sources.is_sendable(value):
                value = None
            if value is not None or page.text is not None:
                new[key] = value
        differing = {key: one for key, one in new.items() if one != getattr(source, key)}
        if differing:
            versions[source.index] = differing
    if versions:
        # Last: a version must not be noted before its page is there.
        files[listing] = sources.updated(listing.read_text(encoding="utf-8"), versions)
    staging.write(files)
    for path in left:  # its page is there in the other form now
        path.unlink()
    return changes
