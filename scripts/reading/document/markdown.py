"""Reading an `.md` page: what the platform serves for a page's URL with `.md` behind it.

Such a page is markdown: an index in a block quote, a title, a description, the author's text, and
a fence that holds an OpenAPI document pruned to the operation. The fence's info string says which:
`yaml [specfile] method path`. The document is read as it stands; OpenAPI 3.0 is brought up to 3.1,
and the platform's own model of 2025 is turned into OpenAPI (`internal_model`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from scripts.documents import parse_facts
from scripts.facts import Fact, Kind, Node, Origin, tree, with_members
from scripts.failure import PipelineError, Problem
from scripts.reading.document.internal_model import from_internal_model, is_internal_model
from scripts.reading.document.openapi30 import upgrade, with_nullable
from scripts.reading.document.path_parameters import with_path_parameters, with_templates
from scripts.reading.document.references import check_references
from scripts.reading.document.security import with_schemes
from scripts.reading.document.shape import remarks_on, shaped, with_null_defaults
from scripts.reading.document.traversal import METHODS, operations
from scripts.reading.line import refuse_controls
from scripts.reading.page import DocumentPage, Use

_FENCE = re.compile(r"(?P<indent> {0,3})(?P<marks>`{3,}|~{3,})(?P<info>.*)")
_LANGUAGE = re.compile(r"(?P<language>ya?ml|json)\b\s*(?P<rest>.*)", re.IGNORECASE)
_OPERATION = re.compile(
    rf"(?:(?P<specfile>\S.*?)\s+)?(?P<method>{'|'.join(METHODS)})\s+(?P<path>[\"'/].*)",
    re.IGNORECASE,
)
_BEGINNING = re.compile(
    r"^ {0,3}(?:openapi|swagger|asyncapi)\s*:"
    r"|\A\s*\{\s*\"(?:openapi|swagger|asyncapi)\"\s*:"
    r"|\A\s*paths:\s+path:\s",
    re.MULTILINE,
)
_PATHS = re.compile(r"^[ \t]*\"?paths\"?[ \t]*:", re.MULTILINE)
"""What a whole document has, and an author's few lines of one have not."""
_INDEX = re.compile(r">\s*(?:#+\s*)?Documentation Index\s*")
_TITLE = re.compile(r"#\s+(?P<title>.*?)(?:\s+#+)?\s*")
_SOURCE = re.compile(r"#?\s*Source: \S+")
_QUOTE = re.compile(r">\s?(?P<text>.*)")
_FURNITURE = re.compile(
    r"Built with \[Mintlify\]\(\S+\)\.?|> To find navigation and other pages .*|-{3,}|\*{3,}"
)
_HEADING = re.compile(r"##\s+OpenAPI(?: Specification)?")
_MATTER = re.compile(r"(?P<key>title|description):\s*(?P<value>\S.*)")


@dataclass(frozen=True, slots=True)
class _Fence:
    """A fence: its opening and closing line's index; what its info string says."""

    start: int
    end: int
    json: bool
    method: str | None
    path: str | None


def holds_document(text: str) -> bool:
    """Return whether a page is of this form: a fence names an operation or holds OpenAPI."""
    if "```" not in text and "~~~" not in text:
        return False
    lines = _lines(text)
    return any(_is_document(lines, *fence) for fence in _fences(lines))


def read_markdown_page(text: str, file: str) -> DocumentPage:
    """Return what an `.md` page says. `file` is its name in facts and errors.

    Raises PipelineError with the line: no fence with a document, a fence that is not closed,
    several operations, an info string that disagrees with its document, broken YAML or JSON,
    references to what is not there or to other files, versions other than OpenAPI 3.0 to 3.2.
    """
    lines = _lines(text)
    refuse_controls(lines, file)
    fence = _find_fence(lines, file)
    inside = [line.removeprefix(_indent(lines[fence.start], line)) for line in lines]
    written = parse_facts(inside, fence.start + 1, fence.end, file, json=fence.json)
    lines = [line.rstrip() for line in lines]
    uses = [Use.STATED if line else Use.BLANK for line in lines]
    uses[fence.start] = uses[fence.end] = Use.FURNITURE
    title, description = _read_prose(lines, fence, uses, file)
    slips: tuple[Problem, ...] = ()
    if is_internal_model(written):
        document, samples = from_internal_model(written, title, description)
        for row, use in samples.items():
            _use_block(lines, row, fence.end, use, uses)
    else:
        document, slips = _openapi(shaped(written)), remarks_on(written)
    method, path = _operation(document, fence, lines, file)
    check_references(document)
    document = _with_server(document, lines[: fence.start], method, path)
    document, path, respelt = with_templates(document, method, path)
    document, unfit = with_path_parameters(document, method, path)
    document, remarks = with_schemes(document)
    remarks = (*slips, *respelt, *unfit, *remarks)
    return DocumentPage(file, method, path, title, description, document, tuple(uses), remarks)


def _lines(text: str) -> list[str]:
    """Split into lines (a BOM and CRLF are tolerated)."""
    return [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]


