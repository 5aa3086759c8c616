"""YAML that a person enjoys to read.

A small emitter of our own, since PyYAML cannot lay a long text out well and ruamel.yaml wraps it
anew: 30 ms for the 270 kB of the vendor's whole contract, against 55 ms for libyaml through PyYAML
and 700 ms in pure Python.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from scripts.documents import FLOAT

_WIDTH = 100


def dump(value: dict[str, Any]) -> str:
    """Return a JSON mapping as YAML text: keys in their order, two spaces, no aliases.

    Text that does not fit into a line is folded at spaces, text of several lines is a literal
    block. Whatever a reader of YAML 1.1 or 1.2 could take for something else is quoted, so
    response codes come out as '200'. Equal values give equal bytes. Raises `ValueError` for what
    JSON cannot say, and for keys of more than 1,000 characters, which YAML cannot.
    """
    lines: list[str] = []
    _mapping(value, 0, lines)
    return "\n".join(lines or ["{}"]) + "\n"


# Lines are appended to one list: generators within generators cost a step a level for each line.
def _mapping(value: dict[str, Any], indent: int, lines: list[str]) -> None:
    margin = " " * indent
    for key, member in value.items():
        if not isinstance(key, str):
            raise ValueError(f"the key {key!r} is not a string")
        name = _key_text(key)
        if len(name) > 1000:
            raise ValueError(f"the key {key[:40]!r}... is too long for YAML")
        _member(f"{margin}{name}:", member, indent, lines)


@lru_cache(maxsize=10_000)
def _key_text(key: str) -> str:
    return _quoted(key, line=True)


def _sequence(value: list[Any], indent: int, lines: list[str]) -> None:
    margin = " " * indent
    for member in value:
        if isinstance(member, dict | list) and member:
            # The first line of the member stands beside its dash.
            first = len(lines)
            _nested(member, indent + 2, lines)
            lines[first] = f"{margin}- {lines[first][indent + 2 :]}"
        else:
            _member(f"{margin}-", member, indent, lines)


def _nested(value: dict[str, Any] | list[Any], indent: int, lines: list[str]) -> None:
    if isinstance(value, dict):
        _mapping(value, indent, lines)
    else:
        _sequence(value, indent, lines)


def _member(head: str, value: Any, indent: int, lines: list[str]) -> None:
    """Append the lines of a member: `head` is its key or dash, at `indent`."""
    if isinstance(value, dict | list) and value:
        lines.append(head)
        _nested(value, indent + 2, lines)
    elif isinstance(value, str):
        lines.extend(_text(head, value, indent + 2))
    else:
        lines.append(f"{head} {_atom(value)}")


def _atom(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = json.dumps(value, allow_nan=False)
        # YAML 1.1 reads 1e+16 as text: it wants a dot.
        return text if "." in text else text.replace("e", ".0e")
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    raise ValueError(f"{type(value).__name__} is not JSON")


# What YAML does not let stand in a block or in quotes as it is, tabs and line ends. (A set of what
# it lets stand, beyond 16 bits, would take Python 4 ms to compile.)
_UNPRINTABLE = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# Plain text that is safe wherever we write it, that is outside of flow collections.
_SAFE = re.compile(r"[A-Za-z_/$(<.\xc0-\u024f](?:[^:#]|:(?! |$)|(?<! )#)*(?<! )|\d+\.\d+\.\d+")
# Words that YAML 1.1 or 1.2 read as something else.
_WORD = re.compile(r"(?i:null|true|false|yes|no|on|off|y|n)|<<")


def _quoted(text: str, *, line: bool = False) -> str:
    """Return text in one line, plain where that is safe."""
    if _UNPRINTABLE.search(text):
        return _escaped(text)
    if _SAFE.fullmatch(text) and not _WORD.fullmatch(text) and not FLOAT.fullmatch(text):
        return text
    if line and text.startswith("'"):
        return _escaped(text)
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    """Return text in double quotes."""
    # JSON's escapes are YAML's, but for surrogate pairs: YAML takes a code point of eight digits.
    return _UNPRINTABLE.sub(
        lambda found: f"\\U{ord(found[0]):08x}", json.dumps(text, ensure_ascii=False)
    )


def _text(head: str, text: str, indent: int) -> Iterator[str]:
    """Yield the lines of a string after its key or dash."""
    one = _quoted(text)
    margin = " " * indent
    lines = text.split("\n")
    if "\n" in text and not any(map(_UNPRINTABLE.search, lines)) and not _awkward(lines):
        # "-" takes the last line end away, "" keeps one.
        ends = text.endswith("\n")
        yield f"{head} |{'' if ends else '-'}"
        for line in lines[:-1] if ends else lines:
            yield f"{margin}{line}" if line else ""
    elif len(head) + 1 + len(one) > _WIDTH and _foldable(text):
        yield f"{head} >-"
        width = max(_WIDTH - indent, 40)
        line = ""
        for word in text.split(" "):
            if line and len(line) + 1 + len(word) > width:
                yield margin + line
                line = word
            else:
                line = f"{line} {word}" if line else word
        yield margin + line
    else:
        yield f"{head} {one}"


def _awkward(lines: list[str]) -> bool:
    """Say whether a literal block would need an indentation sign, or end in blank lines."""
    first = next(filter(None, lines), "")
    return first.startswith(" ") or not first.strip() or lines[-2:] == ["", ""] or not lines[0]


def _foldable(text: str) -> bool:
    """Say whether folding at single spaces gives the text back."""
    return (
        _UNPRINTABLE.search(text) is None and " " in text and "  " not in text
    ) and text == text.strip(" \t")
