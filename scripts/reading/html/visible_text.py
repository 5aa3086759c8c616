"""The visible text of HTML, as a browser's `innerText` gives it.

What is no part of a page's content is left out: menus, buttons and whatever is hidden. No
stylesheet is at hand, so class names stand for what only a stylesheet says: `hidden`, `lg:hidden`,
`sr-only`, `flex` and `whitespace-pre`, by the conventions of the platform's CSS framework, for a
wide window.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scripts.failure import PipelineError
from scripts.reading.line import INVISIBLE, Lines, PageLine, trimmed

_LEFT_OUT = re.compile(
    "script|style|noscript|template|head|svg|math|canvas|iframe|object|audio|video|img|picture|"
    "button|input|select|textarea|datalist|dialog|nav|footer|aside"
)
_ROLES = re.compile(
    "navigation|banner|contentinfo|complementary|search|dialog|alertdialog|tablist|tab|menu|"
    "menubar|tooltip|toolbar"
)
_IDS = re.compile("sidebar|navbar|table-of-contents|pagination|footer|feedback-form")
_BLOCKS = re.compile(
    "address|article|blockquote|body|center|dd|details|dir|div|dl|dt|fieldset|figcaption|figure|"
    "form|h[1-6]|header|hgroup|hr|html|legend|li|listing|main|menu|ol|p|plaintext|pre|search|"
    "section|summary|table|tbody|thead|tfoot|tr|ul|xmp|caption"
)
_HEADINGS = re.compile("h[2-6]")
_UNSEEN = frozenset(("hidden", "sr-only", "visually-hidden", "invisible"))
_WIDE = re.compile(r"(?:sm|md|lg|xl|2xl):(?:block|flex|grid|table|inline(?:-\w+)?)")
_NARROW = re.compile(r"(?:sm|md|lg|xl|2xl):hidden")
_ROW = frozenset(("flex", "inline-flex", "grid", "inline-grid"))
_PRE = frozenset(("whitespace-pre", "whitespace-pre-wrap", "whitespace-pre-line"))
_STYLE_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STYLE_PRE = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def decoded(data: bytes, file: str) -> str:
    """Return the text of HTML by its byte order mark, else its `meta charset`, else as UTF-8."""
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except LookupError:
        raise PipelineError(f"the encoding {encoding!r} is not known", file=file, line=1) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PipelineError(
            f"the HTML is not {encoding} text", file=file, line=line, hint="save it again as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _CHARSET.search(data[:4096])
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if encoding.startswith("utf-16"):
        return "utf-8"  # as every browser has it: a declaration that can be read is none of UTF-16
    # Every browser reads these as Windows' own.
    return "cp1252" if encoding in ("iso-8859-1", "latin1", "us-ascii", "ascii") else encoding


def title(source: str) -> str | None:
    """Return the text of the first `h1`."""
    found = LexborHTMLParser(source).css_first("h1")
    return None if found is None else " ".join(found.text().translate(INVISIBLE).split())


def visible_lines(source: str) -> Lines:
    """Return the visible text of HTML, line by line, with no blank lines at either end."""
    tree = LexborHTMLParser(source)
    root = _root(tree)
    if root is None:
        return []
    writer = _Writer(_Places(source))
    writer.children(root, "", pre=False)
    return writer.finished()


def _root(tree: LexborHTMLParser) -> LexborNode | None:
    """Return what holds the page's content: the outermost of the elements that say so."""
    for selector in ("main", "[role=main]", "#content-container", "#content-area", "article"):
        found = tree.css_first(selector)
        if found is not None:
            return found
    return tree.body


@dataclass(slots=True)
class _Places:
    """Finds the line of the file on which a text node stands: the parser does not give it.

    Text nodes come in the order of the source, so each is sought behind the one before, right
    after the end of a tag; what is not found keeps the line of the one before.
    """

    source: str
    text: str = field(init=False)
    position: int = 0
    row: int = 0
    patience: int = field(init=False)
    """Characters that may still be searched without a find: the search stays linear in the file."""

    def __post_init__(self) -> None:
        # Entities have no line ends in them, so that lines stay what they are.
        self.text = html.unescape(self.source)
        self.patience = 50 * len(self.text)

    def find(self, node: str) -> int:
        start = node[:80]
        for before in (">", ">\n"):  # the parser drops the first line end of a <pre>
            at = self.text.find(before + start, self.position) if self.patience > 0 else -1
            if at >= 0:
                at += len(before)
                self.row += self.text.count("\n", self.position, at)
                self.position = at
                break
            self.patience -= len(self.text) - self.position
        return self.row


