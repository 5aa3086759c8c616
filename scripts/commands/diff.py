"""`python -m scripts diff`: two contracts compared, and the version bump that follows."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scripts.failure import PipelineError, refuse
from scripts.terminal.command import DONE, Command
from scripts.terminal.console import Console


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD", help="the contract as it was")
    parser.add_argument("new", type=Path, metavar="NEW", help="the contract as it is")


def _contract(path: Path) -> dict[str, Any]:
    """Read a contract; raises PipelineError, with file and line, for what is no OpenAPI 3."""
    from scripts.contract import validation
    from scripts.documents import read_facts
    from scripts.facts import plain
    from scripts.reading.document.openapi30 import upgrade

    contract = read_facts(path, str(path))
    members = contract.value
    version = str(members["openapi"].value) if "openapi" in members else ""
    wrong = [] if version.startswith("3.") else ["openapi"]
    wrong += [
        key
        for key in ("info", "paths")
        if key not in members or not isinstance(members[key].value, dict)
    ]
    if wrong:
        line = members.get(wrong[0], contract).origin.line
        what = f"is not an OpenAPI 3 contract: its `{wrong[0]}` is missing or wrong"
        hint = "begin with `openapi: 3.1.1`; `info:` and `paths:` are mappings"
        raise PipelineError(what, file=str(path), line=line, hint=hint)
    refuse(validation.problems(upgrade(contract) if version.startswith("3.0") else contract))
    value: dict[str, Any] = plain(contract)
    return value


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.comparison.contracts import compare

    difference = compare(_contract(options.old), _contract(options.new))
    console.result = {
        "bump": difference.bump,
        "reasons": list(difference.reasons),
        "changes": [asdict(change) for change in difference.changes],
    }
    console.print(difference.bump)
    for reason in difference.reasons:
        console.print(f"  {reason}")
    return DONE


COMMAND = Command(
    "diff",
    "two contracts -> none, patch, minor or major, and why",
    "Compare two contract files, YAML or JSON: the wire, and the Python API of the client.\n"
    "The exit code is 0 whatever changed.",
    """\
  python -m scripts diff old.yaml spec/openapi.yaml
  python -m scripts diff old.yaml spec/openapi.yaml --json""",
    _arguments,
    _run,
)
