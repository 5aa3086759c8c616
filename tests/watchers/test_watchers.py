"""Each tool that watches or mocks httpx, for real: it sees every attempt, and no request gets by.

Each runs in a process of its own, since they patch what they find, and with no network but
loopback: none of them has an address to send to.
"""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

BEFORE = """
    import anyio, httpx, json, sys
    from blaxel_jobs import ApiKey, AsyncJobsClient, ClientCredentials, JobsClient, RetryPolicy
    from tests.client.fault_server import EXECUTION, answer, execution, serving

    KIND, RETRY = sys.argv[1], RetryPolicy(initial_delay=0)
    TOKEN = answer(200, {"access_token": "t", "expires_in": 60})

    def cancel(url, credentials=ApiKey("k")):
        if KIND == "sync":
            with JobsClient(credentials, base_url=url, retry=RETRY) as jobs:
                return jobs.cancel("job", "exec")

        async def main():
            async with AsyncJobsClient(credentials, base_url=url, retry=RETRY) as jobs:
                return await jobs.cancel("job", "exec")

        return anyio.run(main, backend=KIND)

    def traced():
        with serving(TOKEN, answer(503), execution()) as server:
            cancel(server.url, ClientCredentials("i", "s"))
            assert [seen.method for seen in server.seen] == ["POST", "DELETE", "DELETE"]
            return [seen.headers for seen in server.seen]

    def kept_in():
        with serving(execution()) as server:
            yield server
            assert server.seen == [], "a request got out"
"""

FIRST = {
    "newrelic": """
        import newrelic.agent
        newrelic.agent.global_settings().developer_mode = True  # nothing is sent
        newrelic.agent.initialize()
    """,
    "ddtrace": """
        import ddtrace
        ddtrace.patch(httpx=True)
    """,
}
"""What has to come before httpx is imported."""

