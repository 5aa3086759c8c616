"""From a folder of captured pages to the contract: read, assemble, overlay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import orphans, overlay
from scripts.contract import assemble
from scripts.facts import Node, origins
from scripts.failure import PipelineError, Problem
from scripts.page import Page
from scripts.page_text import read_page_text

__all__ = ["Built", "build", "provenance"]


@dataclass(frozen=True, slots=True)
class Built:
    """The pages that were read, the contract made of them, and what a person should look at.

    `problems` were passed over, since `keep_going` was asked for. `notices` are about an overlay
    that does not fit the pages any more.
    """

    pages: tuple[Page, ...]
    contract: Node
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]


def build(docs: Path, overlays: Sequence[Path], *, root: Path, keep_going: bool = False) -> Built:
    """Build the contract from every page in `docs`.

    Files are named relative to `root` in facts and errors. Raises PipelineError with the problems
    of all pages at once; with `keep_going`, pages with problems are left out instead.
    """
    pages: list[Page] = []
    problems: list[Problem] = []
    for path in _page_files(docs):
        name = _name(path, root)
        try:
            pages.append(read_page_text(_text(path, name), name))
        except PipelineError as error:
            problems += error.problems
    if problems and not (keep_going and pages):
        raise PipelineError.of(problems)
    contract = assemble(pages)
    for path in overlays:
        contract = overlay.apply(contract, overlay.read(path, _name(path, root)))
    contract, notices = orphans.drop(contract)
    return Built(tuple(pages), contract, tuple(problems), notices)


def provenance(contract: Node) -> dict[str, dict[str, object]]:
    """Return, by JSON pointer into the contract, where each of its parts is known from."""
    found: dict[str, dict[str, object]] = {}
    for pointer, origin in origins(contract):
        entry: dict[str, object] = {"kind": str(origin.kind), "file": origin.file}
        if origin.line is not None:
            entry["line"] = origin.line
        if origin.action is not None:
            entry["action"] = origin.action
        if origin.note:
            entry["note"] = origin.note
        found[pointer] = entry
    return found


def _page_files(docs: Path) -> list[Path]:
    if not docs.is_dir():
        raise PipelineError("there is no such folder of pages", file=str(docs))
    files = sorted(path for path in docs.iterdir() if not path.name.startswith("."))
    for path in files:
        if path.suffix != ".txt" or not path.is_file():
            raise PipelineError(
                "not a page that can be read",
                file=str(path),
                hint="pages are captured as text, in files that end in .txt",
            )
    if not files:
        raise PipelineError(
            "no pages are here", file=str(docs), hint="capture a page's text as NAME.txt"
        )
    return files


def _text(path: Path, name: str) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PipelineError(
            "the page is not UTF-8 text", file=name, line=line, hint="save it again as UTF-8"
        ) from None


def _name(path: Path, root: Path) -> str:
    resolved = path.resolve()
    inside = resolved.is_relative_to(root)
    return resolved.relative_to(root).as_posix() if inside else path.as_posix()
