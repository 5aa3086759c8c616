"""The shape of a document: what has to be a mapping, a list or a text, is one.

Documents of pages are written by many hands. A slip that can mean one thing only is put right: a
null that says nothing, a number where a text belongs, `required: true` at a property. Everything
else is an error with its line, so that no later step has to look.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache

from scripts.documents import core_scalar
from scripts.facts import Fact, Node, tree, without
from scripts.failure import Problem, refuse
from scripts.reading.document.traversal import METHODS, change, change_schemas, held, parts
from scripts.reading.line import INVISIBLE

_TEXTS = {
    "schema": (
        "$ref", "title", "description", "format", "pattern", "contentEncoding", "contentMediaType",
    ),
    "parameter": ("$ref", "name", "in", "description", "style"),
    "operation": ("operationId", "summary", "description"),
    "path item": ("summary", "description"),
    "request body": ("$ref", "description"),
    "response": ("$ref", "description"),
    "info": ("title", "version", "summary", "description", "termsOfService"),
    "server": ("url", "description"),
    "server variable": ("default", "description"),
    "security scheme": ("$ref", "type", "scheme", "name", "in", "description", "bearerFormat"),
}  # fmt: skip
_LISTS = {
    "document": ("tags",),
    "schema": ("enum", "required"),
    "operation": ("tags",),
    "server variable": ("enum",),
}
_MAPPINGS = {"schema": ("discriminator",)}
_FLAGS = {
    "schema": ("deprecated", "readOnly", "writeOnly", "uniqueItems", "nullable"),
    "parameter": ("required", "deprecated", "explode"),
    "operation": ("deprecated",),
    "request body": ("required",),
}


_KEYS = {
    "info": "title summary description termsOfService contact license version",
    "server": "url description variables",
    "server variable": "enum default description",
    "operation": "tags summary description externalDocs operationId parameters requestBody "
    "responses callbacks deprecated security servers",
    "parameter": "name in description required deprecated allowEmptyValue style explode "
    "allowReserved schema content example examples",
    "request body": "description content required",
    "response": "description headers content links",
    "media type": "schema example examples encoding",
    "apiKey": "type description name in",
    "http": "type description scheme bearerFormat",
    "oauth2": "type description flows",
    "openIdConnect": "type description openIdConnectUrl",
}
"""What may stand in each; of security schemes, by their type."""
_OUTER_KEYS = {
    "document": "openapi info jsonSchemaDialect servers paths webhooks components security tags "
    "externalDocs",
    "path item": f"$ref summary description servers parameters {' '.join(METHODS)}",
}
"""What may stand in the parts around operations, where anything else is left alone."""
_MANY = 100
_KEYWORDS = (
    "type enum const default example examples title description format pattern required properties "
    "additionalProperties items allOf anyOf oneOf not nullable readOnly writeOnly deprecated "
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems "
    "maxItems uniqueItems minProperties maxProperties discriminator externalDocs xml"
)
"""Keywords of a schema which a slip would lose; JSON Schema allows any other."""
_OF_PARAMETERS = _KEYS["parameter"].split()
_NOTES = "title summary description example examples externalDocs tags xml"
_MEANINGFUL = frozenset(
    " ".join((*_KEYS.values(), *_OUTER_KEYS.values(), _KEYWORDS)).split()
).difference(_NOTES.split())
"""Members that say what is sent and what comes back, wherever they may stand."""
_SCALARS = ("string", "integer", "number", "boolean")
_TYPES = (*_SCALARS, "object", "array", "null")
_MEANT = {
    "file": "string", "text": "string", "str": "string", "int": "integer", "long": "integer",
    "float": "number", "double": "number", "bool": "boolean", "map": "object", "dict": "object",
    "list": "array", "none": "null",
}  # fmt: skip
"""Types that other languages have, and that vendors write."""


def shaped(document: Node) -> Node:
    """Return a document without its slips; raises PipelineError with all that has another shape."""
    problems: list[Problem] = []
    found = change(document, lambda kind, part: _part(kind, part, problems))
    refuse(problems)
    return change_schemas(found, _without_flag)


def remarks_on(document: Node) -> tuple[Problem, ...]:
    """Return a remark on each slip that loses something.

    A null where schemas or content belong is left out, and a type is lost; a member whose name is
    nearly one that OpenAPI knows is none, and one that stands in another part's place says nothing.
    """
    found: list[Problem] = []
    for kind, part in parts(document):
        for name, member in part.value.items():
            what = None
            # Components may be empty.
            if member.value is None and kind != "components" and _is_needed(kind, name):
                what = f"{name!r} is null, and was taken for absent"
            elif kind == "schema" and name == "enum" and isinstance(member.value, list):
                what = _of_another_type(part, member)
            # Of so many names none is meant: each costs a comparison with all that are known.
            elif (
                len(part.value) < _MANY
                and (meant := _misspelt(kind, name))
                and meant not in part.value
            ):
                what = f"{name!r} is nothing that OpenAPI knows; is {meant!r} meant?"
            elif name in _MEANINGFUL and _is_misplaced(kind, name, part):
                what = f"{name!r} says nothing here: no {kind} has it"
            elif kind == "schema" and _is_lost_property(name, member):
                what = f"{name!r} says nothing here; is it a property?"
            if what:
                hint = "is the document damaged here? an overlay can state what it should be"
                found.append(member.origin.problem(what, hint))
    return tuple(found)


def _of_another_type(part: Node, values: Node) -> str | None:
    """Return what is to be said of an enum whose values are not of its type, None if they are."""
    read = {"enum": values, "type": part.value.get("type", values)}
    _enum(read)
    if read["enum"] is not values:
        return "the enum's values are of another type than it says, and were read as that"
    kind = read["type"].value
    options = [_option(one).value for one in values.value or ()] if kind in _SCALARS else []
    unfit = [one for one in options if one is not None and _as_type(one, kind) is None]
    return f"{unfit[0]!r} is no {kind}, as the enum's type says" if unfit else None


def _is_needed(kind: str, name: str) -> bool:
    return name == "$ref" or any(below in ("schema", "media type") for _, below in held(kind, name))


def _is_misplaced(kind: str, name: str, part: Node) -> bool:
    """Return whether a member that OpenAPI has elsewhere says nothing in this kind of part."""
    known = {**_KEYS, **_OUTER_KEYS}.get(kind, "").split()
    taken = kind == "parameter" and not {"schema", "content"} & part.value.keys()
    return (
        bool(known) and name not in (*known, "$ref") and not (taken and name in _KEYWORDS.split())
    )


def _is_lost_property(name: str, member: Node) -> bool:
    """Return whether a member of a schema that is no keyword holds a schema itself."""
    known = name in _KEYWORDS.split() or name.startswith(("x-", "$")) or held("schema", name)
    return not known and isinstance(member.value, dict) and bool({"type", "$ref"} & {*member.value})


@cache
def _misspelt(kind: str, name: str) -> str | None:
    """Return the member that is meant by a name which is nearly its, None for any other."""
    words = {**_KEYS, **_OUTER_KEYS, "schema": _KEYWORDS}.get(kind, "")
    known = {word.lower(): word for word in f"{words} $ref".split()}
    if not words or name in known.values() or name.startswith("x-") or _is_known(kind, name):
        return None
    # One letter too few is a slip in words of four letters, too.
    near = get_close_matches(name.translate(INVISIBLE).lower(), known, 1, 0.85)
    return known[near[0]] if near else None


def with_null_defaults(document: Node) -> Node:
    """Return an OpenAPI 3.1 document whose schemas allow null where null is their default."""
    return change_schemas(document, _null_allowed)


def _null_allowed(part: Node) -> Node:
    value = part.value
    if "default" not in value or value["default"].value is not None:
        return part
    types = value.get("type")
    origin = value["default"].origin.assumed("its default is null, so null is allowed")
    null: Node = Fact("null", origin)
    changed = dict(value)
    if types is not None:
        listed = types.value if isinstance(types.value, list) else [types]
        if all(one.value != "null" for one in listed):
            changed["type"] = Fact([*listed, null], types.origin)
    if "enum" in value and all(one.value is not None for one in value["enum"].value):
        options = [*value["enum"].value, Fact(None, origin)]
        changed["enum"] = Fact(options, value["enum"].origin)
    return Fact(changed, part.origin)


def _part(kind: str, part: Node, problems: list[Problem]) -> Node:
    value = dict(part.value)
    if kind == "schema":
        _required(value)
        _type(value, problems)
        _options(value)
        _enum(value)
    elif kind == "operation":
        _tags(value)
    for name, member in part.value.items():
        if name not in value:
            continue
        if member.value is None and _is_known(kind, name):
            del value[name]
        elif name in _TEXTS.get(kind, ()):
            value[name] = _text(name, value[name], problems)
        elif kind == "schema" and name == "required" and _is_flag(member):
            continue  # the schema around it takes it to its list
        elif name in _LISTS.get(kind, ()):
            _expect(isinstance(value[name].value, list), name, "a list", member, problems)
        elif name in _MAPPINGS.get(kind, ()):
            _expect(isinstance(member.value, dict), name, "a mapping", member, problems)
        elif name in _FLAGS.get(kind, ()):
            value[name] = _flag(name, member, problems)
        else:
            for how, below in held(kind, name):
                _expect_parts(how, below, name, member, problems)
                if below == "schema" and not name.startswith(("additional", "unevaluated")):
                    value[name] = _spelt_out(how, value[name])
    if "$ref" not in value:
        _complete(kind, value, part)
        value = _extended(kind, value)
    if kind == "parameter" and "$ref" not in value and "in" in value and "name" not in value:
        problems.append(_problem("the parameter has no name", part))
    if kind == "server" and "url" not in value:
        problems.append(_problem("the server has no url", part))
    return Fact(value, part.origin)


def _complete(kind: str, value: dict[str, Node], part: Node) -> None:
    """Add what OpenAPI cannot do without and a document forgets, marked as assumed."""

    def assumed(what: object, note: str) -> Node:
        return tree(what, part.origin.assumed(f"OpenAPI: {note}"))

    if kind == "response" and "description" not in value:
        value["description"] = assumed("", "a response has a description; there is none")
    elif kind == "operation" and not _value(value, "responses"):
        answer = {"default": {"description": ""}}
        value["responses"] = assumed(answer, "an operation has a response; there is none")
    elif kind == "request body" and "content" not in value:
        value["content"] = assumed({}, "a body has content; none is stated")
    elif kind == "parameter" and "in" in value:
        if value["in"].value == "path" and _value(value, "required") is not True:
            value["required"] = assumed(True, "a path parameter is always required")
        if "schema" not in value and "content" not in value:
            note = "a parameter has a schema; there is none"
            schema = assumed({}, note)
            # Swagger 2 has the keywords in the parameter itself.
            taken = [key for key in value if key in _KEYWORDS.split() and key not in _OF_PARAMETERS]
            value["schema"] = Fact({key: value.pop(key) for key in taken}, schema.origin)
    elif kind == "info":
        for key, text in (("title", "API"), ("version", "0")):
            if key not in value:
                value[key] = assumed(text, f"the info has a {key}; there is none")
    elif kind == "security scheme" and _value(value, "type") == "oauth2" and "flows" not in value:
        value["flows"] = assumed({}, "OAuth 2 has flows; none is stated")


def _extended(kind: str, value: dict[str, Node]) -> dict[str, Node]:
    """Turn members that OpenAPI does not know into extensions: `type` becomes `x-type`."""
    by = str(_value(value, "type")) if kind == "security scheme" else kind
    known = _KEYS.get(by, "").split()
    if not known:
        return value
    note = "OpenAPI has no such member here"
    found: dict[str, Node] = {}
    for key, member in value.items():
        if key in known or key.startswith("x-"):
            found[key] = member
        else:
            found[f"x-{key}"] = Fact(member.value, member.origin.assumed(note))
    return found


def _value(value: dict[str, Node], key: str) -> object:
    return value[key].value if key in value else None


def _is_flag(node: Node) -> bool:
    return node.value in (True, False, "true", "false")


def _without_flag(part: Node) -> Node:
    """Leave `required: true` out of schemas that are no properties, where nothing can be meant."""
    flagged = "required" in part.value and _is_flag(part.value["required"])
    return without(part, ["required"]) if flagged else part


def _is_known(kind: str, name: str) -> bool:
    tables = (_TEXTS, _LISTS, _MAPPINGS, _FLAGS)
    return bool(held(kind, name)) or any(name in table.get(kind, ()) for table in tables)


def _expect_parts(how: str, kind: str, name: str, member: Node, problems: list[Problem]) -> None:
    value = member.value
    if how == "one":
        _expect(_is_part(value, kind), name, "a mapping", member, problems)
    elif how == "list":
        if _expect(isinstance(value, list), name, "a list", member, problems):
            for one in value:
                _expect(_is_part(one.value, kind), f"an item of {name}", "a mapping", one, problems)
    elif _expect(isinstance(value, dict), name, "a mapping", member, problems):
        for key, one in value.items():
            _expect(_is_part(one.value, kind), key, "a mapping", one, problems)


def _spelt_out(how: str, member: Node) -> Node:
    """Return what holds schemas with a mapping for each that is true (anything) or false."""
    value = member.value
    if how == "list" and isinstance(value, list):
        return Fact([_spelt_out("one", one) for one in value], member.origin)
    if how == "map" and isinstance(value, dict):
        return Fact({key: _spelt_out("one", one) for key, one in value.items()}, member.origin)
    if how == "one" and isinstance(value, bool):
        return tree({} if value else {"not": {}}, member.origin)
    return member


def _is_part(value: object, kind: str) -> bool:
    return isinstance(value, dict) or (kind == "schema" and isinstance(value, bool))


def _expect(fits: bool, name: str, wanted: str, node: Node, problems: list[Problem]) -> bool:
    if not fits:
        problems.append(_problem(f"{name!r} is not {wanted}", node))
    return fits


def _problem(what: str, node: Node) -> Problem:
    return node.origin.problem(what, "is the document damaged here? capture the page again")


def _type(value: dict[str, Node], problems: list[Problem]) -> None:
    """Hold a type to JSON Schema's; `any` and null are no type at all."""
    kind = value.get("type")
    if kind is None:
        return
    if kind.value is None or kind.value == "any":
        del value["type"]
    elif isinstance(kind.value, list):
        types = [_known_type(one, problems) for one in kind.value]
        value["type"] = Fact(types, kind.origin)
    else:
        value["type"] = _known_type(kind, problems)
        if kind.value == "file":
            value.setdefault("format", Fact("binary", value["type"].origin))


