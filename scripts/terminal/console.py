"""What a command says, and to whom: people on a terminal, people with a log, other programs.

Standard error has progress and problems; standard output has results alone, so that it can be
piped. With `json`, standard output has one JSON object, on success and on failure alike.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from scripts.failure import Problem, by_kind, visible
from scripts.terminal.progress import Progress

_LONGEST = 160
"""Characters of a source line that are shown: one page may be one line."""
_LONGEST_NOTICE = 400
"""Characters of a notice that are shown: one may list a place on each of a hundred pages."""
_MOST = 6
"""Notices that are shown at once: more of them are shown by kind, and as many kinds at most."""
_MANY = 20
"""More problems than these are shown in a line each, but for the first."""
_LISTED = 200
"""Problems that are shown at most."""


def has_colours(stream: TextIO) -> bool:
    """Say whether to colour: on a terminal, unless NO_COLOR or FORCE_COLOR says otherwise.

    Both count when they are set to anything but the empty string (no-color.org, force-color.org).
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


@dataclass(frozen=True, slots=True)
class Style:
    """The few colours of this project; a word says the same, for readers without colour."""

    colours: bool

    def paint(self, kind: str, text: str) -> str:
        """Return text of a kind: error, notice, hint, strong (the first to see), or faint."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.colours else text


_CODES = {"error": "31;1", "notice": "33;1", "hint": "36", "strong": "1", "faint": "2"}


def render(problem: Problem, style: Style, word: str = "error") -> str:
    """Return a problem as a person reads it: place, what, the line in a gutter, and the hint.

    The first line is `file:line: what`, which editors and CI know how to jump to.
    """
    place, what = visible(problem.place), visible(problem.what)
    if word == "notice" and len(what) > _LONGEST_NOTICE:
        what = f"{what[:_LONGEST_NOTICE]} ..."
    head = style.paint(word, what)
    lines = [f"{style.paint('strong', place)}: {head}" if place else head]
    number = "" if problem.line is None else str(problem.line)
    gutter = max(len(number), 3) + 1
    if problem.text is not None:
        shown = visible(problem.text)
        if len(shown) > _LONGEST:
            shown = f"{shown[:_LONGEST]} ..."
        lines.append(f"{style.paint('faint', f'{number:>{gutter}} |')} {shown}")
    if problem.hint is not None:
        first, *others = visible(problem.hint).split("\n")
        hint = style.paint("hint", f"hint: {first}")
        lines.append(f"{' ' * gutter} {style.paint('faint', '=')} {hint}")
        lines += [f"{' ' * gutter}   {other}" for other in others]
    return "\n".join(lines)


def with_line(problem: Problem, root: Path) -> Problem:
    """Return the problem with the text of its line, where it names one that can be read.

    Files are named as the pipeline does: by their place below `root`, else as they were given.
    """
    if problem.text is not None or problem.file is None or problem.line is None:
        return problem
    for path in (root / problem.file, Path(problem.file)):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        except (OSError, ValueError):
            continue
        if 0 < problem.line <= len(lines):
            return replace(problem, text=lines[problem.line - 1].rstrip("\r"))
    return problem


@dataclass(slots=True)
class Console:
    """Where a command says what it does, what it found and what is wrong.

    `result` is what a program learns through `--json`, besides problems and notices.
    """

    command: str
    root: Path
    out: TextIO
    err: TextIO
    quiet: bool = False
    json: bool = False
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def progress(self) -> Progress:
        """Steps of the work, on standard error; silent with `quiet`."""
        return Progress(self.err, self.quiet)

    @property
    def style(self) -> Style:
        """The colours of standard error."""
        return Style(has_colours(self.err))

    def problem(self, *problems: Problem) -> None:
        """Print what is wrong, each problem with its line.

        Of many problems the first are shown with the line's text and a hint, the others in a line
        each. With `json`, all are in the object.
        """
        whole = len(problems) if self.json or len(problems) <= _MANY else _MOST
        self._report(self.problems, problems[:whole], "error")
        self._report(self.problems, problems[whole:_LISTED], "error", brief=True)
        left = len(problems) - max(whole, _LISTED)
        if left > 0:
            self.err.write(f"{self.style.paint('error', f'{left} more are printed with --json')}\n")

    def notice(self, *notices: Problem, most: int = _MOST) -> None:
        """Print what a person should look at though nothing failed.

        Of many notices, one of each kind is shown, with how many are like it: what is said fits a
        screen. With `json`, all are in the object.
        """
        if self.json or len(notices) <= most:
            self._report(self.notices, notices, "notice")
            return
        kinds = by_kind(notices)
        for own in kinds[:_MOST]:
            self._report(self.notices, own[:1], "notice")
            if len(own) > 1:
                self.err.write(f"     {self.style.paint('faint', f'and {len(own) - 1} like it')}\n")
        left = sum(map(len, kinds[_MOST:]))
        total = f"all {len(notices)} are in the report, and printed with --json"
        if left:
            total = f"{left} of other kinds are not shown; {total}"
        self.err.write(f"{self.style.paint('notice', total)}\n")

    def print(self, text: str) -> None:
        """Print a result that people read, on standard output; with `json`, nothing."""
        if not self.json:
            self.out.write(f"{text}\n")

    def end(self, code: int, summary: str = "") -> int:
        """Say how it ended, and return the exit code; with `json`, print the object."""
        if self.json:
            value = {
                "command": self.command,
                "exit_code": code,
                **self.result,
                "problems": list(map(asdict, self.problems)),
                "notices": list(map(asdict, self.notices)),
            }
            self.out.write(json.dumps(value, indent=2) + "\n")
        elif summary:
            self.err.write(f"{self.style.paint('error', summary)}\n" if code else f"{summary}\n")
        self.out.flush()
        return code

    def _report(
        self, known: list[Problem], new: Iterable[Problem], word: str, *, brief: bool = False
    ) -> None:
        for problem in new:
            full = with_line(problem, self.root)
            known.append(full)
            if not self.json:
                text = render(full, self.style, word)
                self.err.write((text.partition("\n")[0] if brief else text) + "\n")
