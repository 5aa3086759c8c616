"""Captures as extractors leave them: what stands around and between the lines of a page."""

from __future__ import annotations

import pytest

from scripts.facts import Kind, plain
from scripts.failure import PipelineError
from scripts.reading.capture import read_page
from scripts.reading.page import Field, Page
from tests.pipeline.contracts import assemble

FILE = "page.txt"
CURL = """\
curl --request POST \\
  --url https://api.example.com/v1/things/{id} \\
  --header 'Authorization: Bearer <token>' \\
  --header 'Content-Type: application/json' \\
  --data '
{
  "name": "<string>"
}
'"""
SAMPLE = """\
{
  "id": "t-1"
}"""
SECTIONS = """\
Authorizations

Authorization
string
header
required

Path Parameters

id
string
required

Its id

Body

application/json
name
string
required

Response

200 - application/json
Done
id
string
"""


def read(text: str) -> Page:
    page = read_page(text.encode(), FILE)
    assert isinstance(page, Page)
    return page


def names(fields: tuple[Field, ...]) -> list[str]:
    return [one.name.value for one in fields]


def text(*parts: str, sections: str = SECTIONS) -> str:
    return "\n".join([*parts, "", sections])


def is_whole(page: Page, title: str | None = "Change a thing") -> None:
    """Assert that a page says what all pages of this module say."""
    assert (page.method.value, page.path.value) == ("POST", "/things/{id}")
    assert (page.title.value if page.title else None) == title
    assert page.base_url is not None
    assert page.base_url.value == "https://api.example.com/v1"
    assert plain(page.sample or page.path) == {"id": "t-1"}
    assert names(page.parameters) == ["id"]
    assert page.body is not None
    assert page.body.content_type is not None
    assert names(page.body.fields) == ["name"]
    assert page.response is not None
    assert page.response.description is not None
    assert page.response.description.value == "Done"
    assert names(page.response.fields) == ["id"]


HEAD = "POST\n/\nthings\n/\n{id}"


def test_nothing_between_content_type_and_fields() -> None:
    """A field may follow the content type, or the response's description, without a blank line."""
    is_whole(read(text(HEAD, "Change a thing", CURL, SAMPLE)))


@pytest.mark.parametrize("label", ["", "cURL\n", "Python\n"])
def test_without_a_title(label: str) -> None:
    """Behind the path the code may follow, or its language; the operation is named by its path."""
    page = read(text(HEAD, f"{label}{CURL}", SAMPLE))
    is_whole(page, None)
    contract = plain(assemble([page]))
    (operation,) = contract["paths"]["/things/{id}"].values()
    assert operation["operationId"] == "postThing"
    assert "summary" not in operation


def test_title_above() -> None:
    """Title and description may stand above the method, as on the screen."""
    page = read(text("# Change a thing", "", "Changes it.", "", HEAD, "Try it", CURL, SAMPLE))
    is_whole(page)
    assert page.description is not None
    assert page.description.value == "Changes it."


@pytest.mark.parametrize(
    "parts",
    [
        (HEAD, "Change a thing", "Deprecated", CURL, SAMPLE),
        (HEAD, "Deprecated", "Change a thing", CURL, SAMPLE),
        (HEAD, "Change a thing", CURL, SAMPLE, "", "Deprecated"),
        ("# Change a thing", "", "deprecated", "", HEAD, CURL, SAMPLE),
        (HEAD, "Change a thing", "Obsolète", "Beta", CURL, SAMPLE),
    ],
)
def test_badge(parts: tuple[str, ...]) -> None:
    """The badge of a deprecated operation, wherever it stands, is neither title nor words."""
    page = read(text(*parts))
    is_whole(page)
    assert page.description is None
    assert page.deprecated is not None
    assert page.deprecated.origin.line is not None
    row = page.deprecated.origin.line - 1
    assert text(*parts).split("\n")[row].lower() in ("deprecated", "obsolète")
    (operation,) = plain(assemble([page]))["paths"]["/things/{id}"].values()
    assert operation["deprecated"] is True


def test_badge_in_a_menu() -> None:
    """A badge in the menu above the title is another operation's."""
    menu = ("Jobs", "Old thing", "Deprecated", "Change a thing", "")
    page = read(text(*menu, "Things", "Change a thing", "", HEAD, "Change a thing", CURL, SAMPLE))
    is_whole(page)
    assert page.deprecated is None


