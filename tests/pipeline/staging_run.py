"""A run that produces something; as a program, one that is killed at the step that it is given."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts import staging

TARGETS = ["out/one.txt", "out/tree"]


def produce(new: Path) -> None:
    """Write the new tree into the staging folder."""
    (new / "out/tree").mkdir(parents=True)
    (new / "out/one.txt").write_text("new\nkept\n")
    (new / "out/tree/a.py").write_text("new a\n")
    (new / "out/tree/b.py").write_text("new b\n")


def main(root: Path, fatal: int) -> None:
    """Replace the tree below `root`; die before the call number `fatal` that changes the disk."""
    calls = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in ("rename", "replace", "unlink", "mkdir", "rmdir", "fsync"):
        setattr(os, name, counted(getattr(os, name)))
    with staging.staged(root) as new:
        produce(new)
        staging.replace(root, TARGETS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
