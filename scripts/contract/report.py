"""REPORT.md: what the contract knows and from where, for a person who reviews a change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.facts import Fact, Kind, Node, Origin
from scripts.failure import Problem
from scripts.reading.page import DocumentPage, Field, Page, Use

__all__ = ["Summary", "all_gaps", "render", "summary"]

_HEADINGS = {
    Kind.STATED: ("Stated by a page", "The page says so in words."),
    Kind.SAMPLE: (
        "Shown only by a sample",
        "True of one example. Whether it is always there, may be null, or has other values, "
        "the page does not say.",
    ),
    Kind.ASSUMED: ("Assumed", "A rule supplied it. Look here first when something seems wrong."),
    Kind.OVERLAY: (
        "Added by the overlay",
        "No page shows it; each action gives its source. Actions count from 0.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Row:
    """Scalars of one place in the contract that have the same origin."""

    place: str
    content: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Summary:
    """What the report tells of one page, small enough to keep for a thousand of them.

    `uses` counts the page's lines by what they were accounted for as, `gaps` is what the page
    leaves open, `unused` says why a page is not used.
    """

    file: str
    method: str
    path: str
    modified: str | None
    lines: int
    uses: dict[Use, int]
    gaps: tuple[str, ...]
    unused: str | None = None


def summary(page: Page | DocumentPage) -> Summary:
    """Return what the report tells of a page."""
    modified = page.last_modified if isinstance(page, Page) else None
    return Summary(
        page.file,
        page.method.value,
        page.path.value,
        None if modified is None else modified.value,
        len(page.uses),
        dict(Counter(page.uses)),
        tuple(_gaps(page)) if isinstance(page, Page) else (),
    )


def render(
    pages: Sequence[Summary],
    contract: Node,
    notices: Sequence[Problem] = (),
    problems: Sequence[Problem] = (),
) -> str:
    """Return REPORT.md for the pages, the contract that was made of them, and what went with it.

    `notices` are for a person to look at, `problems` are what was left out to keep going.
    """
    rows = list(_rows(contract))
    counts = Counter(row.origin.kind for row in rows)
    several = len(pages) > 1
    parts = [
        "# Where the contract is known from\n\n"
        "Produced by `make generate` together with `openapi.yaml`; do not edit.\n",
        _pages_table(pages),
        "## At a glance\n\n"
        + _table(
            ["known from", "places in the contract"],
            [[_HEADINGS[kind][0], str(counts[kind])] for kind in Kind],
        ),
        "## What the pages cannot tell\n\n" + "".join(f"- {gap}\n" for gap in all_gaps(pages)),
    ]
    if several:
        parts.insert(3, _operations_table(rows))
    if notices:
        parts.insert(1, "## Look here first\n\n" + "".join(f"- {_line(n)}\n" for n in notices))
    if problems:
        parts.insert(
            1,
            "## Left out\n\nThese problems were passed over, to build what can be built.\n\n"
            + "".join(f"- {_line(problem)}\n" for problem in problems),
        )
    for kind in (Kind.ASSUMED, Kind.OVERLAY, Kind.SAMPLE, Kind.STATED):
        title, meaning = _HEADINGS[kind]
        chosen = [row for row in rows if row.origin.kind is kind]
        # Of many pages a reader looks for one operation or component, save for what is assumed.
        apart = several and kind in (Kind.SAMPLE, Kind.STATED)
        facts = _facts_apart(kind, chosen) if apart else _facts(kind, chosen)
        parts.append(f"## {title}\n\n{meaning}\n\n" + (facts or "Nothing.\n"))
    return "\n".join(parts)


def _line(problem: Problem) -> str:
    place = problem.file or ""
    if problem.line is not None:
        place += f":{problem.line}"
    head = f"`{place}`: " if place else ""
    tail = f"; {problem.hint}" if problem.hint else ""
    return head + _cell(problem.what + tail)


def _pages_table(pages: Sequence[Summary]) -> str:
    uses = [use for use in Use if any(use in page.uses for page in pages)]
    unused = any(page.unused for page in pages)
    head = ["page", "operation", "last modified", "lines", *(str(use) for use in uses)]
    body = [
        [
            f"`{page.file}`",
            f"`{page.method} {page.path}`",
            page.modified or "not said",
            str(page.lines),
            *(str(page.uses.get(use, 0)) for use in uses),
            *([page.unused or ""] if unused else []),
        ]
        for page in pages
    ]
    if unused:
        head.append("not used")
    return "## Pages\n\nEvery line is accounted for.\n\n" + _table(head, body)


def _operations_table(rows: Sequence[_Row]) -> str:
    """Count the rows of each operation by how they are known; components count for themselves."""
    counts: dict[str, Counter[Kind]] = {}
    for row in rows:
        counts.setdefault(_part(row), Counter())[row.origin.kind] += 1
    head = ["operation or component", *(_HEADINGS[kind][0].lower() for kind in Kind)]
    body = [[f"`{part}`", *(str(own[kind]) for kind in Kind)] for part, own in counts.items()]
    return "## By operation and component\n\n" + _table(head, body)


def _part(row: _Row) -> str:
    """Return the operation or the component that a row belongs to."""
    steps = row.place.split(" > ")
    if steps[0] == "paths" and len(steps) > 2:
        return f"{steps[2].partition('[')[0].upper()} {steps[1]}"
    return steps[0].partition("[")[0]


def _facts_apart(kind: Kind, rows: Sequence[_Row]) -> str:
    parts: dict[str, list[_Row]] = {}
    for row in rows:
        parts.setdefault(_part(row), []).append(row)
    return "\n".join(f"### `{part}`\n\n{_facts(kind, own)}" for part, own in parts.items())


def all_gaps(pages: Sequence[Summary]) -> Iterator[str]:
    """Yield the gaps of all pages; what several pages leave open in the same words, once."""
    found: dict[str, list[str]] = {}
    for page in pages:
        for gap in page.gaps:
            where, _, what = gap.partition(": ")
            found.setdefault(what, []).append(where)
    for what, places in found.items():
        everywhere = len(places) == len(pages) > 3
        yield f"{f'all {len(places)} pages' if everywhere else ', '.join(places)}: {what}"


def _facts(kind: Kind, rows: list[_Row]) -> str:
    if not rows:
        return ""
    if kind is Kind.OVERLAY:
        return _actions(rows)
    head = ["place", "fact", "source"] + (["rule"] if kind is Kind.ASSUMED else [])
    return _table(
        head,
        [
            [f"`{row.place}`", row.content, _source(row.origin)]
            + ([_cell(row.origin.note)] if kind is Kind.ASSUMED else [])
            for row in rows
        ],
    )


def _actions(rows: list[_Row]) -> str:
    """List the overlay's rows under the action that added them, with its reason."""
    actions: dict[tuple[str, int], list[_Row]] = {}
    for row in rows:
        actions.setdefault((row.origin.file, row.origin.action or 0), []).append(row)
    parts = []
    for (file, index), own in sorted(actions.items()):
        line = own[0].origin.line
        parts.append(
            f"### Action {index} (`{file}:{line}`)\n\n{own[0].origin.note}\n\n"
            + _table(["place", "fact"], [[f"`{row.place}`", row.content] for row in own])
        )
    return "\n".join(parts)


