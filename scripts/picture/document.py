"""The picture of the contract: one HTML file with the pages, the contract, and links both ways.

The file loads nothing, and a policy in it forbids what a page could smuggle in: only the style and
the script that are written here, by their hashes, may run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from scripts.contract.gaps import Gap
from scripts.contract.overlay import Action, Overlay
from scripts.facts import Kind, Node, Origin
from scripts.failure import Problem
from scripts.picture import contract_lines
from scripts.picture.contract_lines import Line, label
from scripts.reading.page import DocumentPage, Page, Use

_TEMPLATES = Path(__file__).with_name("templates")
_OPEN = 40
"""More blocks than these begin closed: the first stays open."""

_MEANINGS = {
    "stated": "a page says so in words",
    "sample": "only an example on a page shows it",
    "assumed": "a rule supplied it: look here first when something seems wrong",
    "overlay": "no page shows it; an action of the overlay added it, and says why",
    "heading": "the heading of a section of a page",
    "furniture": "belongs to the page, not to the contract",
}
_ICONS = {
    "stated": "●", "sample": "◇", "assumed": "▲", "overlay": "✚",
    "heading": "§", "furniture": "~", "blank": "",
}  # fmt: skip
_USES = {
    Use.BLANK: "blank",
    Use.FURNITURE: "furniture",
    Use.HEADING: "heading",
    Use.STATED: "stated",
    Use.REQUEST_SAMPLE: "sample",
    Use.RESPONSE_SAMPLE: "sample",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change since the last release: how much it asks of callers, what, and where it is."""

    level: str
    """How much it asks of callers, or just what happened: added, removed, changed."""
    what: str
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed since a release, and the bump that follows, where known."""

    since: str
    bump: str | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    """A place to link to."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class _Source(_Target):
    """Where a line of the contract comes from; `place` in full."""

    place: str


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many lines there are of each kind, in words and as parts of a bar of width 100."""

    counts: Counter[str]

    def __str__(self) -> str:
        return ", ".join(f"{self.counts[kind]} {kind}" for kind in _MEANINGS if self.counts[kind])

    @property
    def parts(self) -> list[dict[str, Any]]:
        total = sum(self.counts[kind] for kind in _MEANINGS) or 1
        parts, start = [], 0.0
        for kind in _MEANINGS:
            width = 100 * self.counts[kind] / total
            if width:
                parts.append({"kind": kind, "start": f"{start:.2f}", "width": f"{width:.2f}"})
            start += width
        return parts


def draw(
    pages: Sequence[tuple[Page | DocumentPage, str]],
    contract: Node,
    *,
    overlays: Sequence[Overlay] = (),
    gaps: Sequence[Gap] = (),
    notices: Sequence[Problem] = (),
    difference: Difference | None = None,
) -> str:
    """Return the picture, an HTML document; `pages` are read pages, each with the text of its file.

    `gaps` is what the pages hide.

    Equal arguments give equal text.
    """
    lines = contract_lines.annotate(contract)
    picture = _Picture(
        {page.file: index for index, (page, _) in enumerate(pages)},
        {overlay.file: index for index, overlay in enumerate(overlays)},
        lines,
    )
    styles, script = ((_TEMPLATES / name).read_text("utf-8") for name in _INLINE)
    views = [
        picture.page(page, text, is_open=not index or len(pages) <= 3)
        for index, (page, text) in enumerate(pages)
    ]
    sections = picture.sections()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        finalize=_finalized,
    )
    totals: Counter[str] = Counter()
    for view in (*views, *sections):
        totals += view["counts"].counts
    return environment.get_template("picture.html.jinja").render(
        title=contract.value["info"].value["title"].value,
        policy=_policy(styles, script),
        css=Markup(styles),
        js=Markup(script),
        icons=_ICONS,
        meanings=_MEANINGS,
        totals=totals,
        pages=views,
        sections=sections,
        notices=notices,
        gaps=[picture.gap(gap) for gap in gaps],
        assumptions=picture.assumptions(),
        actions=[
            picture.action(one, overlay.file) for overlay in overlays for one in overlay.actions
        ],
        difference=None if difference is None else picture.difference(difference),
    )


_INLINE = ("picture.css", "picture.js")


def _policy(styles: str, script: str) -> str:
    """Return a Content-Security-Policy that lets the two inline texts in, and nothing else."""

    def allowed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; style-src {allowed(styles)}; script-src {allowed(script)}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


# What neither shows nor stays where it stands: controls, and the marks that turn writing around.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def _finalized(value: Any) -> Any:
    """Make visible what a page could hide in its text; ours passes."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str | _Counts | Kind):
        return _UNSEEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", str(value))
    return value


