"""Page text of other years, locales and tools says what the page says."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scripts.facts import Origin, plain
from scripts.failure import PipelineError
from scripts.reading.capture import read_page
from scripts.reading.page import Page, Use
from tests.pipeline.contracts import assemble
from tests.pipeline.rendering.operations import operations, unmistakable
from tests.pipeline.rendering.renderer import Operation, Style, render
from tests.pipeline.rendering.variants import VARIANTS, converted, glued, is_unmistakable

FILE = "page.txt"


def read(text: str) -> Page:
    page = read_page(text.encode(), FILE)
    assert isinstance(page, Page)
    return page


def without_origins(value: Any) -> Any:
    """Return a page as plain values, without its lines and their uses."""
    if isinstance(value, Origin):
        return value.kind
    if isinstance(value, dict):
        return {key: without_origins(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [without_origins(member) for member in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: without_origins(getattr(value, one.name))
            for one in dataclasses.fields(value)
            if one.name != "uses"
        }
    return value


@pytest.mark.parametrize("form", VARIANTS)
def test_captured_page(cancel_page: str, form: str) -> None:
    """The captured page gives the same facts in every form."""
    changed = VARIANTS[form](cancel_page)
    assert changed != cancel_page
    assert without_origins(read(changed)) == without_origins(read(cancel_page))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(operations().map(unmistakable), st.booleans())
def test_same_facts(operation: Operation, index: bool) -> None:
    """Every operation gives the same contract in every form."""
    text = render(operation, Style(index=index))
    assume(is_unmistakable(text))
    wanted = plain(assemble([read(text)]))
    for form, transform in VARIANTS.items():
        changed = transform(text)
        assert plain(assemble([read(changed)])) == wanted, f"{form}:\n{changed}"


@pytest.mark.parametrize("form", VARIANTS)
def test_lines_of_the_file(cancel_page: str, form: str) -> None:
    """Facts name the line of the file that they stand on, and every line has a use."""
    changed = VARIANTS[form](cancel_page)
    lines = changed.split("\n")
    page = read(changed)
    assert page.response is not None
    for one in (*page.authorizations, *page.parameters, *page.response.fields):
        assert one.name.value in lines[(one.name.origin.line or 0) - 1]
        assert one.types.origin.line is not None
        assert one.types.value[0].base in lines[one.types.origin.line - 1]
    assert len(page.uses) == len(lines)


@pytest.mark.parametrize("form", VARIANTS)
def test_damage_is_reported(cancel_page: str, form: str) -> None:
    """A type that is none is an error at the field that lost it, in every form."""
    changed = re.sub(r"object(?=\\?\[)", "objekt", VARIANTS[form](cancel_page))
    with pytest.raises(PipelineError) as caught:
        read(changed)
    line = caught.value.problems[0].line or 0
    assert changed.split("\n")[line - 1].strip("`").replace("\\", "") in ("tasks", "objekt[]")


def test_furniture(cancel_page: str) -> None:
    """Buttons, tabs and the page's foot are furniture."""
    changed = converted(cancel_page)
    page = read(changed)
    for text in ("Search...", "Try it", "cURL", "Was this page helpful?", "\u2318I"):
        assert page.uses[changed.split("\n").index(text)] is Use.FURNITURE


def test_a_sentence_about_a_default(cancel_page: str) -> None:
    """A description that begins like a default stays as it was written."""
    text = "default: what is required"
    page = read(glued(cancel_page.replace("Job execution status", text)))
    assert page.response is not None
    description = page.response.fields[3].description
    assert description is not None
    assert description.value == text


@pytest.mark.parametrize("line", ["Powered by the scheduler.", "Was this page helpful?"])
def test_no_foot_before_a_field(cancel_page: str, line: str) -> None:
    """A line like the foot's, in a description, costs no field behind it."""
    text = "Job execution metadata"
    page = read(cancel_page.replace(f"{text}\n", f"{text}\n\n{line}\n"))
    assert page.response is not None
    names = [one.name.value for one in page.response.fields]
    assert names == ["metadata", "spec", "stats", "status", "tasks"]


def test_no_foot_before_a_constraint(cancel_page: str) -> None:
    """Nor does it cost the last field a constraint."""
    text = "List of execution tasks\n"
    page = read(cancel_page.replace(text, f"{text}\nWas this page helpful?\n\nPattern: ^a$\n"))
    assert page.response is not None
    assert page.response.fields[-1].keywords["pattern"].value == "^a$"


def test_an_operation_in_an_authors_words(cancel_page: str) -> None:
    """Another operation that the author names does not take the page's place."""
    page = read(cancel_page.replace("Documentation Index\n", "GET /jobs\n\nDocumentation Index\n"))
    assert page.method.value == "DELETE"


@pytest.mark.parametrize(
    "old",
    ["Path Parameters", "Response"],
)
def test_unknown_locale(cancel_page: str, old: str) -> None:
    """A heading of a locale that is not known is refused, at a line."""
    with pytest.raises(PipelineError) as caught:
        read(cancel_page.replace(f"\n{old}\n", "\nParametri del percorso\n"))
    assert caught.value.problems[0].line is not None


def test_article_extract(cancel_page: str) -> None:
    """A page that has lost names, types and flags is refused with that reason."""
    head, sections = cancel_page.split("\nAuthorizations\n")
    prose = [
        line
        for line in sections.split("\n")
        if line in ("", "Path Parameters", "Response") or (" " in line and not line.endswith(":"))
    ]
    with pytest.raises(PipelineError, match="lost the names and the types") as caught:
        read(f"{head}\nAuthorizations\n" + "\n".join(prose))
    assert caught.value.problems[0].line == head.count("\n") + 2
