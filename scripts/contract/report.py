"""REPORT.md: what the contract knows and from where, for a person who reviews a change.

Places are cited by name: a line that is put into a page moves all lines below it, and would change
a row for each. Lines are in the picture and in the provenance file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.contract.merging import equal
from scripts.facts import Fact, Kind, Node, Origin, json_type
from scripts.failure import Problem, by_kind, visible
from scripts.reading.page import DocumentPage, Field, Page, Use

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
class Gap:
    """Something that a page leaves open, with the line that shows it where there is one.

    `what` is a sentence with {} for what is concerned: `names` on this page, `general` of many.
    """

    file: str
    line: int | None
    what: str
    names: str = ""
    general: str = ""

    def __str__(self) -> str:
        """Return the sentence about this page."""
        return self.what.replace("{}", self.names)


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
    return f"## Left out\n\n{intro}\n\n" + _bullets(map(_line, problems))


def _first_notices(notices: Sequence[Problem]) -> str:
    if not notices:
        return ""
    if len(notices) <= _LISTED:
        return "## Look here first\n\n" + _bullets(map(_line, notices))
    intro = f"{len(notices)} notices by kind; all of them are at the end."
    lines = [
        f"{_line(own[0])}" + (f" (and {len(own) - 1} like it)" if len(own) > 1 else "")
        for own in by_kind(notices)
    ]
    return f"## Look here first\n\n{intro}\n\n" + _bullets(lines)


def _all_notices(notices: Sequence[Problem]) -> str:
    if len(notices) <= _LISTED:
        return ""
    return "## All notices\n\n" + _bullets(_line(one) for own in by_kind(notices) for one in own)


def _line(problem: Problem) -> str:
    head = f"{_code(problem.place)}: " if problem.place else ""
    tail = f"; {problem.hint}" if problem.hint else ""
    return head + _cell(problem.what + tail)


def _pages_table(pages: Sequence[Summary]) -> str:
    uses = [use for use in Use if any(use in page.uses for page in pages)]
    unused = any(page.unused for page in pages)
    head = ["page", "operation", "last modified", "lines", *(str(use) for use in uses)]
    body = [
        [
            _code(page.file),
            _code(f"{page.method} {page.path}"),
            _cell(page.modified or "not said"),
            str(page.lines),
            *(str(page.uses.get(use, 0)) for use in uses),
            *([page.unused or ""] if unused else []),
        ]
        for page in pages
    ]
    if unused:
        head.append("not used")
    return "## Pages\n\nEvery line is accounted for.\n\n" + _table(head, body)


def _overview(rows: Sequence[_Row]) -> str:
    counts = Counter(row.origin.kind for row in rows)
    body = [[_HEADINGS[kind], str(counts[kind])] for kind in Kind]
    return "## At a glance\n\n" + _table(["known from", "places in the contract"], body)


def _open_questions(pages: Sequence[Summary]) -> str:
    lines = []
    for what, gaps in all_gaps(pages).items():
        if len(gaps) <= _FEW:
            lines += [f"{_code(gap.file)}: {gap}" for gap in gaps]
        else:
            shown = ", ".join(_code(gap.file) for gap in gaps[:_FEW])
            places = "all" if len(gaps) == len(pages) else f"{len(gaps)} pages ({shown} ...)"
            lines.append(f"{places}: {what.replace('{}', gaps[0].general)}")
    return "## What the pages cannot tell\n\n" + (_bullets(lines) or "Nothing.\n")


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
        shown = [f"{_code(row.name)}: {row.content}" for row in own[:_FEW]]
        more = [f"{len(own) - _FEW} more"] if len(own) > _FEW else []
        body.append([_cell(rule), "<br>".join([*shown, *more])])
    meaning = "A rule supplied it. Look here first when something seems wrong."
    listed = _table(["rule", "what it supplied"], body) if body else "Nothing.\n"
    return f"## Assumed\n\n{meaning}\n\n{listed}"


def _other_names(contract: Node) -> str:
    """List the names that equal components share; callers may import any of them."""
    lines = [
        f"{_code(name)}: {', '.join(map(_code, others))}"
        for name, others in equal.other_names(contract).items()
    ]
    meaning = "Pages show equal components by several names. One stands for all; all can be used."
    return f"## Other names\n\n{meaning}\n\n{_bullets(lines)}" if lines else ""


def _actions(rows: Sequence[_Row]) -> str:
    """List the overlay's actions by their reasons, with the parts that they concern."""
    actions: dict[tuple[str, int], list[_Row]] = {}
    for row in rows:
        if row.origin.kind is Kind.OVERLAY:
            actions.setdefault((row.origin.file, row.origin.action or 0), []).append(row)
    lines = []
    for (file, _), own in sorted(actions.items()):
        reached = [*dict.fromkeys(row.part for row in own)]
        shown = ", ".join(map(_code, reached[:_FEW]))
        more = f" and {len(reached) - _FEW} more" if len(reached) > _FEW else ""
        lines.append(f"{_code(file)}: {_cell(own[0].origin.note)}: {shown}{more}")
    meaning = "No page states it; each action gives its reason and its source."
    return f"## Added by the overlay\n\n{meaning}\n\n" + (_bullets(lines) or "Nothing.\n")


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
        names = ", ".join(map(_code, stated))
        text += f"\nStated by pages, all of it: {names}.\n"
    for part, own in parts.items():
        if not several or part not in stated:
            text += f"\n### {_code(part)}\n\n{_detail(own, several=several)}"
    return text


