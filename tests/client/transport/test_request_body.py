"""Bodies of requests in async code."""

from __future__ import annotations

import gc
import warnings

import httpx
import pytest
import trio

from blaxel_jobs import AsyncJobsClient, BlaxelError, ClientCredentials, RetryPolicy

SECRET = "s-0123456789"


class Broken(httpx.AsyncBaseTransport):
    """Takes the first chunk of each request's body, and fails there."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Fail in the midst of sending."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for _ in request.stream:
            raise httpx.WriteError("broken pipe")
        raise AssertionError("a body has a chunk")


def test_sending_breaks_off() -> None:
    """No async generator is left to the garbage collector, of which trio warns."""

    async def cancel() -> None:
        once = RetryPolicy(max_attempts=1)
        credentials = ClientCredentials("id", SECRET)
        async with AsyncJobsClient(credentials, transport=Broken(), retry=once) as jobs:
            with pytest.raises(BlaxelError, match="broken pipe"):
                await jobs.cancel("job", "exec")
        gc.collect()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trio.run(cancel)
