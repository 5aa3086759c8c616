"""`python -m scripts build`: wheel, sdist and bill of materials into dist/."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from scripts.terminal.command import DONE, ROOT, Command
from scripts.terminal.console import Console


def _arguments(parser: argparse.ArgumentParser) -> None:
    """There are no options: the same bytes everywhere."""


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.release.build import build

    built = build(ROOT, console.progress)
    console.result = asdict(built)
    for name in built.artefacts:
        console.progress.say(f"dist/{name}")
    if not built.clean:
        console.progress.say("the checkout has changes that are not committed: not to be published")
    return DONE


COMMAND = Command(
    "build",
    "wheel, sdist and bill of materials into dist/",
    "Build what is published into dist/ and check it, all or nothing.",
    """\
  python -m scripts build
  python -m scripts build --json --quiet    # version, commit, clean, sha256 of each artefact""",
    _arguments,
    _run,
)
