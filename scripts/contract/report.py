"""REPORT.md: what the contract knows and from where, for a person who reviews a change.

Places are cited by name: a line that is put into a page moves all lines below it, and would change
a row for each. Lines are in the picture and in the provenance file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.contract.gaps import Gap, gaps
from scripts.contract.markdown import bullets, cell, code, table
from scripts.contract.merging import equal
from scripts.facts import Fact, Kind, Node, Origin
from scripts.failure import Problem, by_kind
from scripts.reading.page import DocumentPage, Page, Use

_HEADINGS = {
    Kind.STATED: "Stated by a page",
    Kind.SAMPLE: "Shown only by a sample",
    Kind.ASSUMED: "Assumed",
    Kind.OVERLAY: "Added by the overlay",
}
_FEW = 3
"""More pages, places or operations than these are counted where only an impression is needed."""
_LISTED = 20
"""More notices than these are grouped by kind first, and listed at the end."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Scalars of one place in the contract that have the same origin, as key and text.

    `part` is the operation or component that the place is in, `place` where in it, empty for the
    part itself.
    """

    part: str
    place: str
    members: tuple[tuple[str, str], ...]
    origin: Origin

    @property
    def name(self) -> str:
        """The place, with the part that it is in."""
        return f"{self.part} > {self.place}" if self.place else self.part

    @property
    def content(self) -> str:
        """Keys and values."""
        return ", ".join(f"{key}: {value}" for key, value in self.members)

    @property
    def label(self) -> str:
        """The place's name; of the part itself, the keys."""
        return self.place or ", ".join(key for key, _ in self.members)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the report shows of one page, small enough to keep for a thousand of them.

    `uses` counts the page's lines by what they were accounted for as, `gaps` is what the page
    leaves open, `unused` says why a page is not used.
    """

    file: str
    method: str
    path: str
    modified: str | None
    lines: int
    uses: dict[Use, int]
    gaps: tuple[Gap, ...]
    unused: str | None = None


def summary(page: Page | DocumentPage) -> Summary:
    """Return the summary of a page."""
    modified = page.last_modified if isinstance(page, Page) else None
    return Summary(
        page.file,
        page.method.value,
        page.path.value,
        None if modified is None else modified.value,
        len(page.uses),
        dict(Counter(page.uses)),
        tuple(gaps(page)) if isinstance(page, Page) else (),
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
    rows = list(_rows(equal.without_other_names(contract)))
    parts = [
        "# Where the contract is known from\n\n"
        "Produced by `make generate` together with `openapi.yaml`; do not edit. `make report` "
        "draws the same with the lines of pages and contract side by side.\n",
        _left_out(problems),
        _first_notices(notices),
        _pages_table(pages),
        _overview(rows),
        _open_questions(pages),
        _assumptions(rows),
        _other_names(contract),
        _actions(rows),
        _details(rows, several=len(pages) > 1),
        _all_notices(notices),
    ]
    return "\n".join(filter(None, parts))


def _left_out(problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    intro = "These problems were passed over, to build what can be built."
    return f"## Left out\n\n{intro}\n\n" + bullets(map(_line, problems))


def _first_notices(notices: Sequence[Problem]) -> str:
    if not notices:
        return ""
    if len(notices) <= _LISTED:
        return "## Look here first\n\n" + bullets(map(_line, notices))
    intro = f"{len(notices)} notices by kind; all of them are at the end."
    lines = [
        f"{_line(own[0])}" + (f" (and {len(own) - 1} like it)" if len(own) > 1 else "")
        for own in by_kind(notices)
    ]
    return f"## Look here first\n\n{intro}\n\n" + bullets(lines)


def _all_notices(notices: Sequence[Problem]) -> str:
    if len(notices) <= _LISTED:
        return ""
    return "## All notices\n\n" + bullets(_line(one) for own in by_kind(notices) for one in own)


def _line(problem: Problem) -> str:
    head = f"{code(problem.place)}: " if problem.place else ""
    tail = f"; {problem.hint}" if problem.hint else ""
    return head + cell(problem.what + tail)


def _pages_table(pages: Sequence[Summary]) -> str:
    uses = [use for use in Use if any(use in page.uses for page in pages)]
    unused = any(page.unused for page in pages)
    head = ["page", "operation", "last modified", "lines", *(str(use) for use in uses)]
    body = [
        [
            code(page.file),
            code(f"{page.method} {page.path}"),
            cell(page.modified or "not said"),
            str(page.lines),
            *(str(page.uses.get(use, 0)) for use in uses),
            *([page.unused or ""] if unused else []),
        ]
        for page in pages
    ]
    if unused:
        head.append("not used")
    return "## Pages\n\nEvery line is accounted for.\n\n" + table(head, body)


def _overview(rows: Sequence[_Row]) -> str:
    counts = Counter(row.origin.kind for row in rows)
    body = [[_HEADINGS[kind], str(counts[kind])] for kind in Kind]
    return "## At a glance\n\n" + table(["known from", "places in the contract"], body)


def _open_questions(pages: Sequence[Summary]) -> str:
    lines = []
    for what, found in all_gaps(pages).items():
        if len(found) <= _FEW:
            lines += [f"{code(gap.file)}: {gap}" for gap in found]
        else:
            shown = ", ".join(code(gap.file) for gap in found[:_FEW])
            places = "all" if len(found) == len(pages) else f"{len(found)} pages ({shown} ...)"
            lines.append(f"{places}: {what.replace('{}', found[0].general)}")
    return "## What the pages cannot tell\n\n" + (bullets(lines) or "Nothing.\n")


def all_gaps(pages: Sequence[Summary]) -> dict[str, list[Gap]]:
    """Return the gaps of all pages by what they leave open."""
    found: dict[str, list[Gap]] = {}
    for page in pages:
        for gap in page.gaps:
            found.setdefault(gap.what, []).append(gap)
    return found


def _assumptions(rows: Sequence[_Row]) -> str:
    """List the rules that supplied something, with what they did."""
    rules: dict[str, list[_Row]] = {}
    for row in rows:
        if row.origin.kind is Kind.ASSUMED:
            rules.setdefault(row.origin.note, []).append(row)
    body = []
    for rule, own in rules.items():
        shown = [f"{code(row.name)}: {row.content}" for row in own[:_FEW]]
        more = [f"{len(own) - _FEW} more"] if len(own) > _FEW else []
        body.append([cell(rule), "<br>".join([*shown, *more])])
    meaning = "A rule supplied it. Look here first when something seems wrong."
    listed = table(["rule", "what it supplied"], body) if body else "Nothing.\n"
    return f"## Assumed\n\n{meaning}\n\n{listed}"


def _other_names(contract: Node) -> str:
    """List the names that equal components share; callers may import any of them."""
    lines = [
        f"{code(name)}: {', '.join(map(code, others))}"
        for name, others in equal.other_names(contract).items()
    ]
    meaning = "Pages show equal components by several names. One stands for all; all can be used."
    return f"## Other names\n\n{meaning}\n\n{bullets(lines)}" if lines else ""


def _actions(rows: Sequence[_Row]) -> str:
    """List the overlay's actions by their reasons, with the parts that they concern."""
    actions: dict[tuple[str, int], list[_Row]] = {}
    for row in rows:
        if row.origin.kind is Kind.OVERLAY:
            actions.setdefault((row.origin.file, row.origin.action or 0), []).append(row)
    lines = []
    for (file, _), own in sorted(actions.items()):
        reached = [*dict.fromkeys(row.part for row in own)]
        shown = ", ".join(map(code, reached[:_FEW]))
        more = f" and {len(reached) - _FEW} more" if len(reached) > _FEW else ""
        lines.append(f"{code(file)}: {cell(own[0].origin.note)}: {shown}{more}")
    meaning = "No page states it; each action gives its reason and its source."
    return f"## Added by the overlay\n\n{meaning}\n\n" + (bullets(lines) or "Nothing.\n")