class _Picture:
    """Knows the id of every line, and so who links to whom."""

    def __init__(self, pages: dict[str, int], overlays: dict[str, int], lines: list[Line]) -> None:
        self._pages = pages
        self._overlays = overlays
        self._lines = lines
        self._at = {pointer: line for line in lines for pointer, _ in line.parts}
        self._cited: dict[tuple[str, int], dict[str, tuple[_Target, Kind]]] = {}
        for line in lines:
            for pointer, origin in line.parts:
                if origin.kind is not Kind.OVERLAY and origin.line is not None:
                    target = _Target(_contract_id(line), label(pointer))
                    cited = self._cited.setdefault((origin.file, origin.line), {})
                    cited[target.id] = (target, origin.kind)

    def page(self, page: Page | DocumentPage, text: str, *, is_open: bool) -> dict[str, Any]:
        """Return what the template needs of a page."""
        index = self._pages[page.file]
        lines: list[dict[str, Any]] = []
        types = _types(page)
        above: tuple[Use, int, list[_Target]] | None = None
        for number, (use, row) in enumerate(zip(page.uses, _rows(text), strict=False), start=1):
            cited = self._cited.get((page.file, number), {})
            targets = [target for target, _ in cited.values()]
            part_of = None
            if not targets and number in types:
                part_of = types[number]
                cited_there = self._cited.get((page.file, part_of), {})
                targets = [target for target, _ in cited_there.values()]
            if targets:
                above = (use, number, targets)
            elif above is not None and above[0] is use and use in _CONTINUED:
                _, part_of, targets = above
            elif use is not Use.BLANK:
                above = None
            lines.append(
                {
                    "id": f"p{index}-L{number}",
                    "number": number,
                    "text": row,
                    "kinds": _kinds(use, {kind for _, kind in cited.values()}),
                    "targets": targets if part_of is None else targets[:1],
                    "ids": " ".join(target.id for target in targets),
                    "part_of": part_of,
                }
            )
        title = page.title.value if page.title is not None else page.file
        return {
            "id": f"p{index}",
            "title": title,
            "operation": f"{page.method.value} {page.path.value}",
            "file": page.file,
            "open": is_open,
            "words": _words(line["text"] for line in lines),
            "lines": lines,
            "counts": _Counts(Counter(line["kinds"][0] for line in lines)),
        }

    def sections(self) -> list[dict[str, Any]]:
        """Return what the template needs of the contract."""
        found = contract_lines.sections(self._lines)
        return [
            {
                "id": f"s{index}",
                "title": section.title,
                "what": section.what,
                "open": not index or len(found) <= _OPEN,
                "words": _words(line.text for line in section.lines),
                "lines": self._contract_lines(section.lines),
                "counts": _Counts(Counter(str(line.origin.kind) for line in section.lines)),
            }
            for index, section in enumerate(found)
        ]

    def _contract_lines(self, lines: Sequence[Line]) -> list[dict[str, Any]]:
        found = []
        last: Origin | None = None
        for line in lines:
            indent, key, value = line.split()
            origin = line.origin
            new = last is None or (origin.kind, origin.note, origin.action) != (
                last.kind, last.note, last.action,
            )  # fmt: skip
            last = origin
            found.append(
                {
                    "id": _contract_id(line),
                    "number": line.number,
                    "indent": indent,
                    "key": key,
                    "value": value,
                    "kind": str(origin.kind),
                    "label": label(line.pointer),
                    "source": self._source(origin),
                    "note": origin.note if new else "",
                }
            )
        return found

    def _source(self, origin: Origin) -> _Source:
        place = origin.place
        if origin.kind is Kind.OVERLAY:
            action = origin.action or 0
            index = self._overlays.get(origin.file, 0)
            return _Source(f"a{index}-{action}", f"action {action}", place)
        full = f"{place}, {origin.note}" if origin.note else place
        page = f"p{self._pages.get(origin.file, 0)}"
        if origin.line is None:
            return _Source(page, Path(origin.file).stem, full)
        short = f"L{origin.line}"
        if len(self._pages) > 1:
            short = f"{Path(origin.file).stem}:{origin.line}"
        return _Source(f"{page}-L{origin.line}", short, full)

    def gap(self, gap: Gap) -> dict[str, Any]:
        """Return what a page hides: its words, with code marked, and the line that shows it."""
        text = f"`{gap.file}`: {gap}"
        parts = [
            {"code": bool(index % 2), "text": part} for index, part in enumerate(text.split("`"))
        ]
        target = None
        if gap.line is not None and gap.file in self._pages:
            target = _Target(f"p{self._pages[gap.file]}-L{gap.line}", f"line {gap.line}")
        return {"parts": [part for part in parts if part["text"]], "target": target}

    def assumptions(self) -> list[dict[str, Any]]:
        """Return what rules supplied, less the parts of what they supplied already."""
        return [
            {
                "element": _Target(_contract_id(line), label(pointer)),
                "value": line.split()[2].strip() or "the key itself",
                "rule": origin.note,
                "source": self._source(Origin(origin.kind, origin.file, origin.line)),
            }
            for pointer, origin, line in contract_lines.topmost(self._lines, Kind.ASSUMED)
        ]

    def action(self, action: Action, file: str) -> dict[str, Any]:
        """Return what the template needs of an action."""
        index = self._overlays[file]
        elements = [
            _Target(_contract_id(line), label(pointer))
            for pointer, origin, line in contract_lines.topmost(self._lines, Kind.OVERLAY)
            if (origin.file, origin.action) == (file, action.index)
        ]
        name = f"Action {action.index}"
        return {
            "id": f"a{index}-{action.index}",
            "name": name if len(self._overlays) == 1 else f"{name} of {file}",
            "place": f"{file}:{action.line}",
            "reason": action.description,
            "known_from": action.source,
            "target": action.target,
            "remove": action.remove,
            "elements": elements,
        }

    def difference(self, difference: Difference) -> dict[str, Any]:
        """Return the difference, each change with its place in the contract, if it has one."""
        return {
            "since": difference.since,
            "bump": difference.bump,
            "changes": [
                {"level": change.level, "what": change.what, "target": self._place(change.pointer)}
                for change in difference.changes
            ],
        }

    def _place(self, pointer: str | None) -> _Target | None:
        """Return the place of a pointer, or of what is left around it."""
        while pointer:
            if pointer in self._at:
                return _Target(_contract_id(self._at[pointer]), label(pointer))
            pointer = pointer.rpartition("/")[0]
        return None


