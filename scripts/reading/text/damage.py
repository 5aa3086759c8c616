"""Signs of damage: what looks like a field but cannot be one, and would be lost as prose.

An author's words may look so, too, and are refused then. What is refused here is what one damaged
line makes of a field; a list of single words, say, is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from scripts.reading.text.field_line import (
    FLAG_WORDS,
    FLAGS,
    NAME,
    TYPE_WORD,
    TYPES,
    VALUE,
    is_damaged_constraint,
    is_flag,
    parse_type,
)
from scripts.reading.text.section import Section

_JOINED = re.compile(r"[^\W\dA-Z][\w$.-]*|\$[\w.-]+|\w*[\d_][\w.-]*")
"""A name that a type behind it on the line shows to be none of a sentence's words."""
_TYPE_LIKE = re.compile(r"\w+(?:<[^<>\s]*>)?(?:\[\])+|\w+<[^<>\s]*>")
"""What nothing but a type looks like."""
_GLUED = re.compile(rf"{TYPE_WORD}(?:{'|'.join(FLAGS)})+")
"""A type with its flags behind it: pages of 2024 have them so."""
_MEDIA = re.compile(r"([1-5]\d\d - )?(?:application|multipart|text)/[\w.*+-]+")


def refuse(section: Section, row: int) -> None:
    """Refuse a line of a field's entry that is no paragraph; raises PipelineError at that line."""
    line = section.lines[row]
    if is_damaged_constraint(line):
        raise section.failure(
            "the constraint is not understood", row,
            "as in: Required range: 1 <= x <= 9 | Minimum string length: 1 | "
            'Allowed value: "v" | Must be a multiple of 5',
        )  # fmt: skip
    refuse_paragraph(section, row)
    media = _MEDIA.fullmatch(line)
    if media and (lost := "Response" if media[1] else "Body") in section.lost:
        raise section.failure(
            "a content type stands in the list of another section", row,
            f"is the heading {lost!r} before it damaged or missing?",
        )  # fmt: skip
    if VALUE.fullmatch(line):
        raise section.failure(
            "a value stands where a description is expected", row,
            "is the line 'Example:' before it damaged or missing?",
        )  # fmt: skip


def refuse_paragraph(section: Section, row: int) -> None:
    """Refuse a block of lines that can only be a field whose name or type is damaged."""
    lines = section.lines
    if row and lines[row - 1]:
        return  # the block was looked at when it began
    if parse_type(lines[row]) is not None:
        raise section.failure(
            f"the type {lines[row]!r} has no name before it", row,
            "the line with the field's name is missing",
        )  # fmt: skip
    if lines[row] in FLAG_WORDS or re.fullmatch(r"default:\S*", lines[row]):
        raise section.failure(
            f"the flag {lines[row]!r} has no field before it", row,
            "flags follow the type without a blank line",
        )  # fmt: skip
    name, space, type_ = lines[row].partition(" ")
    if space and _JOINED.fullmatch(name) and parse_type(_without_flags(type_)) is not None:
        raise section.failure(
            f"the name {name!r} and the type {type_!r} stand on one line", row,
            "each stands on a line of its own",
        )  # fmt: skip
    if section.line(row + 1):
        _refuse_block(section, row)


def _refuse_block(section: Section, row: int) -> None:
    """Refuse a word with flags, or with nearly a type, below it."""
    name, suspect = section.line(row), section.line(row + 1)
    below = [section.line(at) for at in range(row + 1, row + 4)]
    shown = below[: below.index("")] if "" in below else below
    flagged = any(line in FLAG_WORDS or line.startswith("default:") for line in shown)
    if not NAME.fullmatch(name):
        if flagged:
            raise section.failure(
                "expected the name of a field, since flags follow", row,
                "a name and a type stand before flags, each on a line of its own",
            )  # fmt: skip
        return
    # Authors' lists of single words are no fields; a word that is nearly a type is.
    close = None if suspect.endswith("s") else nearest(suspect, (*TYPES, "enum<string>"), 0.75)
    words = (bare := _without_flags(suspect)).split(" ")
    flagged = flagged or (suspect != bare and parse_type(bare) is not None)
    titled = 1 < len(words) < 5 and suspect[0].isupper() and parse_type(words[-1]) is not None
    like_type = _TYPE_LIKE.fullmatch(suspect) or _GLUED.fullmatch(suspect) or " · " in suspect
    if flagged or close or titled or like_type:
        raise section.failure(
            f"unknown type {suspect!r} of the field {name!r}", row + 1,
            close or f"known types: {', '.join(TYPES)}, enum<string>, each also with []",
        )  # fmt: skip


def _without_flags(text: str) -> str:
    words = text.split(" ")
    while is_flag(words[-1]) and len(words) > 1:
        words.pop()
    return " ".join(words)


def nearest(word: str, known: Sequence[str], cutoff: float = 0.6) -> str | None:
    """Return a hint at the known word that is nearest to one, if any is near."""
    found = get_close_matches(word, known, n=1, cutoff=cutoff)
    return f"did you mean {found[0]!r}?" if found else None
