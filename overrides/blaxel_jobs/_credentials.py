"""Who is calling: an API key, or client credentials that are exchanged for access tokens."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._secret import Secret

__all__ = ["ApiKey", "ClientCredentials", "Credentials", "find_identity"]

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


def find_identity(
    credentials: Credentials | None,
    workspace: str | None,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Credentials, str | None]:
    """Return the credentials to use, and the workspace to name, if any.

    What is passed in wins over the environment, the environment over the vendor CLI's file. The
    file is only looked at for credentials; then its workspace is named too, since they belong
    together. Raises ConfigurationError where there are none, naming what was looked for.
    """
    workspace = workspace or environ.get("BL_WORKSPACE") or None
    if credentials is not None:
        return credentials, workspace
    if key := environ.get("BL_API_KEY"):
        return ApiKey(key), workspace
    if both := environ.get("BL_CLIENT_CREDENTIALS"):
        return ClientCredentials.from_base64(both), workspace
    return _from_file(workspace)


def _from_file(workspace: str | None) -> tuple[Credentials, str]:
    """Return credentials and name of the workspace that is asked for, else of the one in use."""
    path = CONFIG_FILE.expanduser()
    missing = "pass credentials=, or set BL_API_KEY or BL_CLIENT_CREDENTIALS"
    if not path.is_file():
        raise ConfigurationError(f"no credentials: {missing} ({CONFIG_FILE} is not there either)")
    try:
        import yaml
    except ImportError:
        raise ConfigurationError(
            f"{CONFIG_FILE} is there, but reading it needs the extra: "
            "pip install 'blaxel-jobs[config]'"
        ) from None
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        name = str(workspace or config["context"]["workspace"])
        entries = [entry for entry in config["workspaces"] if entry["name"] == name]
        found = dict(entries[0]["credentials"]) if entries else {}
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        raise ConfigurationError(f"{CONFIG_FILE} is not what the vendor's CLI writes") from None
    if key := found.get("apiKey"):
        return ApiKey(key), name
    if both := found.get("client_credentials") or found.get("clientCredentials"):
        return ClientCredentials.from_base64(str(both)), name
    raise ConfigurationError(
        f"no credentials: {missing} ({CONFIG_FILE} has neither an API key nor client credentials "
        f"for the workspace {name!r})"
    )
