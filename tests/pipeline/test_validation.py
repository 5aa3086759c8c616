"""What would make a bad contract or client is refused by the line that states it."""

from __future__ import annotations

import pytest

from scripts import nameable, validation
from scripts.contract import assemble
from scripts.facts import Node
from scripts.failure import PipelineError
from scripts.page_text import read_page_text


def contract_of(text: str) -> Node:
    return assemble([read_page_text(text, "page.txt")])


@pytest.mark.parametrize(
    ("detail", "line"),
    [("default:five", 166), ("\nPattern: [a", 167)],
)
def test_invalid_contract(cancel_page: str, detail: str, line: int) -> None:
    """A field that makes no valid schema is an error at its line."""
    text = cancel_page.replace("\ntasks\nobject[]\n", f"\ntasks\ninteger\n{detail}\n")
    with pytest.raises(PipelineError, match="not be valid OpenAPI") as caught:
        validation.validate(contract_of(text))
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == ("page.txt", line)


def test_whole_contract_passes(cancel_page: str) -> None:
    """The captured page's contract has nothing to complain of."""
    contract = contract_of(cancel_page)
    validation.validate(contract)
    nameable.check(contract)


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
        nameable.check(contract_of(text))
    assert [problem.line for problem in caught.value.problems] == [line]
