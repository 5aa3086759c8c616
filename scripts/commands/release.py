"""`python -m scripts release`: version, changelog, commit and tag, by what changed."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from scripts.terminal.command import DONE, ROOT, Command
from scripts.terminal.console import Console


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be released, and change nothing"
    )
    parser.add_argument(
        "--version", metavar="X.Y.Z", help="release as this one; it must go up far enough"
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.release.version import plan, release

    planned = plan(ROOT, options.version, console.progress)
    console.result = {**asdict(planned), "tag": f"v{planned.version}", "released": False}
    for reason in planned.reasons:
        console.progress.say(f"{reason.bump:6}{reason.message}")
    since = "the first release" if planned.last is None else f"{planned.bump} since {planned.last}"
    if options.dry_run:
        console.print(f"{planned.version}: {since}")
        return DONE
    release(ROOT, planned)
    console.result["released"] = True
    console.print(f"released {planned.version}: {since}")
    console.progress.say(f"next: make build publish, git push origin HEAD v{planned.version}")
    return DONE


COMMAND = Command(
    "release",
    "version, changelog, commit and tag, by what changed",
    "Compare with the last release, set the version, write the changelog, commit and tag.",
    """\
  python -m scripts release --dry-run          # what would be released, and why
  python -m scripts release                    # none of it is pushed
  python -m scripts release --version 1.0.0    # higher than the changes ask for""",
    _arguments,
    _run,
)
