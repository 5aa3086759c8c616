"""The head of a page, whatever a capture has around it, as the platform's pages begin.

A page begins with its method; then come the path, the title, the command, the response's sample
and the author's words. Captures have menus and a title above the method, buttons and tabs between
the parts, samples in other languages beside the command, and some have all the code twice: the
column of code stands first in the source of a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scripts.facts import Kind
from scripts.failure import PipelineError, Problem
from scripts.reading.json_text import read_json
from scripts.reading.line import Lines, PageLine, from_text, trimmed
from scripts.reading.text.curl import read_curl
from scripts.reading.text.head import INDEX, METHODS, NO_SAMPLE, is_source

_METHODS = {**{method: method for method in METHODS}, "DEL": "DELETE"}
_SERVERS = re.compile(r"https?://[^\s/]\S*(?:\s+https?://[^\s/]\S*)*(?: [-\u2013\u2014(].*)?")
_SERVER = re.compile(r"https?://[^\s/](?:(?!https?://)\S)*")
_WITH_PATH = re.compile(r"(?P<server>https?://[^\s/]+)(?P<path>/\S*)")
_SEGMENT = re.compile(r"[^\s/]+")
_STATUS = r"(?:[1-5](?:\d\d|XX)|default)"
_BUTTON = re.compile(
    r"Cop(?:y|ied)(?: page| link| as .*| MCP .*)?!?|Try it(?: out)?|Send|Run|Ask (?:AI|assistant)|"
    r"Open in \S+(?: \S+)?|Connect to \S+(?: \S+)?|View as Markdown|Report incorrect code|"
    r"Expand all|(?:Request|Response) examples?|Ask a question\.\.\.|On this page|Loading\.\.\.|"
    r"⌘ ?[IK]|Ctrl ?\+? ?[IK]|Search\.\.\.|Copier(?: la page)?|"
    r"Essayer|尝试(?:一下)?|试一试|复制(?:页面)?|"
    r"複製(?:頁面)?|試してみる|ページをコピー|コピー|(?:페이지 )?복사|Copiar(?: página)?|Probar|"
    r"Experimentar|Kopieren|Copia|"
    rf"{_STATUS}(?:\s*{_STATUS})*"
)
_LANGUAGE = re.compile(
    r"cURL|curl|Curl|Shell|Bash|bash|sh|Python\d?(?: SDK)?|python\d?|Java ?[Ss]cript|javascript|JS|"
    r"Type ?[Ss]cript|typescript|TS|Node(?:\.?[Jj][Ss])?|node|PHP|php|Go(?:lang)?|go|Java|java|"
    r"Ruby|ruby|C#|csharp|C\+\+|C|\.NET|Swift|Kotlin|Rust|rust|Dart|Elixir|R|Scala|Clojure|OCaml|"
    r"Objective-C|Power[Ss]hell|HTTP|http|Wget|CLI|JSON|json|SDK|fetch|axios"
)
_MENU = re.compile(
    r"Skip to main content|.* home page|(?:API |SDK )?[Rr]eference|API|Documentation|Docs|Home|"
    r"Menu|Navigation|Endpoints?|Overview|Introduction|Get(?:ting)? [Ss]tarted|Guides?|Changelog|"
    r"Blog|Community|Support|Status|Dashboard|Sign (?:in|up)|Log ?in|Search|English|"
    r"v?\d+(?:\.\d+)*(?: .*)?|[Ll]atest|[Vv]ersion .*|.+ [>/\u203a\u00bb] .+|https?://\S+"
)
"""Lines above a title that are no title: links to other pages, versions, languages."""
_COPY_PAGE = re.compile(
    r"Copy page|Copier la page|复制页面|複製頁面|ページをコピー|페이지 복사|Copiar página"
)
"""The button that stands behind a title."""
_BULLET = re.compile(r"\s*[*\u2022-] ")
_SENTENCE = re.compile(r".*[.!?:\u3002]|[*\u2022-] .*|\S+(?: \S+){9,}")
_BEGINS_SOURCE = re.compile(
    r"(?:import|package|using|const|let|var|require|func|def|class|public|async|declare|use|"
    r"library|defmodule|local|val|fun)\b[^.]*$|from \S+ import |<\?php|#include|#!|// |fetch\("
)
"""How code in another language begins, and prose does not."""
_SOURCE_LINE = re.compile(
    r"^[})\]]+[;,]?$|[;{(\[]$|^\$\w|\w\(.*\)|=>|:=|::| = |^\w+:$|^['\"].*['\"],?$|"
    r"^['\"]?\w+['\"]?: ?\S+,?$|^//|^#"
)
"""What a line of code in any language has, and a line of prose seldom."""


_CURL_PIECE = re.compile(r"^\s*--\w|\bcurl -")
"""Part of a damaged command is no other language."""
_URL = re.compile(r"https?://[^\s\"'`]+")
_PROMPT = re.compile(r"^\$ (?=(?:curl|wget) )")
_CURL_LINE = re.compile(r"\s*(?:curl )?--(?:url|request)\b")
"""What the platform's command has, and commands of other tools have not."""


