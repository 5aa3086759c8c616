"""Equal components are one, under whichever names pages give them; no name goes with a page."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from scripts.contract import pipeline, validation
from scripts.contract.merging import equal
from scripts.contract.report import render
from scripts.facts import Kind, Origin, plain, tree

RESOURCES = ("agents", "functions", "models", "volumes")


def page(resource: str, method: str = "GET", field: str = '"total": 10') -> str:
    """Return the page of one item of a resource: all share what an item's history is."""
    title = f"{'Get' if method == 'GET' else 'Delete'} one of the {resource}"
    return f"""{method}
/
{resource}
/
{{name}}
{title}
curl --request {method} \\
  --url https://api.blaxel.ai/v0/{resource}/{{name}} \\
  --header 'Authorization: Bearer <token>'
{{
  "history": {{
    "at": "<string>",
    "status": "<string>",
    "pages": {{ "next": "<string>", {field} }}
  }},
  "{resource}": "<string>"
}}

Authorizations

Authorization
string
header
required

Path Parameters

name
string
required

Response

Fine

history
object

{resource}
string
"""


PAGES = {
    **{resource: page(resource) for resource in RESOURCES},
    # Of another shape under a name that another page has, too, and first in the alphabet.
    "delete agents": page("agents", "DELETE", '"total": "10"'),
    "delete volumes": page("volumes", "DELETE", '"all": [1], "of": 1, "seen": 1'),
}


def built(folder: Path, names: tuple[str, ...], overlay: str = "") -> pipeline.Built:
    folder.mkdir()
    for name in names:
        (folder / f"{name}.txt").write_text(PAGES[name], encoding="utf-8")
    actions = folder.with_suffix(".yaml")
    actions.write_text(overlay, encoding="utf-8")
    overlays = [actions] if overlay else []
    return pipeline.build(folder, overlays, root=folder.parent, checks=(validation.problems,))


def schemas(folder: Path, names: tuple[str, ...], overlay: str = "") -> dict[str, Any]:
    found: dict[str, Any] = plain(built(folder, names, overlay).contract)["components"]["schemas"]
    return found


def test_one_for_all(tmp_path: Path) -> None:
    """What four pages show is one component; the other names lead to it, and nothing else does."""
    contract = plain(built(tmp_path / "all", RESOURCES).contract)
    found = contract["components"]["schemas"]
    assert found["ModelHistory"] == {"$ref": "#/components/schemas/AgentHistory"}
    assert found["VolumeHistoryPages"] == {"$ref": "#/components/schemas/AgentHistoryPages"}
    assert found["Model"]["properties"]["history"] == {"$ref": "#/components/schemas/AgentHistory"}
    whole = [name for name, schema in found.items() if "$ref" not in schema]
    assert whole == ["Agent", "AgentHistory", "AgentHistoryPages", "Function", "Model", "Volume"]


def test_pages_come_and_go(tmp_path: Path) -> None:
    """Every name that can be imported with some pages can be imported with one more."""
    names: dict[frozenset[str], set[str]] = {}
    for count in range(1, len(PAGES) + 1):
        for chosen in combinations(PAGES, count):
            folder = tmp_path / "-".join(chosen)
            names[frozenset(chosen)] = set(schemas(folder, chosen))
    for before, some in names.items():
        for added in PAGES.keys() - before:
            assert some <= names[before | {added}], (sorted(before), added)


OVERLAY = """\
overlay: 1.0.0
info: {title: About one, version: '1'}
actions:
  - target: $.components.schemas.ModelHistory.properties
    description: Only models count so.
    x-source: the vendor
    update: {at: {description: When it was trained}}
"""


def test_what_the_overlay_says_of_one(tmp_path: Path) -> None:
    """An action about one of several equal components speaks of that one alone."""
    found = schemas(tmp_path / "pages", RESOURCES, OVERLAY)
    assert found["ModelHistory"]["properties"]["at"]["description"] == "When it was trained"
    assert "description" not in found["AgentHistory"]["properties"]["at"]
    assert found["VolumeHistory"] == {"$ref": "#/components/schemas/AgentHistory"}


def test_report(tmp_path: Path) -> None:
    """The report lists the other names in one place, and each component once."""
    whole = built(tmp_path / "all", RESOURCES)
    report = render(whole.pages, whole.contract)
    assert "- `AgentHistory`: `FunctionHistory`, `ModelHistory`, `VolumeHistory`\n" in report
    assert report.count("VolumeHistory`") == 1


def of_schemas(**schemas: Any) -> Any:
    document = {"paths": {}, "components": {"schemas": schemas}}
    found = equal.shared(tree(document, Origin(Kind.STATED, "page")), schemas, {})
    return plain(found)["components"]["schemas"]


def to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_circles() -> None:
    """Components that refer to themselves, or to each other, are equal where their circles are."""
    found = of_schemas(
        A={"properties": {"next": to("A")}},
        B={"properties": {"next": to("B")}},
        C={"properties": {"next": to("D")}},
        D={"properties": {"next": to("C")}},
        E={"properties": {"next": to("F")}},
        F={"properties": {"next": {"type": "string"}}},
    )
    assert [name for name, schema in found.items() if "$ref" in schema] == ["B", "C", "D"]
    assert found["D"] == to("A")


@pytest.mark.parametrize(
    "other",
    [
        {"properties": {"a": {"type": "string", "description": "Another"}}},
        {"properties": {"a": {"type": "integer"}}},
        {"properties": {"a": {"type": "string"}}, "required": ["a"]},
    ],
)
def test_whatever_differs_stays(other: dict[str, Any]) -> None:
    """A component that says anything else, be it a description, is not another's."""
    found = of_schemas(A={"properties": {"a": {"type": "string"}}}, B=other)
    assert found["B"] == other
