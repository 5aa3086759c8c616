"""OpenAPI Overlay 1.0 on a tree of facts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from inline_snapshot import snapshot

from scripts import documents
from scripts.contract.belief import Outcome
from scripts.contract.overlay import Applied, Overlay, apply, parse
from scripts.emitter import dump
from scripts.facts import Kind, Origin, origins, plain, tree
from scripts.failure import PipelineError

PAGE = Origin(Kind.STATED, "page.txt", 7)
OTHER = Origin(Kind.OVERLAY, "other.yaml", 3, "why", 0)


def overlay(*actions: dict[str, Any]) -> Overlay:
    reasons = {"description": "why", "x-source": "where"}
    document = {
        "overlay": "1.0.0",
        "info": {"title": "Facts", "version": "1"},
        "actions": [{**reasons, **action} for action in actions],
    }
    return parse(documents.parse(dump(document), "overlay.yaml"))


def run(value: Any, *actions: dict[str, Any], origin: Origin = PAGE) -> Applied:
    return apply(tree(value, origin), overlay(*actions))


def result(value: Any, *actions: dict[str, Any]) -> Any:
    return plain(run(value, *actions, origin=OTHER).document)


class TestUpdate:
    """Among overlays the specification's rules are all there is."""

    @pytest.mark.parametrize(
        ("value", "target", "update", "expected"),
        [
            ({"a": {"b": 1}}, "$.a", {"c": 2}, {"a": {"b": 1, "c": 2}}),
            ({"a": {"b": {"x": 1}}}, "$.a", {"b": {"y": 2}}, {"a": {"b": {"x": 1, "y": 2}}}),
            ({"a": {"b": 1}}, "$", {"a": {"b": 2}}, {"a": {"b": 2}}),
            ({"a": {"b": {"x": 1}}}, "$.a", {"b": 2}, {"a": {"b": 2}}),
            ({"a": {"b": 1}}, "$.a", {"b": True}, {"a": {"b": True}}),
            ({"a": {"b": [1]}}, "$.a", {"b": [2, 3]}, {"a": {"b": [1, 2, 3]}}),
            ({"a": [1]}, "$.a", 2, {"a": [1, 2]}),
            ({"a": [1]}, "$.a", [2, 3], {"a": [1, [2, 3]]}),
            ({"a": [1]}, "$.a", None, {"a": [1, None]}),
        ],
        ids=[
            "new member",
            "recursive",
            "primitive replaced",
            "object replaced by primitive",
            "true is not 1",
            "arrays inside objects are concatenated",
            "entry appended to array",
            "array is one entry",
            "null is an entry",
        ],
    )
    def test_merge(self, value: Any, target: str, update: Any, expected: Any) -> None:
        """Updates merge as the specification says."""
        assert result(value, {"target": target, "update": update}) == expected

    def test_filter(self) -> None:
        """A filter selects the array items it describes and no others."""
        value = {"p": [{"name": "a", "in": "query"}, {"name": "a", "in": "path"}]}
        action = {"target": "$.p[?@.name=='a' && @.in=='path']", "update": {"x": 1}}
        assert result(value, action)["p"] == [
            {"name": "a", "in": "query"},
            {"name": "a", "in": "path", "x": 1},
        ]

    def test_every_match(self) -> None:
        """A wildcard updates every node it selects."""
        value: Any = {"paths": {"/a": {"get": {}}, "/b": {"get": {}}}}
        assert result(value, {"target": "$.paths.*.get", "update": {"x": 1}}) == {
            "paths": {"/a": {"get": {"x": 1}}, "/b": {"get": {"x": 1}}}
        }

    def test_nested_matches(self) -> None:
        """A node inside another selected node is updated before the outer one replaces it."""
        value: Any = {"a": {"a": {}}}
        assert result(value, {"target": "$..a", "update": {"x": 1}}) == {
            "a": {"a": {"x": 1}, "x": 1}
        }

    def test_in_order(self) -> None:
        """An action sees what the actions before it did."""
        actions = (
            {"target": "$.a", "remove": True},
            {"target": "$", "update": {"a": {"b": 1}}},
            {"target": "$.a", "update": {"c": 2}},
        )
        assert result({"a": {"old": 0}}, *actions) == {"a": {"b": 1, "c": 2}}

    def test_argument_untouched(self) -> None:
        """Applying is from a value to a value: the document handed in stays as it was."""
        document = tree({"a": {"b": [1]}}, PAGE)
        apply(document, overlay({"target": "$.a", "update": {"b": [2]}}))
        assert plain(document) == {"a": {"b": [1]}}


