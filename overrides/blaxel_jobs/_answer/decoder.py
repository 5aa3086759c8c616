"""Decoders for generated classes, written from the classes' own types and compiled once.

A generated `from_dict` defines its functions and imports its models anew in each call, and what it
returns has to be checked for members that are of another kind than promised. A decoder does both in
one pass: 1,000 tasks take a seventh of the time, a whole call in process half of it (in Python 3.11
and 3.13). It uses the body up, so that a long one is not in memory twice. It is made for bodies
that are as promised; of any other it raises `Unusual`, and the generated way finds what is wrong.
"""

from __future__ import annotations

import enum
import functools
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import attrs

from blaxel_jobs_api import models
from blaxel_jobs_api.types import UNSET, Unset

__all__ = ["Decoder", "Unusual", "decoder", "hints_of"]

Decoder: TypeAlias = Callable[[dict[str, Any]], Any]

_PLAIN = (str, int, float, bool)
_CONTAINERS = frozenset({dict, list})
_NO_ITEMS = _CONTAINERS | {type(None)}


class Unusual(Exception):
    """A body is not as promised, or a class is of a kind that no decoder is written for."""


_HINTS: dict[type[Any], dict[str, Any]] = {}


def hints_of(model: type[Any]) -> dict[str, Any]:
    """Return the types of a generated class's members."""
    if model not in _HINTS:
        # The classes import each other for type checkers only, so their names are given here.
        _HINTS[model] = typing.get_type_hints(model, localns=vars(models))
    return _HINTS[model]


@functools.cache
def decoder(model: type[Any]) -> Decoder:
    """Return the function from a JSON object to an instance of a generated class.

    The object is used up, even where that fails. The result equals that of `from_dict`, each member
    of the kind that its type promises. The function raises Unusual, KeyError, TypeError or
    AttributeError for any other object, and Unusual for every object where the class has types that
    no decoder is written for.
    """
    try:
        return _written(model)
    except Unusual as error:
        reason = str(error)

    def refuse(body: dict[str, Any]) -> Any:
        raise Unusual(reason)

    return refuse


def _written(model: type[Any]) -> Decoder:
    space: dict[str, Any] = {"model": model, "UNSET": UNSET}
    space |= {"CONTAINERS": _CONTAINERS, "NO_ITEMS": _NO_ITEMS, "refuse": _refuse}
    source = "\n    ".join(["def decode(body):", *_lines(model, space)])
    # As attrs makes __init__.
    exec(compile(source, f"<decoder of {model.__name__}>", "exec"), space)
    made: Decoder = space["decode"]
    return made


def _lines(model: type[Any], space: dict[str, Any]) -> Iterator[str]:
    """Yield the body of a decoder; what it refers to goes into `space`."""
    hints, keys = hints_of(model), _keys(model)
    fields = [one for one in attrs.fields(model) if one.init]
    yield "take = body.pop"
    plain = []
    for at, field in enumerate(fields):
        here = f"member{at}"
        optional = field.default is not attrs.NOTHING
        yield f"{here} = take({keys[field.name]!r}{', UNSET' if optional else ''})"
        if any(part in (Any, object) for part in _parts(hints[field.name])):
            continue
        branches = list(_branches(hints[field.name], here, space))
        if not branches:
            plain.append(here)
            continue
        yield from branches
        yield f"elif {here} is not None and {here} is not UNSET: refuse({here})"
    if plain:
        together = f"({', '.join(plain)},)"
        yield f"CONTAINERS.isdisjoint(map(type, {together})) or refuse({together})"
    yield f"made = model({', '.join(f'member{at}' for at in range(len(fields)))})"
    if "additional_properties" in hints:
        _, value = typing.get_args(hints["additional_properties"])
        if not {Any, *_PLAIN}.issuperset(_parts(value)):
            raise Unusual(f"{model.__name__} makes something of what is additional")
        yield "if body: made.additional_properties = body"
    yield "return made"


def _decoder_within(model: Any) -> Decoder:
    """Return the decoder of a member's class, looked up when used where objects hold their like."""
    if _holds_its_like(model):
        return lambda body: decoder(model)(body)
    return decoder(model)


def _holds_its_like(model: type[Any]) -> bool:
    seen: set[type[Any]] = set()
    waiting = list(_held(model))
    while waiting:
        one = waiting.pop()
        if one is model:
            return True
        if one not in seen:
            seen.add(one)
            waiting += _held(one)
    return False


def _held(model: type[Any]) -> Iterator[type[Any]]:
    """Yield the generated classes that members of a class are of, or lists of."""
    for hint in hints_of(model).values():
        for part in _parts(hint):
            held = typing.get_args(part) if typing.get_origin(part) is list else (part,)
            yield from (one for one in held if isinstance(one, type) and attrs.has(one))


def _branches(hint: Any, here: str, space: dict[str, Any]) -> Iterator[str]:
    """Yield the tests of a member whose values are not just plain, as an `if` to be continued."""
    of = f"of_{here}"
    word = "if"
    parts = _parts(hint)
    for part in parts:
        if attrs.has(part):
            space[of] = _decoder_within(part)
            yield f"{word} {here}.__class__ is dict: {here} = {of}({here})"
        elif _is_enum(part):
            space[of] = {one.value: one for one in part}.get
            kind = "int" if issubclass(part, int) else "str"
            yield f"{word} {here}.__class__ is {kind}: {here} = {of}({here}, {here})"
        elif typing.get_origin(part) is list:
            yield f"{word} {here}.__class__ is list:"
            yield f"    {_listed(part, here, space)}"
        elif part in _PLAIN:
            continue
        else:
            raise Unusual(f"no decoder is written for {part}")
        word = "elif"
    if word == "elif" and str in parts:
        yield f"elif {here}.__class__ is str: pass"


def _listed(hint: Any, here: str, space: dict[str, Any]) -> str:
    (item,) = typing.get_args(hint)
    if attrs.has(item):
        space[f"items_of_{here}"] = _decoder_within(item)
        return f"for at, item in enumerate({here}): {here}[at] = items_of_{here}(item)"
    if item in _PLAIN:
        return f"NO_ITEMS.isdisjoint(map(type, {here})) or refuse({here})"
    raise Unusual(f"no decoder is written for {hint}")


def _refuse(value: object) -> None:
    raise Unusual("a member is of another kind than promised")


def _parts(hint: Any) -> list[Any]:
    """Return the alternatives of a type, None and Unset aside."""
    is_union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    parts = typing.get_args(hint) if is_union else (hint,)
    kept = [part for part in parts if part not in (type(None), Unset)]
    several = [part for part in kept if attrs.has(part) or typing.get_origin(part) is list]
    if len(several) > 1 or sum(map(_is_enum, kept)) > 1:
        raise Unusual(f"no decoder is written for {hint}")
    return kept


def _is_enum(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, enum.Enum)


def _keys(model: type[Any]) -> dict[str, str]:
    """Return the JSON key of each member, which only generated code knows: it is asked for them."""
    names = [one.name for one in attrs.fields(model) if one.init]
    try:
        keyed = model(*names).to_dict()
    except (AttributeError, TypeError, ValueError):
        raise Unusual(f"{model.__name__} does not give its keys") from None
    keys = {name: key for key, name in keyed.items() if isinstance(name, str)}
    if sorted(keys) != sorted(names):
        raise Unusual(f"{model.__name__} does not give its keys")
    return keys
