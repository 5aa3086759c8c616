"""`python -m blaxel_jobs.testing`: the fake API over HTTP."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from blaxel_jobs.testing.api import FakeAPI
from blaxel_jobs.testing.faults import Fault, faults_of
from blaxel_jobs.testing.server import FakeServer

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m blaxel_jobs.testing",
        description="Serve a fake of the API over HTTP. GET /__state says what was asked of it; "
        "PUT /__state adds executions and faults.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="0 for any that is free (8080)")
    parser.add_argument(
        "--execution", action="append", default=[], metavar="JOB/EXECUTION[=STATUS]",
        help="let there be this execution; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--script", type=Path, metavar="FILE",
        help='faults of the next requests, as JSON: ["ok", {"fault": "status", "code": 503}]',
    )  # fmt: skip
    parser.add_argument("--api-key", metavar="KEY", help="the only API key to accept; else any")
    options = parser.parse_args(arguments)
    api = FakeAPI(api_key=options.api_key)
    for text in options.execution:
        name, _, status = text.partition("=")
        job, _, execution = name.partition("/")
        if not job or not execution or "/" in execution:
            parser.error(f"--execution takes JOB/EXECUTION or JOB/EXECUTION=STATUS, not {text}")
        api.add(job, execution, status=status or "running")
    try:
        if options.script is not None:
            api.script(*_read(options.script))
        server = FakeServer(api, options.host, options.port)
    except (OSError, OverflowError, ValueError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 1
    with server:
        sys.stdout.write(f"serving http://{options.host}:{server.server_port}/v0\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 130
    return 0


def _read(path: Path) -> list[Fault]:
    try:
        return faults_of(json.loads(path.read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}:{error.lineno}: is no JSON: {error.msg}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