def test_no_badge_in_a_sample() -> None:
    """A line within a sample is no badge of the operation: the sample is damaged there."""
    damaged = SAMPLE.replace("{\n", "{\ndeprecated\n", 1)
    assert damaged != SAMPLE
    with pytest.raises(PipelineError, match="expected a key in double quotes"):
        read(text(HEAD, "Change a thing", CURL, damaged))


def test_choice_of_servers() -> None:
    """The choice of servers between method and path is none of the path."""
    head = HEAD.replace("POST\n", "POST\nhttps://api.example.comhttps://test.example.com\n")
    is_whole(read(text(head, "Change a thing", CURL, SAMPLE)))


def test_an_example_in_the_command() -> None:
    """An author's command calls an example: values stand in the place of templates."""
    is_whole(read(text(HEAD, "Change a thing", CURL.replace("{id}", "t-1"), SAMPLE)))


PYTHON = (
    'import requests\n\nurl = "https://api.example.com/v1/things/1"\n\nprint(requests.post(url))'
)
GO = 'package main\n\nimport (\n\t"fmt"\n)\n\nfunc main() {\n\tfmt.Println("x")\n}'


WGET = "wget --quiet \\\n  --method POST \\\n  - https://things.test/v3/things/{id}"
ENCODED = "fetch(`https://things.test/v3/things/${encodeURIComponent(id)}?dry=1`)"
JAVASCRIPT = "fetch('https://things.test/v3/things/{id}', options)\n  .then(res => res.json())"


@pytest.mark.parametrize(
    ("code", "server"),
    [
        (PYTHON, "https://api.example.com/v1"), (GO, None), (WGET, "https://things.test/v3"),
        (JAVASCRIPT, "https://things.test/v3"), (ENCODED, "https://things.test/v3"),
        ("things change --id t-1", None),
    ],
)  # fmt: skip
def test_other_languages(code: str, server: str | None) -> None:
    """A sample in another language takes the command's place: its URL shows the server."""
    page = read(text(HEAD, "Change a thing", code, SAMPLE))
    assert page.request is None
    assert (page.base_url and page.base_url.value) == server
    assert plain(page.sample or page.path) == {"id": "t-1"}
    assert page.description is None
    assert names(page.parameters) == ["id"]


def test_address_in_words() -> None:
    """A page's own address, or a link in its words, is no server, though it ends like the path."""
    page = read(text("# Change a thing\n\nSource: https://docs.test/api/things/{id}\n", HEAD, GO,
                     SAMPLE, "", "See https://docs.test/api/things/{id}"))  # fmt: skip
    assert page.base_url is None


def test_prompt() -> None:
    """A command may stand behind a shell's prompt."""
    is_whole(read(text(HEAD, "Change a thing", f"$ {CURL}", SAMPLE)))


def test_words_behind_a_dollar() -> None:
    """Only before a command of a request is a dollar sign a prompt."""
    page = read(text("# Change a thing\n\n$ things login comes first.\n", HEAD, CURL, SAMPLE))
    assert page.description is not None
    assert page.description.value == "$ things login comes first."


def test_several_languages_in_fences() -> None:
    """Of several samples in fences, the command and the first JSON count."""
    fences = "".join(f"```\n{code}\n```\n\n" for code in (PYTHON, CURL, SAMPLE, '{"error": 1}'))
    page = read(text("# Change a thing", HEAD, "", fences))
    is_whole(page)


def test_code_of_the_author() -> None:
    """JSON in the author's words is theirs, where the page has its sample."""
    prose = 'Send this:\n\n{\n  "a": 1\n}\n\nOr nothing.'
    page = read(text(HEAD, "Change a thing", CURL, SAMPLE, "", prose))
    is_whole(page)
    assert page.description is not None
    assert page.description.value.startswith("Send this:")


def test_headings_of_the_author() -> None:
    """A heading of the author's, of the same words as a section's, begins no section."""
    page = read(text(HEAD, "Change a thing", CURL, SAMPLE, "", "Response\n\nIt answers so."))
    is_whole(page)
    assert page.description is not None
    assert page.description.value == "Response\n\nIt answers so."


def test_lost_brackets() -> None:
    """A sample that a crawler took the brackets from is left out, and that is reported."""
    fenced = f'```\n{CURL.partition(" --data")[0]} --data \'\n\n  "name": 1\n\n```\n\n'
    fenced += '```\n\n  "id": "t-1"\n\n```\n'
    page = read(text("# Change a thing", HEAD, "", fenced))
    assert page.sample is None
    assert page.request is not None
    assert page.request.data is None
    assert [remark.what.partition(" is ")[0] for remark in page.remarks] == [
        "the data that curl sends",
        "the sample of the response",
    ]
    assert all(remark.line is not None for remark in page.remarks)


