"""The picture of the contract, opened in a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.browser.webdriver import Browser

PAGE = ROOT / "tests/pipeline/pages/cancel-job-execution.txt"
TAB, ENTER = "\ue004", "\ue007"


def draw(out: Path, *options: str | Path) -> str:
    """Draw as `make report` does; return the address of the picture."""
    command = [sys.executable, "-m", "scripts", "report", "--html", out, *options]
    subprocess.run(list(map(str, command)), cwd=ROOT, check=True, capture_output=True)
    return out.as_uri()


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return draw(tmp_path_factory.mktemp("picture") / "report.html")


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A picture of 160 pages."""
    docs = tmp_path_factory.mktemp("docs")
    text = PAGE.read_text()
    for number in range(160):
        (docs / f"page-{number:03}.txt").write_text(
            text.replace("\njobs\n", f"\njobs{number}\n")
            .replace("/v0/jobs/", f"/v0/jobs{number}/")
            .replace("Cancel job execution", f"Cancel job execution {number}")
        )
    out = tmp_path_factory.mktemp("many") / "report.html"
    return draw(out, "--docs", docs, "--no-overlay")


@pytest.fixture
def at(chromium: Browser) -> Iterator[Browser]:
    """The browser, as people have it: wide, and light; its console is looked at in the end."""
    chromium.open("about:blank")
    chromium.resize(1500, 1000)
    chromium.prefer("light")
    chromium.complaints()
    yield chromium
    assert chromium.complaints() == []


def chosen(at: Browser) -> list[str]:
    found: list[str] = at.run("return [...document.querySelectorAll('.chosen')].map(e => e.id)")
    return found


def is_seen(at: Browser, element: str) -> bool:
    return bool(
        at.run(
            "const box = document.getElementById(arguments[0]).getBoundingClientRect();"
            "return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;",
            element,
        )
    )


def test_opens(at: Browser, url: str) -> None:
    """It opens with its title and both columns, and the console stays empty."""
    at.open(url)
    assert at.run("return document.title") == "Blaxel API: a picture of the contract"
    assert at.run("return document.querySelectorAll('#pages .row').length") == 169
    assert at.run("return document.querySelectorAll('#contract .row').length") > 400


def test_loads_nothing(at: Browser, url: str) -> None:
    """It asks for no other file, from wherever."""
    at.open(url)
    assert at.run("return performance.getEntriesByType('resource').length") == 0


def test_every_link_leads_somewhere(at: Browser, url: str) -> None:
    """Every link has an end in the file, and no id is there twice."""
    at.open(url)
    broken = at.run(
        "return [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
        ".filter(href => !href.startsWith('#') || !document.getElementById(href.slice(1)))"
    )
    assert broken == []
    twice = at.run(
        "const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
        "return ids.filter((id, index) => ids.indexOf(id) !== index)"
    )
    assert twice == []


def test_from_page_to_contract(at: Browser, url: str) -> None:
    """A click on a line of the page shows what it became, and both are in view."""
    at.open(url)
    at.click("#p0-L150 .text a")
    target = at.run("return location.hash.slice(1)")
    assert at.run("return document.getElementById(arguments[0]).innerText", target)
    assert {"p0-L150", target} <= set(chosen(at))
    assert is_seen(at, target)
    assert is_seen(at, "p0-L150")


def test_from_contract_to_page(at: Browser, url: str) -> None:
    """A click on a line of the contract shows the line of the page that it is known from."""
    at.open(url)
    line = at.run("return document.querySelector('[data-to=p0-L26]').id")
    at.run("document.getElementById(arguments[0]).querySelector('.source').click()", line)
    assert at.run("return location.hash") == "#p0-L26"
    assert {line, "p0-L26"} <= set(chosen(at))
    assert is_seen(at, "p0-L26")


def test_to_an_action(at: Browser, url: str) -> None:
    """What the overlay added leads to the action, which gives its reason."""
    at.open(url)
    at.run("document.querySelector('#contract .row.overlay .source').click()")
    action = at.run("return location.hash.slice(1)")
    assert action.startswith("a0-")
    assert "known from" in at.run("return document.getElementById(arguments[0]).innerText", action)


def test_back(at: Browser, url: str) -> None:
    """The browser's way back leads back."""
    at.open(url + "#p0-L11")
    at.click("#p0-L150 .text a")
    at.run("history.back()")
    at.run("return new Promise(done => setTimeout(done, 0))")
    assert at.run("return location.hash") == "#p0-L11"
    assert "p0-L11" in chosen(at)


