"""Page text in other forms, brought into the form that `reading.text` reads.

The platform's older pages, its other locales, and what converters and extractors make of a page
differ in their lines, not in what they say. Each step takes lines and returns lines; every line
keeps the row of the file that it came from, so that facts and errors name it. What is left out is
furniture: menus, buttons, tabs, anchors, fences, the foot of the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice, pairwise

from scripts.failure import PipelineError, Problem
from scripts.reading.line import INVISIBLE, Lines
from scripts.reading.text.cursor import HEADINGS, headings
from scripts.reading.text.field_line import LOCATIONS, NAME, heads_answer, is_structure
from scripts.reading.variants import locales
from scripts.reading.variants.head import normalize as normalize_head
from scripts.reading.variants.markdown import is_marked, without_marks
from scripts.reading.variants.row import typed
from scripts.reading.variants.sections import normalize as normalize_section
from scripts.reading.variants.style import style_of

_LAST = frozenset(locales.words_for("Response"))
"""The heading of the last section."""
_FIELDS_ALWAYS = tuple(heading for heading in HEADINGS if heading not in ("Body", "Response"))
_SUSPICIOUS = re.compile(
    r"^(?:Was this page helpful\?|Yes ?No|Powered by\b.*|\u2318 ?I|Ctrl ?\+? ?I|I|Assistant|"
    r"(?:Show|Hide) ?child attributes|default:|The (?:response|body) is of type .*|"
    r"(?:Minimum|Maximum) length: .*|.* · .*\n+.* · .*|"
    r"cURL|Python|JavaScript|TypeScript|PHP|Go|Java|Ruby|Node\.js|C#|Shell|Bash)$"
    r"|^\*\*[\w.$-]+\*\*$|[\u200b]",
    re.MULTILINE,
)
"""What could be read as prose, but is not on a page as the platform has it."""
_FOOT = re.compile(
    r"Was this page helpful\?|Cette page vous a-t-elle été utile[\s\u00a0\u202f]?\?|"
    r"此页面(?:对您)?有帮助吗[?\uff1f]|此頁面(?:對您)?有幫助嗎[?\uff1f]|"
    r"¿Esta página le ayudó\?|Esta página foi útil\?|このページは役に立ちましたか[?\uff1f]|"
    r"Powered by(?: .*)?|⌘ ?I|Ctrl ?\+? ?I|I|Yes ?No|Suggest edits|Raise issue|Assistant|"
    r"Responses are generated using AI.*"
)
_ONLY_LINKS = re.compile(r"(?:\[[^\[\]]*\]\([^()]*\)|\[\[[^\[\]]*\]\]|\s)+")
"""The way to the pages before and behind, in markdown."""
_TWO_TITLES = re.compile(r"[A-Z][^.:]*[a-z][A-Z][a-z][^.:]*")
"""The same in plain text: two titles that nothing stands between."""
_GLUED_FIELD = re.compile(
    rf"\S(?:string|integer|number|boolean|object)(?:<[\w-]+>)?(?:\[\])*(?:{'|'.join(LOCATIONS)})?"
    r"(?:default:\S*?)?required"
)


@dataclass(frozen=True, slots=True)
class Form:
    """A page's lines as the platform's English pages have them; what was wrong with the capture."""

    lines: Lines
    remarks: tuple[Problem, ...] = ()


def is_suspicious(text: str) -> bool:
    """Return whether a page that reads well may still be another form than it seems."""
    return _SUSPICIOUS.search(text) is not None


def normalize(lines: Lines, file: str, title: str | None = None) -> Form:
    """Return a page's lines as the platform's English pages of 2026 have them.

    `title` is the page's own, if known from elsewhere. Raises PipelineError for
    a text that has lost the names and types of its fields.
    """
    marked = is_marked("\n".join(line.text for line in lines))
    lines = _without_links(lines)
    if marked:
        lines = without_marks(lines)
    lines = [line.with_text(line.text.translate(INVISIBLE)) for line in lines]
    lines = _without_foot(lines)
    _refuse_extract(lines, file)
    starts, words = _headings(lines)
    end = _end(lines)
    first = starts[0] if starts else end
    head = normalize_head(lines[:first], file, title)
    sections = [
        (lines[at], lines[at + 1 : after])
        for at, after in zip(starts, [*starts[1:], end], strict=False)
    ]
    path = "".join(line.text for line in head.lines if line.text.startswith("{"))
    style = style_of((section for _, section in sections), path)
    whole, remarks = head.lines, head.remarks
    for heading, section in sections:
        blank, name = heading.with_text(""), words[heading.text.strip()]
        whole += [
            blank,
            heading.with_text(name),
            blank,
            *normalize_section(section, name, style, file, remarks),
            blank,
        ]
    date = [
        line.with_text(locales.modified(line.text.strip()) or line.text) for line in lines[end:]
    ]
    return Form([*whole, *date], tuple(remarks))


def _has_fields(lines: list[str]) -> bool:
    """Return whether lines are a section's: a status or content type, or a field is among them."""
    texts = [line.strip() for line in lines if line.strip()]
    return heads_answer(next(iter(texts), "")) or any(
        NAME.fullmatch(one) and (typed(two) is not None or is_structure(_english(two)))
        for one, two in pairwise(texts)
    )


