"""What one documentation page says: plain data, every value a fact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scripts.facts import Fact, Node
from scripts.failure import Problem


class Use(StrEnum):
    """What a line of a page was accounted for as."""

    BLANK = "blank"
    FURNITURE = "page furniture"
    HEADING = "section heading"
    STATED = "stated fact"
    REQUEST_SAMPLE = "request sample"
    RESPONSE_SAMPLE = "response sample"


@dataclass(frozen=True, slots=True)
class Type:
    """One alternative of a type line: `Title · base<format>[][]`."""

    base: str
    """A name of JSON Schema's types, or any, file, enum."""
    of: str = "string"
    """The type of an enum's values."""
    format: str | None = None
    title: str | None = None
    depth: int = 0
    """How many times it is an array."""


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a section's list: a parameter, a credential or a property.

    `keywords` maps JSON Schema keywords (default, enum, minimum, pattern, examples ...) to facts;
    `location` is header, query, path or cookie where the page prints it. `branches` are the
    alternatives of a union that are shown as tabs, the first of which is the field's own type.
    `children` are the fields within, where the page unfolds them, by their own names: `{key}` is
    any key of a map, an empty name the items of a list.
    """

    name: Fact[str]
    types: Fact[tuple[Type, ...]]
    description: Fact[str] | None
    keywords: dict[str, Node]
    required: Fact[bool] | None = None
    location: Fact[str] | None = None
    branches: tuple[Fact[Type], ...] = ()
    children: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The request body's section; `branches` as in a field, of the body as a whole.

    `types` is the type of the whole, where the page prints it behind the content type.
    """

    content_type: Fact[str] | None
    description: Fact[str] | None
    fields: tuple[Field, ...]
    branches: tuple[Fact[Type], ...] = ()
    types: Fact[tuple[Type, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """The response's section; status and content type only where the page prints them."""

    status: Fact[str] | None
    content_type: Fact[str] | None
    description: Fact[str] | None
    schema_description: Fact[str] | None
    fields: tuple[Field, ...]
    branches: tuple[Fact[Type], ...] = ()
    types: Fact[tuple[Type, ...]] | None = None


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """The request as the page's curl command shows it; header values and data are as printed.

    `form` holds what `--form` and `--data-urlencode` send, as (name, value) in their order. Several
    `--data` are one, joined by `&`, as curl does.
    """

    method: Fact[str]
    url: Fact[str]
    headers: dict[str, Fact[str]]
    data: Fact[str] | None
    form: tuple[tuple[str, Fact[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of page text: one operation.

    `base_url` is the curl URL less the path, else the first of the `servers` that the page lists
    behind the method. `uses` holds one entry for each line of the file. `remarks` are what a person
    should look at: parts that were damaged and left out, signs that the page was cut.
    """

    file: str
    method: Fact[str]
    path: Fact[str]
    title: Fact[str] | None
    description: Fact[str] | None
    base_url: Fact[str] | None
    request: CodeRequest | None
    sample: Fact[Any] | None
    authorizations: tuple[Field, ...]
    parameters: tuple[Field, ...]
    body: Body | None
    response: Response | None
    last_modified: Fact[str] | None
    uses: tuple[Use, ...]
    remarks: tuple[Problem, ...] = ()
    servers: tuple[Fact[str], ...] = ()
    deprecated: Fact[bool] | None = None


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A page that carries its operation as an OpenAPI document: an `.md` page.

    `document` is OpenAPI 3.1, pruned to the operation, with the page's lines as origins; its
    component names are the vendor's. `uses` holds one entry for each line of the file. `remarks`
    are what a person should look at.
    """

    file: str
    method: Fact[str]
    path: Fact[str]
    title: Fact[str] | None
    description: Fact[str] | None
    document: Node
    uses: tuple[Use, ...]
    remarks: tuple[Problem, ...] = ()
