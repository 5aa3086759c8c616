"""httpx or httpx2: imports of the one, made imports of the other, which has the same names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from scripts.failure import PipelineError, Problem
from scripts.vendoring.edit import Edit, parsed, rewritten

CORES: Mapping[str, str] = {"httpx": "httpcore", "httpx2": "httpcore2"}
"""The libraries that a copy can be made for, each with the package of its connections."""


def imported(sources: Mapping[str, str]) -> str | None:
    """Return the one library that modules import, by path; None where they import none.

    Raises PipelineError where they import several.
    """
    by: dict[str, str] = {}
    for path, source in sources.items():
        for name in CORES:
            # Most modules import none, and parsing is what takes the time.
            if name in source and name in _imports(source, path):
                by.setdefault(name, path)
    if len(by) > 1:
        where = ", ".join(f"{name} in {path}" for name, path in by.items())
        raise PipelineError(f"the wheel imports two HTTP libraries: {where}")
    return next(iter(by), None)


def retargeted(source: str, path: str, library: str) -> str:
    """Return a module's source with `library` in the place of the other libraries.

    The names it binds stay: `import httpx` becomes `import httpx2 as httpx`. Raises PipelineError,
    with the line, for each import that cannot be written so.
    """
    new = {
        old: other
        for name, core in CORES.items()
        for old, other in ((name, library), (core, CORES[library]))
        if name != library
    }
    if not any(name in source for name in new):
        return source

    def rule(node: ast.AST, lines: list[bytes]) -> Iterator[Edit | Problem]:
        if isinstance(node, ast.ImportFrom) and not node.level:
            top = (node.module or "").partition(".")[0]
            if top in new:
                begin = lines[node.lineno - 1].find(top.encode(), node.col_offset + len("from"))
                yield Edit(node.lineno - 1, begin, begin + len(top), new[top])
        elif isinstance(node, ast.Import) and any(one in new for one in _roots(node.names)):
            alias = node.names[0]
            if len(node.names) > 1 or "." in alias.name:
                text = lines[node.lineno - 1].decode().strip()
                what = f"this import cannot be made one of {library}"
                hint = f"import {alias.name.partition('.')[0]}, on a line of its own, can"
                yield Problem(what, path, node.lineno, text, hint)
                return
            name, bound = new[alias.name], alias.asname or alias.name
            written = f"import {name}" if name == bound else f"import {name} as {bound}"
            yield Edit(node.lineno - 1, node.col_offset, node.end_col_offset or 0, written)

    return rewritten(source, path, rule)


def _imports(source: str, path: str) -> set[str]:
    """Return the packages that a module imports."""
    found: set[str] = set()
    for node in ast.walk(parsed(source, path)):
        if isinstance(node, ast.Import):
            found.update(_roots(node.names))
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def _roots(names: Iterable[ast.alias]) -> Iterator[str]:
    return (alias.name.partition(".")[0] for alias in names)