def _enum(value: dict[str, Node]) -> None:
    """Read the values of an enum as its type says, where all of them are of another.

    YAML makes numbers of `[1, 2]`, though the type beside them is string, and texts of `['1']`.
    """
    kind, values = _value(value, "type"), value.get("enum")
    if values is None or not isinstance(values.value, list):
        return
    note = f"the type beside it is {kind}"
    read = [_as_type(one.value, kind) for one in values.value]
    if None in read or all(new is one.value for new, one in zip(read, values.value, strict=True)):
        return
    found = [
        Fact(new, one.origin.assumed(note)) for new, one in zip(read, values.value, strict=True)
    ]
    value["enum"] = Fact(found, values.origin)


def _options(value: dict[str, Node]) -> None:
    """Read the options of an enum that Fern's documents have as mappings: `value: queued`.

    And let those of an array that are no arrays be its items'.
    """
    listed, kind, items = value.get("enum"), _value(value, "type"), value.get("items")
    if listed is None or not isinstance(listed.value, list) or kind == "object":
        return
    options = [_option(one) for one in listed.value]
    value["enum"] = Fact(options, listed.origin)
    apart = not any(isinstance(one.value, list | dict) for one in options)
    if kind == "array" and apart and items is not None and isinstance(items.value, dict):
        enum = value.pop("enum")
        value["items"] = Fact({"enum": enum, **items.value}, items.origin)


