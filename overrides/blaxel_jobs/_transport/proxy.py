"""The transport to the base URL: direct, or by the proxy that the environment names."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.request import getproxies, proxy_bypass

import httpx

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._transport.pool import AsyncPool

__all__ = ["default_async_transport", "default_transport"]

_SOCKS = ("socks5", "socks5h")


def default_transport(base_url: httpx.URL) -> httpx.BaseTransport:
    """Return the transport of sync code; certificates as SSL_CERT_FILE says, else certifi's."""
    return httpx.HTTPTransport(proxy=_proxy(base_url))


def default_async_transport(base_url: httpx.URL) -> httpx.AsyncBaseTransport:
    """Return the transport of async code, for one event loop."""
    proxy = _proxy(base_url)
    trusted = httpx.create_ssl_context()  # 20 ms: once, not for each connection
    return AsyncPool(lambda: httpx.AsyncHTTPTransport(verify=trusted, proxy=proxy))


def _proxy(base_url: httpx.URL) -> str | None:
    """Return the proxy for this URL; HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY count.

    Raises ConfigurationError for one that httpx cannot speak to.
    """
    proxies = getproxies()
    proxy = proxies.get(base_url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(base_url.host):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if problem := _problem(proxy.partition("://")[0].lower()):
        del proxy, proxies  # they may hold a password
        raise ConfigurationError(f"the proxy that the environment names {problem}")
    return proxy


def _problem(scheme: str) -> str | None:
    if scheme not in ("http", "https", *_SOCKS):
        return f"has the scheme {scheme!r}: expected http, https, socks5 or socks5h"
    if scheme in _SOCKS and find_spec("socksio") is None:
        return f"has the scheme {scheme!r}, which needs a package: pip install 'httpx[socks]'"
    return None
