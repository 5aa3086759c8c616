"""Inputs that the fuzzer found to be too much once; `tests/fuzz/found` keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

FOUND = sorted((Path(__file__).parents[1] / "fuzz/found").glob("*-*"))


def test_found() -> None:
    """Inputs that were found stay harmless."""
    for path in FOUND:
        TARGETS[path.name.rsplit("-", 2)[0]](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 64, bytes(range(256))])
def test_target(name: str, data: bytes) -> None:
    """Each target takes any bytes."""
    TARGETS[name](data)
