"""What a difference between two contracts asks of those who use the client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Bump: TypeAlias = Literal["none", "patch", "minor", "major"]
BUMPS: tuple[Bump, ...] = ("none", "patch", "minor", "major")
"""From the smallest to the largest."""


def larger(*bumps: Bump) -> Bump:
    """Return the largest of some bumps, "none" of none."""
    return BUMPS[max(map(BUMPS.index, bumps), default=0)]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `pointer` is a JSON pointer, into the old contract for what was removed."""

    bump: Bump
    pointer: str
    message: str

    def __str__(self) -> str:
        """Return the bump, what changed and where."""
        return f"{self.bump}: {self.message} (at #{self.pointer})"


@dataclass(frozen=True, slots=True)
class Difference:
    """All differences of two contracts, the largest bump first."""

    changes: tuple[Change, ...]

    @property
    def bump(self) -> Bump:
        """The largest bump of all changes; "none" where there are none."""
        bumps: list[Bump] = [change.bump for change in self.changes]
        return larger(*bumps)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Each change as a sentence that names its place."""
        return tuple(map(str, self.changes))
