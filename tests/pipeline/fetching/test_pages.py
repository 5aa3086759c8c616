"""Fetching pages, against a real server on loopback."""

from __future__ import annotations

import io
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from scripts.facts import plain
from scripts.failure import PipelineError
from scripts.fetching.pages import Run, fetch
from scripts.fetching.web import Clock, Limits
from scripts.reading.document.markdown import read_markdown_page
from scripts.reading.text.reader import read_page_text
from scripts.terminal.progress import Progress
from tests.delivery.index_server import serving_tls
from tests.pipeline.commands.running import run
from tests.pipeline.fetching.site import Reply, Site, html, markdown, running_site

GET_JOB = """\
# Get job

> One job.

## OpenAPI

````yaml api.yaml get /jobs/{jobId}
openapi: 3.1.0
info:
  title: Jobs
  version: '1'
paths:
  /jobs/{jobId}:
    get:
      summary: Get job
      parameters:
        - name: jobId
          in: path
          required: true
          schema:
            type: string
      responses:
        '200':
          description: fine
````
"""
LIST_JOBS = GET_JOB.replace("/jobs/{jobId}", "/jobs").replace("Get job", "List jobs").replace(
    """\
      parameters:
        - name: jobId
          in: path
          required: true
          schema:
            type: string
""",
    "",
)  # fmt: skip
LOGIN = b"<html><body><h1>Sign in</h1><p>Enter your password</p></body></html>"
CONSENT = b"<html><body><main><h2>We value your privacy</h2><p>Accept all</p></main></body></html>"


def as_html(text: str) -> bytes:
    """Return a page's text as the simplest HTML that shows it: code in pre, lines in divs."""
    lines, out, row = text.split("\n"), [], 0
    while row < len(lines):
        end = row
        if lines[row].startswith(("curl ", "{")) and not lines[row].endswith("}"):
            while end < len(lines) and lines[end] and not (end > row and lines[end] == "{"):
                end += 1
            code = "\n".join(lines[row:end]).replace("&", "&amp;").replace("<", "&lt;")
            out.append(f"<pre><code>{code}</code></pre>")
            row = end
            continue
        around = row > 0 and not lines[row - 1] and (row + 1 == len(lines) or not lines[row + 1])
        if lines[row]:
            tag = "p" if around else "div"
            out.append(f"<{tag}>{lines[row].replace('<', '&lt;')}</{tag}>")
        row += 1
    body = "\n".join(out)
    page = f"<!doctype html><html><meta charset=utf-8><body><main>{body}</main></body></html>"
    return page.encode()


@dataclass
class FakeTime:
    """Time that passes only by sleeping, and remembers each sleep."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        # 2026-11-24T00:00:00Z
        return Clock(lambda: self.seconds, self.sleep, lambda: 0.0, lambda: 1_795_478_400.0)


@dataclass
class Place:
    """A folder of pages and its list of sources."""

    docs: Path
    listing: Path
    time: FakeTime = field(default_factory=FakeTime)
    output: io.StringIO = field(default_factory=io.StringIO)

    def list(self, *pages: dict[str, str]) -> None:
        self.listing.write_text(json.dumps({"pages": list(pages)}))

    def fetch(self, *, keep_going: bool = False, limits: Limits | None = None) -> Run:
        return fetch(
            self.listing,
            self.docs,
            progress=Progress(self.output),
            keep_going=keep_going,
            limits=limits,
            clock=self.time.clock,
        )

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.docs.iterdir()}

    def everything(self) -> tuple[dict[str, str], str]:
        return self.files(), self.listing.read_text()


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    docs = tmp_path / "docs"
    docs.mkdir()
    return Place(docs, tmp_path / "sources.yaml")


def test_private_authority(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site with a certificate that a company signed is refused by name, once, unless trusted."""
    authority = trustme.CA()
    authorities = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(authorities))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    with running_site() as site, serving_tls(f"{site.url}/", tls) as url:
        site.serve("/get-job.md", Reply(200, GET_JOB.encode(), markdown()))
        place.list({"url": f"{url}get-job"})
        for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(variable, raising=False)
        with pytest.raises(PipelineError, match="its certificate is refused") as refused:
            place.fetch()
        assert "SSL_CERT_FILE" in str(refused.value)
        assert site.paths() == []
        monkeypatch.setenv("SSL_CERT_FILE", str(authorities))
        place.fetch()
        assert site.paths() == ["/get-job.md"]
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
        with pytest.raises(PipelineError, match="SSL_CERT_FILE names what is not there"):
            place.fetch()
        (tmp_path / "gone.pem").write_text("no certificate")
        with pytest.raises(PipelineError, match="holds no certificates"):
            place.fetch()


