"""An overlay that breaks the contract is an error at its action, whatever it breaks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from scripts.contract import pipeline, validation
from scripts.facts import Kind, Origin, plain, tree
from scripts.failure import PipelineError
from scripts.generation.run import generate
from tests import ROOT

DELETE = "$.paths[*].delete"
STATUS = "$.components.schemas.JobExecutionStatus"
TASK = "$.components.schemas.JobExecutionTask"


def overlay(target: str, update: Any = None) -> str:
    """Return an overlay whose only action, at line 5, updates a part, or removes it."""
    act = "remove: true" if update is None else f"update: {json.dumps(update)}"
    return f"""\
overlay: 1.0.0
info: {{title: t, version: '1'}}
actions:
  # What is wrong is this one:
  - target: {target}
    description: a test
    x-source: a test
    x-overrules: a test
    {act}
"""


@pytest.fixture
def root(tmp_path: Path, cancel_page: str) -> Path:
    """Return a folder with the captured page alone in spec/docs."""
    (tmp_path / "spec/docs").mkdir(parents=True)
    (tmp_path / "spec/docs/page.txt").write_text(cancel_page, encoding="utf-8")
    return tmp_path


def built(root: Path, text: str) -> pipeline.Built:
    (root / "spec/overlay.yaml").write_text(text, encoding="utf-8")
    return pipeline.build(root / "spec/docs", [root / "spec/overlay.yaml"], root=root)


@pytest.mark.parametrize(
    ("target", "update"),
    [
        ("$", {"components": "x"}),
        ("$", {"paths": []}),
        ("$", {"servers": ["x"]}),
        ("$.components", {"schemas": ["x"]}),
        ("$.components", {"securitySchemes": "x"}),
        ("$.paths", {"/x": "y"}),
        (DELETE, {"responses": [1]}),
        (DELETE, {"security": "x"}),
        (DELETE, {"security": [["x"]]}),
        (DELETE, {"parameters": "x"}),
        (DELETE, {"requestBody": "x"}),
        (DELETE + ".responses", {"200": "x"}),
        (DELETE + ".responses['200']", {"content": [1]}),
        (STATUS, {"type": "strin"}),
        (TASK, {"properties": "x"}),
        (TASK, {"properties": {"a": "x"}}),
        (TASK, {"allOf": "x"}),
        (TASK, {"discriminator": "x"}),
        (TASK, {"discriminator": {"propertyName": "a", "mapping": ["x"]}}),
        (TASK, {"discriminator": {"propertyName": "a", "mapping": {"x": 5}}}),
        ("$.paths", None),
        ("$.info", None),
        (DELETE + ".responses", None),
        (DELETE + ".parameters[0].schema", None),
    ],
)
def test_shape(root: Path, target: str, update: Any) -> None:
    with pytest.raises(PipelineError, match="would not be valid OpenAPI") as caught:
        built(root, overlay(target, update))
    places = {(one.file, one.line) for one in caught.value.problems}
    assert places == {("spec/overlay.yaml", 5)}


def test_unfit_actions_are_named_too(root: Path) -> None:
    """What is misshapen hides no action that could not be applied."""
    unfit = overlay("$.info.title", {"a": 1}).partition("actions:\n")[2]
    with pytest.raises(PipelineError) as caught:
        built(root, overlay("$", {"components": "x"}) + unfit)
    assert [one.line for one in caught.value.problems] == [11, 5]


@pytest.mark.parametrize(
    ("target", "update"),
    [
        ("$.components", None),
        ("$.components.schemas", None),
        ("$.components.schemas.JobExecutionTaskMetadata", None),
        (DELETE + ".responses['200'].content['application/json']", None),
        (STATUS, {"pattern": "[\\w-.]+"}),
        (TASK, {"$ref": "#/components/schemas/JobExecutionTask"}),
        (TASK, {"allOf": [{"$ref": "#/components/schemas/JobExecutionTask"}]}),
    ],
)
def test_what_validation_finds_later(root: Path, target: str, update: Any) -> None:
    """References to what is not there, and patterns of JavaScript, stop none of the steps."""
    contract = built(root, overlay(target, update)).contract
    missing = "components" in target and update is None
    assert any("is not there" in one.what for one in validation.problems(contract)) is missing


@pytest.mark.parametrize("pattern", ["[\\w-.]+", "[\\p{L}\\d-]+"])
def test_sample_with_a_pattern_of_javascript(root: Path, pattern: str) -> None:
    """A sample is held to a pattern that only JavaScript writes so."""
    place = "$.components.schemas.JobExecutionMetadata.properties.id"
    found = plain(built(root, overlay(place, {"pattern": pattern})).contract)
    (operation,) = (item["delete"] for item in found["paths"].values())
    assert "example" in operation["responses"]["200"]["content"]["application/json"]


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        ("#/components/schemas/JobExecutionTask/properties/gone", "is not there"),
        ("#/paths/0", "is not there"),
        ("#/info/title", "is no part that can be referred to"),
    ],
)
def test_references(root: Path, target: str, wrong: str) -> None:
    """`make generate` validates before it looks where a reference leads."""
    for name in ("generator-config.yaml", "requirements"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    text = overlay(TASK, {"properties": {"z": {"$ref": target}}})
    (root / "spec/overlay.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match=f"{target} {wrong}") as caught:
        generate(root, check=True)
    places = {(one.file, one.line) for one in caught.value.problems}
    assert places == {("spec/overlay.yaml", 5)}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["pattern"], "default": {"pattern": "a"}},
        {"type": "object", "required": ["pattern"], "default": {"pattern": "[\\w-.]"}},
        {"const": {"$ref": "a"}, "default": {"$ref": "a"}},
        {"enum": [{"$ref": "a"}], "default": {"$ref": "a"}},
        {"properties": {"$ref": {"const": "a"}}, "default": {"$ref": "a"}},
    ],
)
def test_values_are_no_keywords(schema: dict[str, Any]) -> None:
    """A default is held to its schema as it stands, whatever keys its values have."""
    contract = {
        "openapi": "3.1.1",
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": {"A": schema}},
    }
    assert validation.problems(tree(contract, Origin(Kind.STATED, "page.txt", 1))) == []
