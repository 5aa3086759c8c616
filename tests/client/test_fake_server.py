"""The fake API over HTTP, as a service in another language meets it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from blaxel_jobs import (
    ApiKey,
    APITimeoutError,
    ClientCredentials,
    JobsClient,
    RetryPolicy,
    ServerError,
)
from blaxel_jobs.testing import FakeAPI, hang, lost_answer, slow, status
from blaxel_jobs.testing.__main__ import main
from blaxel_jobs.testing.faults import faults_of
from tests.client.command.running import environment, served

KEY = {"Authorization": "Bearer k"}
PAGED = {**KEY, "Blaxel-Version": "2026-04-28"}


@pytest.fixture
def api() -> FakeAPI:
    """A fake with 45 executions of one job and one of another."""
    api = FakeAPI()
    for number in range(45):
        api.add("job", f"e{number:02}")
    api.add("other", "x", tasks=[{"metadata": {"name": "task-0"}}])
    return api


@pytest.fixture
def url(api: FakeAPI) -> Iterator[str]:
    with served(api) as url:
        yield url


def listed(url: str, headers: dict[str, str] = PAGED, **asks: Any) -> Any:
    answer = httpx.get(f"{url}/jobs/job/executions", params=asks, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_cancel(url: str, api: FakeAPI) -> None:
    """A client cancels over HTTP, and the fake knows it."""
    with JobsClient(ApiKey("k"), base_url=url) as jobs:
        assert jobs.cancel("job", "e01").status == "cancelling"
    assert api.status("job", "e01") == "cancelling"


@pytest.mark.parametrize(
    "path", ["jobs/job/executions/e01/logs", "jobs/job/executions/e01/", "job/executions/e01", "x"]
)
def test_other_paths(url: str, api: FakeAPI, path: str) -> None:
    """Only an execution's own path cancels it."""
    assert httpx.delete(f"{url}/{path}", headers=KEY).status_code == 404
    assert api.status("job", "e01") == "running"


def test_pages(url: str) -> None:
    """From 2026-04-28 there are pages, which a cursor links."""
    first = listed(url, limit=20)
    second = listed(url, limit=20, cursor=first["meta"]["nextCursor"])
    third = listed(url, limit=20, cursor=second["meta"]["nextCursor"])
    assert [len(page["data"]) for page in (first, second, third)] == [20, 20, 5]
    assert third["meta"] == {"hasMore": False, "nextCursor": "", "total": 45}
    ids = [one["metadata"]["id"] for page in (first, second, third) for one in page["data"]]
    assert len(set(ids)) == 45


def test_offset(url: str) -> None:
    """Before, there are bare arrays and an offset."""
    assert len(listed(url, KEY, limit=100)) == 45
    assert len(listed(url, KEY)) == 20
    assert len(listed(url, KEY, offset=40)) == 5


def test_order(url: str) -> None:
    """The order is that of creation, newest first, unless another is asked for."""
    ids = [one["metadata"]["id"] for one in listed(url, sort="name:asc", limit=3)["data"]]
    assert ids == ["e00", "e01", "e02"]
    assert listed(url, sort="createdAt:asc")["data"][0]["metadata"]["id"] == "e00"
    assert listed(url)["data"][0]["metadata"]["id"] == "e44"


@pytest.mark.parametrize(
    "asks",
    [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"sort": "size"}, {"cursor": "nonsense"}],
)
def test_refused(url: str, asks: dict[str, Any]) -> None:
    """What the API does not take is a 400."""
    answer = httpx.get(f"{url}/jobs/job/executions", params=asks, headers=PAGED)
    assert answer.status_code == 400


def test_cursor_of_another_query(url: str) -> None:
    """A cursor is good for the query that it came from."""
    cursor = listed(url, limit=5)["meta"]["nextCursor"]
    asks = {"cursor": cursor, "sort": "name:asc"}
    answer = httpx.get(f"{url}/jobs/job/executions", params=asks, headers=PAGED)
    assert answer.status_code == 400


