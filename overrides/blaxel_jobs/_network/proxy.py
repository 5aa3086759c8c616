"""The proxy that the environment names for the base URL, if any.

No message here holds a proxy's URL: it may have a password in it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from importlib.util import find_spec
from urllib.request import getproxies, proxy_bypass

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx

__all__ = ["is_loopback", "problem_of_place", "proxy_for"]

_SOCKS = ("socks5", "socks5h")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_ENTRY = re.compile(r"(\[[^\]]+\]|[^:]+)(?::([0-9]+))?")


def proxy_for(base_url: httpx.URL) -> httpx.Proxy | None:
    """Return the proxy for this URL; HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY count.

    None for this machine itself: what is meant for it, a key in clear text even, is not for others.
    Raises ConfigurationError for one that httpx cannot speak to.
    """
    if is_loopback(base_url.host):
        return None
    proxies = getproxies()
    scheme = base_url.scheme if proxies.get(base_url.scheme) else "all"
    if not proxies.get(scheme) or _is_excepted(base_url, proxies.get("no", "")):
        return None
    made, problem = _made(proxies[scheme].strip())
    del proxies
    if problem is not None:
        raise ConfigurationError(f"the proxy that {_source(scheme)} names {problem}")
    return made


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


def problem_of_place(url: httpx.URL) -> str | None:
    """Return what is wrong with host or port of a URL, if anything: httpx takes almost any."""
    try:
        _ = url.host  # read as Unicode, which `xn--` and something may not be
    except UnicodeError:
        return "has a host in which xn-- is followed by no name"
    host = url.raw_host.decode("ascii", "replace").removesuffix(".")
    if not host:
        return "has no host"
    if ":" not in host and (len(host) > 253 or not all(map(_LABEL.fullmatch, host.split(".")))):
        return "has an invalid host name: a part of it is empty, too long, or has other characters"
    if url.port is not None and not 0 < url.port < 65536:
        return f"has the port {url.port}, which is not from 1 to 65535"
    return None


def _made(proxy: str) -> tuple[httpx.Proxy | None, str | None]:
    """Return the proxy, or what is wrong with it."""
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    scheme = proxy.partition("://")[0].lower()
    if scheme not in ("http", "https", *_SOCKS):
        return None, f"has the scheme {scheme!r}: expected http, https, socks5 or socks5h"
    if scheme in _SOCKS and find_spec("socksio") is None:
        return None, f"has the scheme {scheme!r}, which needs a package: pip install 'httpx[socks]'"
    try:
        url = httpx.URL(proxy)
        problem = problem_of_place(url)
        return (None, problem) if problem else (httpx.Proxy(url), None)
    except (httpx.InvalidURL, ValueError):
        return None, "is not a URL such as http://user:password@proxy.example.com:3128"


def _source(scheme: str) -> str:
    """Return the variable that names the proxy of a scheme."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY")  # the first one wins, as in urllib
    return next((name for name in names if os.environ.get(name)), "this system")


def _is_excepted(url: httpx.URL, no_proxy: str) -> bool:
    """Return whether NO_PROXY, or the system, excepts a URL from proxies.

    urllib knows `*`, hosts and the ends of hosts; `host:port`, `*.host`, networks such as
    10.0.0.0/8 and IPv6 in brackets are understood here.
    """
    host = url.host.lower()
    port = str(url.port or (443 if url.scheme == "https" else 80))
    for entry in re.split(r"[,\s]+", no_proxy.lower()):
        found = _ENTRY.fullmatch(entry)
        name, only = (found[1], found[2]) if found else (entry, None)  # IPv6 has more colons
        if only in (None, port) and _covers(name.strip("[]"), host):
            return True
    return bool(proxy_bypass(url.host))


def _covers(name: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False)
    except ValueError:
        bare = name.removeprefix("*").removeprefix(".")
        return name == "*" or (bool(bare) and (host == bare or host.endswith(f".{bare}")))
