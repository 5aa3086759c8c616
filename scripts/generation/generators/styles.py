"""How a list or an object is written in a path or a query: openapi-python-client has one way.

It writes a list in a query as `ids=1&ids=2` and an object as `status=a&n=1`, whatever `style` and
`explode` say, and a list in a path as Python does. Here the other styles of OpenAPI 3.1 get their
own line in the generated operation; those that have none are refused at the line of the parameter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.facts import Node, plain
from scripts.failure import Problem
from scripts.generation.restatement.vocabulary import resolved
from scripts.reading.document.traversal import METHODS

_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True, slots=True)
class Styled:
    """A parameter that goes out in another way than the generator's own.

    `place` is `path` or `query`, `shape` `array` or `object`. `delimiter` stands between the parts
    of a list, or of an object's names and values; None is for an object whose names stand in
    brackets (`deepObject`).
    """

    name: str
    place: str
    shape: str
    delimiter: str | None

    def edit(self, python_name: str, literal: str) -> tuple[str, str]:
        """Return the line of the generated operation and the one in its place.

        `literal` is the parameter's name as it stands between double quotes.
        """
        value = f"json_{python_name}"
        if self.place == "path":
            old = f'{python_name}=quote(str({python_name}), safe="")'
            items = f'[quote(str(item), safe="") for item in {python_name}]'
            return old, f'{python_name}=joined({items}, ",") or ""'
        if self.shape == "array":
            old = f'params["{literal}"] = {value}\n'
            return old, f'params["{literal}"] = joined({value}, "{self.delimiter}")\n'
        old = f"params.update({value})"
        if self.delimiter is None:
            pairs = f'"{literal}[" + key + "]": item for key, item in {value}.items()'
            return old, f"params.update({{{pairs}}})"
        parts = f"[part for pair in {value}.items() for part in pair]"
        return old, f'params["{literal}"] = joined({parts}, "{self.delimiter}")'


def refused(contract: Node) -> Iterator[Problem]:
    """Yield a problem for each parameter that would go out wrong."""
    document = plain(contract)
    for path, item in contract.value.get("paths", contract).value.items():
        for owner in (item, *(item.value[one] for one in METHODS if one in item.value)):
            for node in owner.value["parameters"].value if "parameters" in owner.value else ():
                parameter = resolved(plain(node), document.get("components", {}))
                reason = _reason(parameter, document)
                if reason:
                    what = f"the parameter {parameter.get('name')!r} of {path} {reason}"
                    hint = "the client could not send it: state it in another way by the overlay"
                    yield node.origin.problem(what, hint)


def _reason(parameter: dict[str, Any], document: dict[str, Any]) -> str | None:
    if "schema" not in parameter:
        return "has a content and no schema" if "content" in parameter else None
    place, style = parameter.get("in"), parameter.get("style")
    shape = _shape(parameter["schema"], document)
    if place == "path" and (style not in (None, "simple") or shape in ("object", "union")):
        return f"is of the style {style!r} in a path" if style else f"is an {shape} in a path"
    if place in ("header", "cookie") and shape != "plain":
        return f"is no plain value, in a {place}"
    if place == "query" and shape == "union":
        return "is an object, but not always"
    if place == "query" and style == "deepObject" and shape == "array":
        return "is a list of the style deepObject"
    if place == "query" and style in ("spaceDelimited", "pipeDelimited") and shape == "object":
        return f"is an object of the style {style}"
    return None


def styled(document: dict[str, Any], path: str, method: str) -> list[Styled]:
    """Return the parameters of an operation that go out in another way than the generator's."""
    item = document["paths"][path]
    found = []
    for one in (*item.get("parameters", ()), *item[method].get("parameters", ())):
        parameter = resolved(one, document.get("components", {}))
        place, style = parameter.get("in"), parameter.get("style", "form")
        shape = _shape(parameter.get("schema", {}), document)
        if place == "path" and shape == "array":
            found.append(Styled(parameter["name"], place, shape, ","))
        elif place == "query" and shape == "object" and style == "deepObject":
            found.append(Styled(parameter["name"], place, shape, None))
        elif (
            place == "query"
            and shape in ("array", "object")
            and not parameter.get("explode", style == "form")
        ):
            delimiter = _DELIMITERS.get(style, ",")
            found.append(Styled(parameter["name"], place, shape, delimiter))
    return found


def _shape(schema: Any, document: dict[str, Any]) -> str:
    """Return `plain`, `array` (also beside plain values), `object`, or `union` of it and others."""
    schema = resolved(schema, document.get("components", {})) if isinstance(schema, dict) else {}
    kinds = schema.get("type", "object" if {"properties", "allOf"} & schema.keys() else "string")
    shapes = {
        kind if kind in ("array", "object") else "plain"
        for kind in (kinds if isinstance(kinds, list) else [kinds])
        if kind != "null" or "object" in kinds
    }
    branches = [one for key in ("anyOf", "oneOf") for one in schema.get(key, ())]
    if branches:
        shapes = {_shape(one, document) for one in branches}
    if len(schema.get("allOf", ())) == 1 and "type" not in schema:
        shapes = {_shape(schema["allOf"][0], document)}
    if shapes <= {"array", "plain"}:
        return max(shapes, key=["plain", "array"].index, default="plain")
    return "object" if shapes == {"object"} else "union"
