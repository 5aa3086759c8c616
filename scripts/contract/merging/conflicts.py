"""What two pages of one operation say differently, fact by fact.

The one that is used is compared with the one that is not: an `.md` page with page text, or newer
page text with older. Page text hides much, so against an `.md` page it is held only to what it
lists or shows; two page texts are held to each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scripts.contract.operations.contribution import Contribution
from scripts.facts import Fact, Kind, Node, plain
from scripts.failure import Problem

_SHOWN = (
    "type", "format", "description", "default", "const", "pattern", "readOnly", "writeOnly",
    "deprecated", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip
"""Keywords that a page's list of fields shows."""
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class _Statement:
    """One fact, `keyword` of a field; `hidden` where page text would not list the field."""

    owner: str
    keyword: str
    node: Node
    hidden: bool = False

    @property
    def key(self) -> tuple[str, str]:
        if self.keyword == "enum":
            return (self.owner, f"enum {_text(self.node)}")
        return (self.owner, self.keyword)


def between(used: Contribution, other: Contribution) -> list[Problem]:
    """Return a notice for each fact that `other` says differently from `used`."""
    mine = {statement.key: statement for statement in _Reader(used).facts()}
    theirs = {statement.key: statement for statement in _Reader(other).facts()}
    partial = used.vendor and not other.vendor
    notices = []
    owners = {statement.owner for statement in mine.values()}
    for key, statement in theirs.items():
        if statement.node.origin.kind is Kind.ASSUMED:
            continue
        if key in mine:
            if not _agree(mine[key], statement):
                notices.append(_differ(mine[key], statement, used))
        elif statement.owner in owners or statement.keyword == "type":
            if statement.owner in owners and partial and statement.node.origin.kind is Kind.SAMPLE:
                continue
            notices.append(_lacking(statement, other, used, taken=False))
    listed = {s.owner for s in theirs.values() if s.node.origin.kind is Kind.STATED}
    around = {owner.rpartition(" > ")[0] for owner in listed}
    known = {statement.owner for statement in theirs.values()}
    for key, statement in mine.items():
        if key in theirs or statement.node.origin.kind is Kind.ASSUMED:
            continue
        field_listed = statement.owner in listed
        missing = statement.owner not in known and statement.keyword == "type"
        in_list = missing and statement.owner.rpartition(" > ")[0] in around
        if partial:
            held = (field_listed or in_list) and not statement.hidden
        else:
            held = statement.owner in known or missing
        if held:
            notices.append(_lacking(statement, used, other, taken=True))
    return notices


def _agree(one: _Statement, other: _Statement) -> bool:
    left, right = plain(one.node), plain(other.node)
    if one.keyword == "description":
        return _words(str(left)) == _words(str(right))
    if one.keyword == "type" and Kind.SAMPLE in (one.node.origin.kind, other.node.origin.kind):
        # A sample shows one value: 1 may be a number, and one type of several may be shown.
        pair = (left, right) if one.node.origin.kind is Kind.SAMPLE else (right, left)
        shown, allowed = (set(str(types).split(" | ")) for types in pair)
        more = shown - allowed
        return not more or (more == {"integer"} and "number" in allowed) or allowed == {""}
    return bool(left == right)


