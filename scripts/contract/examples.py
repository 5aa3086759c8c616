"""The samples of pages as examples of the media type: what a mock server answers with.

A sample that contradicts the schema is left out, with a notice: it may belong to another status.
Values that the platform makes up (`<string>`, 123, null) stand for any value, and contradict none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from scripts.contract.instances import errors_in
from scripts.facts import Kind, Node, changed_at, inside, with_members, without
from scripts.failure import Problem
from scripts.reading.document.traversal import operations

_MADE_UP = ("<string>", "<any>", "<unknown>", 123, None)


def put(operation: Node, samples: Mapping[tuple[str, ...], Node]) -> Node:
    """Return an operation with examples, by the way from the operation to the media type."""
    for way, sample in samples.items():
        if inside(operation, way) is not None:
            operation = changed_at(
                operation, way, partial(with_members, members={"example": sample})
            )
    return operation


def checked(contract: Node) -> tuple[Node, tuple[Problem, ...]]:
    """Return the contract without the samples that contradict it, and a notice for each."""
    errors, notices = errors_in(contract), []
    for way, media in list(_media(contract)):
        sample, schema = media.value["example"], media.value["schema"]
        wrong = [error for error in errors(schema, sample) if not _is_made_up(error)]
        if wrong:
            place = ".".join(str(step) for step in wrong[0].instance_path)
            what = f"the sample contradicts its schema{f' at {place}' if place else ''}"
            what = f"{way[2].upper()} {way[1]}: {what}, and is no example of it"
            notices.append(sample.origin.problem(f"{what}: {wrong[0].message[:200]}"))
            contract = changed_at(contract, way, partial(without, keys=["example"]))
    return contract, tuple(notices)


def _is_made_up(error: Any) -> bool:
    value = error.instance
    return any(value == one and type(value) is type(one) for one in _MADE_UP)


def _media(contract: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield (way from the root, media type) of each whose example is a page's sample."""
    for path, method, operation in operations(contract):
        responses = operation.value["responses"].value if "responses" in operation.value else {}
        ways: list[tuple[str, ...]] = [("requestBody",), *(("responses", one) for one in responses)]
        for way in ways:
            content = inside(operation, (*way, "content"))
            for kind, media in content.value.items() if content is not None else ():
                example = media.value.get("example")
                shown = example is not None and example.origin.kind is Kind.SAMPLE
                if shown and "schema" in media.value:
                    yield ("paths", path, method, *way, "content", kind), media
