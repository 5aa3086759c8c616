"""The words of the platform's own lines in the locales it is read in, as English pages have them.

Known from captured pages: fr `Corps`, `Réponse`, `requis`; zh `请求体`, `响应`, `必需`, `可用选项`,
`必需范围`. The others are the usual words for the same. A page with a flag that is not here is
refused at its line; one with a heading that is not here, where its fields do not fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["LOCALES", "Locale", "locale_of"]


@dataclass(frozen=True, slots=True)
class Locale:
    """One language: its words by the English ones; `prefixes` begin a line that goes on."""

    headings: dict[str, str]
    flags: dict[str, str]
    labels: dict[str, str]
    prefixes: tuple[tuple[re.Pattern[str], str], ...]
    date: re.Pattern[str]
    """A line `Last modified on`, with the groups day, month and year."""
    months: tuple[str, ...]
    """Twelve names, or none where months are numbers."""

    def of_section(self, line: str, *, after_text: bool) -> str:
        """Return a line of a section in English; flags stand only `after_text`."""
        if after_text and line in self.flags:
            return self.flags[line]
        label = line.rstrip(_COLONS)
        if label != line and label in self.labels:
            return self.labels[label]
        for pattern, english in self.prefixes:
            if match := pattern.fullmatch(line):
                return match.expand(english)
        return line

    def modified(self, line: str) -> str | None:
        """Return a line with the date of the last change in English, None for other lines."""
        match = self.date.fullmatch(line)
        if match is None:
            return None
        month = match["month"].lower()
        if self.months and month not in self.months:
            return None
        number = self.months.index(month) + 1 if self.months else int(month)
        if not 1 <= number <= 12:
            return None
        return f"Last modified on {_MONTHS[number - 1]} {int(match['day'])}, {match['year']}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_COLONS = ":\uff1a \u00a0\u202f"
"""Colons, also the wide one, and the spaces before them."""
_COLON = r"[\s\u00a0\u202f]*[:\uff1a][\s\u00a0\u202f]*"
_COUNT = r"(\d+(?: - \d+)?)"


def _prefixes(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), english) for pattern, english in pairs)


_FRENCH = Locale(
    headings={
        "Autorisations": "Authorizations", "En-têtes": "Headers", "Corps": "Body",
        "Paramètres de chemin": "Path Parameters", "Paramètres de requête": "Query Parameters",
        "Cookies": "Cookies", "Réponse": "Response",
    },
    flags={
        "requis": "required", "obligatoire": "required", "lecture seule": "read-only",
        "écriture seule": "write-only", "obsolète": "deprecated", "déprécié": "deprecated",
        "en-tête": "header", "requête": "query", "chemin": "path",
    },
    labels={
        "Options disponibles": "Available options:", "Exemple": "Example:",
        "Exemples": "Examples:",
    },
    prefixes=_prefixes(
        (rf"(?:[Vv]aleur )?(?:par )?défaut{_COLON}(.*)", r"default:\1"),
        (rf"(?:Plage|Intervalle) requise?{_COLON}(.*)", r"Required range: \1"),
        (rf"Longueur minimale (?:de la chaîne|de chaîne){_COLON}{_COUNT}",
         r"Minimum string length: \1"),
        (rf"Longueur maximale (?:de la chaîne|de chaîne){_COLON}{_COUNT}",
         r"Maximum string length: \1"),
        (rf"Longueur requise (?:de la chaîne|de chaîne){_COLON}{_COUNT}",
         r"Required string length: \1"),
        (rf"Longueur minimale du tableau{_COLON}{_COUNT}(?: (?:é|e)l(?:é|e)ments?)?",
         r"Minimum array length: \1"),
        (rf"Longueur maximale du tableau{_COLON}{_COUNT}(?: (?:é|e)l(?:é|e)ments?)?",
         r"Maximum array length: \1"),
        (rf"Longueur requise du tableau{_COLON}{_COUNT}(?: (?:é|e)l(?:é|e)ments?)?",
         r"Required array length: \1"),
        (rf"(?:Motif|Modèle){_COLON}(.*)", r"Pattern: \1"),
        (rf"Valeur autorisée{_COLON}(.*)", r"Allowed value: \1"),
        (r"Doit être un multiple de (.*)", r"Must be a multiple of \1"),
    ),
    date=re.compile(
        r"Dernière modification le (?P<day>\d{1,2})(?:er)? (?P<month>\w+) (?P<year>\d{4})"
    ),
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
)  # fmt: skip
_CHINESE = Locale(
    headings={
        "授权": "Authorizations", "请求头": "Headers", "标头": "Headers",
        "路径参数": "Path Parameters", "查询参数": "Query Parameters", "Cookie": "Cookies",
        "Cookies": "Cookies", "请求体": "Body", "响应": "Response",
    },
    flags={
        "必需": "required", "必填": "required", "只读": "read-only", "只写": "write-only",
        "仅写": "write-only", "已弃用": "deprecated", "弃用": "deprecated",
        "请求头": "header", "标头": "header", "查询": "query", "路径": "path",
    },
    labels={"可用选项": "Available options:", "示例": "Example:"},
    prefixes=_prefixes(
        (rf"默认值?{_COLON}(.*)", r"default:\1"),
        (rf"必需范围{_COLON}(.*)", r"Required range: \1"),
        (rf"最小字符串长度{_COLON}{_COUNT}", r"Minimum string length: \1"),
        (rf"最大字符串长度{_COLON}{_COUNT}", r"Maximum string length: \1"),
        (rf"必需字符串长度{_COLON}{_COUNT}", r"Required string length: \1"),
        (rf"最小数组长度{_COLON}{_COUNT}(?: ?个?元素| elements?)?", r"Minimum array length: \1"),
        (rf"最大数组长度{_COLON}{_COUNT}(?: ?个?元素| elements?)?", r"Maximum array length: \1"),
        (rf"必需数组长度{_COLON}{_COUNT}(?: ?个?元素| elements?)?", r"Required array length: \1"),
        (rf"(?:模式|正则){_COLON}(.*)", r"Pattern: \1"),
        (rf"允许的?值{_COLON}(.*)", r"Allowed value: \1"),
        (r"必须是 ?(\S+) ?的倍数", r"Must be a multiple of \1"),
    ),
    date=re.compile(
        r"最后修改于 ?(?P<year>\d{4}) ?年 ?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日"
    ),
    months=(),
)  # fmt: skip

LOCALES = {"fr": _FRENCH, "zh": _CHINESE}
"""The locales by their language tags (BCP 47)."""
_SAID_BY = {
    heading: locale
    for locale in LOCALES.values()
    for heading in locale.headings
    if heading not in locale.headings.values()
}


def locale_of(lines: list[str]) -> Locale | None:
    """Return the locale whose headings stand on lines of their own; None for an English page."""
    return next((_SAID_BY[line] for line in lines if line in _SAID_BY), None)
