"""The pipeline's commands: `python -m scripts --help`."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from typing import Any

from scripts.commands import (
    audit,
    build,
    diff,
    fetch,
    generate,
    publish,
    release,
    report,
    spec,
    vendor,
)
from scripts.failure import PipelineError
from scripts.terminal.command import FAILED, ROOT, Command
from scripts.terminal.console import Console

COMMANDS: tuple[Command, ...] = (
    spec.COMMAND,
    generate.COMMAND,
    report.COMMAND,
    diff.COMMAND,
    fetch.COMMAND,
    build.COMMAND,
    publish.COMMAND,
    vendor.COMMAND,
    release.COMMAND,
    audit.COMMAND,
)
"""A new command is a module in `scripts/commands`, and a line here."""

_EXIT_CODES = "exit codes: 0 done, 1 failed, 2 wrong usage, 3 done, except for what is listed"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 for success, 1 for a failure, 3 where something was left out.

    argparse exits with 2 where the command line itself is wrong.
    """
    try:
        options = _parser().parse_args(arguments)
        console = Console(
            options.command, ROOT, sys.stdout, sys.stderr, options.quiet, options.json
        )
        return _run(options, console)
    except BrokenPipeError:
        # The reader of the output has gone: nothing more can be printed, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(options: argparse.Namespace, console: Console) -> int:
    try:
        command: Command = options.run
        return console.end(command.run(options, console))
    except BrokenPipeError:
        raise
    except PipelineError as error:
        return _failed(console, error)
    except UnicodeEncodeError as error:
        near = error.object[max(error.start - 60, 0) : error.end + 10]
        what = f"a name is not Unicode text: {near!a}"
        return _failed(console, PipelineError(what, hint="rename the file"))
    except OSError as error:
        what = error.strerror or str(error)
        place = None if error.filename is None else str(error.filename)
        hint = "is it there, and may you read and write it?"
        return _failed(console, PipelineError(what, file=place, hint=hint))
    except KeyboardInterrupt:
        console.result = {"interrupted": True}
        return console.end(FAILED, "interrupted; nothing was replaced")


def _failed(console: Console, error: PipelineError) -> int:
    console.problem(*error.problems)
    count = len(error.problems)
    return console.end(
        FAILED, f"failed: {count} problem{'s' if count > 1 else ''}; nothing was replaced"
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m scripts",
        description="From captured documentation pages to a generated client.",
        epilog=f"Each command has its own help: python -m scripts COMMAND --help\n\n{_EXIT_CODES}",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        added = commands.add_parser(
            command.name,
            help=command.help,
            description=command.description,
            epilog=f"examples:\n{command.examples}\n\n{_EXIT_CODES}",
        )
        command.arguments(added)
        added.add_argument("-q", "--quiet", action="store_true", help="show problems only")
        added.add_argument(
            "--json", action="store_true",
            help="print one JSON object on standard output: the result, or the problems",
        )  # fmt: skip
        added.set_defaults(run=command)
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser that keeps the line ends of its epilog, and takes no half-written options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **options,
        )


if __name__ == "__main__":
    gc.disable()  # 0.1 of a whole reference's time: it would walk a million facts, for no cycle
    sys.exit(main())
