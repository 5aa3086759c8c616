"""Credentials from the file that the vendor's command line writes; read, never written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from blaxel_jobs._auth.credentials import ApiKey, ClientCredentials, Credentials
from blaxel_jobs._auth.secrets import Secret
from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx

__all__ = ["CONFIG_FILE", "CommandLineLogin", "read_config_file"]

CONFIG_FILE = Path("~/.blaxel/config.yaml")
_MISSING = "no credentials: pass credentials=, or set BL_API_KEY or BL_CLIENT_CREDENTIALS"


@dataclass(frozen=True)
class CommandLineLogin:
    """A login of the vendor's command line, from which tokens are fetched by its refresh token.

    A new refresh token that comes with an access token is kept in memory alone: the file is
    another program's.
    """

    secret: Secret
    device_code: Secret

    def renewed(self, refresh_token: Secret) -> CommandLineLogin:
        """Return the login after its refresh token was replaced."""
        return replace(self, secret=refresh_token)

    def token_request(self, url: httpx.URL) -> httpx.Request:
        """Return the request of an access token."""
        body = {
            "grant_type": "refresh_token",
            "refresh_token": self.secret.reveal(),
            "device_code": self.device_code.reveal(),
            "client_id": "blaxel",
        }
        return httpx.Request("POST", url, json=body)


def read_config_file(workspace: str | None) -> tuple[Credentials, str]:
    """Return credentials and name of the workspace that is asked for, else of the one in use.

    Raises ConfigurationError.
    """
    problem, found, name = _read(workspace)
    if found is None:
        raise ConfigurationError(problem)
    return found, name


def _read(workspace: str | None) -> tuple[str, Credentials | None, str]:
    """Return what is wrong, or credentials and workspace; the file's secrets stay in here."""
    try:
        path = CONFIG_FILE.expanduser()
        if not path.is_file():
            return f"{_MISSING} ({CONFIG_FILE} is not there either)", None, ""
    except RuntimeError:
        return f"{_MISSING} (and there is no HOME in which {CONFIG_FILE} could be)", None, ""
    except OSError as error:  # HOME may be another user's
        return f"{_MISSING} ({CONFIG_FILE} cannot be looked at: {error.strerror})", None, ""
    try:
        import yaml  # type: ignore[import-untyped, unused-ignore]  # a copy may be without stubs
    except ImportError:
        needed = "reading it needs the extra: pip install 'blaxel-jobs[config]'"
        return f"{CONFIG_FILE} is there, but {needed}", None, ""
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        name = str(workspace or config["context"]["workspace"])
        entries = [entry for entry in config["workspaces"] if entry["name"] == name]
        if len(entries) > 1:
            return f"{CONFIG_FILE} has the workspace {name!r} more than once", None, name
        found = _credentials(dict(entries[0]["credentials"] or {})) if entries else None
    except OSError as error:
        return f"{CONFIG_FILE} cannot be read: {error.strerror}", None, ""
    except (ValueError, LookupError, TypeError, RecursionError, ConfigurationError, yaml.YAMLError):
        return f"{CONFIG_FILE} is not what the vendor's CLI writes", None, ""
    return f"{_MISSING} ({CONFIG_FILE} has none for the workspace {name!r})", found, name


def _credentials(entry: dict[str, Any]) -> Credentials | None:
    if key := entry.get("apiKey"):
        return ApiKey(key)
    if both := entry.get("client_credentials") or entry.get("clientCredentials"):
        return ClientCredentials.from_base64(both)
    if refresh := entry.get("refresh_token"):
        return CommandLineLogin(Secret(str(refresh)), Secret(str(entry.get("device_code") or "")))
    if access := entry.get("access_token"):
        return ApiKey(access)
    return None
