"""The head of a page, whatever a capture has around it, as the platform's pages begin.

A page begins with its method; then come the path, the title, the command, the response's sample
and the author's words. Captures have menus and a title above the method, buttons and tabs between
the parts, samples in other languages beside the command, and some have all the code twice: the
column of code stands first in the source of a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scripts.failure import Problem
from scripts.reading.line import Lines, PageLine, from_text, trimmed
from scripts.reading.text.head import DEPRECATED, INDEX, METHODS
from scripts.reading.variants import locales
from scripts.reading.variants.code_column import (
    CURL_PART,
    SENTENCE,
    Column,
    begins_code,
    begins_command,
    begins_source,
    code_behind,
    code_column,
    is_button,
    without_buttons,
)
from scripts.reading.variants.row import flags, typed

_METHODS = {**{method: method for method in METHODS}, "DEL": "DELETE"}
_SERVERS = re.compile(r"https?://[^\s/]\S*(?:\s+https?://[^\s/]\S*)*(?: [-\u2013\u2014(].*)?")
_SERVER = re.compile(r"https?://[^\s/](?:(?!https?://)\S)*")
_WITH_PATH = re.compile(r"(?P<server>https?://[^\s/]+)(?P<path>/\S*)")
_SEGMENT = re.compile(r"[^\s/]+")
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
_URL = re.compile(r"https?://[^\s\"'`]+")
_PROMPT = re.compile(r"^\$ (?=(?:curl|wget) )")


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
    badges, lines = _without_badges(lines)
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
    column, prose = code_column(after, file)
    if not column.command and not column.sample:
        first = next((i for i, one in enumerate(above) if begins_command(one)), None)
        if first is not None:
            column, _ = code_column(above[first:], file)
    prose = code_behind(column, prose)
    if not column.command and not servers:
        words = {line.row for line in prose}
        code = [one for one in above if one.within == "pre"]
        servers = _server_in([*code, *(one for one in after if one.row not in words)], path)
    if not column.command and any(
        line.within != "pre" and CURL_PART.search(line.text) for line in prose
    ):
        return Head(lines)  # damaged: the reader of page text will name the line
    heading, description = _introduction(above, title)
    if heading is None and not any(begins_code(one) for one in above):
        heading, description = _words_above(above, label, column)
    if heading is None or (label is not None and _adds_site(heading.text, label.text)):
        heading = label
    if label is not None and heading is label and path and label.text == path[-1].text:
        below = without_buttons(after)
        if below and not begins_code(below[0]):
            what = f"{label.text!r}, which ends the path, was taken for the title"
            hint = f"is the title {below[0].text!r}, and does this line stand here twice?"
            column.remark(label, what, hint)
    blank = method.with_text("")
    found = [method.with_text(_METHODS[spelt]), *servers, *path]
    found += [heading] if heading is not None else []
    found += [*column.command, *column.sample, blank]
    titles = (i for i, one in enumerate(above) if heading is not None and one.text == heading.text)
    title_at = max(titles, default=at)
    # Operations in a menu above the title have badges of their own.
    own = [badge for place, badge in badges if place > title_at]
    found += [line for badge in own[:1] for line in (badge.with_text(DEPRECATED), blank)]
    found += [*description, blank, *prose, blank] if description else [*prose, blank]
    return Head(found, column.remarks)


def _without_badges(lines: Lines) -> tuple[list[tuple[int, PageLine]], Lines]:
    """Split off what says, in any language, that the operation is deprecated; a field may be.

    With each badge comes the number of the other lines before it.
    """
    badges: list[tuple[int, PageLine]] = []
    rest: Lines = []
    above = ""
    for line in lines:
        text = line.text.strip()
        is_flag = line.within == "pre" or typed(above) is not None or flags(above)
        in_sample = above.endswith(("{", "[", ","))
        badge = not (is_flag or in_sample) and locales.flag(text.lower()) == DEPRECATED.lower()
        if badge:
            badges.append((len(rest), line))
        else:
            rest.append(line)
        above = text or above
    return badges, rest


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
    if whole is not None and any(begins_command(one) for one in lines[:whole]):
        # Behind a command there is none, but in the words of the author; unless all is there twice.
        again = any(begins_command(one) for one in lines[whole:])
        return whole if again else None
    return whole


def _servers(lines: Lines) -> tuple[Lines, Lines]:
    """Split off the menu of servers that stands between method and path, one on each line.

    The first of them is the selected one. In a single URL with no path behind it, the path is what
    follows the host.
    """
    found: Lines = []
    rest = without_buttons(lines)
    while rest and _SERVERS.fullmatch(rest[0].text.strip()):
        found += [rest[0].with_text(url) for url in _SERVER.findall(rest[0].text)]
        rest = without_buttons(rest[1:])
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
    rest = without_buttons(lines)
    if not rest or begins_code(rest[0]) or INDEX[0].fullmatch(rest[0].text):
        return None, rest
    line, behind = rest[0], without_buttons(rest[1:])
    if begins_source(line.text):
        return None, rest
    named = line.text == title or line.within == "h1"
    if named or line is lines[0] or (behind and begins_code(behind[0])):
        return line, rest[1:]
    return None, rest


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
        if line.within != "pre" and not is_button(line.text.strip())
    ]
    description = [line for line in description if not line.text.startswith(("Source:", "URL:"))]
    return above[at], trimmed(description)


def _words_above(
    above: Lines, label: PageLine | None, column: Column
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
    description = trimmed([one for one in above[begin:] if not is_button(one.text.strip())])
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
    return not text or is_button(text) or SENTENCE.fullmatch(text) is not None


def _is_menu(text: str) -> bool:
    return is_button(text) or _MENU.fullmatch(text) is not None
