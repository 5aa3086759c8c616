"""Lines of the hand-written layer that use names and values which a run removes or adds to.

Where the vendor renames a field, the client that is generated has the new name only, and rightly
so. Then the lines of `overrides` that import or read the old one are to be changed by a person. The
type checker knows them all; it is asked only where a name is removed, since it takes seconds. What
an operation takes and answers with it does not know where operations are handed on as modules:
there each line that names one is to be looked at. Nor does it know what stands there as text: the
API's address, and which of an enum's values mean something.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.contract.operations.naming import words
from scripts.failure import Problem
from scripts.generation.restatement.profile import OWN_HEADERS, read_content, successes

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
    yield from ((name, _answer(one)) for name, one in _operations(contract))
    schemas = contract.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        yield name, ""
        named = schemas.get(str(schema.get("$ref")).rpartition("/")[2], schema)
        for key, member in named.get("properties", {}).items():
            yield f"{name}.{key}", _kind(member)


def _operations(contract: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation by its name, with the parameters of its path and without references."""
    components = contract.get("components", {})

    def found(section: str, part: dict[str, Any]) -> dict[str, Any]:
        name = str(part.get("$ref")).rpartition("/")[2]
        target: dict[str, Any] = components.get(section, {}).get(name, part)
        return target

    for item in contract.get("paths", {}).values():
        for operation in item.values():
            if isinstance(operation, dict) and "operationId" in operation:
                listed = [*item.get("parameters", ()), *operation.get("parameters", ())]
                responses = operation.get("responses", {})
                yield (
                    operation["operationId"],
                    {
                        "parameters": [found("parameters", one) for one in listed],
                        "deprecated": operation.get("deprecated") is True,
                        "requestBody": found("requestBodies", operation.get("requestBody", {})),
                        "responses": {
                            key: found("responses", one) for key, one in responses.items()
                        },
                    },
                )


def _answer(operation: dict[str, Any]) -> str:
    answers = [
        _kind(media.get("schema", {}))
        for response in successes(operation["responses"]).values()
        for media in read_content(response.get("content", {})).values()
    ]
    return " | ".join(answers)


def _needs(operation: dict[str, Any]) -> list[str]:
    """Return what a call of an operation has to hand over; strings are not said to be that."""
    found = []
    for name, one in _parameters(operation).items():
        if one.get("required"):
            kind = _kind(one.get("schema", {}))
            found.append(name if kind in ("string", "anything") else f"{name} as {kind}")
    return [*found, *(["a body"] if operation["requestBody"].get("required") else [])]


def _parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return an operation's parameters by what they are called, but the client's own headers."""
    return {
        f"the {one['in']} parameter {one['name']!r}": one
        for one in operation["parameters"]
        if one["in"] != "header" or one["name"].lower() not in OWN_HEADERS
    }


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


def changed_operations(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """Return what is new about operations that both have: what they answer with, need or lack."""
    before = dict(_operations(old))
    found: dict[str, list[str]] = {}
    for name, operation in _operations(new):
        if name not in before:
            continue
        answer = _answer(operation)
        if answer != _answer(before[name]):
            found.setdefault(name, []).append(f"answers with {answer or 'nothing'}")
        needs = [one for one in _needs(operation) if one not in _needs(before[name])]
        if needs:
            found.setdefault(name, []).append(f"needs {', '.join(needs)}")
        if operation["deprecated"] and not before[name]["deprecated"]:
            found.setdefault(name, []).append("is deprecated")
        if lacks := [*_parameters(before[name]).keys() - _parameters(operation).keys()]:
            found.setdefault(name, []).append(f"lacks {', '.join(sorted(lacks))}")
    return {name: " and ".join(news) for name, news in found.items()}


def calls_of(root: Path, changed: dict[str, str]) -> list[Problem]:
    """Return a notice for each line of `overrides` that calls one of these operations."""
    modules = {_module(name): name for name in changed}
    found = []
    for path in sorted((root / _LAYER).rglob("*.py")) if modules else ():
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for module in re.findall(r"\w+", text) if " import " not in text else ():
                if module in modules:
                    what = f"{module} {changed[modules[module]]} now"
                    file = path.relative_to(root).as_posix()
                    hint = "see that what is done with it, and with its answer, is still right"
                    found.append(Problem(what, file, line, hint=hint))
    return found


def values_of(root: Path, old: dict[str, Any], new: dict[str, Any]) -> list[Problem]:
    """Return a notice for each line of `overrides` with values that one contract has otherwise.

    A server's address that is gone, and a list of an enum's values where others have come or gone.
    """
    servers = {str(one.get("url")) for one in new.get("servers", ())}
    gone = {str(one.get("url")) for one in old.get("servers", ())} - servers
    enums = list(_changed_enums(old, new))
    found = []
    for path in sorted((root / _LAYER).rglob("*.py")) if (gone and servers) or enums else ():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and servers and node.value in gone:
                whats = [f"the API is at {', '.join(sorted(servers))} now"]
            elif isinstance(node, ast.Set | ast.List | ast.Tuple) and len(node.elts) > 1:
                listed = [one.value if isinstance(one, ast.Constant) else one for one in node.elts]
                whats = [what for values, what in enums if all(one in values for one in listed)]
            else:
                continue
            file = path.relative_to(root).as_posix()
            hint = "see that this line is still right"
            found += [Problem(what, file, node.lineno, hint=hint) for what in whats]
    return found


def _changed_enums(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[Sequence[Any], str]]:
    """Yield the values that an enum had, with what has changed about them."""
    before, after = (one.get("components", {}).get("schemas", {}) for one in (old, new))
    for name, schema in before.items():
        had, has = (one.get("enum", ()) for one in (schema, after.get(name, {})))
        more = [f"has {value!r} now" for value in has if value not in had]
        less = [f"has {value!r} no more" for value in had if value not in has]
        if has and (more or less):
            yield had, f"{name} {' and '.join([*more, *less])}"


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
