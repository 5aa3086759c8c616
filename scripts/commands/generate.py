"""`python -m scripts generate`: everything that is produced, all or nothing."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import PurePath

from scripts.failure import PipelineError, Problem
from scripts.staging import Change
from scripts.terminal.command import DONE, FAILED, ROOT, Command
from scripts.terminal.console import Console

_LISTED = 12
"""Changed files of one folder that are listed one by one."""
_URGENT = 20
"""Notices that are shown at once of those that ask for work."""
_SCREEN = 40
"""Lines about changed files, beyond which folders are put together."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="replace nothing; fail if something would change"
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.generation import fingerprint

    before = fingerprint.of(ROOT)
    notices = None if options.check else fingerprint.last_notices(ROOT, before)
    if notices is not None:
        console.notice(*notices)
        console.result = {"changes": [], "replaced": False}
        return _up_to_date(console)
    from scripts.generation.run import generate

    run = generate(ROOT, check=options.check, progress=console.progress)
    # What a person has to do, line by line, before what is good to know.
    urgent = (*run.touched, *run.unmatched)
    console.notice(*urgent, most=_URGENT)
    console.notice(*(one for one in run.notices if one not in urgent))
    console.result = {
        "changes": [asdict(change) for change in run.changes],
        "replaced": bool(run.changes) and not options.check,
    }
    if not options.check:
        fingerprint.remember(ROOT, before, run.notices)
    elif run.unmatched:
        what = f"{len(run.unmatched)} parts of the overlay speak of what no page has"
        console.problem(Problem(what, hint="mend the overlay: the notices name each line"))
        return FAILED
    if not run.changes:
        return _up_to_date(console)
    if options.check:
        changed = "".join(f"\n{line}" for line in _summary(run.changes))
        what = f"not what the pipeline produces:{changed}"
        console.problem(Problem(what, hint="run `make generate`, and read the difference"))
        return FAILED
    console.progress.say(f"changed {len(run.changes)} files:")
    for line in _summary(run.changes):
        console.progress.say(f"  {line}")
    _say_bump(console)
    return DONE


def _up_to_date(console: Console) -> int:
    console.progress.say("up to date: nothing changed")
    _say_bump(console)
    return DONE


def _summary(changes: Sequence[Change]) -> list[str]:
    """Return the changed files, a line each; those of a folder in one line where they are many."""
    lines = _by_folder(changes, deepest=99)
    return lines if len(lines) <= _SCREEN else _by_folder(changes, deepest=3)


def _by_folder(changes: Sequence[Change], deepest: int) -> list[str]:
    """Return lines for each folder; what lies deeper than `deepest` counts as of the one above."""
    folders: dict[str, list[Change]] = {}
    for change in changes:
        parts = PurePath(change.path).parent.parts[:deepest]
        folders.setdefault("/".join(parts), []).append(change)
    lines: list[str] = []
    for folder, own in folders.items():
        if len(own) <= _LISTED:
            lines += map(str, own)
        else:
            counts = Counter(change.what for change in own)
            summary = ", ".join(f"{count} {what}" for what, count in counts.items())
            lines.append(f"{folder}: {summary}")
    return lines


def _say_bump(console: Console) -> None:
    """Say in one line what the contract's changes since the last release ask of the version."""
    from scripts.release.previous import CONTRACT, last_release

    release = last_release(ROOT)
    if release is None:
        return
    # Slow to import, and seldom needed.
    from scripts import documents
    from scripts.comparison.contracts import compare

    try:
        new = documents.read(ROOT / CONTRACT, CONTRACT).value
        difference = compare(release.contract(), new)
    except PipelineError as error:  # everything is produced: a notice, not a failure
        console.notice(*error.problems)
        return
    console.result["bump"] = difference.bump
    console.result["last_release"] = release.tag
    reason = f" ({difference.changes[0].message})" if difference.changes else ""
    more = f" and {len(difference.changes) - 1} more" if len(difference.changes) > 1 else ""
    console.progress.say(f"contract since {release.tag}: {difference.bump}{reason}{more}")


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