def sections(*lines: str) -> str:
    return SECTIONS.replace("id\nstring\n", "\n".join([*lines, ""])) if lines else SECTIONS


def response(body: str) -> Page:
    """Return a page with these lines behind the response's status."""
    kept = SECTIONS.partition("Done\n")[0]
    return read(text(HEAD, "Change a thing", CURL, SAMPLE, sections=f"{kept}Done\n\n{body}"))


def fields(page: Page) -> tuple[Field, ...]:
    assert page.response is not None
    return page.response.fields


def test_union_in_tabs() -> None:
    """Tabs name the alternatives of a union, of the response and of a field."""
    page = response(
        "Cat · object\nDog · object\n\nid\nObjectId · object\n\n"
        "ObjectId · object\nNumber · integer\n\nShow child attributes\n"
    )
    assert page.response is not None
    assert [one.value.title for one in page.response.branches] == ["Cat", "Dog"]
    assert [one.value.base for one in fields(page)[0].branches] == ["object", "integer"]


def test_union_without_a_type() -> None:
    """A name that flags follow has a type that the page does not print; that is reported."""
    page = response("\nid\nstring\n\nwhat\nrequired\n\nEither this or that\n")
    assert [one.base for one in fields(page)[1].types.value] == ["any"]
    assert "'what' has no type" in page.remarks[0].what


def test_parameter_that_no_list_has() -> None:
    """A template of the path that the vendor forgot is a string, and that is reported."""
    kept = "Body" + SECTIONS.partition("Body")[2]
    page = read(text(HEAD, "Change a thing", CURL, SAMPLE, sections=kept))
    assert page.parameters[0].name.origin.kind is Kind.ASSUMED
    assert "'id' is not listed" in page.remarks[0].what


def test_heading_that_is_missing() -> None:
    """Where another section lists the path's parameter, a heading is lost: that is an error."""
    lost = SECTIONS.replace("Path Parameters\n\n", "Headers\n\nx-a\nstring\n\n")
    with pytest.raises(PipelineError, match="is not listed under 'Path Parameters'"):
        read(text(HEAD, "Change a thing", CURL, SAMPLE, sections=lost))


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("a,\nb\n", ["a", "b"]),
        ("a,\na,\nb\n", ["a", "b"]),
        ("a,\n\n", ["a", ""]),
    ],
)
def test_options(lines: str, wanted: list[str]) -> None:
    """An option may be empty text, the last one; one that is listed twice is one."""
    page = response(f"id\nenum<string>\n\nAvailable options:\n{lines}\nnext\nstring\n")
    assert plain(fields(page)[0].keywords["enum"]) == wanted
    assert names(fields(page)) == ["id", "next"]


@pytest.mark.parametrize("words", ["first\nsecond", "xml\nhtml", "id\nquery", "asc\ndesc"])
def test_lists_of_the_author(words: str) -> None:
    """An author's list of single words is no field with a damaged type."""
    page = response(f"id\nstring\n\nOne of these\n\n{words}\n\nnext\ninteger\n")
    assert names(fields(page)) == ["id", "next"]


@pytest.mark.parametrize("name", ["xml:lang", "sort+by", "a/b", "filter[name]", "名前", "$ref"])
def test_names(name: str) -> None:
    """A name may hold whatever a line without spaces may."""
    assert names(fields(response(f"{name}\nstring\nrequired\n"))) == [name]


def test_examples_that_are_null() -> None:
    """An example `null` below another is no type of a field."""
    page = response('id\nstring | null\n\nExamples:\n\n"v"\nnull\n\nnext\nstring\n')
    assert plain(fields(page)[0].keywords["examples"]) == ["v", None]
    assert names(fields(page)) == ["id", "next"]


LOCALES = {
    "ja": ("パスパラメータ", "ボディ", "レスポンス", "必須"),
    "ko": ("경로 매개변수", "본문", "응답", "필수"),
    "es": ("Parámetros de ruta", "Cuerpo", "Respuesta", "requerido"),
    "pt": ("Parâmetros de caminho", "Corpo", "Resposta", "obrigatório"),
    "de": ("Pfadparameter", "Body", "Antwort", "erforderlich"),
    "tr": ("Yol Parametreleri", "Gövde", "Yanıt", "gerekli"),
    "ar": ("معلمات المسار", "النص", "الاستجابة", "مطلوب"),
    "zh-Hant": ("路徑參數", "請求主體", "回應", "必填"),
}


