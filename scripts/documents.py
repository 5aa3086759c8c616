"""Documents on disk: YAML or JSON that we read, and YAML that a person enjoys to read.

Reading follows the core schema of YAML 1.2 (`yes` is a string, `2026-04-16` is no date), refuses
duplicate keys and remembers the line of every part. Writing is a small emitter of our own, since
PyYAML cannot lay a long text out well and ruamel.yaml wraps it anew: 30 ms for the 270 kB of the
vendor's whole contract, against 55 ms for libyaml through PyYAML and 700 ms in pure Python.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from scripts.facts import escape
from scripts.failure import PipelineError, Problem

# PyYAML builds without a word where libyaml's headers are missing, as on a Python without a wheel.
if not yaml.__with_libyaml__:
    raise PipelineError(
        "PyYAML is built without libyaml, which reading documents needs",
        file=yaml.__file__,
        hint="install a release of PyYAML that has a wheel for this Python, or libyaml's headers "
        "(Debian: libyaml-dev) before PyYAML is built",
    )

__all__ = ["DEEPEST", "Document", "core_scalar", "dump", "json_as_yaml", "parse", "read"]

_WIDTH = 100
DEEPEST = 100
"""How deep a document may be nested."""


# Reading


@dataclass(frozen=True, slots=True)
class Document:
    """A mapping read from a file, as plain JSON, and the line of each of its parts.

    `file` is the name that problems carry; lines count from 1 and are looked up by JSON pointer.
    """

    file: str
    value: dict[str, Any]
    lines: dict[str, int] = field(repr=False)

    def line(self, pointer: str) -> int:
        """Return the line on which a part begins; of a member, the line of its key.

        A pointer to a part that is not there gives the line of its nearest ancestor, so that a
        missing key can be reported where it belongs.
        """
        while pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines[pointer]

    def problem(self, what: str, pointer: str = "", *, hint: str | None = None) -> Problem:
        """Return a problem of this file, at the line of a part."""
        return Problem(what, self.file, self.line(pointer), hint=hint)


class _Loader(yaml.CSafeLoader):
    """libyaml's parser without PyYAML's YAML 1.1 rules: every plain scalar stays text."""

    # None stands for any first character. A tag of its own distinguishes plain text from `!!str`.
    yaml_implicit_resolvers = {None: [("plain", re.compile(""))]}  # noqa: RUF012


_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


def read(path: Path, file: str | None = None) -> Document:
    """Read a YAML or JSON mapping.

    `file` is the name to report, `path` itself by default. Raises `PipelineError` for a file that
    cannot be read, broken syntax, a duplicate or non-string key, and anything but a mapping.
    """
    name = str(path) if file is None else file
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        hint = "is it a file, and may you read it?"
        raise PipelineError(f"cannot be read: {error.strerror}", file=name, hint=hint) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        hint = "save it again as UTF-8"
        raise PipelineError("is not UTF-8 text", file=name, line=line, hint=hint) from error
    return parse(text, name)


def parse(text: str, file: str) -> Document:
    """Parse a YAML or JSON mapping; the errors are those of `read`."""
    try:
        source = json_as_yaml(text, file) if file.endswith(".json") else text
    except RecursionError:
        raise _error(text, file, None, f"JSON is nested deeper than {DEEPEST}") from None
    try:
        _refuse_depth(source, text, file)
        root = yaml.compose(source, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(filter(None, [error.context, error.problem]))
        raise _error(
            text, file, None if mark is None else mark.line, f"is not valid YAML: {what}"
        ) from error
    except yaml.reader.ReaderError as error:
        line = source.encode()[: error.position].count(b"\n")  # libyaml counts bytes
        raise _error(
            text, file, line, f"holds a character that YAML forbids: {error.reason}"
        ) from error
    if not isinstance(root, yaml.MappingNode):
        kind = "is empty" if root is None else "is not a mapping"
        raise PipelineError(kind, file=file, line=1, hint="begin with `key: value` lines")
    lines: dict[str, int] = {}
    value = _value(root, "", root.start_mark.line, lines, _Text(text, file), ())
    return Document(file, value, lines)


_MARGIN = re.compile(r"^[ ?-]*", re.MULTILINE)
_OPENING = re.compile(r"[\[{]")


def _refuse_depth(source: str, text: str, file: str) -> None:
    """Refuse what is nested so deep that composing it would overflow the stack of C code."""
    margin = max(found.end() - found.start() for found in _MARGIN.finditer(source))
    # A mapping and a list may stand at one column, so few documents need the look at the events.
    if len(_OPENING.findall(source)) + 2 * (margin + 1) <= DEEPEST:
        return
    depth = 0
    for event in yaml.parse(source, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                assert event.start_mark is not None, "libyaml marks every event"
                what = f"the document is nested deeper than {DEEPEST}"
                raise _error(text, file, event.start_mark.line, what)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


_SURROGATES = re.compile(r"\\(?:u([dD][89abAB]..)\\u([dD][c-fC-F]..)|(.))")


def json_as_yaml(text: str, file: str) -> str:
    """Hold text to JSON's syntax, and spell what JSON and YAML spell differently as YAML does."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise _error(text, file, error.lineno - 1, f"is not valid JSON: {error.msg}") from error

    def spell(found: re.Match[str]) -> str:
        if found[3]:
            return found[0]
        pair = bytes.fromhex(found[1] + found[2]).decode("utf-16-be")
        return f"\\U{ord(pair):08x}"

    return _SURROGATES.sub(spell, text)


