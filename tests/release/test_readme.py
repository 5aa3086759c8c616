"""The README's code runs as it stands."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import anyio
import httpx
import pytest

from blaxel_jobs._transport import proxy
from tests import ROOT
from tests.client.fault_server import EXECUTION

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_python_block(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block of Python runs against an API that knows the execution."""

    def api(request: httpx.Request) -> httpx.Response:
        status = "cancelling" if request.method == "DELETE" else "cancelled"
        return httpx.Response(200, json={**EXECUTION, "status": status})

    monkeypatch.setenv("BL_API_KEY", "key")
    monkeypatch.setattr(proxy, "default_transport", lambda _: httpx.MockTransport(api))
    monkeypatch.setattr(proxy, "default_async_transport", lambda _: httpx.MockTransport(api))
    names: dict[str, Any] = {}
    exec(f"async def main():\n{textwrap.indent(block, '    ')}", names)
    anyio.run(names["main"])


def test_make_targets() -> None:
    """Each make target that the README or CONTRIBUTING names is there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", README + contributing, re.MULTILINE))
    assert {"generate", "test"} <= named
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
