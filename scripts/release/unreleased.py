"""What is new in the contract since the last release, for the picture.

How much its changes ask of callers is decided by `scripts/comparison/contracts.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripts.comparison.contracts import compare
from scripts.facts import escape
from scripts.picture.contract_lines import label
from scripts.picture.document import Change, Difference
from scripts.release.previous import Release


def difference(release: Release, contract: dict[str, Any]) -> Difference:
    """Return what is different in `contract`, and the bump that it asks for.

    Raises PipelineError where the release's contract cannot be read.
    """
    old = release.contract()
    found = tuple(changes(old, contract))
    verdict = compare(old, contract)
    reasons = tuple(Change(one.bump, one.message, one.pointer) for one in verdict.changes)
    return Difference(release.tag, verdict.bump, (*reasons, *found))


def changes(old: Any, new: Any, pointer: str = "") -> Iterator[Change]:
    """Yield the topmost parts that were added, removed or changed, by JSON pointer."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            place = f"{pointer}/{escape(key)}"
            if key not in new:
                yield Change("removed", f"{label(place)}: {_short(old[key])}", pointer)
            elif key not in old:
                yield Change("added", _short(new[key]), place)
            else:
                yield from changes(old[key], new[key], place)
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _by_identity(old), _by_identity(new)
        for key, (index, one) in after.items():
            place = f"{pointer}/{index}"
            if key in before:
                yield from changes(before[key][1], one, place)
            else:
                yield Change("added", _short(one), place)
        for key, (_, one) in before.items():
            if key not in after:
                yield Change("removed", _short(one), pointer)
    elif type(old) is not type(new) or old != new:
        yield Change("changed", f"{_short(old)} became {_short(new)}", pointer)


def _by_identity(entries: list[Any]) -> dict[str, tuple[int, Any]]:
    """Return a list's entries by what makes them the same: a parameter's name and place, or all.

    So an entry that is put in front changes none of the others.
    """
    found = {}
    for index, one in enumerate(entries):
        own = [one["name"], one.get("in")] if isinstance(one, dict) and "name" in one else one
        found[json.dumps(own, sort_keys=True)] = (index, one)
    return found


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]} ..."
