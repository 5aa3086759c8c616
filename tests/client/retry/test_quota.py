"""The retry quota that all calls of a client share."""

from __future__ import annotations

import httpx
import pytest

from blaxel_jobs import ApiKey, ClientCredentials, JobsClient, RetryPolicy, ServerError
from blaxel_jobs._auth.credentials import Credentials
from blaxel_jobs._retry.quota import RetryQuota

NOW = 1000.0


class Service:
    """Answers each request with `status`, and counts them."""

    def __init__(self, status: int) -> None:
        self.status, self.requests = status, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return httpx.Response(self.status, json={"metadata": {}, "spec": {}})


@pytest.mark.parametrize("credentials", [ApiKey("key"), ClientCredentials("id", "secret")])
def test_storm(credentials: Credentials) -> None:
    """With the quota used up a failure is raised at once, be it the token endpoint's or not."""
    service = Service(503)
    retry = RetryPolicy(max_attempts=1000, initial_delay=0)
    with JobsClient(credentials, retry=retry, transport=httpx.MockTransport(service)) as jobs:
        with pytest.raises(ServerError):
            jobs.get("job", "exec")
        assert service.requests == 1 + 100
        with pytest.raises(ServerError):
            jobs.get("job", "exec")
    # Nothing more but the first attempt; a token's failure is still shared.
    assert service.requests == (102 if isinstance(credentials, ApiKey) else 101)


def drained() -> RetryQuota:
    quota = RetryQuota()
    while quota.spend(NOW):
        pass
    return quota


def test_refill() -> None:
    """Five successes pay for one retry."""
    quota = drained()
    for _ in range(4):
        quota.refill(after_retry=False)
    assert not quota.spend(NOW)
    quota.refill(after_retry=False)
    assert quota.spend(NOW)


def test_refill_by_a_retry() -> None:
    """A retry that brought success has cost nothing."""
    quota = drained()
    quota.refill(after_retry=True)
    assert quota.spend(NOW)
    assert not quota.spend(NOW)


def test_full() -> None:
    """Successes do not fill the bucket beyond its size."""
    quota = RetryQuota()
    quota.refill(after_retry=False)
    assert sum(iter(lambda: quota.spend(NOW), False)) == 100


def test_time_fills_it() -> None:
    """A quota that ran dry in an outage recovers by itself: a retry in five seconds."""
    quota = drained()
    assert not quota.spend(NOW + 4.9)
    assert quota.spend(NOW + 5)
    assert not quota.spend(NOW + 9.9)
    later = NOW + 10_000
    assert sum(iter(lambda: quota.spend(later), False)) == 100


def test_calls_fill_it() -> None:
    """A client whose retries succeed never runs out of them."""
    service = Service(200)
    flaky = iter([503, 200] * 150)

    def answer(request: httpx.Request) -> httpx.Response:
        service.status = next(flaky)
        return service(request)

    retry = RetryPolicy(max_attempts=2, initial_delay=0)
    transport = httpx.MockTransport(answer)
    with JobsClient(ApiKey("key"), retry=retry, transport=transport) as jobs:
        for _ in range(150):
            jobs.get("job", "exec")
    assert service.requests == 300
