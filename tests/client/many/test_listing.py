"""The executions of a job, over all pages."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from blaxel_jobs import (
    ApiKey,
    AsyncJobsClient,
    ConfigurationError,
    InvalidIdentifierError,
    JobsClient,
    NotFoundError,
    ResponseDecodeError,
)
from blaxel_jobs.testing import FakeAPI, lost_answer, status
from tests.client.conftest import KINDS
from tests.client.fault_server import answer, serving

NEWER = "2026-04-28"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
Listing = Callable[..., list[Any]]


@pytest.fixture(params=KINDS)
def listing(request: pytest.FixtureRequest) -> Listing:
    """List executions with a fresh client; `pages` for whole pages, `first` for the first few."""

    def run(*, pages: bool = False, first: int | None = None, **options: Any) -> list[Any]:
        client = {"credentials": ApiKey("k"), **options.pop("client", {})}
        if request.param == "sync":
            with JobsClient(**client) as jobs:
                found = jobs.list("job", **options)
                return list(itertools.islice(found.pages() if pages else found, first))

        async def main() -> list[Any]:
            taken: list[Any] = []
            async with AsyncJobsClient(**client) as jobs:
                found = jobs.list("job", **options)
                async for one in found.pages() if pages else found:
                    taken.append(one)
                    if len(taken) == first:
                        break
            return taken

        return anyio.run(main, backend=request.param)

    return run


@pytest.fixture
def api() -> FakeAPI:
    """A fake with 250 executions, each an hour older than the one before."""
    api = FakeAPI()
    for number in range(250):
        state = ("running", "succeeded", "queued")[number % 3]
        created = NOW - timedelta(hours=number)
        api.add("job", f"e{number:03}", status=state, created_at=created)
    return api


def ids(executions: list[Any]) -> list[str]:
    return [one.metadata.id for one in executions]


@pytest.mark.parametrize("version", ["2026-04-16", NEWER])
def test_all_pages(listing: Listing, api: FakeAPI, version: str) -> None:
    """Every execution comes once, newest first, in either shape of the answer."""
    found = listing(client={"transport": api, "api_version": version})
    assert ids(found) == [f"e{number:03}" for number in range(250)]


@pytest.mark.parametrize("version", ["2026-04-16", NEWER])
def test_lazy(listing: Listing, api: FakeAPI, version: str) -> None:
    """A page is asked for when it is needed."""
    listing(first=100, client={"transport": api, "api_version": version})
    assert len(api.requests) == 1


def test_pages(listing: Listing, api: FakeAPI) -> None:
    """Whole pages for those who want them."""
    found = listing(pages=True, client={"transport": api, "api_version": NEWER})
    assert [len(page) for page in found] == [100, 100, 50]


@pytest.mark.parametrize(
    ("wanted", "count"), [("running", 84), (["running", "queued"], 167), ("other", 0), ([], 0)]
)
def test_status(listing: Listing, api: FakeAPI, wanted: Any, count: int) -> None:
    """One status, several, or none."""
    assert len(listing(status=wanted, client={"transport": api})) == count


def test_created_before(listing: Listing, api: FakeAPI) -> None:
    """Only those that are older; of unknown age are not."""
    api.add("job", "ageless", metadata={"id": "ageless"})
    api.add("job", "odd", metadata={"id": "odd", "createdAt": "yesterday"})
    found = listing(created_before=NOW - timedelta(hours=240), client={"transport": api})
    assert ids(found) == [f"e{number}" for number in range(241, 250)]


def test_policy(listing: Listing, api: FakeAPI) -> None:
    """Each page is a call under the policy: lost and refused requests are tried again."""
    api.script(lost_answer(), status(503))
    assert len(listing(client={"transport": api, "api_version": NEWER})) == 250


def test_wrong_workspace(listing: Listing, api: FakeAPI) -> None:
    """What the server says to a list is raised as for any call."""
    api.script(status(404, {"error": "no such workspace"}))
    with pytest.raises(NotFoundError):
        listing(client={"transport": api})


def item(name: str) -> dict[str, Any]:
    return {"metadata": {"id": name}, "spec": {}, "status": "running"}


def page(*names: str, cursor: str = "", more: bool | None = None) -> dict[str, Any]:
    meta = {"hasMore": bool(cursor) if more is None else more, "nextCursor": cursor}
    return {"data": [item(name) for name in names], "meta": meta}


@pytest.mark.parametrize(
    ("bodies", "words"),
    [
        ([page("a", cursor="1"), page("b", cursor="1")], "cursor comes again"),
        ([page("a", cursor="1"), page(cursor="2")], "without executions promises more"),
        ([page("a", more=True)], "promises more, and gives no cursor"),
        ([[item(f"e{n}") for n in range(100)]] * 2, "the same executions"),
    ],
)
def test_no_end(listing: Listing, bodies: list[Any], words: str) -> None:
    """A list that would never end is an error, and no loop."""
    with serving(*(answer(200, body) for body in bodies)) as server:
        with pytest.raises(ResponseDecodeError, match=words) as raised:
            listing(client={"base_url": server.url})
        assert len(server.seen) == len(bodies)
    assert not raised.value.accepted


def test_before_the_error(listing: Listing) -> None:
    """What a list had until it went wrong is not lost, the last page included."""
    bodies = [page("a", cursor="1"), page("b", "c", cursor="1")]
    with serving(*(answer(200, body) for body in bodies)) as server:
        found = listing(first=3, client={"base_url": server.url})
    assert ids(found) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "bodies",
    [
        [[item("a")], [item("b")], []],  # fewer at a time than asked for
        [[item("a"), item("b")], [item("a"), item("b")]],  # a server that knows no offset
        [page("a", cursor="1"), page("b")],
        [page("a", cursor="1", more=True), {"data": [item("b")]}],
        [page("a", cursor="1"), page("a", "b", more=False)],  # one moved to the next page
    ],
)
def test_ends(listing: Listing, bodies: list[Any]) -> None:
    """Each way in which a list may end; an execution on two pages comes once."""
    with serving(*(answer(200, body) for body in bodies)) as server:
        assert ids(listing(client={"base_url": server.url})) == ["a", "b"]
        assert len(server.seen) == len(bodies)


@pytest.mark.parametrize(
    "body",
    [b"no JSON", 7, {"data": [[]]}, {"data": {}}, [7], [{"metadata": 7}], {"data": [{"spec": 1}]}],
)
def test_not_a_list(listing: Listing, body: Any) -> None:
    """What is no list of executions is an error, and not passed on."""
    with serving(answer(200, body)) as server, pytest.raises(ResponseDecodeError):
        listing(client={"base_url": server.url})


def test_query(listing: Listing) -> None:
    """The request on the wire: the longest pages, newest first."""
    with serving(answer(200, page("a", cursor="x/+=")), answer(200, page())) as server:
        listing(client={"base_url": server.url})
        targets = [seen.target for seen in server.seen]
    path = "/v0/jobs/job/executions?limit=100&sort=createdAt%3Adesc"
    assert targets == [path, f"{path}&cursor=x%2F%2B%3D"]


@pytest.mark.parametrize(
    "options",
    [
        {"status": 7},
        {"status": [7]},
        {"created_before": "2026"},
        {"created_before": datetime.now()},
    ],
)
def test_bad_filter(options: dict[str, Any]) -> None:
    """A filter that is none is refused before anything is asked."""
    with JobsClient(ApiKey("k")) as jobs, pytest.raises(ConfigurationError):
        jobs.list("job", **options)


def test_bad_job() -> None:
    """A job id that would name something else is refused at once."""
    with JobsClient(ApiKey("k")) as jobs, pytest.raises(InvalidIdentifierError):
        jobs.list("..")
