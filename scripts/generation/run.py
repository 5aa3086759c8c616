"""`make generate`: everything that is produced, from the pages to the client, all or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts import staging, tools
from scripts.facts import Node, inside, unescape
from scripts.failure import PipelineError, Problem, refuse
from scripts.generation import package
from scripts.terminal.progress import Progress

if TYPE_CHECKING:
    from scripts.contract.pipeline import Built

_PACKAGE = "generated/blaxel_jobs_api"
NAMES = "spec/names.yaml"
TARGETS = ("spec/openapi.yaml", "spec/REPORT.md", NAMES, _PACKAGE)
"""What a run replaces, and nothing else."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run changed, or would change, and what a person should look at.

    `unmatched` are the notices about what the overlay says of parts that no page has, `touched`
    those about names that are gone, and lines of the hand-written layer that need what is there no
    more.
    """

    changes: tuple[staging.Change, ...]
    notices: tuple[Problem, ...]
    unmatched: tuple[Problem, ...]
    touched: tuple[Problem, ...] = ()


def generate(root: Path, *, check: bool = False, progress: Progress | None = None) -> Run:
    """Produce everything, and replace what changed; with `check`, replace nothing."""
    with staging.staged(root) as new:
        built, touched = _produced(root, new, progress or Progress())
        changes = (staging.changes if check else staging.replace)(root, TARGETS)
    # Not in the report: it describes what is, not what has just changed.
    return Run(tuple(changes), (*touched, *built.notices), built.unmatched, touched)


def _produced(root: Path, new: Path, progress: Progress) -> tuple[Built, tuple[Problem, ...]]:
    # The generators load themselves, in processes of their own, while the readers are imported.
    generation = package.start(root / "generator-config.yaml", new / _PACKAGE)
    try:
        tools.check_pins(root / "requirements/dev.in", package.TOOLS)
        return _produce(root, new, generation, progress)
    finally:
        generation.stop()


def _produce(
    root: Path, new: Path, generation: package.Generation, progress: Progress
) -> tuple[Built, tuple[Problem, ...]]:
    from scripts.contract import names, pipeline, validation
    from scripts.contract.report import render
    from scripts.emitter import dump
    from scripts.facts import plain
    from scripts.generation import refusal, usage
    from scripts.generation.restatement.profile import profile

    checks = (validation.problems, refusal.problems)
    docs, overlays = root / "spec/docs", [root / "spec/overlay.yaml"]
    published = names.read(root / NAMES, NAMES)
    try:
        with progress.step("reading pages, assembling the contract"):
            built = pipeline.build(docs, overlays, root=root, published=published)
        with progress.step("validating the contract"):
            for check in checks:
                refuse(check(built.contract))
        contract = plain(built.contract)
        generation.ask(profile(contract))
    except PipelineError:
        # Once more with everything that can be wrong: a person is to see all pages at once.
        pipeline.build(docs, overlays, root=root, published=published, checks=checks)
        raise
    # While the generators work.
    (new / "spec").mkdir(parents=True, exist_ok=True)
    text = dump(contract)
    (new / "spec/openapi.yaml").write_text(text, encoding="utf-8")
    report = render(built.pages, built.contract, built.notices)
    (new / "spec/REPORT.md").write_text(report, encoding="utf-8")
    (new / NAMES).write_text(names.text(built.published), encoding="utf-8")
    last = _last_contract(root, text, contract)
    removed, changed = usage.removed_names(last, contract), usage.changed_operations(last, contract)
    with progress.step("generating the attrs client and the pydantic models"):
        try:
            generation.finish()
        except PipelineError as error:
            problems = (_with_line(problem, built.contract) for problem in error.problems)
            raise PipelineError.of(problems) from None
    uses = usage.uses_of(root, new / "generated", removed)
    calls, values = usage.calls_of(root, changed), usage.values_of(root, last, contract)
    return built, (*_gone(built.gone), *uses, *calls, *values)


def _gone(names: tuple[str, ...]) -> list[Problem]:
    if not names:
        return []
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    what = f"{len(names)} names that were published are gone, since no page shows what had them"
    return [Problem(f"{what}: {shown}", NAMES, hint="callers that import them have to change")]


def _with_line(problem: Problem, contract: Node) -> Problem:
    """Return a generator's problem with the line behind the place that it names, if it does."""
    found = re.search(r"\(at (/\S+)\)$", problem.what)
    if not found:
        return problem
    steps = [unescape(token) for token in found[1].split("/")[1:]]
    while (node := inside(contract, steps)) is None:
        steps.pop()
    return replace(problem, file=node.origin.file, line=node.origin.line)


def _last_contract(root: Path, text: str, now: dict[str, Any]) -> dict[str, Any]:
    """Return the contract of the last run, empty where there is none that is one.

    Where it is still the same text, it is what it is `now`, and need not be parsed.
    """
    from scripts import documents
    from scripts.contract.validation import is_shaped

    path = root / TARGETS[0]
    try:
        if path.is_file() and path.read_bytes() == text.encode():
            return now
        last = documents.read(path).value if path.is_file() else {}
    except PipelineError:
        return {}
    return last if is_shaped(last) else {}
