"""Imports between vendored packages, made relative: so that they work wherever the copy lies."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from scripts.failure import Problem
from scripts.vendoring.edit import Edit, rewritten

_BY_NAME = frozenset(
    {"import_module", "__import__", "find_spec", "resolve_name", "run_module", "files", "version"}
)
"""Functions that take a module or a distribution by its name."""


def made_relative(source: str, path: str, packages: Collection[str]) -> str:
    """Return a module's source with its imports of `packages` relative, all else as it stands.

    `path` is the module's, below the folder of the packages: `blaxel_jobs/_retry/policy.py`.
    Raises PipelineError, with the line, for each import that has no relative form.
    """
    # As many dots as the path has parts lead to the folder above the packages.
    dots = "." * len(path.split("/"))

    def rule(node: ast.AST, lines: list[bytes]) -> Iterator[Edit | Problem]:
        if isinstance(node, ast.Call | ast.Subscript):
            if _is_named_import(node, packages):
                yield _problem(path, node.lineno, lines)
        elif isinstance(node, ast.Import):
            if _is_binding(node, packages):
                yield _problem(path, node.lineno, lines)
            else:
                yield from _plain(node, dots, packages)
        elif isinstance(node, ast.ImportFrom) and not node.level and _top(node.module) in packages:
            written = lines[node.lineno - 1]
            at = written.find(str(node.module).encode(), node.col_offset + len("from"))
            edit = Edit(node.lineno - 1, at, at, dots)
            yield edit if at >= 0 else _problem(path, node.lineno, lines)

    return rewritten(source, path, rule)


def _problem(path: str, line: int, lines: list[bytes]) -> Problem:
    text = lines[line - 1].decode().strip()
    hint = "from PACKAGE import NAME, on one line, has a relative form"
    return Problem("this import cannot be made relative", path, line, text, hint)


def _top(module: str | None) -> str:
    return (module or "").partition(".")[0]


def _is_named_import(node: ast.Call | ast.Subscript, packages: Collection[str]) -> bool:
    """Return whether a vendored package is looked up by a string."""
    if isinstance(node, ast.Subscript):  # sys.modules["..."]
        return getattr(node.value, "attr", "") == "modules" and _names(node.slice, packages)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return name in _BY_NAME and any(_names(one, packages) for one in given)


def _names(node: ast.AST, packages: Collection[str]) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and _top(text.replace("-", "_")) in packages


def _is_binding(node: ast.Import, packages: Collection[str]) -> bool:
    """Return whether `import package.module` binds the package's own name; or shares its line."""
    ours = [alias for alias in node.names if _top(alias.name) in packages]
    dotted = any("." in alias.name and alias.asname is None for alias in ours)
    return bool(ours) and (dotted or len(node.names) > 1 or node.lineno != node.end_lineno)


def _plain(node: ast.Import, dots: str, packages: Collection[str]) -> Iterator[Edit]:
    """`import a.b as c` becomes `from ..a import b as c`, `import a` becomes `from .. import a`."""
    alias = node.names[0]
    if _top(alias.name) not in packages:
        return
    parent, _, name = alias.name.rpartition(".")
    bound = f" as {alias.asname}" if alias.asname and alias.asname != name else ""
    text = f"from {dots}{parent} import {name}{bound}"
    yield Edit(node.lineno - 1, node.col_offset, node.end_col_offset or 0, text)
