"""A secret that shows itself only where it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import quote

__all__ = ["MaskedBytes", "Secret"]


class MaskedBytes(bytes):
    """The value of a header, sent as it is and never printed.

    httpx, httpcore and hpack hand lists of headers around, log them and keep them in local
    variables. All of them keep this object as it is, and show it by its repr.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'***'"

    __str__ = __repr__


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

    def bearer(self) -> MaskedBytes:
        """Return the value of an Authorization header."""
        return MaskedBytes(b"Bearer " + self._reveal().encode("ascii"))

    def hide_in(self, content: bytes) -> bytes:
        """Return content without the secret: servers have been seen to repeat it in errors."""
        value = self._reveal()
        if not value:
            return content
        for written in (value, json.dumps(value)[1:-1], quote(value, safe="")):
            content = content.replace(written.encode(), b"***")
        return content

    def __repr__(self) -> str:
        return "Secret('***')"

    def __bool__(self) -> bool:
        return bool(self._reveal())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._reveal() == self._reveal()

    def __hash__(self) -> int:
        return hash(self._reveal())

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled")