def test_unknown_version(url: str) -> None:
    """A version that does not exist is a 400 that says so."""
    answer = httpx.get(
        f"{url}/jobs/job/executions/e01", headers={**KEY, "Blaxel-Version": "2020-01-01"}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_api_version")


def test_tasks(url: str) -> None:
    """The tasks of an execution are paged, too."""
    answer = httpx.get(f"{url}/jobs/other/executions/x/tasks", headers=PAGED)
    assert answer.json()["data"] == [{"metadata": {"name": "task-0"}}]


def test_create(url: str, api: FakeAPI) -> None:
    """What is created can be found and cancelled."""
    body = {"tasks": [{"size": 1}, {"size": 2}]}
    made = httpx.post(f"{url}/jobs/new/executions", json=body, headers=KEY).json()
    assert made["tasks"] == body["tasks"]
    with JobsClient(ApiKey("k"), base_url=url) as jobs:
        assert jobs.get("new", made["executionId"]).status == "queued"


@pytest.mark.parametrize(("secret", "code"), [("right", 200), ("wrong", 400), ("", 400)])
def test_client_secret(secret: str, code: int) -> None:
    """A wrong client secret gets no token."""
    with served(FakeAPI(client_credentials=("id", "right"))) as url:
        body = {"grant_type": "client_credentials"}
        answer = httpx.post(f"{url}/oauth/token", json=body, auth=("id", secret))
        assert answer.status_code == code


def test_faults(url: str, api: FakeAPI) -> None:
    """Faults happen on the wire: a lost answer, a hang, an error, a slow answer."""
    api.script(lost_answer(), status(503), slow(0.01), hang())
    with JobsClient(ApiKey("k"), base_url=url) as jobs:
        assert jobs.cancel("job", "e01").status == "cancelling"
        with pytest.raises(APITimeoutError):
            jobs.cancel("job", "e02", timeout=1.0)
    assert api.status("job", "e02") == "running"


def test_state(url: str) -> None:
    """Executions and faults come over HTTP, and the state says what was asked."""
    state = url.removesuffix("/v0") + "/__state"
    given = {"executions": [{"job": "a", "execution": "b"}], "script": ["lost_answer"]}
    assert httpx.put(state, json=given).status_code == 200
    with JobsClient(ApiKey("k"), base_url=url) as jobs:
        jobs.cancel("a", "b")
    known = httpx.get(state).json()
    assert {"job": "a", "execution": "b", "status": "cancelling"} in known["executions"]
    assert [one["method"] for one in known["requests"]] == ["DELETE", "DELETE"]
    assert known["faults_due"] == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "an object with executions and script"),
        ("no", "an object with executions and script"),
        ({"execution": []}, "an object with executions and script"),
        ({"script": ["x"]}, "fault 1 is none of ok"),
        ({"executions": {"job": "a", "execution": "b"}}, "executions is a list"),
        ({"executions": [7]}, "execution 1 is no object"),
        ({"executions": [{"job": "a", "execution": "b"}, {"job": "a"}]}, "execution 2 has no exec"),
        ({"executions": [{"job": "a", "id": "b"}]}, "execution 1 has no execution"),
        ({"executions": [{"job": "a", "execution": "b", "status": 7}]}, "no status"),
        ({"executions": [{"job": "a", "execution": "b", "self": 7}]}, "'self'"),
        ({"executions": [{"job": "a", "execution": "b", "metadata": {}}]}, "'metadata'"),
        ({"executions": [{"job": "a", "execution": "b", "created_at": "today"}]}, "created_at"),
        ({"executions": [{"job": "a", "execution": "b", "created_at": "2026-01-01"}]}, "created_"),
    ],
)
def test_bad_state(url: str, given: Any, words: str) -> None:
    """What cannot be taken is a 400 that says why, and nothing of it is taken."""
    state = url.removesuffix("/v0") + "/__state"
    before = httpx.get(state).json()
    answer = httpx.put(state, json=given)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert httpx.get(state).json() == before


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("Transfer-Encoding: chunked", 411),
        ("Content-Length: two", 400),
        ("Content-Length: \u00b2", 400),
        ("Content-Length: " + "9" * 5000, 400),
    ],
)
def test_body_of_unknown_length(url: str, length: str, status: int) -> None:
    """A body of unknown length is refused, and the connection is closed."""
    place = httpx.URL(url)
    with socket.create_connection((place.host, place.port or 0), timeout=30) as connection:
        connection.sendall(f"PUT /__state HTTP/1.1\r\n{length}\r\n\r\n".encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_state_that_is_too_deep(url: str) -> None:
    """JSON that is nested too deeply to be read is refused."""
    state = url.removesuffix("/v0") + "/__state"
    assert httpx.put(state, content=b"[" * 100_000).status_code == 400


def test_script_file(tmp_path: Path) -> None:
    """`python -m blaxel_jobs.testing` serves executions and a script."""
    script = tmp_path / "faults.json"
    script.write_text(json.dumps([{"fault": "status", "code": 500, "body": {"error": "no"}}] * 9))
    command = [sys.executable, "-m", "blaxel_jobs.testing", "--port=0", f"--script={script}"]
    with subprocess.Popen(
        [*command, "--execution", "job/exec=queued"],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            retry = RetryPolicy(initial_delay=0)
            with (
                JobsClient(ApiKey("k"), base_url=url, retry=retry) as jobs,
                pytest.raises(ServerError),
            ):
                jobs.cancel("job", "exec")
            state = httpx.get(url.removesuffix("/v0") + "/__state").json()
            assert state["executions"] == [{"job": "job", "execution": "exec", "status": "queued"}]
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("text", "words"), [("{", "faults.json:1"), ('["x"]', "fault 1"), ("{}", "a list of faults")]
)
def test_bad_script(
    tmp_path: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script that cannot be read is exit code 1, with file and place."""
    script = tmp_path / "faults.json"
    script.write_text(text)
    assert main(["--port=0", f"--script={script}"]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "one", [{}, 7, {"fault": "slow"}, {"fault": "slow", "second": 1}, {"fault": ["ok"]}]
)
def test_bad_fault(one: Any) -> None:
    """A fault that is none is refused by its number."""
    with pytest.raises(ValueError, match="fault 2"):
        faults_of(["ok", one])


def test_credentials_in_process() -> None:
    """The same fake in process refuses the same secrets."""
    api = FakeAPI(client_credentials=("id", "right"))
    api.add("job", "exec")
    with JobsClient(ClientCredentials("id", "right"), transport=api) as jobs:
        assert jobs.cancel("job", "exec").status == "cancelling"