def _failure(
    file: str, lines: list[str], row: int, what: str, hint: str | None = None
) -> PipelineError:
    text = lines[row][:200] if row < len(lines) else None
    return PipelineError(what, file=file, line=row + 1, text=text, hint=hint)


# The fence


def _fences(lines: list[str]) -> list[tuple[int, int | None, str]]:
    """Return (opening row, closing row, info string) of each fence; None where none closes it."""
    found: list[tuple[int, int | None, str]] = []
    row = 0
    while row < len(lines):
        opening = _FENCE.fullmatch(lines[row])
        if opening is None or (opening["marks"][0] == "`" and "`" in opening["info"]):
            row += 1
            continue
        marks = opening["marks"]
        closing = re.compile(rf" {{0,3}}{re.escape(marks[0])}{{{len(marks)},}}\s*")
        after = range(row + 1, len(lines))
        end = next((at for at in after if closing.fullmatch(lines[at])), None)
        found.append((row, end, opening["info"].strip()))
        row = len(lines) if end is None else end + 1
    return found


def _is_document(lines: list[str], start: int, end: int | None, info: str) -> bool:
    """Return whether a fence holds the page's document, by its info string or its beginning.

    JSON that is titled `POST /jobs` may be a sample, so there its beginning decides.
    """
    language = _LANGUAGE.fullmatch(info)
    yaml = language is not None and language["language"].lower() != "json"
    rest = "" if language is None else language["rest"]
    if yaml and (_OPERATION.fullmatch(rest) or _is_webhook(rest)):
        return True
    inside = "\n".join(lines[start + 1 : len(lines) if end is None else end])
    begins = _BEGINNING.search(inside) is not None
    return begins and (language is not None or _PATHS.search(inside) is not None)


def _is_webhook(rest: str) -> bool:
    """Return whether an info string names a webhook: `webhook NAME`, `EVENT webhook`."""
    return "webhook" in rest.lower().split()[:2]


def _find_fence(lines: list[str], file: str) -> _Fence:
    fences = [fence for fence in _fences(lines) if _is_document(lines, *fence)]
    if not fences:
        raise _failure(
            file, lines, 0, "no fence with an OpenAPI document is on the page",
            "it begins with a line such as: ````yaml openapi.yaml get /jobs",
        )  # fmt: skip
    named = [fence for fence in fences if _OPERATION.search(fence[2])]
    if len(named) == 1:
        fences = named  # others are the author's: parts of a document, shown as examples
    if len(fences) > 1:
        rows = ", ".join(str(start + 1) for start, _, _ in fences)
        raise _failure(
            file, lines, fences[1][0], f"several operations are on the page, on lines {rows}",
            "keep one operation in a file",
        )  # fmt: skip
    start, end, info = fences[0]
    if end is None:
        raise _failure(
            file, lines, start, "the fence that begins here is not closed",
            "the end of the page is missing: capture it again",
        )  # fmt: skip
    language = _LANGUAGE.fullmatch(info)
    rest = "" if language is None else language["rest"].strip()
    operation = _OPERATION.fullmatch(rest)
    if operation is None and _is_webhook(rest):
        raise _failure(file, lines, start, *_WEBHOOK)
    json = language is not None and language["language"].lower() == "json"
    if operation is None:
        if len(rest.split()) > 1:
            raise _failure(
                file, lines, start, "the fence's info string names no method and path",
                "expected: yaml [specfile] method path",
            )  # fmt: skip
        return _Fence(start, end, json, None, None)
    path = operation["path"].strip()
    if path[0] in "\"'":
        path = path.strip(path[0])
    return _Fence(start, end, json, operation["method"].lower(), path)


_WEBHOOK = (
    "the page describes a webhook: a request that the vendor sends, not one that a client can",
    "remove the page",
)


def _indent(opening: str, line: str) -> str:
    """Return the spaces that a fence's own indentation takes from a line inside it."""
    most = len(opening) - len(opening.lstrip(" "))
    return " " * min(most, len(line) - len(line.lstrip(" ")))


# The document


def _openapi(document: Node) -> Node:
    value = document.value
    for other in ("swagger", "asyncapi"):
        if other in value:
            version = value[other]
            raise version.origin.error(
                f"the document is {other.capitalize()} {version.value}, not OpenAPI 3.0 or 3.1",
                "convert it to OpenAPI 3.1, or capture the page's text instead",
            )
    if "openapi" not in value:
        raise document.origin.error(
            "the document has no key 'openapi', which states its version",
            "is its beginning missing? capture the page again",
        )
    version = value["openapi"]
    series = str(version.value)
    if re.fullmatch(r"3\.[12](\.\d+)?(-\w+)?", series):
        return with_null_defaults(with_nullable(document))
    if re.fullmatch(r"3\.0(\.\d+)?(-\w+)?", series):
        return with_null_defaults(upgrade(document))
    what = f"the document is OpenAPI {series}, which is not known here"
    raise version.origin.error(what, "known are 3.0, 3.1 and 3.2")


