"""Edits of a module's source that leave all else as it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from scripts.failure import PipelineError


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes `begin` to `end` of a line (counted from 0) become `text`."""

    line: int
    begin: int
    end: int
    text: str


def parsed(source: str, path: str) -> ast.Module:
    """Return a module's syntax tree; raises PipelineError where it has none."""
    try:
        return ast.parse(source, path)
    except (SyntaxError, ValueError) as error:
        at: int | None = getattr(error, "lineno", None)
        raise PipelineError("is no Python that can be read", file=path, line=at) from None


def edited(source: str, edits: Iterable[Edit]) -> str:
    """Return the source after edits that do not overlap."""
    lines = source.encode().splitlines(keepends=True)
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.begin), reverse=True):
        line = lines[edit.line]
        lines[edit.line] = line[: edit.begin] + edit.text.encode() + line[edit.end :]
    return b"".join(lines).decode()
