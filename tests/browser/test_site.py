"""The documentation site, opened in a real browser without a network."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from tests import ROOT
from tests.browser.webdriver import Browser

SITE = ROOT / "site"
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))
LOOKED_AT = ("index.html", "reference/clients.html", "how-a-cancel-can-end.html")
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"


@pytest.fixture
def at(chromium: Browser) -> Browser:
    """The browser, wide and light, with nothing in its console."""
    chromium.open("about:blank")
    chromium.resize(1280, 900)
    chromium.prefer("light")
    chromium.complaints()
    return chromium


def url(page: str) -> str:
    return (SITE / page).as_uri()


def test_built() -> None:
    """`make docs` built the pages that these tests open, and what programs read."""
    assert set(LOOKED_AT) <= set(PAGES)
    full = (SITE / "llms-full.txt").read_text(encoding="utf-8")
    assert "cancel_and_wait" in full
    for page in re.findall(r"\]\(([^)]+\.md)\)", (SITE / "llms.txt").read_text(encoding="utf-8")):
        assert (SITE / page).is_file(), page


@pytest.mark.parametrize("width", [1280, 390])
def test_fits(at: Browser, width: int) -> None:
    """No page is wider than its window, on a desk or on a phone, and none complains."""
    at.resize(width, 900)
    wide = {}
    for page in PAGES:
        at.open(url(page))
        inner, content = at.run("return [innerWidth, document.documentElement.scrollWidth]")
        if content > inner:
            wide[page] = (inner, content)
        if (folder := os.environ.get("SCREENSHOTS")) and page in LOOKED_AT:
            name = f"site-{page.replace('/', '-')}-{width}.png"
            (Path(folder) / name).write_bytes(at.picture())
    assert wide == {}
    assert at.complaints() == []


def test_dark(at: Browser) -> None:
    """Who prefers dark pages gets them."""
    at.open(url("index.html"))
    light = at.run(BACKGROUND)
    at.prefer("dark")
    assert at.run(BACKGROUND) != light


def test_search(at: Browser) -> None:
    """The search finds a method of the reference, without a server."""
    at.open(url("search.html") + "?q=cancel_and_wait")
    deadline = time.monotonic() + 30
    found: list[str] = []
    while not found and time.monotonic() < deadline:
        found = at.run(
            "return [...document.querySelectorAll('#search-results li a')].map(a => a.href)"
        )
    assert any("reference/clients.html" in link for link in found)
