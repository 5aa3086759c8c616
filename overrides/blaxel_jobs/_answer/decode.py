"""From a successful response to an execution, or any other model, that is as its types promise.

Generated code swallows a mismatch: where an object, a list or a status of the wrong kind arrives,
it hands the raw value on under a type that promises something else. Here such a member is found.
Null is let through for every member but those that an answer's own model must have, and so is any
plain value for another, as the server sent it. A list holds what it promises, and no null.
"""

from __future__ import annotations

import enum
import functools
import json
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import attrs

from blaxel_jobs._answer.decoder import Unusual, decoder, hints_of
from blaxel_jobs._effects import SECRETS, Answer
from blaxel_jobs._errors import ResponseDecodeError
from blaxel_jobs._http import httpx
from blaxel_jobs._retry.verdict import READING, request_id, shown
from blaxel_jobs_api import models
from blaxel_jobs_api.client import Client
from blaxel_jobs_api.models import JobExecution
from blaxel_jobs_api.types import UNSET

__all__ = ["checked", "execution_of", "explained", "is_of_execution", "prepare"]

_Built = typing.TypeVar("_Built")


def execution_of(answer: Answer, *, accepted: bool) -> JobExecution:
    """Return the execution that a 2xx holds.

    Raises ResponseDecodeError, with `accepted` as given, where it holds something else.
    """
    execution, problem = _decoded(answer)
    if execution is not None:
        problem = next(_nulls(execution), "")
        if not problem:
            return execution
    raise _not_as_promised(answer, f"not with an execution: {problem}", accepted=accepted)