@dataclass(slots=True)
class Head:
    """The lines of a page from its method on; what a person should look at."""

    lines: Lines
    remarks: list[Problem] = field(default_factory=list)


def normalize(lines: Lines, file: str, title: str | None = None) -> Head:
    """Bring what stands before the sections of a page into the order of page text.

    `title` is the page's own, if known from elsewhere. Lines that are no part
    of page text are left out. Where no method is found, the lines stay as they are.
    """
    lines = [line.with_text(_PROMPT.sub("", line.text)) for line in lines]
    at = _operation(lines)
    if at is None:
        return Head(lines)
    above, method = lines[:at], lines[at]
    spelt, _, rest = method.text.strip().partition(" ")
    after = [method.with_text(rest.strip()), *lines[at + 1 :]] if rest else lines[at + 1 :]
    apart = bool(after) and not after[0].text
    servers, after = _servers(after)
    path, after = _path(after, title or _title_in(above), apart=apart)
    label, after = _label(after, title or _title_in(above))
    column, prose = _code_column(after, file)
    if not column.command and not column.sample:
        first = next((i for i, one in enumerate(above) if _begins_command(one)), None)
        if first is not None:
            column, _ = _code_column(above[first:], file)
    prose = _code_behind(column, prose)
    if not column.command and not servers:
        words = {line.row for line in prose}
        code = [one for one in above if one.within == "pre"]
        servers = _server_in([*code, *(one for one in after if one.row not in words)], path)
    if not column.command and any(
        line.within != "pre" and _CURL_PIECE.search(line.text) for line in prose
    ):
        return Head(lines)  # damaged: the reader of page text will name the line
    heading, description = _introduction(above, title)
    if heading is None and not any(_begins_code(one) for one in above):
        heading, description = _words_above(above, label, column)
    if heading is None or (label is not None and _adds_site(heading.text, label.text)):
        heading = label
    if label is not None and heading is label and path and label.text == path[-1].text:
        below = _without_buttons(after)
        if below and not _begins_code(below[0]):
            what = f"{label.text!r}, which ends the path, was taken for the title"
            hint = f"is the title {below[0].text!r}, and does this line stand here twice?"
            column.remark(label, what, hint)
    blank = method.with_text("")
    found = [method.with_text(_METHODS[spelt]), *servers, *path]
    found += [heading] if heading is not None else []
    found += [*column.command, *column.sample, blank]
    found += [*description, blank, *prose, blank] if description else [*prose, blank]
    return Head(found, column.remarks)


# Method, path and title


def _operation(lines: Lines) -> int | None:
    """Return the index of the method that a path follows.

    A path in parts, as the platform prints it, counts before one on a line: authors write those.
    """
    whole: int | None = None
    for at, line in enumerate(lines):
        if line.within == "pre":
            continue
        method, _, path = line.text.strip().partition(" ")
        if method not in _METHODS:
            continue
        if path:
            path = path.strip()
            if whole is None and (re.fullmatch(r"/\S*", path) or _WITH_PATH.fullmatch(path)):
                whole = at
            continue
        after = next((one.text for one in _servers(lines[at + 1 :])[1] if one.text), "")
        if after.strip() == "/":
            return at
        if whole is None and re.fullmatch(r"/\S+", after.strip()):
            whole = at
    if whole is not None and any(_begins_command(one) for one in lines[:whole]):
        # Behind a command there is none, but in the words of the author; unless all is there twice.
        again = any(_begins_command(one) for one in lines[whole:])
        return whole if again else None
    return whole


