"""The schema of a field: what its list entry states, filled up with what its sample shows.

Stated facts win over sample facts. Nothing is required unless the page says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from scripts.contract.operations.inference import PLACEHOLDER, embedded, infer, infer_map
from scripts.facts import Fact, Node, Origin, tree, with_members, without
from scripts.reading.page import Field, Type
from scripts.reading.text.field_line import literal

ANNOTATIONS = ("description", "examples", "default", "readOnly", "writeOnly", "deprecated")
"""Keywords that speak of one use of a schema, not of its shape."""
_TEXT = ("string", "file", "enum")


def body_schema(
    fields: Sequence[Field],
    sample: Node | None,
    description: Fact[str] | None,
    origin: Origin,
    types: Fact[tuple[Type, ...]] | None = None,
    branches: Sequence[Fact[Type]] = (),
) -> Node:
    """Return the schema of a body or response, of whatever type its sample is, or `types` says.

    The fields of a top-level array are those of its items.
    """
    return _with_branches(_whole(fields, sample, description, origin, types), branches)


def _whole(
    fields: Sequence[Field],
    sample: Node | None,
    description: Fact[str] | None,
    origin: Origin,
    types: Fact[tuple[Type, ...]] | None,
) -> Node:
    is_list = types is not None and types.value[0].depth > 0
    if sample is not None and isinstance(sample.value, list) and fields and (is_list or not types):
        shown = infer(sample).value["items"]
        first = next((one for one in sample.value if isinstance(one.value, dict)), None)
        items = _object_schema(fields, first, description, origin)
        return _list_of(_with_keys_of(items, shown), sample.origin)
    if types is not None and is_list and not (sample and isinstance(sample.value, list)):
        return _list_of(_object_schema(fields, sample, description, origin), types.origin)
    if fields or sample is None or isinstance(sample.value, dict):
        return _object_schema(fields, sample, description, origin)
    schema = infer(sample)
    return schema if description is None else with_members(schema, {"description": description})


def _list_of(items: Node, origin: Origin, depth: int = 1) -> Node:
    """Return the schema of a list, `depth` times over; of no depth, that of the items."""
    for _ in range(depth):
        items = Fact({"type": Fact("array", origin), "items": items}, origin)
    return items


def _with_branches(schema: Node, branches: Sequence[Fact[Type]]) -> Node:
    """Return the union of a schema, the first branch, with the others: only their titles show."""
    if len(branches) < 2:
        return schema
    value = schema.value
    if "items" in value and not any(branch.value.depth for branch in branches):
        return with_members(schema, {"items": _with_branches(value["items"], branches)})
    annotations = {key: value[key] for key in ANNOTATIONS if key in value}
    first = {key: member for key, member in value.items() if key not in annotations}
    first.setdefault("title", Fact(branches[0].value.title, branches[0].origin))
    others = [_branch(branch) for branch in branches[1:]]
    union = Fact([Fact(first, schema.origin), *others], branches[0].origin)
    return Fact({**annotations, "anyOf": union}, schema.origin)


def _branch(branch: Fact[Type]) -> Node:
    origin = branch.origin
    schema: Node = Fact({}, origin)
    if branch.value.base not in ("any", "enum"):
        schema = Fact({"type": Fact(branch.value.base, origin)}, origin)
    schema = _list_of(schema, origin, branch.value.depth)
    return Fact({"title": Fact(branch.value.title, origin), **schema.value}, origin)


def _with_keys_of(schema: Node, shown: Node) -> Node:
    """Return a schema with the properties, too, that only later items of the sample show."""
    if "properties" not in shown.value:
        return schema
    own = schema.value["properties"]
    ordered = {**own.value, **shown.value["properties"].value, **own.value}
    return with_members(schema, {"properties": Fact(ordered, own.origin)})


def _object_schema(
    fields: Sequence[Field], sample: Node | None, description: Fact[str] | None, origin: Origin
) -> Node:
    """Return the object schema of a body or response.

    Top-level keys that only the sample has stay, as sample facts, behind the stated ones: the
    sample may belong to another status, and REPORT.md says so.
    """
    shown: dict[str, Node] = {}
    inferred: dict[str, Node] = {}
    if sample is not None and isinstance(sample.value, dict):
        shown = sample.value
        inferred = dict(infer(sample).value)
    properties = {one.name.value: field_schema(one, shown.get(one.name.value)) for one in fields}
    if "properties" in inferred:
        for key, value in inferred["properties"].value.items():
            properties.setdefault(key, value)
    schema: dict[str, Node] = {"type": Fact("object", origin)}
    if description is not None:
        schema["description"] = description
    schema["properties"] = Fact(properties, origin)
    if "additionalProperties" in inferred and not fields:
        schema["additionalProperties"] = inferred["additionalProperties"]
    required = [Fact(one.name.value, one.required.origin) for one in fields if one.required]
    if required:
        schema["required"] = Fact(required, required[0].origin)
    return Fact(schema, origin)


def field_schema(one: Field, sample: Node | None) -> Node:
    """Return the schema of one field, its sample value given where the page shows one."""
    origin = one.types.origin
    written = sample
    if sample is not None:
        sample = _fitted(sample, one.types.value)
    if sample is not None and sample is not written and isinstance(sample.value, dict):
        # What stood in a string was written by hand: its keys are an example's, and no attributes.
        inferred: Node | None = infer_map(sample)
        sample = None
    else:
        inferred = infer(sample) if sample is not None else None
    shapes: list[Node] = []
    unused = inferred
    folded = bool(one.children)
    for alternative in one.types.value:
        # The sample shows the first branch that it fits; of the others it says nothing.
        fits = unused is not None and _fits(alternative, unused)
        if folded and (alternative.depth or alternative.base in ("object", "array", "any")):
            shapes.append(_unfolded(alternative, one, sample if fits else None))
            folded = False
        else:
            shapes.append(_typed(alternative, one, unused if fits else None))
        unused = None if fits else unused
    if len(shapes) == 1:
        shapes = [_with_branches(shapes[0], one.branches)]
    schema: dict[str, Node] = (
        dict(shapes[0].value) if len(shapes) == 1 else {"anyOf": Fact(shapes, origin)}
    )
    if one.description is not None:
        schema["description"] = one.description
    if inferred is not None and "examples" not in one.keywords:
        anything = all(alternative.base == "any" for alternative in one.types.value)
        if "examples" in inferred.value:
            schema["examples"] = inferred.value["examples"]
        elif anything and sample is not None and sample.value:
            schema["examples"] = Fact([sample], sample.origin)
    keywords = {key: value for key, value in one.keywords.items() if key != "enum"}
    return _null_allowed(_constrained(Fact(schema, origin), keywords))


_OF_ITEMS = (
    "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "const",
)  # fmt: skip
"""Keywords that the page prints of a list's items as if they were the list's."""


def _constrained(schema: Node, keywords: dict[str, Node]) -> Node:
    """Return a schema with what an entry says besides its type, each where it can be true.

    A constant is one alternative's, not that of the null beside it; bounds of scalars are those of
    a list's items.
    """
    value = dict(schema.value)
    branches = value["anyOf"].value if "anyOf" in value else [schema]
    kinds = {_kind(branch) for branch in branches}
    lists = "array" in kinds and kinds <= {"array", "null"}
    inside = {
        key: fact
        for key, fact in keywords.items()
        if key in _OF_ITEMS
        and (
            (lists and not (key == "const" and isinstance(fact.value, list)))
            or (key == "const" and len(branches) > 1)
        )
    }
    if inside and "anyOf" in value:
        holders = [branch for branch in branches if _kind(branch) != "null"]
        constrained = [
            _constrained(branch, inside) if branch is holders[0] else branch for branch in branches
        ] if holders else branches  # fmt: skip
        value["anyOf"] = Fact(constrained, value["anyOf"].origin)
    elif inside:
        value["items"] = _constrained(value["items"], inside)
    value |= {key: fact for key, fact in keywords.items() if key not in inside}
    return Fact(value, schema.origin)


def _kind(schema: Node) -> object:
    return schema.value["type"].value if "type" in schema.value else None


def _null_allowed(schema: Node) -> Node:
    """Return a schema that allows null if null is its default: the type line may not say so."""
    default = schema.value.get("default")
    if default is None or default.value is not None:
        return schema
    branches = schema.value["anyOf"].value if "anyOf" in schema.value else [schema]
    if any(_kind(branch) in (None, "null") for branch in branches):
        return schema
    note = "its default is null, so null is allowed"
    null = tree({"type": "null"}, default.origin.assumed(note))
    annotations = {key: schema.value[key] for key in ANNOTATIONS if key in schema.value}
    listed = branches if "anyOf" in schema.value else [without(schema, annotations)]
    return Fact({**annotations, "anyOf": Fact([*listed, null], schema.origin)}, schema.origin)


def _unfolded(alternative: Type, one: Field, sample: Node | None) -> Node:
    """Return the schema of an alternative whose fields the page lists, filled from the sample."""
    origin = one.types.origin
    depth = alternative.depth + (alternative.base == "array")
    inner = sample
    for _ in range(depth):
        items = inner.value if inner is not None and isinstance(inner.value, list) else []
        inner = next((item for item in items if isinstance(item.value, dict | list)), None)
    shown = inner.value if inner is not None and isinstance(inner.value, dict) else {}
    of_items = next((child for child in one.children if not child.name.value), None)
    keyed = [child for child in one.children if PLACEHOLDER.fullmatch(child.name.value)]
    named = [child for child in one.children if child is not of_items and child not in keyed]
    if of_items is not None:
        node = field_schema(of_items, None)
    else:
        node = _object_schema(named, None if keyed else inner, None, origin)
    if keyed:
        members = field_schema(keyed[0], next(iter(shown.values()), None))
        value = {key: member for key, member in node.value.items() if named or key != "properties"}
        node = Fact({**value, "additionalProperties": members}, origin)
    if alternative.title is not None:
        node = with_members(node, {"title": Fact(alternative.title, origin)})
    return _list_of(node, origin, depth)


def _fitted(sample: Node, types: Sequence[Type]) -> Node:
    """Return a sample value as the field's type reads it.

    A form shows everything as text, and some examples of objects were written as JSON in a string.
    """
    bases = {one.base if one.depth == 0 else "array" for one in types}
    inside = embedded(sample)
    if inside is not None and not bases & {*_TEXT, "any"}:
        fits = "object" if isinstance(inside.value, dict) else "array"
        return inside if fits in bases else sample
    return sample


def _fits(alternative: Type, inferred: Node) -> bool:
    kind = inferred.value.get("type")
    if kind is None or not isinstance(kind.value, str):
        return False
    if alternative.depth:
        return kind.value == "array"
    return kind.value == alternative.base or alternative.base == "any"


def _typed(alternative: Type, one: Field, inferred: Node | None) -> Node:
    """Return the schema of one alternative of a type line, filled from the sample where it fits."""
    origin = one.types.origin
    schema = _base(alternative, one, origin)
    if alternative.title is not None:
        schema["title"] = Fact(alternative.title, origin)
    node: Node = Fact(schema, origin)
    inner = inferred
    for _ in range(alternative.depth):
        fits = inner is not None and "items" in inner.value
        inner = inner.value["items"] if inner is not None and fits else None
    if inner is not None:
        hidden = {"object": ("properties", "additionalProperties"), "array": ("items",)}
        wanted = hidden.get(alternative.base, ())
        filled = {key: inner.value[key] for key in wanted if key in inner.value}
        if alternative.depth and alternative.base in ("string", "integer", "number"):
            # Of the items of a list, examples are all that a sample adds.
            filled = {"examples": inner.value["examples"]} if "examples" in inner.value else {}
        node = Fact({**schema, **filled}, origin)
    return _list_of(node, origin, alternative.depth)


def _base(alternative: Type, one: Field, origin: Origin) -> dict[str, Node]:
    base = alternative.base
    schema: dict[str, Node] = {}
    if base == "file":
        schema = {"type": Fact("string", origin), "format": Fact("binary", origin)}
    elif base == "enum":
        schema = {} if alternative.of == "any" else {"type": Fact(alternative.of, origin)}
        if "enum" in one.keywords:
            schema["enum"] = _options(alternative, one)
    elif base != "any":
        schema = {"type": Fact(base, origin)}
    if base == "array":
        schema["items"] = tree({}, origin.assumed("items not shown"))
    if alternative.format is not None:
        schema["format"] = Fact(alternative.format, origin)
    return schema


def _options(alternative: Type, one: Field) -> Node:
    """Return the options of one alternative; a union of enums lists those of all in one."""
    options = one.keywords["enum"]
    if any(other.base == "null" for other in one.types.value):
        own = [option for option in options.value if option.value != "null"]
        options = Fact(own or options.value, options.origin)
    kinds = {other.of for other in one.types.value if other.base == "enum"}
    if kinds == {"string"}:
        return options
    if alternative.of == "any":
        read_as = [Fact(literal(option.value), option.origin) for option in options.value]
        return Fact(read_as, options.origin)
    if alternative.of == "string":
        scalars = kinds - {"string"}
        texts = [
            option for option in options.value if all(_scalar(option, of) is None for of in scalars)
        ]
        return Fact(texts or options.value, options.origin)
    values = [Fact(_scalar(option, alternative.of), option.origin) for option in options.value]
    if "string" in kinds:
        own = [read for read in values if read.value is not None]
        return Fact(own, options.origin) if own else options
    for option, read in zip(options.value, values, strict=True):
        if read.value is None:
            what = f"the option {option.value!r} is no {alternative.of}, but its type says so"
            raise option.origin.error(what)
    return Fact(values, options.origin)


def _scalar(option: Node, of: str) -> float | bool | None:
    """Return the number, or of `boolean` the truth value, that an option is; None for others."""
    value = literal(option.value)
    fits = isinstance(value, bool) if of == "boolean" else not isinstance(value, bool | str)
    return value if fits and isinstance(value, int | float) else None
