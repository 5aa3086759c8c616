"""The client's tests, written anew for a copy of the client: `python -m tests.vendored FOLDER`.

The copy is `service/_vendor` in FOLDER, on httpx2; the tests, which name the client's packages and
httpx as they are named here, are put beside it.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

_PLACE = "service._vendor"
_EDITS = [
    (r"^import (httpx|httpcore)$", r"import \g<1>2 as \1"),
    (r"^import (blaxel_jobs\w*)$", rf"import {_PLACE}.\1 as \1"),
    (r"\bfrom (?=blaxel_jobs)", f"from {_PLACE}."),
    (r"\bimport sys, (?=blaxel_jobs)", f"import sys, {_PLACE}."),
    (r"(-m |\"-m\", \"|(?:startswith|setattr)\(\")(?=blaxel_jobs)", rf"\1{_PLACE}."),
]
"""What names the client and httpx, in code and in text that is run as code."""


def rewritten(text: str) -> str:
    """Return a module of the tests for the copy."""
    for pattern, new in _EDITS:
        text = re.sub(pattern, new, text, flags=re.MULTILINE)
    return text


def main(folder: Path) -> None:
    """Put the tests beside the copy."""
    (folder / "service/__init__.py").touch()
    here = Path(__file__).parent
    shutil.rmtree(folder / "tests", ignore_errors=True)
    for path in [here / "__init__.py", here / "conftest.py", *here.glob("client/**/*")]:
        if path.name == "test_import.py":
            continue  # lists the installed package's modules, by their names there
        if path.is_file() and "__pycache__" not in path.parts:
            new = folder / path.relative_to(here.parent)
            new.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            new.write_bytes(rewritten(data.decode()).encode() if path.suffix == ".py" else data)
    shutil.copy2(here.parent / "pyproject.toml", folder)
    shutil.copytree(here.parent / "docs", folder / "docs", dirs_exist_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
