"""The authorities whose certificates are trusted: one TLS context for a client.

SSL_CERT_FILE or SSL_CERT_DIR name them, else they are certifi's with httpx, the system's with
httpx2. A context takes 25 ms to make, so an async client makes it in a thread when it is needed
first; but where the environment names some, they are tried when the client is made.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
from pathlib import Path
from typing import Any, Self

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._network.fork import call_after_fork

__all__ = ["Certificates", "ContextForOthers"]

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
"""How files are named in which OpenSSL looks for an authority."""


class Certificates:
    """The TLS context of a client, made once. Raises ConfigurationError where it cannot be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.context: ssl.SSLContext | None = None
        call_after_fork(self)

    def try_named(self) -> None:
        """Make the context now if the environment names authorities."""
        if any(os.environ.get(name) for name in _VARIABLES):
            self.made()

    def after_fork(self) -> None:
        """Replace the lock, which a thread of the parent may have held."""
        self._lock = threading.Lock()

    def made(self) -> ssl.SSLContext:
        """Return the context; to be called in a thread in which waiting does no harm."""
        with self._lock:
            if self.context is None:
                self.context = _context()
            return self.context


class ContextForOthers(ssl.SSLContext):
    """Stands for the context of a client whose base URL is plain http.

    It is made where TLS is spoken nevertheless, with another origin: a quarter of the time to the
    first answer on loopback.
    """

    _certificates: Certificates

    def __new__(cls, certificates: Certificates) -> Self:
        self = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        self._certificates = certificates
        return self

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        """Wrap a socket in the client's context."""
        return self._certificates.made().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Wrap a connection in the client's context."""
        return self._certificates.made().wrap_bio(*args, **kwargs)


def _context() -> ssl.SSLContext:
    problem = _problem()
    if problem is None:
        try:
            return httpx.create_ssl_context()
        except (OSError, ValueError) as error:
            named = [name for name in _VARIABLES if os.environ.get(name)] or ["default authorities"]
            problem = f"TLS cannot be set up ({', '.join(named)}): {_said(error)}"
            if file := os.environ.get("SSL_CERT_FILE"):
                reason = _problem_in_file(Path(file))
                problem = problem if reason is None else f"SSL_CERT_FILE names {file!r}, {reason}"
    raise ConfigurationError(problem)


def _problem() -> str | None:
    """Return what is wrong with what the environment names, if anything that httpx lets pass.

    httpx 0.27 ignores a file that is not there, and OpenSSL a folder with nothing in it.
    """
    if file := os.environ.get("SSLKEYLOGFILE"):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = file
        except (OSError, ValueError) as error:
            return f"SSLKEYLOGFILE names {file!r}, which cannot be written: {_said(error)}"
    if file := os.environ.get("SSL_CERT_FILE"):
        problem = None if Path(file).is_file() else _problem_in_file(Path(file))
        return None if problem is None else f"SSL_CERT_FILE names {file!r}, {problem}"
    if folders := os.environ.get("SSL_CERT_DIR"):
        problems = [_problem_of_folder(Path(folder)) for folder in folders.split(os.pathsep)]
        if None not in problems:
            return f"SSL_CERT_DIR names {folders!r}, {problems[0]}"
    return None


def _problem_in_file(path: Path) -> str | None:
    try:
        if path.is_dir():
            return "which is a folder: SSL_CERT_DIR is for those"
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except FileNotFoundError:
        return "which does not exist"
    except ssl.SSLError:
        return "in which there is no certificate (PEM)"
    except OSError as error:
        return f"which cannot be read: {_said(error)}"
    return None


def _problem_of_folder(path: Path) -> str | None:
    try:
        found = [one for one in path.iterdir() if _HASHED.fullmatch(one.name)]
    except FileNotFoundError:
        return "which does not exist"
    except NotADirectoryError:
        return "which is not a folder: SSL_CERT_FILE is for files"
    except OSError as error:
        return f"which cannot be read: {_said(error)}"
    if not found:
        return "in which no file has a name such as 5ed36f99.0: run `openssl rehash` on it"
    problems = map(_problem_in_file, found)  # read up to the first good one
    first = next(problems)
    return None if first is None or None in problems else first


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