_CONTINUED = {Use.STATED, Use.REQUEST_SAMPLE, Use.RESPONSE_SAMPLE}
"""Uses whose lines hang together: a path of several lines, the brackets of a sample."""


def _words(texts: Iterable[str]) -> str:
    """Return the words of some lines, each once, for the finder."""
    return " ".join(sorted({word for text in texts for word in re.findall(r"\w{2,}", text)}))


def _rows(text: str) -> list[str]:
    """Return the lines of a page as readers count them."""
    return [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]


def _types(page: Page | DocumentPage) -> dict[int, int]:
    """Return, for the line of each field's name, the line of its type: the two say one thing."""
    if isinstance(page, DocumentPage):
        return {}
    sections = (page.body, page.response)
    fields = [*page.authorizations, *page.parameters]
    fields += [one for section in sections if section is not None for one in section.fields]
    lines = {one.name.origin.line: one.types.origin.line for one in fields}
    return {name: kind for name, kind in lines.items() if name is not None and kind is not None}


def _kinds(use: Use, cited: set[Kind]) -> list[str]:
    """Return what became of a line: first what it is to the eye, then what else it is."""
    own = _USES[use]
    if Kind.ASSUMED not in cited:
        return [own]
    # Furniture that a rule reads something from is no furniture.
    plain = cited == {Kind.ASSUMED} and own in ("furniture", "blank", "heading")
    return ["assumed"] if plain else [own, "assumed"]


def _contract_id(line: Line) -> str:
    return f"c{line.number}"
