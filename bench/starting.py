"""Importing, and the time from a process's start to its first answer."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from bench.pairs import calls
from bench.peers import OTHERS, Peers
from bench.row import Row
from bench.server import serving

__all__ = ["rows"]

_OURS, _RAW = "blaxel_jobs", "httpx"
_IMPORTS = {
    _OURS: "import blaxel_jobs",
    _RAW: "import httpx",
    "bare generated client": "import bare.api.jobs.cancel_job_execution",
    "vendor's SDK": "import blaxel.core.client.api.jobs.delete_job_execution",
    "openapi-generator": "import openapi_client",
}
_FIRST = "from bench.peer import CLIENTS; CLIENTS[{name!r}]({url!r}).sync()()"
_OWN_FIRST = {
    _OURS: "import blaxel_jobs as b\n"
    "b.JobsClient(b.ApiKey('key'), base_url={url!r}).cancel('job', 'exec')",
    _RAW: "import httpx\n"
    "httpx.Client(base_url={url!r}, headers={{'Authorization': 'Bearer key'}})"
    ".delete('/jobs/job/executions/exec').json()",
}


def rows(peers: Peers, rounds: int) -> list[Row]:
    """Compare with raw httpx in the same environment."""

    def over_raw(name: str, code: str, raw: str) -> float:
        return calls(_process(peers, name, code), _process(peers, name, raw), rounds)

    imported = {name: over_raw(name, _IMPORTS[name], _IMPORTS[_RAW]) for name in (_OURS, *OTHERS)}
    with serving() as url:
        raw = _OWN_FIRST[_RAW].format(url=url)
        first = {_OURS: over_raw(_OURS, _OWN_FIRST[_OURS].format(url=url), raw)}
        for name in OTHERS:
            first[name] = over_raw(name, _FIRST.format(name=name, url=url), raw)
    return [
        _row("cold `import blaxel_jobs` over `import httpx`, whole process", imported, 1.15),
        _row("process start to first answered cancel, over raw httpx", first, 1.15),
    ]


def _row(what: str, found: dict[str, float], goal: float) -> Row:
    return Row(what, found[_OURS], goal, peers={name: found[name] for name in OTHERS})


def _process(peers: Peers, name: str, code: str) -> Callable[[], object]:
    command = [*peers.python(name), "-c", code]
    environment = peers.environment(name)
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)
