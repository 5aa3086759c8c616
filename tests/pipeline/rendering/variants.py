"""Page text as other pages, other locales and other tools have it: transformations of a page.

Each takes the text of a page as the tests' renderer makes it, and returns the same page in another
form.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["VARIANTS", "converted", "is_unmistakable"]

_HEADINGS = (
    "Authorizations", "Headers", "Path Parameters", "Query Parameters", "Cookies", "Body",
    "Response",
)  # fmt: skip
_FLAGS = ("header", "query", "path", "cookie", "required", "read-only", "write-only", "deprecated")
_TYPE = re.compile(
    r"(?:.+ · )?(?:string|integer|number|boolean|object|array|any|null|file|enum<.*)"
    r"(?:<[\w.-]+>)?(?:\[\])*(?: \| .*)?"
)

_FRENCH = {
    "Skip to main content": "Passer au contenu principal", "Authorizations": "Autorisations",
    "Headers": "En-têtes", "Path Parameters": "Paramètres de chemin",
    "Query Parameters": "Paramètres de requête", "Cookies": "Cookies", "Body": "Corps",
    "Response": "Réponse", "required": "requis", "read-only": "lecture seule",
    "write-only": "écriture seule", "deprecated": "obsolète",
    "Available options:": "Options disponibles\u00a0:", "Example:": "Exemple\u00a0:",
    "Examples:": "Exemples\u00a0:", "Required range: ": "Plage requise\u00a0: ",
    "Pattern: ": "Motif\u00a0: ", "Allowed value: ": "Valeur autorisée\u00a0: ",
    "Must be a multiple of ": "Doit être un multiple de ",
    "Minimum string length: ": "Longueur minimale de la chaîne\u00a0: ",
    "Maximum string length: ": "Longueur maximale de la chaîne\u00a0: ",
    "Required string length: ": "Longueur requise de la chaîne\u00a0: ",
    "Minimum array length: ": "Longueur minimale du tableau\u00a0: ",
    "Maximum array length: ": "Longueur maximale du tableau\u00a0: ",
    "Required array length: ": "Longueur requise du tableau\u00a0: ",
    "default:": "défaut\u00a0:",
    "Last modified on May 27, 2026": "Dernière modification le 27 mai 2026",
}  # fmt: skip
_CHINESE = {
    "Skip to main content": "跳转到主要内容", "Authorizations": "授权", "Headers": "请求头",
    "Path Parameters": "路径参数", "Query Parameters": "查询参数", "Cookies": "Cookie",
    "Body": "请求体", "Response": "响应", "required": "必需", "read-only": "只读",
    "write-only": "只写", "deprecated": "已弃用", "Available options:": "可用选项\uff1a",
    "Example:": "示例:", "Required range: ": "必需范围\uff1a", "Pattern: ": "模式\uff1a",
    "Allowed value: ": "允许值\uff1a", "Minimum string length: ": "最小字符串长度\uff1a",
    "Maximum string length: ": "最大字符串长度\uff1a",
    "Required string length: ": "必需字符串长度\uff1a",
    "Minimum array length: ": "最小数组长度\uff1a", "Maximum array length: ": "最大数组长度\uff1a",
    "Required array length: ": "必需数组长度\uff1a", "default:": "默认\uff1a",
    "Last modified on May 27, 2026": "最后修改于 2026年5月27日",
}  # fmt: skip


def _start(lines: list[str]) -> int:
    """Return where the sections begin."""
    return next((at for at, line in enumerate(lines) if line in _HEADINGS), len(lines))


def _said(line: str, words: dict[str, str]) -> str:
    if line in words:
        return words[line]
    prefix = next((one for one in words if line.startswith(one) and one[-1] in ": "), None)
    return line if prefix is None else words[prefix] + line.removeprefix(prefix)


def _in(words: dict[str, str]) -> Callable[[str], str]:
    def translated(text: str) -> str:
        lines = text.split("\n")
        start = _start(lines)
        found: list[str] = []
        in_flags = False
        for at, line in enumerate(lines):
            after = lines[at + 1] if at + 1 < len(lines) else ""
            names = _TYPE.fullmatch(after) is not None
            is_flag = line in _FLAGS
            of_platform = (at >= start and not names and (in_flags or not is_flag)) or at == 0
            in_flags = _TYPE.fullmatch(line) is not None or (in_flags and is_flag and not names)
            found.append(_said(line, words) if of_platform else line)
        return "\n".join(found)

    return translated


def glued(text: str) -> str:
    """Return the text of 2024: the flags of a field on one line."""
    lines = text.split("\n")
    start = _start(lines)
    found: list[str] = []
    open_flags = False
    for at, line in enumerate(lines):
        is_flag = line in _FLAGS
        follows = at > start and is_flag and bool(lines[at - 1])
        after = lines[at + 1] if at + 1 < len(lines) else ""
        if follows and open_flags and not _TYPE.fullmatch(after):
            found[-1] += line
            continue
        behind_type = at > 0 and _TYPE.fullmatch(lines[at - 1]) is not None
        open_flags = follows and behind_type and not _TYPE.fullmatch(after)
        found.append(line)
    return "\n".join(found)


def glued_to_type(text: str) -> str:
    """Return the same with the first flag on the type's line, where both are plain."""
    return re.sub(
        r"^((?:[\w-]+)\n(?:string|integer|boolean|object|array|number))\n(header|required)\n(?=\n)",
        r"\1\2\n", text, flags=re.M,
    )  # fmt: skip