def _headings(lines: Lines) -> tuple[list[int], dict[str, str]]:
    """Return the indexes of the headings of the page's sections, and their English words."""
    marked = [at for at, line in enumerate(lines) if line.within == "heading"]
    texts = [line.text.strip() if line.within != "pre" else "" for line in lines]
    words_at = [at for at, text in enumerate(texts) if text in locales.ALL_HEADINGS]
    alone = [at for at in words_at if not (at and texts[at - 1])]
    if any(not [*texts, ""][at + 1] for at in alone):
        below = {at: [*texts, ""][at + 1] for at in alone}
        alone = [at for at in alone if not below[at] or heads_answer(below[at])]
    else:  # pages of 2024 have no blank lines around them
        alone = [at for at in words_at if _heads_field(texts[at + 1 :])]
        alone += [at for at in words_at if alone and at > alone[-1] and texts[at] in _LAST]
    rows = [at for at in marked if texts[at] in locales.ALL_HEADINGS]
    rows = rows or alone
    words = locales.headings_of(texts[at] for at in rows)
    for at in rows:
        texts[at] = words.get(texts[at], texts[at])
    return headings(texts, rows, _has_fields), words


def _heads_field(texts: list[str]) -> bool:
    """Return whether lines below a heading begin with a field, a status or a content type."""
    first, second = [*islice(filter(None, texts), 2), "", ""][:2]
    is_field = NAME.fullmatch(first) is not None and typed(second) is not None
    return is_field or heads_answer(first)


def _end(lines: Lines) -> int:
    """Return the index of the line `Last modified on`, else that behind the last line."""
    for at in range(len(lines) - 1, -1, -1):
        text = lines[at].text.strip()
        if text.startswith("Last modified on") or locales.modified(text) is not None:
            return at
        if lines[at].text:
            break
    return len(lines)


# The foot


def _without_links(lines: Lines) -> Lines:
    """Leave out lines at the end of a page that are nothing but links to other pages."""
    kept: Lines = []
    for at in range(len(lines) - 1, -1, -1):
        text = lines[at].text.strip()
        if text and _ONLY_LINKS.fullmatch(text):
            continue
        if text and not _FOOT.fullmatch(text):
            return [*lines[: at + 1], *reversed(kept)]
        kept.append(lines[at])
    return lines


def _without_foot(lines: Lines) -> Lines:
    """Leave out the foot of the page, behind every heading and every line of a field.

    An author may write such a line, too: what a type, a flag or a constraint follows is no foot.
    """
    last = max((i for i, one in enumerate(lines) if _is_structure(one.text.strip())), default=0)
    foot = next((i for i in range(last + 1, len(lines)) if _FOOT.fullmatch(lines[i].text)), None)
    if foot is None:
        return lines
    kept = lines[_end(lines) :]
    before = lines[:foot]
    while before and not before[-1].text:
        before.pop()
    if len(before) > last + 1 and _TWO_TITLES.fullmatch(before[-1].text) and not before[-2].text:
        before.pop()
    return [*before, *kept]


def _is_structure(text: str) -> bool:
    return text in locales.ALL_HEADINGS or is_structure(_english(text))


def _english(text: str) -> str:
    """Return a line of a field in English, other texts as they are."""
    return locales.label(locales.constraint(locales.flag(text)))


# What cannot be read


def _refuse_extract(lines: Lines, file: str) -> None:
    """Refuse what an extractor has left of a page: prose, or the lines of fields run together."""
    if any(typed(line.text.strip()) is not None for line in lines):
        return
    glued = next((line for line in lines if _GLUED_FIELD.search(line.text)), None)
    if glued is not None:
        what = "the names, types and flags of the page's fields have run together"
        hint = "this extractor drops line ends: save the browser's HTML, or its visible text"
        raise PipelineError.of([glued.with_text(glued.text[:200]).problem(what, file, hint)])
    heading = next((line for line in lines if line.text.strip() in _FIELDS_ALWAYS), None)
    if heading is not None:
        what = "the page has lost the names and the types of its fields"
        hint = "article extractors drop them: save the browser's HTML, or its visible text"
        raise PipelineError.of([heading.problem(what, file, hint)])
