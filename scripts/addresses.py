"""Which addresses the pipeline may ask: nobody on the way may read or change what is said."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def fault_of(url: str) -> str | None:
    """Return what is wrong with a URL, as the end of a sentence; None where it may be asked.

    Plain http is allowed to this machine alone.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a valid URL"
    if "@" in parts.netloc:
        return "holds a user or password"
    if not host or parts.scheme not in ("http", "https"):
        return "does not begin with https:// and a host"
    if parts.scheme == "http" and not _is_loopback(host):
        return "is plain http, which anybody on the way can read and change"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
