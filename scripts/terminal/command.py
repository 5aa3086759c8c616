"""What every command of the pipeline has: a name, help, arguments, something to do."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts.terminal.console import Console

ROOT = Path(__file__).resolve().parents[2]
DONE, FAILED, PARTLY = 0, 1, 3
"""Exit codes; 2, for wrong usage, is argparse's own."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of `python -m scripts`.

    `arguments` adds its own to a parser, which has `--quiet` and `--json` already. `run` does the
    work and returns the exit code; it raises PipelineError for what it cannot do, and imports what
    it needs when it is called, so that `--help` answers at once.
    """

    name: str
    help: str
    description: str
    examples: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Console], int]