class TestRemove:
    @pytest.mark.parametrize(
        ("target", "expected"),
        [
            ("$.p[0]", [{"n": 1}, {"n": 2}]),
            ("$.p[?@.n < 2]", [{"n": 2}]),
            ("$.p[1,0,0]", [{"n": 2}]),
            ("$.p[*]", []),
        ],
    )
    def test_items(self, target: str, expected: Any) -> None:
        """Several items go at once, whatever the order in which they were selected."""
        value = {"p": [{"n": 0}, {"n": 1}, {"n": 2}]}
        assert result(value, {"target": target, "remove": True}) == {"p": expected}

    def test_nested(self) -> None:
        """Removing a node and one inside it removes both."""
        value = {"k": 1, "a": {"a": {}}}
        assert result(value, {"target": "$..a", "remove": True}) == {"k": 1}

    def test_wins_over_update(self) -> None:
        """With `remove: true` an update has no impact, as the specification says."""
        action = {"target": "$.a", "remove": True, "update": {"x": 1}}
        assert result({"a": {}}, action) == {}


class TestOrigins:
    def test_added_and_changed_parts(self) -> None:
        """Parts of an action carry its index, line, reason and source; the others keep theirs."""
        document = run(
            {"a": {"kept": 1, "changed": 1, "list": ["x"]}},
            {"target": "$.a", "update": {"changed": 2, "list": ["y"], "new": {"n": 1}, "kept": 1}},
            origin=OTHER,
        ).document
        found = {pointer: origin for pointer, origin in origins(document) if origin != OTHER}
        assert set(found) == {"/a/changed", "/a/list/1", "/a/new", "/a/new/n"}
        assert set(found.values()) == {
            Origin(Kind.OVERLAY, "overlay.yaml", 6, "why (source: where)", 0)
        }

    def test_effects(self) -> None:
        """Each action reports the outcome of its parts."""
        effects = run(
            {"a": {"b": 1, "l": [0], "r": {}}},
            {"target": "$.a", "update": {"b": 2, "c/d": {"e": 1}, "l": [1]}},
            {"target": "$.a.r", "remove": True},
            {"target": "$.a", "update": {"b": 2}},
            origin=OTHER,
        ).effects
        assert [(e.at(Outcome.ADDED), e.at(Outcome.CHANGED), e.removed) for e in effects] == [
            (["/a/c~1d", "/a/l/1"], ["/a/b"], ()),
            ([], [], (("a", "r"),)),
            ([], [], ()),
        ]


def failure(text: str) -> str:
    with pytest.raises(PipelineError) as caught:
        parse(documents.parse(text, "overlay.yaml"))
    return str(caught.value)


class TestProblems:
    def test_document(self) -> None:
        """Every problem of the overlay is reported at once, each with its line."""
        text = """\
overlay: 2.0.0
info: {title: Facts}
extra: 1
actions:
  - target: a.b
    update: {}
    description: why
    x-source: where
  - target: $.a
    description: why
  - target: $.a
    update: {}
    x-source: where
    remvoe: true
    x-overrule: because
"""
        assert failure(text) == snapshot("""\
overlay.yaml:1: overlay version 2.0.0 is not 1.0
    hint: write `overlay: 1.0.0`
overlay.yaml:2: `version` is missing
overlay.yaml:3: unknown key 'extra'
    hint: known here: actions, extends, info, overlay, x-names, x-...
overlay.yaml:5: target a.b is no JSONPath: expected '$', found 'a'
overlay.yaml:9: action 1 does nothing
    hint: give it an `update`, or `remove: true`
overlay.yaml:9: `x-source` is missing
    hint: say where this is known from, for the next person to check it
overlay.yaml:11: `description` is missing
    hint: say why the contract needs this
overlay.yaml:14: unknown key 'remvoe'
    hint: did you mean 'remove'?
overlay.yaml:15: unknown key 'x-overrule'
    hint: did you mean 'x-overrules'?\
""")

    def test_several_on_one_line(self) -> None:
        """Keys that nobody knows are named in their order, also where they share a line."""
        keys = list("zyxabcd")
        written = ", ".join(f"{key}: 1" for key in keys)
        found = failure(f"overlay: 1.0.0\ninfo: {{{written}}}\nactions: []\n")
        assert re.findall(r"unknown key '(\w)'", found) == keys

    def test_no_actions(self) -> None:
        """An overlay without actions is no overlay."""
        text = "overlay: 1.0.0\ninfo: {title: Facts, version: '1'}\nactions: []\n"
        assert "3: `actions` must be a list of at least one action" in failure(text)

    def test_extensions_are_welcome(self) -> None:
        """Keys that begin with x- may stand anywhere the specification lets them."""
        text = """\
overlay: 1.0.1
x-a: 1
info: {title: Facts, version: '1', x-b: 2}
actions:
  - {target: $, update: {}, description: why, x-source: where, x-c: 3}
"""
        assert len(parse(documents.parse(text, "overlay.yaml")).actions) == 1

    def test_actions_that_do_not_fit(self) -> None:
        """Every action that cannot be applied is reported, by line, index and target."""
        actions = (
            {"target": "$.missing", "update": {}},
            {"target": "$.a.b", "update": {}},
            {"target": "$.a", "update": 1},
            {"target": "$", "remove": True},
        )
        applied = apply(tree({"a": {"b": 1}}, PAGE), overlay(*actions))
        error = PipelineError.of([*applied.problems, *applied.unmatched])
        assert str(error) == snapshot("""\
overlay.yaml:10: action 1 (target $.a.b) selects $['a']['b'], which is neither object nor array
    hint: select the object or array that contains it, and update that
overlay.yaml:14: action 2 (target $.a) selects an object, so `update` must be an object
overlay.yaml:18: action 3 (target $) removes the whole document
overlay.yaml:6: action 0 (target $.missing) matches nothing: 'missing' is not there
    hint: a page may have changed: correct the target, or delete the action\
""")


