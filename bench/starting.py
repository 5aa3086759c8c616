"""Importing, and the time from a process's start to its first answer."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from bench.pairs import Ratio, calls, net
from bench.peer import EXECUTION_ID, JOB
from bench.peers import OTHERS, Peers
from bench.row import Row
from bench.server import serving

__all__ = ["rows"]

_OURS, _RAW = "blaxel_jobs", "httpx"
_IMPORTS = {
    _OURS: "from blaxel_jobs import JobsClient",
    _RAW: "import httpx",
    "bare generated client": "import bare.api.jobs.cancel_job_execution",
    "vendor's SDK": "import blaxel.core.client.api.jobs.delete_job_execution",
    "openapi-generator": "import openapi_client",
}
_OF_OPENAPI_PYTHON_CLIENT = """\
from {package} import Client
from {operation} import sync
sync({job!r}, {execution!r},
     client=Client(base_url={url!r}, headers={{'Authorization': 'Bearer key'}}))"""
_FIRST = {
    _OURS: """\
import blaxel_jobs as b
b.JobsClient(b.ApiKey('key'), base_url={url!r}).cancel({job!r}, {execution!r})""",
    _RAW: """\
import httpx
httpx.Client(base_url={url!r}, headers={{'Authorization': 'Bearer key'}}).delete(
    '/jobs/{job}/executions/{execution}').json()""",
    "bare generated client": _OF_OPENAPI_PYTHON_CLIENT,
    "vendor's SDK": _OF_OPENAPI_PYTHON_CLIENT,
    "openapi-generator": """\
import openapi_client as o
o.JobsApi(o.ApiClient(o.Configuration(host={url!r}, access_token='key'))).cancel_job_execution(
    {job!r}, {execution!r})""",
}
_PACKAGES = {
    "bare generated client": ("bare", "bare.api.jobs.cancel_job_execution"),
    "vendor's SDK": ("blaxel.core.client", "blaxel.core.client.api.jobs.delete_job_execution"),
}


def rows(peers: Peers, rounds: int) -> list[Row]:
    """Compare with raw httpx in the same environment."""

    def over_raw(name: str, code: str, raw: str) -> Ratio:
        return calls(_process(peers, name, code), _process(peers, name, raw), rounds)

    def imported(name: str) -> Ratio:
        ours, raw, nothing = (
            _process(peers, name, code) for code in (_IMPORTS[name], _IMPORTS[_RAW], "")
        )
        return net(ours, raw, nothing, rounds)

    found = {name: imported(name) for name in (_OURS, *OTHERS)}
    with serving() as url:
        codes = {}
        for name, code in _FIRST.items():
            package, operation = _PACKAGES.get(name, ("", ""))
            codes[name] = code.format(
                url=url, job=JOB, execution=EXECUTION_ID, package=package, operation=operation
            )
        first = {name: over_raw(name, codes[name], codes[_RAW]) for name in (_OURS, *OTHERS)}
    return [
        _row("cold import over `import httpx`, both less an empty interpreter", found, 1.10),
        _row("process start to first answered cancel, over raw httpx", first, 1.15,
             "over plain http, for which ours makes no TLS context"),
    ]  # fmt: skip


def _row(what: str, found: dict[str, Ratio], goal: float, note: str = "") -> Row:
    return Row(what, found[_OURS], goal, note, peers={name: found[name] for name in OTHERS})


def _process(peers: Peers, name: str, code: str) -> Callable[[], object]:
    command = [*peers.python(name), "-c", code]
    environment = peers.environment(name)
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)
