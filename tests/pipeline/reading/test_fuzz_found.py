"""Inputs that the fuzzer found to be too much once; `tests/fuzz/found` keeps them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import ROOT
from tests.fuzz.targets import TARGETS

FOUND = sorted((ROOT / "tests/fuzz/found").glob("*-*"))


def test_found() -> None:
    """Inputs that were found stay harmless."""
    for path in FOUND:
        TARGETS[path.name.rsplit("-", 2)[0]](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=100)
@given(data=st.binary(max_size=512))
def test_target(name: str, data: bytes) -> None:
    """Each target takes any bytes."""
    TARGETS[name](data)
