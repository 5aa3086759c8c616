"""What is shipped is what was tested."""

from __future__ import annotations

import re

from tests import ROOT


def versions(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def test_runtime_is_what_tests_run_on() -> None:
    """The lock of what the package needs names the versions that the tests' own lock names."""
    shipped, tested = versions("runtime.txt"), versions("dev.txt")
    assert {"attrs", "httpx", "python-dateutil"} <= shipped.keys()
    assert shipped == {name: tested.get(name) for name in shipped}
