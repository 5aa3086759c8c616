"""`python -m scripts audit`: known vulnerabilities in what the locks name."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from scripts.terminal.command import DONE, FAILED, ROOT, Command
from scripts.terminal.console import Console


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("program", type=Path, metavar="PIP-AUDIT", help="the pip-audit to run")


def _run(options: argparse.Namespace, console: Console) -> int:
    from scripts.release.audit import audit

    locks = sorted((ROOT / "requirements").glob("*.txt"))
    done = audit(options.program, locks, console.progress)
    console.result = asdict(done)
    for one in done.found:
        mended = f"fixed in {', '.join(one.fixed_in)}" if one.fixed_in else "not fixed yet"
        console.progress.say(f"{one.lock}: {one.package} {one.version}: {one.id} ({mended})")
    console.progress.say(
        f"{done.looked_up} pins looked up, {len(done.found)} vulnerabilities known"
    )
    return FAILED if done.found else DONE


COMMAND = Command(
    "audit",
    "known vulnerabilities in what the locks name",
    "Look up every package of requirements/*.txt with pip-audit. Exit code 1 where one is known\n"
    "to be vulnerable, and where the service is out of reach: nothing is known then.",
    """\
  make audit
  python -m scripts audit .venv-audit/bin/pip-audit --json""",
    _arguments,
    _run,
)
