"""The pipeline's commands: `python -m scripts --help`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.failure import PipelineError

ROOT = Path(__file__).resolve().parent.parent

FAILED, PARTLY = 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 for success, 1 for a failure, 3 where something was left out.

    argparse exits with 2 where the command line itself is wrong.
    """
    options = _parser().parse_args(arguments)
    try:
        run = {"spec": _spec, "generate": _generate}[options.command]
        return run(options)
    except PipelineError as error:
        count = len(error.problems)
        print(error, file=sys.stderr)
        print(
            f"failed: {count} problem{'s' if count > 1 else ''}; nothing was replaced",
            file=sys.stderr,
        )
        return FAILED
    except KeyboardInterrupt:
        print("interrupted; nothing was replaced", file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts",
        description="From captured documentation pages to a generated client.",
        epilog="exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but for what is listed",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    spec = commands.add_parser(
        "spec", help="pages -> contract", description="Read pages and write their contract."
    )
    spec.add_argument("--docs", type=Path, required=True, metavar="DIR", help="folder of pages")
    spec.add_argument("--out", type=Path, required=True, metavar="FILE", help="the contract, YAML")
    spec.add_argument(
        "--overlay", type=Path, action="append", default=[], metavar="FILE",
        help="OpenAPI Overlay 1.0 to apply; may be given more than once",
    )  # fmt: skip
    spec.add_argument("--report", type=Path, metavar="FILE", help="the report, Markdown")
    spec.add_argument(
        "--provenance", type=Path, metavar="FILE",
        help="where each part of the contract is known from, JSON by JSON pointer",
    )  # fmt: skip
    spec.add_argument(
        "--keep-going", action="store_true", help="leave out pages with problems (exit code 3)"
    )
    generate = commands.add_parser(
        "generate",
        help="everything that `make generate` produces",
        description="Build the contract, the report and the generated client in this checkout.",
    )
    generate.add_argument(
        "--check", action="store_true", help="replace nothing; fail if something would change"
    )
    generate.add_argument("--quiet", action="store_true", help="show problems only")
    return parser


def _spec(options: argparse.Namespace) -> int:
    # Each command imports what it needs: `--help` and usage errors answer at once.
    from scripts import documents, spec, staging
    from scripts.facts import plain
    from scripts.report import render

    built = spec.build(options.docs, options.overlay, root=ROOT, keep_going=options.keep_going)
    files = {options.out: documents.dump(plain(built.contract))}
    if options.report is not None:
        files[options.report] = render(built.pages, built.contract, built.notices)
    if options.provenance is not None:
        files[options.provenance] = json.dumps(spec.provenance(built.contract), indent=2) + "\n"
    staging.write(files)
    for problem in (*built.problems, *built.notices):
        print(problem, file=sys.stderr)
    return PARTLY if built.problems else 0


def _generate(options: argparse.Namespace) -> int:
    from scripts.generate import generate

    return generate(ROOT, check=options.check, quiet=options.quiet)


if __name__ == "__main__":
    sys.exit(main())
