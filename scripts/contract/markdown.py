"""Text as Markdown, in which nothing that a page says can act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scripts.failure import visible


def cell(text: str) -> str:
    """Return a page's text as text in Markdown, within one line and one cell of a table."""
    text = visible(" ".join(text.split()))
    return text.replace("|", "\\|").replace("<", "&lt;").replace("](", "]\\(")


def code(text: str) -> str:
    """Return a name in a span of code, which nothing in it ends."""
    return "`" + cell(text).replace("`", "'") + "`"


def bullets(lines: Iterable[str]) -> str:
    """Return a list of points."""
    return "".join(f"- {line}\n" for line in lines)


def table(head: Iterable[str], body: Iterable[Sequence[str]]) -> str:
    """Return a table by its rows."""
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(row)} |" for row in body]
    return "\n".join(lines) + "\n"