def test_fetches_md_first(site: Site, place: Place) -> None:
    """A page that is there as .md is fetched as that, and its HTML is not asked for."""
    site.serve("/api/get-job.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/api/get-job"})
    place.fetch()
    assert place.files() == {"get-job.md": GET_JOB}
    assert site.paths() == ["/api/get-job.md"]


def test_fetches_the_visible_text_where_there_is_no_md(
    site: Site, place: Place, cancel_page: str
) -> None:
    """A page whose .md is not found is fetched as text that says what the captured page says."""
    site.serve("/cancel", Reply(200, as_html(cancel_page), html()))
    place.list({"url": f"{site.url}/cancel", "file": "cancel.txt"})
    place.fetch()
    fetched = read_page_text(place.files()["cancel.txt"], "x")
    assert site.paths() == ["/cancel.md", "/cancel"]
    assert fetched.sample is not None
    captured = read_page_text(cancel_page, "x")
    assert captured.sample is not None
    assert plain(fetched.sample) == plain(captured.sample)
    assert [one.name.value for one in fetched.parameters] == ["jobId", "executionId"]
    assert len(fetched.response.fields if fetched.response else ()) == 5


def test_html_for_md_is_no_md(site: Site, place: Place, cancel_page: str) -> None:
    """A site that answers .md with its HTML shell (a soft 404) is asked for the page's text."""
    site.serve("/cancel.md", Reply(200, LOGIN, html()))
    site.serve("/cancel", Reply(200, as_html(cancel_page), html()))
    place.list({"url": f"{site.url}/cancel"})
    place.fetch()
    assert list(place.files()) == ["cancel.txt"]


def test_a_form_that_is_wanted_is_the_only_one(site: Site, place: Place, cancel_page: str) -> None:
    """With `form: text`, .md is not asked for."""
    site.serve("/cancel", Reply(200, as_html(cancel_page), html()))
    place.list({"url": f"{site.url}/cancel", "form": "text"})
    place.fetch()
    assert site.paths() == ["/cancel"]


def test_md_that_is_wanted_and_missing_is_a_failure(site: Site, place: Place) -> None:
    """With `form: md`, a page without .md fails with the URL and the status."""
    place.list({"url": f"{site.url}/cancel", "form": "md"})
    with pytest.raises(PipelineError, match=r"/cancel\.md: the site answered 404"):
        place.fetch()


def test_notes_the_version_and_the_day(site: Site, place: Place) -> None:
    """ETag, Last-Modified and the day of the capture are noted in the list of sources."""
    headers = markdown(**{"ETag": '"v1"', "Last-Modified": "Wed, 27 May 2026 10:00:00 GMT"})
    site.serve("/get-job.md", Reply(200, GET_JOB.encode(), headers))
    place.listing.write_text(
        f"# pages\npages:\n  - url: {site.url}/get-job # mine\n    etag: null\n"
    )
    place.fetch()
    assert place.listing.read_text() == (
        f"# pages\npages:\n  - url: {site.url}/get-job # mine\n    etag: '\"v1\"'\n"
        "    captured_on: 2026-11-24\n"
        "    last_modified: Wed, 27 May 2026 10:00:00 GMT\n"
    )


def test_asks_on_conditions_and_takes_304(site: Site, place: Place) -> None:
    """The second time the version is sent along, and after a 304 nothing is written."""
    headers = markdown(**{"ETag": '"v1"', "Last-Modified": "Wed, 27 May 2026 10:00:00 GMT"})
    site.serve("/get-job.md", Reply(200, GET_JOB.encode(), headers), Reply(304))
    place.list({"url": f"{site.url}/get-job"})
    place.fetch()
    before = place.everything()
    run = place.fetch()
    sent = site.requests[-1].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == (
        '"v1"',
        "Wed, 27 May 2026 10:00:00 GMT",
    )
    assert place.everything() == before
    assert (run.changes, run.unchanged) == ((), ("get-job.md",))


