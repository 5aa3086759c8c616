"""`make generate` over the bare generator on the same contract, as whole processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.pairs import Ratio, calls, rounds_of
from bench.peers import ROOT
from bench.reference import write_pages
from bench.row import Row

__all__ = ["rows"]

_BINS = Path(sys.executable).parent
_MYPY = [str(_BINS / "mypy"), "--strict"]
# A contract of other pages than the project's own has none of what the project's overlay corrects.
_NO_OVERLAY = """\
overlay: 1.0.0
info: {title: none, version: 1.0.0}
actions:
  - {target: $.info, description: none, x-source: none, update: {x-bench: true}}
"""


def rows(rounds: int, reference: Path | None) -> list[Row]:
    """Generate in copies of the checkout: a changed page, nothing changed, a whole reference."""
    with _checkout() as checkout:
        page = checkout / "spec/docs/cancel-job-execution.txt"
        text = page.read_text(encoding="utf-8")
        texts = [text, text.replace("queued,\n", "queued,\npaused,\n", 1)]
        turn = 0

        def changed() -> None:
            nonlocal turn
            turn += 1
            page.write_text(texts[turn % 2], encoding="utf-8")
            _generate(checkout)

        whole = calls(changed, lambda: _bare(checkout), rounds)
        unchanged = calls(lambda: _generate(checkout), changed, rounds)
    with _checkout() as checkout:
        docs = checkout / "spec/docs"
        shutil.rmtree(docs)
        docs.mkdir()
        operations = write_pages(docs, reference)
        (checkout / "spec/overlay.yaml").write_text(_NO_OVERLAY, encoding="utf-8")

        def all_pages() -> None:
            (checkout / ".generated").unlink(missing_ok=True)
            _generate(checkout)

        all_pages()
        _remember_dependencies(checkout)
        runs = (all_pages, lambda: _bare(checkout), lambda: _check(checkout))
        found = rounds_of(runs, max(2, rounds // 2), warm=True)
        many = Ratio.of(own / bare for own, bare, _ in found)
        checked = Ratio.of((own + check) / bare for own, bare, check in found)
    of = "a variation of the captured page each" if reference is None else "of REFERENCE"
    return [
        Row("generate, a changed page, over the bare generator", whole, 1.15),
        Row("generate, nothing changed, over a full run", unchanged, 0.25),
        Row(f"generate, {operations} operations, over the bare generator", many, 1.1, of),
        Row("the same, type-checked by mypy --strict", checked, 1.5, "all of the client is new"),
    ]


@contextmanager
def _checkout() -> Iterator[Path]:
    """Yield a copy of what a run reads and writes."""
    with TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        checkout.mkdir()
        for name in ("spec", "scripts", "generated", "requirements", "generator-config.yaml"):
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, checkout / name)
        yield checkout


def _generate(checkout: Path) -> None:
    command = [sys.executable, "-m", "scripts", "generate", "--quiet"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)


def _bare(checkout: Path) -> None:
    """Run the generator itself, as its users do: with its own hooks, which run ruff."""
    command = [
        str(_BINS / "openapi-python-client"), "generate", "--meta", "none", "--overwrite",
        "--path", str(checkout / "spec/openapi.yaml"), "--output-path", str(checkout / "bare"),
    ]  # fmt: skip
    path = f"{_BINS}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    subprocess.run(command, cwd=checkout, check=True, capture_output=True, env=environment)


def _remember_dependencies(checkout: Path) -> None:
    """Let mypy see, once, what no run changes: the standard library and the dependencies."""
    imports = "import attrs, dateutil.parser, httpx, pydantic"
    command = [*_MYPY, "--cache-dir", str(checkout / "dependencies"), "-c", imports]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)


def _check(checkout: Path) -> None:
    """Check the types of the generated client, of which mypy remembers nothing."""
    with TemporaryDirectory() as cache:
        shutil.copytree(checkout / "dependencies", cache, dirs_exist_ok=True)
        command = [*_MYPY, "--cache-dir", cache, "--num-workers", "2", "-p", "blaxel_jobs_api"]
        subprocess.run(command, cwd=checkout / "generated", check=True, capture_output=True)
