"""`python -m scripts diff` on contracts that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.commands.running import run

CONTRACT = "openapi: {version}\ninfo: {{title: a, version: '1'}}\npaths: {paths}\n"


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_null_in_place_of_an_object(tmp_path: Path, version: str) -> None:
    """It is an error with file and line, on either side."""
    wrong, right = tmp_path / "wrong.yaml", tmp_path / "right.yaml"
    wrong.write_text(CONTRACT.format(version=version, paths="{/x: {get: null, put: {}}, /y: null}"))
    right.write_text(CONTRACT.format(version=version, paths="{}"))
    for order in ([wrong, right], [right, wrong]):
        done = run("diff", *order)
        assert done.returncode == 1
        assert f"{wrong}:3" in done.stderr
        assert "Traceback" not in done.stderr
