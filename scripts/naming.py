"""Names by rule: operations from titles, tags and resources from paths, components from both."""

from __future__ import annotations

import re

__all__ = ["operation_id", "pascal", "resource", "singular", "tag"]

_VERSION = re.compile(r"v\d+(?:\.\d+)*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(text: str) -> list[str]:
    """Split a title, a path segment or a property's name (any case style) into words."""
    return _WORD.findall(text)


def pascal(text: str) -> str:
    """Return the words of `text` as PascalCase: `executionReason` gives `ExecutionReason`."""
    return "".join(word[0].upper() + word[1:] for word in words(text))


def operation_id(title: str) -> str:
    """Return a title as camelCase: `Cancel job execution` gives `cancelJobExecution`."""
    name = pascal(title)
    return name[:1].lower() + name[1:]


def singular(word: str) -> str:
    """Return an English plural's singular, by its ending; other words as they are."""
    if re.search(r"(ss|us|is|news|series|species)$", word):
        return word
    if re.search(r"[^aeiou]ies$", word):
        return word[:-3] + "y"
    if re.search(r"(s|x|ch|sh|z)es$", word):
        return word[:-2]
    return word.removesuffix("s")


def _static(path: str) -> list[str]:
    segments = [segment for segment in path.split("/") if segment and "{" not in segment]
    return [segment for segment in segments if not _VERSION.fullmatch(segment)]


def tag(path: str) -> str:
    """Return the first word of a path that is neither a template nor a version."""
    return next(iter(_static(path)), "default")


def resource(path: str) -> str:
    """Return what a path is about: `/jobs/{jobId}/executions/{executionId}` is a `JobExecution`."""
    return "".join(singular(pascal(segment)) for segment in _static(path)) or "Root"
