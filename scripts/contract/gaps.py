"""What page text leaves open: what it hides, and what its sample and its lists say differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from scripts.contract.markdown import code
from scripts.facts import Node, json_type
from scripts.reading.page import Field, Page

_SHOWN = 3
"""Names that are given of many."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a page leaves open, with the line that shows it where there is one.

    `what` is a sentence with {} for what is concerned: `names` on this page, `general` of many.
    """

    file: str
    line: int | None
    what: str
    names: str = ""
    general: str = ""

    def __str__(self) -> str:
        """Return the sentence about this page."""
        return self.what.replace("{}", self.names)


def gaps(page: Page) -> Iterator[Gap]:
    """Yield what this page leaves open."""
    about = partial(Gap, page.file, None)
    response, sample = page.response, page.sample
    if response is None:
        yield about("there is no section 'Response'; what is known of it, its sample shows.")
    elif response.status is None:
        yield about(
            "the response prints no status, which the platform does when there are several; the "
            "others (errors), their descriptions and bodies are not on the page."
        )
    yield about("operationId and tags, and who else may authorize (alternatives, scopes).")
    if sample is None:
        yield about("there is no sample, so nothing is known below the listed fields.")
        return
    nested = list(_nested(sample, ""))
    if nested:
        fields = f"{len(nested)} nested fields ({_first([name for name, _ in nested])})"
        yield about("descriptions, required and read-only of {}.", fields, "nested fields")
    for name, node in nested:
        if isinstance(node.value, str) and node.value.startswith(("{", "[")):
            what = "{} is shown as JSON inside a string; the value itself may be an object."
            yield _of_field(name, node, what)
    unknown = [name for name, node in nested if node.value == "<string>"]
    if unknown:
        strings = f"{len(unknown)} strings ({_first(unknown)})"
        what = "format, values and meaning of {} that are shown as `<string>`."
        yield about(what, strings, "strings")
    if response is not None and isinstance(sample.value, dict):
        yield from _mismatches(page.file, sample.value, response.fields)


def _mismatches(file: str, shown: dict[str, Node], fields: Sequence[Field]) -> Iterator[Gap]:
    """Yield where a sample and the list of fields do not say the same."""
    listed = {one.name.value: one for one in fields}
    if missing := sorted(listed.keys() - shown.keys()):
        what = (
            "the sample lacks {}, which the list of fields has; enums without an example are left "
            "out, so nested ones are invisible."
        )
        yield Gap(file, None, what, ", ".join(map(code, missing)), "fields")
    for name in sorted(shown.keys() - listed.keys() if listed else ()):
        what = (
            "the sample has {}, which the list of fields lacks; the sample may belong to another "
            "status."
        )
        yield _of_field(name, shown[name], what)
    for name, one in listed.items():
        if name in shown and not _fits(one, shown[name]):
            what = (
                "the sample of {} is not of the type that the list of fields states; the stated "
                "type was taken."
            )
            yield _of_field(name, shown[name], what)


def _of_field(name: str, node: Node, what: str) -> Gap:
    return Gap(node.origin.file, node.origin.line, what, code(name), "a field")


def _first(names: Sequence[str]) -> str:
    return ", ".join(map(code, names[:_SHOWN])) + (" ..." if len(names) > _SHOWN else "")


_WIDER = {"integer": "number", "string": "file"}
"""What a value of a type may be, too."""


def _fits(one: Field, sample: Node) -> bool:
    """Return whether a sample value is of one of the types that a field states."""
    stated = {
        "array" if kind.depth else kind.of if kind.base == "enum" else kind.base
        for kind in one.types.value
    }
    # Samples print null, and these two texts, where nothing is known of the value.
    unknown = sample.value in (None, "<any>", "<unknown>")
    kind = json_type(sample.value)
    return unknown or bool(stated & {"any", kind, _WIDER.get(kind, kind)})


def _nested(node: Node, place: str, depth: int = 0) -> Iterator[tuple[str, Node]]:
    value = node.value
    if isinstance(value, dict):
        for key, member in value.items():
            name = f"{place}.{key}" if place else key
            if depth and not isinstance(member.value, dict | list):
                yield name, member
            yield from _nested(member, name, depth + 1)
    elif isinstance(value, list):
        for member in value[:1]:
            yield from _nested(member, f"{place}[]", depth + 1)
