"""Reading HTML that was saved from a browser."""

from __future__ import annotations

import dataclasses
import html
import re
from typing import Any

import pytest

from scripts.facts import Origin
from scripts.failure import PipelineError
from scripts.reading.capture import read_page
from scripts.reading.html.saved_page import page_text, read_html_page
from scripts.reading.html.visible_text import visible_lines
from scripts.reading.page import DocumentPage, Page, Use
from scripts.reading.text.reader import read_page_text

SECTIONS = ("Authorizations", "Path Parameters", "Response")


def code_block(code: str) -> str:
    """Return code as the platform shows it: coloured, a span a line, with buttons above."""
    lines = (
        '<span class="line">'
        + re.sub(r'("[^"]*")', r'<span style="color:#9ECBFF">\1</span>', html.escape(line, False))
        + "</span>"
        for line in code.split("\n")
    )
    return (
        '<div class="code-block"><div data-floating-buttons="true">'
        '<button aria-label="Copy the contents">Copy</button><button>Ask AI</button></div>'
        f'<pre class="shiki" language="json"><code>{chr(10).join(lines)}</code></pre></div>'
    )


def saved_page(text: str) -> str:
    """Return a captured page as a browser saves it: menus, tabs, hidden parts, nested rows."""
    lines = text.split("\n")
    curl = lines.index("curl --request DELETE \\")
    sample = lines.index("{", curl)
    end = lines.index("", sample)
    path = "".join(f'<div class="min-w-max">{part}</div>' for part in lines[2 : curl - 1])
    out = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Cancel job execution</title>',
        "<style>.hidden { display: none }</style>",
        '<script>window.page = "DELETE /jobs";</script></head><body>',
        '<a class="sr-only focus:not-sr-only" href="#content-area">Skip to main content</a>',
        '<div id="navbar"><span>Search</span><kbd>K</kbd></div>',
        '<div id="sidebar"><ul><li>DEL Cancel job execution</li></ul></div>',
        '<div id="content-container"><div id="content-area"><header id="header">',
        '<div class="eyebrow">jobs</div><h1 id="page-title">Cancel job execution</h1></header>',
        '<div class="flex"><div class="rounded-lg font-bold">DELETE</div>',
        f'<div class="flex font-mono"><div class="hidden group-hover:block">Copy</div>{path}</div>',
        "<button>Try it</button></div>",
        '<div class="lg:hidden"><div>GET</div><div>/wrong</div></div>',
        '<div role="tablist"><button role="tab">cURL</button><div role="tab">Python</div></div>',
        code_block("\n".join(lines[curl:sample])),
        '<div role="tabpanel" data-state="inactive"><pre>import requests</pre></div>',
        code_block("\n".join(lines[sample:end])),
    ]
    for row, line in enumerate(lines[end:], end):
        shown = html.escape(line, False)
        alone = not lines[row - 1] and (row + 1 == len(lines) or not lines[row + 1])
        if line in SECTIONS and alone:
            out.append(f'<div class="flex"><h4 class="api-section-heading">{shown}</h4></div>')
        elif line and alone:
            out.append(
                f'<div class="prose"><p>{shown.replace(" JWT ", "&nbsp;JWT&nbsp;")}</p></div>'
            )
        elif line:
            anchor = '<a class="absolute" href="#body" aria-label="Navigate">&ZeroWidthSpace;</a>'
            out.append(
                f'<div class="flex">{anchor}<span class="font-semibold">{shown}</span></div>'
            )
    out.append("</div></div><footer>Powered by somebody</footer></body></html>")
    return "\n".join(out)


