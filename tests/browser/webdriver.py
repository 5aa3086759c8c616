"""A headless Chromium, spoken to by the W3C's WebDriver protocol."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's key for a reference to an element
_INSTALL = "is needed for these tests: apt-get install chromium chromium-driver"


@dataclass(frozen=True, slots=True)
class Browser:
    """A session; every method raises what the driver reports."""

    http: httpx.Client
    path: str

    def open(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of a function, and return what it returns."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """Click as a mouse does: refused where something else is in the way."""
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        self._call("POST", f"/element/{found[_ELEMENT]}/click", {})

    def press(self, key: str) -> None:
        """Press a key on whatever has the focus."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self._call("POST", "/actions", {"actions": [source]})

    def type(self, selector: str, text: str) -> None:
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        self._call("POST", f"/element/{found[_ELEMENT]}/value", {"text": text})

    def resize(self, width: int, height: int) -> None:
        self._call("POST", "/window/rect", {"width": width, "height": height})

    def prefer(self, scheme: str) -> None:
        """Be a browser whose user prefers `light` or `dark`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        command = {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}}
        self._call("POST", "/goog/cdp/execute", command)

    def picture(self) -> bytes:
        """Return a screenshot, PNG."""
        return base64.b64decode(self._call("GET", "/screenshot"))

    def complaints(self) -> list[str]:
        """Return what the console has: errors, and what the page's policy refused."""
        return [entry["message"] for entry in self._call("POST", "/se/log", {"type": "browser"})]

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.http.request(method, self.path + path, json=body).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise AssertionError(f"{answer['error']}: {answer.get('message')}")
        return answer


def program(name: str) -> str:
    """Return the path of a program; fail where it is missing, for a skip would go unnoticed."""
    path = shutil.which(name)
    assert path is not None, f"{name} {_INSTALL}"
    return path


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Run a Chromium with a fresh profile and without a network."""
    chromium = program("chromium")
    with subprocess.Popen(
        [program("chromedriver"), "--port=0"], stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdout is not None
        try:
            port = next(
                line.split()[-1].rstrip(".") for line in driver.stdout if "successfully" in line
            )
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False
            ) as http:
                yield from _session(http, chromium, profile)
        finally:
            driver.terminate()


def _session(http: httpx.Client, chromium: str, profile: Path) -> Iterator[Browser]:
    options = {
        "binary": chromium,
        "args": [
            "--headless=new",
            "--no-sandbox",  # CI runs as root, in a container
            "--disable-dev-shm-usage",
            f"--user-data-dir={profile}",
            "--proxy-server=http://127.0.0.1:9",  # nothing answers there
        ],
    }
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    body = {"capabilities": {"alwaysMatch": wanted}}
    value = http.post("/session", json=body).json()["value"]
    assert "sessionId" in value, value
    session = Browser(http, f"/session/{value['sessionId']}")
    try:
        yield session
    finally:
        http.delete(session.path)
