"""Names by rule: operations from titles, tags and resources from paths, components from both."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

_VERSION = re.compile(r"v\d+(?:\.\d+)*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 80
_GENERIC = frozenset(
    re.findall(
        r"\w+",
        """
        a add all an and by create delete edit fetch find for from get id in index info insert item
        list many multiple name new of on one patch post put query read record remove retrieve save
        search set show single the to update upsert view with
        """,
    )
)
"""Words that titles of any resource are made of: a title of nothing else names no operation."""


def words(text: str) -> list[str]:
    """Split a title, a path segment or a property's name (any case style) into words.

    Letters lose their accents; scripts that have no Latin letters give no words.
    """
    if not text.isascii():
        text = "".join(one for one in normalize("NFKD", text) if not combining(one))
    return _WORD.findall(text)


def pascal(text: str) -> str:
    """Return the words of `text` as PascalCase: `executionReason` gives `ExecutionReason`."""
    return "".join(word[0].upper() + word[1:] for word in words(text))


def operation_id(title: str) -> str:
    """Return a title as camelCase: `Cancel job execution` gives `cancelJobExecution`.

    Of a title as long as a paragraph, the first words: a module is called so, and a file system
    takes no longer names.
    """
    name = ""
    for word in words(title):
        if name and len(name) + len(word) > _LONGEST:
            break
        name += word[0].upper() + word[1:]
    return name[:1].lower() + name[1:]


def specific(title: str) -> bool:
    """Return whether a title names its operation without the path, unlike `List` or `Get by ID`."""
    found = [word.lower() for word in words(title)]
    return operation_id(title)[:1].isalpha() and any(
        singular(word) not in _GENERIC and not word.isdigit() for word in found
    )


def covers(title: str, path: str) -> bool:
    """Return whether a title has all the words of a path: then no other has more right to it."""
    title_words = {singular(word.lower()) for word in words(title)}
    return all(
        singular(word.lower()) in title_words for part in _static(path) for word in words(part)
    )


def path_name(method: str, path: str) -> str:
    """Return what no other operation is called: its method and its path, templates included.

    `DELETE /jobs/{jobId}` gives `deleteJobsByJobId`.
    """
    parts = [
        ("By" if "{" in segment else "") + pascal(segment) for segment in path.split("/") if segment
    ]
    return method.lower() + ("".join(parts) or "Root")


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


def resource_list(path: str) -> str:
    """Return a path's words as they stand, the last of an item's path in the singular.

    What a title that says no more than `List` or `Get` is completed by: `/jobs` gives `Jobs`,
    `/jobs/{jobId}` gives `Job`, `/jobs/{jobId}/executions` gives `JobExecutions`.
    """
    parts = [pascal(segment) for segment in _static(path)]
    if not parts:
        return "Root"
    last = singular(parts[-1]) if path.rstrip("/").endswith("}") else parts[-1]
    return "".join(map(singular, parts[:-1])) + last
