"""Imports between vendored packages, made relative: so that they work wherever the copy lies."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scripts.failure import PipelineError, Problem

__all__ = ["made_relative"]

_BY_NAME = frozenset({"import_module", "__import__", "find_spec"})


@dataclass(frozen=True, slots=True)
class _Edit:
    """Bytes `begin` to `end` of a line (counted from 0) become `text`."""

    line: int
    begin: int
    end: int
    text: str


def made_relative(source: str, path: str, packages: Collection[str]) -> str:
    """Return a module's source with its imports of `packages` relative, all else as it stands.

    `path` is the module's, below the folder that holds the packages: `blaxel_jobs/_policy.py`.
    Raises PipelineError, with the line, for each import that has no relative form.
    """
    # As many dots as the path has parts lead to the folder above the packages.
    dots = "." * len(path.split("/"))
    lines = source.encode().splitlines(keepends=True)
    problems: list[Problem] = []
    edits: list[_Edit] = []
    for node in ast.walk(ast.parse(source, path)):
        if _is_named_import(node, packages) or _is_binding(node, packages):
            line = node.lineno  # type: ignore[attr-defined]
            text = lines[line - 1].decode().strip()
            hint = "from PACKAGE import NAME has a relative form"
            problems.append(Problem("this import cannot be made relative", path, line, text, hint))
        elif isinstance(node, ast.Import):
            edits += _plain(node, dots, packages)
        elif isinstance(node, ast.ImportFrom) and not node.level and _top(node.module) in packages:
            written = lines[node.lineno - 1]
            at = written.index(str(node.module).encode(), node.col_offset + len("from"))
            edits.append(_Edit(node.lineno - 1, at, at, dots))
    if problems:
        raise PipelineError.of(problems)
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.begin), reverse=True):
        line_bytes = lines[edit.line]
        lines[edit.line] = line_bytes[: edit.begin] + edit.text.encode() + line_bytes[edit.end :]
    return b"".join(lines).decode()


def _top(module: str | None) -> str:
    return (module or "").partition(".")[0]


def _is_named_import(node: ast.AST, packages: Collection[str]) -> bool:
    """Tell whether a package of ours is imported by a string."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    first = node.args[0]
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return name in _BY_NAME and is_text and _top(first.value) in packages  # type: ignore[attr-defined]


def _is_binding(node: ast.AST, packages: Collection[str]) -> bool:
    """Tell whether `import package.module` binds the package's own name; or shares its line."""
    if not isinstance(node, ast.Import):
        return False
    ours = [alias for alias in node.names if _top(alias.name) in packages]
    dotted = any("." in alias.name and alias.asname is None for alias in ours)
    return bool(ours) and (dotted or len(node.names) > 1 or node.lineno != node.end_lineno)


def _plain(node: ast.Import, dots: str, packages: Collection[str]) -> Iterator[_Edit]:
    """`import a.b as c` becomes `from ..a import b as c`, `import a` becomes `from .. import a`."""
    alias = node.names[0]
    if _top(alias.name) not in packages:
        return
    parent, _, name = alias.name.rpartition(".")
    bound = f" as {alias.asname}" if alias.asname and alias.asname != name else ""
    text = f"from {dots}{parent} import {name}{bound}"
    yield _Edit(node.lineno - 1, node.col_offset, node.end_col_offset or 0, text)
