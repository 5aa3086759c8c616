"""A secret that shows itself only where it is asked for."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Secret"]


class Secret:
    """A string that no repr, str, format or pickle shows; `reveal()` gives it."""

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        # A closure, so that even a dump of the attributes prints a function.
        def reveal() -> str:
            return value

        self._reveal: Callable[[], str] = reveal

    def reveal(self) -> str:
        """Return the secret itself, for the wire."""
        return self._reveal()

    def __repr__(self) -> str:
        return "Secret('***')"

    def __bool__(self) -> bool:
        return bool(self._reveal())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._reveal() == self._reveal()

    def __hash__(self) -> int:
        return hash(self._reveal())

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled")
