"""`python -m scripts fetch`: the captured pages, fetched anew from their site."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from scripts.terminal.command import DONE, PARTLY, ROOT, Command
from scripts.terminal.console import Console


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sources", type=Path, default=ROOT / "spec/sources.yaml", metavar="FILE",
        help="the list of pages (spec/sources.yaml)",
    )  # fmt: skip
    parser.add_argument(
        "--docs", type=Path, default=ROOT / "spec/docs", metavar="DIR",
        help="the folder of pages (spec/docs)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-going", action="store_true",
        help="write the pages that arrived, though others failed (exit code 3)",
    )  # fmt: skip


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.fetching.pages import fetch

    progress = console.progress
    run = fetch(options.sources, options.docs, progress=progress, keep_going=options.keep_going)
    console.problem(*run.problems)
    console.result = {
        "changes": [asdict(change) for change in run.changes],
        "unchanged": list(run.unchanged),
    }
    for change in run.changes:
        progress.say(str(change))
    if not run.changes and not run.problems:
        progress.say("up to date: no page has changed")
    elif run.changes:
        progress.say(
            f"{len(run.changes)} changed, {len(run.unchanged)} did not; now: make generate"
        )
    return PARTLY if run.problems else DONE


COMMAND = Command(
    "fetch",
    "the site's pages -> spec/docs",
    "Fetch the pages of spec/sources.yaml: as .md where the site serves that, else their visible\n"
    "text. Only pages that changed are written, and all of them or none.",
    """\
  python -m scripts fetch                 # fetch what changed, and say what did
  python -m scripts fetch --keep-going    # though a page failed; exit code 3 then
  python -m scripts fetch --sources pages.yaml --docs pages --json""",
    _arguments,
    _run,
)
