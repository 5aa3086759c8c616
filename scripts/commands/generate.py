"""`python -m scripts generate`: everything that is produced, all or nothing."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from scripts.command import DONE, FAILED, ROOT, Command
from scripts.failure import Problem
from scripts.terminal import Console

__all__ = ["COMMAND"]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="replace nothing; fail if something would change"
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.generate import generate

    run = generate(ROOT, check=options.check, progress=console.progress)
    console.notice(*run.notices)
    console.result = {
        "changes": [asdict(change) for change in run.changes],
        "replaced": bool(run.changes) and not options.check,
    }
    if not run.changes:
        console.progress.say("up to date: nothing changed")
        return DONE
    if options.check:
        changed = "".join(f"\n{change}" for change in run.changes)
        what = f"not what the pipeline produces:{changed}"
        console.problem(Problem(what, hint="run `make generate`, and read the difference"))
        return FAILED
    console.progress.say(f"changed {len(run.changes)} files:")
    for change in run.changes:
        console.progress.say(f"  {change}")
    return DONE


COMMAND = Command(
    "generate",
    "everything that `make generate` produces",
    "Build the contract, the report and the generated client in this checkout, all or nothing.",
    """\
  python -m scripts generate            # replace what changed, and say what did
  python -m scripts generate --check    # replace nothing; exit code 1 if something would change
  python -m scripts generate --json --quiet""",
    _arguments,
    _run,
)