def test_a_version_that_cannot_be_sent_is_not_noted(site: Site, place: Place) -> None:
    """An ETag outside of ASCII is left out of the list, since it could not be sent back."""
    site.serve("/get-job.md", Reply(200, GET_JOB.encode(), markdown(ETag='"\xe9"')))
    place.list({"url": f"{site.url}/get-job"})
    place.fetch()
    place.fetch()
    assert "if-none-match" not in site.requests[-1].headers


def test_page_that_is_missing_is_fetched_unconditionally(site: Site, place: Place) -> None:
    """A noted version whose file was deleted is asked for as if it were new."""
    site.serve("/get-job.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/get-job", "etag": '"v1"'})
    place.fetch()
    assert "if-none-match" not in site.requests[0].headers
    assert place.files() == {"get-job.md": GET_JOB}


def test_an_equal_page_is_not_written(site: Site, place: Place) -> None:
    """A site without versions that sends the same page again leaves the file untouched."""
    site.serve("/get-job.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/get-job"})
    place.fetch()
    before = (place.docs / "get-job.md").stat().st_mtime_ns, place.listing.stat().st_mtime_ns
    assert place.fetch().changes == ()
    after = (place.docs / "get-job.md").stat().st_mtime_ns, place.listing.stat().st_mtime_ns
    assert after == before


def test_says_what_changed(site: Site, place: Place) -> None:
    """A changed page comes with the number of lines that came and went."""
    (place.docs / "get-job.md").write_text(GET_JOB)
    newer = GET_JOB.replace("> One job.", "> One job, or none.\n\nMore.")
    site.serve("/get-job.md", Reply(200, newer.encode(), markdown()))
    place.list({"url": f"{site.url}/get-job"})
    (change,) = place.fetch().changes
    assert (change.what, change.lines_added, change.lines_removed) == ("changed", 3, 1)
    assert change.path.endswith("get-job.md")


def test_md_takes_the_place_of_text(site: Site, place: Place, cancel_page: str) -> None:
    """Once a site serves .md, the text of the page gives way to it, also in the list."""
    operation = "delete /jobs/{jobId}/executions/{executionId}"
    md = GET_JOB.replace("get /jobs/{jobId}", operation)
    md = md.replace("/jobs/{jobId}:", "/jobs/{jobId}/executions/{executionId}:")
    md = md.replace("    get:", "    delete:")
    (place.docs / "cancel.txt").write_text(cancel_page)
    site.serve("/cancel.md", Reply(200, md.encode(), markdown()))
    place.list({"url": f"{site.url}/cancel", "file": "cancel.txt"})
    place.fetch()
    assert list(place.files()) == ["cancel.md"]
    assert read_markdown_page(place.files()["cancel.md"], "x").method.value == "DELETE"
    assert "cancel.md" in place.listing.read_text()


def test_missing_md_does_not_become_text(site: Site, place: Place, cancel_page: str) -> None:
    """A page that was captured as .md is not replaced by the text, which says less."""
    (place.docs / "get-job.md").write_text(GET_JOB)
    site.serve("/get-job", Reply(200, as_html(cancel_page), html()))
    place.list({"url": f"{site.url}/get-job"})
    with pytest.raises(PipelineError, match=r"does not serve this page as \.md any more"):
        place.fetch()


def test_one_failure_leaves_everything(site: Site, place: Place) -> None:
    """Where one of two pages fails, neither is written, and the other's version is not noted."""
    (place.docs / "a.md").write_text(GET_JOB)
    site.serve("/a.md", Reply(200, GET_JOB.replace("One", "1").encode(), markdown(ETag='"2"')))
    place.list({"url": f"{site.url}/a"}, {"url": f"{site.url}/b"})
    before = place.everything()
    with pytest.raises(PipelineError, match=r"/b: the site answered 404"):
        place.fetch()
    assert place.everything() == before


def test_keep_going_writes_what_came(site: Site, place: Place) -> None:
    """With --keep-going the pages that came are written, and the others are listed."""
    site.serve("/a.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/a"}, {"url": f"{site.url}/b"})
    run = place.fetch(keep_going=True)
    assert list(place.files()) == ["a.md"]
    assert [problem.file for problem in run.problems] == [f"{site.url}/b"]


