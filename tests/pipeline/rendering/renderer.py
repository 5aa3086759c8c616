"""OpenAPI operations as page text: the documentation platform, as far as its pages show.

The tests' own half of the round trip: it knows nothing of the reader. `render` gives a page;
`source` gives the schemas that the page was made of, with every reference resolved.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = [
    "Json",
    "Operation",
    "Style",
    "parameter_schema",
    "render",
    "resolve",
    "sample",
    "type_line",
]

Json: TypeAlias = Any

_MADE_UP = {
    "date-time": "2023-11-07T05:31:56Z",
    "date": "2023-12-25",
    "uuid": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
    "email": "jsmith@example.com",
    "uri": "<string>",
}
_LOCATIONS = {
    "header": "Headers",
    "path": "Path Parameters",
    "query": "Query Parameters",
    "cookie": "Cookies",
}
_INDEX = (
    "Documentation Index",
    "Fetch the complete documentation index at: https://docs.blaxel.ai/llms.txt",
    "Use this file to discover all available pages before exploring further.",
)
_DEEPEST = 12


@dataclass(frozen=True)
class Style:
    """What differs between pages of one platform; the defaults are those of the captured page."""

    enums_in_samples: bool = False
    index: bool = True
    date: str = "May 27, 2026"
    blank_after_options: bool = False
    author: str = ""


@dataclass(frozen=True)
class Operation:
    """An operation whose references are resolved: what `render` needs and no more.

    `bodies` maps content types to schemas. `response` is the one that the page lists: its status,
    description and schemas by content type; `statuses` counts all that the contract has.
    """

    method: str
    path: str
    title: str
    base_url: str
    credentials: tuple[dict[str, str], ...] = ()
    parameters: tuple[Json, ...] = ()
    body_description: str = ""
    bodies: Json = None
    body_example: Json = None
    status: str = ""
    response_description: str = ""
    responses: Json = None
    statuses: int = 1
    response_example: Json = None

    @property
    def body(self) -> Json:
        """The schema of the first content type of the request."""
        return next(iter(self.bodies.values())) if self.bodies else None

    @property
    def response(self) -> Json:
        """The schema of the first content type of the response."""
        return next(iter(self.responses.values())) if self.responses else None


# Resolving


def resolve(schema: Json, document: Json, seen: tuple[str, ...] = ()) -> Json:
    """Return a schema of OpenAPI 3.0 or 3.1 as one of 3.1 without references and `allOf`."""
    if not isinstance(schema, dict):
        return {}
    if "$ref" in schema:
        reference = schema["$ref"]
        if seen.count(reference) > 0 or len(seen) > _DEEPEST:
            return {}
        found = document
        for token in reference.removeprefix("#/").split("/"):
            token = token.replace("~1", "/").replace("~0", "~")
            found = found[int(token)] if isinstance(found, list) else found[token]
        beside = {k: v for k, v in schema.items() if k != "$ref"}
        return resolve({**found, **beside}, document, (*seen, reference))
    done = {k: v for k, v in schema.items() if not k.startswith("x-")}
    if "allOf" in done:
        done = _merged([resolve(one, document, seen) for one in done.pop("allOf")], done)
    for keyword in ("oneOf", "anyOf"):
        if keyword in done:
            done["anyOf"] = [resolve(one, document, seen) for one in done.pop(keyword)]
    if "properties" in done:
        done["properties"] = {k: resolve(v, document, seen) for k, v in done["properties"].items()}
        done.setdefault("type", "object")
    if "items" in done:
        done["items"] = resolve(done["items"], document, seen)
        done.setdefault("type", "array")
    if isinstance(done.get("additionalProperties"), dict):
        done["additionalProperties"] = resolve(done["additionalProperties"], document, seen)
    return _as_31(done)


def _merged(parts: list[Json], own: Json) -> Json:
    merged: Json = {}
    for part in [*parts, own]:
        for key, value in part.items():
            if key == "properties":
                merged["properties"] = {**merged.get("properties", {}), **value}
            elif key == "required" and isinstance(value, list):
                merged["required"] = [*merged.get("required", []), *value]
            else:
                merged[key] = value
    if len(merged.get("anyOf", [])) == 1:
        merged = {**merged.pop("anyOf")[0], **merged}
    return merged


def _as_31(schema: Json) -> Json:
    if "example" in schema:
        schema.setdefault("examples", [schema.pop("example")])
        schema.pop("example", None)
    if not isinstance(schema.get("examples", []), list):
        del schema["examples"]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True and bound in schema:
            schema[exclusive] = schema.pop(bound)
        elif isinstance(schema.get(exclusive), bool):
            del schema[exclusive]
    if schema.pop("nullable", False):
        if "anyOf" in schema:
            schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
        elif isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
    return schema


# Samples


def sample(schema: Json, style: Style, *, request: bool) -> tuple[bool, Json]:
    """Return (whether there is one, the value) that the platform shows for a schema."""
    if schema.get("examples"):
        return True, schema["examples"][0]
    for keyword in ("default", "const"):
        if keyword in schema:
            return True, schema[keyword]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], style, request=request)
    if "enum" in schema:
        return style.enums_in_samples, schema["enum"][0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        hidden = "readOnly" if request else "writeOnly"
        found = {}
        for key in _ordered(schema):
            one = schema["properties"][key]
            there, value = sample(one, style, request=request)
            if there and one.get(hidden) is not True:
                found[key] = value
        return True, found
    if kind == "array":
        there, value = sample(schema.get("items", {}), style, request=request)
        return True, [value] if there else []
    return True, _made_up(kind, schema)


def _made_up(kind: str | None, schema: Json) -> Json:
    if kind in ("integer", "number"):
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None and high is not None:
            middle = (low + high) / 2
            return int(middle) if kind == "integer" or middle == int(middle) else middle
        return 123
    if kind == "string":
        return _MADE_UP.get(schema.get("format", ""), "<string>")
    return {"boolean": True, "null": None}.get(kind or "", "<unknown>")


def _ordered(schema: Json) -> list[str]:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    return sorted(properties, key=lambda key: key not in required)


# Types and details


def type_line(schema: Json) -> str:
    """Return a schema's type as the platform prints it."""
    return " | ".join(dict.fromkeys(_alternatives(schema)))


