"""The column of code beside a page's words: command, sample of the response, tabs and buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scripts.facts import Kind
from scripts.failure import PipelineError, Problem
from scripts.reading.json_text import read_json
from scripts.reading.line import Lines, PageLine, from_text, trimmed
from scripts.reading.text.curl import read_curl
from scripts.reading.text.head import INDEX, NO_SAMPLE, is_source

_STATUS = r"(?:[1-5](?:\d\d|XX)|default)"
_BUTTON = re.compile(
    r"Cop(?:y|ied)(?: page| link| as .*| MCP .*)?!?|Try it(?: out)?|Send|Run|Ask (?:AI|assistant)|"
    r"Open in \S+(?: \S+)?|Connect to \S+(?: \S+)?|View as Markdown|Report incorrect code|"
    r"Expand all|(?:Request|Response) examples?|Ask a question\.\.\.|On this page|Loading\.\.\.|"
    r"⌘ ?[IK]|Ctrl ?\+? ?[IK]|Search\.\.\.|Copier(?: la page)?|"
    r"Essayer|尝试(?:一下)?|试一试|复制(?:页面)?|"
    r"複製(?:頁面)?|試してみる|ページをコピー|コピー|(?:페이지 )?복사|Copiar(?: página)?|Probar|"
    r"Experimentar|Kopieren|Copia|Beta|Alpha|Experimental|"
    rf"{_STATUS}(?:\s*{_STATUS})*"
)
_LANGUAGE = re.compile(
    r"cURL|curl|Curl|Shell|Bash|bash|sh|Python\d?(?: SDK)?|python\d?|Java ?[Ss]cript|javascript|JS|"
    r"Type ?[Ss]cript|typescript|TS|Node(?:\.?[Jj][Ss])?|node|PHP|php|Go(?:lang)?|go|Java|java|"
    r"Ruby|ruby|C#|csharp|C\+\+|C|\.NET|Swift|Kotlin|Rust|rust|Dart|Elixir|R|Scala|Clojure|OCaml|"
    r"Objective-C|Power[Ss]hell|HTTP|http|Wget|CLI|JSON|json|SDK|fetch|axios"
)
SENTENCE = re.compile(r".*[.!?:\u3002]|[*\u2022-] .*|\S+(?: \S+){9,}")
"""What is no label of code: a sentence, a bullet, or ten words."""
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
CURL_PART = re.compile(r"^\s*--\w|\bcurl -")
"""Part of a damaged command is no other language."""
_CURL_LINE = re.compile(r"\s*(?:curl )?--(?:url|request)\b")
"""What the platform's command has, and commands of other tools have not."""


def without_buttons(lines: Lines) -> Lines:
    """Leave out buttons, tabs and languages at the beginning."""
    found = from_text(lines)
    while found and found[0].within != "pre" and is_button(found[0].text.strip()):
        found = from_text(found[1:])
    return found


def is_button(text: str) -> bool:
    """Return whether a line is a button, or a tab: a language, or statuses."""
    return bool(_BUTTON.fullmatch(text) or _LANGUAGE.fullmatch(text))


@dataclass(slots=True)
class Column:
    """The command and the sample of a column of code."""

    file: str
    command: Lines = field(default_factory=list)
    sample: Lines = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def remark(self, line: PageLine, what: str, hint: str) -> None:
        """Note what a person should look at."""
        self.remarks.append(line.problem(what, self.file, hint))

    def remark_damage(self, line: PageLine, what: str, error: PipelineError) -> None:
        """Remark on what is left out, since it is damaged."""
        what = f"{what} is damaged, and was left out: {error.problems[0].what}"
        hint = "capture the page again, or mend it by hand, for what only a sample shows"
        self.remark(line, what, hint)


def begins_command(line: PageLine) -> bool:
    """Return whether a command begins on a line."""
    return line.text.startswith("curl ")


def begins_code(line: PageLine) -> bool:
    """Return whether code or a sample begins on a line."""
    return line.within == "pre" or line.text.startswith(("curl ", "{", "["))


def code_column(lines: Lines, file: str) -> tuple[Column, Lines]:
    """Split off the column of code: the first command, the first sample; the rest is prose."""
    column = Column(file)
    rest = lines
    while True:
        rest = without_buttons(rest)
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
            behind = without_buttons(rest[1:])
            if behind and behind[0].within == "pre" and not SENTENCE.fullmatch(rest[0].text):
                rest = rest[1:]
                continue
            return column, rest
        rest = rest[end:]


def code_behind(column: Column, prose: Lines) -> Lines:
    """Take the command and the sample out of the author's words, if the column has none.

    On some captures a description stands above them.
    """
    kept: Lines = []
    rest = prose
    while rest:
        found, behind = Column(column.file), rest
        if begins_code(rest[0]) and not (column.command and column.sample):
            found, behind = code_column(rest, column.file)
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


def _sort_in(column: Column, block: Lines) -> None:
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


def _command(block: Lines, texts: list[str], column: Column) -> tuple[Lines, int]:
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


def _end_of_code(lines: Lines, column: Column) -> int:
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


def begins_source(text: str) -> bool:
    """Return whether code in some language begins so."""
    return is_source(text) or _BEGINS_SOURCE.match(text) is not None


def _is_code(texts: list[str], at: int) -> bool:
    """Return whether a block of lines is code in some language; a command may end it."""
    end = at
    follows = ("curl ", "{", "[")
    while end < len(texts) and texts[end] and not (end > at and texts[end].startswith(follows)):
        if CURL_PART.search(texts[end]) and not texts[at].startswith("wget "):
            return False
        end += 1
    if begins_source(texts[at].strip()):
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
    return end > at and (end == len(texts) or not texts[end] or is_button(texts[end].strip()))