@pytest.mark.parametrize("locale", LOCALES)
def test_locales(locale: str) -> None:
    """Headings and flags are understood in the platform's locales."""
    translated = SECTIONS
    english = ("Path Parameters", "Body", "Response", "required")
    for word, local in zip(english, LOCALES[locale], strict=True):
        translated = translated.replace(f"{word}\n", f"{local}\n")
    page = read(text(HEAD, "Change a thing", CURL, SAMPLE, sections=translated))
    is_whole(page)
    assert page.parameters[0].required is not None


def test_localized_in_part() -> None:
    """A label in another language is understood on an English page."""
    page = response("id\nenum<string>\n\n可用选项:\na,\nb\n")
    assert plain(fields(page)[0].keywords["enum"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("## Authorizations\nAuthorizationstringheaderrequired\n", "have run together"),
        ("## Authorizations\n\nAn access token\n", "lost the names and the types"),
    ],
)
def test_what_an_extractor_left(lines: str, message: str) -> None:
    """A page whose fields are gone, or have run together, is refused with that reason."""
    with pytest.raises(PipelineError, match=message) as caught:
        read(f"# Change a thing\n\n{HEAD}\n\n```\n{CURL}\n```\n\n{lines}")
    assert caught.value.problems[0].line is not None


PASTED = """\
Parcel docs home page
Search...
⌘K
Weigh a parcel
Copy page
Says how heavy it is

GET

https://api.parcels.test/v3
/
weight

Try it

Query Parameters

unit
enum<string>required
Of the weight
Available options: gram, pound

Response

200

application/json
The weight
grams
integerrequired
In grams
"""


def test_pasted_from_a_browser() -> None:
    """Server, title and description around the method are read; so are options in a row."""
    page = read(PASTED)
    assert [one and (one.value, one.origin.line) for one in (page.title, page.base_url)] == [
        ("Weigh a parcel", 4),
        ("https://api.parcels.test/v3", 10),
    ]
    assert page.path.value == "/weight"
    assert page.description is not None
    assert page.description.value == "Says how heavy it is"
    (unit,) = page.parameters
    assert plain(unit.keywords["enum"]) == ["gram", "pound"]
    assert {one.origin.line for one in unit.keywords["enum"].value} == {21}
    assert page.remarks == ()


@pytest.mark.parametrize(
    "option",
    ["Available options:\ngram, pound", "Available options: gram,\npound",
     "可用选项: gram, pound", "Available options:\ngram,\npound"],
)  # fmt: skip
def test_options_in_a_row(option: str) -> None:
    """Options may stand behind their label, behind the first of them, in a row, or a line each."""
    page = read(PASTED.replace("Available options: gram, pound", option))
    assert plain(page.parameters[0].keywords["enum"]) == ["gram", "pound"]
    assert [one.line for one in page.remarks] == ([22] if ":\ngram, " in option else [])


def test_option_with_a_comma() -> None:
    """An option of words may hold a comma; a person is asked."""
    page = read(PASTED.replace("options: gram, pound", "options:\nin grams, rounded,\npound"))
    assert plain(page.parameters[0].keywords["enum"]) == ["in grams, rounded", "pound"]
    (remark,) = page.remarks
    assert (remark.line, "comma" in remark.what) == (22, True)


def test_title_below_menus() -> None:
    """The last line above the method that is no sentence is the title; a remark says so."""
    page = read(PASTED.replace("Copy page\n", "").replace("heavy it is", "heavy it is.").replace(
        "Weigh a", "Parcels\nWeigh a"))  # fmt: skip
    assert page.title is not None
    assert page.title.value == "Weigh a parcel"
    assert [(one.line, one.text) for one in page.remarks] == [(5, "Weigh a parcel")]
    assert page.description is not None
    assert page.description.value == "Says how heavy it is."


@pytest.mark.parametrize(
    "operation",
    ["GET https://api.parcels.test/v3/weight", "GET\nhttps://api.parcels.test/v3/weight"],
)
def test_server_and_path_in_one(operation: str) -> None:
    """Behind the host of a whole URL stands the path."""
    text = PASTED.replace("GET\n\nhttps://api.parcels.test/v3\n/\nweight", operation)
    page = read(text)
    assert page.base_url is not None
    assert (page.base_url.value, page.path.value) == ("https://api.parcels.test", "/v3/weight")


def test_several_servers() -> None:
    """The first server is the one the page calls; the others are in the contract, too."""
    one, other = "https://api.parcels.test/v3", "https://eu.parcels.test/v3"
    page = read(PASTED.replace(one, f"{one}{one}{other}"))
    assert plain(assemble([page]))["servers"] == [{"url": one}, {"url": other}]


