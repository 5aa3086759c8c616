"""How a capture sets the lines of fields: where blank lines stand, and where they mean anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scripts.reading.line import Lines, PageLine
from scripts.reading.text.field_line import LABELS, NAME, is_detail
from scripts.reading.variants import locales
from scripts.reading.variants.row import flags, parts, typed


@dataclass(frozen=True, slots=True)
class Style:
    """How a capture sets the lines of fields.

    `spaced`: a blank line stands between name, type and flags. `dense`: none stands before a
    description. `flagged_names`: `required` stands right behind a name, as in 2023.
    """

    spaced: bool = False
    dense: bool = False
    flagged_names: bool = False


@dataclass(slots=True)
class Tokens:
    """The lines of a section that are not blank; `gaps` are those that a blank line precedes."""

    lines: Lines = field(default_factory=list)
    gaps: list[bool] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[PageLine]) -> Tokens:
        """Take the lines of a section."""
        found = cls()
        gap = True
        for line in lines:
            for part in parts(line.text.strip()):
                found.lines.append(line if part == line.text.strip() else line.with_text(part))
                found.gaps.append(gap)
                gap = False
            gap = not line.text.strip()
        return found

    def text(self, at: int) -> str:
        """Return the text of a line, none behind the last."""
        return self.lines[at].text.strip() if at < len(self.lines) else ""

    def begins_field(self, at: int, *, spaced: bool) -> bool:
        """Return whether a name stands here and a type behind it.

        A field may be called `object`: of a run of lines that read as types, every second is one.
        """
        name = self.text(at)
        if not NAME.fullmatch(name) or self.lines[at].within == "pre" or name.startswith("enum<"):
            return False
        if locales.label(name) in LABELS:
            return False
        after = at + 1
        if after < len(self.lines) and self.lines[after].within == "name":
            return False  # the name is there, whatever it looks like
        while (
            after < len(self.lines)
            and (spaced or not self.gaps[after])
            and typed(self.text(after)) is not None
        ):
            after += 1
        return (after - at) % 2 == 0


def style_of(sections: Iterable[Lines], path: str) -> Style:
    """Return how the fields of a page are set; `path` is the operation's."""
    beside = apart = described = set_off = 0
    found = [Tokens.of(lines) for lines in sections]
    for tokens in found:
        for at in range(len(tokens.lines) - 1):
            if NAME.fullmatch(tokens.text(at)) and typed(tokens.text(at + 1)) is not None:
                beside += not tokens.gaps[at + 1]
                apart += tokens.gaps[at + 1]
    spaced = apart > beside
    for tokens in found:
        for at in range(1, len(tokens.lines)):
            before = tokens.text(at - 1)
            ends = typed(before) is not None or bool(flags(before))
            if not ends or tokens.begins_field(at - 1, spaced=spaced):
                continue
            text = tokens.text(at)
            if flags(text) or tokens.begins_field(at, spaced=spaced) or is_detail(text):
                continue
            described += not tokens.gaps[at]
            set_off += tokens.gaps[at]
    flagged = any(
        f"{{{line.text.removesuffix('required')}}}" in path and f"{{{line.text}}}" not in path
        for tokens in found
        for line in tokens.lines
        if line.text.endswith("required")
    )
    unbroken = not any(any(tokens.gaps[1:]) for tokens in found)
    dense = not spaced and set_off == 0 and (described > 0 or unbroken)
    return Style(spaced, dense, flagged)
