"""The authorities that the pipeline trusts: of SSL_CERT_FILE or SSL_CERT_DIR, or the system's."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import certifi

from scripts.failure import PipelineError

ADVICE = (
    "if your company signs certificates itself, SSL_CERT_FILE names the file of its authorities"
)

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, macOS
)


def authorities() -> Path:
    """Return the file or folder with the authorities' certificates, as PEM.

    certifi's where the system has none. Raises PipelineError where a variable names nothing.
    """
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if named := os.environ.get(variable):
            for path in map(Path, named.split(os.pathsep)):
                if path.exists():
                    return path
            hint = "unset it, or name the authorities that you trust, as PEM"
            raise PipelineError(f"{variable} names what is not there", file=named, hint=hint)
    system = ssl.get_default_verify_paths()
    for place in filter(None, (system.cafile, *_BUNDLES, system.capath)):
        if _has_content(Path(place)):
            return Path(place)
    return Path(certifi.where())


def _has_content(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.is_file() and path.stat().st_size > 0


def tls_context() -> ssl.SSLContext:
    """Return a context that trusts the authorities. Raises PipelineError where it has none."""
    path = authorities()
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=str(path))
        return ssl.create_default_context(cafile=str(path))
    except OSError as error:
        what = f"holds no certificates that can be read: {error.strerror or error}"
        raise PipelineError(what, file=str(path), hint=ADVICE) from None


def refusal(error: BaseException) -> str | None:
    """Return why a server's certificate was refused, None where that was not what happened."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"its certificate is refused: {seen.verify_message or seen.reason}"
        seen = seen.__cause__ or seen.__context__
    return None
