"""Who is calling: an API key, or something that is exchanged for access tokens.

No local variable here holds a secret while an error is raised: tracebacks are shown with their
locals.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeGuard, runtime_checkable
from urllib.parse import parse_qsl

from blaxel_jobs._auth.secrets import MaskedBytes, Secret
from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._http.mixture import name_of, remedy_for

__all__ = [
    "ApiKey",
    "ClientCredentials",
    "Credentials",
    "KeySource",
    "RenewableSource",
    "TokenSource",
    "bearer_of",
    "knows_token",
    "problem_of_credentials",
    "request_of",
    "secrets_in",
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


def problem_of_credentials(given: object) -> str | None:
    """Return what is wrong with what was passed in as credentials, if anything.

    Not raised here: it may be the key itself, and tools show a traceback's locals.
    """
    if given is None:
        return None
    if isinstance(given, KeySource | TokenSource) and not isinstance(given, type):
        return None
    return (
        "credentials must be ApiKey(...), ClientCredentials(...) or an object with bearer() or "
        f"token_request(url), not {name_of(given)}{remedy_for(given)}"
    )


def knows_token(credentials: Credentials) -> TypeGuard[KeySource]:
    """Return whether credentials are no TokenSource; isinstance() is slow.

    It adds 22 % to a call in process, 13 % in Python 3.13.
    """
    return not hasattr(credentials, "token_request")


def bearer_of(credentials: KeySource) -> Secret:
    """Return the bearer to send, without the white space around it.

    Raises ConfigurationError, without the bearer in it, where no header can carry it.
    """
    problem, bearer = _given(credentials)
    if problem is None:
        return bearer
    raise ConfigurationError(f"bearer() of the credentials {problem}, so nothing could be sent")


def _given(credentials: KeySource) -> tuple[str | None, Secret]:
    try:
        given = credentials.bearer()
    except (UnicodeError, ValueError, TypeError) as error:  # may quote what they could not read
        return f"raised {type(error).__name__}", Secret("")
    problem, secret = _checked(given.reveal() if isinstance(given, Secret) else given)
    return (None, secret) if problem is None else (f"gave a token that {problem}", Secret(""))


def request_of(credentials: TokenSource, url: httpx.URL) -> httpx.Request:
    """Return the request of a token, its header values masked.

    Raises ConfigurationError, without anything of the request in it, where it cannot be sent.
    """
    problem, request = _asked(credentials, url)
    if request is not None:
        return request
    problem = f"token_request() of the credentials {problem}"
    raise ConfigurationError(f"nothing was sent, since {problem}")


def _asked(credentials: TokenSource, url: httpx.URL) -> tuple[str, httpx.Request | None]:
    try:
        request = credentials.token_request(url)
        if not isinstance(request, httpx.Request):
            remedy = remedy_for(request)
            return f"gave {name_of(request)}, not {httpx.__name__}.Request{remedy}", None
        if request.url.userinfo:
            return "has a user or password in its URL: they belong into a header", None
        if named := [name for name in request.url.params if _NAMES_SECRET.search(name)]:
            return f"has {named[0]!r} in its URL, which is logged: it belongs into the body", None
        body = MaskedBytes(request.read())
        headers = []
        for name, value in request.headers.raw:
            value = value.strip()
            if not all(32 <= byte < 127 for byte in value):
                return f"has a header {name.decode()!r} that cannot be sent", None
            headers.append((name, MaskedBytes(value)))
        masked = httpx.Request(
            request.method,
            request.url,
            headers=headers,
            stream=httpx.ByteStream(body),
            extensions=request.extensions,
        )
        masked._content = body  # content=body would make plain bytes of it
    except (UnicodeError, ValueError, TypeError, AssertionError, httpx.InvalidURL) as error:
        return f"raised {type(error).__name__}", None
    return "", masked


_NO_SECRETS = frozenset({"grant_type", "scope", "audience", "resource", "client_id"})
"""Parameters of a token request that are no secrets (RFC 6749)."""
_NAMES_SECRET = re.compile("secret|password|token$|key|assertion|code$", re.IGNORECASE)
_NO_SECRET_HEADERS = frozenset({"host", "content-type", "content-length", "accept", "user-agent"})
_SHORTEST = 4
"""Characters; what is shorter is no secret, and stands in many a word."""


def secrets_in(request: httpx.Request) -> tuple[Secret, ...]:
    """Return the secrets of a token request, which its receiver may repeat."""
    found = []
    for name, value in request.headers.items():
        if name not in _NO_SECRET_HEADERS:
            found += [value, value.partition(" ")[2]]
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        pair = _pair(credential)
        found.append(pair[1].reveal() if pair else "")
    try:
        body = json.loads(request.content)
    except (ValueError, RecursionError):
        body = dict(parse_qsl(request.content.decode("latin-1")))
    found += [*_strings_in(body), *_strings_in(dict(request.url.params))]
    return tuple(Secret(one) for one in found if len(one) >= _SHORTEST)


def _strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            if name not in _NO_SECRETS:
                yield from _strings_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings_in(one)


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
    secret: Secret

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