def _source(origin: Origin) -> str:
    return origin.file if origin.line is None else f"{origin.file}:{origin.line}"


def _rows(contract: Node) -> Iterator[_Row]:
    """Yield the contract's scalars, those of one place and origin together."""
    for place, members in _scalars(contract, ""):
        grouped: dict[tuple[str, int | None, str, int | None], list[tuple[str, Node]]] = {}
        for key, node in members:
            origin = node.origin
            line = None if origin.kind is Kind.OVERLAY else origin.line
            grouped.setdefault((origin.kind, line, origin.note, origin.action), []).append(
                (key, node)
            )
        for group in grouped.values():
            content = ", ".join(f"{key}: {_cell(_shown(node))}" for key, node in group)
            yield _Row(place, content, group[0][1].origin)


def _scalars(node: Node, place: str) -> Iterator[tuple[str, list[tuple[str, Node]]]]:
    value = node.value
    if isinstance(value, dict):
        own = [(key, member) for key, member in value.items() if _is_short(member)]
        if own:
            yield place or "(document)", own
        for key, member in value.items():
            if not _is_short(member):
                if member.origin.kind is Kind.ASSUMED and member.origin != node.origin:
                    yield place, [(key, Fact("the key itself", member.origin))]
                yield from _scalars(member, _step(place, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            inner = member.value
            name = inner.get("name") if isinstance(inner, dict) else None
            label = name.value if name is not None else index
            if isinstance(inner, dict):
                yield from _scalars(member, f"{place}[{label}]")
            else:
                yield place, [(str(index), member)]


def _step(place: str, key: str) -> str:
    if place in ("components", "components.schemas") or key == "components":
        return f"{place}.{key}".lstrip(".")
    return f"{place} > {key}" if place else key


def _is_short(node: Node) -> bool:
    """Tell whether a value is shown in its parent's row: a scalar, or a list of one origin."""
    value = node.value
    if isinstance(value, list):
        return all(not isinstance(member.value, dict | list) for member in value)
    return not isinstance(value, dict) or not value


def _shown(node: Node) -> str:
    value: Any = node.value
    if isinstance(value, list):
        return ", ".join(_shown(member) for member in value)
    return value if isinstance(value, str) else json.dumps(value)


def _gaps(page: Page) -> Iterator[str]:
    """Yield what this page leaves open, with the line that shows the gap where there is one."""
    where = f"`{page.file}`"
    response = page.response
    if response is None:
        yield f"{where}: there is no section 'Response'; what is known of it, its sample shows."
    elif response.status is None:
        yield (
            f"{where}: the response prints no status, which the platform does when there are "
            "several; the others (errors), their descriptions and bodies are not on the page."
        )
    yield f"{where}: operationId and tags, and who else may authorize (alternatives, scopes)."
    sample = page.sample
    if sample is None:
        yield f"{where}: there is no sample, so nothing is known below the listed fields."
        return
    nested = list(_nested(sample, ""))
    if nested:
        yield (
            f"{where}: descriptions, required and read-only of {len(nested)} nested fields "
            f"({', '.join(f'`{name}`' for name, _ in nested[:3])} ...)."
        )
    for name, node in nested:
        if isinstance(node.value, str) and node.value.startswith(("{", "[")):
            yield (
                f"{where}:{node.origin.line}: `{name}` is shown as JSON inside a string; "
                "the value itself may be an object."
            )
    unknown = [name for name, node in nested if node.value == "<string>"]
    if unknown:
        yield (
            f"{where}: format, values and meaning of {len(unknown)} strings that are shown as "
            f"`<string>` ({', '.join(f'`{name}`' for name in unknown[:3])} ...)."
        )
    if response is not None and isinstance(sample.value, dict):
        yield from _disagreements(page, where, {one.name.value for one in response.fields})
        for one in response.fields:
            shown = sample.value.get(one.name.value)
            if shown is not None and not _fits(one, shown):
                yield (
                    f"{where}:{shown.origin.line}: the sample of `{one.name.value}` is not of the "
                    f"type that line {one.types.origin.line} states; the stated type was taken."
                )


_JSON_TYPES = {
    dict: {"object"},
    list: {"array"},
    str: {"string", "file"},
    bool: {"boolean"},
    int: {"integer", "number"},
    float: {"number"},
    type(None): {"null"},
}


def _fits(one: Field, sample: Node) -> bool:
    """Tell whether a sample value is of one of the types that a field states."""
    stated = {
        "array" if kind.depth else kind.of if kind.base == "enum" else kind.base
        for kind in one.types.value
    }
    # Samples print null, and these two texts, where nothing is known of the value.
    unknown = sample.value in (None, "<any>", "<unknown>")
    return unknown or "any" in stated or bool(stated & _JSON_TYPES[type(sample.value)])


def _disagreements(page: Page, where: str, listed: set[str]) -> Iterator[str]:
    assert page.sample is not None, "the caller has a sample"
    shown = page.sample.value
    missing = sorted(listed - shown.keys())
    if missing:
        yield (
            f"{where}: the sample lacks {', '.join(f'`{name}`' for name in missing)}, which the "
            "list of fields has; enums without an example are left out, so nested ones are "
            "invisible."
        )
    for name in sorted(shown.keys() - listed if listed else ()):
        yield (
            f"{where}:{shown[name].origin.line}: the sample has `{name}`, which the list of fields "
            "lacks; the sample may belong to another status."
        )


def _nested(node: Node, place: str, depth: int = 0) -> Iterator[tuple[str, Node]]:
    value = node.value
    if isinstance(value, dict):
        for key, member in value.items():
            name = f"{place}.{key}" if place else key
            if depth and not isinstance(member.value, dict | list):
                yield name, member
            yield from _nested(member, name, depth + 1)
    elif isinstance(value, list):
        for member in value[:1]:
            yield from _nested(member, f"{place}[]", depth + 1)


def _cell(text: str) -> str:
    """Return text that stays inside one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _table(head: Iterable[str], body: Iterable[Sequence[str]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(row)} |" for row in body]
    return "\n".join(lines) + "\n"
