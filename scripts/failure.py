"""Errors in an input: what is wrong, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What is not shown but acts: control characters, and those that turn the order of writing."""


def visible(text: str) -> str:
    """Return text that shows such characters: a page must not move the cursor, nor hide a part."""
    return ACTING.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `line` counts from 1; `text` is the offending line as it stands; `hint` says what to do.
    """

    what: str
    file: str | None = None
    line: int | None = None
    text: str | None = None
    hint: str | None = None

    @property
    def place(self) -> str:
        """File and line, as far as they are known."""
        return (self.file or "") + ("" if self.line is None else f":{self.line}")

    def __str__(self) -> str:
        """Return `file:line: what`, then the line itself and the hint, each indented."""
        head = f"{self.place}: {self.what}" if self.place else self.what
        tail = [] if self.text is None else [f"    | {self.text}"]
        if self.hint is not None:
            tail.append(f"    hint: {self.hint}")
        return "\n".join([head, *tail])


class PipelineError(Exception):
    """The pipeline stops here, and nothing has been replaced; `problems` says why."""

    def __init__(
        self,
        what: str,
        *,
        file: str | None = None,
        line: int | None = None,
        text: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.problems: tuple[Problem, ...] = (Problem(what, file, line, text, hint),)
        super().__init__(str(self.problems[0]))

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> PipelineError:
        """Join several problems, at least one, into one error."""
        error = cls.__new__(cls)
        error.problems = tuple(dict.fromkeys(problems))  # a part may be used in many places
        Exception.__init__(error, "\n".join(map(str, error.problems)))
        return error


def refuse(problems: Iterable[Problem]) -> None:
    """Raise PipelineError with all problems, if there are any."""
    if found := list(problems):
        raise PipelineError.of(found)


_NAMES = re.compile(
    r"""(?x)
    `[^`]*` | '[^']*' | "[^"]*"        # what is quoted
    | \S*[\d/.:>{}\[\]_]\S*[\w\])}]     # places, and what has a number in it
    (?:\s>\s\S+)*
    """
)


def by_kind(problems: Iterable[Problem]) -> list[list[Problem]]:
    """Return problems that say the same of different things together, the most frequent first."""
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(_NAMES.sub("*", problem.what), []).append(problem)
    return sorted(kinds.values(), key=len, reverse=True)
