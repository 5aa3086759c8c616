"""What one page contributes to the contract, in a form that all kinds of pages share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from scripts.contract.operations import naming
from scripts.contract.operations.components import share
from scripts.contract.operations.operation import is_json, operation, request_sample
from scripts.facts import Fact, Node, unescape
from scripts.failure import Problem
from scripts.reading.page import DocumentPage, Page


@dataclass(frozen=True, slots=True)
class Contribution:
    """One operation, self-contained: what it refers to stands in its own `components`.

    `vendor` is true where operation and components were written by the vendor, names included (an
    `.md` page). `date` is the page's 'Last modified on' as YYYY-MM-DD. `depths` says how far below
    a body each schema that we named stands. `shared` holds the document's other members (info,
    tags ...) where the page has a document. `remarks` are the page's. `pinned` is true where the
    operation's names are those that callers know, `published` where no overlay has decided these.
    `samples` are the bodies that page text shows, by the way from the operation to their media
    type.
    """

    file: str
    method: str
    path: Fact[str]
    title: Fact[str] | None
    operation: Node
    components: dict[str, dict[str, Node]]
    servers: Node | None
    vendor: bool
    date: str | None = None
    modified: Fact[str] | None = None
    depths: dict[str, int] = field(default_factory=dict)
    shared: dict[str, Node] = field(default_factory=dict)
    remarks: tuple[Problem, ...] = ()
    pinned: bool = False
    published: bool = False
    samples: dict[tuple[str, ...], Node] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """What a person calls the operation: `DELETE /jobs/{jobId}`."""
        return f"{self.method.upper()} {self.path.value}"

    def target(self, reference: str) -> Node | None:
        """Return the component that a `$ref` leads to, if it is there."""
        key = component(reference)
        return None if key is None else self.components.get(key[0], {}).get(key[1])

    @property
    def order(self) -> tuple[bool, bool, str, str, str]:
        """Who goes first where two contributions want a name for different things.

        The vendor's own names; then operations on one item, which show a resource as such; then
        by path and method.
        """
        return (
            not self.vendor,
            not self.path.value.endswith("}"),
            self.path.value,
            self.method,
            self.file,
        )


def template(path: str) -> str:
    """Return what two paths have in common if only the names of their parameters differ."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


def references(value: Node) -> Iterator[tuple[str, str]]:
    """Yield (section, name) of each component that a tree of facts refers to."""
    waiting = [value]
    while waiting:
        inner = waiting.pop().value
        if isinstance(inner, list):
            waiting.extend(inner)
        elif isinstance(inner, dict):
            for key, member in inner.items():
                if key == "$ref" and isinstance(member.value, str):
                    if (found := component(member.value)) is not None:
                        yield found
                elif key == "mapping" and "propertyName" in inner:
                    for target in member.value.values():
                        yield component(target.value) or ("schemas", target.value)
                else:
                    waiting.append(member)


def component(reference: str) -> tuple[str, str] | None:
    """Return (section, name) of the component that a `$ref` leads to or into."""
    if not reference.startswith("#/components/"):
        return None
    section, _, rest = reference.removeprefix("#/components/").partition("/")
    return section, unescape(rest.split("/", 1)[0])


def contribution(page: Page | DocumentPage) -> Contribution:
    """Return what a page contributes.

    Raises PipelineError where the page lacks what a contract cannot do without.
    """
    return _of_document(page) if isinstance(page, DocumentPage) else _of_text(page)


def _of_text(page: Page) -> Contribution:
    schemes: dict[str, Node] = {}
    described = operation(page, schemes)
    name = _operation_id(page.title, page.method.value, page.path)
    described = Fact({"operationId": name, **described.value}, described.origin)
    local = share(described, name.value, page.path.value)
    samples, remarks = _samples(page, described)
    servers = None
    if page.base_url is not None:
        url = page.base_url
        others = [one for one in page.servers if one.value != url.value]
        listed = [Fact({"url": one}, one.origin) for one in (url, *others)]
        servers = Fact(listed, url.origin)
    return Contribution(
        file=page.file,
        method=page.method.value.lower(),
        path=page.path,
        title=page.title,
        operation=local.operation,
        components={"schemas": local.components, "securitySchemes": schemes},
        servers=servers,
        vendor=False,
        date=None if page.last_modified is None else _date(page.last_modified),
        modified=page.last_modified,
        depths=local.depths,
        remarks=(*page.remarks, *remarks),
        samples=samples,
    )


