"""A client under OpenTelemetry's instrumentation of httpx: the real package."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import httpx
import pytest
from opentelemetry.instrumentation import httpx as instrumentation
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient, RetryPolicy
from tests.client.conftest import Caller
from tests.client.fault_server import answer, execution, hang_up, serving

COUNT = "http.request.resend_count"
PROVIDER = TracerProvider()
HTTPXClientInstrumentor = (
    instrumentation.HTTPXClientInstrumentor
    if httpx.__name__ == "httpx"
    else instrumentation.HTTPX2ClientInstrumentor
)


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """Spans of what happens in a test."""
    exporter = InMemorySpanExporter()
    processor = SimpleSpanProcessor(exporter)
    PROVIDER.add_span_processor(processor)
    yield exporter
    processor.shutdown()
    exporter.clear()


@pytest.fixture
def instrumented() -> Iterator[None]:
    """Instrumentation of all of httpx."""
    HTTPXClientInstrumentor().instrument(tracer_provider=PROVIDER)
    yield
    HTTPXClientInstrumentor().uninstrument()


def of_http(exporter: InMemorySpanExporter) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.kind.name == "CLIENT"]


@pytest.mark.usefixtures("instrumented")
def test_a_span_for_each_attempt(call: Caller, exporter: InMemorySpanExporter) -> None:
    """Each attempt has a span; a resend says how many came before it."""
    with serving(hang_up, answer(503), execution()) as server:
        call(server.url, "cancel", "job", "exec")
        spans = of_http(exporter)
        assert [dict(span.attributes or {}).get(COUNT) for span in spans] == [None, 1, 2]
        assert all("traceparent" in seen.headers for seen in server.seen)
        assert all("the-api-key" not in span.to_json() for span in spans)


@pytest.mark.usefixtures("instrumented")
def test_the_applications_own_span(exporter: InMemorySpanExporter) -> None:
    """Attempts are children of the span around the call, which gets no attribute of ours."""
    retry = RetryPolicy(initial_delay=0)
    with (
        serving(answer(503), execution()) as server,
        JobsClient(ApiKey("k"), base_url=server.url, retry=retry) as jobs,
        PROVIDER.get_tracer("test").start_as_current_span("order"),
    ):
        jobs.cancel("job", "exec")
    *attempts, order = exporter.get_finished_spans()
    assert order.context is not None
    assert [a.parent.span_id for a in attempts if a.parent] == [order.context.span_id] * 2
    assert COUNT not in (order.attributes or {})


def test_one_instrumented_client(exporter: InMemorySpanExporter) -> None:
    """With only our httpx client instrumented each attempt has a span, with the count."""
    retry = RetryPolicy(initial_delay=0)
    with (
        serving(answer(503), answer(503), execution()) as server,
        JobsClient(ApiKey("k"), base_url=server.url, retry=retry) as jobs,
    ):
        HTTPXClientInstrumentor.instrument_client(
            jobs.api.get_httpx_client(), tracer_provider=PROVIDER
        )
        jobs.cancel("job", "exec")
    assert [(span.attributes or {}).get(COUNT) for span in of_http(exporter)] == [None, 1, 2]


def test_one_instrumented_async_client(exporter: InMemorySpanExporter) -> None:
    """The same for an async client."""

    async def main(url: str) -> None:
        retry = RetryPolicy(initial_delay=0)
        async with AsyncJobsClient(ApiKey("k"), base_url=url, retry=retry) as jobs:
            client: httpx.AsyncClient = jobs.api.get_async_httpx_client()
            HTTPXClientInstrumentor.instrument_client(client, tracer_provider=PROVIDER)
            await jobs.cancel("job", "exec")

    with serving(answer(503), execution()) as server:
        anyio.run(main, server.url)
    assert [(span.attributes or {}).get(COUNT) for span in of_http(exporter)] == [None, 1]
