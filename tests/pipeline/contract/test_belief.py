"""Stated by a page > overlay > shown by a sample > assumed by a rule."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.contract.belief import Belief, Outcome
from scripts.facts import Kind, Node, Origin, plain, tree

REASON = Origin(Kind.OVERLAY, "overlay.yaml", 3, "why", 0)


def known(value: Any, kind: Kind) -> Node:
    return tree(value, Origin(kind, "page.txt", 7))


def decided(
    mine: Node, update: Any, *, overrules: bool = False, parts: Any = None
) -> tuple[Any, set[Outcome]]:
    """Return what stands after an update, and how it was decided."""
    belief = Belief((parts or {}).get, overrules=overrules)
    result = plain(belief.merged(mine, tree(update, REASON), ()))
    return result, {one.outcome for one in belief.decisions}


WEAK = (Kind.SAMPLE, Kind.ASSUMED)
STRING, NUMBER = {"type": "string"}, {"type": "number"}


class TestKinds:
    def test_stated_stands(self) -> None:
        """What a page states stays, and the difference is noted with its line."""
        assert decided(known({"a": 1}, Kind.STATED), {"a": 2}) == ({"a": 1}, {Outcome.STANDS})

    def test_stated_and_overlay_agree(self) -> None:
        """What both say is noted: the action can go."""
        assert decided(known({"a": 1}, Kind.STATED), {"a": 1}) == ({"a": 1}, {Outcome.REDUNDANT})

    @pytest.mark.parametrize("kind", WEAK)
    def test_overlay_beats_what_is_weaker(self, kind: Kind) -> None:
        """What is only shown or assumed gives way."""
        assert decided(known({"a": 1}, kind), {"a": 2}) == ({"a": 2}, {Outcome.REPLACED})

    def test_overrules(self) -> None:
        """An action that says why wins even over a page."""
        stated = known({"a": STRING}, Kind.STATED)
        result = decided(stated, {"a": NUMBER}, overrules=True)
        assert result == ({"a": NUMBER}, {Outcome.OVERRULED})

    def test_later_action(self) -> None:
        """Of two actions the later one stands."""
        assert decided(known({"a": 1}, Kind.OVERLAY), {"a": 2}) == ({"a": 2}, {Outcome.CHANGED})


class TestWhole:
    @pytest.mark.parametrize("kind", WEAK)
    @pytest.mark.parametrize(
        "update", [{"$ref": "#/x"}, {"anyOf": [STRING, NUMBER]}, {"type": "object"}]
    )
    def test_takes_the_whole_place(self, kind: Kind, update: Any) -> None:
        """Nothing of a weaker fact is mixed into what the overlay says it is."""
        weaker = known({"type": "string", "examples": ["x"], "enum": ["x"]}, kind)
        assert decided(weaker, update)[0] == update

    @pytest.mark.parametrize("update", [{"$ref": "#/x"}, {"anyOf": [STRING]}, NUMBER])
    def test_stands_whole(self, update: Any) -> None:
        """A page that states another type keeps its whole schema."""
        stated = {"type": "string", "enum": ["x"]}
        result = decided(known(stated, Kind.STATED), {**update, "description": "d"})
        assert result == (stated, {Outcome.STANDS})

    def test_description_is_added(self) -> None:
        """An update that does not say what a thing is adds to it."""
        result = decided(known(STRING, Kind.SAMPLE), {"description": "d"})
        assert result == ({"type": "string", "description": "d"}, {Outcome.ADDED})

    def test_property_called_type(self) -> None:
        """A property may have the name of a keyword."""
        properties = {"type": STRING, "$ref": STRING}
        update = {"type": {"description": "d"}}
        result = decided(known(properties, Kind.STATED), update)[0]
        assert result == {"type": {"type": "string", "description": "d"}, "$ref": STRING}

    def test_reference_beside_a_description(self) -> None:
        """A response that a page states is not mixed with a shared one."""
        stated = {"400": {"description": "bad"}}
        result = decided(known(stated, Kind.STATED), {"400": {"$ref": "#/x"}})
        assert result == (stated, {Outcome.STANDS})


HEADER = {"name": "x-a", "in": "header"}
SHARED = {"#/p": known({"name": "X-A", "in": "header", "schema": STRING}, Kind.OVERLAY)}


class TestIdentities:
    @pytest.mark.parametrize(
        ("stated", "update", "expected"),
        [
            (["a", "b"], ["b", "c"], ["a", "b", "c"]),
            ([{"url": "https://x/v0"}], [{"url": "https://x/v0/"}], [{"url": "https://x/v0"}]),
            ([{"A": ["r"]}], [{"A": []}, {"B": []}], [{"A": ["r"]}, {"B": []}]),
            ([HEADER], [{"$ref": "#/p"}], [HEADER]),
            ([{"$ref": "#/p"}], [{"$ref": "#/p"}], [{"$ref": "#/p"}]),
            ([{"$ref": "#/p"}], [HEADER], [{"$ref": "#/p"}]),
            (
                [{"name": "a", "in": "path"}],
                [{"name": "a", "in": "query"}],
                [{"name": "a", "in": "path"}, {"name": "a", "in": "query"}],
            ),
        ],
        ids=[
            "values", "servers", "security", "parameter and reference", "references",
            "reference and parameter", "places",
        ],
    )  # fmt: skip
    def test_nothing_twice(self, stated: Any, update: Any, expected: Any) -> None:
        """A member that is there already is not added again, however it is written."""
        assert decided(known(stated, Kind.STATED), update, parts=SHARED)[0] == expected

    def test_made_up_list_gives_way(self) -> None:
        """A requirement that a rule made up does not stay beside those of the overlay."""
        assumed = known([{"bearerAuth": []}], Kind.ASSUMED)
        assert decided(assumed, [{"OAuth2": []}])[0] == [{"OAuth2": []}]

    @pytest.mark.parametrize(
        ("stated", "update", "expected", "outcome"),
        [
            (["jobs:stop"], ["jobs:delete"], ["jobs:stop"], {Outcome.STANDS}),
            ([], ["jobs:delete"], [], {Outcome.STANDS}),
            (["jobs:delete"], ["jobs:delete"], ["jobs:delete"], {Outcome.REDUNDANT}),
            (["jobs:stop"], [], ["jobs:stop"], set()),
        ],
    )
    def test_scopes(self, stated: Any, update: Any, expected: Any, outcome: set[Outcome]) -> None:
        """The scopes of a requirement are one fact: the page's stand, whole; those of two add up
        to what no one said.
        """
        mine = known({"security": [{"OAuth2": stated}]}, Kind.STATED)
        added = {"security": [{"OAuth2": update}, {"ApiKeyAuth": []}]}
        result, outcomes = decided(mine, added)
        assert result == {"security": [{"OAuth2": expected}, {"ApiKeyAuth": []}]}
        assert outcomes - {Outcome.ADDED} == outcome

    def test_scopes_that_a_later_action_adds(self) -> None:
        """An action may say for one operation what an earlier one left open for all."""
        mine = known({"security": [{"OAuth2": []}]}, Kind.OVERLAY)
        result = decided(mine, {"security": [{"OAuth2": ["jobs:delete"]}]})
        assert result == ({"security": [{"OAuth2": ["jobs:delete"]}]}, {Outcome.ADDED})
