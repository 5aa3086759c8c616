"""Edits of a module's source that leave all else as it stands."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from scripts.failure import PipelineError, Problem, refuse


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes `begin` to `end` of a line (counted from 0) become `text`."""

    line: int
    begin: int
    end: int
    text: str


Rule: TypeAlias = Callable[[ast.AST, list[bytes]], Iterable[Edit | Problem]]
"""From a node and the module's lines to edits, which do not overlap, or problems."""


def parsed(source: str, path: str) -> ast.Module:
    """Return a module's syntax tree; raises PipelineError where it has none."""
    try:
        return ast.parse(source, path)
    except (SyntaxError, ValueError) as error:
        at: int | None = getattr(error, "lineno", None)
        raise PipelineError("is no Python that can be read", file=path, line=at) from None


def rewritten(source: str, path: str, rule: Rule) -> str:
    """Return a module's source with what a rule makes of each of its nodes.

    Raises PipelineError with all problems that the rule has found.
    """
    lines = source.encode().splitlines(keepends=True)
    found = [one for node in ast.walk(parsed(source, path)) for one in rule(node, lines)]
    refuse(one for one in found if isinstance(one, Problem))
    edits = [one for one in found if isinstance(one, Edit)]
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.begin), reverse=True):
        line = lines[edit.line]
        lines[edit.line] = line[: edit.begin] + edit.text.encode() + line[edit.end :]
    return b"".join(lines).decode()
