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
from scripts.addresses import fault_of
from scripts.members import Members

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
    members = Members(documents.read(path, file), extensions=False)
    document = members.document.value
    members.keys("", document, {"pages"})
    listed = document.get("pages")
    if not isinstance(listed, list):
        members.problem("'pages' is not a list", "/pages")
        listed = []
    found = [_source(members, entry, index) for index, entry in enumerate(listed)]
    sources = [one for one in found if one is not None]
    _note_repeated(members, sources)
    members.refuse()
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


def _source(members: Members, entry: Any, index: int) -> Source | None:
    """Return an entry of the list, None where something is wrong with it, which is noted."""
    at, before = f"/pages/{index}", len(members.problems)
    if not isinstance(entry, dict):
        members.problem("is not a mapping with a url", at)
        return None
    members.keys(at, entry, set(_KEYS))
    given = {key: one for key, one in entry.items() if one is not None}
    text = {key: members.text(at, given, key, required=key == "url") for key in _KEYS}
    if len(members.problems) > before:
        return None
    if fault := fault_of(text["url"]):
        members.problem(f"the url {fault}: {text['url']}", f"{at}/url")
        return None
    form = text["form"] or Form.ANY
    if form not in list(Form):
        what, hint = f"the form {form!r} is not known", f"one of: {', '.join(Form)}"
        members.problem(what, f"{at}/form", hint)
    name = text["file"] or _file_name(text["url"], form)
    if not re.fullmatch(r"[\w][\w.@+-]*\.(?:md|txt)", name):
        hint = "a name without folders that ends in .md or .txt"
        members.problem(f"{name!r} is no name of a page", f"{at}/file", hint)
    for key in ("etag", "last_modified"):
        if not is_sendable(text[key]):
            members.problem(f"{key!r} cannot be sent in a header", f"{at}/{key}")
    captured = text["captured_on"]
    try:
        date.fromisoformat(captured or "2026-05-27")
    except ValueError:
        what = f"{captured!r} is not a date such as 2026-05-27"
        members.problem(what, f"{at}/captured_on")
    if len(members.problems) > before:
        return None
    return Source(
        url=text["url"],
        file=name,
        form=Form(form),
        captured_on=captured or None,
        etag=text["etag"] or None,
        last_modified=text["last_modified"] or None,
        index=index,
        line=members.document.line(at),
    )


def _file_name(url: str, form: str) -> str:
    """Return a page's file name by the last segment of its URL."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return re.sub(r"\.(?:md|html?)$", "", last) + (".txt" if form == Form.TEXT else ".md")


def _note_repeated(members: Members, sources: list[Source]) -> None:
    urls: dict[str, Source] = {}
    # A page may change its form, and then its suffix: names must differ without it.
    names: dict[str, Source] = {}
    for source in sources:
        at = f"/pages/{source.index}"
        other = urls.setdefault(source.url, source)
        if other is not source:
            what = f"the page is listed on line {other.line} already"
            members.problem(what, f"{at}/url", "keep one")
            continue
        named = names.setdefault(Path(source.file).stem.lower(), source)
        if named is not source:
            what = f"the page on line {named.line} has the same file name"
            members.problem(what, f"{at}/file", "make the names differ")
