"""`make generate`: everything that is produced, from the pages to the client, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts import documents, nameable, package, spec, staging, tools, validation
from scripts.facts import plain
from scripts.failure import Problem
from scripts.profile import profile
from scripts.progress import Progress
from scripts.report import render

__all__ = ["TARGETS", "Run", "generate", "produce"]

_PACKAGE = "generated/blaxel_jobs_api"
TARGETS = ("spec/openapi.yaml", "spec/REPORT.md", _PACKAGE)
"""What a run replaces, and nothing else."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run changed, or would change, and what a person should look at."""

    changes: tuple[staging.Change, ...]
    notices: tuple[Problem, ...]


def generate(root: Path, *, check: bool = False, progress: Progress | None = None) -> Run:
    """Produce everything, and replace what changed; with `check`, replace nothing."""
    with staging.staged(root) as new:
        notices = produce(root, new, progress or Progress())
        changes = staging.changes(root, TARGETS)
        if not check:
            staging.replace(root, TARGETS)
    return Run(tuple(changes), notices)


def produce(root: Path, new: Path, progress: Progress) -> tuple[Problem, ...]:
    """Produce all targets below `new`, laid out like `root`, from the pages below `root`.

    Returns what a person should look at.
    """
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
    (new / "spec").mkdir(parents=True, exist_ok=True)
    (new / "spec/openapi.yaml").write_text(documents.dump(contract), encoding="utf-8")
    report = render(built.pages, built.contract, built.notices)
    (new / "spec/REPORT.md").write_text(report, encoding="utf-8")
    return built.notices