@dataclass(frozen=True, slots=True)
class _Text:
    """The text being read, for its errors."""

    text: str
    file: str

    def error(self, node: yaml.Node, what: str, hint: str | None = None) -> PipelineError:
        return _error(self.text, self.file, node.start_mark.line, what, hint)


def _error(
    text: str, file: str, index: int | None, what: str, hint: str | None = None
) -> PipelineError:
    """Return an error about the line of a 0-based index."""
    if index is None:
        return PipelineError(what, file=file, hint=hint)
    # Not splitlines: YAML and editors count only \n, \r\n and \r as the end of a line.
    lines = re.split(r"\r\n|\r|\n", text)
    index = min(index, len(lines) - 1)
    return PipelineError(what, file=file, line=index + 1, text=lines[index], hint=hint)


def _value(
    node: yaml.Node,
    pointer: str,
    line: int,
    lines: dict[str, int],
    text: _Text,
    parents: tuple[int, ...],
) -> Any:
    """Return the JSON value of a node, and note the lines of its parts."""
    lines[pointer] = line + 1
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, text)
    if id(node) in parents:
        raise text.error(node, "an alias refers to a part that contains it")
    parents = (*parents, id(node))
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(item, f"{pointer}/{index}", item.start_mark.line, lines, text, parents)
            for index, item in enumerate(node.value)
        ]
    result: dict[str, Any] = {}
    for key_node, member in node.value:
        key = _key(key_node, text)
        if key in result:
            hint = f"it stands on line {lines[f'{pointer}/{escape(key)}']} already: keep one"
            raise text.error(key_node, f"duplicate key {key!r}", hint)
        where = f"{pointer}/{escape(key)}"
        result[key] = _value(member, where, key_node.start_mark.line, lines, text, parents)
    return result


def _key(node: yaml.Node, text: _Text) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise text.error(node, "a key is a list or a mapping, not a string")
    key = _scalar(node, text)
    if not isinstance(key, str):
        hint = "put it in quotes, as in '200':"
        raise text.error(node, f"the key {node.value} is not a string", hint)
    return key


def core_scalar(written: str) -> Any:
    """Return the value of a plain scalar by the core schema of YAML 1.2.

    Raises `ValueError` for the numbers that JSON lacks: infinities and not-a-number.
    """
    if _NULL.fullmatch(written):
        return None
    if _BOOL.fullmatch(written):
        return written.lower() == "true"
    if _INT.fullmatch(written):
        return int(written, 0 if written.startswith(("0o", "0x")) else 10)
    if found := _FLOAT.fullmatch(written):
        if found[4] or found[5] or math.isinf(float(written)):
            raise ValueError(f"{written} is no JSON number")
        return float(written)
    return written


def _scalar(node: yaml.ScalarNode, text: _Text) -> Any:
    """Return the value of a scalar by the core schema of YAML 1.2, or by its tag."""
    written: str = node.value
    tag = node.tag.replace("tag:yaml.org,2002:", "!!")
    if tag in ("!!str", "!"):  # "!": libyaml's name for a quoted scalar
        return written
    pattern = {"!!null": _NULL, "!!bool": _BOOL, "!!int": _INT, "!!float": _FLOAT}.get(tag)
    if tag != "plain" and (pattern is None or not pattern.fullmatch(written)):
        raise text.error(node, f"the tag {tag} does not fit {written!r}", "leave the tag out")
    try:
        value = core_scalar(written)
    except ValueError as error:
        raise text.error(node, str(error), "put it in quotes if it is a text") from None
    return float(value) if tag == "!!float" else value


# Writing


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
_WORD = re.compile(r"(?i:null|true|false|yes|no|on|off|y|n)")


def _quoted(text: str, *, line: bool = False) -> str:
    """Return text in one line, plain where that is safe."""
    if _UNPRINTABLE.search(text):
        return _escaped(text)
    if _SAFE.fullmatch(text) and not _WORD.fullmatch(text) and not _FLOAT.fullmatch(text):
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
