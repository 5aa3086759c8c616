"""The list of sources: what it may say, and how it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.failure import PipelineError
from scripts.fetching import sources
from scripts.fetching.sources import Form
from tests import ROOT


def read(tmp_path: Path, *lines: str) -> list[sources.Source]:
    listing = tmp_path / "sources.yaml"
    listing.write_text("pages:\n" + "".join(f"{line}\n" for line in lines))
    return sources.read(listing, "sources.yaml")


def test_the_projects_own_list() -> None:
    """The project's own list can be read, and names each page once; others may stand beside."""
    listed = [source.file for source in sources.read(ROOT / "spec/sources.yaml")]
    assert listed
    assert len(set(listed)) == len(listed)


def test_a_url_is_enough(tmp_path: Path) -> None:
    """Without other keys, the form is any and the file is called after the page."""
    (one,) = read(tmp_path, "  - url: https://docs.example.com/api/get-job")
    assert (one.file, one.form, one.captured_on, one.etag) == ("get-job.md", Form.ANY, None, None)


def test_a_page_of_text_is_called_txt(tmp_path: Path) -> None:
    """The derived name ends as the form that is wanted."""
    (one,) = read(tmp_path, "  - url: https://docs.example.com/api/get-job/", "    form: text")
    assert one.file == "get-job.txt"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("url: http://docs.example.com/a", "sources.yaml:2: the url is plain http"),
        (
            "url: https://me:pw@docs.example.com/a",
            "sources.yaml:2: the url holds a user",
        ),
        ("url: ftp://docs.example.com/a", "sources.yaml:2: the url does not begin with https://"),
        ("url: https://[", "sources.yaml:2: the url is not a valid URL"),
        ("file: a.md", "sources.yaml:2: `url` is missing"),
        ("url: 5", "sources.yaml:2: `url` must be a text"),
    ],
)
def test_refuses_what_cannot_be_asked_for(tmp_path: Path, line: str, what: str) -> None:
    """A URL that is not https, holds credentials or is none at all is named with its line."""
    with pytest.raises(PipelineError) as raised:
        read(tmp_path, f"  - {line}")
    assert str(raised.value).startswith(what)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("form: pdf", "the form 'pdf' is not known"),
        ("file: ../a.md", "'../a.md' is no name of a page"),
        ("file: .a.md", "'.a.md' is no name of a page"),
        ("file: a.html", "'a.html' is no name of a page"),
        ("captured_on: May 2026", "'May 2026' is not a date"),
        ('etag: "\\xe9"', "'etag' cannot be sent in a header"),
        ("colour: red", "unknown key 'colour'"),
    ],
)
def test_refuses_what_a_page_cannot_have(tmp_path: Path, line: str, what: str) -> None:
    """A wrong value or an unknown key is named with its line."""
    with pytest.raises(PipelineError) as raised:
        read(tmp_path, "  - url: https://docs.example.com/a", f"    {line}")
    assert str(raised.value).startswith(f"sources.yaml:3: {what}")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:80"])
def test_plain_http_may_go_to_this_machine(tmp_path: Path, host: str) -> None:
    """A site on loopback needs no TLS."""
    assert read(tmp_path, f"  - url: http://{host}/a")[0].url == f"http://{host}/a"


def test_refuses_pages_twice(tmp_path: Path) -> None:
    """The same URL, and two pages of the same name, are reported with both lines."""
    with pytest.raises(PipelineError) as raised:
        read(
            tmp_path,
            "  - url: https://docs.example.com/a/get",
            "  - url: https://docs.example.com/a/get",
            "  - url: https://docs.example.com/b/get",
        )
    assert [problem.line for problem in raised.value.problems] == [3, 4]


def test_an_update_keeps_comments_and_order() -> None:
    """Keys are set in their places; everything a person wrote stays."""
    before = """\
# top
pages:
  - url: https://a.example/a  # first
    etag: null  # none yet

  # the second
  - url: 'https://a.example/b'
    captured_on: 2026-01-02
"""
    after = sources.updated(before, {0: {"etag": '"x"'}, 1: {"captured_on": "2026-11-24"}})
    wanted = before.replace("etag: null ", "etag: '\"x\"'").replace("2026-01-02", "2026-11-24")
    assert after == wanted
