"""Where captured pages come from: `spec/sources.yaml`."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from scripts import documents
from scripts.documents import Document
from scripts.failure import PipelineError, Problem
from scripts.loopback import is_loopback

__all__ = ["Form", "Source", "is_sendable", "read", "updated"]

_KEYS = ("url", "file", "form", "captured_on", "etag", "last_modified")


class Form(StrEnum):
    """The form that is wanted of a page."""

    MD = "md"
    TEXT = "text"
    ANY = "any"
    """`md` where the site serves it, else `text`."""


@dataclass(frozen=True, slots=True)
class Source:
    """One page: where it is, what it is called in the folder of pages, what is known of it.

    `captured_on` is an ISO date; `etag` and `last_modified` are the headers of the version that
    was captured. `index` counts from 0 and `line` from 1 in the list of sources.
    """

    url: str
    file: str
    form: Form
    captured_on: str | None
    etag: str | None
    last_modified: str | None
    index: int
    line: int


def read(path: Path, file: str | None = None) -> list[Source]:
    """Read the list of sources; `file` is its name in errors.

    Raises PipelineError with all that is wrong: unknown keys, URLs that are not https (or http to
    a loopback address) or hold credentials, unknown forms, file names that lead elsewhere, pages
    listed twice.
    """
    document = documents.read(path, file)
    problems = [
        document.problem(f"the key {key!r} is not known", f"/{key}", hint="known is: pages")
        for key in document.value
        if key != "pages"
    ]
    listed = document.value.get("pages")
    if not isinstance(listed, list):
        problems.append(document.problem("'pages' is not a list", "/pages"))
        raise PipelineError.of(problems)
    sources: list[Source] = []
    for index, entry in enumerate(listed):
        if not isinstance(entry, dict):
            problems.append(document.problem("is not a mapping with a url", f"/pages/{index}"))
            continue
        wrong = _problems(document, entry, index)
        problems += wrong
        if not wrong:
            sources.append(_source(document, entry, index))
    problems += _repeated(document, sources)
    if problems:
        raise PipelineError.of(problems)
    return sources


def updated(text: str, changes: Mapping[int, Mapping[str, str | None]]) -> str:
    """Return the text of a list of sources with keys of its pages set, comments kept.

    `changes` goes from a page's index to keys and values; `captured_on` is an ISO date.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.indent(mapping=2, sequence=4, offset=2)
    # A null is written out, not left blank.
    yaml.representer.add_representer(type(None), _null)
    value = yaml.load(text)
    for index, keys in changes.items():
        entry = value["pages"][index]
        for key, new in keys.items():
            day = key == "captured_on" and new is not None
            entry[key] = date.fromisoformat(str(new)) if day else new
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue()


def _null(representer: Any, _: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def is_sendable(value: str) -> bool:
    """Return whether a text may stand in a request's header."""
    return value.isascii() and value.isprintable()


def _problems(document: Document, entry: dict[str, Any], index: int) -> list[Problem]:
    at = f"/pages/{index}"
    problems = [
        document.problem(
            f"the key {key!r} is not known", f"{at}/{key}", hint=f"known are: {', '.join(_KEYS)}"
        )
        for key in entry
        if key not in _KEYS
    ]
    problems += [
        document.problem(f"{key!r} is not a text", f"{at}/{key}")
        for key in _KEYS
        if entry.get(key) is not None and not isinstance(entry[key], str)
    ]
    if problems:
        return problems
    url = entry.get("url")
    if url is None:
        return [document.problem("the page has no url", at)]
    what = _wrong_url(url)
    if what is not None:
        return [document.problem(f"{what}: {url}", f"{at}/url")]
    form = entry.get("form")
    if form is not None and form not in list(Form):
        hint = f"one of: {', '.join(Form)}"
        problems.append(
            document.problem(f"the form {form!r} is not known", f"{at}/form", hint=hint)
        )
    name = _file(entry)
    if not re.fullmatch(r"[\w][\w.@+-]*\.(?:md|txt)", name):
        hint = "a name without folders that ends in .md or .txt"
        problems.append(document.problem(f"{name!r} is no name of a page", f"{at}/file", hint=hint))
    problems += [
        document.problem(f"{key!r} cannot be sent in a header", f"{at}/{key}")
        for key in ("etag", "last_modified")
        if entry.get(key) is not None and not is_sendable(entry[key])
    ]
    captured = entry.get("captured_on")
    if captured is not None:
        try:
            date.fromisoformat(captured)
        except ValueError:
            what = f"{captured!r} is not a date such as 2026-05-27"
            problems.append(document.problem(what, f"{at}/captured_on"))
    return problems


def _wrong_url(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "the url is not valid"
    if not host or parts.scheme not in ("http", "https"):
        return "the url is not one of a page"
    if parts.username is not None or parts.password is not None:
        return "the url holds credentials"
    if parts.scheme == "http" and not is_loopback(host):
        return "the url is plain http"
    return None


def _file(entry: dict[str, Any]) -> str:
    """Return the page's file name: as given, else after the last segment of the URL."""
    if entry.get("file") is not None:
        return str(entry["file"])
    last = urlsplit(entry["url"]).path.rstrip("/").rpartition("/")[2]
    suffix = ".txt" if entry.get("form") == Form.TEXT else ".md"
    return re.sub(r"\.(?:md|html?)$", "", last) + suffix


def _source(document: Document, entry: dict[str, Any], index: int) -> Source:
    return Source(
        url=entry["url"],
        file=_file(entry),
        form=Form(entry.get("form") or Form.ANY),
        captured_on=entry.get("captured_on"),
        etag=entry.get("etag"),
        last_modified=entry.get("last_modified"),
        index=index,
        line=document.line(f"/pages/{index}"),
    )


def _repeated(document: Document, sources: list[Source]) -> list[Problem]:
    problems: list[Problem] = []
    urls: dict[str, Source] = {}
    # A page may change its form, and then its suffix: names must differ without it.
    names: dict[str, Source] = {}
    for source in sources:
        at = f"/pages/{source.index}"
        other = urls.setdefault(source.url, source)
        if other is not source:
            what = f"the page is listed on line {other.line} already"
            problems.append(document.problem(what, f"{at}/url", hint="keep one"))
            continue
        named = names.setdefault(Path(source.file).stem.lower(), source)
        if named is not source:
            what = f"the page on line {named.line} has the same file name"
            problems.append(document.problem(what, f"{at}/file", hint="make the names differ"))
    return problems
