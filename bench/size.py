"""What an installation brings besides httpx and what that needs."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from bench.pairs import Row

__all__ = ["rows"]

ROOT = Path(__file__).resolve().parent.parent
_OWN = ("attrs", "python-dateutil", "six")


def rows() -> list[Row]:
    """Add up the installed files."""
    own = sum(
        path.stat().st_size
        for folder in ("overrides/blaxel_jobs", "generated/blaxel_jobs_api")
        for path in (ROOT / folder).rglob("*.py")
    )
    others = sum(
        Path(str(file.locate())).stat().st_size
        for name in _OWN
        for file in metadata.files(name) or ()
        if Path(str(file.locate())).is_file() and file.suffix != ".pyc"
    )
    # python-dateutil needs six, so with our own package it is one more than was wanted.
    return [
        Row("installed size beyond httpx's own", (own + others) / 1e6, 2.0, unit=" MB"),
        Row("distributions beyond httpx's own", len(_OWN) + 1, 3, "with six", unit=""),
    ]