def test_keyboard(at: Browser, url: str) -> None:
    """By keyboard alone: the first stop skips to the pages; Enter follows a link."""
    at.open(url)
    at.press(TAB)
    assert at.run("return document.activeElement.getAttribute('href')") == "#pages"
    assert at.run("return document.activeElement.getBoundingClientRect().left") >= 0
    at.press(ENTER)
    assert at.run("return document.activeElement.id") == "pages"


def test_focus_is_seen(at: Browser, url: str) -> None:
    """What has the focus has an outline."""
    at.open(url)
    at.press(TAB)
    assert at.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_screen_reader_is_informed(at: Browser, url: str) -> None:
    """A screen reader announces what was chosen and what it is linked with."""
    at.open(url)
    at.click("#p0-L26 .text a")
    text = at.run("return document.querySelector('[role=status][aria-live=polite]').textContent")
    assert "workspace" in text
    assert "sample" in text


def test_names(at: Browser, url: str) -> None:
    """Landmarks, controls and links all have names."""
    at.open(url)
    nameless = at.run(
        "const name = e => e.getAttribute('aria-label') || e.textContent.trim()"
        " || (e.getAttribute('aria-labelledby') || '')"
        " || (e.labels && e.labels.length && e.labels[0].textContent.trim());"
        "return [...document.querySelectorAll('a, button, input, select, section, nav, summary')]"
        ".filter(e => !name(e)).map(e => e.outerHTML)"
    )
    assert nameless == []


def test_legend(at: Browser, url: str) -> None:
    """The legend picks a kind out: the others step back, until it is pressed again."""
    at.open(url)
    at.click("button.key.assumed")
    opacity = "return getComputedStyle(document.querySelector('#pages .row.stated')).opacity"
    assert at.run("return document.querySelector('button.key.assumed').ariaPressed") == "true"
    assert float(at.run(opacity)) < 1
    at.click("button.key.assumed")
    assert float(at.run(opacity)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(at: Browser, url: str, scheme: str) -> None:
    """Every text has the contrast that WCAG asks for at level AA: 4.5 to 1."""
    at.open(url)
    at.prefer(scheme)
    faint = at.run(
        """
        const lum = c => c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
        const rgb = c => c.match(/[\\d.]+/g).map(Number);
        const ground = e => {
          for (; e; e = e.parentElement) {
            const c = rgb(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] > 0) return c.slice(0, 3);
          }
          return [255, 255, 255];
        };
        const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        const bad = new Set();
        for (const e of document.body.querySelectorAll('*')) {
          if (!own(e) || ['SCRIPT', 'STYLE', 'OPTION'].includes(e.tagName)) continue;
          const [a, b] = [lum(rgb(getComputedStyle(e).color).slice(0, 3)), lum(ground(e))];
          const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
          if (ratio < 4.5) bad.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
        }
        return [...bad];
        """
    )
    assert faint == []


def test_dark(at: Browser, url: str) -> None:
    """It is dark for those who prefer that."""
    at.open(url)
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = at.run(ground)
    at.prefer("dark")
    assert at.run(ground) != light


def test_narrow(at: Browser, url: str) -> None:
    """On a narrow screen the columns stand below each other, and nothing runs over the side."""
    at.resize(520, 900)
    at.open(url)
    top = "return document.getElementById(arguments[0]).getBoundingClientRect().top"
    assert at.run(top, "contract") > at.run(top, "pages")
    assert at.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1500, 520])
