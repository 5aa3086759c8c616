"""Which page speaks for an operation that several pages describe.

An `.md` page beats page text, newer page text beats older; what the others say differently is
reported. Where nothing decides between two pages that differ, both are named in an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scripts.contract.merging.conflicts import between
from scripts.contract.operations.contribution import Contribution, template
from scripts.facts import Fact, Node, plain, with_members
from scripts.failure import Problem


@dataclass(frozen=True, slots=True)
class Resolution:
    """The contributions that are used, one for each operation, and the notices about the others.

    `undecided` are the errors of operations for which no contribution could be chosen. `unused`
    has, by file, the pages that are not used.
    """

    contributions: tuple[Contribution, ...]
    notices: tuple[Problem, ...]
    undecided: tuple[Problem, ...]
    unused: dict[str, str]


def resolve(contributions: Iterable[Contribution]) -> Resolution:
    """Return one contribution for each operation, in the order of paths and methods."""
    groups: dict[tuple[str, str], list[Contribution]] = {}
    for one in contributions:
        groups.setdefault((template(one.path.value), one.method), []).append(one)
    used: list[Contribution] = []
    notices: list[Problem] = []
    undecided: list[Problem] = []
    unused: dict[str, str] = {}
    for group in groups.values():
        best, *others = sorted(group, key=_rank)
        rivals = [one for one in others if _rank(one)[:2] == _rank(best)[:2]]
        rival = next((one for one in rivals if not _equal(best, one)), None)
        if rival is not None:
            undecided.append(_undecided(best, rival))
            unused |= {one.file: "left out" for one in group}
            continue
        used.append(best)
        for one in others:
            notices += _about(best, one)
            unused[one.file] = f"{best.file} was used instead"
    used.sort(key=lambda one: (one.path.value, one.method))
    return Resolution(tuple(used), tuple(notices), tuple(undecided), unused)


def _rank(one: Contribution) -> tuple[bool, int, str]:
    newest_first = -int(one.date.replace("-", "")) if one.date is not None else 0
    return (not one.vendor, newest_first, one.file)


def _equal(one: Contribution, other: Contribution) -> bool:
    """Return whether two pages say the same; where a fact stands on the page does not matter."""
    return _content(one) == _content(other)


def _content(one: Contribution) -> object:
    components = {
        section: {name: plain(node) for name, node in members.items()}
        for section, members in one.components.items()
        if members
    }
    servers = None if one.servers is None else plain(one.servers)
    return one.path.value, plain(one.operation), components, servers


def _undecided(best: Contribution, rival: Contribution) -> Problem:
    why = (
        "both carry the operation as a document"
        if best.vendor
        else f"both were last modified on {best.date}"
        if best.date is not None
        else "neither says when it was last modified"
    )
    return rival.operation.origin.problem(
        f"{rival.place} is described by {best.file} already, and differently; {why}",
        f"remove one of the two pages, {best.file} or {rival.file}",
    )


def _about(best: Contribution, other: Contribution) -> list[Problem]:
    origin = other.operation.origin
    if _equal(best, other):
        what = f"{other.place}: says the same as {best.file}, which was used"
        return [origin.problem(what)]
    why = (
        "an .md page, which holds the operation as a document"
        if best.vendor and not other.vendor
        else f"newer: last modified on {best.date}, this one on {other.date or 'no date given'}"
    )
    used = best.operation.origin.place
    head = origin.problem(f"{other.place}: {used} was used instead; it is {why}")
    return [head, *between(best, other)]


# One template, several spellings


def of_one_template(
    contributions: Iterable[Contribution],
) -> tuple[list[Contribution], list[Problem]]:
    """Return the contributions with one spelling for paths that differ only in parameter names.

    OpenAPI takes `/a/{x}` and `/a/{y}` for one path, so they must not both stand in a document.
    The spelling of most operations stands, of equally many the first in the alphabet.
    """
    spellings: dict[str, dict[str, list[Contribution]]] = {}
    result = list(contributions)
    for one in result:
        spellings.setdefault(template(one.path.value), {}).setdefault(one.path.value, []).append(
            one
        )
    notices: list[Problem] = []
    for index, one in enumerate(result):
        known = spellings[template(one.path.value)]
        if len(known) == 1:
            continue
        path = min(known, key=lambda spelling: (-len(known[spelling]), spelling))
        if path != one.path.value:
            model = known[path][0]
            note = f"as in {model.file}, which has the same path with other parameter names"
            result[index] = respelt(one, path, note)
            notices.append(_respelling(one, known[path][0]))
    return result, notices


def _respelling(one: Contribution, model: Contribution) -> Problem:
    return one.path.origin.problem(
        f"{one.place}: {model.path.origin.place} spells the path {model.path.value}; "
        "parameters of one place have one name, so it was taken here, too",
    )


def respelt(one: Contribution, path: str, note: str) -> Contribution:
    """Return a contribution with its path, and the parameters in it, spelt as in another path."""
    names = dict(zip(_parameters(one.path.value), _parameters(path), strict=True))
    value = dict(one.operation.value)
    if "parameters" in value:
        listed = [_respelt_parameter(p, names, note, one) for p in value["parameters"].value]
        value["parameters"] = Fact(listed, value["parameters"].origin)
    spelt = Fact(path, one.path.origin.assumed(note))
    return replace(one, path=spelt, operation=Fact(value, one.operation.origin))


def _parameters(path: str) -> list[str]:
    return [segment.partition("}")[0] for segment in path.split("{")[1:]]


def _respelt_parameter(
    node: Node, names: dict[str, str], note: str, contribution: Contribution
) -> Node:
    if "$ref" in node.value:
        # A shared parameter cannot be renamed for one operation: it is written out.
        shared = contribution.target(node.value["$ref"].value)
        if shared is None or shared.value.get("name", shared).value not in names:
            return node
        node = shared
    value = node.value
    if "in" not in value or value["in"].value != "path" or value["name"].value not in names:
        return node
    name = value["name"]
    return with_members(node, {"name": Fact(names[name.value], name.origin.assumed(note))})
