"""Whether a value is an instance of a schema of the contract, by JSON Schema 2020-12."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from scripts.facts import Fact, Node, plain
from scripts.reading.document.traversal import change_schemas

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, Registry, ValidationError

_DOCUMENT = "urn:contract"


def errors_in(
    contract: Node, *, formats: bool = False
) -> Callable[[Node, Node], list[ValidationError]]:
    """Return a function from a schema of the contract and a value to the value's errors.

    `formats` holds texts to the formats of their schemas, too. A schema that is none itself, or
    leads to one, or to what is not there, has no errors here: `validation` finds it.
    """
    import jsonschema_rs

    @cache
    def registry() -> Registry:
        document = plain(change_schemas(contract, _readable))
        return jsonschema_rs.Registry([(_DOCUMENT, document)], retriever=_none_elsewhere)

    def errors(schema: Node, value: Node) -> list[ValidationError]:
        readable = plain(change_schemas(schema, _readable, "schema"))
        try:
            validator = jsonschema_rs.Draft202012Validator(
                readable, registry=registry(), validate_formats=formats
            )
        except (ValueError, jsonschema_rs.ReferencingError):
            return []
        return list(validator.iter_errors(plain(value)))

    return errors


def is_pattern(text: str) -> bool:
    """Return whether a text is a regular expression of ECMA-262."""
    return _expression().is_valid(_readable_pattern(text))


@cache
def _expression() -> Draft202012Validator:
    import jsonschema_rs

    schema = {"type": "string", "format": "regex"}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def _readable_pattern(pattern: str) -> str:
    """Return a pattern as the validator can read it.

    A class such as `[\\w-.]` is right in JavaScript without the flag `u`.
    """
    return re.sub(r"(\\[wdsWDS])-", r"\1\\-", pattern)


def _readable(part: Node) -> Node:
    """Return a schema with references into the contract and patterns that can be read."""
    value = dict(part.value)
    for key, written in (("$ref", _DOCUMENT.__add__), ("pattern", _readable_pattern)):
        member = value.get(key)
        if member is not None and isinstance(member.value, str):
            value[key] = Fact(written(member.value), member.origin)
    return Fact(value, part.origin)


def _none_elsewhere(uri: str) -> Any:
    """Refuse to look outside the contract: the validator would fetch from the network."""
    raise ValueError(uri)
