"""Lines of the hand-written layer that use names which a run removes.

Where the vendor renames a field, the client that is generated has the new name only, and rightly
so. Then the lines of `overrides` that import or read the old one are to be changed by a person. The
type checker knows them all; it is asked only where a name is removed, since it takes seconds. What
an operation answers with it does not know where operations are handed on as modules: there each
line that names one is to be looked at.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.contract.operations.naming import words
from scripts.failure import Problem

__all__ = ["calls_of", "changed_answers", "removed_names", "uses_of"]

_LAYER = "overrides"
_LINE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): error: (?P<what>.*?)  \[(?P<code>[\w-]+)\]")
_CODES = {
    "attr-defined", "union-attr", "import-not-found", "call-arg", "name-defined",
    "return-value", "arg-type", "assignment",
}  # fmt: skip
"""Codes of the type checker's errors about a name that is not there, or is of another type."""


def removed_names(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the operations, schemas and properties of a contract that another one lacks.

    Of those that it has as something else, what they were stands behind the name.
    """
    there = dict(_names(new))
    return [
        name if name not in there else f"{name} as {kind}"
        for name, kind in _names(old)
        if there.get(name) != kind
    ]


def _names(contract: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each name with what it is: of an operation what it answers with, of a property."""
    yield from _operations(contract)
    schemas = contract.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        yield name, ""
        named = schemas.get(str(schema.get("$ref")).rpartition("/")[2], schema)
        for key, member in named.get("properties", {}).items():
            yield f"{name}.{key}", _kind(member)


def _operations(contract: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for item in contract.get("paths", {}).values():
        for operation in item.values():
            if isinstance(operation, dict) and "operationId" in operation:
                yield operation["operationId"], " | ".join(_answers(operation))


def _answers(operation: dict[str, Any]) -> Iterator[str]:
    for status, response in operation.get("responses", {}).items():
        for media in response.get("content", {}).values() if status.startswith("2") else ():
            yield _kind(media.get("schema", {}))


def _kind(schema: Any) -> str:
    """Return what a schema is in a word: the component, the type, or those of its alternatives."""
    if not isinstance(schema, dict):
        return "anything"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " | ".join(sorted({_kind(one) for one in schema[key]} - {"null"}))
    kind = str(schema.get("type", "anything"))
    return f"{kind} of {_kind(schema['items'])}" if "items" in schema else kind


def changed_answers(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """Return the operations that answer with something else, with what they answer with now."""
    before, now = dict(_operations(old)), dict(_operations(new))
    return {
        name: answer or "nothing"
        for name, answer in now.items()
        if name in before and before[name] != answer
    }


def calls_of(root: Path, answers: dict[str, str]) -> list[Problem]:
    """Return a notice for each line of `overrides` that calls an operation of other answers."""
    modules = {_module(name): name for name in answers}
    found = []
    for path in sorted((root / _LAYER).rglob("*.py")) if modules else ():
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for module in re.findall(r"\w+", text) if " import " not in text else ():
                if module in modules:
                    what = f"{module} answers with {answers[modules[module]]} now"
                    file = path.relative_to(root).as_posix()
                    hint = "see that what is done with its answer is still right"
                    found.append(Problem(what, file, line, hint=hint))
    return found


def _module(name: str) -> str:
    """Return what the module of an operation is called: `cancelJob` is `cancel_job`."""
    return "_".join(words(name)).lower()


def uses_of(root: Path, generated: Path, names: list[str]) -> list[Problem]:
    """Return a notice for each line of `overrides` below `root` that needs a name that is removed.

    `generated` is the folder of the package that is to be. `names` are named in each notice.
    """
    if not names or not (root / _LAYER).is_dir():
        return []
    packages = sorted(path.name for path in (root / _LAYER).iterdir() if path.is_dir())
    command = [
        sys.executable, "-m", "mypy", "--config-file=", "--explicit-package-bases",
        "--no-error-summary", "--hide-error-context", f"--cache-dir={os.devnull}",
        *(f"{_LAYER}/{name}" for name in packages if name.isidentifier()),
    ]  # fmt: skip
    path = os.pathsep.join((str(generated), str(root / _LAYER)))
    environment = {**os.environ, "MYPYPATH": path}
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    removed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    hint = f"the contract no longer has {removed}: use the name that it has now"
    found = [_LINE.fullmatch(line) for line in done.stdout.splitlines()]
    return [
        Problem(one["what"], one["file"], int(one["line"]), hint=hint)
        for one in found
        if one is not None and one["code"] in _CODES
    ]
