"""Other forms of page text, brought into the form that `page_text` reads.

The platform's older pages, its other locales, and what markdown converters and extractors make of
a page differ in their lines, not in what they say. Each function here takes lines and returns
lines; every line keeps the row of the file that it came from, so that facts and errors name it.
What is left out is furniture: buttons, tabs, anchors, fences, the foot of the page.
"""

from __future__ import annotations

import dataclasses
import re

from scripts.failure import PipelineError
from scripts.field_list import is_flag, is_structure, parse_type
from scripts.html_text import VisibleLine, from_text
from scripts.locale_words import Locale, locale_of
from scripts.page_text import CONTENT_TYPE, HEADINGS, METHODS, SKIP, STATUS

__all__ = ["canonical_lines"]

_FIELDS_ALWAYS = tuple(heading for heading in HEADINGS if heading not in ("Body", "Response"))
_NAME = re.compile(r"[\w$@.{}\[\]-]+")
_MARKED = re.compile(rf"^#{{1,6}} .*(?:{'|'.join(HEADINGS)})|\]\(#", re.M)
"""What only a markdown converter writes; headings in other locales have anchors, too."""
_ANCHOR = re.compile(r"\[[^\[\]]*\]\(#[^()\s]*\)")
_QUOTED = re.compile(r"(?<!`)`([^`]+)`(?!`)|\*\*([^*]+)\*\*")
_ESCAPED = re.compile(r"\\([\\_*\[\](){}<>#.|~`-])")
_SKIP = (
    SKIP, "Passer au contenu principal", "Aller au contenu principal",
    "跳转到主要内容", "跳到主要内容",
)  # fmt: skip
_BUTTONS = re.compile(
    r"Copy(?: page)?|Try it|Ask AI|cURL|Show child attributes|Hide child attributes|⌘ ?[IK]|"
    r"Ctrl ?\+? ?[IK]|Copier|Essayer|复制|尝试一下|"
    r"(?:[1-5]\d\d|default)(?:\s+(?:[1-5]\d\d|default))*"
)
"""Buttons and status tabs, which stand between the parts of a page's head."""
_FOOT = re.compile(
    r"Was this page helpful\?|Cette page vous a-t-elle été utile[\s\u00a0\u202f]?\?|"
    r"此页面(?:对您)?有帮助吗[?\uff1f]|Powered by(?: \S+)?|⌘ ?I|Responses are generated using AI.*"
)
_FLAG_WORDS = ("required", "read-only", "write-only", "deprecated")
_GLUED = re.compile(
    r"(?P<location>header|query|path|cookie)?(?P<default>default: ?.*?)??"
    rf"(?P<flags>(?:{'|'.join(_FLAG_WORDS)})*)"
)
_OF_TYPE = re.compile(r"The (?:response|body|request body) is of type `?[^`]+`?\.")

Lines = list[VisibleLine]


def canonical_lines(text: str, file: str) -> Lines | None:
    """Return a page's lines as the platform's English pages have them, None where they are so.

    Raises PipelineError for a text that has lost the names and types of its fields.
    """
    whole = [line.rstrip() for line in text.removeprefix("\ufeff").split("\n")]
    lines = [VisibleLine(line, row, "") for row, line in enumerate(whole)]
    bare = [line.strip() for line in whole]
    if _MARKED.search(text):
        lines = _spaced_fields(_without_marks(lines))
        bare = [line.text for line in lines]
    locale = locale_of(bare)
    if locale is not None:
        lines = _english(lines, locale)
    for change in (_from_method, _without_buttons, _unglued, _status_joined, _without_foot):
        lines = change(lines)
    _refuse_extract(lines, file)
    same = len(lines) == len(whole) and all(
        new.text == old for new, old in zip(lines, whole, strict=True)
    )
    return None if same else lines


def _without_marks(lines: Lines) -> Lines:
    """Take the marks of markdown off: fences, anchors, emphasis, the signs before headings."""
    found: Lines = []
    fence = ""
    last = max((line.row for line in lines if line.text.strip() == "```"), default=-1)
    for line in lines:
        # One that is not closed is the author's.
        opening = re.match(r" {0,3}(`{3,})", line.text) if line.row < last else None
        if fence:
            closing = line.text.strip() == fence
            found.append(dataclasses.replace(line, text="" if closing else line.text, within="pre"))
            fence = "" if closing else fence
            continue
        if opening:
            fence = opening[1]
            found.append(dataclasses.replace(line, text=""))
            continue
        if _in_code(line.text):
            found.append(line)
            continue
        hashes = re.match(r"(#{1,6})\s+", line.text)
        bare = line.text[hashes.end() :] if hashes else line.text
        bare = _QUOTED.sub(lambda match: match[1] or match[2], _ANCHOR.sub("", bare))
        bare = _ESCAPED.sub(r"\1", bare).strip("\u200b \t")
        within = {"#": "h1"}.get(hashes[1], "heading") if hashes else ""
        spaced = (within == "heading" and not _NAME.fullmatch(bare)) or bare in HEADINGS
        edge = [dataclasses.replace(line, text="")] if spaced else []
        marked = bare != line.text
        texts = _field_words(bare) if marked else [bare]
        found += [*edge, *(VisibleLine(one, line.row, within) for one in texts), *edge]
    return found