def _details(rows: Sequence[_Row], *, several: bool) -> str:
    """List, part by part, what is known otherwise than by the words of a page."""
    parts: dict[str, list[_Row]] = {}
    for row in rows:
        parts.setdefault(row.part, []).append(row)
    stated = [p for p, own in parts.items() if all(r.origin.kind is Kind.STATED for r in own)]
    text = (
        "## By operation and component\n\nOf what a page states, or the overlay adds, only the "
        "places are listed: the contract has the rest.\n"
    )
    if stated and several:
        names = ", ".join(map(code, stated))
        text += f"\nStated by pages, all of it: {names}.\n"
    for part, own in parts.items():
        if not several or part not in stated:
            text += f"\n### {code(part)}\n\n{_detail(own, several=several)}"
    return text


def _detail(rows: Sequence[_Row], *, several: bool) -> str:
    lines: list[str] = []
    for kind in (Kind.ASSUMED, Kind.SAMPLE):
        groups: dict[tuple[str, str], list[_Row]] = {}
        for row in rows:
            if row.origin.kind is kind:
                groups.setdefault((row.content, row.origin.note), []).append(row)
        for (content, note), own in groups.items():
            rule = f" ({cell(note)})" if kind is Kind.ASSUMED and note else ""
            places = ", ".join(code(row.place) for row in own if row.place)
            lines.append(f"{kind}{rule}: {f'{places}: ' if places else ''}{content}")
    for kind in (Kind.OVERLAY, Kind.STATED):
        labels = [code(row.label) for row in rows if row.origin.kind is kind]
        if labels:
            lines.append(f"{kind}: {', '.join(dict.fromkeys(labels))}")
    pages = {row.origin.file for row in rows if row.origin.kind is not Kind.OVERLAY}
    if several and pages:
        few = ", ".join(map(code, sorted(pages)))
        lines.append(f"from {few if len(pages) <= _FEW else f'{len(pages)} pages'}")
    return bullets(lines)


