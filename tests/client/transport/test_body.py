"""Bodies: compressed, too large, broken, and what is left of the connection."""

from __future__ import annotations

import gzip
import json
import threading
import tracemalloc
import zlib

import httpx
import pytest

from blaxel_jobs import ApiKey, JobsClient, NotFoundError, ResponseDecodeError
from blaxel_jobs._effects import Answer
from blaxel_jobs._transport.decompression import Inflater
from tests.client.conftest import Caller
from tests.client.fault_server import EXECUTION, answer, serving
from tests.client.timeouts import timed_out

JSON = json.dumps(EXECUTION).encode()
MANY_TASKS = {**EXECUTION, "tasks": [{"metadata": {"name": "t"}, "spec": {}}] * 3000}
"""Enough of them for an answer that is decoded in a thread."""
RAW_DEFLATE = zlib.compress(JSON, wbits=-15)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(JSON, mtime=0)),
        ("deflate", zlib.compress(JSON)),
        ("deflate", RAW_DEFLATE),
        ("identity", JSON),
    ],
)
def test_compressed(call: Caller, encoding: str, body: bytes) -> None:
    """What was asked for in Accept-Encoding is understood."""
    with serving(answer(200, body, Content_Encoding=encoding)) as server:
        assert call(server.url, "cancel", "job", "exec").status == "cancelling"
        assert server.seen[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", b"no gzip"), ("br", JSON), ("gzip, gzip", gzip.compress(JSON, mtime=0))],
)
def test_not_decodable(call: Caller, encoding: str, body: bytes) -> None:
    """A success that cannot be decompressed is a typed error; the cancel took place."""
    with serving(answer(200, body, Content_Encoding=encoding)) as server:
        with pytest.raises(ResponseDecodeError) as caught:
            call(server.url, "cancel", "job", "exec")
        assert len(server.seen) == 1
    assert caught.value.accepted


def test_error_that_is_not_decodable(call: Caller) -> None:
    """An error whose body cannot be decompressed is still that error."""
    with (
        serving(answer(404, b"no gzip", Content_Encoding="gzip")) as server,
        pytest.raises(NotFoundError),
    ):
        call(server.url, "cancel", "job", "exec")


@pytest.mark.parametrize("status", [200, 404])
def test_bomb(call: Caller, status: int) -> None:
    """A hundred megabytes of zeros, compressed, cost less than eight."""
    bomb = gzip.compress(bytes(100 * 2**20), compresslevel=1)
    client = {"max_response_bytes": 2**20}
    kind = ResponseDecodeError if status == 200 else NotFoundError
    with serving(answer(status, bomb, Content_Encoding="gzip")) as server:
        tracemalloc.start()
        try:
            with pytest.raises(kind):
                call(server.url, "cancel", "job", "exec", client=client)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 8 * 2**20


@pytest.mark.parametrize(("method", "accepted"), [("cancel", True), ("get", False)])
def test_too_large(call: Caller, method: str, accepted: bool) -> None:
    """A success that is too large was accepted where it answers a cancel; it has its beginning."""
    client = {"max_response_bytes": 100}
    with serving(answer(200, b"x" * 1000, X_Request_Id="r-1")) as server:
        with pytest.raises(ResponseDecodeError, match="larger than 100 bytes") as caught:
            call(server.url, method, "job", "exec", client=client)
        assert len(server.seen) == 1
    assert caught.value.accepted is accepted
    assert (caught.value.body, caught.value.request_id) == ("x" * 100, "r-1")


def test_small_errors_keep_the_connection() -> None:
    """The body of an error is read to its end, so the next call needs no new connection."""
    with serving(answer(404, {"error": "gone"})) as server:
        with JobsClient(ApiKey("key"), base_url=server.url) as jobs:
            for _ in range(3):
                with pytest.raises(NotFoundError):
                    jobs.get("job", "exec")
        assert server.connections == 1


def test_inflater_bounds_each_chunk() -> None:
    """No chunk of a body becomes more bytes than are wanted."""
    assert len(Inflater("gzip").add(gzip.compress(bytes(10**6)), 100)) == 100


def test_long(call: Caller) -> None:
    """An execution of many tasks is the same whole as another one."""
    with serving(answer(200, MANY_TASKS)) as server:
        assert len(call(server.url, "cancel", "job", "exec").tasks) == 3000


def test_equal_strings_of_a_huge_answer() -> None:
    """A huge body is read unchanged; equal strings in it are one object."""
    tasks = [{"name": f"task-{at}", "status": f"is {at % 2}"} for at in range(30_000)]
    read = Answer(200, httpx.Headers(), json.dumps(tasks).encode()).json
    assert read == tasks
    assert len({id(task["status"]) for task in read}) == 2


def test_decoding_takes_too_long(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call ends at its time, whatever its answer takes to be read."""
    ended = threading.Event()

    def loads(*_: object, **__: object) -> None:
        ended.wait(60)

    monkeypatch.setattr("blaxel_jobs._effects.json.loads", loads)
    with serving(answer(200, MANY_TASKS)) as server:
        timed_out(call, server.url, "get", "job", "exec")
        ended.set()