def early_2025(text: str) -> str:
    """Return the text of early 2025: status and type on lines of their own, the type stated."""
    text = re.sub(r"^(200) - (\S+/\S+)$", r"\1\n\n\2", text, flags=re.M)
    sentence = "\n\nResponse\n\nThe response is of type `object`.\n"
    if re.search(r"^200\n\n\S+/\S+$", text, re.M):
        of_type = r"\1\nThe response is of type `object`.\n"
        return re.sub(r"^(200\n\n\S+/\S+\n)", of_type, text, flags=re.M)
    if re.search(r"^Response\n\n[1-5]\d\d", text, re.M):
        return text
    return text.replace("\n\nResponse\n", sentence, 1)


def _parts(code: list[str]) -> tuple[str, str]:
    """Return the command and the sample of a page's code."""
    open_quote = False
    for at, line in enumerate(code):
        open_quote ^= line.replace("\\'", "").count("'") % 2 == 1
        if not open_quote and not line.endswith("\\"):
            return "\n".join(code[: at + 1]), "\n".join(code[at + 1 :])
    raise AssertionError("the command does not end")


def converted(text: str) -> str:
    """Return what a converter makes of a page: marks, anchors, fences, tabs, the page's foot."""
    lines = text.split("\n")
    start = _start(lines)
    at = next((i for i, line in enumerate(lines[:start]) if line.startswith("curl ")), -1)
    method = next(i for i, line in enumerate(lines) if re.fullmatch(r"[A-Z]+", line))
    title = lines[at - 1]
    path = "".join(lines[method + 1 : at - 1])
    code = "\n".join(lines[at:start]).split("\n\nDocumentation Index")[0].rstrip("\n")
    prose = "\n".join(lines[at:start]).removeprefix(code).strip("\n")
    command, sample = _parts(code.split("\n"))
    out = ["[Skip to main content](#content-area)", "", "Search...", "", "⌘K", "", f"# {title}", ""]
    out += [lines[method], "", f"`{path}`", "", "Try it", "", "cURL", "", "```bash", command]
    out += ["```", ""]
    if sample:
        out += ["200", "", "```json", sample, "```", ""]
    out += [prose, ""]
    for row, line in enumerate(lines[start:], start):
        after = lines[row + 1] if row + 1 < len(lines) else ""
        if line in _HEADINGS and not lines[row - 1] and not after:
            out.append(f"#### {line}")
        elif line and _TYPE.fullmatch(after) and not _TYPE.fullmatch(line):
            out += [f"[\u200b](#body-{line})", "", f"`{line}`", ""]
        elif _TYPE.fullmatch(line):
            out += [line, ""]
        else:
            out.append(line)
    return "\n".join([*out, "", "Was this page helpful?", "", "Yes", "", "No", "", "⌘I"])