def _rows(contract: Node) -> Iterator[_Row]:
    """Yield the contract's scalars, those of one place and origin together."""
    for steps, members in _scalars(contract, ()):
        part, place = _place(steps)
        grouped: dict[tuple[Any, ...], list[tuple[str, Node]]] = {}
        for key, node in members:
            origin = node.origin
            same = (origin.kind, origin.file, origin.note, origin.action)
            grouped.setdefault(same, []).append((key, node))
        for group in grouped.values():
            shown = tuple((cell(key), cell(_shown(node))) for key, node in group)
            yield _Row(part, place, shown, group[0][1].origin)


def _place(steps: tuple[str, ...]) -> tuple[str, str]:
    """Return the operation or component that a place is in, and where in it."""
    match steps:
        case ("paths", path, method, *rest):
            part = f"{method.upper()} {path}"
        case ("components", kind, name, *rest):
            part = f"components.{kind}.{name}"
        case (part, *rest):
            pass
        case _:
            return "(document)", ""
    text = ""
    for at, step in enumerate(rest):
        if step == "properties" and at + 1 < len(rest):
            continue  # the name says it
        if step == "items" and text:
            text += "[]"
        elif step.startswith("["):
            text += step
        else:
            between = "." if at and rest[at - 1] == "properties" else " > "
            text += f"{between if text else ''}{step}"
    return part, text


def _scalars(
    node: Node, steps: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[tuple[str, Node]]]]:
    value = node.value
    if isinstance(value, dict):
        own = [(key, member) for key, member in value.items() if _is_short(member)]
        if own:
            yield steps, own
        for key, member in value.items():
            if key == "example" and "schema" in value:
                yield steps, [(key, Fact("the sample of the page", member.origin))]
            elif not _is_short(member):
                if member.origin.kind is Kind.ASSUMED and member.origin != node.origin:
                    yield steps, [(key, Fact("the key itself", member.origin))]
                yield from _scalars(member, (*steps, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            inner = member.value
            name = inner.get("name") if isinstance(inner, dict) else None
            label = name.value if name is not None else index
            if isinstance(inner, dict):
                yield from _scalars(member, (*steps, f"[{label}]"))
            else:
                yield steps, [(str(index), member)]


def _is_short(node: Node) -> bool:
    """Return whether a value is shown in its parent's row: a scalar, or a list of one origin."""
    value = node.value
    if isinstance(value, list):
        return all(not isinstance(member.value, dict | list) for member in value)
    return not isinstance(value, dict) or not value


def _shown(node: Node) -> str:
    value: Any = node.value
    if isinstance(value, list):
        return ", ".join(_shown(member) for member in value)
    return value if isinstance(value, str) else json.dumps(value)
