"""Whether the contract is valid OpenAPI, and which line is behind what is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeGuard

from scripts import light_import
from scripts.contract.distinct_shapes import representative
from scripts.contract.operations.contribution import component
from scripts.facts import Fact, Node, escape, plain
from scripts.failure import PipelineError, Problem

__all__ = ["problems", "validate"]


def validate(contract: Node) -> None:
    """Raise PipelineError where the contract is not valid OpenAPI, with the line behind it."""
    found = problems(contract)
    if found:
        raise PipelineError.of(found)


def problems(contract: Node) -> list[Problem]:
    """Return what is not valid OpenAPI in the contract, each with the line behind it."""
    # Imported here: it costs more than all other imports together, and only this step needs it.
    # Without parsers of formats that OpenAPI's schema has not (a grammar of IRIs alone takes a
    # second) and an HTTP client it takes 0.45 s instead of 1.85 s.
    with light_import.without("rfc3987_syntax", "isoduration", "requests"):
        from openapi_spec_validator import OpenAPIV31SpecValidator

    document = plain(contract)
    dangling = list(_dangling(contract, document.get("components", {})))
    if dangling:
        return dangling  # the validator would end with a traceback
    listed = list(_patterns(contract))
    if listed:
        return listed
    document = _without_patterns(document)
    smaller = representative(document)
    if smaller is not None and OpenAPIV31SpecValidator(smaller).is_valid():
        return []
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        # The path begins at the schema that was looked at, which need not be the document.
        place = "".join(f"/{escape(step)}" for step in error.absolute_path)
        pointer, found = next(_candidates(contract, place, error.instance), (place, None))
        listed.append(
            Problem(
                f"the contract would not be valid OpenAPI: {error.message} (at {pointer or '/'})",
                None if found is None else found.origin.file,
                None if found is None else found.origin.line,
                hint="look for this place in spec/REPORT.md: a page or an overlay action put it "
                "there",
            )
        )
    return listed


def _patterns(contract: Node) -> Iterator[Problem]:
    """Yield a problem for each pattern that is no regular expression of ECMA-262.

    The validator would try them as Python's, which knows no `\\p{L}`.
    """
    import jsonschema_rs

    expression = jsonschema_rs.Draft202012Validator(
        {"type": "string", "format": "regex"}, validate_formats=True
    )
    waiting = [contract]
    while waiting:
        value = waiting.pop().value
        waiting.extend(value if isinstance(value, list) else ())
        if not isinstance(value, dict):
            continue
        waiting.extend(value.values())
        pattern = value.get("pattern")
        # A class such as `[\\w-.]` is right without the flag `u`.
        if _is_text(pattern) and not expression.is_valid(
            re.sub(r"(\\[wdsWDS])-", r"\1\\-", pattern.value)
        ):
            yield Problem(
                "the contract would not be valid OpenAPI: the pattern is no regular expression: "
                f"{pattern.value!r}",
                pattern.origin.file,
                pattern.origin.line,
                hint="expected one of ECMA-262, as JavaScript has them",
            )


def _without_patterns(value: Any) -> Any:
    """Return JSON with a pattern for each pattern that every validator takes."""
    if isinstance(value, list):
        return [_without_patterns(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {
        key: "" if key == "pattern" and isinstance(member, str) else _without_patterns(member)
        for key, member in value.items()
    }


def _dangling(contract: Node, components: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each reference to a component that is not there."""
    waiting = [contract]
    while waiting:
        value = waiting.pop().value
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
            reference = value.get("$ref")
            if not _is_text(reference):
                continue
            key = component(reference.value)
            if key is not None and key[1] not in components.get(key[0], {}):
                yield Problem(
                    f"the contract would not be valid OpenAPI: {reference.value} is not there",
                    reference.origin.file,
                    reference.origin.line,
                    hint="did a page rename it, or an overlay action remove it?",
                )


def _is_text(node: Any) -> TypeGuard[Node]:
    return isinstance(node, Fact) and isinstance(node.value, str)


def _candidates(contract: Node, place: str, value: Any) -> Iterator[tuple[str, Node]]:
    """Yield (pointer, part) of each part that has the value and whose pointer ends in `place`."""
    for pointer, part in _parts(contract, ""):
        if pointer.endswith(place) and type(part.value) is type(value) and plain(part) == value:
            yield pointer, part


def _parts(node: Node, pointer: str) -> Iterator[tuple[str, Node]]:
    yield pointer, node
    value = node.value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _parts(member, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _parts(member, f"{pointer}/{index}")
