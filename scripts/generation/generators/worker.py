"""Work handed to a Python process of its own.

The two generators take a second each, most of it for importing them. So they are started before
the request is known, and import what they need beside each other and beside the main process. In
their own processes they can also be kept from importing what they do not need, and their order of
hashing is fixed: output cannot depend on it.

A request and its answer are JSON: the request on standard input, the answer on standard output.
"""

from __future__ import annotations

import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from scripts.failure import PipelineError, Problem, refuse

_ROOT = Path(__file__).parents[3]
_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYTHONWARNINGS": "ignore",
    # Whatever is installed has no say; pydantic would look through every distribution.
    "PYDANTIC_DISABLE_PLUGINS": "1",
}


@dataclass(slots=True)
class Worker:
    """A process that waits for its one request; `stop` gives it up at any time.

    A thread talks to it: a request that is larger than a pipe holds would wait for the reader.
    """

    module: str
    process: subprocess.Popen[bytes]
    thread: ThreadPoolExecutor
    answer: Future[tuple[bytes, bytes]] | None = None

    def ask(self, request: Any) -> None:
        """Hand the process its request, and do not wait."""
        data = json.dumps(request).encode()
        self.answer = self.thread.submit(self.process.communicate, data)

    def result(self) -> Any:
        """Wait, and return the answer.

        Raises `PipelineError` with the worker's problems, or with the end of what it wrote to
        standard error if it broke down.
        """
        assert self.answer is not None, "asked before"
        answer, errors = self.answer.result()
        if self.process.returncode != 0 or not answer:
            output = errors.decode(errors="replace").strip()
            last = output.splitlines()[-1] if output else f"exit status {self.process.returncode}"
            raise PipelineError(f"{self.module} broke down: {last}", hint=output or None)
        problems, result = json.loads(answer)
        refuse(Problem(**problem) for problem in problems)
        return result

    def stop(self) -> None:
        """Kill the process if it is still running, and free what it holds."""
        self.process.kill()
        if self.answer is None:
            self.process.communicate()
        self.thread.shutdown()


def start(module: str) -> Worker:
    """Start `python -m module`, which is to call `serve`."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=_ROOT,
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    return Worker(module, process, ThreadPoolExecutor(1))


def serve(prepare: Callable[[], object], work: Callable[[Any], Any]) -> NoReturn:
    """Answer the one request of this process; `prepare` is called while it is not there yet.

    Does not return: the process ends with its answer, without taking down what it has loaded.
    """
    gc.disable()  # 5 % of the time, and nothing is freed at the end either
    problems: list[dict[str, Any]] = []
    result = None
    # The generators print; standard output belongs to the answer.
    with redirect_stdout(io.StringIO()):
        prepare()
        request = json.load(sys.stdin)
        try:
            result = work(request)
        except PipelineError as error:
            problems = [asdict(problem) for problem in error.problems]
    json.dump([problems, result], sys.stdout)
    sys.stdout.flush()
    # To free what is loaded, part by part, would be 15 % of the CPU of a small contract.
    os._exit(0)