def _in_code(line: str) -> bool:
    """Tell whether a line is code that a converter has left without a fence."""
    return line.startswith(("  ", "\t")) or re.match(r"(?:curl |[{}\[\]],?$)", line) is not None


def _field_words(text: str) -> list[str]:
    """Split `name type required` into its lines, where that is what the line is."""
    name, space, rest = text.partition(" ")
    words = rest.split(" ")
    flags: list[str] = []
    while len(words) > 1 and _is_flag(words[-1]):
        flags.insert(0, words.pop())
    type_ = " ".join(words)
    if space and _NAME.fullmatch(name) and parse_type(type_) is not None:
        return [name, type_, *flags]
    return [text]


def _is_flag(text: str) -> bool:
    return is_flag(text) or text.startswith("default:")


def _spaced_fields(lines: Lines) -> Lines:
    """Close the gaps that a converter leaves between a field's name, its type and its flags."""
    first = next((at for at, line in enumerate(lines) if line.text in HEADINGS), len(lines))
    found = lines[:first]
    for at, line in enumerate(lines[first:], first):
        if not line.text:
            after = next((one.text for one in lines[at + 1 :] if one.text), "")
            before = next((one.text for one in reversed(found) if one.text), "")
            typed = parse_type(after) is not None and _NAME.fullmatch(before) is not None
            is_heading = before in HEADINGS or CONTENT_TYPE.fullmatch(before) is not None
            flagged = _is_flag(after) and (parse_type(before) is not None or _is_flag(before))
            if (typed and not is_heading) or flagged:
                continue
        found.append(line)
    return found


def _english(lines: Lines, locale: Locale) -> Lines:
    """Say the platform's own lines in English; what authors wrote stays as it is."""
    found: Lines = []
    in_sections = False
    for at, line in enumerate(lines):
        text = line.text.strip()
        alone = not (at and lines[at - 1].text) and not (at + 1 < len(lines) and lines[at + 1].text)
        if alone and text in locale.headings:
            in_sections = True
            said = locale.headings[text]
        elif (modified := locale.modified(text)) is not None:
            said = modified
        elif in_sections:
            said = locale.of_section(text, after_text=bool(at and lines[at - 1].text))
            said = line.text if said == text else said
        else:
            said = line.text
        found.append(dataclasses.replace(line, text=said))
    return found


def _from_method(lines: Lines) -> Lines:
    """Begin where the operation does: what stands above are menus, and perhaps the title."""
    at = next((i for i in range(len(lines)) if _begins_operation(lines, i)), None)
    if at is None:
        return lines
    above, rest = lines[:at], lines[at + 1 :]
    # What has sections or code above it is no operation, but words of the author.
    if any(one.text in HEADINGS or one.text.startswith("curl ") for one in above):
        return lines
    method, _, path = lines[at].text.partition(" ")
    method = "DELETE" if method == "DEL" else method
    plain = not path and method == lines[at].text and not any(line.within for line in lines)
    if plain and all(not line.text or line.text in _SKIP for line in above):
        english = (dataclasses.replace(one, text=one.text and SKIP) for one in above)
        return [*english, *lines[at:]]
    head = [dataclasses.replace(lines[at], text=method)]
    if path:
        rest = [dataclasses.replace(lines[at], text=path.strip()), *rest]
    rest = from_text(rest)
    while rest and (rest[0].text.startswith("/") or head[-1].text == "/"):
        parts = re.findall(r"/|[^/]+", rest[0].text)
        head += [dataclasses.replace(rest[0], text=part) for part in parts]
        rest = rest[1:]
        if len(parts) > 1:  # the whole path on one line
            break
        if not (rest and rest[0].text):
            gone_on = from_text(rest)
            if gone_on and (gone_on[0].text.startswith("/") or head[-1].text == "/"):
                rest = gone_on
    rest = _without_leading_buttons(rest)
    title = next((line for line in above if line.within == "h1" and line.text), None)
    if title is not None and not (rest and rest[0].text == title.text):
        head.append(title)
        prose = [one for one in above if one.row > title.row and not one.within]
        prose = [dataclasses.replace(one, text=one.text.removeprefix("> ")) for one in prose]
        code = _end_of_code(rest)
        blank = dataclasses.replace(title, text="")
        return [*head, *rest[:code], blank, *prose, blank, *rest[code:]]
    return [*head, *rest]


def _begins_operation(lines: Lines, at: int) -> bool:
    method, _, path = lines[at].text.partition(" ")
    if method not in (*METHODS, "DEL"):
        return False
    after = path or next((line.text for line in lines[at + 1 :] if line.text), "")
    return re.fullmatch(r"/\S*", after.strip()) is not None