def _servers(lines: Lines) -> tuple[Lines, Lines]:
    """Split off the menu of servers that stands between method and path, one on each line.

    The first of them is the selected one. In a single URL with no path behind it, the path is what
    follows the host.
    """
    found: Lines = []
    rest = _without_buttons(lines)
    while rest and _SERVERS.fullmatch(rest[0].text.strip()):
        found += [rest[0].with_text(url) for url in _SERVER.findall(rest[0].text)]
        rest = _without_buttons(rest[1:])
    if found and not (rest and rest[0].text.strip().startswith("/")):
        whole = _WITH_PATH.fullmatch(found[-1].text)
        if whole is None:
            return [], lines
        path = found[-1].with_text(whole["path"])
        return [found[-1].with_text(whole["server"])], [path, *rest]
    seen: dict[str, PageLine] = {}
    for line in found:
        seen.setdefault(line.text.rstrip("/"), line)
    return list(seen.values()), rest


def _path(lines: Lines, title: str | None, *, apart: bool) -> tuple[Lines, Lines]:
    """Split the path off: a slash or a segment on each line, though it stood on a single line.

    `apart` says that blank lines may stand between its parts, as one does before the first.
    """
    found: Lines = []
    rest = from_text(lines)
    while rest:
        text = rest[0].text.strip()
        if text.startswith("/"):
            found += [rest[0].with_text(_segment(part)) for part in re.findall(r"/|[^/\s]+", text)]
        elif found and found[-1].text == "/" and _SEGMENT.fullmatch(text) and text != title:
            found.append(rest[0].with_text(_segment(text)))
        else:
            break
        rest = rest[1:]
        gone_on = from_text(rest) if apart else rest
        if gone_on and (gone_on[0].text.strip().startswith("/") or found[-1].text == "/"):
            rest = gone_on
    return found, rest


def _server_in(lines: Lines, path: Lines) -> Lines:
    """Return the server of the first URL in code of other languages that ends in the path."""
    parts = (part.text for part in path)
    ending = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)
    whole = re.compile(rf"(?P<server>https?://[^<>]+?){ending}(?=[,;)?]|$)")
    # URL by URL: one search of a long line would begin anew at each `https://`.
    urls = ((line, url[0]) for line in lines if path for url in _URL.finditer(line.text))
    found = ((line, whole.match(url)) for line, url in urls)
    return next(([line.with_text(match["server"])] for line, match in found if match), [])


def _segment(text: str) -> str:
    """Return a part of a path; `:name` is another way to write `{name}`."""
    return re.sub(r"^:([A-Za-z_]\w*)$", r"{\1}", text)


def _title_in(above: Lines) -> str | None:
    found = (line.text for line in reversed(above) if _is_title(line))
    return next(found, None)


def _is_title(line: PageLine) -> bool:
    return line.within == "h1" and bool(line.text) and not line.text.startswith("Source:")


def _adds_site(heading: str, label: str) -> bool:
    """Return whether a heading is the label with the site's name behind it."""
    return re.fullmatch(re.escape(label) + r" [-|\u2013\u2014] .+", heading) is not None


def _label(lines: Lines, title: str | None) -> tuple[PageLine | None, Lines]:
    """Split off the label of the code, which is the operation's title, if it has one.

    On the screen it stands right below the path, with nothing but buttons and a language before
    the code; the page's own title may stand there as well.
    """
    rest = _without_buttons(lines)
    if not rest or _begins_code(rest[0]) or INDEX[0].fullmatch(rest[0].text):
        return None, rest
    line, behind = rest[0], _without_buttons(rest[1:])
    if _begins_source(line.text):
        return None, rest
    named = line.text == title or line.within == "h1"
    if named or line is lines[0] or (behind and _begins_code(behind[0])):
        return line, rest[1:]
    return None, rest


def _without_buttons(lines: Lines) -> Lines:
    """Leave out buttons, tabs and languages at the beginning."""
    found = from_text(lines)
    while found and found[0].within != "pre" and _is_button(found[0].text.strip()):
        found = from_text(found[1:])
    return found


def _is_button(text: str) -> bool:
    return bool(_BUTTON.fullmatch(text) or _LANGUAGE.fullmatch(text))


def _introduction(above: Lines, title: str | None) -> tuple[PageLine | None, Lines]:
    """Return the page's title and the author's words below it, which stand above the method."""
    at = next(
        (
            i
            for i in range(len(above) - 1, -1, -1)
            if above[i].text and (_is_title(above[i]) or above[i].text == title)
        ),
        None,
    )
    if at is None:
        return None, []
    description = [
        line.with_text(re.sub(r"^> ?", "", line.text))
        for line in above[at + 1 :]
        if line.within != "pre" and not _is_button(line.text.strip())
    ]
    description = [line for line in description if not line.text.startswith(("Source:", "URL:"))]
    return above[at], trimmed(description)


