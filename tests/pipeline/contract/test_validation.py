"""What would make a bad contract or client is refused by the line that states it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from scripts.contract import validation
from scripts.contract.assembly import assemble
from scripts.contract.distinct_shapes import representative
from scripts.facts import Kind, Node, Origin, tree
from scripts.failure import PipelineError
from scripts.generation import refusal
from scripts.reading.text.reader import read_page_text


def contract_of(text: str) -> Node:
    return assemble([read_page_text(text, "page.txt")])


@pytest.mark.parametrize(
    ("detail", "line", "message"),
    [
        ("default:five", 166, "is not of the type 'integer'"),
        ("\nPattern: [a", 167, "not be valid OpenAPI"),
    ],
)
def test_invalid_contract(cancel_page: str, detail: str, line: int, message: str) -> None:
    """A field that makes no valid schema is an error at its line."""
    text = cancel_page.replace("\ntasks\nobject[]\n", f"\ntasks\ninteger\n{detail}\n")
    with pytest.raises(PipelineError, match=message) as caught:
        validation.validate(contract_of(text))
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == ("page.txt", line)


def test_whole_contract_passes(cancel_page: str) -> None:
    """The captured page's contract has nothing to complain of."""
    contract = contract_of(cancel_page)
    validation.validate(contract)
    refusal.check(contract)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("pending,\n", "Queued,\n", 157, "'queued' and 'Queued' give the same Python name"),
        ("queued,\npending,\n", "a b,\na-b,\n", 157, "'a b' and 'a-b' give the same"),
        ("\nstats\n", "\ntoDict\n", 145, "'toDict' would hide a method"),
        ("enum<string>", "enum<number>", 156, "is a fraction"),
    ],
)
def test_no_name_of_its_own(cancel_page: str, old: str, new: str, line: int, message: str) -> None:
    """What the generators would drop or break without a word is an error at its line."""
    text = cancel_page.replace(old, new)
    if new == "enum<number>":
        start, end = text.index("queued,\n"), text.index("timeout\ntasks")
        text = text[:start] + "1.5,\n" + "2\n" + text[end + len("timeout\n") :]
    with pytest.raises(PipelineError, match=message) as caught:
        refusal.check(contract_of(text))
    assert [problem.line for problem in caught.value.problems] == [line]


def many(count: int) -> dict[str, Any]:
    """Return a contract of operations of one shape, each with a component of its own."""
    reference = {"description": "ok", "content": {"application/json": {"schema": {}}}}
    paths = {}
    for number in range(count):
        response = deepcopy(reference)
        response["content"]["application/json"]["schema"] = {  # type: ignore[index]
            "$ref": f"#/components/schemas/S{number}"
        }
        paths[f"/a{number}"] = {
            "get": {"operationId": f"get{number}", "responses": {"200": response}}
        }
    schemas = {f"S{number}": {"type": "object", "description": "x"} for number in range(count)}
    return {
        "openapi": "3.1.1",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def test_shapes_are_validated_once() -> None:
    """Operations and components of one shape are validated as one; the rest stands for itself."""
    smaller = representative(many(9))
    assert smaller is not None
    assert (list(smaller["paths"]), list(smaller["components"]["schemas"])) == (["/a0"], ["S0"])


@pytest.mark.parametrize("spoil", ["type", "reference", "operationId"])
def test_one_wrong_among_many(spoil: str) -> None:
    """What is wrong in one of many like parts is found."""
    contract = many(9)
    if spoil == "type":
        contract["components"]["schemas"]["S7"]["type"] = "nonsense"
    elif spoil == "reference":
        del contract["components"]["schemas"]["S7"]
    else:
        contract["paths"]["/a7"]["get"]["operationId"] = "get1"
    origin = Origin(Kind.STATED, "page.txt", 1)
    with pytest.raises(PipelineError, match="would not be valid"):
        validation.validate(tree(contract, origin))


@pytest.mark.parametrize(
    ("pattern", "valid"),
    [(r"^[\p{L}\d-]+$", True), (r"(?<year>\d{4})", True), (r"[\w-.]", True), ("[a", False)],
)
def test_patterns(pattern: str, valid: bool) -> None:
    """A pattern is an expression of JavaScript, not of Python."""
    contract = many(1)
    contract["components"]["schemas"]["S0"] = {"type": "string", "pattern": pattern}
    found = validation.problems(tree(contract, Origin(Kind.STATED, "page.txt", 7)))
    assert [problem.line for problem in found] == ([] if valid else [7])
