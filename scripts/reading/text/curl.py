"""The curl command of a page: method, URL, headers, and the data or form that it sends."""

from __future__ import annotations

import argparse
import re
from typing import NoReturn

from scripts.facts import Fact, Kind, Origin
from scripts.failure import PipelineError
from scripts.reading.page import CodeRequest

_QUOTES = re.compile(r"\\?['\"]|\\\\")
"""A quote, or one that a backslash takes the meaning from, but within single quotes."""


_PART = re.compile(
    r"""(?P<space>[ \t\r\n]+)|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|"""
    r"""\\(?P<escaped>.)|(?P<bare>[^ \t\r\n'"\\]+)""",
    re.DOTALL,
)
"""A part of a word of a command, or what stands between words."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


_OPTIONS = _Parser(prog="curl", add_help=False, allow_abbrev=False)
_OPTIONS.add_argument("--request", "-X", default=None)
_OPTIONS.add_argument("--url", action="append", default=[])
_OPTIONS.add_argument("--header", "-H", action="append", default=[])
_OPTIONS.add_argument(
    "--data", "--data-raw", "--data-binary", "--data-ascii", "-d",
    dest="data", action="append", default=[],
)  # fmt: skip
_OPTIONS.add_argument("--json", action="append", default=[])
_OPTIONS.add_argument("--upload-file", "-T", default=None)
_OPTIONS.add_argument(
    "--form", "--form-string", "--data-urlencode", "-F", dest="form", action="append", default=[]
)
_OPTIONS.add_argument("--cookie", "-b", action="append", default=[])
_OPTIONS.add_argument("--get", "-G", action="store_true")
_OPTIONS.add_argument("--head", "-I", action="store_true")
_OPTIONS.add_argument("--user", "-u", default=None)
_OPTIONS.add_argument("--oauth2-bearer", default=None)
_OPTIONS.add_argument("address", nargs="?")

# Options that say how to connect, or what to print and keep: the request stays the same.
_OPTIONS.add_argument(
    "--silent", "-s", "--show-error", "-S", "--location", "-L", "--location-trusted", "--post301",
    "--post302", "--post303", "--insecure", "-k", "--compressed", "--tr-encoding", "--include",
    "-i", "--show-headers", "--verbose", "-v", "--fail", "-f", "--fail-with-body", "--fail-early",
    "--no-fail", "--no-buffer", "-N", "--globoff", "-g", "--progress-bar", "-#",
    "--no-progress-meter", "--styled-output", "--no-styled-output", "--remote-name", "-O",
    "--remote-name-all", "--remote-header-name", "-J", "--remote-time", "-R", "--create-dirs",
    "--raw", "--ignore-content-length", "--path-as-is", "--disable", "-q", "--append", "-a",
    "--http0.9", "--http1.0", "-0", "--http1.1", "--http2", "--http2-prior-knowledge", "--http3",
    "--http3-only", "--no-alpn", "--no-npn", "--tlsv1", "-1", "--tlsv1.0", "--tlsv1.1", "--tlsv1.2",
    "--tlsv1.3", "--ssl", "--ssl-reqd", "--ssl-no-revoke", "--ssl-allow-beast", "--ca-native",
    "--cert-status", "--ipv4", "-4", "--ipv6", "-6", "--tcp-nodelay", "--tcp-fastopen",
    "--no-keepalive", "--no-sessionid", "--retry-all-errors", "--retry-connrefused", "--basic",
    "--digest", "--anyauth", "--ntlm", "--negotiate", "--netrc", "-n", "--netrc-optional",
    "--junk-session-cookies", "-j", "--parallel", "-Z", "--trace-time", "--trace-ids", "--xattr",
    "--compressed-ssh", "--disable-eprt", "--proxytunnel", "-p", "--suppress-connect-headers",
    dest="_flag", action="store_true",
)  # fmt: skip
_OPTIONS.add_argument(
    "--output", "-o", "--output-dir", "--write-out", "-w", "--dump-header", "-D", "--cookie-jar",
    "-c", "--max-time", "-m", "--connect-timeout", "--expect100-timeout", "--keepalive-time",
    "--retry", "--retry-delay", "--retry-max-time", "--max-redirs", "--max-filesize",
    "--limit-rate", "--rate", "--speed-limit", "-Y", "--speed-time", "-y", "--cacert", "--capath",
    "--cert", "-E", "--cert-type", "--key", "--key-type", "--pass", "--ciphers", "--tls13-ciphers",
    "--curves", "--tls-max", "--pinnedpubkey", "--crlfile", "--proxy", "-x", "--proxy-user", "-U",
    "--proxy-header", "--noproxy", "--socks5", "--socks5-hostname", "--preproxy", "--resolve",
    "--connect-to", "--interface", "--local-port", "--dns-servers", "--doh-url", "--unix-socket",
    "--stderr", "--trace", "--trace-ascii", "--netrc-file", "--config", "-K", "--time-cond", "-z",
    "--continue-at", "-C", "--etag-save", "--etag-compare", "--hsts", "--alt-svc", "--proto",
    "--user-agent", "-A", "--referer", "-e", "--range", "-r", "--proto-redir", "--proto-default",
    "--aws-sigv4", "--delegation", "--service-name",
    dest="_setting",
)  # fmt: skip
_ENDS = frozenset(("|", "||", "&&", "&", ";", ">", ">>", "2>", "2>&1", "2>/dev/null"))
"""Where a shell's next command begins, or what becomes of the output."""
_MOST_WORDS = 2000
"""argparse takes the square of them: 20,000 headers would take 39 s."""


