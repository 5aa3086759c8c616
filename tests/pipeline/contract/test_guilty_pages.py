"""Pages with problems: all of them are named in one run, and only they are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.contract import pipeline, validation
from scripts.facts import plain
from scripts.failure import PipelineError
from scripts.generation import refusal
from tests import ROOT

CHECKS = (validation.problems, refusal.problems)


def page(path: str, *, more: str = "", schema: str = "{type: object}") -> str:
    return f"""# One

## OpenAPI

````yaml openapi.yaml get {path}
openapi: 3.1.0
info: {{title: T, version: '1'}}
servers: [{{url: https://api.guilty.test}}]
paths:
  {path}:
    get:
      operationId: get{path[1:]}{more}
      responses:
        '200':
          description: Fine
          content:
            application/json:
              schema: {schema}
````
"""


GUILTY = {
    "cut.md": page("/cut")[:250],
    "enum.md": page("/enum", schema="{type: string, enum: [a-b, a_b]}"),
    "rival.md": page("/same"),
    "rival-too.md": page("/same", schema="{type: string}"),
    "reference.md": page("/reference", schema="{$ref: '#/paths/~1nowhere'}"),
    "twice.md": page(
        "/twice",
        more="\n      parameters: [{name: a, in: query, schema: {}},"
        " {name: a, in: query, schema: {}}]",
    ),
    "shape.md": page("/shape", schema="{minLength: many}"),
    "words.txt": "GET\n/\nwords\nWords\n???\n",
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in {**GUILTY, "fine.md": page("/fine"), "good.md": page("/good")}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_all_are_named(docs: Path) -> None:
    """Whatever is wrong with each, one run names every guilty page with a line, and no other."""
    with pytest.raises(PipelineError) as caught:
        pipeline.build(docs, [], root=docs, checks=CHECKS)
    # Of two that contradict each other one is named, and the other in its hint.
    assert {one.file for one in caught.value.problems} == GUILTY.keys() - {"rival-too.md"}
    assert any("rival-too.md" in str(one) for one in caught.value.problems)
    assert all(one.line for one in caught.value.problems)


def test_only_they_are_left_out(docs: Path) -> None:
    """With `keep_going` the contract has the pages that are right, and the others are problems."""
    built = pipeline.build(docs, [], root=docs, keep_going=True, checks=CHECKS)
    assert set(plain(built.contract)["paths"]) == {"/fine", "/good"}
    assert {one.file for one in built.problems} >= GUILTY.keys() - {"rival-too.md"}


def test_what_follows_is_not_named(docs: Path, cancel_page: str) -> None:
    """Where a page is left out, the overlay is not blamed for speaking of it."""
    (docs / "cancel.txt").write_text(cancel_page.replace("object\n", "obj\n"), encoding="utf-8")
    with pytest.raises(PipelineError) as caught:
        pipeline.build(docs, [ROOT / "spec/overlay.yaml"], root=ROOT, checks=CHECKS)
    assert {Path(str(one.file)).suffix for one in caught.value.problems} == {".md", ".txt"}


def test_nothing_is_left(tmp_path: Path) -> None:
    """Where all pages are guilty, nothing is built even with `keep_going`."""
    for name, text in GUILTY.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError) as caught:
        pipeline.build(tmp_path, [], root=tmp_path, keep_going=True, checks=CHECKS)
    assert len({one.file for one in caught.value.problems}) == len(GUILTY) - 1