def checked(build: Callable[..., _Built], client: Client, response: httpx.Response) -> _Built:
    """Return the response that a generated operation builds of a 2xx, where it is as promised.

    `build` is the operation's own `_build_response`. Raises ResponseDecodeError where it cannot
    read the body, or what it read is of another kind than its types say; `accepted` is True for
    every method that changes something.
    """
    built: Any = None
    try:
        built = build(client=client, response=response)
        problem = next(_surprises(build, built.parsed, response.content), "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problem = _reason(error)
    if not problem:
        found: _Built = built
        return found
    del built  # it shows the body, and tracebacks are shown with their locals
    answer = Answer(response.status_code, response.headers, response.content)
    answer.secrets = response.extensions.get(SECRETS, ())
    accepted = response.request.method not in READING
    raise _not_as_promised(answer, f"not with what was promised: {problem}", accepted=accepted)


def prepare(*builds: Callable[..., Any]) -> None:
    """Compile beforehand what reads an execution, and look at what these operations promise."""
    decoder(JobExecution)
    for build in builds:
        is_of_execution(build)


def is_of_execution(build: Callable[..., Any]) -> bool:
    """Return whether an operation, by its `_build_response`, promises an execution and no other."""
    return _promise(build)[0] == (JobExecution,)


def _not_as_promised(answer: Answer, problem: str, *, accepted: bool) -> ResponseDecodeError:
    return ResponseDecodeError(
        f"the server answered {answer.status_code}, but {problem}",
        status_code=answer.status_code,
        body=shown(answer),
        accepted=accepted,
        request_id=request_id(answer),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "the body is not JSON"
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing"
    return f"{type(error).__name__} in a member"


def _decoded(answer: Answer) -> tuple[JobExecution | None, str]:
    body = answer.take_json()
    if body is None and answer.content.strip() != b"null":
        return None, "the body is not JSON"
    if not isinstance(body, dict):
        return None, "the body is not an object"
    try:
        return decoder(JobExecution)(body), ""
    except (Unusual, KeyError, TypeError, AttributeError):
        return explained(answer.json)


def _nulls(model: Any) -> Iterator[str]:
    """Name the members of an answer's own model that must be there, and are null."""
    for name in _needed(model.__class__):
        if getattr(model, name) is None:
            yield f"{name!r} is null"


@functools.cache
def _needed(model: type[Any]) -> list[str]:
    """Return the members that a generated class must have."""
    fields = attrs.fields(model)
    return [field.name for field in fields if field.init and field.default is attrs.NOTHING]


def explained(body: dict[str, Any]) -> tuple[JobExecution | None, str]:
    """Decode in the generated way, then look at each member."""
    try:
        execution = JobExecution.from_dict(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return None, _reason(error)
    for path in _mismatches(execution, ""):
        return None, f"{path} is of another kind than promised"
    for path in _reshaped(body, execution.to_dict(), ""):
        return None, f"{path} is of another kind than promised"
    return execution, ""


def _surprises(build: Callable[..., Any], parsed: object, content: bytes) -> Iterator[str]:
    """Yield what of an operation's result is not of the type that it promises."""
    promised, fits = _promise(build)
    if parsed is None and not {Any, object, type(None)} & set(promised):
        yield "the operation knows no such answer"
    misread = isinstance(parsed, list) and not content.lstrip().startswith(b"[")  # `{}`, as []
    if misread or (parsed is not None and not fits(parsed)):
        yield "the body is of another kind than promised"
    for model in parsed if isinstance(parsed, list) else [parsed]:
        if _is_model(model):
            yield from _nulls(model)
    for path in _below(parsed, ""):
        yield f"{path} is of another kind than promised"
    if _is_model(parsed):
        for path in _reshaped(json.loads(content), typing.cast(Any, parsed).to_dict(), ""):
            yield f"{path} is of another kind than promised"


@functools.cache
def _promise(build: Callable[..., Any]) -> tuple[tuple[Any, ...], _Fits]:
    """Return the alternatives of the type in `Response[type]`, and the test for them."""
    (hint,) = typing.get_args(typing.get_type_hints(build)["return"])
    is_union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    return typing.get_args(hint) if is_union else (hint,), _fits(hint)


def _mismatches(model: Any, path: str) -> Iterator[str]:
    """Name the members whose value is not of a kind that their type has, deeply."""
    for name, fits in _checks(model.__class__):
        value = getattr(model, name)
        if value is None or value is UNSET:
            continue
        here = f"{path}.{name}" if path else name
        if not fits(value):
            yield here
        else:
            yield from _below(value, here)
    for key, value in getattr(model, "additional_properties", {}).items():
        yield from _below(value, f"{path}.{key}" if path else key)


def _below(value: Any, path: str) -> Iterator[str]:
    """Name the mismatches in a value: in the models that it is, or that it lists."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _below(item, f"{path}[{index}]")
    elif _is_model(value):
        yield from _mismatches(value, path)


def _reshaped(sent: Any, read: Any, path: str) -> Iterator[str]:
    """Name the members that were no objects: generated code makes one of `[]` or `""` as well."""
    if isinstance(read, dict):
        if not isinstance(sent, dict):
            yield path
            return
        for key, value in read.items():
            yield from _reshaped(sent.get(key), value, f"{path}.{key}" if path else key)
    elif isinstance(read, list) and isinstance(sent, list):
        for index, (before, value) in enumerate(zip(sent, read, strict=False)):
            yield from _reshaped(before, value, f"{path}[{index}]")


def _is_model(value: object) -> bool:
    return type(value).__module__.startswith(models.__name__) and attrs.has(type(value))


_Fits: TypeAlias = Callable[[object], bool]


@functools.cache
def _checks(model: type[Any]) -> list[tuple[str, _Fits]]:
    """Return the members of a generated class, each with a test of its value's kind."""
    hints = hints_of(model)
    own = [field.name for field in attrs.fields(model) if field.init]
    return [(name, _fits(hints[name])) for name in own]


def _fits(hint: Any) -> _Fits:
    """Return the test for a type: containers and classes by kind, plain values among themselves."""
    is_union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    parts = typing.get_args(hint) if is_union else (hint,)
    classes = tuple(part for part in parts if attrs.has(part))
    lists = [part for part in parts if typing.get_origin(part) is list]
    items = [_fits(typing.get_args(part)[0]) for part in lists]
    anything = Any in parts or object in parts
    enums = tuple(part for part in parts if isinstance(part, type) and issubclass(part, enum.Enum))
    plain = tuple(part for part in parts if part in (str, int, float, bool))
    plain += (float,) if int in plain else ()  # JSON's 1.0 is the integer 1

    def fits(value: object) -> bool:
        if value is None:  # in a list: a member that is null is not asked about
            return anything or type(None) in parts
        if anything or isinstance(value, classes):
            return True
        if isinstance(value, list):
            return any(all(map(item, value)) for item in items)
        if isinstance(value, dict):
            return dict in parts or any(typing.get_origin(part) is dict for part in parts)
        # An open enum is of its values' kind; other plain values may be of any plain kind.
        return isinstance(value, (*plain, *enums)) if enums else bool(plain)

    return fits
