"""`python -m scripts publish`: the build in dist/, to a package index."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict

from scripts.terminal.command import DONE, ROOT, Command
from scripts.terminal.console import Console


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--index", metavar="NAME", help="pypi, where the public index is really meant"
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.release.publish import publish

    done = publish(ROOT, os.environ, options.index or None, console.progress)
    console.result = asdict(done)
    for name in done.uploaded:
        console.progress.say(f"published {name}")
    for name in done.skipped:
        console.progress.say(f"is there already: {name}")
    return DONE


COMMAND = Command(
    "publish",
    "the build in dist/ -> a package index",
    "Upload wheel and sdist. UV_PUBLISH_URL, UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD or\n"
    "UV_PUBLISH_TOKEN say where and as whom; UV_PUBLISH_CHECK_URL is the simple index, where that\n"
    "is not UV_PUBLISH_URL/simple/. What is there already is skipped, and nothing is replaced.",
    """\
  UV_PUBLISH_URL=https://packages.example.com/pypi UV_PUBLISH_USERNAME=ci UV_PUBLISH_PASSWORD=... \\
      python -m scripts publish""",
    _arguments,
    _run,
)
