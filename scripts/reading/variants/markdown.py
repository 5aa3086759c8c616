"""The marks of markdown, taken off a page that a converter has made of HTML.

Converters differ in what they leave: fences or indented code, anchors in one line or in five,
escaped signs, values in backticks. What is left here is what a browser would show, and of each line
what it was: code, a title, a heading, the name of a field (an anchor stands before it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from scripts.reading.line import INVISIBLE, Lines, PageLine
from scripts.reading.variants.locales import ALL_HEADINGS

_HEADING_WORDS = "|".join(map(re.escape, sorted(ALL_HEADINGS, key=len, reverse=True)))
_MARKED = re.compile(
    rf"^(?:#{{1,6}} .*|\*\*)(?:{_HEADING_WORDS})(?:\*\*)?\s*$"  # a heading of the platform's
    r"|\]\([^()\s]*#(?:authorization|parameter|body|response)-"  # an anchor of a field
    r"|^`{3,}\w*[ \t]*\n(?:[ \t]*\n)*`?(?:curl |\{|\[)"  # a fence around code
    r"|^ {4}curl |^\*\*[\w.$-]+\*\*$"
    r"|\A\s*# \S",
    re.MULTILINE,
)
"""What only a markdown converter writes."""
_FENCE = re.compile(r" {0,3}(`{3,})")
_ANCHOR = re.compile(r"\[[\s\u200b]*\]\([^()\s]*#[^()\s]*\)")
_ANCHOR_LINES = re.compile(r"^\[[\s\u200b]*\]\([^()\s]*#[^()\s]*\)$|^\u200b$", re.MULTILINE)
_TO_CONTENT = re.compile(r"\[[^\[\]]+\]\([^()\s]*#content-area\)")
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()]*\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?: \"[^\"]*\")?\)")
_SIGNS = re.compile(r"(?<![`\\])`([^`]+)`(?!`)|\*\*([^*]+)\*\*|\\([\\_*\[\](){}<>#.|~`!+-])")
"""Code, bold text, and an escaped sign; nothing in code is escaped."""
_MATTER = re.compile(r"\A\s*---\n(?:[\w-]+:.*\n|[ \t-].*\n)*---\n")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_OPTION = re.compile(r"\s\\?\s*(?=--[a-z])")


def is_marked(text: str) -> bool:
    """Return whether a converter has left marks of markdown in a page."""
    return _MARKED.search(text) is not None


def without_marks(lines: Lines) -> Lines:
    """Return the lines without marks: front matter, fences, anchors, emphasis, headings' signs."""
    return list(_read(_without_front_matter(lines)))


def _without_front_matter(lines: Lines) -> Lines:
    """Leave out what a converter has put around the page, and make of each anchor one line."""
    text = "\n".join(line.text for line in lines)
    removed: set[int] = set()
    for pattern in (_MATTER, _COMMENT):
        for match in pattern.finditer(text):
            removed |= _rows(text, match)
    anchors: set[int] = set()
    for match in _ANCHOR_LINES.finditer(text):
        first, *others = sorted(_rows(text, match))
        anchors.add(first)
        removed |= set(others)
    return [
        line.with_text("[](#)") if at in anchors else line
        for at, line in enumerate(lines)
        if at not in removed or at in anchors
    ]


def _rows(text: str, match: re.Match[str]) -> set[int]:
    first = text.count("\n", 0, match.start())
    return set(range(first, first + match[0].rstrip("\n").count("\n") + 1))


def _read(lines: Lines) -> Iterator[PageLine]:
    named = False
    at = 0
    while at < len(lines):
        line = lines[at]
        opening = _FENCE.match(line.text)
        end = None if opening is None else _closing(lines, at, opening[1])
        if end is not None:
            yield line.with_text("")
            yield from _code(lines[at + 1 : end])
            yield lines[end].with_text("")
            at = end + 1
            continue
        block = _indented(lines, at)
        if block > at:
            yield line.with_text("")
            yield from _code([one.with_text(one.text[4:]) for one in lines[at:block]])
            at = block
            continue
        at += 1
        if line.text == "[](#)":
            named = True
            continue
        read = _unmarked(line)
        if named and read.text and not read.within:
            read = replace(read, within="name")
        named = named and not read.text
        spaced = read.within == "heading"
        if spaced:
            yield line.with_text("")
        yield read
        if spaced:
            yield line.with_text("")


def _closing(lines: Lines, at: int, marks: str) -> int | None:
    """Return the index of the line that closes a fence, None for one that the author left open."""
    for row in range(at + 1, len(lines)):
        if lines[row].text.strip() == marks:
            return row
    return None


def _indented(lines: Lines, at: int) -> int:
    """Return the end of a block of code that is indented by four, `at` where none begins."""
    before = at == 0 or not lines[at - 1].text
    if not before or re.match(r" {4}(?:curl |[{\[])", lines[at].text) is None:
        return at
    end = at
    while end < len(lines) and (not lines[end].text or lines[end].text.startswith("    ")):
        end += 1
    while end > at and not lines[end - 1].text:
        end -= 1
    return end


def _code(lines: Lines) -> Iterator[PageLine]:
    """Yield the lines of one block of code."""
    shown = [at for at, line in enumerate(lines) if line.text]
    if not shown:
        return
    begin, last = shown[0], shown[-1]
    first = lines[begin].text
    marked = first.startswith("`") and lines[last].text.endswith("`") and first[1:2] != "`"
    if marked and (begin < last or len(first) > 1):
        # A converter that marks code within a fence has lost the line ends within.
        lines = list(lines)
        lines[begin] = lines[begin].with_text(first[1:])
        lines[last] = lines[last].with_text(lines[last].text[:-1])
        first = lines[begin].text
        if first.startswith("curl ") and begin == last:
            lines = [lines[begin].with_text(part) for part in _continued(_OPTION.split(first))]
    holds_json = first.lstrip().startswith(("{", "["))
    for line in lines:
        text = line.text
        if holds_json and text.endswith("\\"):  # html2text's line end
            text = text[:-1].rstrip()
        yield PageLine(text, line.row, "pre")


def _continued(parts: list[str]) -> Iterator[str]:
    """Yield the parts of a command as its lines."""
    for part in parts[:-1]:
        yield f"{part} \\"
    yield parts[-1]


def _unmarked(line: PageLine) -> PageLine:
    if line.within == "pre":
        return line
    text = line.text
    hashes = re.match(r"\s{0,3}(#{1,6})\s+", text)
    bare = text[hashes.end() :] if hashes else text
    bare = _ANCHOR.sub("", _TO_CONTENT.sub("", bare))
    bare = _LINK.sub(r"\1", _IMAGE.sub("", bare))
    bold = re.fullmatch(r"\s*\*\*([^*]+)\*\*\s*", bare)
    bare = _SIGNS.sub(lambda match: match[1] or match[2] or match[3], bare)
    bare = bare.translate(INVISIBLE).rstrip()
    if hashes or bold:
        bare = bare.strip()
    within = ""
    if hashes and hashes[1] == "#" and bare not in ALL_HEADINGS:
        within = "h1"
    elif bare in ALL_HEADINGS and (hashes or bold):
        within = "heading"
    elif hashes:  # the name of a field may stand in a heading, too
        within = "" if re.fullmatch(r"[\w$@.{}\[\]-]+", bare) else "heading"
    return PageLine(bare, line.row, within)
