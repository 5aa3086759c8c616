"""The contract: one OpenAPI 3.1 document from the pages, every part a fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from scripts.contract import examples
from scripts.contract.merging import inline, precedence, published
from scripts.contract.merging.components import Merged, merge
from scripts.contract.merging.names import NO_NAMES, Names, pin
from scripts.contract.merging.places import Parts
from scripts.contract.merging.renaming import with_names, with_references
from scripts.contract.operations import naming
from scripts.contract.operations.contribution import Contribution, template
from scripts.facts import Fact, Kind, Node, Origin, plain, with_members
from scripts.failure import PipelineError, Problem

_OPENAPI = "3.1.1"
_SECTIONS = (
    "schemas", "responses", "parameters", "examples", "requestBodies", "headers",
    "securitySchemes", "links", "callbacks", "pathItems",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assembly:
    """The contract; what a person should look at; what had to be left out.

    `unused` gives, by file, the reason why a page is not used. `own` are the schemas that no page
    of the vendor's names. `replaced` leads from further names of schemas, which they would have
    with fewer pages or were published under, to those that they have. `gone` are published names
    that nothing has any more. `is_as_shown` says that each operation is called, and its path
    spelt, as its page shows.
    """

    contract: Node
    notices: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    unused: dict[str, str]
    own: frozenset[str]
    replaced: dict[str, str]
    gone: tuple[str, ...]
    is_as_shown: bool


def assemble_contributions(
    contributions: Sequence[Contribution],
    *,
    names: Names = NO_NAMES,
    before: Names = NO_NAMES,
    keep_going: bool = False,
) -> Assembly:
    """Return the document of all contributions, in the order of paths, and the notices about it.

    `names` are those that stay, and `before` those that the last run published. Raises
    PipelineError where two pages describe the same operation differently and nothing decides
    between them; with `keep_going`, such operations are left out instead.
    """
    resolution = precedence.resolve(contributions)
    if resolution.undecided and not keep_going:
        raise PipelineError.of(resolution.undecided)
    there = {(one.method, template(one.path.value)) for one in resolution.contributions}
    names = published.pins(names, before, there)
    used, kept = pin(resolution.contributions, names)
    used, respelt = precedence.of_one_template(used)
    if not used:
        problems = resolution.undecided or (
            Problem("there are no pages to assemble a contract from"),
        )
        raise PipelineError.of(problems)
    used.sort(key=lambda one: (one.path.value, one.method))
    used, renamed = _with_unique_ids(used, {one.name for one in names.operations.values()})
    merged, stayed, gone = _published(used, merge(used, names.schemas), names, before)
    gone = (*gone, *(one.name for key, one in before.operations.items() if key not in there))
    remarks = (remark for one in used for remark in one.remarks)
    notices = (
        *remarks, *resolution.notices, *kept, *respelt, *renamed, *merged.notices, *stayed,
    )  # fmt: skip
    contract = _document(used, merged.operations, merged.components)
    return Assembly(
        contract,
        notices,
        resolution.undecided,
        resolution.unused,
        merged.own,
        merged.replaced,
        gone,
        not (kept or respelt or renamed),
    )


def _published(
    used: Sequence[Contribution], merged: Merged, pinned: Names, before: Names
) -> tuple[Merged, list[Problem], tuple[str, ...]]:
    """Return what is merged, each class of it a schema with the name that it was published under.

    And a notice of those that stay, and the names that are gone.
    """
    operations, components, lifted = inline.lifted(used, merged.operations, merged.components)
    ids = (str(one.operation.value["operationId"].value) for one in used)
    parts = Parts(dict(zip(ids, operations, strict=True)), components)
    kept = published.kept(before, pinned, parts)
    changes = {("schemas", old): new for old, new in kept.names.items() if old != new}
    replaced = {old: kept.names.get(name, name) for old, name in merged.replaced.items()}
    result = replace(
        merged,
        operations=tuple(with_references(one, changes) for one in operations),
        components=with_names(components, changes),
        own=frozenset(kept.names.get(name, name) for name in merged.own | lifted),
        replaced={**replaced, **kept.others},
    )
    notices = []
    if changes:
        first, name = min((old, name) for (_, old), name in changes.items())
        what = (
            f"names of schemas stay as published ({len(changes)}), such as {name!r} for {first!r}"
        )
        notices = [Problem(what, next(iter(before.schemas.values()))[0].origin.file)]
    return result, notices, kept.gone


def _document(
    contributions: Sequence[Contribution],
    operations: Sequence[Node],
    components: dict[str, dict[str, Node]],
) -> Node:
    origin = Origin(Kind.ASSUMED, contributions[0].file, None, "what this pipeline writes")
    servers = _servers(contributions)
    paths: dict[str, dict[str, Node]] = {}
    for one, described in zip(contributions, operations, strict=True):
        if one.servers is not None and not _agrees(one.servers, servers):
            described = with_members(described, {"servers": one.servers})
        described = examples.put(described, one.samples)
        paths.setdefault(one.path.value, {})[one.method] = described
    contract: dict[str, Node] = {
        "openapi": Fact(_OPENAPI, origin),
        "info": _info(contributions),
    }
    if servers is not None:
        contract["servers"] = servers
    tags = _tags(contributions)
    if tags is not None:
        contract["tags"] = tags
    contract["paths"] = Fact(
        {path: Fact(item, next(iter(item.values())).origin) for path, item in paths.items()},
        origin,
    )
    sections = {"schemas": {}, "securitySchemes": {}, **components}
    ordered = [*_SECTIONS, *sorted(sections.keys() - set(_SECTIONS))]
    contract["components"] = Fact(
        {
            section: Fact(dict(sorted(sections[section].items())), origin)
            for section in ordered
            if section in sections
        },
        origin,
    )
    return Fact(contract, origin)


def _with_unique_ids(
    contributions: Sequence[Contribution], pinned: Collection[str]
) -> tuple[list[Contribution], list[Problem]]:
    """Give operations of one id different ones, by a rule that only looks at each of them.

    The id stays with the operation that it is `pinned` to, then with the vendor's own, then with
    the operation whose title says all that its path says, then with the first path. Letter case
    does not count: generated modules are lower case.
    """
    wanted: dict[str, list[Contribution]] = {}
    for one in contributions:
        name = str(one.operation.value["operationId"].value)
        wanted.setdefault(_letters(name), []).append(one)
    taken = set(wanted)
    names: dict[int, str] = {}
    notices: list[Problem] = []
    reserved = {_letters(name) for name in pinned}
    for letters, group in wanted.items():
        first, *others = ranked = sorted(group, key=_claim)
        for one in ranked if letters in reserved and not first.pinned else others:
            own = one.operation.value["operationId"]
            title = one.title.value if one.title is not None else ""
            candidates = (
                f"{own.value}For{naming.resource_list(one.path.value)}",
                naming.path_name(one.method, one.path.value),
                *(f"{own.value}{number}" for number in range(2, len(contributions) + 2)),
            )
            name = next(name for name in candidates if _letters(name) not in taken)
            taken.add(_letters(name))
            names[id(one)] = name
            there = first.operation.value["operationId"].origin.place
            owner = f"that of {first.place} at {there}, too"
            if one is first:
                owner = "pinned to another operation"
            what = (
                f"{one.place}: the operationId {own.value} (title {title!r}) is {owner}; "
                f"this one got {name}"
            )
            notices.append(own.origin.problem(what))
    return [_called(one, names.get(id(one))) for one in contributions], notices


def _letters(name: str) -> str:
    return "".join(naming.words(name)).lower() or name


def _claim(one: Contribution) -> tuple[bool, bool, bool, str, str]:
    title = one.title.value if one.title is not None else ""
    return (
        not one.pinned,
        not one.vendor,
        not naming.covers(title, one.path.value),
        one.path.value,
        one.method,
    )


def _called(one: Contribution, name: str | None) -> Contribution:
    if name is None:
        return one
    own = one.operation.value["operationId"].origin
    note = "from the title and the path: another operation has the title's name"
    called = {"operationId": Fact(name, own.assumed(note))}
    return replace(one, operation=with_members(one.operation, called))


# What pages share


def _servers(contributions: Sequence[Contribution]) -> Node | None:
    """Return the servers of most pages; of the others, each operation says its own.

    A list of alternatives that pages differ in would say that every operation is served by all.
    """
    contributions = _of_the_api(contributions)
    counts: Counter[str] = Counter()
    known: dict[str, Node] = {}
    stated = [one for one in contributions if one.servers is None or not _is_assumed(one.servers)]
    if any(one.servers is not None for one in stated):
        contributions = stated
    for one in contributions:
        if one.servers is not None and one.servers.value:
            url = _url(one.servers.value[0])
            counts[url] += 1
            # A document may list more of them than the one that page text shows.
            if url not in known or len(one.servers.value) > len(known[url].value):
                known[url] = one.servers
    if not counts:
        return None
    url = min(counts, key=lambda url: (-counts[url], url))
    return known[url]


def _of_the_api(contributions: Sequence[Contribution]) -> Sequence[Contribution]:
    """Return the pages of pinned operations, where there are any; else all.

    What the overlay adds to them is served where they are, and the contract is of their API,
    however many pages of another one stand beside.
    """
    decided = [one for one in contributions if one.pinned and not one.published]
    pinned = [one for one in decided if one.servers is not None]
    return pinned or contributions


def _agrees(own: Node, servers: Node | None) -> bool:
    if servers is None or not own.value or _is_assumed(own):
        return True
    urls, all_urls = ([_url(one) for one in node.value] for node in (own, servers))
    return urls == all_urls[: len(urls)]


def _is_assumed(servers: Node) -> bool:
    """Return whether a page shows something in place of a server that it does not know."""
    first = servers.value[0].value.get("url") if servers.value else None
    return first is not None and first.origin.kind is Kind.ASSUMED


def _url(server: Node) -> str:
    return str(server.value["url"].value).rstrip("/")


def _info(contributions: Sequence[Contribution]) -> Node:
    """Return the document's info: that of the vendor's documents, else what the pages suggest."""
    own = _of_the_api(contributions)
    stated = [one.shared["info"] for one in own if "info" in one.shared]
    if stated:
        counts = Counter(str(plain(info)) for info in stated)
        common = min(counts, key=lambda text: (-counts[text], text))
        return next(info for info in stated if str(plain(info)) == common)
    first = contributions[0]
    based = next((one for one in own if one.servers and one.servers.value), first)
    url = _url(based.servers.value[0]) if based.servers and based.servers.value else ""
    labels = (urlsplit(url).hostname or "api").split(".")
    brand = labels[-2] if len(labels) > 1 else labels[0]
    at = based.servers.origin.line if based.servers is not None else None
    title = Fact(f"{brand.capitalize()} API", _assumed(based, "from the host's name", at))
    version = Fact("0", _assumed(first, "no page says when it was last modified", None))
    latest = max(contributions, key=lambda one: one.date or "")
    if latest.date is not None and latest.modified is not None:
        note = "the latest 'Last modified on' of the pages"
        version = Fact(latest.date, _assumed(latest, note, latest.modified.origin.line))
    return Fact(
        {"title": title, "version": version}, _assumed(first, "what this pipeline writes", None)
    )


def _assumed(one: Contribution, note: str, line: int | None) -> Origin:
    return Origin(Kind.ASSUMED, one.file, line, note)


def _tags(contributions: Sequence[Contribution]) -> Node | None:
    """Return the descriptions of tags that the vendor's documents give; the first of a name."""
    tags: dict[str, Node] = {}
    for one in contributions:
        for tag in one.shared["tags"].value if "tags" in one.shared else ():
            if "name" in tag.value:
                tags.setdefault(str(tag.value["name"].value), tag)
    if not tags:
        return None
    return Fact([tags[name] for name in sorted(tags)], next(iter(tags.values())).origin)
