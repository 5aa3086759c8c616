"""What is wrong with the members of objects that people write: unknown, missing, ill-typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from scripts.documents import Document
from scripts.facts import escape
from scripts.failure import Problem, refuse


@dataclass(frozen=True, slots=True)
class Members:
    """Notes the problems of a document; `hints` say what belongs into a member, by its key.

    `extensions` says that objects may have further members whose names begin with `x-`.
    """

    document: Document
    hints: Mapping[str, str] = field(default_factory=dict)
    extensions: bool = True
    problems: list[Problem] = field(default_factory=list)

    def problem(self, what: str, pointer: str, hint: str | None = None) -> None:
        """Note a problem of what stands at a JSON pointer."""
        self.problems.append(self.document.problem(what, pointer, hint=hint))

    def keys(self, pointer: str, value: dict[str, Any], known: set[str]) -> None:
        """Note keys that are neither known nor extensions, or nearly a known one."""
        for key in value:
            near = next(iter(get_close_matches(key, known, 1, 0.8)), "")
            extends = self.extensions and key.startswith("x-") and not near.startswith("x-")
            if key in known or extends:
                continue
            listed = ", ".join([*sorted(known), *(["x-..."] if self.extensions else [])])
            hint = f"did you mean {near!r}?" if near else f"known here: {listed}"
            self.problem(f"unknown key {key!r}", f"{pointer}/{escape(key)}", hint)

    def text(self, pointer: str, value: dict[str, Any], key: str, *, required: bool = True) -> str:
        """Return a member that must be a text with something in it, or ""."""
        found = value.get(key)
        if isinstance(found, str) and found.strip():
            return found.strip()
        if required or key in value:
            what = "must be a text" if key in value else "is missing"
            self.problem(f"`{key}` {what}", f"{pointer}/{escape(key)}", self.hints.get(key))
        return ""

    def refuse(self) -> None:
        """Raise PipelineError with all problems, in the order of their lines, if there are any."""
        refuse(sorted(self.problems, key=lambda problem: problem.line or 0))
