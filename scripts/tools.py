"""The pinned tools that produce files: the right versions, from the running Python's environment.

Their versions decide the bytes they write, so another version is an error, and so is a tool that
merely happens to be on PATH.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from scripts.failure import PipelineError, Problem

__all__ = ["check_pins", "program", "run"]

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;#]+)")
_SET_UP = "`make generate` installs what requirements/ pins, and runs in it"


def check_pins(requirements: Path, names: Iterable[str]) -> None:
    """Check that installed versions are those that a requirements file pins with `==`.

    Raises `PipelineError` naming every tool that is not pinned, not installed or another version.
    """
    lines = requirements.read_text(encoding="utf-8").splitlines()
    pins = {
        found[1].lower(): (found[2], number)
        for number, line in enumerate(lines, start=1)
        if (found := _PIN.match(line))
    }
    problems = []
    for name in names:
        if name not in pins:
            what = f"{name} is not pinned with =="
            problems.append(Problem(what, requirements.name, hint="its version decides the output"))
            continue
        pinned, line_number = pins[name]
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "missing"
        if installed != pinned:
            what = f"{name} {pinned} is pinned, installed is: {installed}"
            problems.append(Problem(what, requirements.name, line_number, hint=_SET_UP))
    if problems:
        raise PipelineError.of(problems)


def program(name: str) -> Path:
    """Return a program that is installed beside the running Python.

    Raises `PipelineError` if it is not there, whatever PATH may offer.
    """
    path = Path(sys.executable).with_name(name)
    if not path.is_file():
        raise PipelineError(
            f"{name} is not installed beside {path.with_name('python')}", hint=_SET_UP
        )
    return path


def run(
    command: Sequence[str | Path],
    failure: str,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Return what a program prints; raise PipelineError with its words where it fails."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PipelineError(failure, hint=(done.stdout + done.stderr).strip()[-4000:] or None)
    return done.stdout
