"""Work handed to a Python process of its own.

The two generators take a second each, most of it for importing them, so they run beside each other
and beside the main process. In their own processes they can also be kept from importing what they
do not need, and their order of hashing is fixed: output cannot depend on it.

A request and its answer are JSON: the request on standard input, the answer on standard output.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from scripts.failure import PipelineError, Problem

__all__ = ["Worker", "serve", "start"]

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Worker:
    """A process at work; `result` waits for it, `stop` gives it up."""

    module: str
    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def result(self) -> Any:
        """Wait, and return the answer.

        Raises `PipelineError` with the worker's problems, or with the end of what it wrote to
        standard error if it broke down.
        """
        assert self.process.stdout is not None
        with self.process.stdout as out, self.errors as errors:
            answer = out.read()
            self.process.wait()
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
        if self.process.returncode != 0 or not answer:
            last = said.splitlines()[-1] if said else f"exit status {self.process.returncode}"
            raise PipelineError(f"{self.module} broke down: {last}", hint=said or None)
        problems, result = json.loads(answer)
        if problems:
            raise PipelineError.of(Problem(**problem) for problem in problems)
        return result

    def stop(self) -> None:
        """Kill the process if it is still running, and free what it holds."""
        self.process.kill()
        self.process.wait()
        self.errors.close()
        if self.process.stdout is not None:
            self.process.stdout.close()


def start(module: str, request: Any) -> Worker:
    """Start `python -m module`, which is to call `serve`, with a request."""
    errors = TemporaryFile()  # noqa: SIM115  a pipe could fill up while we wait for the answer
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=_ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
    )
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
    except BrokenPipeError:
        pass  # it broke down before it had read everything: `result` tells why
    return Worker(module, process, errors)


def serve(work: Callable[[Any], Any]) -> None:
    """Answer the one request of this process."""
    request = json.load(sys.stdin)
    problems: list[dict[str, Any]] = []
    result = None
    # The generators print; standard output belongs to the answer.
    with redirect_stdout(io.StringIO()):
        try:
            result = work(request)
        except PipelineError as error:
            problems = [asdict(problem) for problem in error.problems]
    json.dump([problems, result], sys.stdout)
