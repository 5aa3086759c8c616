"""The curl command of a page: method, URL, headers, and the data or form that it sends."""

from __future__ import annotations

import argparse
import re
import shlex
from typing import NoReturn

from scripts.facts import Fact, Kind, Origin
from scripts.failure import PipelineError
from scripts.reading.page import CodeRequest

__all__ = ["read_curl"]


_QUOTES = re.compile(r"\\?['\"]|\\\\")
"""A quote, or one that a backslash takes the meaning from, but within single quotes."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


_OPTIONS = _Parser(prog="curl", add_help=False, allow_abbrev=False)
_OPTIONS.add_argument("--request", "-X", default=None)
_OPTIONS.add_argument("--url", action="append", default=[])
_OPTIONS.add_argument("--header", "-H", action="append", default=[])
_OPTIONS.add_argument(
    "--data", "--data-raw", "--data-binary", "-d", dest="data", action="append", default=None
)
_OPTIONS.add_argument(
    "--form", "--form-string", "--data-urlencode", "-F", dest="form", action="append", default=[]
)
_OPTIONS.add_argument("--cookie", "-b", action="append", default=[])
_OPTIONS.add_argument("--get", "-G", action="store_true")
_OPTIONS.add_argument("--user", "-u", default=None)
_OPTIONS.add_argument("address", nargs="?")


def read_curl(lines: list[str], start: int, file: str) -> tuple[CodeRequest, int]:
    """Read the curl command that begins on `lines[start]`; return it and the index after its end.

    A command goes on while a line ends in a backslash or a quote is open. Raises PipelineError
    naming the line of the command, or of the option that is not understood.
    """
    end, words = _extent(lines, start, file)
    if words[0] != "curl":
        raise _failure("expected a curl command", lines, start, file)
    try:
        options = _OPTIONS.parse_args(words[1:])
    except ValueError as error:
        row = _row_of_trouble(str(error), lines, start, end)
        raise _failure(f"the curl command is not understood: {error}", lines, row, file) from None
    urls = [url for url in (*options.url, options.address) if url is not None]
    if len(urls) != 1:
        what = "the curl command has no --url" if not urls else f"curl has {len(urls)} URLs: {urls}"
        raise _failure(what, lines, start, file)
    url = urls[0]

    def fact(text: str, needle: str) -> Fact[str]:
        row = next((r for r in range(start, end) if needle in lines[r]), start)
        return Fact(text, Origin(Kind.STATED, file, row + 1))

    sends = (options.data is not None or options.form) and not options.get
    method = options.request or ("POST" if sends else "GET")
    headers = {}
    for header in options.header:
        name, colon, value = header.partition(":")
        if not colon:
            row = _row_of_trouble(header, lines, start, end)
            raise _failure(f"the header {header!r} has no colon", lines, row, file)
        headers[name.strip()] = fact(value.strip(), header)
    for cookie in options.cookie:
        headers["Cookie"] = fact(cookie, cookie.partition("=")[0])
    if options.user is not None:
        headers.setdefault("Authorization", fact("Basic <encoded-value>", options.user))
    data = None if options.data is None else fact("&".join(options.data), "--data")
    form = []
    for part in options.form:
        name, equals, value = part.partition("=")
        if not equals or not name:
            row = _row_of_trouble(part, lines, start, end)
            raise _failure(f"the form's part {part!r} is no NAME=VALUE", lines, row, file)
        form.append((name, fact(value, f"{name}=")))
    return CodeRequest(fact(method, method), fact(url, url), headers, data, tuple(form)), end


def _extent(lines: list[str], start: int, file: str) -> tuple[int, list[str]]:
    """Return the index behind the command, and its words, as a shell would split it."""
    quote = ""
    for end in range(start, len(lines)):
        quote = _open_quote(lines[end], quote)
        if not quote and not lines[end].endswith("\\"):
            break
    else:
        raise _failure("the curl command does not end", lines, start, file)
    # shlex keeps an escaped newline as a word, where a shell joins the lines.
    text = "\n".join(lines[start : end + 1]).replace("\\\n", " ")
    try:
        return end + 1, shlex.split(text)
    except ValueError:
        raise _failure("the curl command does not end", lines, start, file) from None


def _open_quote(line: str, quote: str) -> str:
    """Return the quote that is open at the end of a line, which begins within `quote`."""
    for match in _QUOTES.finditer(line):
        sign = match[0]
        if not quote:
            quote = sign if len(sign) == 1 else ""
        elif sign[-1] == quote and (quote == "'" or len(sign) == 1):
            quote = ""
    return quote


def _row_of_trouble(message: str, lines: list[str], start: int, end: int) -> int:
    for row in range(start, end):
        if any(word in message for word in lines[row].split() if len(word) > 2):
            return row
    return start


def _failure(what: str, lines: list[str], row: int, file: str) -> PipelineError:
    return PipelineError(
        what,
        file=file,
        line=row + 1,
        text=lines[row],
        hint="known options: --request, --url, --header, --data, --data-urlencode, --form, "
        "--cookie, --user",
    )