def _use_block(lines: list[str], row: int, end: int, use: Use, uses: list[Use]) -> None:
    """Account for a key's line and for the lines below it that are indented deeper."""
    indent = len(lines[row]) - len(lines[row].lstrip())
    uses[row] = use
    for at in range(row + 1, end):
        line = lines[at].lstrip()
        deeper = len(lines[at]) - len(line) > indent
        if line and not deeper:
            break
        uses[at] = use if line else Use.BLANK


def _operation(
    document: Node, fence: _Fence, lines: list[str], file: str
) -> tuple[Fact[str], Fact[str]]:
    """Return method and path of the document's one operation, which the fence must name."""
    found = list(operations(document))
    if not found:
        if "webhooks" in document.value:
            raise _failure(file, lines, fence.start, *_WEBHOOK)
        hint = "is a part of it missing? capture the page again"
        raise document.origin.error("the document holds no operation", hint)
    if len(found) > 1:
        raise PipelineError.of(
            operation.origin.problem(
                f"the document holds several operations, {method.upper()} {path} among them",
                "a page describes one operation: keep one",
            )
            for path, method, operation in found[1:]
        )
    path, method, operation = found[0]
    item = document.value["paths"].value[path]
    if fence.path is not None and (fence.method, fence.path) != (method, path):
        raise _failure(
            file, lines, fence.start,
            f"the fence names {str(fence.method).upper()} {fence.path}, "
            f"but its document describes {method.upper()} {path}",
            f"see line {operation.origin.line}; one of the two is damaged",
        )  # fmt: skip
    if not path.startswith("/"):
        raise item.origin.error(f"the path {path!r} does not begin with '/'")
    return Fact(method.upper(), operation.origin), Fact(path, item.origin)


def _with_server(document: Node, above: list[str], method: Fact[str], path: Fact[str]) -> Node:
    """Add the server of the operation's line above the fence, as Fern's pages have it.

    `DELETE https://api.example.com/v1/jobs/{jobId}`, where the document itself names no server.
    """
    line = re.compile(rf"{method.value} (?P<url>https?://\S+?){re.escape(path.value)}")
    found = ((row, match["url"]) for row, one in enumerate(above) if (match := line.fullmatch(one)))
    row, url = next(found, (0, None))
    if url is None or "servers" in document.value:
        return document
    servers = tree([{"url": url}], replace(path.origin, line=row + 1))
    return with_members(document, {"servers": servers})


# Around the fence


def _read_prose(
    lines: list[str], fence: _Fence, uses: list[Use], file: str
) -> tuple[Fact[str] | None, Fact[str] | None]:
    """Return the title and the description with the author's text; account for the rest."""
    title: Fact[str] | None = None
    paragraphs: list[Fact[str]] = []
    matter, row = _read_front_matter(lines, uses, file)

    def stated(text: str, at: int) -> Fact[str]:
        return Fact(text, Origin(Kind.STATED, file, at + 1))

    while row < len(lines):
        line = lines[row]
        if row == fence.start:
            row = fence.end + 1
        elif not line:
            row += 1
        elif _SOURCE.fullmatch(line) or _FURNITURE.fullmatch(line):
            uses[row] = Use.FURNITURE
            row += 1
        elif _INDEX.fullmatch(line):
            while row < len(lines) and lines[row].startswith(">"):
                uses[row] = Use.FURNITURE
                row += 1
        elif title is None and (match := _TITLE.fullmatch(line)):
            title = stated(match["title"], row)
            row += 1
        elif _HEADING.fullmatch(line):
            uses[row] = Use.HEADING
            row += 1
        else:
            start = row
            while row < len(lines) and lines[row] and row != fence.start:
                row += 1
            paragraph = "\n".join(lines[start:row])
            if not paragraphs:
                quoted = [_QUOTE.fullmatch(one) for one in lines[start:row]]
                if all(quoted):
                    paragraph = "\n".join(one["text"] for one in quoted if one)
            if paragraph.strip():
                paragraphs.append(stated(paragraph.strip(), start))
    description: Fact[str] | None = matter.get("description")
    if paragraphs:
        whole = "\n\n".join(part.value for part in paragraphs)
        description = Fact(whole, paragraphs[0].origin)
    return title or matter.get("title"), description


def _read_front_matter(
    lines: list[str], uses: list[Use], file: str
) -> tuple[dict[str, Fact[str]], int]:
    """Read the front matter that some capturing tools write; return it and the row after it."""
    if lines[0] != "---" or "---" not in lines[1:]:
        return {}, 0
    end = lines.index("---", 1)
    found: dict[str, Fact[str]] = {}
    for row in range(end + 1):
        uses[row] = Use.FURNITURE if lines[row] else Use.BLANK
        if match := _MATTER.fullmatch(lines[row]):
            value = match["value"].strip("\"'")
            found[match["key"]] = Fact(value, Origin(Kind.STATED, file, row + 1))
            uses[row] = Use.STATED
    return found, end + 1
