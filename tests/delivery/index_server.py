"""Real package indexes on loopback, with a password: pypiserver and devpi, over TLS if wanted."""

from __future__ import annotations

import base64
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests import ROOT

__all__ = ["PASSWORD", "USER", "IndexServer", "serving_devpi", "serving_index", "serving_tls"]

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
    port = _free_port()
    command = [
        sys.executable, "-m", "pypiserver", "run", "--interface", "127.0.0.1", "--port", str(port),
        "--authenticate", protected, "--passwords", str(passwords), "--disable-fallback",
        str(folder),
    ]  # fmt: skip
    with _running(command, port, folder.parent / f"{folder.name}.log"):
        yield IndexServer(f"http://127.0.0.1:{port}", folder)


@contextmanager
def serving_devpi(folder: Path) -> Iterator[str]:
    """Serve a devpi with an empty index that lets files be replaced; yield the URL of the index."""
    programs = ROOT / ".venv-index/bin"
    assert programs.is_dir(), "devpi is not set up: make .venv-index/.stamp"
    port = _free_port()
    where = ["--serverdir", str(folder)]
    subprocess.run(
        [programs / "devpi-init", *where, "--no-root-pypi", "--root-passwd", PASSWORD],
        check=True, capture_output=True,
    )  # fmt: skip
    command = [str(programs / "devpi-server"), *where, "--host", "127.0.0.1", "--port", str(port)]
    root = f"http://127.0.0.1:{port}"
    with _running(command, port, folder.parent / f"{folder.name}.log"):
        with httpx.Client(base_url=root, trust_env=False) as client:
            client.put(f"/{USER}", json={"password": PASSWORD}).raise_for_status()
            login = client.post("/+login", json={"user": USER, "password": PASSWORD})
            token = login.raise_for_status().json()["result"]["password"]
            auth = base64.b64encode(f"{USER}:{token}".encode()).decode()
            client.put(
                f"/{USER}/dev", json={"volatile": True, "bases": []}, headers={"X-Devpi-Auth": auth}
            ).raise_for_status()
        yield f"{root}/{USER}/dev/"


@contextmanager
def serving_tls(url: str, tls: ssl.SSLContext) -> Iterator[str]:
    """Serve what `url` serves, at the same path of an address over TLS."""
    target = httpx.URL(url)
    listener = socket.create_server(("127.0.0.1", 0))

    def carry(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(2**16):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()

    def serve(connection: socket.socket) -> None:
        try:
            secure = tls.wrap_socket(connection, server_side=True)
        except OSError:  # a client that refuses the certificate
            connection.close()
            return
        with secure, socket.create_connection((target.host, target.port or 80)) as inner:
            there = threading.Thread(target=carry, args=(secure, inner), daemon=True)
            there.start()
            carry(inner, secure)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        port = listener.getsockname()[1]
        yield str(target.copy_with(scheme="https", host="localhost", port=port))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise AssertionError(f"the index did not start:\n{log.read_text()}")
            try:
                httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        else:
            raise AssertionError(f"the index did not start within 30 s:\n{log.read_text()}")
        yield
    finally:
        process.kill()
        process.wait()