def _samples(page: Page, described: Node) -> tuple[dict[tuple[str, ...], Node], list[Problem]]:
    """Return the samples of a page, and a remark for each that cannot stand in a contract."""
    shown: dict[tuple[str, ...], Node | None] = {}
    for kind in _kinds(described.value.get("requestBody")):
        shown["requestBody", "content", kind] = request_sample(page, kind)
    for status, response in described.value["responses"].value.items():
        for kind in _kinds(response):
            shown["responses", status, "content", kind] = page.sample
    found, remarks = dict[tuple[str, ...], Node](), list[Problem]()
    for way, sample in shown.items():
        if sample is None:
            continue
        if "$ref" in _keys(sample):
            what = "the sample has a key `$ref`, which a contract would follow: it is left out"
            remarks.append(sample.origin.problem(what))
        else:
            found[way] = sample
    return found, remarks


def _kinds(body: Node | None) -> list[str]:
    """Return the media type of a body where it is JSON: others are not shown as they are sent."""
    content = None if body is None else body.value.get("content")
    return [kind for kind in content.value if is_json(kind)] if content is not None else []


def _keys(sample: Node) -> set[str]:
    found: set[str] = set()
    waiting = [sample]
    while waiting:
        value = waiting.pop().value
        if isinstance(value, dict):
            found |= value.keys()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def _operation_id(title: Fact[str] | None, method: str, path: Fact[str]) -> Fact[str]:
    """Return an operation's id by rule: its title, where that says more than `List` or `Get`."""
    if title is not None and naming.specific(title.value):
        origin = title.origin.assumed("from the page's title")
        return Fact(naming.operation_id(title.value), origin)
    note = "from the method and the path: the title alone names no operation"
    words = naming.operation_id(title.value) if title is not None else ""
    name = words if words[:1].isalpha() else method.lower()
    return Fact(name + naming.resource_list(path.value), path.origin.assumed(note))


def _date(fact: Fact[str]) -> str:
    """Return a date as the reader of page text lets it pass, such as May 27, 2026."""
    for form in ("%B %d, %Y", "%b %d, %Y"):
        with suppress(ValueError):
            return datetime.strptime(fact.value, form).date().isoformat()
    raise fact.origin.error(f"{fact.value!r} is not a date", "expected one such as May 27, 2026")


def _of_document(page: DocumentPage) -> Contribution:
    document = page.document.value
    method, path = page.method.value.lower(), page.path.value
    item = document["paths"].value.get(path) if "paths" in document else None
    if item is None or method not in item.value:
        raise page.document.origin.error(
            f"the document on this page has no operation {method.upper()} {path}",
            "the line of the fence names another operation than the document holds",
        )
    described = _with_path_level(item, item.value[method])
    value = dict(described.value)
    if "operationId" not in value:
        title = page.title if page.title is not None else value.get("summary")
        value = {"operationId": _operation_id(title, method, page.path), **value}
    if "security" not in value and "security" in document:
        value["security"] = document["security"]
    servers = value.pop("servers", None) or item.value.get("servers") or document.get("servers")
    components = {
        section: dict(members.value)
        for section, members in (
            document["components"].value.items() if "components" in document else ()
        )
        if isinstance(members.value, dict) and not section.startswith("x-")
    }
    found = Contribution(
        file=page.file,
        method=method,
        path=page.path,
        title=page.title,
        operation=Fact(value, described.origin),
        components=components,
        servers=servers,
        vendor=True,
        shared={key: document[key] for key in ("info", "tags", "externalDocs") if key in document},
        remarks=page.remarks,
    )
    _refuse_dangling(found)
    return found


def _with_path_level(item: Node, described: Node) -> Node:
    """Return an operation with what its path item says for all operations of the path."""
    value = dict(described.value)
    common = item.value.get("parameters")
    if common is not None and common.value:
        own = value.get("parameters", Fact([], common.origin))
        named = {_parameter_key(one) for one in own.value}
        inherited = [one for one in common.value if _parameter_key(one) not in named]
        value["parameters"] = Fact([*inherited, *own.value], own.origin)
    for key in ("summary", "description"):
        if key in item.value and key not in value:
            value[key] = item.value[key]
    return Fact(value, described.origin)


def _parameter_key(one: Node) -> tuple[str, ...]:
    if "$ref" in one.value:
        return (one.value["$ref"].value,)
    return tuple(one.value[key].value for key in ("name", "in") if key in one.value)


def _refuse_dangling(found: Contribution) -> None:
    """Refuse a reference to what the page's document does not hold."""
    parts = [found.operation]
    parts += [one for members in found.components.values() for one in members.values()]
    for part in parts:
        for section, name in references(part):
            if name not in found.components.get(section, {}):
                raise part.origin.error(
                    f"the document refers to {section}/{name}, which it does not hold",
                    "the page is damaged, or was cut: capture it again",
                )
