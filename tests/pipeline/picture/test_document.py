"""The picture of the contract, as a document: what is in it, and what can never be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scripts.contract import overlay, pipeline
from scripts.emitter import dump
from scripts.facts import origins, plain
from scripts.failure import Problem
from scripts.picture import contract_lines
from scripts.picture.document import Change, Difference, draw
from scripts.reading.capture import read_page
from tests import ROOT

OVERLAY = ROOT / "spec/overlay.yaml"


def first(node: LexborNode, selector: str) -> LexborNode:
    found = node.css_first(selector)
    assert found is not None, selector
    return found


@dataclass(frozen=True)
class Drawn:
    """A picture, parsed."""

    html: str
    tree: LexborHTMLParser

    def one(self, selector: str) -> LexborNode:
        found = self.tree.css(selector)
        assert len(found) == 1, selector
        return found[0]

    def texts(self, selector: str) -> list[str]:
        return [node.text() for node in self.tree.css(selector)]

    def row(self, text: str, within: str = "#pages") -> LexborNode:
        """Return the first line with this text."""
        return next(
            row for row in self.tree.css(f"{within} .row") if text in first(row, ".text").text()
        )


Draw = Callable[..., Drawn]


@pytest.fixture
def picture(tmp_path: Path, cancel_page: str) -> Draw:
    """Draw the picture of one page, changed as a test likes, with the project's overlay or none."""

    def make(
        old: str = "", new: str = "", *, with_overlay: bool = False, **options: object
    ) -> Drawn:
        docs = tmp_path / "docs"
        docs.mkdir(exist_ok=True)
        text = cancel_page.replace(old, new) if old else cancel_page
        (docs / "page.txt").write_text(text)
        paths = [OVERLAY] if with_overlay else []
        built = pipeline.build(docs, paths, root=tmp_path)
        html = draw(
            [(read_page(text.encode(), "docs/page.txt"), text)],
            built.contract,
            overlays=[overlay.read(path, pipeline.name_of(path, tmp_path)) for path in paths],
            gaps=[gap for page in built.pages for gap in page.gaps],
            notices=built.notices,
            **options,  # type: ignore[arg-type]
        )
        return Drawn(html, LexborHTMLParser(html))

    return make


def test_every_line_of_the_page(picture: Draw, cancel_page: str) -> None:
    """Every line of the page is there, in order, as it stands."""
    assert picture().texts("#pages .row bdi") == cancel_page.split("\n")


def test_every_line_of_the_contract(picture: Draw, tmp_path: Path) -> None:
    """The lines of the contract are those of its YAML, none left out."""
    drawn = picture()
    contract = plain(pipeline.build(tmp_path / "docs", [], root=tmp_path).contract)
    assert "\n".join(drawn.texts("#contract .row bdi")) + "\n" == dump(contract)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Skip to main content", "furniture"),
        ("Path Parameters", "heading"),
        ("Name of the job", "stated"),
        ('"parallelism": 5', "sample"),
        ("Last modified on", "assumed"),
    ],
)
def test_what_a_line_became(picture: Draw, text: str, kind: str) -> None:
    """Each line is coloured by what it became, and says it in a word, too."""
    row = picture().row(text)
    assert kind in (row.attributes["class"] or "").split()
    assert kind in first(row, ".what").text()


def test_both(picture: Draw) -> None:
    """A line that is stated and a rule's source is reported as both."""
    row = picture().row("Cancel job execution")
    assert first(row, ".what").text().split() == [
        "●", "stated", "▲", "assumed",
    ]  # fmt: skip


def test_links_both_ways(picture: Draw) -> None:
    """A line leads to what it became, and that leads back."""
    drawn = picture()
    line = drawn.row("Name of the job")
    target = (first(line, ".text a").attributes["href"] or "").removeprefix("#")
    element = drawn.one(f"#{target}")
    assert "description: Name of the job" in element.text()
    assert first(element, ".source").attributes["href"] == f"#{line.attributes['id']}"


def test_each_content_line_is_linked(picture: Draw) -> None:
    """No line of content is without a link: what states, and what shows, became something."""
    drawn = picture()
    lost = [
        row.text()
        for row in drawn.tree.css("#pages .row.stated, #pages .row.sample, #pages .row.assumed")
        if not row.css("a")
    ]
    # What curl is called with stands before anything that a fact was read from.
    assert lost == [row for row in lost if "curl --request" in row]


def test_name_leads_to_its_property(picture: Draw) -> None:
    """A field's name leads to the property, not to what stood above it."""
    drawn = picture()
    names = [row for row in drawn.tree.css("#pages .row") if first(row, "bdi").text() == "tasks"]
    href = first(names[-1], "a").attributes["href"]
    assert "tasks:" in drawn.one(str(href)).text()


def test_every_element_shows_its_source(picture: Draw) -> None:
    """Every line of the contract has a kind in words, a place, and a link that leads there."""
    drawn = picture(with_overlay=True)
    for row in drawn.tree.css("#contract .row"):
        source = first(row, ".source")
        assert re.search(
            r"(stated|sample|assumed|overlay), \S+", source.attributes["aria-label"] or ""
        )
        drawn.one(str(source.attributes["href"]))


def test_kinds_are_those_of_the_facts(picture: Draw, tmp_path: Path) -> None:
    """What the picture calls a part is what the contract knows of it."""
    picture(with_overlay=True)
    contract = pipeline.build(tmp_path / "docs", [OVERLAY], root=tmp_path).contract
    known = {pointer: origin for pointer, origin in origins(contract) if pointer}
    shown = {p: origin for line in contract_lines.annotate(contract) for p, origin in line.parts}
    assert shown == known


