"""Fields within fields, as sites show them that unfold objects."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.facts import plain
from scripts.reading.page import Field
from scripts.reading.text.reader import read_page_text
from tests.pipeline.contracts import assemble
from tests.pipeline.rendering.renderer import resolve

HEAD = (
    "GET\n/\nthings\nList things\ncurl --request GET \\\n  --url https://api.example.com/things\n"
)
SAMPLE = """\
{
  "list": [
    {
      "id": "t-1",
      "extra": 1
    }
  ],
  "map": {
    "a": 1
  }
}
"""


def page(*lines: str) -> str:
    return "\n".join(
        [HEAD + SAMPLE, "Response", "", "200 - application/json", "", "Done", "", *lines]
    )


def names(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {one.name.value: names(one.children) for one in fields}


def listed(*lines: str) -> tuple[Field, ...]:
    response = read_page_text(page(*lines), "page.txt").response
    assert response is not None
    return response.fields


def properties(*lines: str) -> Any:
    contract = plain(assemble([read_page_text(page(*lines), "page.txt")]))
    ((_, response),) = contract["paths"]["/things"]["get"]["responses"].items()
    schema = response["content"]["application/json"]["schema"]
    return resolve(schema, contract)["properties"]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["a", "object", "a.b", "string"], {"a": {"b": {}}}),
        (["a", "object[]", "a.b", "object", "a.b.c", "string"], {"a": {"b": {"c": {}}}}),
        (["a", "object", "b", "string", "a.c", "string"], {"a": {"c": {}}, "b": {}}),
        (["a", "string", "a.b", "string"], {"a": {}, "a.b": {}}),
        (["a.b", "string", "a", "object"], {"a.b": {}, "a": {}}),
        (["a", "object", "a.b.c", "string"], {"a": {"b.c": {}}}),
        (["a", "object", "a.{key}", "string"], {"a": {"{key}": {}}}),
    ],
)
def test_who_is_within_whom(lines: list[str], wanted: dict[str, Any]) -> None:
    """A dotted name is a field within, where what stands before the dot is an object or a list."""
    assert names(listed(*lines)) == wanted


def test_items_of_a_list() -> None:
    """Fields of a list are those of its items; what the sample shows besides stays."""
    found = properties("list", "object[]", "", "list.id", "string", "required", "", "Its id")[
        "list"
    ]
    assert found["items"]["required"] == ["id"]
    assert found["items"]["properties"]["id"]["description"] == "Its id"
    assert found["items"]["properties"]["id"]["examples"] == ["t-1"]
    assert found["items"]["properties"]["extra"]["type"] == "integer"


def test_a_map() -> None:
    """`{key}` is any key of a map; the keys of the sample are none of its properties."""
    found = properties("map", "object", "", "map.{key}", "integer", "", "How many")["map"]
    assert found["additionalProperties"]["type"] == "integer"
    assert found["additionalProperties"]["description"] == "How many"
    assert "a" not in found.get("properties", {})


def test_items_without_a_name() -> None:
    """The options of a list's items may stand in an entry that has a type and no name."""
    found = properties(
        "kinds", "enum<string>[]", "", "What kinds", "", "enum<string>", "", "Available options:",
        "a,", "b", "", "other", "string",
    )  # fmt: skip
    assert found["kinds"]["items"]["enum"] == ["a", "b"]
    assert found["kinds"]["description"] == "What kinds"
    assert found["other"]["type"] == "string"