def _words_above(
    above: Lines, label: PageLine | None, column: _Column
) -> tuple[PageLine | None, Lines]:
    """Return the title and the author's words above the method, where nothing marks a title.

    The words are the sentences right above the method; the line before them is the title, unless
    one stands below the path.
    """
    copy = next(
        (at for at, one in enumerate(above) if _COPY_PAGE.fullmatch(one.text.strip())), None
    )
    begin = len(above) if copy is None else copy
    if copy is None:
        while begin and _may_describe(above[begin - 1].text.strip()):
            begin -= 1
    description = trimmed([one for one in above[begin:] if not _is_button(one.text.strip())])
    lines = [one for one in above[:begin] if one.text.strip() and not _is_menu(one.text.strip())]
    if label is not None or not lines:
        # Bullets without a sentence before them are a menu.
        return None, [] if description and _BULLET.match(description[0].text) else description
    heading = lines.pop()
    if lines:
        column.remark(
            heading,
            f"{heading.text!r} was taken for the title; what stands above it, from "
            f"{lines[0].text!r} on, was left out",
            "if it is not the title, delete the lines above the method that belong to no page",
        )
    return heading, description


def _may_describe(text: str) -> bool:
    return not text or _is_button(text) or _SENTENCE.fullmatch(text) is not None


def _is_menu(text: str) -> bool:
    return _is_button(text) or _MENU.fullmatch(text) is not None


# The column of code


@dataclass(slots=True)
class _Column:
    """The command and the sample of a column of code."""

    file: str
    command: Lines = field(default_factory=list)
    sample: Lines = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def remark(self, line: PageLine, what: str, hint: str) -> None:
        self.remarks.append(line.problem(what, self.file, hint))

    def remark_damage(self, line: PageLine, what: str, error: PipelineError) -> None:
        """Remark on what is left out, since it is damaged."""
        what = f"{what} is damaged, and was left out: {error.problems[0].what}"
        hint = "capture the page again, or mend it by hand, for what only a sample shows"
        self.remark(line, what, hint)


def _begins_command(line: PageLine) -> bool:
    return line.text.startswith("curl ")


def _begins_code(line: PageLine) -> bool:
    return line.within == "pre" or line.text.startswith(("curl ", "{", "["))


def _code_column(lines: Lines, file: str) -> tuple[_Column, Lines]:
    """Split off the column of code: the first command, the first sample; the rest is prose."""
    column = _Column(file)
    rest = lines
    while True:
        rest = _without_buttons(rest)
        if not rest or INDEX[0].fullmatch(rest[0].text):
            return column, rest
        if NO_SAMPLE.fullmatch(rest[0].text):
            rest = rest[1:]
            continue
        if rest[0].within == "pre":
            end = next((i for i, one in enumerate(rest) if one.within != "pre"), len(rest))
            _sort_in(column, rest[:end])
            rest = rest[end:]
            continue
        end = _end_of_code(rest, column)
        if end == 0:
            # A label may stand before a further block.
            behind = _without_buttons(rest[1:])
            if behind and behind[0].within == "pre" and not _SENTENCE.fullmatch(rest[0].text):
                rest = rest[1:]
                continue
            return column, rest
        rest = rest[end:]


def _code_behind(column: _Column, prose: Lines) -> Lines:
    """Take the command and the sample out of the author's words, if the column has none.

    On some captures a description stands above them.
    """
    kept: Lines = []
    rest = prose
    while rest:
        found, behind = _Column(column.file), rest
        if _begins_code(rest[0]) and not (column.command and column.sample):
            found, behind = _code_column(rest, column.file)
        takes_command = bool(found.command) and not column.command
        shown = [line.text for line in found.sample]
        takes_sample = bool(shown) and not column.sample and _end_of_json(shown) > 0
        if not (takes_command or takes_sample):
            kept.append(rest[0])
            rest = rest[1:]
            continue
        if takes_command:
            column.command = found.command
        if takes_sample:
            column.sample = found.sample
            what = "the JSON behind the description was taken for the sample of the response"
            hint = "if it is an example of something else, delete it"
            column.remark(found.sample[0], what, hint)
        rest = behind
    return kept