def without_lines(page: Page) -> Page:
    """Return a page whose facts have forgotten their lines, and its lines their uses."""

    def strip(value: Any) -> Any:
        if isinstance(value, Origin):
            return dataclasses.replace(value, line=None)
        if isinstance(value, dict):
            return {key: strip(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(strip(one) for one in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [one.name for one in dataclasses.fields(value)]
            return dataclasses.replace(
                value, **{name: strip(getattr(value, name)) for name in names}
            )
        return value

    stripped: Page = strip(page)
    return dataclasses.replace(stripped, uses=())


def read(source: str) -> Page:
    page = read_html_page(source.encode(), "page.html")
    assert isinstance(page, Page)
    return page


def shown(body: str) -> list[str]:
    return [line.text for line in visible_lines(f"<html><body>{body}</body></html>")]


def test_it_says_what_the_captured_text_says(cancel_page: str) -> None:
    """A page saved as HTML gives the same facts as its text, captured by hand."""
    captured = read_page_text(cancel_page, "page.html")
    assert without_lines(read(saved_page(cancel_page))) == without_lines(captured)


def test_facts_know_their_lines_in_the_file(cancel_page: str) -> None:
    """A fact's line is the HTML file's, not that of the text."""
    source = saved_page(cancel_page)
    lines = source.split("\n")
    page = read(source)
    name = page.parameters[1].name
    assert name.value == "executionId"
    assert name.origin.line is not None
    assert ">executionId<" in lines[name.origin.line - 1]
    assert page.sample is not None
    stats = page.sample.value["stats"].origin.line
    assert stats is not None
    assert '"stats"' in lines[stats - 1]


def test_every_line_of_the_file_is_accounted_for(cancel_page: str) -> None:
    """Markup is furniture; lines with text are what the text is."""
    source = saved_page(cancel_page)
    uses = read(source).uses
    lines = source.split("\n")
    assert len(uses) == len(lines)
    assert uses[2] is Use.FURNITURE
    assert uses[next(i for i, line in enumerate(lines) if '"stats"' in line)] is (
        Use.RESPONSE_SAMPLE
    )


def test_problems_name_the_line_of_the_file(cancel_page: str) -> None:
    """What is wrong in the visible text is reported with the HTML's line."""
    source = saved_page(cancel_page.replace('"total": 10', '"total": ten'))
    with pytest.raises(PipelineError) as raised:
        read(source)
    line = raised.value.problems[0].line
    assert line is not None
    assert "ten" in source.split("\n")[line - 1]


def test_a_file_is_html_by_its_name(cancel_page: str) -> None:
    """`.html` and `.htm` files are read for their visible text."""
    source = saved_page(cancel_page).encode()
    assert isinstance(read_page(source, "page.html"), Page)
    assert isinstance(read_page(source, "PAGE.HTM"), Page)
    with pytest.raises(PipelineError, match="the file holds HTML"):
        read_page(source, "page.txt")


def test_a_title_and_description_above_the_path(cancel_page: str) -> None:
    """The page's title and description, which stand above the path, come into their places."""
    source = saved_page(cancel_page).replace(
        "</h1></header>", "</h1><p>Stops it, in the end.</p></header>"
    )
    page = read(source)
    assert page.title is not None
    assert page.title.value == "Cancel job execution"
    assert page.path.value == "/jobs/{jobId}/executions/{executionId}"
    assert page.description is not None
    assert page.description.value == "Stops it, in the end."


def test_code_in_a_column_before_all_else(cancel_page: str) -> None:
    """Code that stands first in the source, since it is a column of its own, is not lost."""
    source = saved_page(cancel_page)
    blocks = re.findall(r'<div class="code-block">.*?</pre></div>', source, re.DOTALL)
    for block in blocks:
        source = source.replace(block, "")
    at = '<div id="content-container">'
    source = source.replace(at, f'{at}<div id="content-side-layout">{"".join(blocks)}</div>')
    captured = read_page_text(cancel_page, "page.html")
    assert without_lines(read(source)) == without_lines(captured)


def test_a_path_on_one_line(cancel_page: str) -> None:
    """A path that is one text is taken apart."""
    rows = re.compile(r'(<div class="min-w-max">[^<]*</div>)+')
    path = "<code>/jobs/{jobId}/executions/{executionId}</code>"
    page = read(rows.sub(path, saved_page(cancel_page)))
    assert page.path.value == "/jobs/{jobId}/executions/{executionId}"


@pytest.mark.parametrize(
    "body",
    [
        "<p>a</p><script>x</script><style>x</style><template>x</template><noscript>x</noscript>",
        "<nav>x</nav><p>a</p><footer>x</footer><aside>x</aside><button>x</button>",
        '<p>a</p><p style="color: red; display:none">x</p><p hidden>x</p>',
        '<p>a</p><i aria-hidden="true">x</i><span class="sr-only">x</span>',
        '<p>a</p><div class="hidden">x</div><div class="p-2 xl:hidden">x</div>',
        '<p>a</p><div role="navigation">x</div><div role="tooltip">x</div><!-- x -->',
        '<p>a</p><div data-state="inactive">x</div><svg><text>x</text></svg>',
        '<p><span class="hidden lg:block">a</span></p>',
        "<p>\u200ba</p>\n\n",
    ],
)
def test_what_is_not_seen_is_left_out(body: str) -> None:
    """Scripts, menus, buttons and whatever is hidden, by attribute, style or class."""
    assert shown(body) == ["a"]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<div>a</div><div>b</div>", ["a", "b"]),
        ("<p>a</p><p>b</p>", ["a", "", "b"]),
        ("<div>a</div><h4>b</h4><div>c</div>", ["a", "", "b", "", "c"]),
        ("<span>a</span> <b>b</b><i>c</i>", ["a bc"]),
        ("<div>a\n   b\t c</div>", ["a b c"]),
        ("<div>a&nbsp;b</div>", ["a b"]),
        ("a<br>b<br><br>c", ["a", "b", "", "c"]),
        ('<div class="flex"><span>a</span><span>b</span></div>', ["a", "b"]),
        ("<ul><li>a</li><li>b</li></ul>", ["a", "b"]),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", ["a\tb", "c"]),
        ("<pre>\na\n  b\n\nc\n</pre>", ["a", "  b", "", "c"]),
        (
            "<pre><code><span class=line>a</span>\n<span class=line>b</span></code></pre>",
            ["a", "b"],
        ),
        ("<pre><code><span class=line>a</span><span class=line>b</span></code></pre>", ["a", "b"]),
        ('<div class="whitespace-pre">a\n  b</div>', ["a", "  b"]),
        ('<div style="white-space: pre-wrap">a\n  b</div>', ["a", "  b"]),
        ("<details><summary>a</summary><p>b</p></details>", ["a"]),
        ("<details open><summary>a</summary><p>b</p></details>", ["a", "", "b"]),
        ("<div><div><div>a</div></div></div><div></div><div>b</div>", ["a", "b"]),
        ("&lt;token&gt; &amp;amp; &#39;x&#39;", ["<token> &amp; 'x'"]),
    ],
)
def test_text_is_laid_out_as_on_the_screen(body: str, lines: list[str]) -> None:
    """Blocks stand on lines of their own, white space collapses, code keeps its lines."""
    assert shown(body) == lines


@pytest.mark.parametrize(
    "data",
    [
        '<meta charset="utf-8"><p>café'.encode(),
        '<meta charset="windows-1252"><p>café'.encode("cp1252"),
        '<meta charset="utf-16"><p>café'.encode(),
        '<meta http-equiv=Content-Type content="text/html; charset=iso-8859-1"><p>café'.encode(
            "latin-1"
        ),
        "\ufeff<p>café".encode(),
        "\ufeff<p>café".encode("utf-16-le"),
        "<p>café".encode(),
    ],
)
def test_encodings(data: bytes) -> None:
    """The encoding is that of the byte order mark, else of `meta charset`, else it is UTF-8."""
    assert page_text(data, "page.html") == "café"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ("<p>a</p>\n<p>café".encode("latin-1"), "page.html:2: the HTML is not utf-8 text"),
        (b'<meta charset="klingon"><p>x', "page.html:1: the encoding 'klingon' is not known"),
        (b"<html><body><script>draw()</script></body></html>", "page.html:1: the HTML has no vis"),
        (b"", "page.html:1: the HTML has no visible text"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, what: str) -> None:
    """Text in another encoding and pages without text are refused with a line."""
    with pytest.raises(PipelineError) as raised:
        read_html_page(data, "page.html")
    assert str(raised.value).startswith(what)


def test_html_without_end_is_refused() -> None:
    """Nesting without end is reported, not run into."""
    with pytest.raises(PipelineError, match="nested deeper"):
        read_html_page(b"<div>" * 20_000 + b"x", "page.html")


def test_an_md_page_that_a_browser_shows() -> None:
    """A browser that saves an `.md` page wraps it into HTML; the document is found."""
    document = (
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
        "paths:\n  /x:\n    get:\n      responses: {'200': {description: ok}}"
    )
    source = f"<html><body><pre># Get x\n\n````yaml get /x\n{document}\n````\n</pre></body></html>"
    page = read_html_page(source.encode(), "page.html")
    assert isinstance(page, DocumentPage)
    operation = page.document.value["paths"].value["/x"].value["get"]
    assert operation.origin.line == source.split("\n").index("    get:") + 1
