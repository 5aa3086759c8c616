"""A line of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    `measured` is ours over the base that `what` names, `peers` the same of other clients; None
    where it could not be had (`note` says why). `goal` is the most that is wanted, or the least
    where `at_least`.
    """

    what: str
    measured: float | None
    goal: float | None
    note: str = ""
    at_least: bool = False
    unit: str = "x"
    peers: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def missed(self) -> bool:
        """Return whether the goal is missed."""
        if self.measured is None or self.goal is None:
            return False
        return self.measured < self.goal if self.at_least else self.measured > self.goal
