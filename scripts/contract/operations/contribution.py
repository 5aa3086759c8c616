"""What one page contributes to the contract, in a form that all kinds of pages share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from scripts.contract.operations import naming
from scripts.contract.operations.components import share
from scripts.contract.operations.operation import is_json, operation, request_sample
from scripts.facts import Fact, Kind, Node, Origin, tree, unescape
from scripts.failure import PipelineError, Problem
from scripts.reading.page import DocumentPage, Page

__all__ = ["Contribution", "component", "contribution", "references", "template"]


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
            remarks.append(Problem(what, page.file, sample.origin.line))
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
        note = "from the page's title"
        name = naming.operation_id(title.value)
        line = title.origin.line
    else:
        note = "from the method and the path: the title alone names no operation"
        words = naming.operation_id(title.value) if title is not None else ""
        name = words if words[:1].isalpha() else method.lower()
        name += naming.resource_list(path.value)
        line = path.origin.line
    return Fact(name, Origin(Kind.ASSUMED, path.origin.file, line, note))


def _date(fact: Fact[str]) -> str:
    for form in ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(fact.value, form).date().isoformat()
        except ValueError:
            continue
    # strptime knows the names of English months only, whatever the locale of a page.
    if found := re.fullmatch(r"(\d{4})年\s*(\d{1,2})月\s*(\d{1,2})日", fact.value):
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"
    if (found := re.fullmatch(r"(\d{1,2})(?:er)? (\w+)\.? (\d{4})", fact.value)) and (
        month := _MONTHS.get(found[2].lower())
    ):
        return f"{found[3]}-{month:02d}-{int(found[1]):02d}"
    raise PipelineError(
        f"{fact.value!r} is not a date",
        file=fact.origin.file,
        line=fact.origin.line,
        hint="expected a date such as May 27, 2026",
    ) from None


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv"),
            ("février", "févr"),
            ("mars",),
            ("avril", "avr"),
            ("mai",),
            ("juin",),
            ("juillet", "juil"),
            ("août",),
            ("septembre", "sept"),
            ("octobre", "oct"),
            ("novembre", "nov"),
            ("décembre", "déc"),
        ),
        start=1,
    )
    for name in names
}


def _of_document(page: DocumentPage) -> Contribution:
    document = page.document.value
    method, path = page.method.value.lower(), page.path.value
    item = document["paths"].value.get(path) if "paths" in document else None
    if item is None or method not in item.value:
        raise PipelineError(
            f"the document on this page has no operation {method.upper()} {path}",
            file=page.file,
            line=page.document.origin.line,
            hint="the line of the fence names another operation than the document holds",
        )
    described = _with_path_level(item, item.value[method])
    value = dict(described.value)
    unlisted = _unlisted(page, value, document)
    if unlisted:
        listed = value.get("parameters", Fact([], page.path.origin))
        value["parameters"] = Fact([*listed.value, *unlisted], listed.origin)
    if "operationId" not in value:
        title = page.title if page.title is not None else value.get("summary")
        value = {"operationId": _operation_id(title, method, page.path), **value}
    if "responses" not in value:
        origin = Origin(
            Kind.ASSUMED, page.file, described.origin.line, "OpenAPI: responses are required"
        )
        value["responses"] = tree({"default": {"description": ""}}, origin)
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


def _unlisted(page: DocumentPage, value: dict[str, Node], document: dict[str, Node]) -> list[Node]:
    """Return the parameters that stand in the path, but are not listed."""
    listed = set()
    for one in value["parameters"].value if "parameters" in value else ():
        found = one
        if "$ref" in one.value and "components" in document:
            key = component(str(one.value["$ref"].value)) or ("", "")
            section = document["components"].value.get(key[0])
            found = section.value.get(key[1], one) if section is not None else one
        if "name" in found.value and "in" in found.value and found.value["in"].value == "path":
            listed.add(found.value["name"].value)
    note = "it stands in the path, but no list has it"
    origin = Origin(Kind.ASSUMED, page.file, page.path.origin.line, note)
    return [
        tree({"name": name, "in": "path", "required": True, "schema": {"type": "string"}}, origin)
        for name in dict.fromkeys(re.findall(r"\{([^{}]+)\}", page.path.value))
        if name not in listed
    ]


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
                raise PipelineError(
                    f"the document refers to {section}/{name}, which it does not hold",
                    file=found.file,
                    line=part.origin.line,
                    hint="the page is damaged, or was cut: capture it again",
                )