def spaced(text: str) -> str:
    """Return what turndown makes of a page: a blank line between all lines, signs escaped.

    The column of code stands twice, first above the method, as in the source of the page.
    """
    lines = text.split("\n")
    start = _start(lines)
    head, code, prose = _head(lines[:start])
    title = head.pop()
    command, sample = _parts(code)
    column = [title, "", "cURL", "", "```", command, "```", ""]
    column += ["200", "", "400", "", "```", sample, "```", ""] if sample else []
    out = ["---", 'source_url: "https://docs.example.com/x"', "---", *column, f"# {title}", ""]
    for line in head[1:] if head[0].startswith("Skip") else head:
        out += [_escaped(line), ""]
    out += ["Try it", "", *column, *prose, ""]
    for row, line in enumerate(lines[start:], start):
        after = lines[row + 1] if row + 1 < len(lines) else ""
        if line in _HEADINGS and not lines[row - 1] and not after:
            out += [f"#### {line}", ""]
        elif line and _TYPE.fullmatch(after) and not _TYPE.fullmatch(line):
            out += ["[\u200b](https://docs.example.com/x#body-a)", "", _escaped(line), ""]
        elif line.startswith("Last modified"):
            out += [line, ""]
        elif line:
            option = _is_option(lines, row)
            out += [f"`{line.rstrip(',')}`{',' if line.endswith(',') else ''}"] if option else []
            out += [] if option else [line if '"' in line else _escaped(line)]
            out += [""]
    return "\n".join([*out, "[Before](/a)[Behind](/b)", "", "\u2318I"])


def dense(text: str) -> str:
    """Return what crawl4ai makes of a page: no blank lines within sections, the menu above."""
    lines = text.split("\n")
    start = _start(lines)
    head, code, prose = _head(lines[:start])
    title = head.pop()
    command, sample = _parts(code)
    out = ["[Skip to main content](https://docs.example.com/x#content-area)", "Search...", title]
    out += ["##### Things", "  * [POST Make a thing](https://docs.example.com/y)", "", ""]
    out += [*(head[1:] if head[0].startswith("Skip") else head), "Try it", title, "cURL", ""]
    out += ["```", command, "```", "", "200", "404", ""]
    out += ["```", sample, "```", ""] if sample else []
    out += prose
    for row, line in enumerate(lines[start:], start):
        after = lines[row + 1] if row + 1 < len(lines) else ""
        if line in _HEADINGS and not lines[row - 1] and not after:
            out.append(f"#### {line}")
        elif line:
            out.append(f"`{line.rstrip(',')}`, " if _is_option(lines, row) and line[-1] == ","
                       else line)  # fmt: skip
    return "\n".join([*out, "Was this page helpful?", "YesNo", "Assistant"])


def _head(lines: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Split what stands before the sections: method to title, the code, the prose."""
    at = next(i for i, line in enumerate(lines) if line.startswith("curl "))
    end = next((i for i in range(at, len(lines)) if not lines[i]), len(lines))
    return lines[:at], lines[at:end], lines[end:]


def _is_option(lines: list[str], row: int) -> bool:
    """Return whether a line is one of a field's options."""
    at = row - 1
    while at > 0 and lines[at].endswith(","):
        at -= 1
    return lines[at] == "Available options:"


def _escaped(line: str) -> str:
    return re.sub(r"([_\[\]])", r"\\\1", line)


VARIANTS: dict[str, Callable[[str], str]] = {
    "2024, flags in a row": glued,
    "2024, flags at the type": glued_to_type,
    "early 2025": early_2025,
    "fr": _in(_FRENCH),
    "zh": _in(_CHINESE),
    "markdown": converted,
    "markdown, spaced": spaced,
    "markdown, dense": dense,
    "fr of 2025": lambda text: _in(_FRENCH)(early_2025(text)),
}
"""Forms that every page can be had in."""


def is_unmistakable(text: str) -> bool:
    """Return whether a page's words of the platform stand only where the platform puts them.

    Of others, such as one with a field that is called `deprecated`, the transformations here make
    pages that nobody could read.
    """
    lines = text.split("\n")
    if any(lines.count(heading) > 1 for heading in _HEADINGS):
        return False
    if any(re.search(r"`|\*\*|\\[^\"\\n$]|^#|\]\(", line) for line in lines[_start(lines) :]):
        return False
    for at, line in enumerate(lines[1:-1], 1):
        before, after = lines[at - 1], lines[at + 1]
        if _TYPE.fullmatch(line):
            misplaced = (
                not before or before.endswith((",", "options:")) or line.endswith(" · object")
            )
            if misplaced or _TYPE.fullmatch(before) or _TYPE.fullmatch(after):
                return False
        if line in (*_FLAGS, *_HEADINGS) and _TYPE.fullmatch(after):
            return False
        if line in _FLAGS and (not before or before.endswith((",", "options:"))):
            return False
    return True
