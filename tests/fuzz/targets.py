"""What is fuzzed: each target takes bytes, and raises only where there is a fault."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

import httpx

from blaxel_jobs._answer.decode import execution_of
from blaxel_jobs._effects import Answer
from blaxel_jobs._errors import ResponseDecodeError
from blaxel_jobs._retry.backoff import retry_after
from blaxel_jobs._transport.decompression import Inflater
from scripts import documents
from scripts.contract import overlay
from scripts.emitter import dump
from scripts.facts import plain
from scripts.failure import PipelineError
from scripts.reading import capture
from scripts.reading.page import DocumentPage, Page
from tests import ROOT
from tests.fuzz.edits import edited
from tests.pipeline.contracts import assemble

__all__ = ["TARGETS"]

_PAGE = (ROOT / "spec/docs/cancel-job-execution.txt").read_text(encoding="utf-8")
_OVERLAY = (ROOT / "spec/overlay.yaml").read_text(encoding="utf-8")
_READ = capture.read_text(_PAGE, "page.txt")
assert isinstance(_READ, Page)
assert _READ.sample is not None
_SAMPLE = json.dumps(plain(_READ.sample), indent=0)
_CONTRACT = assemble([_READ])


def _assembled(page: Page | DocumentPage) -> None:
    document = assemble([page])
    assert documents.parse(dump(plain(document)), "c").value == plain(document)


def page(data: bytes) -> None:
    """Any bytes as a page: facts, or a problem with its line."""
    try:
        _assembled(capture.read_page(data, "page.txt"))
    except PipelineError as error:
        assert all(problem.file for problem in error.problems)


def damaged_page(data: bytes) -> None:
    """The captured page after some edits: every line accounted for, or a problem with its line."""
    text = edited(_PAGE, data)
    try:
        page = capture.read_text(text, "page.txt")
        assert len(page.uses) - text.count("\n") in (0, 1)
        _assembled(page)
    except PipelineError as error:
        assert all(problem.file for problem in error.problems)


def damaged_overlay(data: bytes) -> None:
    """The project's overlay after some edits: applied, or a problem with its line."""
    try:
        read = overlay.parse(documents.parse(edited(_OVERLAY, data), "overlay.yaml"))
        problems = overlay.apply(_CONTRACT, read).problems
    except PipelineError as error:
        problems = error.problems
    assert all(problem.file for problem in problems)


def execution(data: bytes) -> None:
    """The sample after edits as a body: an execution that survives a round trip, or an error."""
    content = edited(_SAMPLE, data).encode("utf-8", "replace")
    try:
        found = execution_of(Answer(200, httpx.Headers(), content), accepted=True)
    except ResponseDecodeError as error:
        assert error.accepted
        return
    assert type(found).from_dict(found.to_dict()) == found


def headers(data: bytes) -> None:
    """Any header value and body: the wait is a number that is not negative, or none."""
    name, _, rest = data.partition(b"\n")
    try:
        values = httpx.Headers({"Retry-After": name.decode("latin-1")})
    except ValueError:
        return
    wait = retry_after(values, {"retry_after": rest.decode("utf-8", "replace")})
    assert wait is None or wait >= 0
    with contextlib.suppress(httpx.DecodingError):
        assert len(Inflater(name.decode("latin-1")[:10]).add(rest, 1000)) <= 1000


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (page, damaged_page, damaged_overlay, execution, headers)
}
