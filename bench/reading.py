"""How long reading takes: 1 to 1,000 pages of the captured one's size, read and assembled.

Run as `python -m bench.reading`. Each count runs in a process of its own, so that peak memory is
its own. The pages differ in path and title, so that each is an operation with components of its
own, the dearest case: nothing is shared.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["COUNTS", "Row", "rows", "variation"]

COUNTS = (1, 10, 100, 1000)
ROOT = Path(__file__).resolve().parent.parent
_PAGE = ROOT / "tests/pipeline/pages/cancel-job-execution.txt"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: seconds to read and assemble, seconds to write YAML, peak memory in MB."""

    pages: int
    seconds: float
    yaml_seconds: float
    megabytes: float


def rows(counts: Sequence[int] = COUNTS) -> list[Row]:
    """Measure these counts; the processes run one after the other."""
    found = []
    for count in counts:
        command = [sys.executable, "-m", "bench.reading", str(count)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        found.append(Row(**json.loads(done.stdout)))
    return found


def _measured(count: int) -> Row:
    from scripts.contract import pipeline
    from scripts.emitter import dump
    from scripts.facts import plain

    gc.disable()  # as the command does
    with TemporaryDirectory() as folder:
        for number in range(count):
            path = Path(folder) / f"page-{number:04}.txt"
            path.write_text(variation(number), encoding="utf-8")
        begun = time.perf_counter()
        built = pipeline.build(Path(folder), [], root=ROOT)
        read = time.perf_counter()
        dump(plain(built.contract))
        written = time.perf_counter()
    return Row(count, read - begun, written - read, _peak())


def _peak() -> float:
    """Return the most memory of this process, in MB; getrusage() counts the parent, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def variation(number: int) -> str:
    """Return the captured page of another resource, whose name is letters only, as words are."""
    word = "thing" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")
    text = _PAGE.read_text(encoding="utf-8")
    text = text.replace("\njobs\n", f"\n{word}\n").replace("/jobs/", f"/{word}/")
    return text.replace("Cancel job execution", f"Cancel {word} execution")


def _table(found: list[Row]) -> str:
    lines = ["pages   read and assembled   a page      as YAML   peak memory"]
    for row in found:
        each = row.seconds / row.pages * 1000
        lines.append(
            f"{row.pages:5}   {row.seconds:16.3f} s   {each:5.2f} ms   {row.yaml_seconds:6.3f} s"
            f"   {row.megabytes:8.0f} MB"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    one = len(sys.argv) > 1
    sys.stdout.write(json.dumps(asdict(_measured(int(sys.argv[1])))) if one else _table(rows()))
