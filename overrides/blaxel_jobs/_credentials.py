"""Who is calling: an API key, or client credentials that are exchanged for access tokens."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._secret import Secret

__all__ = ["ApiKey", "ClientCredentials", "Credentials", "find_credentials", "find_workspace"]

CONFIG_FILE = Path("~/.blaxel/config.yaml")


@dataclass(frozen=True, init=False)
class ApiKey:
    """A long-lived API key, sent as a bearer token."""

    secret: Secret

    def __init__(self, key: str) -> None:
        object.__setattr__(self, "secret", _usable(key, "the API key"))


@dataclass(frozen=True, init=False)
class ClientCredentials:
    """A client id and secret, exchanged at the token endpoint for tokens of about two hours."""

    client_id: str
    secret: Secret = field(repr=True)

    def __init__(self, client_id: str, client_secret: str) -> None:
        _usable(client_id, "the client id")
        object.__setattr__(self, "client_id", client_id)
        object.__setattr__(self, "secret", _usable(client_secret, "the client secret"))

    @classmethod
    def from_base64(cls, text: str) -> ClientCredentials:
        """Read base64 of `id:secret`, or `id:secret` itself, as BL_CLIENT_CREDENTIALS holds it.

        Raises ConfigurationError, without the text in it.
        """
        plain = text.strip()
        if ":" not in plain:
            try:
                plain = base64.b64decode(plain, validate=True).decode()
            except (binascii.Error, ValueError):
                plain = ""
        client_id, colon, secret = plain.partition(":")
        if not (client_id and colon and secret):
            raise ConfigurationError(
                "the client credentials are neither 'id:secret' nor base64 of it"
            ) from None
        return cls(client_id, secret)


Credentials = ApiKey | ClientCredentials


def _usable(value: object, what: str) -> Secret:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{what} is empty")
    if not value.isascii() or not value.isprintable():
        raise ConfigurationError(f"{what} has characters that no header can carry")
    return Secret(value.strip())


def find_credentials(environ: Mapping[str, str] = os.environ) -> Credentials:
    """Return the credentials of the environment, else those of the vendor CLI's file.

    Raises ConfigurationError where there are none, naming what was looked for.
    """
    if key := environ.get("BL_API_KEY"):
        return ApiKey(key)
    if both := environ.get("BL_CLIENT_CREDENTIALS"):
        return ClientCredentials.from_base64(both)
    found = _workspace_entry(environ).get("credentials") or {}
    if key := found.get("apiKey"):
        return ApiKey(key)
    if both := found.get("client_credentials") or found.get("clientCredentials"):
        return ClientCredentials.from_base64(both)
    raise ConfigurationError(
        "no credentials: pass credentials=, or set BL_API_KEY or BL_CLIENT_CREDENTIALS "
        f"({CONFIG_FILE} has none either)"
    )


def find_workspace(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the workspace that the environment names, if it does."""
    return environ.get("BL_WORKSPACE") or None


def _workspace_entry(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the entry of the workspace in use, {} where the file is missing."""
    path = CONFIG_FILE.expanduser()
    if not path.is_file():
        return {}
    try:
        import yaml
    except ImportError:
        raise ConfigurationError(
            f"{CONFIG_FILE} is there, but reading it needs the extra: "
            "pip install 'blaxel-jobs[config]'"
        ) from None
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        wanted = environ.get("BL_WORKSPACE") or config["context"]["workspace"]
        entries = [entry for entry in config["workspaces"] if entry["name"] == wanted]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        raise ConfigurationError(f"{CONFIG_FILE} is not what the vendor's CLI writes") from None
    return entries[0] if entries else {}
