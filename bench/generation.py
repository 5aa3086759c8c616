"""`make generate` over the bare generator on the same contract, as whole processes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.pairs import Row, calls

__all__ = ["rows"]

ROOT = Path(__file__).resolve().parent.parent


def rows(rounds: int) -> list[Row]:
    """Generate in a copy of the checkout, with a changed page and with nothing changed."""
    with TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        for name in ("spec", "scripts", "generated", "requirements", "generator-config.yaml"):
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            checkout.mkdir(exist_ok=True)
            copy(source, checkout / name)
        page = checkout / "spec/docs/cancel-job-execution.txt"
        texts = [page.read_text(encoding="utf-8")]
        texts.append(texts[0].replace("queued,\n", "queued,\npaused,\n", 1))
        turn = 0

        def changed() -> None:
            nonlocal turn
            turn += 1
            page.write_text(texts[turn % 2], encoding="utf-8")
            generate()

        def generate() -> None:
            command = [sys.executable, "-m", "scripts", "generate", "--quiet"]
            subprocess.run(command, cwd=checkout, check=True, capture_output=True)

        def bare() -> None:
            command = [
                str(Path(sys.executable).with_name("openapi-python-client")), "generate",
                "--path", str(checkout / "spec/openapi.yaml"), "--meta", "none", "--overwrite",
                "--output-path", str(Path(folder) / "bare"),
            ]  # fmt: skip
            path = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
            subprocess.run(command, cwd=folder, check=True, capture_output=True, env=path)

        whole = calls(changed, bare, rounds)
        unchanged = calls(generate, changed, rounds)
    return [
        Row("generate, a changed page, over the bare generator", whole, 1.3),
        Row("generate, nothing changed, over a full run", unchanged, 0.25),
    ]
