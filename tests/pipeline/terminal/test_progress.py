"""Progress is for people on a terminal, and plain for everything else."""

from __future__ import annotations

import io

import pytest

from scripts.terminal.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain() -> None:
    """Elsewhere than on a terminal, each step is one line without control characters."""
    stream = io.StringIO()
    with Progress(stream).step("reading"):
        pass
    assert stream.getvalue() == "reading\n"


def test_terminal() -> None:
    """On a terminal the line is rewritten when the step ends."""
    stream = Terminal()
    with Progress(stream).step("reading"):
        assert stream.getvalue().endswith("... reading")
    assert stream.getvalue().endswith(" s\n")


def test_failure_on_a_terminal() -> None:
    """A step that fails says so."""
    stream = Terminal()
    with pytest.raises(ValueError, match="x"), Progress(stream).step("reading"):
        raise ValueError("x")
    assert stream.getvalue().endswith("failed: reading\n")


def test_quiet() -> None:
    """Quiet says nothing."""
    stream = io.StringIO()
    progress = Progress(stream, quiet=True)
    with progress.step("reading"):
        progress.say("done")
    assert stream.getvalue() == ""
