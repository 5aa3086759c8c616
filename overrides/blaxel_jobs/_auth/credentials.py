"""Who is calling: an API key, or something that is exchanged for access tokens.

No local variable here holds a secret while an error is raised: tracebacks are shown with their
locals.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypeGuard, runtime_checkable

import httpx

from blaxel_jobs._auth.secrets import MaskedBytes, Secret
from blaxel_jobs._errors import ConfigurationError

__all__ = [
    "ApiKey",
    "ClientCredentials",
    "Credentials",
    "KeySource",
    "RenewableSource",
    "TokenSource",
    "knows_token",
]


@runtime_checkable
class KeySource(Protocol):
    """Credentials that know the bearer token themselves, such as `ApiKey`."""

    def bearer(self) -> str | Secret:
        """Return the token to send; asked for before each attempt, so it should not block."""
        ...


@runtime_checkable
class TokenSource(Protocol):
    """Credentials that are exchanged for tokens, such as `ClientCredentials`."""

    def token_request(self, url: httpx.URL) -> httpx.Request:
        """Return the request to the token endpoint (OAuth 2.0: JSON with `access_token`)."""
        ...


@runtime_checkable
class RenewableSource(TokenSource, Protocol):
    """A TokenSource whose own secret is replaced along the way: a refresh token that rotates."""

    def renewed(self, refresh_token: Secret) -> TokenSource:
        """Return the credentials to go on with."""
        ...


Credentials: TypeAlias = KeySource | TokenSource


def knows_token(credentials: Credentials) -> TypeGuard[KeySource]:
    """Tell whether credentials are no TokenSource; `isinstance` would take 10 us in Python 3.11."""
    return not hasattr(credentials, "token_request")


@dataclass(frozen=True, init=False)
class ApiKey:
    """A long-lived API key, sent as a bearer token."""

    secret: Secret

    def __init__(self, key: str) -> None:
        problem, secret = _checked(key)
        del key
        # Before anything is raised: tools that show a traceback's locals show this object.
        object.__setattr__(self, "secret", secret)
        if problem is not None:
            raise ConfigurationError(f"the API key {problem}")

    def bearer(self) -> Secret:
        """Return the key."""
        return self.secret


@dataclass(frozen=True, init=False)
class ClientCredentials:
    """A client id and secret, exchanged at the token endpoint for tokens of about two hours."""

    client_id: str
    secret: Secret = field(repr=True)

    def __init__(self, client_id: str, client_secret: str) -> None:
        problem, secret = _checked(client_secret)
        del client_secret
        object.__setattr__(self, "client_id", client_id)
        object.__setattr__(self, "secret", secret)
        if problem is not None:
            raise ConfigurationError(f"the client secret {problem}")
        problem, _ = _checked(client_id)
        if problem is not None or ":" in client_id:
            raise ConfigurationError(f"the client id {problem or 'contains a colon'}")
        object.__setattr__(self, "client_id", client_id.strip())

    @classmethod
    def from_base64(cls, text: str) -> ClientCredentials:
        """Read base64 of `id:secret`, or `id:secret` itself, as BL_CLIENT_CREDENTIALS holds it.

        Raises ConfigurationError, without the text in it.
        """
        pair = _pair(text)
        del text
        if pair is None:
            raise ConfigurationError(
                "the client credentials are neither 'id:secret' nor base64 of it"
            )
        return cls(pair[0], pair[1].reveal())

    def token_request(self, url: httpx.URL) -> httpx.Request:
        """Return the request of an access token."""
        both = base64.b64encode(f"{self.client_id}:{self.secret.reveal()}".encode())
        headers = [(b"Authorization", MaskedBytes(b"Basic " + both))]
        return httpx.Request(
            "POST", url, headers=headers, json={"grant_type": "client_credentials"}
        )


def _checked(value: object) -> tuple[str | None, Secret]:
    """Return what is wrong with a secret, if anything, and the secret."""
    if not isinstance(value, str):
        return f"must be a string, not {type(value).__name__}", Secret("")
    value = value.strip()
    if not value:
        return "is empty", Secret("")
    if not value.isascii() or not value.isprintable() or " " in value:
        return "has characters that no header can carry", Secret("")
    return None, Secret(value)


def _pair(text: object) -> tuple[str, Secret] | None:
    if not isinstance(text, str):
        return None
    plain = text.strip()
    if ":" not in plain:
        try:
            # Padding is optional, and the alphabet either of the two.
            padded = plain.replace("-", "+").replace("_", "/") + "=" * (-len(plain) % 4)
            plain = base64.b64decode(padded, validate=True).decode()
        except (binascii.Error, ValueError):
            return None
    client_id, _, secret = plain.partition(":")
    return (client_id, Secret(secret)) if client_id and secret.strip() else None