def _alternatives(schema: Json) -> list[str]:
    title = f"{schema['title']} · " if schema.get("title") and "anyOf" not in schema else ""
    if "anyOf" in schema:
        return [text for branch in schema["anyOf"] for text in _alternatives(branch)]
    kinds = schema.get("type")
    found = []
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind == "array" and schema.get("items"):
            found += [f"{text}[]" for text in _alternatives(schema["items"])]
        elif kind == "string" and schema.get("format") == "binary":
            found.append(f"{title}file")
        elif "enum" in schema and kind != "null":
            found.append(f"{title}enum<{kind or 'string'}>")
        else:
            suffix = f"<{schema['format']}>" if schema.get("format") and kind != "null" else ""
            found.append(f"{title if kind != 'null' else ''}{kind or 'any'}{suffix}")
    return found


def _field(name: str, schema: Json, *, required: bool, location: str = "") -> list[str]:
    lines = [name, type_line(schema)]
    lines += [location] if location else []
    if "default" in schema:
        default = schema["default"]
        text = default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
        lines.append(f"default:{text}")
    lines += ["required"] if required else []
    for keyword, flag in (
        ("readOnly", "read-only"), ("writeOnly", "write-only"), ("deprecated", "deprecated"),
    ):  # fmt: skip
        lines += [flag] if schema.get(keyword) is True else []
    lines += _paragraphs(schema.get("description", ""))
    lines += _options(schema)
    for constraint in _constraints(schema):
        lines += ["", constraint, ""]
    examples = schema.get("examples", [])
    if examples:
        lines += ["", "Example:" if len(examples) == 1 else "Examples:", ""]
        for example in examples:
            lines += json.dumps(example, indent=2, ensure_ascii=False).split("\n")
        lines += [""]
    return lines


def _paragraphs(text: str) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    return ["", *(line for one in found for line in (one, ""))] if found else []


def _options(schema: Json) -> list[str]:
    values = _enum(schema)
    if not values:
        return []
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return ["", "Available options:", *(f"{text}," for text in texts[:-1]), texts[-1]]


def _enum(schema: Json) -> list[Json]:
    if "enum" in schema:
        return [value for value in schema["enum"] if value is not None]
    if "anyOf" in schema:
        return [value for branch in schema["anyOf"] for value in _enum(branch)]
    return _enum(schema["items"]) if "items" in schema else []


def _constraints(schema: Json) -> list[str]:
    found = []
    low = [(schema[k], sign) for k, sign in (("minimum", "="), ("exclusiveMinimum", ""))
           if k in schema]  # fmt: skip
    high = [(schema[k], sign) for k, sign in (("maximum", "="), ("exclusiveMaximum", ""))
            if k in schema]  # fmt: skip
    if low and high:
        found.append(f"Required range: {low[0][0]} <{low[0][1]} x <{high[0][1]} {high[0][0]}")
    elif low or high:
        (bound, sign), arrow = (low or high)[0], ">" if low else "<"
        found.append(f"Required range: x {arrow}{sign} {bound}")
    for kind, least, most, unit in (
        ("string", "minLength", "maxLength", ""), ("array", "minItems", "maxItems", " elements"),
    ):  # fmt: skip
        if least in schema and most in schema:
            found.append(f"Required {kind} length: {schema[least]} - {schema[most]}{unit}")
        elif least in schema:
            found.append(f"Minimum {kind} length: {schema[least]}")
        elif most in schema:
            found.append(f"Maximum {kind} length: {schema[most]}")
    if "pattern" in schema:
        found.append(f"Pattern: {schema['pattern']}")
    if "const" in schema:
        found.append(f"Allowed value: {json.dumps(schema['const'], ensure_ascii=False)}")
    if "multipleOf" in schema:
        found.append(f"Must be a multiple of {schema['multipleOf']}")
    return found


# The page