def test_overlay_gives_its_reason(picture: Draw) -> None:
    """What the overlay added says why beside it, and each action stands in the list."""
    drawn = picture(with_overlay=True)
    facts = overlay.read(OVERLAY)
    assert len(drawn.tree.css("#overlay .actions li")) == len(facts.actions)
    reason = facts.actions[0].description
    assert any(reason in note for note in drawn.texts("#contract .note.overlay"))
    assert reason in drawn.one("#a0-0").text()
    assert facts.actions[0].source in drawn.one("#a0-0").text()


def test_assumed(picture: Draw) -> None:
    """What was assumed is listed with its rule and the line it was taken from."""
    rows = picture().texts("#assumed tbody tr")
    (row,) = (row for row in rows if "info > title" in row)
    assert "from the host's name" in row
    assert "docs/page.txt:13" in row


def test_hidden(picture: Draw) -> None:
    """What the page hides is a list; a gap that a line shows is linked with it."""
    drawn = picture()
    gaps = drawn.texts("#hidden li")
    assert any("the response prints no status" in gap for gap in gaps)
    (shown,) = (li for li in drawn.tree.css("#hidden li") if "JSON inside a string" in li.text())
    assert first(shown, "a").attributes["href"] == "#p0-L29"


def test_no_release(picture: Draw) -> None:
    """Without a last release it says so."""
    assert "no last release" in picture().one("#difference").text()


def test_difference(picture: Draw) -> None:
    """The difference to the last release: the bump, the version, each change with its place."""
    change = Change("breaking", "a status is gone", "/components/schemas/JobExecutionStatus/enum/9")
    drawn = picture(difference=Difference("1.2.0", "major", (change,)))
    section = drawn.one("#difference")
    for text in ("1.2.0", "major", "breaking", "a status is gone"):
        assert text in section.text()
    href = first(section, "a").attributes["href"]
    assert "enum" in drawn.one(str(href)).text()


def test_notices(picture: Draw) -> None:
    """What a person should look at comes before all lists."""
    html = picture().html
    assert 'id="notices"' not in html
    notice = Problem("described, but gone", "spec/overlay.yaml", 7, hint="correct it")
    docs = read_page((ROOT / "tests/pipeline/pages/cancel-job-execution.txt").read_bytes(), "p.txt")
    contract = pipeline.build(ROOT / "tests/pipeline/pages", [], root=ROOT).contract
    assert "described, but gone" in draw([(docs, "")], contract, notices=[notice])


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "' onfocus='alert(1)",
    "{{ 7 * 7 }} {% raw %}",
    "]]><svg/onload=alert(1)>",
]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize(
    "where", ["Id of the execution", "Cancel job execution", "successful operation"]
)
def test_hostile_text(picture: Draw, evil: str, where: str) -> None:
    """Whatever a page says, it is text: no element, attribute or script comes of it."""
    drawn = picture(where, f"{where} {evil}")
    assert len(drawn.tree.css("script")) == 1
    assert not drawn.tree.css("img, svg:not(.bar), iframe, object, embed, link, base")
    handlers = [
        name for node in drawn.tree.css("*") for name in node.attributes if name.startswith("on")
    ]
    assert handlers == []
    assert any(evil in text for text in drawn.texts("#pages bdi"))


def test_unseen_characters(picture: Draw) -> None:
    """Characters that turn writing around or hide are shown by name."""
    drawn = picture("Id of the execution", "Id \u202eof\u200b the execution")
    assert "\u202e" not in drawn.html
    assert "Id ⟦U+202E⟧of⟦U+200B⟧ the execution" in drawn.texts("#pages bdi")


def test_self_contained(picture: Draw) -> None:
    """It refers to nothing outside of itself, and its policy would not let it."""
    drawn = picture(with_overlay=True)
    for attribute in ("src", "href", "action", "srcset", "data", "poster"):
        for node in drawn.tree.css(f"[{attribute}]"):
            assert (node.attributes[attribute] or "").startswith("#")
    assert "url(" not in drawn.one("style").text()
    policy = drawn.one("meta[http-equiv=Content-Security-Policy]").attributes["content"] or ""
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_no_inline_styles(picture: Draw) -> None:
    """No element has a style of its own: the policy would refuse it."""
    assert not picture().tree.css("[style]")


def test_repeatable(picture: Draw) -> None:
    """The same pages give the same bytes."""
    assert picture(with_overlay=True).html == picture(with_overlay=True).html


def test_structure(picture: Draw) -> None:
    """A language, a title, one h1, landmarks, and a heading for every section."""
    drawn = picture(with_overlay=True)
    assert drawn.one("html").attributes["lang"] == "en"
    assert drawn.one("title").text()
    for landmark in ("h1", "header", "main", "footer", "nav[aria-label]"):
        drawn.one(landmark)
    for section in drawn.tree.css("section"):
        assert drawn.one(f"#{section.attributes['aria-labelledby']}").tag == "h2"


def test_ids(picture: Draw) -> None:
    """No id is there twice, and every link has an end."""
    drawn = picture(with_overlay=True)
    ids = [str(node.attributes["id"]) for node in drawn.tree.css("[id]")]
    assert len(ids) == len(set(ids))
    ends = {str(node.attributes["href"]).removeprefix("#") for node in drawn.tree.css("a")}
    assert ends <= set(ids)