@dataclass(slots=True)
class _Writer:
    """Collects lines: runs of text, with the line ends that blocks require between them."""

    places: _Places
    lines: Lines = field(default_factory=list)
    text: str = ""
    row: int | None = None
    within: str = ""
    required: int = 0

    def children(self, node: LexborNode, within: str, *, pre: bool) -> None:
        row = bool(_ROW & _classes(node))
        child = node.first_child
        while child is not None:
            if child.is_text_node:
                self.text_node(child.text_content or "", within, pre=pre)
            elif child.is_element_node and not _is_hidden(child):
                self.element(child, within, pre=pre, blockified=row)
            child = child.next

    def element(self, node: LexborNode, within: str, *, pre: bool, blockified: bool) -> None:
        tag = node.tag or ""
        if tag == "br":
            self.end_line()
            return
        if tag in ("pre", "h1"):
            within = tag
        elif _HEADINGS.fullmatch(tag):
            within = within or "heading"
        classes = _classes(node)
        pre = pre or tag == "pre" or bool(_PRE & classes) or bool(_STYLE_PRE.search(_style(node)))
        block = blockified or _BLOCKS.fullmatch(tag) is not None
        # A paragraph or heading has a blank line on both sides; a title stands behind its path.
        spaced = within != "pre" and (tag == "p" or _HEADINGS.fullmatch(tag) is not None)
        if block:
            self.require(2 if spaced else 1)
        if tag == "details" and "open" not in node.attributes:
            summary = node.css_first("summary")
            if summary is not None:
                self.children(summary, within, pre=pre)
        else:
            self.children(node, within, pre=pre)
        if tag in ("td", "th") and _has_next(node):
            self.text += "\t"
        if block:
            self.require(2 if spaced else 1)
        elif pre and "line" in classes and node.next is not None and node.next.is_element_node:
            self.end_line()  # highlighted code with its lines as elements, and no ends between

    def text_node(self, text: str, within: str, *, pre: bool) -> None:
        if not text:
            return
        row = self.places.find(text)
        text = text.translate(INVISIBLE)
        if pre:
            for index, part in enumerate(text.split("\n")):
                if index:
                    self.end_line()
                self.write(part, row + index, within)
            return
        collapsed = re.sub(r"[ \t\n\f\r]+", " ", text)
        if self.required or not self.text or self.text.endswith((" ", "\t")):
            collapsed = collapsed.removeprefix(" ")
        lead = len(text) - len(text.lstrip())
        self.write(collapsed, row + text.count("\n", 0, lead), within)

    def write(self, text: str, row: int, within: str) -> None:
        if not text:
            return
        if self.required:
            self.break_lines()
        if self.row is None:
            self.row, self.within = row, within
        self.text += text

    def require(self, count: int) -> None:
        self.required = max(self.required, count)

    def break_lines(self) -> None:
        count, self.required = self.required, 0
        if self.row is not None:
            self.end_line()
        if self.lines and count == 2 and self.lines[-1].text:
            self.lines.append(PageLine("", self.lines[-1].row, ""))

    def end_line(self) -> None:
        if self.required:
            self.break_lines()
            if self.row is None and self.lines:
                return
        row = self.lines[-1].row if self.row is None and self.lines else self.row or 0
        self.lines.append(PageLine(self.text.rstrip(), row, self.within if self.text else ""))
        self.text, self.row, self.within = "", None, ""

    def finished(self) -> Lines:
        if self.row is not None:
            self.required = 0
            self.end_line()
        return trimmed(self.lines)


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if _LEFT_OUT.fullmatch(node.tag or "") or "hidden" in attributes:
        return True
    if attributes.get("aria-hidden") == "true" or attributes.get("data-state") == "inactive":
        return True
    if _ROLES.fullmatch(attributes.get("role") or "") or _IDS.fullmatch(attributes.get("id") or ""):
        return True
    classes = _classes(node)
    if _UNSEEN & classes and not any(_WIDE.fullmatch(name) for name in classes):
        return True
    narrow = any(_NARROW.fullmatch(name) for name in classes)
    return narrow or _STYLE_HIDES.search(_style(node)) is not None


def _classes(node: LexborNode) -> set[str]:
    return set((node.attributes.get("class") or "").split())


def _style(node: LexborNode) -> str:
    return node.attributes.get("style") or ""


def _has_next(node: LexborNode) -> bool:
    after = node.next
    while after is not None and not after.is_element_node:
        after = after.next
    return after is not None