def _end_of_code(lines: Lines) -> int:
    """Return the index behind the command and the sample that the lines begin with."""
    heading = next((i for i, line in enumerate(lines) if line.text in HEADINGS), len(lines))
    return max((i + 1 for i in range(heading) if _is_code(lines[i])), default=0)


def _is_code(line: VisibleLine) -> bool:
    return line.within == "pre" or _in_code(line.text)


def _without_leading_buttons(lines: Lines) -> Lines:
    lines = from_text(lines)
    while lines and _BUTTONS.fullmatch(lines[0].text):
        lines = from_text(lines[1:])
    return lines


def _without_buttons(lines: Lines) -> Lines:
    """Leave out buttons and tabs between the head, the command and the sample."""
    end = next((i for i, line in enumerate(lines) if line.text in HEADINGS), len(lines))
    code = max((i + 1 for i in range(end) if _is_code(lines[i])), default=0)
    found: Lines = []
    for at, line in enumerate(lines):
        after = next((one for one in lines[at + 1 : end] if one.text), None)
        tab = _BUTTONS.fullmatch(line.text) is not None and not _is_code(line)
        if tab and at < code and after is not None:
            continue
        found.append(line)
    return found


def _unglued(lines: Lines) -> Lines:
    """Give each flag a line, as of 2025: older pages have `headerrequired`."""
    found: Lines = []
    start = next((i for i, line in enumerate(lines) if line.text in HEADINGS), len(lines))
    for at, line in enumerate(lines):
        before = found[-1].text if found else ""
        after = lines[at + 1].text if at + 1 < len(lines) else ""
        parts = [line.text]
        if at > start and before and parse_type(after) is None:
            parts = _glued_words(line.text, before)
        found += [dataclasses.replace(line, text=part) for part in parts]
    return found


def _glued_words(text: str, before: str) -> list[str]:
    """Return the flags that a line behind a type holds, or a type behind a name and its flags."""
    if parse_type(before) is not None or _is_flag(before):
        return _flags(text) or [text]
    if _NAME.fullmatch(before) is None or parse_type(text) is not None:
        return [text]
    for end in range(len(text) - 1, 2, -1):
        if parse_type(text[:end]) is not None and (flags := _flags(text[end:])):
            return [text[:end], *flags]
    return [text]


def _flags(text: str) -> list[str]:
    match = _GLUED.fullmatch(text)
    if match is None:
        return []
    flags = re.findall("|".join(_FLAG_WORDS), match["flags"])
    return [part for part in (match["location"], match["default"], *flags) if part]


def _status_joined(lines: Lines) -> Lines:
    """Join the status and the content type that early pages of 2025 have on lines of their own."""
    at = max((i for i, line in enumerate(lines) if line.text == "Response"), default=None)
    if at is None:
        return [line for line in lines if not _OF_TYPE.fullmatch(line.text)]
    rest = from_text(lines[at + 1 :])
    statuses: Lines = []
    while rest and STATUS.fullmatch(rest[0].text):
        statuses.append(rest[0])
        rest = from_text(rest[1:])
    found = lines[: at + 1]
    if len(statuses) == 1 and rest and CONTENT_TYPE.fullmatch(rest[0].text):
        blank = dataclasses.replace(statuses[0], text="")
        joined = f"{statuses[0].text} - {rest[0].text}"
        found += [blank, dataclasses.replace(statuses[0], text=joined)]
        rest = rest[1:]
    elif len(statuses) > 1:  # tabs: the fields are those of one of them, nobody knows which
        found.append(dataclasses.replace(statuses[0], text=""))
    else:
        found = lines
        rest = []
    return [line for line in [*found, *rest] if not _OF_TYPE.fullmatch(line.text)]


def _without_foot(lines: Lines) -> Lines:
    """Leave out the foot of the page, behind every heading and every line of a field.

    An author may write such a line, too: what a type, a flag or a constraint follows is no foot.
    """
    known = (i for i, one in enumerate(lines) if one.text in HEADINGS or is_structure(one.text))
    last = max(known, default=0)
    foot = next((i for i in range(last + 1, len(lines)) if _FOOT.fullmatch(lines[i].text)), None)
    if foot is None:
        return lines
    kept = [line for line in lines[foot:] if line.text.startswith("Last modified on ")]
    return [*lines[:foot], *kept]


def _refuse_extract(lines: Lines, file: str) -> None:
    """Refuse what an article extractor leaves of a page: headings and prose."""
    if any(parse_type(line.text) is not None for line in lines):
        return
    heading = next((line for line in lines if line.text in _FIELDS_ALWAYS), None)
    if heading is None:
        return
    raise PipelineError(
        "the page has lost the names and the types of its fields",
        file=file, line=heading.row + 1, text=heading.text,
        hint="article extractors drop them: save the browser's HTML, or its visible text",
    )  # fmt: skip
