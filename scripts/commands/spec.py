"""`python -m scripts spec`: pages in, contract out."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from scripts.failure import PipelineError
from scripts.terminal.command import DONE, PARTLY, ROOT, Command
from scripts.terminal.console import Console


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--docs", type=Path, required=True, metavar="DIR", help="folder of pages")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the contract, YAML"
    )
    parser.add_argument(
        "--overlay", type=Path, action="append", default=[], metavar="FILE",
        help="OpenAPI Overlay 1.0 to apply; may be given more than once",
    )  # fmt: skip
    parser.add_argument(
        "--names", type=Path, metavar="FILE",
        help="names that were published (spec/names.yaml): what they stand for keeps them",
    )  # fmt: skip
    parser.add_argument("--report", type=Path, metavar="FILE", help="the report, Markdown")
    parser.add_argument(
        "--provenance", type=Path, metavar="FILE",
        help="the origin of each part of the contract: JSON, by JSON pointer",
    )  # fmt: skip
    parser.add_argument(
        "--keep-going", action="store_true", help="leave out pages with problems (exit code 3)"
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts import staging
    from scripts.contract import names, pipeline, validation
    from scripts.contract.report import render
    from scripts.emitter import dump
    from scripts.facts import origins, plain

    _check_outputs(options)
    published = None
    if options.names is not None:
        published = names.read(options.names, must_exist=True)
    built = pipeline.build(
        options.docs,
        options.overlay,
        root=ROOT,
        published=published,
        keep_going=options.keep_going,
        checks=(validation.problems,),
    )
    files = {options.out: dump(plain(built.contract))}
    if options.report is not None:
        files[options.report] = render(built.pages, built.contract, built.notices, built.problems)
    if options.provenance is not None:
        files[options.provenance] = json.dumps(pipeline.provenance(built.contract), indent=2) + "\n"
    staging.write(files)
    console.problem(*built.problems)
    console.notice(*built.notices)
    console.result = {
        "pages": [
            {"file": page.file, "method": page.method, "path": page.path} for page in built.pages
        ],
        "written": [str(path) for path in files],
        "known_from": Counter(str(origin.kind) for _, origin in origins(built.contract))
        if options.json
        else {},
    }
    return PARTLY if built.problems else DONE


def _check_outputs(options: argparse.Namespace) -> None:
    """Refuse to write over what is read, or two results into one file."""
    read = (*options.overlay, options.names)
    taken = {path.resolve(): "it is an input" for path in read if path is not None}
    for path in (options.out, options.report, options.provenance):
        if path is None:
            continue
        if path.exists() and path.resolve().parent == options.docs.resolve():
            taken[path.resolve()] = "it is in the folder of pages"
        if why := taken.get(path.resolve()):
            hint = "give each result a file of its own"
            raise PipelineError(f"would be written over: {why}", file=str(path), hint=hint)
        taken[path.resolve()] = "it is another result"


COMMAND = Command(
    "spec",
    "pages -> contract",
    "Read captured pages and write the OpenAPI contract that they describe.",
    """\
  python -m scripts spec --docs spec/docs --out contract.yaml
  python -m scripts spec --docs spec/docs --overlay spec/overlay.yaml --out contract.yaml \\
      --report REPORT.md --provenance provenance.json
  python -m scripts spec --docs spec/docs --out contract.yaml --keep-going --json""",
    _arguments,
    _run,
)