@pytest.mark.parametrize(
    "url", ["https://api.example.com", "https://example.org", "https://your-domain.test/v1",
            "https://api.YOUR_COMPANY.test"],
)  # fmt: skip
def test_stand_in_for_a_server(url: str) -> None:
    """What only stands for a server is assumed, with a remark; that of another page comes first."""
    page = read(PASTED.replace("https://api.parcels.test/v3", url))
    assert page.base_url is not None
    assert page.base_url.origin.kind is Kind.ASSUMED
    assert [(one.line, url in one.what) for one in page.remarks] == [(10, True)]
    other = read(PASTED.replace("weight", "size").replace("Weigh", "Measure"))
    contract = plain(assemble([page, other]))
    assert contract["servers"] == [{"url": "https://api.parcels.test/v3"}]
    assert "servers" not in contract["paths"]["/weight"]["get"]


@pytest.mark.parametrize(
    "above", ["Changes it.\n", "It changes:\n\n- its name\n- its id\n", "* one\n"]
)
@pytest.mark.parametrize("fenced", [True, False])
def test_description_above_the_sample(above: str, fenced: bool) -> None:
    """A sample below the author's words, bullets among them, is read, with a remark at its line."""
    sample = f"```json\n{SAMPLE}\n```" if fenced else SAMPLE
    code = f"```bash\n{CURL}\n```\n" if fenced else CURL
    page = read(text(HEAD, "Change a thing", code, "", above, "", sample))
    is_whole(page)
    assert page.description is not None
    assert page.description.value.replace("\n", "").endswith(above.split("\n")[-2].strip("*- "))
    assert ["JSON behind" in one.what for one in page.remarks] == [True]


@pytest.mark.parametrize(
    "code",
    [
        "for item in client.list():\n    print(item)", "for item in client.list():",
        "while True:\n    pass", "with Client() as client:\n    client.change()",
        "@app.task\ndef change():\n    pass", "things change --id t-1", "wget --quiet https://a.test",
        "result = client.change 't-1'", "await client.things.change('t-1')",
    ],
)  # fmt: skip
@pytest.mark.parametrize("title", ["Change a thing", None])
def test_another_language_in_place_of_curl(code: str, title: str | None) -> None:
    """Code of another language is neither a title nor a description, and hides no sample."""
    head = [HEAD] if title is None else [HEAD, title]
    page = read(text(*head, code, SAMPLE, sections=SECTIONS))
    assert (page.title and page.title.value) == title
    assert page.description is None
    assert plain(page.sample or page.path) == {"id": "t-1"}


@pytest.mark.parametrize("code", ["", f"{CURL}\n".replace("{id}", "{id}/")])
def test_path_that_ends_in_a_slash(code: str) -> None:
    """A path may end in a slash, and no title behind it."""
    page = read(text(f"{HEAD}\n/", f"{code}{SAMPLE}"))
    assert page.path.value == "/things/{id}/"
    assert page.title is None


def test_options_that_are_no_text() -> None:
    """`enum<boolean>` and `enum<any>` have values of those types."""
    for kind, options, wanted in (
        ("boolean", "true,\nfalse", [True, False]),
        ("any", "1,\nx", [1, "x"]),
    ):
        section = f"Query Parameters\n\nflag\nenum<{kind}>\n\nAvailable options:\n{options}\n\n"
        path = "Path Parameters\n\nid\nstring\nrequired\n\nIts id\n\n"
        page = read(text(HEAD, "Change a thing", CURL, SAMPLE,
                         sections=SECTIONS.replace(path, section)))  # fmt: skip
        (operation,) = plain(assemble([page]))["paths"]["/things/{id}"].values()
        flag = next(one for one in operation["parameters"] if one["name"] == "flag")
        assert flag["schema"]["enum"] == wanted
        assert flag["schema"].get("type") == (None if kind == "any" else kind)


def test_unfolded_without_dots() -> None:
    """What is unfolded has dotted names; a bare name below may be within, and is a remark."""

    def remarks(button: str, name: str) -> list[str]:
        more = f"\nowner\nobject\n\nWho\n\n{button}\n\n{name}\nstring\n\nWhat\n"
        page = read(text(HEAD, "Change a thing", CURL, SAMPLE, sections=SECTIONS + more))
        return [one.what for one in page.remarks if "unfolded" in one.what]

    assert remarks("Show child attributes", "name") == []
    assert remarks("Hide child attributes", "owner.name") == []
    (what,) = remarks("Hide child attributes", "name")
    assert what.startswith("'name' was taken for a field beside the one that is unfolded")