def _detail(rows: Sequence[_Row], *, several: bool) -> str:
    lines: list[str] = []
    for kind in (Kind.ASSUMED, Kind.SAMPLE):
        groups: dict[tuple[str, str], list[_Row]] = {}
        for row in rows:
            if row.origin.kind is kind:
                groups.setdefault((row.content, row.origin.note), []).append(row)
        for (content, note), own in groups.items():
            rule = f" ({_cell(note)})" if kind is Kind.ASSUMED and note else ""
            places = ", ".join(_code(row.place) for row in own if row.place)
            lines.append(f"{kind}{rule}: {f'{places}: ' if places else ''}{content}")
    for kind in (Kind.OVERLAY, Kind.STATED):
        labels = [_code(row.label) for row in rows if row.origin.kind is kind]
        if labels:
            lines.append(f"{kind}: {', '.join(dict.fromkeys(labels))}")
    pages = {row.origin.file for row in rows if row.origin.kind is not Kind.OVERLAY}
    if several and pages:
        few = ", ".join(map(_code, sorted(pages)))
        lines.append(f"from {few if len(pages) <= _FEW else f'{len(pages)} pages'}")
    return _bullets(lines)


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
            shown = tuple((_cell(key), _cell(_shown(node))) for key, node in group)
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


def _gaps(page: Page) -> Iterator[Gap]:
    """Yield what this page leaves open."""
    file, response = page.file, page.response
    if response is None:
        what = "there is no section 'Response'; what is known of it, its sample shows."
        yield Gap(file, None, what)
    elif response.status is None:
        yield Gap(
            file, None,
            "the response prints no status, which the platform does when there are several; the "
            "others (errors), their descriptions and bodies are not on the page.",
        )  # fmt: skip
    what = "operationId and tags, and who else may authorize (alternatives, scopes)."
    yield Gap(file, None, what)
    sample = page.sample
    if sample is None:
        what = "there is no sample, so nothing is known below the listed fields."
        yield Gap(file, None, what)
        return
    nested = list(_nested(sample, ""))
    if nested:
        yield Gap(
            file, None, "descriptions, required and read-only of {}.",
            f"{len(nested)} nested fields ({_first([name for name, _ in nested])})",
            "nested fields",
        )  # fmt: skip
    for name, node in nested:
        if isinstance(node.value, str) and node.value.startswith(("{", "[")):
            yield Gap(
                file, node.origin.line,
                "{} is shown as JSON inside a string; the value itself may be an object.",
                _code(name), "a field",
            )  # fmt: skip
    unknown = [name for name, node in nested if node.value == "<string>"]
    if unknown:
        yield Gap(
            file, None, "format, values and meaning of {} that are shown as `<string>`.",
            f"{len(unknown)} strings ({_first(unknown)})", "strings",
        )  # fmt: skip
    if response is not None and isinstance(sample.value, dict):
        yield from _mismatches(page, {one.name.value for one in response.fields})
        for one in response.fields:
            shown = sample.value.get(one.name.value)
            if shown is not None and not _fits(one, shown):
                yield Gap(
                    file, shown.origin.line,
                    "the sample of {} is not of the type that the list of fields states; the "
                    "stated type was taken.",
                    _code(one.name.value), "a field",
                )  # fmt: skip


def _first(names: Sequence[str]) -> str:
    return ", ".join(map(_code, names[:_FEW])) + (" ..." if len(names) > _FEW else "")


_WIDER = {"integer": "number", "string": "file"}
"""What a value of a type may be, too."""


def _fits(one: Field, sample: Node) -> bool:
    """Return whether a sample value is of one of the types that a field states."""
    stated = {
        "array" if kind.depth else kind.of if kind.base == "enum" else kind.base
        for kind in one.types.value
    }
    # Samples print null, and these two texts, where nothing is known of the value.
    unknown = sample.value in (None, "<any>", "<unknown>")
    kind = json_type(sample.value)
    return unknown or bool(stated & {"any", kind, _WIDER.get(kind, kind)})


def _mismatches(page: Page, listed: set[str]) -> Iterator[Gap]:
    assert page.sample is not None, "the caller has a sample"
    shown = page.sample.value
    missing = sorted(listed - shown.keys())
    if missing:
        yield Gap(
            page.file, None,
            "the sample lacks {}, which the list of fields has; enums without an example are left "
            "out, so nested ones are invisible.",
            ", ".join(map(_code, missing)), "fields",
        )  # fmt: skip
    for name in sorted(shown.keys() - listed if listed else ()):
        yield Gap(
            page.file, shown[name].origin.line,
            "the sample has {}, which the list of fields lacks; the sample may belong to another "
            "status.",
            _code(name), "a field",
        )  # fmt: skip


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
    """Return a page's text as text in Markdown, within one line and one cell of a table."""
    text = visible(" ".join(text.split()))
    return text.replace("|", "\\|").replace("<", "&lt;").replace("](", "]\\(")


def _code(text: str) -> str:
    """Return a name in a span of code, which nothing in it ends."""
    return "`" + _cell(text).replace("`", "'") + "`"


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _table(head: Iterable[str], body: Iterable[Sequence[str]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(row)} |" for row in body]
    return "\n".join(lines) + "\n"
