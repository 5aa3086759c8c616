"""The pinned tools that produce files: the right versions, from the running Python's environment.

Their versions decide the bytes they write, so another version is an error, and so is a tool that
merely happens to be on PATH.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scripts.failure import PipelineError, Problem, refuse

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;#]+)")
_SET_UP = "`make generate` installs what requirements/ pins, and runs in it"


def installed() -> list[str]:
    """Return `NAME-VERSION` of each distribution in the running Python's environment, sorted.

    By the names of folders, which wheels write with `_` for `-`: to read each one's metadata would
    take longer than all else that finds out whether a run has anything to do.
    """
    folder = Path(sysconfig.get_path("purelib"))
    return sorted(path.stem for path in folder.glob("*.dist-info"))


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
    parted = (one.lower().rpartition("-") for one in installed())
    versions = {name: version for name, _, version in parted}
    for name in names:
        if name not in pins:
            what = f"{name} is not pinned with =="
            problems.append(Problem(what, requirements.name, hint="its version decides the output"))
            continue
        pinned, line_number = pins[name]
        version = versions.get(name.replace("-", "_"), "missing")
        if version != pinned:
            what = f"{name} {pinned} is pinned, installed is: {version}"
            problems.append(Problem(what, requirements.name, line_number, hint=_SET_UP))
    refuse(problems)


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