def render(operation: Operation, style: Style | None = None) -> str:
    """Return the page of an operation."""
    style = style or Style()
    head = ["Skip to main content", operation.method.upper(), *_path(operation.path)]
    lines = [*head, operation.title, *_curl(operation, style), *_response_sample(operation, style)]
    for paragraph in _INDEX if style.index else ():
        lines += ["", paragraph, ""]
    lines += _paragraphs(style.author)
    if operation.credentials:
        lines += ["", "Authorizations", ""]
        for one in operation.credentials:
            schema = {"type": "string", "description": one.get("description", "")}
            lines += _field(one["name"], schema, required=True, location=one["in"])
    for location, heading in _LOCATIONS.items():
        listed = [one for one in operation.parameters if one["in"] == location]
        if listed:
            lines += ["", heading, ""]
        for one in sorted(listed, key=lambda one: not one.get("required")):
            required = bool(one.get("required"))
            lines += _field(one["name"], parameter_schema(one), required=required)
    lines += _body(operation)
    lines += _response(operation)
    if style.date:
        lines += ["", f"Last modified on {style.date}"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip())


def parameter_schema(one: Json) -> Json:
    """Return a parameter's schema with what the parameter itself says of it."""
    annotations = {k: one[k] for k in ("description", "deprecated") if one.get(k)}
    schema = {
        k: v for k, v in one.get("schema", {}).items() if k != "description" or not annotations
    }
    if "example" in one:
        annotations["examples"] = [one["example"]]
    return {**schema, **annotations}


def _path(path: str) -> list[str]:
    return [
        line for segment in path.removeprefix("/").split("/") for line in ("/", segment) if line
    ]


def _curl(operation: Operation, style: Style) -> list[str]:
    words = [f"--url {shlex.quote(operation.base_url + operation.path)}"]
    if re.fullmatch(r"[\w./:{}-]+", operation.base_url + operation.path):
        words = [f"--url {operation.base_url}{operation.path}"]
    for one in operation.credentials:
        if one["in"] == "header":
            words.append(f"--header {_quoted(one['name'] + ': ' + one['value'])}")
    for one in operation.parameters:
        if one["in"] == "header" and one.get("required"):
            words.append(f"--header {_quoted(one['name'] + ': <' + one['name'].lower() + '>')}")
    if operation.bodies:
        kind = next(iter(operation.bodies))
        there, value = sample(operation.body, style, request=True)
        if operation.body_example is not None:
            there, value = True, operation.body_example
        words.append(f"--header {_quoted('Content-Type: ' + kind)}")
        if kind.startswith(("multipart/", "application/x-www-form-urlencoded")):
            option = "--form" if kind.startswith("multipart/") else "--data"
            for key, member in value.items() if isinstance(value, dict) else ():
                text = member if isinstance(member, str) else json.dumps(member)
                words.append(f"{option} {_quoted(f'{key}={text}')}")
        elif there and "json" in kind:
            data = json.dumps(value, indent=2, ensure_ascii=False)
            data = data if data == "{}" else f"\n{data}\n"
            words.append(f"--data {_quoted(data)}")
        elif there:
            words.append(
                f"--data {_quoted(value if isinstance(value, str) else json.dumps(value))}"
            )
    lines = [f"curl --request {operation.method.upper()}", *(f"  {word}" for word in words)]
    return " \\\n".join(lines).split("\n")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _response_sample(operation: Operation, style: Style) -> list[str]:
    if not operation.responses or "json" not in next(iter(operation.responses)):
        return []
    there, value = sample(operation.response, style, request=False)
    if operation.response_example is not None:
        there, value = True, operation.response_example
    return json.dumps(value, indent=2, ensure_ascii=False).split("\n") if there else []


def _body(operation: Operation) -> list[str]:
    if not operation.bodies:
        return []
    lines = ["", "Body", ""]
    if len(operation.bodies) == 1:
        lines += [next(iter(operation.bodies)), ""]
    lines += _paragraphs(operation.body_description)
    return lines + _schema_fields(operation.body)


def _response(operation: Operation) -> list[str]:
    if not operation.status:
        return []
    lines = ["", "Response", ""]
    kinds = list(operation.responses or {})
    if operation.statuses == 1 and len(kinds) <= 1:
        lines += [" - ".join([operation.status, *kinds]), ""]
    lines += _paragraphs(operation.response_description)
    if operation.response is not None:
        lines += _paragraphs(operation.response.get("description", ""))
        lines += _schema_fields(operation.response)
    return lines


def _schema_fields(schema: Json) -> list[str]:
    """Return the fields of a body: its properties, its items', or those of its first branch."""
    lines: list[str] = []
    if "anyOf" in schema:
        for number, branch in enumerate(schema["anyOf"], 1):
            lines.append(f"- {branch.get('title') or f'Option {number}'}")
        return ["", *lines, "", *_schema_fields(schema["anyOf"][0])]
    if schema.get("type") == "array":
        return _schema_fields(schema.get("items", {}))
    for key in _ordered(schema):
        required = key in schema.get("required", [])
        lines += _field(key, schema["properties"][key], required=required)
    return lines
