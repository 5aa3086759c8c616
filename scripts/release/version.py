"""`make release`: the version that the changes ask for, the changelog, a commit and a tag.

The commit is made in a work tree of its own; the branch moves to it, and the tag is set, when all
of it is there. Versions are literal semantic versions before 1.0, too: a breaking change of 0.1.0
gives 1.0.0, an addition 0.2.0, anything else 0.1.1.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.version import InvalidVersion, Version

from scripts import documents, tools
from scripts.comparison import python_api
from scripts.comparison.change import BUMPS, Bump, larger
from scripts.comparison.contracts import compare
from scripts.failure import PipelineError, Problem
from scripts.generation import run
from scripts.release import checkout
from scripts.release.build import VERSION_FILE, version_of
from scripts.release.previous import CONTRACT, Release, last_release
from scripts.terminal.progress import Progress

_FRAGMENTS = "newsfragments"
_CHANGELOG = "CHANGELOG.md"
_PUBLISHED = ("overrides", "generated", "pyproject.toml", "README.md", "LICENSE")
"""What the wheel is made of: a change of anything else alone is no release."""
_UNRELEASED = re.compile(r"^## .* \(unreleased\)\n+", re.MULTILINE)
_SHOWN = 40
"""Reasons that the changelog lists: a contract may change in a thousand places."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the version goes up: what `bump` it asks for, and what changed."""

    bump: Bump
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A release that can be made: `last` is the last one's tag, None for the first."""

    last: str | None
    bump: Bump
    version: str
    reasons: tuple[Reason, ...]


def plan(root: Path, version: str | None = None, progress: Progress | None = None) -> Plan:
    """Say what would be released, as `version` where that is given and goes up far enough.

    Raises PipelineError where the checkout is not what was committed, or not what the pipeline
    produces, where nothing changed since the last release, and where the version does not do.
    """
    progress = progress or Progress()
    checkout.refuse_uncommitted(root)
    with progress.step("producing everything once more, to compare"):
        if changes := run.generate(root, check=True, progress=Progress(quiet=True)).changes:
            problems = [Problem("is not what the pipeline produces", c.path) for c in changes]
            hint = "run `make generate`, read the difference and commit it"
            raise PipelineError.of([*problems, Problem("there is nothing to release", hint=hint)])
    last = last_release(root)
    if last is None and (removals := [n for n in _fragments(root) if n.endswith(".removal.md")]):
        hint = "call it a feature, or leave it out"
        problems = [Problem("nothing was released that could be removed", n) for n in removals]
        raise PipelineError.of([*problems, Problem("this is the first release", hint=hint)])
    with progress.step("comparing with the last release"):
        reasons = [] if last is None else _reasons(root, last)
    bumps: list[Bump] = [reason.bump for reason in reasons]
    bump = larger(*bumps)
    if last is not None and bump == "none":
        what = f"nothing that is published has changed since {last.tag}"
        hint = f"a change that callers do not see needs a fragment in {_FRAGMENTS}/"
        raise PipelineError(what, hint=hint)
    chosen = _chosen(root, last, bump, version)
    if checkout.git(root, "tag", "--list", f"v{chosen}").strip():
        raise PipelineError(f"the tag v{chosen} is there already", hint="choose another --version")
    return Plan(None if last is None else last.tag, bump, chosen, tuple(reasons))


def release(root: Path, planned: Plan) -> None:
    """Set the version, write the changelog, commit and tag: all of it, or nothing."""
    tag = f"v{planned.version}"
    before = checkout.git(root, "rev-parse", "HEAD").strip()
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "release"
        checkout.git(root, "worktree", "add", "--quiet", "--detach", str(tree), before)
        try:
            _write(tree, planned)
            changed = [
                one for one in (VERSION_FILE, _CHANGELOG, _FRAGMENTS) if (tree / one).exists()
            ]
            checkout.git(tree, "add", "--all", *changed)
            message = f"Release {planned.version}"
            # Hooks check the checkout with its tools, which this tree has not.
            empty = ["--allow-empty"]  # the first release may stand as it is
            checkout.git(tree, "commit", "--quiet", "--no-verify", *empty, "-m", message)
            made = checkout.git(tree, "rev-parse", "HEAD").strip()
        finally:
            checkout.git(root, "worktree", "remove", "--force", str(tree))
    checkout.refuse_uncommitted(root)  # files may have changed meanwhile
    checkout.git(
        root, "tag", "--annotate", "--message", f"blaxel-jobs {planned.version}", tag, made
    )
    try:
        checkout.git(root, "merge", "--quiet", "--ff-only", made)
    except BaseException:
        checkout.git(root, "tag", "--delete", tag)
        raise