def _words(text: str) -> list[str]:
    """Return the words of a description without Markdown, which page text does not show."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.findall(r"[^\s*_`#>|-]+", text)


def _differ(mine: _Statement, theirs: _Statement, used: Contribution) -> Problem:
    what = (
        f"{used.place}: {theirs.owner}: {theirs.keyword} is {_text(theirs.node)} here, but "
        f"{_text(mine.node)} at {mine.node.origin.place}, which was taken"
    )
    return theirs.node.origin.problem(what)


def _lacking(
    statement: _Statement, one: Contribution, other: Contribution, *, taken: bool
) -> Problem:
    """Return the notice that only `one` says something."""
    there = other.operation.origin.place
    end = "it was taken" if taken else "it was not taken: that page goes first"
    what = (
        f"{one.place}: {statement.owner}: {statement.keyword} {_text(statement.node)} "
        f"is given here, but not by the page at {there}; {end}"
    )
    return statement.node.origin.problem(what)


def _text(node: Node) -> str:
    text = json.dumps(plain(node), ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


@dataclass(slots=True)
class _Reader:
    """Lists what a contribution says, its references followed."""

    contribution: Contribution
    path: list[str] = field(default_factory=list)

    def facts(self) -> Iterator[_Statement]:
        value = self.contribution.operation.value
        for keyword in ("summary", "description", "deprecated"):
            if keyword in value:
                yield _Statement("operation", keyword, value[keyword])
        servers = self.contribution.servers
        if servers is not None and servers.value:
            yield _Statement("operation", "base URL", servers.value[0].value["url"])
        for one in value["parameters"].value if "parameters" in value else ():
            yield from self.parameter(self.followed(one))
        if "requestBody" in value:
            yield from self.body("request body", self.followed(value["requestBody"]), "request")
        for status, response in value["responses"].value.items():
            followed = self.followed(response)
            place = f"response {status}"
            if "description" in followed.value:
                yield _Statement(place, "description", followed.value["description"])
            yield from self.body(place, followed, "response")

    def followed(self, node: Node) -> Node:
        for _ in range(_DEEPEST):
            if not isinstance(node.value, dict) or "$ref" not in node.value:
                break
            found = self.contribution.target(str(node.value["$ref"].value))
            if found is None:
                break
            beside = {k: v for k, v in node.value.items() if k != "$ref"}
            merged = {**found.value, **beside} if isinstance(found.value, dict) else found.value
            node = Fact(merged, found.origin)
        return node

    def parameter(self, one: Node) -> Iterator[_Statement]:
        value = one.value
        if "name" not in value or "in" not in value:
            return
        owner = f"{value['in'].value} parameter `{value['name'].value}`"
        for keyword in ("description", "required", "deprecated"):
            if keyword in value and value[keyword].value is not False:
                yield _Statement(owner, keyword, value[keyword])
        if "schema" in value:
            yield from self.schema(owner, value["schema"], "parameter")

    def body(self, place: str, body: Node, way: str) -> Iterator[_Statement]:
        content = body.value.get("content")
        for kind, media in content.value.items() if content is not None else ():
            if "schema" in media.value:
                where = place if kind == "application/json" else f"{place} ({kind})"
                yield from self.schema(where, media.value["schema"], way)

    def schema(
        self, owner: str, node: Node, way: str, *, hidden: bool = False
    ) -> Iterator[_Statement]:
        reference = node.value.get("$ref") if isinstance(node.value, dict) else None
        name = "" if reference is None else str(reference.value)
        if (name and name in self.path) or len(self.path) > _DEEPEST:
            return
        self.path.append(name)
        followed = self.followed(node)
        if isinstance(followed.value, dict):
            yield from self._keywords(owner, followed.value, way, hidden=hidden)
        self.path.pop()

    def _keywords(
        self, owner: str, value: dict[str, Node], way: str, *, hidden: bool
    ) -> Iterator[_Statement]:
        hidden = hidden or {"request": "readOnly", "response": "writeOnly"}.get(way) in value
        if (kinds := self._types(value)) is not None:
            yield _Statement(owner, "type", kinds, hidden)
        for keyword in _SHOWN:
            if keyword != "type" and keyword in value and value[keyword].value is not False:
                yield _Statement(owner, keyword, value[keyword], hidden)
        for one in value["enum"].value if "enum" in value else ():
            yield _Statement(owner, "enum", one, hidden)
        for part in value["allOf"].value if "allOf" in value else ():
            yield from self.schema(owner, part, way, hidden=hidden)
        if "properties" in value:
            for key, member in value["properties"].value.items():
                yield from self.schema(f"{owner} > {key}", member, way, hidden=hidden)
            for one in value["required"].value if "required" in value else ():
                yield _Statement(
                    f"{owner} > {one.value}", "required", Fact(True, one.origin), hidden
                )
        if "items" in value:
            yield from self.schema(f"{owner}[]", value["items"], way, hidden=hidden)
        for keyword in ("anyOf", "oneOf"):
            for index, one in enumerate(value[keyword].value if keyword in value else ()):
                if "properties" in self.followed(one).value:
                    yield from self.schema(f"{owner} > option {index + 1}", one, way, hidden=hidden)

    def _types(self, value: dict[str, Node]) -> Node | None:
        """Return the type or types as one text, those of alternatives included."""
        if "type" in value:
            found = plain(value["type"])
            text = " | ".join(sorted(found)) if isinstance(found, list) else str(found)
            return Fact(text, value["type"].origin)
        for keyword in ("anyOf", "oneOf"):
            if keyword in value:
                followed = [self.followed(one).value for one in value[keyword].value]
                kinds = [self._types(one) for one in followed if isinstance(one, dict)]
                texts = sorted({kind.value for kind in kinds if kind is not None})
                return Fact(" | ".join(texts), value[keyword].origin)
        return None