@pytest.mark.parametrize("body", [LOGIN, CONSENT, b"", b"<html><body></body></html>"])
def test_what_is_no_page_is_a_failure(site: Site, place: Place, body: bytes) -> None:
    """A login, a consent wall and an empty page are failures, though the site says 200."""
    site.serve("/cancel", Reply(200, body, html()))
    place.list({"url": f"{site.url}/cancel", "form": "text"})
    with pytest.raises(PipelineError, match=r"/cancel"):
        place.fetch()
    assert place.files() == {}


def test_a_page_of_another_operation_is_a_failure(site: Site, place: Place) -> None:
    """A page that suddenly describes another operation does not replace what was captured."""
    (place.docs / "get-job.md").write_text(GET_JOB)
    site.serve("/get-job.md", Reply(200, LIST_JOBS.encode(), markdown()))
    place.list({"url": f"{site.url}/get-job"})
    with pytest.raises(PipelineError, match=r"describes GET /jobs, but get-job.md describes GET"):
        place.fetch()
    assert place.files() == {"get-job.md": GET_JOB}


def test_a_damaged_document_is_a_failure(site: Site, place: Place) -> None:
    """An .md page whose document is broken fails with its line, and does not fall back to text."""
    site.serve("/a.md", Reply(200, GET_JOB.replace("  title:", "\ttitle:").encode(), markdown()))
    place.list({"url": f"{site.url}/a"})
    with pytest.raises(PipelineError, match=r"/a\.md:10: .*not valid YAML"):
        place.fetch()
    assert site.paths() == ["/a.md"]


def test_tries_again_after_429_when_the_site_says(site: Site, place: Place) -> None:
    """A 429 is tried again, no sooner than its Retry-After says."""
    site.serve(
        "/a.md",
        Reply(429, headers={"Retry-After": "7"}),
        Reply(200, GET_JOB.encode(), markdown()),
    )
    place.list({"url": f"{site.url}/a"})
    place.fetch()
    assert place.time.slept == [7.0]
    assert place.files() == {"a.md": GET_JOB}


def test_understands_a_date_in_retry_after(site: Site, place: Place) -> None:
    """Retry-After may be a moment instead of seconds."""
    soon = {"Retry-After": "Tue, 24 Nov 2026 00:00:09 GMT"}
    site.serve("/a.md", Reply(503, headers=soon), Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/a"})
    place.fetch()
    assert place.time.slept == [9.0]


def test_a_site_that_asks_for_rest_gets_it_from_all_pages(site: Site, place: Place) -> None:
    """After a 429 for one page, the next page of that site waits as well."""
    site.serve(
        "/a.md",
        Reply(429, headers={"Retry-After": "7"}),
        Reply(200, GET_JOB.encode(), markdown()),
    )
    site.serve("/b.md", Reply(200, LIST_JOBS.encode(), markdown()))
    place.list({"url": f"{site.url}/a"}, {"url": f"{site.url}/b"})
    place.fetch(limits=Limits(per_host=1))
    assert place.time.seconds >= 7
    assert site.paths()[0] == "/a.md"
    assert sorted(place.files()) == ["a.md", "b.md"]


def test_does_not_wait_longer_than_the_run_lasts(site: Site, place: Place) -> None:
    """A site that asks for an hour ends the page at once."""
    site.serve("/a.md", Reply(429, headers={"Retry-After": "3600"}))
    place.list({"url": f"{site.url}/a"})
    with pytest.raises(PipelineError, match="another try has to wait 3600 seconds"):
        place.fetch()
    assert place.time.slept == []


def test_gives_up_after_some_tries(site: Site, place: Place) -> None:
    """A site that keeps failing is asked four times, at growing distances."""
    site.serve("/a.md", Reply(500))
    place.list({"url": f"{site.url}/a"})
    with pytest.raises(PipelineError, match=r"the site answered 500 \(4 tries\)"):
        place.fetch()
    assert len(site.requests) == 4
    assert place.time.slept == [0.25, 0.5, 1.0]


def test_a_site_that_hangs_is_left(site: Site, place: Place) -> None:
    """A request that is not answered in its time is a failure of its page alone."""
    site.serve("/a.md", Reply(hangs=True))
    site.serve("/b.md", Reply(200, LIST_JOBS.encode(), markdown()))
    place.list({"url": f"{site.url}/a"}, {"url": f"{site.url}/b"})
    run = place.fetch(keep_going=True, limits=Limits(attempts=2, request=0.2))
    assert [str(problem) for problem in run.problems] == [
        f"{site.url}/a.md: no whole answer within 0.2 seconds (2 tries)"
    ]
    assert list(place.files()) == ["b.md"]


def test_the_whole_run_has_a_limit(site: Site, place: Place) -> None:
    """Pages that are not there when the run's time is over are failures."""
    site.serve("/a.md", Reply(hangs=True))
    place.list({"url": f"{site.url}/a"})
    with pytest.raises(PipelineError, match=r"within the 0\.2 seconds of the whole run"):
        place.fetch(limits=Limits(total=0.2))


def test_an_answer_has_a_largest_size(site: Site, place: Place) -> None:
    """A body that is larger than the limit is not read to its end."""
    site.serve("/a.md", Reply(200, b"x" * 200_000, markdown()))
    place.list({"url": f"{site.url}/a"})
    with pytest.raises(PipelineError, match="larger than 100,000 bytes"):
        place.fetch(limits=Limits(size=100_000))


def test_a_site_that_is_not_there_is_a_failure(place: Place) -> None:
    """A refused connection is tried again, then reported with the URL."""
    place.list({"url": "http://127.0.0.1:9/a", "form": "md"})
    with pytest.raises(PipelineError, match=r"127\.0\.0\.1:9/a\.md: cannot be reached"):
        place.fetch()


def test_follows_redirects_within_the_site(site: Site, place: Place) -> None:
    """A page that moved within its site is fetched from there."""
    site.serve("/a.md", Reply(308, headers={"Location": "/b.md"}))
    site.serve("/b.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/a"})
    place.fetch()
    assert place.files() == {"a.md": GET_JOB}