def read_curl(lines: list[str], start: int, file: str) -> tuple[CodeRequest, int]:
    """Read the curl command that begins on `lines[start]`; return it and the index after its end.

    A command goes on while a line ends in a backslash or a quote is open. Options that leave the
    request as it is are passed over. Raises PipelineError naming the line of the command, or of the
    option that is not understood.
    """
    end, words = _extent(lines, start, file)
    if words[0] != "curl":
        raise _failure("expected a curl command", lines, start, file)
    if len(words) > _MOST_WORDS:
        raise _failure(f"the curl command has more than {_MOST_WORDS} words", lines, start, file)
    behind = (at for at, word in enumerate(words) if word in _ENDS)
    try:
        options = _OPTIONS.parse_args(words[1 : next(behind, len(words))])
    except ValueError as error:
        row = _row_of_error(str(error), lines, start, end)
        raise _failure(f"the curl command is not understood: {error}", lines, row, file) from None
    urls = [url for url in (*options.url, options.address) if url is not None]
    if len(urls) != 1:
        what = "the curl command has no --url" if not urls else f"curl has {len(urls)} URLs: {urls}"
        raise _failure(what, lines, start, file)
    url = urls[0]

    def fact(text: str, needle: str) -> Fact[str]:
        row = next((r for r in range(start, end) if needle in lines[r]), start)
        return Fact(text, Origin(Kind.STATED, file, row + 1))

    headers = {}
    for header in options.header:
        name, colon, value = header.partition(":")
        if not colon:
            row = _row_of_error(header, lines, start, end)
            raise _failure(f"the header {header!r} has no colon", lines, row, file)
        headers[name.strip()] = fact(value.strip(), header)
    for cookie in options.cookie:
        headers["Cookie"] = fact(cookie, cookie.partition("=")[0])
    if options.user is not None:
        headers.setdefault("Authorization", fact("Basic <encoded-value>", options.user))
    if options.oauth2_bearer is not None:
        token = options.oauth2_bearer
        headers.setdefault("Authorization", fact(f"Bearer {token}", token))
    if options.json:
        headers.setdefault("Content-Type", fact("application/json", "--json"))
        headers.setdefault("Accept", fact("application/json", "--json"))
    data = None
    if options.data or options.json:
        joined = "&".join(options.data) + "".join(options.json)
        data = fact(joined, "--data" if options.data else "--json")
    form = []
    for part in options.form:
        name, equals, value = part.partition("=")
        if not equals or not name:
            row = _row_of_error(part, lines, start, end)
            raise _failure(f"the form's part {part!r} is no NAME=VALUE", lines, row, file)
        form.append((name, fact(value, f"{name}=")))
    if options.get:  # what would be data is the query of the URL
        data, form = None, []
    method = options.request or _method(options, sends=data is not None or bool(form))
    return CodeRequest(fact(method, method), fact(url, url), headers, data, tuple(form)), end


def _method(options: argparse.Namespace, *, sends: bool) -> str:
    """Return the method that curl chooses where `--request` names none."""
    if options.head:
        return "HEAD"
    if options.upload_file is not None:
        return "PUT"
    return "POST" if sends else "GET"


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
    words = _words(text)
    if words is None:
        raise _failure("the curl command does not end", lines, start, file)
    return end + 1, words


def _words(text: str) -> list[str] | None:
    """Split a command as a shell would, None where a quote stays open.

    As `shlex.split`, which takes a time that grows with the square of what a quote holds.
    """
    words: list[str] = []
    word: list[str] | None = None
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        at = part.end()
        if part["space"]:
            words += [] if word is None else ["".join(word)]
            word = None
            continue
        inside = part["single"] or part["escaped"] or part["bare"] or ""
        if part["double"]:
            inside = re.sub(r'\\(["\\])', r"\1", part["double"])
        word = [*(word or ()), inside]
    return words if word is None else [*words, "".join(word)]


def _open_quote(line: str, quote: str) -> str:
    """Return the quote that is open at the end of a line, which begins within `quote`."""
    for match in _QUOTES.finditer(line):
        sign = match[0]
        if not quote:
            quote = sign if len(sign) == 1 else ""
        elif sign[-1] == quote and (quote == "'" or len(sign) == 1):
            quote = ""
    return quote


def _row_of_error(message: str, lines: list[str], start: int, end: int) -> int:
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
        hint="options that change the request: --request, --url, --header, --data, --json, "
        "--data-urlencode, --form, --cookie, --user; those that do not are passed over",
    )
