"""`make generate`: everything that is produced, from the pages to the client, all or nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts import documents, nameable, package, spec, staging, tools, validation
from scripts.facts import plain
from scripts.profile import profile
from scripts.progress import Progress
from scripts.report import render

__all__ = ["TARGETS", "generate", "produce"]

_PACKAGE = "generated/blaxel_jobs_api"
TARGETS = ("spec/openapi.yaml", "spec/REPORT.md", _PACKAGE)
"""What a run replaces, and nothing else."""


def generate(root: Path, *, check: bool = False, quiet: bool = False) -> int:
    """Produce everything, replace what changed and say so; return the exit code.

    With `check`, nothing is replaced, and 1 is returned where something would be.
    """
    progress = Progress(quiet=quiet)
    with staging.staged(root) as new:
        produce(root, new, progress)
        changes = staging.changes(root, TARGETS)
        if not check:
            staging.replace(root, TARGETS)
    if not changes:
        progress.say("up to date: nothing changed")
        return 0
    summary = "\n".join(f"  {change}" for change in changes)
    if check:
        sys.stderr.write(f"not what the pipeline produces; run `make generate`:\n{summary}\n")
        return 1
    progress.say(f"changed {len(changes)} files:\n{summary}")
    return 0


def produce(root: Path, new: Path, progress: Progress) -> None:
    """Produce all targets below `new`, laid out like `root`, from the pages below `root`."""
    tools.check_pins(root / "requirements/dev.in", package.TOOLS)
    with progress.step("reading pages, assembling the contract"):
        overlays = [root / "spec/overlay.yaml"]
        built = spec.build(root / "spec/docs", overlays, root=root)
        nameable.check(built.contract)
        contract = plain(built.contract)
    # The generators run in processes of their own while the contract is validated.
    config = root / "generator-config.yaml"
    generation = package.start(profile(contract), config, new / _PACKAGE)
    try:
        with progress.step("validating the contract"):
            validation.validate(built.contract)
        with progress.step("generating the attrs client and the pydantic models"):
            generation.finish()
    finally:
        generation.stop()
    for notice in built.notices:
        progress.say(str(notice))
    (new / "spec").mkdir(parents=True, exist_ok=True)
    (new / "spec/openapi.yaml").write_text(documents.dump(contract), encoding="utf-8")
    report = render(built.pages, built.contract, built.notices)
    (new / "spec/REPORT.md").write_text(report, encoding="utf-8")