def _option(one: Node) -> Node:
    inner = one.value.get("value") if isinstance(one.value, dict) else None
    return one if inner is None or isinstance(inner.value, dict | list) else inner


def _tags(value: dict[str, Node]) -> None:
    """Take tags out of the lists, one within another, that Fern's documents have for them."""
    listed = value.get("tags")
    if listed is not None and isinstance(listed.value, list):
        tags = [tag for one in listed.value for tag in _items(one)]
        value["tags"] = Fact(tags, listed.origin)


def _items(one: Node) -> list[Node]:
    return one.value if isinstance(one.value, list) else [one]


def _as_type(value: object, kind: object) -> object:
    """Return a scalar as a value of a type, None where it is none."""
    fits: dict[object, tuple[type, ...]] = {
        "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)
    }  # fmt: skip
    if not isinstance(kind, str) or kind not in fits or isinstance(value, dict | list | None):
        return None
    if kind == "string":
        return value if isinstance(value, str) else json.dumps(value)
    try:
        read = core_scalar(value) if isinstance(value, str) else value
    except ValueError:
        return None
    is_flag = isinstance(read, bool)
    return read if isinstance(read, fits[kind]) and is_flag == (kind == "boolean") else None


def _known_type(kind: Node, problems: list[Problem]) -> Node:
    written = kind.value
    if not isinstance(written, str):
        problems.append(_problem("the type is not a text", kind))
        return kind
    if written in _TYPES:
        return kind
    meant = _MEANT.get(written.lower(), written.lower())
    if meant not in _TYPES:
        problems.append(_problem(f"{written!r} is no type of JSON Schema", kind))
        return kind
    note = f"the document writes {written}, which is no type of JSON Schema"
    return Fact(meant, kind.origin.assumed(note))


