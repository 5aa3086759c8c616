"""A real package index on loopback, with a password."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

__all__ = ["PASSWORD", "USER", "IndexServer", "serving_index"]

USER, PASSWORD = "publisher", "s3cret-of-the-index"
# An apr1 hash of it, made beforehand: pypiserver fails to start with bcrypt's hashes beside
# bcrypt 5, and importing passlib here is a DeprecationWarning.
_HASH = "$apr1$loopback$.dmol6WBpsDvrfcTCmcje1"


@dataclass(frozen=True, slots=True)
class IndexServer:
    """An index: `url` takes uploads, `simple` lists; the files are in `folder`."""

    url: str
    folder: Path

    @property
    def simple(self) -> str:
        """The simple index, for whoever may read without a password."""
        return f"{self.url}/simple/"


@contextmanager
def serving_index(folder: Path, *, protected: str = "update") -> Iterator[IndexServer]:
    """Serve a folder; `protected` names what needs the password: update, list, download."""
    folder.mkdir(parents=True, exist_ok=True)
    passwords = folder.parent / f"{folder.name}.htpasswd"
    passwords.write_text(f"{USER}:{_HASH}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "pypiserver", "run", "--interface", "127.0.0.1", "--port", str(port),
        "--authenticate", protected, "--passwords", str(passwords), "--disable-fallback",
        str(folder),
    ]  # fmt: skip
    log = folder.parent / f"{folder.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            if process.poll() is not None:
                raise AssertionError(f"the index did not start:\n{log.read_text()}")
            try:
                httpx.get(f"{url}/health", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield IndexServer(url, folder)
    finally:
        process.kill()
        process.wait()
