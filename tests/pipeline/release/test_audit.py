"""What is made of pip-audit's answers; a program of ours stands in for it and its service."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.failure import PipelineError
from scripts.release.audit import Audit, Vulnerability, audit

KNOWN = {"id": "CVE-2026-1", "fix_versions": ["2.1"], "description": "..."}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "dev.txt"
    path.write_text("attrs==2.0 --hash=sha256:00\n")
    return path


def pip_audit(tmp_path: Path, answer: Any, code: int, error: str = "") -> Path:
    """Return a program that answers so."""
    program = tmp_path / "pip-audit"
    text = answer if isinstance(answer, str) else json.dumps({"dependencies": answer})
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"sys.stdout.write({text!r})\nsys.stderr.write({error!r})\nsys.exit({code})\n"
    )
    program.chmod(0o755)
    return program


def test_none_known(tmp_path: Path, lock: Path) -> None:
    """Packages that are known, and known for nothing bad."""
    program = pip_audit(tmp_path, [{"name": "attrs", "version": "2.0", "vulns": []}], 0)
    assert audit(program, [lock, lock]) == Audit(2, ())


def test_found(tmp_path: Path, lock: Path) -> None:
    """pip-audit ends with 1 where it found something."""
    program = pip_audit(tmp_path, [{"name": "attrs", "version": "2.0", "vulns": [KNOWN]}], 1)
    found = Vulnerability("dev.txt", "attrs", "2.0", "CVE-2026-1", ("2.1",))
    assert audit(program, [lock]) == Audit(1, (found,))


def test_unknown_packages(tmp_path: Path, lock: Path) -> None:
    """pip-audit ends with 0 where its service knows no package: nothing was audited."""
    reason = "Dependency not found"
    program = pip_audit(tmp_path, [{"name": "attrs", "skip_reason": reason}], 0)
    with pytest.raises(PipelineError, match=r"/dev\.txt: not audited: .*out of reach") as caught:
        audit(program, [lock])
    assert "does not know attrs" in str(caught.value.problems[0].hint)


def test_no_service(tmp_path: Path, lock: Path) -> None:
    """Without a network pip-audit ends with a traceback, of which the last line says why."""
    program = pip_audit(tmp_path, "", 1, "Traceback ...\nConnectionError: no route to host\n")
    with pytest.raises(PipelineError) as caught:
        audit(program, [lock])
    assert "no route to host" in str(caught.value.problems[0].hint)