def _text(name: str, member: Node, problems: list[Problem]) -> Node:
    if isinstance(member.value, str):
        return member
    if _expect(not isinstance(member.value, dict | list), name, "a text", member, problems):
        return Fact(json.dumps(member.value), member.origin)
    return member


def _flag(name: str, member: Node, problems: list[Problem]) -> Node:
    if isinstance(member.value, str) and member.value.lower() in ("true", "false"):
        return Fact(member.value.lower() == "true", member.origin)
    _expect(isinstance(member.value, bool), name, "true or false", member, problems)
    return member


def _required(value: dict[str, Node]) -> None:
    """Take `required: true` from properties, where it means nothing, to the list it belongs in."""
    properties = value.get("properties")
    if properties is None or not isinstance(properties.value, dict):
        return
    listed = value.get("required")
    names = list(listed.value) if listed is not None and isinstance(listed.value, list) else []
    kept: dict[str, Node] = {}
    for name, one in properties.value.items():
        flag = one.value.get("required") if isinstance(one.value, dict) else None
        if flag is None or not _is_flag(flag):
            kept[name] = one
            continue
        kept[name] = without(one, ["required"])
        if flag.value in (True, "true") and name not in [known.value for known in names]:
            note = "the property itself says so, where OpenAPI has no such word"
            names.append(Fact(name, flag.origin.assumed(note)))
    value["properties"] = Fact(kept, properties.origin)
    if names:
        value["required"] = Fact(names, listed.origin if listed else names[0].origin)
