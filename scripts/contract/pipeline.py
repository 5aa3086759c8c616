"""From a folder of captured pages to the contract: read, assemble, overlay, validate."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from scripts.contract import credentials, defaults, examples, overlay, pruning, validation
from scripts.contract import names as names_file
from scripts.contract.assembly import assemble_contributions
from scripts.contract.merging import equal
from scripts.contract.merging import published as published_names
from scripts.contract.merging.names import NO_NAMES, Names
from scripts.contract.merging.places import parts_of
from scripts.contract.operations.contribution import Contribution, contribution
from scripts.contract.report import Summary, summary
from scripts.facts import Node, Origin, origins
from scripts.failure import PipelineError, Problem
from scripts.reading.capture import SUFFIXES, read_capture
from scripts.reading.document.shape import remarks_on

Check: TypeAlias = Callable[[Node], Sequence[Problem]]
"""Returns what is wrong with a contract, each with the file and line behind it."""


@dataclass(frozen=True, slots=True)
class Built:
    """The pages that were read, the contract made of them, and what a person should look at.

    `problems` were passed over, since `keep_going` was asked for. `notices` are about pages that
    disagree, and what was decided between them and the overlay. `unmatched` are those of
    them about what the overlay says of parts that no page has (any more): the contract stands
    without them, but the overlay is to be mended. `published` are the names of the contract, for
    the next run, and `gone` those of the last run that nothing has any more.
    """

    pages: tuple[Summary, ...]
    contract: Node
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    unmatched: tuple[Problem, ...] = ()
    published: Names = NO_NAMES
    gone: tuple[str, ...] = ()


def build(
    docs: Path,
    overlays: Sequence[Path],
    *,
    root: Path,
    published: Names | None = NO_NAMES,
    keep_going: bool = False,
    checks: Sequence[Check] = (),
) -> Built:
    """Build the contract from every page in `docs`; what was `published` keeps its name.

    With None, names are of no concern, and none are said for the next run.

    Files are named relative to `root` in facts and errors. What one of the `checks` finds is a
    problem of the pages behind it. Raises PipelineError with the problems of all pages at once: a
    page that has some is left out, and the others are held to the rest. With `keep_going`, pages
    with problems are left out for good, and so are overlay actions that cannot be applied; it
    still raises where nothing can be built.
    """
    read = _read(docs, root)
    facts = [overlay.read(path, name_of(path, root)) for path in overlays]
    problems = list(read.problems)
    built, found = _without_invalid_pages(read, facts, published, checks)
    pages = {page.file for page in read.pages}
    # Where pages are left out, the overlay may speak of what they had: that follows from it.
    problems += [one for one in found if not problems or one.file in pages]
    if built is None or (problems and not keep_going):
        raise PipelineError.of(problems or found)
    return replace(built, problems=tuple(problems))


def _without_invalid_pages(
    read: _Read, facts: Sequence[overlay.Overlay], published: Names | None, checks: Sequence[Check]
) -> tuple[Built | None, list[Problem]]:
    """Return what can be built without the pages that have problems, and those problems.

    None where no page is left, or leaving one out does not help.
    """
    contributions = read.contributions
    problems: list[Problem] = []
    while contributions:
        try:
            built, misshapen = _assembled(contributions, read.pages, facts, published)
        except PipelineError as error:
            return None, [*problems, *error.problems]
        wrong = misshapen or [one for check in checks for one in check(built.contract)]
        if not wrong:
            return built, [*problems, *built.problems]
        problems += wrong
        blamed = {problem.file for problem in wrong}
        kept = [one for one in contributions if one.file not in blamed]
        if len(kept) == len(contributions):
            return None, [*built.problems, *problems]
        contributions = kept
    return None, problems


@dataclass(frozen=True, slots=True)
class _Read:
    """What could be read, and what could not. Pages themselves are let go, for their size."""

    pages: list[Summary]
    contributions: list[Contribution]
    problems: list[Problem]


def _read(docs: Path, root: Path) -> _Read:
    read = _Read([], [], [])
    for path in _page_files(docs):
        name = name_of(path, root)
        try:
            if path.suffix.lower() not in SUFFIXES or not path.is_file():
                raise PipelineError(
                    "not a page that can be read",
                    file=name,
                    hint=f"pages are files that end in {', '.join(SUFFIXES)}",
                )
            page = read_capture(path, name)
            one = contribution(page)
        except PipelineError as error:
            read.problems.extend(error.problems)
        else:
            read.pages.append(summary(page))
            read.contributions.append(one)
    return read


@dataclass(frozen=True, slots=True)
class _Found:
    """What a person should look at, as it is found: see `Built`."""

    problems: list[Problem]
    notices: list[Problem]
    unmatched: list[Problem] = field(default_factory=list)


def _assembled(
    contributions: Sequence[Contribution],
    pages: Sequence[Summary],
    overlays: Sequence[overlay.Overlay],
    published: Names | None,
    again: int = 2,
) -> tuple[Built, list[Problem]]:
    """Return the contract without operations that nothing decides about, and unfit actions.

    And what is misshapen in it: then the steps after the overlays are left out.
    """
    names = Names(
        {key: one for facts in overlays for key, one in facts.names.operations.items()},
        {name: places for facts in overlays for name, places in facts.names.schemas.items()},
    )
    before = published or NO_NAMES
    assembly = assemble_contributions(contributions, names=names, before=before, keep_going=True)
    found = _Found(list(assembly.problems), list(assembly.notices))
    apart, misshapen = _with_overlays(assembly.contract, overlays, found)
    if misshapen:
        return Built((), apart, tuple(found.problems), ()), misshapen
    if "servers" not in apart.value and not all(one.vendor for one in contributions):
        what = "no page says where the API is: the contract has no servers"
        found.notices.append(contributions[0].path.origin.problem(what, "an overlay can say it"))
    first = before.schemas.keys() - before.equal.keys()
    contract = equal.shared(apart, assembly.own, assembly.replaced, first)
    contract, contradicting = examples.checked(contract)
    contract, unfit = defaults.without_unfit(contract)
    missing, other = published_names.misplaced(names, contract)
    unmatched = (*found.unmatched, *missing)
    notices = (*found.notices, *contradicting, *unfit, *other, *unmatched)
    files = {one.file for one in contributions}
    used = tuple(
        replace(page, unused=assembly.unused.get(page.file)) for page in pages if page.file in files
    )
    built = Built(used, contract, tuple(found.problems), notices, unmatched)
    if published is None:
        return built, []
    new = published_names.to_publish(apart, contract, published, names)
    schemas = parts_of(contract).schemas
    gone = tuple(name for name in assembly.gone if name not in schemas)
    is_settled = names_file.text(new) == names_file.text(published) or (
        published == NO_NAMES
        and assembly.is_as_shown
        and published_names.is_read_as_written(new, names, apart)
    )
    if again and not is_settled:
        # As the next run will see it: what it reads must not change what it writes.
        settled, _ = _assembled(contributions, pages, overlays, new, again - 1)
        return replace(settled, gone=gone), []
    return replace(built, published=new, gone=gone), []


def _with_overlays(
    pages: Node, overlays: Sequence[overlay.Overlay], found: _Found
) -> tuple[Node, list[Problem]]:
    """Return the contract of pages with what overlays add, and what is misshapen in it."""
    contract = pages
    removed: dict[str, Origin] = {}
    for facts in overlays:
        applied = overlay.apply(contract, facts)
        found.problems.extend(applied.problems)
        found.notices.extend(applied.notices)
        found.unmatched.extend(applied.unmatched)
        contract = applied.document
        removed |= applied.removed
    misshapen = validation.misshapen(contract, removed)
    if misshapen or not overlays:
        return contract, misshapen
    contract, left_over = pruning.without_undefined(contract)
    contract = pruning.without_replaced(contract, pages)
    found.notices.extend(credentials.elsewhere(pages, contract))
    written = {facts.file for facts in overlays}
    slips = (one for one in remarks_on(contract) if one.file in written)
    found.unmatched.extend((*left_over, *credentials.undefined(contract)))
    found.unmatched.extend(replace(one, hint="correct the action") for one in slips)
    return contract, []


def provenance(contract: Node) -> dict[str, dict[str, object]]:
    """Return, by JSON pointer into the contract, where each of its parts is known from."""
    found: dict[str, dict[str, object]] = {}
    for pointer, origin in origins(contract):
        entry: dict[str, object] = {"kind": str(origin.kind), "file": origin.file}
        if origin.line is not None:
            entry["line"] = origin.line
        if origin.action is not None:
            entry["action"] = origin.action
        if origin.note:
            entry["note"] = origin.note
        found[pointer] = entry
    return found


def _page_files(docs: Path) -> list[Path]:
    if not docs.is_dir():
        hint = "--docs names the folder that captured pages are in, such as spec/docs"
        raise PipelineError("there is no such folder of pages", file=str(docs), hint=hint)
    files = sorted(path for path in docs.iterdir() if not path.name.startswith("."))
    if not files:
        raise PipelineError(
            "no pages are here", file=str(docs), hint="capture a page's text as NAME.txt"
        )
    return files


def name_of(path: Path, root: Path) -> str:
    """Return the name of a file in facts and errors: its place below `root`, or as it was given.

    A link is called by its own name.
    """
    resolved = Path(os.path.realpath(path.parent), path.name)
    inside = resolved.is_relative_to(root)
    return resolved.relative_to(root).as_posix() if inside else path.as_posix()
