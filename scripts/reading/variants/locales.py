"""The words of the platform's own lines in the locales it is read in, as English pages have them.

Seen on captured pages are most headings and `required` of fr, zh, zh-Hant, ja, ko, pt, es, id, pl,
tr, vi and ar, and the labels of fr, zh, zh-Hant, ja and ko. The others, and all of de, it and ru,
are the usual words for the same. A page with a flag that is not here is refused at its line; one
with a heading that is not here, where its fields do not fit.

Pages may be localized in part: an English page with `可用选项:`. So labels, flags and constraints
of every locale are understood on every page; they stand in places where nothing else can. Headings
are understood only of the locale that most of a page's headings are of.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

from scripts.reading.text.cursor import HEADINGS

_HEADINGS: dict[str, dict[str, str]] = {
    "fr": {
        "Authorizations": "Autorisations", "Headers": "En-têtes",
        "Path Parameters": "Paramètres de chemin",
        "Query Parameters": "Paramètres de requête", "Cookies": "Cookies", "Body": "Corps",
        "Response": "Réponse",
    },
    "zh": {
        "Authorizations": "授权", "Headers": "请求头|标头", "Path Parameters": "路径参数",
        "Query Parameters": "查询参数", "Cookies": "Cookie|Cookies", "Body": "请求体|请求主体|正文",
        "Response": "响应",
    },
    "zh-Hant": {
        "Authorizations": "授權", "Headers": "標頭|請求標頭", "Path Parameters": "路徑參數",
        "Query Parameters": "查詢參數", "Cookies": "Cookie|Cookies",
        "Body": "請求主體|請求本文|請求內文|本文", "Response": "回應",
    },
    "ja": {
        "Authorizations": "承認|認証|認可", "Headers": "ヘッダー",
        "Path Parameters": "パスパラメータ|パスパラメーター",
        "Query Parameters": "クエリパラメータ|クエリパラメーター", "Cookies": "Cookie|クッキー",
        "Body": "ボディ|本文|リクエストボディ", "Response": "レスポンス|応答",
    },
    "ko": {
        "Authorizations": "인증|권한 부여", "Headers": "헤더", "Path Parameters": "경로 매개변수",
        "Query Parameters": "쿼리 매개변수", "Cookies": "쿠키", "Body": "본문|요청 본문",
        "Response": "응답",
    },
    "pt": {
        "Authorizations": "Autorizações", "Headers": "Cabeçalhos",
        "Path Parameters": "Parâmetros de caminho|Parâmetros do caminho|Parâmetros de rota",
        "Query Parameters": "Parâmetros de consulta|Parâmetros de query", "Cookies": "Cookies",
        "Body": "Corpo", "Response": "Resposta",
    },
    "es": {
        "Authorizations": "Autorizaciones", "Headers": "Encabezados|Cabeceras",
        "Path Parameters": "Parámetros de ruta", "Query Parameters": "Parámetros de consulta",
        "Cookies": "Cookies", "Body": "Cuerpo", "Response": "Respuesta",
    },
    "id": {
        "Authorizations": "Otorisasi", "Headers": "Header", "Path Parameters": "Parameter Path",
        "Query Parameters": "Parameter Query|Parameter Kueri", "Cookies": "Cookie",
        "Body": "Body|Isi", "Response": "Respons",
    },
    "pl": {
        "Authorizations": "Autoryzacje", "Headers": "Nagłówki",
        "Path Parameters": "Parametry ścieżki", "Query Parameters": "Parametry zapytania",
        "Cookies": "Ciasteczka|Pliki cookie", "Body": "Treść|Ciało", "Response": "Odpowiedź",
    },
    "tr": {
        "Authorizations": "Yetkilendirmeler", "Headers": "Başlıklar",
        "Path Parameters": "Yol Parametreleri", "Query Parameters": "Sorgu Parametreleri",
        "Cookies": "Çerezler", "Body": "Gövde", "Response": "Yanıt",
    },
    "vi": {
        "Authorizations": "Ủy quyền", "Headers": "Tiêu đề|Header",
        "Path Parameters": "Tham số đường dẫn", "Query Parameters": "Tham số truy vấn",
        "Cookies": "Cookie", "Body": "Nội dung|Thân", "Response": "Phản hồi",
    },
    "ar": {
        "Authorizations": "التفويضات", "Headers": "الرؤوس|الترويسات",
        "Path Parameters": "معلمات المسار", "Query Parameters": "معلمات الاستعلام",
        "Cookies": "ملفات تعريف الارتباط", "Body": "النص|الجسم|المحتوى", "Response": "الاستجابة",
    },
    "de": {
        "Authorizations": "Autorisierungen|Autorisierung", "Headers": "Header|Kopfzeilen",
        "Path Parameters": "Pfadparameter|Pfad-Parameter",
        "Query Parameters": "Abfrageparameter|Query-Parameter", "Cookies": "Cookies",
        "Body": "Body|Textkörper", "Response": "Antwort",
    },
    "it": {
        "Authorizations": "Autorizzazioni", "Headers": "Intestazioni",
        "Path Parameters": "Parametri di percorso|Parametri del percorso",
        "Query Parameters": "Parametri di query", "Cookies": "Cookie", "Body": "Corpo",
        "Response": "Risposta",
    },
    "ru": {
        "Authorizations": "Авторизация|Авторизации", "Headers": "Заголовки",
        "Path Parameters": "Параметры пути", "Query Parameters": "Параметры запроса",
        "Cookies": "Cookies|Куки", "Body": "Тело|Тело запроса", "Response": "Ответ",
    },
}  # fmt: skip


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {word: english for english, words in table.items() for word in words.split("|")}


_BY_LOCALE = {locale: _by_word(table) for locale, table in _HEADINGS.items()}
_ENGLISH = {heading: heading for heading in HEADINGS}

ALL_HEADINGS = frozenset({*_ENGLISH, *(word for words in _BY_LOCALE.values() for word in words)})
"""Every heading of a section, in every locale."""

_FLAGS = {
    "required": "requis|obligatoire|必需|必填|必须|必要|必須|필수|obrigatório|obrigatória|"
    "requerido|obligatorio|wajib|wymagane|wymagany|gerekli|zorunlu|bắt buộc|مطلوب|erforderlich|"
    "obbligatorio|richiesto|обязательно|обязательный",
    "read-only": "lecture seule|只读|唯讀|読み取り専用|읽기 전용|somente leitura|solo lectura|"
    "hanya baca|tylko do odczytu|salt okunur|chỉ đọc|للقراءة فقط|schreibgeschützt|sola lettura|"
    "только для чтения",
    "write-only": "écriture seule|只写|仅写|唯寫|書き込み専用|쓰기 전용|somente escrita|"
    "somente gravação|solo escritura|hanya tulis|tylko do zapisu|salt yazılır|chỉ ghi|للكتابة فقط|"
    "nur schreibbar|sola scrittura|только для записи",
    "deprecated": "obsolète|déprécié|已弃用|弃用|已棄用|非推奨|더 이상 사용되지 않음|사용 중단됨|"
    "obsoleto|descontinuado|usang|przestarzałe|kullanımdan kaldırıldı|không còn dùng|مهمل|veraltet|"
    "deprecato|устарело|устаревший",
    "header": "en-tête|请求头|标头|標頭|ヘッダー|헤더|cabeçalho|encabezado|nagłówek|başlık|"
    "заголовок",
    "query": "requête|查询|查詢|クエリ|쿼리|consulta|zapytanie|sorgu|запрос",
    "path": "chemin|路径|路徑|パス|경로|caminho|ruta|ścieżka|yol|путь",
}
_LABELS = {
    "Available options:": "Options disponibles|可用选项|可用選項|利用可能なオプション|"
    "使用可能なオプション|사용 가능한 옵션|Opções disponíveis|Opciones disponibles|"
    "Opsi yang tersedia|Dostępne opcje|Kullanılabilir seçenekler|Mevcut seçenekler|"
    "Tùy chọn khả dụng|Các tùy chọn có sẵn|الخيارات المتاحة|Verfügbare Optionen|"
    "Opzioni disponibili|Доступные варианты|Доступные опции|Available options",
    "Example:": "Exemple|示例|範例|例|예시|예|Exemplo|Ejemplo|Contoh|Przykład|Örnek|Ví dụ|مثال|"
    "Beispiel|Esempio|Пример|Example",
    "Examples:": "Exemples|例子|Exemplos|Ejemplos|Contoh-contoh|Przykłady|Örnekler|أمثلة|Beispiele|"
    "Esempi|Примеры|Examples",
}
_FLAG_OF, _LABEL_OF = _by_word(_FLAGS), _by_word(_LABELS)
_COLONS = ":\uff1a \u00a0\u202f"
"""Colons, also the wide one, and the spaces before them."""
_COLON = r"[\s\u00a0\u202f]*[:\uff1a][\s\u00a0\u202f]*"
_DEFAULT = re.compile(
    r"(?:(?:[Vv]aleur )?(?:par )?défaut|默认值?|預設值?|デフォルト(?:値)?|기본값|[Pp]adrão|"
    r"[Pp]redeterminado|[Dd]omyślnie|[Vv]arsayılan|[Mm]ặc định|الافتراضي|[Ss]tandard(?:wert)?|"
    rf"[Pp]redefinito|по умолчанию|default){_COLON}(.*)"
)
_CONSTRAINTS = {
    "Required range": "Plage requise|Plage requis|Intervalle requis|必需范围|所需范围|必要範圍|"
    "必須範囲|필수 범위|Intervalo obrigatório|Rango requerido",
    "Minimum string length": "Longueur minimale de la chaîne|Longueur minimale de chaîne|"
    "最小字符串长度|最小字串長度",
    "Maximum string length": "Longueur maximale de la chaîne|Longueur maximale de chaîne|"
    "最大字符串长度|最大字串長度",
    "Required string length": "Longueur requise de la chaîne|Longueur requise de chaîne|"
    "必需字符串长度|所需字符串长度|必要字串長度",
    "Minimum array length": "Longueur minimale du tableau|最小数组长度",
    "Maximum array length": "Longueur maximale du tableau|最大数组长度",
    "Required array length": "Longueur requise du tableau|必需数组长度|所需数组长度",
    "Pattern": "Motif|Modèle|模式|正则|パターン|패턴",
    "Allowed value": "Valeur autorisée|允许值|允许的值|許可される値|Valor permitido",
}
_ELEMENTS = re.compile(r" ?(?:[ée]l[ée]ments?|个?元素)$")
_MULTIPLES = (
    re.compile(r"Doit être un multiple de (.*)"),
    re.compile(r"必须是 ?(\S+) ?的倍数"),
)
_CONSTRAINT_OF = _by_word(_CONSTRAINTS)
_BOUNDS = [
    word for word, english in _CONSTRAINT_OF.items() if english.endswith(("range", "length"))
]
_CONSTRAINT = re.compile(rf"({'|'.join(map(re.escape, _CONSTRAINT_OF))}){_COLON}(.*)")
_HEADED = re.compile(rf"(\w[^:\uff1a]*?){_COLON}(?:-?\d|x\b|[<>])")
"""What may be a constraint whose head is misspelt."""
_DATES = (
    re.compile(r"Dernière modification le (?P<day>\d{1,2})(?:er)? (?P<month>\w+) (?P<year>\d{4})"),
    re.compile(r"最后修改于 ?(?P<year>\d{4}) ?年 ?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日"),
)
_FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip


def headings_of(lines: Iterable[str]) -> dict[str, str]:
    """Return the English heading by each that a page may have: in its locale, and in English.

    `lines` are those that stand between blank ones, as headings do. The locale is the one that
    most of them are headings of; on an English page none.
    """
    counted = Counter(line for line in lines if line in ALL_HEADINGS)

    def lead(words: dict[str, str]) -> int:
        """Return how many more headings are of a locale alone than of English alone."""
        own = sum(
            count for line, count in counted.items() if line in words and line not in _ENGLISH
        )
        return own - sum(count for line, count in counted.items() if line not in words)

    words = max(_BY_LOCALE.values(), key=lead)
    return {**_ENGLISH, **words} if counted and lead(words) > 0 else _ENGLISH


def words_for(heading: str) -> list[str]:
    """Return a heading in every locale, English included."""
    tables = [_ENGLISH, *_BY_LOCALE.values()]
    return [word for words in tables for word, english in words.items() if english == heading]


def flag(text: str) -> str:
    """Return a flag behind a field's type in English, other texts as they are."""
    return _FLAG_OF.get(text, text)