# What a page has renamed or dropped


LIMIT = {"name": "limit", "in": "query", "description": "How many"}
SIZE = {**LIMIT, "name": "size"}
HEADER = {"name": "X-Trace", "in": "header"}
TEXT = {"type": "string"}


def applied(kind: Kind, there: Any, update: Any, **action: str) -> Applied:
    """Return what an action makes of a part `x` that is known in a way."""
    origin = Origin(kind, "page.txt", 7)
    return run({"x": there}, {"target": "$.x", "update": update, **action}, origin=origin)


@pytest.mark.parametrize(
    ("there", "update", "names"),
    [
        ({"parameters": [SIZE]}, {"parameters": [LIMIT, HEADER]}, "'limit'"),
        ({"properties": {"items": TEXT}}, {"properties": {"data": TEXT, "meta": TEXT}},
         "'data', 'meta'"),
        ({"enum": ["a", "c"]}, {"enum": ["a", "b"]}, "'b'"),
        ({"required": ["a"]}, {"required": ["b"]}, "'b'"),
    ],
)  # fmt: skip
def test_what_a_page_lists(there: Any, update: Any, names: str) -> None:
    """An action that describes what a page describes, and has more than it lists, is news.

    A field that the page does not list is left out: it would be read in vain.
    """
    page = {"description": "of the page", **there}
    action = {"description": "of the overlay", **update}
    found = applied(Kind.STATED, page, action)
    (where,) = there
    fields = where == "properties"
    (notice,) = found.unmatched if fields else found.notices[:1]
    assert notice.what == (
        f"action 0 adds {names} to x > {where}, which are listed at page.txt:7"
        + (": left out" if fields else "")
    )
    kept = plain(found.document)["x"]
    assert kept["description"] == "of the page"
    assert (kept[where] == there[where]) is fields
    overruled = applied(Kind.STATED, page, action, **{"x-overrules": "the page is wrong"})
    assert not any("adds" in one.what for one in (*overruled.unmatched, *overruled.notices))
    assert plain(overruled.document)["x"][where] != there[where]


@pytest.mark.parametrize("kind", [Kind.STATED, Kind.OVERLAY])
def test_what_only_adds(kind: Kind) -> None:
    """An action that says nothing of what is there fills a gap, and is no news."""
    update = {"type": "object", "properties": {"data": TEXT}}
    there = {"type": "object", "properties": {"items": TEXT}}
    found = applied(kind, there, update)
    assert found.unmatched == ()
    assert plain(found.document)["x"]["properties"].keys() == {"items", "data"}


def test_what_a_sample_shows() -> None:
    """A property that no sample shows stays; one by nearly its name is news."""

    def found(*shown: str) -> list[str]:
        update = {"properties": {"nextCursor": TEXT, "total": TEXT}}
        there = {"properties": dict.fromkeys(shown, TEXT)}
        result = applied(Kind.SAMPLE, there, update)
        assert "nextCursor" in plain(result.document)["x"]["properties"]
        return [one.what for one in result.unmatched]

    assert found("total", "hasMore") == found("nextCursor", "next") == []
    assert found("total", "next") == [
        "action 0 adds 'nextCursor' to x > properties, which no page shows; "
        "the nearest name there is 'next'"
    ]


@pytest.mark.parametrize("odd", [["query"], {"a": 1}, None, True, 7])
def test_odd_values(odd: Any) -> None:
    """What has no shape at all is brought in as it stands: that it fits nothing is told later."""
    parameters = {"parameters": [{"name": "a", "in": odd}, {"name": odd, "in": "query"}]}
    assert applied(Kind.STATED, {"parameters": [LIMIT]}, parameters).problems == ()
    properties = {"properties": {"a": odd, "$ref": odd}}
    assert applied(Kind.SAMPLE, {"properties": {"b": TEXT}}, properties).problems == ()
