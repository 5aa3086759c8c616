"""The clients that are compared, each in a process of its own that waits for what to do.

Two of them have an environment of their own, `.venv-peers`, which `make bench` sets up: the
vendor's SDK, and openapi-generator with the Java that it needs. Their clients and the bare one are
generated from spec/openapi.yaml anew for each run.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.pairs import Ratio

__all__ = ["OTHERS", "ROOT", "Peers", "Process", "generated", "ratios", "running"]

ROOT = Path(__file__).resolve().parent.parent
_OWN = Path(sys.executable)
_PEERS = ROOT / ".venv-peers/bin/python"
_RUNTIME = ROOT / ".venv-runtime/bin/python"
"""What an installation has: with the development tools, httpx imports a command line of its own."""

OTHERS = ("bare generated client", "vendor's SDK", "openapi-generator")
"""The columns of the table beside our own."""
_IN_PEERS = frozenset(OTHERS[1:])


@dataclass(frozen=True, slots=True)
class Peers:
    """Where the peers' generated clients are."""

    folder: Path

    def python(self, name: str) -> list[str]:
        """Return the command of the Python that has a client."""
        if name in _IN_PEERS:
            return [str(_PEERS)]
        return [str(_OWN if "httpx2" in name else _RUNTIME)]

    def environment(self, name: str) -> dict[str, str]:
        """Return the environment in which that Python finds it."""
        own = [] if name in _IN_PEERS else [ROOT / "overrides", ROOT / "generated"]
        path = os.pathsep.join(map(str, [ROOT, *own, self.folder]))
        return {**os.environ, "PYTHONPATH": path}


@contextmanager
def generated() -> Iterator[Peers]:
    """Generate the bare client, and openapi-generator's."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        contract = str(ROOT / "spec/openapi.yaml")
        bins = _OWN.parent
        for command in (
            [str(bins / "openapi-python-client"), "generate", "--path", contract,
             "--meta", "none", "--output-path", str(folder / "bare")],
            [str(_PEERS.with_name("openapi-generator-cli")), "generate", "--generator-name",
             "python", "--input-spec", contract, "--output", str(folder / "java"),
             "--skip-validate-spec"],
        ):  # fmt: skip
            path = f"{bins}{os.pathsep}{os.environ['PATH']}"
            subprocess.run(
                command, check=True, capture_output=True, env={**os.environ, "PATH": path}
            )
        (folder / "java/openapi_client").rename(folder / "openapi_client")
        yield Peers(folder)


@dataclass(frozen=True, slots=True)
class Process:
    """A client that waits for what to do."""

    process: subprocess.Popen[str]

    def seconds(self, deed: str, count: int) -> float | None:
        """Let it do something; return the seconds that it took, None where it cannot."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{deed} {count}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        return None if answer == "None" else float(answer)


@contextmanager
def running(peers: Peers, url: str, names: Sequence[str]) -> Iterator[dict[str, Process]]:
    """Run clients by name, each against `url`, until the end of the block."""
    with ExitStack() as stack:
        found = {}
        for name in names:
            process = subprocess.Popen(
                [*peers.python(name), "-m", "bench.peer", name, url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=peers.environment(name),
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            found[name] = Process(process)
        yield found


def ratios(
    processes: dict[str, Process], base: str, deed: str, count: int, rounds: int
) -> dict[str, Ratio | None]:
    """Return by name a client's seconds over those of `base`.

    Each round asks every client once; the first round is not counted. The order is another one each
    time: whoever follows itself, or always the same client, is up to 5 % faster or slower.
    """
    names = list(processes)
    found: dict[str, list[float | None]] = {name: [] for name in names}
    shuffled = random.Random(rounds)
    for turn in range(rounds + 1):
        order = shuffled.sample(names, len(names))
        seconds = {name: processes[name].seconds(deed, count) for name in order}
        own = seconds[base]
        assert own, "the base can do all deeds"
        for name, one in seconds.items():
            if turn:
                found[name].append(None if one is None else one / own)
    return {
        name: Ratio.of([one for one in each if one is not None]) if None not in each else None
        for name, each in found.items()
    }  # fmt: skip
