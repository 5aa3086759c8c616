"""A line of a field as other forms have it: flags in a row, a type with its flags, options."""

from __future__ import annotations

import re
from functools import lru_cache

from scripts.reading.text.field_line import (
    FLAG_WORDS,
    LABELS,
    LOCATIONS,
    TYPE_WORD,
    is_flag,
    parse_type,
)
from scripts.reading.variants import locales

_GLUED = re.compile(
    rf"(?P<location>{'|'.join(LOCATIONS)})?(?P<default>default: ?(?:.*?\S)?)??"
    rf"(?P<flags>(?:{'|'.join(FLAG_WORDS)})*)"
)
_ONE_TYPE = re.compile(TYPE_WORD)
_TYPE_GLUED = re.compile(rf"(?:{TYPE_WORD}){{2,}}")
_LONGEST = 200
"""Characters of a type that flags may stand behind: each end of it is tried."""


def typed(text: str) -> list[str] | None:
    """Return a line that is a type as its type and the flags that stand on it."""
    found = _typed(text)
    return None if found is None else list(found)


@lru_cache(maxsize=10_000)
def _typed(text: str) -> tuple[str, ...] | None:
    # The members of a union, with nothing between them.
    if _TYPE_GLUED.fullmatch(text):
        return (" | ".join(_ONE_TYPE.findall(text)),)
    first = _ONE_TYPE.match(text)
    if first is not None and re.match(r" \w.* · ", text[first.end() :]):
        return (f"{first[0]} | {text[first.end() + 1 :]}",)
    if parse_type(text) is not None:
        return (text,)
    if _ONE_TYPE.search(text) is None:
        return None
    for end in range(min(len(text), _LONGEST) - 1, 2, -1):
        if parse_type(text[:end]) is not None and (found := _glued(text[end:])):
            return (text[:end], *found)
    return None


def parts(text: str) -> list[str]:
    """Split a line that has the first option behind its label; none of a blank line."""
    label, colon, value = text.partition(": ")
    if colon and value.endswith(",") and locales.label(f"{label}:") == LABELS[0]:
        return [LABELS[0], value]
    return [text] if text else []


def flags(text: str) -> list[str]:
    """Return the flags that a line behind a type holds, none where it is no flag."""
    english = locales.flag(locales.constraint(text))
    if is_flag(english) or english.startswith("default:"):
        return _glued(english) or [english]
    words = english.split(" ")
    if len(words) > 1 and all(word in FLAG_WORDS for word in words):
        return words
    return _glued(english)


def _glued(text: str) -> list[str]:
    """Return the flags in a row, as pages of 2024 have them, none for other texts."""
    match = _GLUED.fullmatch(text)
    if match is None:
        return []
    if (match["default"] or "").strip() == "default:":
        return [text]  # a default that is called like a flag
    words = re.findall("|".join(FLAG_WORDS), match["flags"])
    return [part for part in (match["location"], match["default"], *words) if part]
