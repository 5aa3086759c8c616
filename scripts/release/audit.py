"""`make audit`: known vulnerabilities in what the locks name, looked up by pip-audit.

pip-audit ends with success where its service knows none of the packages, as a mirror's does: what
was not looked up is counted here, so that silence is never taken for safety.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.failure import PipelineError
from scripts.terminal.progress import Progress


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known vulnerability: of which package, in which lock, and the versions that mend it."""

    lock: str
    package: str
    version: str
    id: str
    fixed_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found, and the number of pins that were looked up for it."""

    looked_up: int
    found: tuple[Vulnerability, ...]


def audit(program: Path, locks: Iterable[Path], progress: Progress | None = None) -> Audit:
    """Look up every package of the locks.

    Raises PipelineError where the service is out of reach, or does not know a package.
    """
    progress = progress or Progress()
    looked_up = 0
    found: list[Vulnerability] = []
    for lock in locks:
        with progress.step(f"looking up {lock.name}"):
            for package in _packages(program, lock):
                looked_up += 1
                found += [
                    Vulnerability(
                        lock.name, package["name"], package["version"],
                        one["id"], tuple(one["fix_versions"]),
                    )
                    for one in package["vulns"]
                ]  # fmt: skip
    return Audit(looked_up, tuple(found))


def _packages(program: Path, lock: Path) -> list[dict[str, Any]]:
    options = ["--progress-spinner", "off", "--disable-pip", "--require-hashes", "--format", "json"]
    done = subprocess.run(
        [str(program), *options, "--requirement", str(lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = done.stderr.strip().splitlines() or ["it printed nothing"]
        raise _nothing_known(lock, f"pip-audit ended with: {lines[-1][:300]}") from None
    if unknown := [one["name"] for one in packages if "skip_reason" in one]:
        raise _nothing_known(lock, f"it does not know {', '.join(unknown[:5])} ({len(unknown)})")
    return packages


def _nothing_known(lock: Path, why: str) -> PipelineError:
    return PipelineError(
        "not audited: the vulnerability service is out of reach",
        file=f"{lock.parent.name}/{lock.name}",
        hint=f"{why}; run `make audit` where the public service can be reached",
    )