@pytest.mark.parametrize("line", ["c120", "p0-L150"])
def test_address_of_a_line(at: Browser, url: str, width: int, line: str) -> None:
    """The address of a line opens the picture at that line, on narrow screens, too."""
    at.resize(width, 900)
    at.open(f"{url}#{line}")
    at.run("return new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
    assert line in chosen(at)
    assert is_seen(at, line)


def test_many_pages(at: Browser, many: str) -> None:
    """Of 160 pages one is open; the picker and a link open another."""
    at.open(many)
    count = "return document.querySelectorAll('#pages details[open]').length"
    assert at.run("return document.querySelectorAll('#pages details').length") == 160
    assert at.run(count) == 1
    at.run(
        "const picker = document.getElementById('picker'); picker.value = 'p77';"
        "picker.dispatchEvent(new Event('change'))"
    )
    assert at.run("return document.getElementById('p77').open")
    at.run("document.querySelector('#p77 .text a').click()")
    assert is_seen(at, at.run("return location.hash.slice(1)"))


def test_find(at: Browser, many: str) -> None:
    """The finder leaves the blocks that fit."""
    at.open(many)
    at.type("#filter", "jobs42")
    left = "return [...document.querySelectorAll('#pages details')].filter(e => !e.hidden).length"
    assert at.run(left) == 1


def test_find_in_the_lines(at: Browser, url: str) -> None:
    """The finder looks into the lines of pages and contract, and marks those that have the word."""
    at.open(url)
    at.type("#filter", "metadata")
    found = (
        "return [...document.querySelectorAll(arguments[0] + ' .row.found')]"
        ".filter(row => !row.closest('.block').hidden).map(row => row.id)"
    )
    for pane in ("#pages", "#contract"):
        rows = at.run(found, pane)
        assert rows
        assert is_seen(at, rows[0])
    assert at.run("return document.getElementById('p0').hidden") is False


def test_large_picture_opens_at_once(at: Browser, many: str) -> None:
    """Of many pages, what is closed is not made into elements before it is opened."""
    at.open(many)
    count = "return document.querySelectorAll('#pages .row, #contract .row').length"
    assert at.run(count) < 1000
    closed = "return document.querySelectorAll('#p77 .row').length"
    assert at.run(closed) == 0
    at.run("document.querySelector('#p77 summary').click()")
    at.run("return new Promise(done => setTimeout(done, 0))")
    assert at.run(closed) == 169
    # A link leads into a section that is closed, and back into a page that is.
    at.run("document.querySelector('#p77 .text a').click()")
    target = at.run("return location.hash.slice(1)")
    assert target in chosen(at)
    assert is_seen(at, target)


def test_address_in_a_closed_block(at: Browser, many: str) -> None:
    """The address of a line of a closed page opens the page at that line."""
    at.open(f"{many}#p120-L150")
    at.run("return new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
    assert "p120-L150" in chosen(at)
    assert is_seen(at, "p120-L150")


def test_hostile_page(at: Browser, tmp_path: Path) -> None:
    """Markup on a page is shown as text, and does nothing."""
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    (tmp_path / "page.txt").write_text(
        PAGE.read_text().replace("Id of the execution", f"{evil}</bdi></li></ol></details>")
    )
    at.open(draw(tmp_path / "report.html", "--docs", tmp_path, "--no-overlay"))
    assert at.run("return document.title") == "Blaxel API: a picture of the contract"
    assert at.run("return document.querySelectorAll('img').length") == 0
    assert evil in at.run("return document.getElementById('p0-L123').textContent")


def test_policy(chromium: Browser, url: str) -> None:
    """What got into the file all the same would not run: its policy forbids it."""
    chromium.open(url)
    ran = chromium.run(
        "const script = document.createElement('script');"
        "try { script.textContent = 'window.owned = 1'; } catch { return 'refused'; }"
        "document.body.append(script); return window.owned || 'did not run'"
    )
    assert ran == "refused"
    assert any("TrustedScript" in text for text in chromium.complaints())


def test_inline_scripts_do_not_run(chromium: Browser, url: str, tmp_path: Path) -> None:
    """A script or a handler that got into the file is not run: the policy knows ours by hash."""
    picture = Path(url.removeprefix("file://")).read_text()
    evil = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    (tmp_path / "evil.html").write_text(picture.replace("<main>", f"<main>{evil}"))
    chromium.open((tmp_path / "evil.html").as_uri())
    assert chromium.run("return document.title") != "owned"
    assert any("Content Security Policy" in text for text in chromium.complaints())


@pytest.mark.parametrize(
    ("name", "scheme", "width"), [("light", "light", 1500), ("dark", "dark", 1500),
                                  ("narrow", "light", 520)],
)  # fmt: skip
def test_screenshots(
    at: Browser, url: str, tmp_path: Path, name: str, scheme: str, width: int
) -> None:
    """Pictures for people to look at, in the folder SCREENSHOTS; none is of one colour."""
    at.prefer(scheme)
    at.resize(width, 1000)
    at.open(url + "#p0-L150")
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.png").write_bytes(at.picture())
    assert (folder / f"{name}.png").stat().st_size > 20_000
