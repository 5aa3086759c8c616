"""`python -m scripts report`: a picture of the contract for people."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.failure import PipelineError
from scripts.terminal.command import DONE, PARTLY, ROOT, Command
from scripts.terminal.console import Console

if TYPE_CHECKING:
    from scripts.reading.page import DocumentPage, Page

_DOCS = ROOT / "spec/docs"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--html", type=Path, default=ROOT / "report.html", metavar="FILE",
        help="where to write it (report.html in this checkout)",
    )  # fmt: skip
    parser.add_argument(
        "--docs", type=Path, default=_DOCS, metavar="DIR",
        help="folder of pages (spec/docs)",
    )  # fmt: skip
    parser.add_argument(
        "--overlay", type=Path, action="append", metavar="FILE",
        help="overlay to apply, may be given more than once (spec/overlay.yaml)",
    )  # fmt: skip
    parser.add_argument("--no-overlay", action="store_true", help="show what the pages alone give")
    parser.add_argument(
        "--keep-going", action="store_true", help="leave out pages with problems (exit code 3)"
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts import staging
    from scripts.contract import names, overlay, pipeline
    from scripts.contract.report import all_gaps
    from scripts.facts import plain
    from scripts.generation.run import NAMES
    from scripts.picture.document import draw
    from scripts.release.previous import last_release
    from scripts.release.unreleased import difference

    if options.no_overlay and options.overlay:
        raise PipelineError(
            "--overlay and --no-overlay contradict each other", hint="leave one out"
        )
    paths = options.overlay or ([] if options.no_overlay else [ROOT / "spec/overlay.yaml"])
    own = options.docs.resolve() == _DOCS
    with console.progress.step("reading pages, assembling the contract"):
        published = names.read(ROOT / NAMES, NAMES) if own else None
        built = pipeline.build(
            options.docs, paths, root=ROOT, published=published, keep_going=options.keep_going
        )
    release = last_release(ROOT) if own else None
    with console.progress.step("drawing the picture"):
        picture = draw(
            [_page(page.file) for page in built.pages],
            built.contract,
            overlays=[overlay.read(path, pipeline.name_of(path, ROOT)) for path in paths],
            gaps=[gap for gaps in all_gaps(built.pages).values() for gap in gaps],
            notices=[*built.problems, *built.notices],
            difference=None if release is None else difference(release, plain(built.contract)),
        )
    staging.write({options.html: picture})
    console.problem(*built.problems)
    console.notice(*built.notices)
    console.result = {"written": [str(options.html)], "pages": len(built.pages)}
    console.progress.say(f"open {options.html} in a browser")
    return PARTLY if built.problems else DONE


def _page(file: str) -> tuple[Page | DocumentPage, str]:
    """Return a page of the contract, with its text; `file` is its name in facts."""
    from scripts.reading.capture import read_page

    path = ROOT / file if (ROOT / file).is_file() else Path(file)
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    return read_page(data, file), data.decode(encoding, "replace")


COMMAND = Command(
    "report",
    "a picture of the contract, for a browser",
    "Write one HTML file that shows the pages beside the contract: what each line became, where "
    "each part is known from, what is hidden, assumed and added. It loads nothing.",
    """\
  python -m scripts report --html report.html
  python -m scripts report --docs pages --no-overlay --html pages.html""",
    _arguments,
    _run,
)
