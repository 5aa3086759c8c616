"""`python -m scripts vendor`: a wheel's packages, copied into a service."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from scripts.terminal.command import DONE, Command
from scripts.terminal.console import Console
from scripts.vendoring.http_library import CORES


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("wheel", type=Path, metavar="WHEEL", help="the wheel that make build wrote")
    parser.add_argument(
        "dest", type=Path, metavar="DEST", help="a folder of its own, such as service/_vendor"
    )
    parser.add_argument(
        "--check", action="store_true",
        help="write nothing; fail where files were edited, are missing or were added",
    )  # fmt: skip
    parser.add_argument(
        "--pydantic", action="store_true", help="with the pydantic models, which need pydantic"
    )
    parser.add_argument(
        "--http", choices=sorted(CORES), help="the HTTP library that the copy is to import"
    )
    parser.add_argument("--force", action="store_true", help="replace edited files, too")


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.vendoring.copy import check, vendor

    if options.check:
        version = check(options.wheel, options.dest, http=options.http)
        console.result = {"version": version}
        console.progress.say(f"{options.dest} is as it was vendored: version {version}")
        return DONE
    done = vendor(
        options.wheel,
        options.dest,
        force=options.force,
        pydantic=options.pydantic,
        http=options.http,
    )
    console.result = asdict(done)
    was = "" if done.before in (None, done.version) else f", which was {done.before}"
    console.progress.say(
        f"{options.dest}: version {done.version} on {done.http}, {done.files} files{was}"
    )
    return DONE


COMMAND = Command(
    "vendor",
    "a wheel -> a copy inside a service",
    "Copy the wheel's packages into a folder of a service, with imports made relative, licences\n"
    "and a manifest. Run again, it upgrades the copy; a folder that is not ours is never touched.",
    """\
  python -m scripts vendor dist/blaxel_jobs-1.2.3-py3-none-any.whl ../service/_vendor
  python -m scripts vendor dist/blaxel_jobs-1.2.3-py3-none-any.whl ../service/_vendor --check""",
    _arguments,
    _run,
)