def _sort_in(column: _Column, block: Lines) -> None:
    """Take a block of code for the command or the sample, or leave it out: another language's."""
    has_gaps = not all(line.text for line in block)
    block = trimmed(block)
    texts = [line.text for line in block]
    if not texts:
        return
    if texts[0].startswith("curl "):
        command, end = _command(block, texts, column)
        column.command = column.command or command
        _sort_in(column, block[end:])  # two blocks may stand without a line between
    elif texts[0].lstrip().startswith(("{", "[", '"')) and not column.sample:
        try:
            _, end = read_json(texts, 0, column.file, Kind.SAMPLE)
        except PipelineError as error:
            if has_gaps:
                column.remark_damage(block[0], "the sample of the response", error)
            else:
                column.sample = block  # the reader of page text will name the line
        else:
            column.sample = block[:end]
    elif any(_CURL_LINE.match(text) for text in texts):
        # Damaged: the reader of page text will name the line.
        column.command = column.command or block


def _command(block: Lines, texts: list[str], column: _Column) -> tuple[Lines, int]:
    """Return the lines of a command, and the index behind them.

    Some crawlers lose lines of nothing but brackets: then the data is left out.
    """
    try:
        _, end = read_curl(texts, 0, column.file)
    except PipelineError as error:
        data = (i for i, text in enumerate(texts) if re.match(r"\s+(?:--data|-d)\b", text))
        at = next(data, None)
        if at is None or not texts[at - 1].endswith("\\") or "" not in texts:
            return block, len(block)  # the reader of page text will name the line
        kept = [*block[: at - 1], block[at - 1].with_text(texts[at - 1].rstrip("\\ "))]
        try:
            read_curl([line.text for line in kept], 0, column.file)
        except PipelineError:
            return block, len(block)
        column.remark_damage(block[at], "the data that curl sends", error)
        return kept, len(block)
    return block[:end], end


def _end_of_code(lines: Lines, column: _Column) -> int:
    """Return the index behind code that no fence marks, 0 where none begins."""
    texts = [line.text for line in lines]
    command = texts[0].startswith("curl ")
    if not command and not texts[0].startswith(("{", "[")):
        return _end_of_block(texts) if _is_code(texts, 0) else 0
    end = _end_of_curl(texts) if command else _end_of_json(texts)
    if end == 0:  # the reader of page text will name the line
        end = next((at for at, text in enumerate(texts) if not text), len(texts))
    if command:
        column.command = column.command or lines[:end]
    else:
        column.sample = column.sample or lines[:end]
    return end


def _end_of_curl(texts: list[str]) -> int:
    """Return the index behind the command that lines begin with, 0 where it is damaged."""
    try:
        return read_curl(texts, 0, "")[1]
    except PipelineError:
        return 0


def _end_of_json(texts: list[str]) -> int:
    """Return the index behind the JSON that lines begin with, 0 where it is none."""
    try:
        return read_json(texts, 0, "", Kind.SAMPLE)[1]
    except PipelineError:
        return 0


def _begins_source(text: str) -> bool:
    return is_source(text) or _BEGINS_SOURCE.match(text) is not None


def _is_code(texts: list[str], at: int) -> bool:
    """Return whether a block of lines is code in some language; a command may end it."""
    end = at
    follows = ("curl ", "{", "[")
    while end < len(texts) and texts[end] and not (end > at and texts[end].startswith(follows)):
        if _CURL_PIECE.search(texts[end]) and not texts[at].startswith("wget "):
            return False
        end += 1
    if _begins_source(texts[at].strip()):
        return True
    marks = sum(_SOURCE_LINE.search(text.strip()) is not None for text in texts[at:end])
    return marks * 2 > end - at


def _end_of_block(texts: list[str]) -> int:
    """Return the index behind code of another language: up to the sample, a command, or prose."""
    at = 0
    while at < len(texts):
        if at and texts[at].startswith("curl "):
            return at
        if at and texts[at].startswith(("{", "[")) and _is_json(texts, at):
            return at
        if not texts[at]:
            after = next((i for i in range(at, len(texts)) if texts[i]), len(texts))
            indented = after < len(texts) and texts[after].startswith((" ", "\t", "}", ")"))
            if after == len(texts) or not (indented or _is_code(texts, after)):
                return at
            at = after
            continue
        at += 1
    return at


def _is_json(texts: list[str], at: int) -> bool:
    """Return whether a sample begins here: JSON that ends the block."""
    end = at + _end_of_json(texts[at:])
    return end > at and (end == len(texts) or not texts[end] or _is_button(texts[end].strip()))