def test_refuses_redirects_to_another_site(site: Site, place: Place) -> None:
    """A page never comes from another site, not even another port of the same host."""
    with running_site() as other:
        other.serve("/a.md", Reply(200, GET_JOB.encode(), markdown()))
        site.serve("/a.md", Reply(302, headers={"Location": f"{other.url}/a.md"}))
        place.list({"url": f"{site.url}/a"})
        with pytest.raises(PipelineError, match="a redirect leads to another site"):
            place.fetch()
        assert other.requests == []


def test_ends_a_circle_of_redirects(site: Site, place: Place) -> None:
    """Redirects in a circle end after five."""
    site.serve("/a.md", Reply(302, headers={"Location": "/a.md"}))
    place.list({"url": f"{site.url}/a"})
    with pytest.raises(PipelineError, match="more than 5 redirects"):
        place.fetch()


def test_names_itself(site: Site, place: Place) -> None:
    """The site learns who asks."""
    site.serve("/a.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/a"})
    place.fetch()
    assert site.requests[0].headers["user-agent"].startswith("blaxel-jobs-fetch/")


def test_progress(site: Site, place: Place) -> None:
    """Each page is reported as it comes, with how many there are."""
    site.serve("/a.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/a"})
    place.fetch()
    assert place.output.getvalue() == "[1/1] changed: a.md\n"


def test_the_command_ends_with_0_and_says_what_changed(site: Site, place: Place) -> None:
    """`python -m scripts fetch` fetches the pages and prints each change with its lines."""
    site.serve("/a.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/a"})
    ended = run("fetch", "--sources", place.listing, "--docs", place.docs)
    assert (ended.returncode, place.files()) == (0, {"a.md": GET_JOB})
    assert "a.md  +25 -0" in ended.stderr


@pytest.mark.parametrize(("more", "code"), [((), 1), (("--keep-going",), 3)])
def test_exit_code_of_the_command(
    site: Site, place: Place, more: tuple[str, ...], code: int
) -> None:
    """A failed page is exit code 1, or 3 where the others were written."""
    site.serve("/a.md", Reply(200, GET_JOB.encode(), markdown()))
    place.list({"url": f"{site.url}/a"}, {"url": f"{site.url}/b"})
    ended = run("fetch", "--sources", place.listing, "--docs", place.docs, *more)
    assert ended.returncode == code
    assert f"{site.url}/b" in ended.stderr
    assert "Traceback" not in ended.stderr