WATCHERS = {
    "sentry": """
        import sentry_sdk
        from sentry_sdk.integrations.httpx import HttpxIntegration
        sent = []
        sentry_sdk.init(
            dsn="http://k@127.0.0.1:1/1", traces_sample_rate=1.0, default_integrations=False,
            integrations=[HttpxIntegration()],
            before_send_transaction=lambda event, hint: sent.append(event),
        )
        with sentry_sdk.start_transaction(name="order"):
            headers = traced()
        assert len([s for s in sent[0]["spans"] if s["op"] == "http.client"]) == 3
        assert all("sentry-trace" in one for one in headers)
    """,
    "newrelic": """
        application = newrelic.agent.register_application(timeout=10)
        with newrelic.agent.BackgroundTask(application, "order"):
            headers = traced()
        assert len({one["traceparent"] for one in headers}) == 3  # a span for each
    """,
    "ddtrace": """
        from ddtrace.trace import TraceFilter, tracer
        class Kept(TraceFilter):
            def process_trace(self, trace):
                spans.extend(trace)  # and send none
        spans = []
        tracer.configure(trace_processors=[Kept()])
        headers = traced()
        assert [one.get_tag("http.status_code") for one in spans] == ["200", "503", "200"]
        assert all("x-datadog-trace-id" in one for one in headers)
    """,
    "opentelemetry": """
        from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        provider, exporter = TracerProvider(), InMemorySpanExporter()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        HTTPXClientInstrumentor().instrument(tracer_provider=provider)
        headers = traced()
        assert len(exporter.get_finished_spans()) == 3
        assert all("traceparent" in one for one in headers)
    """,
    "logfire": """
        import logfire
        from logfire.testing import TestExporter
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        exporter = TestExporter()
        logfire.configure(
            send_to_logfire=False, console=False,
            additional_span_processors=[SimpleSpanProcessor(exporter)],
        )
        logfire.instrument_httpx()
        headers = traced()
        assert len(exporter.exported_spans_as_dict()) == 3
        assert all("traceparent" in one for one in headers)
    """,
    "elastic-apm": """
        import elasticapm
        client = elasticapm.Client(
            service_name="test", server_url="http://127.0.0.1:1", central_config=False,
            cloud_provider="none", disable_send=True,
        )
        elasticapm.instrument()
        client.begin_transaction("order")
        headers = traced()
        client.end_transaction("order")
        assert all("traceparent" in one for one in headers)
    """,
    "respx": """
        import respx
        for server in kept_in():
            with respx.mock as mock:
                mock.delete(url__startswith=server.url).respond(json=EXECUTION)
                assert cancel(server.url).status == "cancelling"
    """,
    "respx on httpx": """
        import respx
        for server in kept_in():
            with respx.mock(using="httpx") as mock:
                mock.delete(url__startswith=server.url).respond(json=EXECUTION)
                assert cancel(server.url).status == "cancelling"
    """,
    "respx, an answer lost": """
        import respx
        from blaxel_jobs import APIConnectionError
        def doubt(error, **options):
            with respx.mock(**options) as mock:
                mock.delete(url__startswith="http://127.0.0.1:1").mock(side_effect=error)
                try:
                    cancel("http://127.0.0.1:1/v0")
                except APIConnectionError as raised:
                    return raised.may_have_been_processed
        for options in ({}, {"using": "httpx"}):
            assert doubt(httpx.ReadError, **options) is True
            assert doubt(httpx.RemoteProtocolError, **options) is True
            assert doubt(httpx.ReadTimeout, **options) is True
            assert doubt(httpx.ConnectError, **options) is False
            assert doubt(httpx.ConnectTimeout, **options) is False
    """,
    "pook": """
        import pook
        for server in kept_in():
            with pook.use():
                pook.delete(server.url + "/jobs/job/executions/exec").reply(200).json(EXECUTION)
                assert cancel(server.url).status == "cancelling"
    """,
    "vcrpy": """
        import tempfile, vcr
        path = tempfile.mkdtemp() + "/cassette.yaml"
        with serving(execution()) as server:
            url = server.url
            with vcr.use_cassette(path):
                assert cancel(url).status == "cancelling"
            assert len(server.seen) == 1
        with vcr.use_cassette(path, record_mode="none"):  # the server is gone
            assert cancel(url).status == "cancelling"
    """,
    "vcrpy, with a token": """
        import tempfile, vcr
        path = tempfile.mkdtemp() + "/cassette.yaml"
        options = {"filter_headers": ["authorization"], "match_on": ["method", "path"]}
        with serving(TOKEN, answer(503), execution()) as server:
            url = server.url
            with vcr.use_cassette(path, **options):
                assert cancel(url, ClientCredentials("i", "s")).status == "cancelling"
            assert len(server.seen) == 3
        with vcr.use_cassette(path, record_mode="none", **options) as cassette:
            assert cancel(url, ClientCredentials("i", "s")).status == "cancelling"
        assert cassette.all_played
    """,
    "sentry, opentelemetry and a mock": """
        import respx, sentry_sdk
        from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
        from opentelemetry.sdk.trace import TracerProvider
        from sentry_sdk.integrations.httpx import HttpxIntegration
        sentry_sdk.init(
            dsn="http://k@127.0.0.1:1/1", traces_sample_rate=1.0, default_integrations=False,
            integrations=[HttpxIntegration()], before_send_transaction=lambda event, hint: None,
        )
        HTTPXClientInstrumentor().instrument(tracer_provider=TracerProvider())
        with sentry_sdk.start_transaction(name="order"):
            headers = traced()
        assert all("traceparent" in one and "sentry-trace" in one for one in headers)
        HTTPXClientInstrumentor().uninstrument()
        assert not any("traceparent" in one for one in traced())
        for server in kept_in():
            with respx.mock(using="httpx") as mock:
                mock.delete(url__startswith=server.url).respond(json=EXECUTION)
                assert cancel(server.url).status == "cancelling"
    """,
    "a mock that is taken away": """
        from unittest.mock import AsyncMock, Mock, patch
        given = httpx.Response(200, json=EXECUTION)
        target, mock = ("Client", Mock) if KIND == "sync" else ("AsyncClient", AsyncMock)
        for name in ("send", "request"):
            for server in kept_in():
                with patch.object(getattr(httpx, target), name, mock(return_value=given)):
                    cancel(server.url)
            traced()
    """,
    "time-machine": """
        import time_machine
        with time_machine.travel("2030-01-01", tick=False):
            traced()
    """,
    "unittest.mock": """
        from unittest.mock import AsyncMock, Mock, patch
        given = httpx.Response(200, json=EXECUTION)
        target, mock = ("Client", Mock) if KIND == "sync" else ("AsyncClient", AsyncMock)
        for server in kept_in():
            with patch(f"httpx.{target}.send", mock(return_value=given)) as send:
                assert cancel(server.url).status == "cancelling"
            send.assert_called_once()
    """,
}


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
@pytest.mark.parametrize("name", WATCHERS)
def test_watcher(name: str, kind: str) -> None:
    """The tool sees each attempt, or keeps it in."""
    code = dedent(FIRST.get(name, "")) + dedent(BEFORE) + dedent(WATCHERS[name])
    quiet = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, kind],
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_pytest_httpx(httpx_mock: object) -> None:
    """pytest-httpx answers in the place of the network."""
    import httpx

    from blaxel_jobs import ApiKey, JobsClient
    from tests.client.fault_server import EXECUTION

    httpx_mock.add_exception(httpx.ReadError("lost"))  # type: ignore[attr-defined]
    httpx_mock.add_response(json=EXECUTION)  # type: ignore[attr-defined]
    with JobsClient(ApiKey("k"), base_url="http://127.0.0.1:1/v0") as jobs:
        assert jobs.cancel("job", "exec").status == "cancelling"


@pytest.mark.parametrize(
    "kind", ["ReadError", "RemoteProtocolError", "ReadTimeout", "ConnectError"]
)
def test_pytest_httpx_loses_the_answer(httpx_mock: object, kind: str) -> None:
    """An answer that is lost there leaves the doubt, a connection that is not made does not."""
    import httpx

    from blaxel_jobs import APIConnectionError, ApiKey, JobsClient, RetryPolicy

    httpx_mock.add_exception(getattr(httpx, kind)("lost"))  # type: ignore[attr-defined]
    retry = RetryPolicy(max_attempts=1)
    with (
        JobsClient(ApiKey("k"), base_url="http://127.0.0.1:1/v0", retry=retry) as jobs,
        pytest.raises(APIConnectionError) as caught,
    ):
        jobs.cancel("job", "exec")
    assert caught.value.may_have_been_processed is (kind != "ConnectError")