def next_version(last: str, bump: Bump) -> str:
    """Return the version after `last` for a bump: none, patch, minor or major."""
    major, minor, patch = (int(part) for part in last.split("."))
    following = {
        "none": (major, minor, patch),
        "patch": (major, minor, patch + 1),
        "minor": (major, minor + 1, 0),
        "major": (major + 1, 0, 0),
    }
    return ".".join(map(str, following[bump]))


def _reasons(root: Path, last: Release) -> list[Reason]:
    new = documents.read(root / CONTRACT, CONTRACT).value
    found = [
        Reason(change.bump, f"{change.message} (at #{change.pointer})")
        for change in compare(last.contract(), new).changes
    ]
    found += [Reason(*change) for change in python_api.compare_with_tag(root, last.tag)]
    names = checkout.git(root, "diff", "--name-only", last.tag, "HEAD", "--", *_PUBLISHED)
    found += [Reason("patch", f"{name}: changed") for name in names.splitlines()]
    found += [Reason("patch", f"{name}: a fragment") for name in _fragments(root)]
    return sorted(dict.fromkeys(found), key=lambda reason: -BUMPS.index(reason.bump))


def _fragments(root: Path) -> list[str]:
    return [
        f"{_FRAGMENTS}/{path.name}"
        for path in sorted((root / _FRAGMENTS).glob("*.md"))
        if path.name != "README.md"
    ]


def _chosen(root: Path, last: Release | None, bump: Bump, asked: str | None) -> str:
    current = version_of(root)
    if asked is not None and not re.fullmatch(r"\d+\.\d+\.\d+", asked):
        raise PipelineError(f"{asked} is no version", hint="it is three numbers: 1.2.3")
    if last is None:
        return asked or current
    try:
        least = Version(next_version(last.tag.removeprefix("v"), bump))
    except (InvalidVersion, ValueError):
        raise PipelineError(f"the tag {last.tag} names no version such as v1.2.3") from None
    if asked is not None and Version(asked) < least:
        what = f"{asked} does not go up far enough: a {bump} change since {last.tag}"
        raise PipelineError(what, hint=f"{least}, or more")
    # A higher one may have been set by hand, for a reason.
    return asked or str(max(least, Version(current)))


def _write(tree: Path, planned: Plan) -> None:
    file = tree / VERSION_FILE
    text = file.read_text(encoding="utf-8")
    old, new = (f'__version__ = "{version}"' for version in (version_of(tree), planned.version))
    file.write_text(text.replace(old, new), encoding="utf-8")
    _write_changelog(tree, planned)


def _write_changelog(tree: Path, planned: Plan) -> None:
    """Put a section of this version, out of the fragments, on top of the changelog.

    What stands below a heading `## X (unreleased)` belongs to this version, too.
    """
    today = datetime.now(UTC).date().isoformat()
    _write_reasons(tree, [reason for reason in planned.reasons if reason.bump != "patch"])
    changelog = tree / _CHANGELOG
    heading = f"## {planned.version} ({today})"
    if _fragments(tree):
        _towncrier(tree, planned.version, today)
        heading = ""
    text = changelog.read_text(encoding="utf-8")
    replacement = heading and f"{heading}\n\n"
    text = _UNRELEASED.sub(replacement, text, count=1)
    if f"## {planned.version} ({today})" not in text:
        start = "<!-- towncrier release notes start -->\n"
        section = f"{start}\n## {planned.version} ({today})\n\nNothing that callers see.\n"
        text = text.replace(start, section, 1)
    changelog.write_text(text, encoding="utf-8")


def _write_reasons(tree: Path, reasons: Sequence[Reason]) -> None:
    """Write what the comparison found as fragments of their own."""
    folder = tree / _FRAGMENTS
    folder.mkdir(exist_ok=True)
    lines = [f"{reason.bump}: {reason.message}" for reason in reasons]
    if len(lines) > _SHOWN:
        lines[_SHOWN:] = [f"and {len(lines) - _SHOWN} more: `python -m scripts diff`"]
    for number, line in enumerate(lines):
        (folder / f"+compared-{number:03}.api.md").write_text(f"{line}\n", encoding="utf-8")


def _towncrier(tree: Path, version: str, date: str) -> None:
    # towncrier removes its fragments through git, and refuses those that git does not know.
    checkout.git(tree, "add", "--all", _FRAGMENTS)
    tools.run(
        [tools.program("towncrier"), "build", "--yes", "--version", version, "--date", date],
        "the changelog could not be written",
        folder=tree,
        environment={k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
    )