def label(text: str) -> str:
    """Return a label within a field in English, other texts as they are."""
    bare = text.rstrip(_COLONS)
    # A lone colon is what is left of `Example:` on Japanese pages.
    english = "Example:" if not bare and text else _LABEL_OF.get(bare) if bare != text else None
    return text if english is None else english


def constraint(text: str) -> str:
    """Return a constraint or a default in English, other texts as they are.

    One whose head is misspelt but for a slip comes out as English that is no constraint.
    """
    if match := _DEFAULT.fullmatch(text):
        return f"default:{match[1]}"
    if match := _CONSTRAINT.fullmatch(text):
        return f"{_CONSTRAINT_OF[match[1]]}: {_ELEMENTS.sub('', match[2])}"
    for pattern in _MULTIPLES:
        if match := pattern.fullmatch(text):
            return f"Must be a multiple of {match[1]}"
    if match := _HEADED.match(text):
        near = get_close_matches(match[1], _BOUNDS, n=1, cutoff=0.85)
        return f"{_CONSTRAINT_OF[near[0]]}: ? {text}" if near else text
    return text


def modified(text: str) -> str | None:
    """Return a line with the date of the last change in English, None for other lines."""
    match = next(filter(None, (pattern.fullmatch(text) for pattern in _DATES)), None)
    if match is None:
        return None
    month = match["month"].lower()
    if month in _FRENCH_MONTHS:
        number = _FRENCH_MONTHS.index(month) + 1
    elif month.isdecimal() and 1 <= int(month) <= 12:
        number = int(month)
    else:
        return None
    return f"Last modified on {month_name[number]} {int(match['day'])}, {match['year']}"
