"""The transport to the base URL: direct, or by the proxy that the environment names."""

from __future__ import annotations

from urllib.request import getproxies, proxy_bypass

import httpx

from blaxel_jobs._pool import AsyncPool

__all__ = ["default_async_transport", "default_transport"]


def default_transport(base_url: httpx.URL) -> httpx.BaseTransport:
    """Return the transport of sync code; certificates as SSL_CERT_FILE says, else certifi's."""
    return httpx.HTTPTransport(proxy=_proxy(base_url))


def default_async_transport(base_url: httpx.URL) -> httpx.AsyncBaseTransport:
    """Return the transport of async code, for one event loop."""
    proxy = _proxy(base_url)
    trusted = httpx.create_ssl_context()  # 20 ms: once, not for each connection
    return AsyncPool(lambda: httpx.AsyncHTTPTransport(verify=trusted, proxy=proxy))


def _proxy(base_url: httpx.URL) -> str | None:
    """Return the proxy for this URL; HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY count."""
    proxies = getproxies()
    proxy = proxies.get(base_url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(base_url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
