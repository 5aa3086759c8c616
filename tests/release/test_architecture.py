"""The floors of docs/architecture.md are those of the imports."""

from __future__ import annotations

import re
from pathlib import Path

import grimp
import pytest

PAGE = (Path(__file__).parents[2] / "docs/architecture.md").read_text(encoding="utf-8")


def floors(package: str) -> dict[str, int]:
    """Return the floor of each module of a package, counted from the top."""
    section = PAGE.partition(f"\n## {package}\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")][2:]
    return {name: at for at, row in enumerate(rows) for name in re.findall(r"`(\w+)`", row[3])}


def imports(package: str) -> dict[str, set[str]]:
    """Return what each module of a package imports of it, sub-packages taken as one."""
    graph = grimp.build_graph(package, cache_dir=None)
    found: dict[str, set[str]] = {}
    for module in graph.modules - {package}:
        imported = graph.find_modules_directly_imported_by(module) - {package}
        found.setdefault(module.split(".")[1], set()).update(
            other.split(".")[1] for other in imported
        )
    return found


@pytest.mark.parametrize("package", ["scripts", "blaxel_jobs"])
def test_every_module_has_a_floor(package: str) -> None:
    """The page lists each module that there is, and no other."""
    assert set(floors(package)) == set(imports(package))


@pytest.mark.parametrize("package", ["scripts", "blaxel_jobs"])
def test_no_module_looks_up(package: str) -> None:
    """A module imports from its own floor and from those below."""
    floor = floors(package)
    upwards = [
        f"{module} imports {other}"
        for module, imported in imports(package).items()
        for other in imported
        if floor[other] < floor[module]
    ]
    assert upwards == []
