"""Changes to the client that openapi-python-client writes: a few lines of text.

Where the generator no longer writes a line that is to be changed, that is an error: no change is
ever left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from scripts.failure import PipelineError

Values: TypeAlias = Mapping[str, list[Any]]
"""From a property's name to the values that it has in objects of a class."""

_CLIENT = [
    ("import ssl\n", "import ssl\nfrom collections.abc import Callable\n", 1),
    ("from typing import Any, Self\n", "from typing import Any, Self, TypeVar\n", 1),
    ("@define\nclass Client:", 'Built = TypeVar("Built")\n\n\n@define\nclass Client:', 1),
    (
        "    def with_headers(",
        '''\
    def decoded(self, build: Callable[..., Built], response: httpx.Response) -> Built:
        """Return what an operation builds of its response; a subclass may hold it to its types"""
        return build(client=self, response=response)

    def with_headers(''',
        2,
    ),
]
_OPERATION = [
    (
        "return _build_response(client=client, response=response)",
        "return client.decoded(_build_response, response)",
        2,
    )
]
"""Each change as (old, new, number of places)."""


_SHOWN = "from attrs import define as _attrs_define\nfrom ..types import shown as _shown"
_TYPES = [
    (
        "class Unset:\n",
        '''\
def shown(self: Any) -> str:
    """Return the repr of a model: the members that it has, without those that are unset"""
    members = {one.name: getattr(self, one.name) for one in fields(type(self))}
    if not members.get("additional_properties", True):
        del members["additional_properties"]
    texts = [f"{name}={value!r}" for name, value in members.items() if value is not UNSET]
    return f"{type(self).__name__}({', '.join(texts)})"


class Unset:
    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"  # a copy is the same object, and pickles name it

''',
        1,
    ),
    ("from attrs import define", "from attrs import define, fields", 1),
    ("from typing import ", "from typing import Any, ", 1),
    ("__all__ = [", '__all__ = ["shown", ', 1),
]
_MODEL = [
    ("from attrs import define as _attrs_define", _SHOWN, 1),
    ("    def to_dict(self)", "    __repr__ = _shown\n\n    def to_dict(self)", 1),
]
_STYLES = [
    (
        "@define\nclass File:",
        '''\
def joined(values: Any, delimiter: str) -> Any:
    """Return a list as one text for a server that splits it, None where it is empty; else as is"""
    if not isinstance(values, list):
        return values
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
    return delimiter.join(texts) if texts else None


@define
class File:''',
        1,
    ),
    ("__all__ = [", '__all__ = ["joined", ', 1),
]
_JOINED = ("from ...types import Response, ", "from ...types import joined, Response, ", 1)


def adapted(
    files: Mapping[str, str],
    variants: Mapping[str, Values],
    styles: Mapping[str, list[tuple[str, str]]],
    other_names: Mapping[str, tuple[str, str]],
) -> dict[str, str]:
    """Return a client's files with six things changed.

    Each operation has its response decoded by the client, so that a client of another class can
    hold every answer to its types. An alternative of a union is tried only for objects that have
    the values of `variants`, which are known for each class. And parameters go out in their own
    style, by the edits of `styles` for each operation's file. And `other_names`, each with the
    module and the class that it stands for, can be imported as the models can. And the repr of a
    model leaves out what is unset, of which there is one, in copies too. And what only
    appeases type checkers and linters with other settings is gone. Raises `PipelineError` where a
    file is not as the pinned generator writes it.
    """
    changed = dict(files)
    for name in files:
        if name == "client.py":
            changed[name] = _edited(name, files[name], _CLIENT)
        elif name == "types.py":
            changed[name] = _edited(name, files[name], [*_TYPES, *(_STYLES if styles else [])])
        elif name == "models/__init__.py" and other_names:
            changed[name] = _edited(name, files[name], _of_models(other_names))
        elif name.startswith("models/") and "@_attrs_define\n" in files[name]:
            changed[name] = _edited(name, files[name], _MODEL)
        elif name.startswith("api/") and not name.endswith("__init__.py"):
            edits = [(old, new, 1) for old, new in styles.get(name, ())]
            edits += [_JOINED] if edits else []
            changed[name] = _edited(name, files[name], [*_OPERATION, *edits])
        # mypy finds the cast redundant after the test that comes before it.
        changed[name] = changed[name].replace(" = cast(list[Any], data)", " = data")
        # The generator imports within functions, against a rule of its own linter. Linters that
        # do not have the rule on report the comment as unused.
        changed[name] = changed[name].replace(" # noqa: PLC0415", "")
        changed[name] = _with_variants(changed[name], variants)
    return changed


def _of_models(other_names: Mapping[str, tuple[str, str]]) -> list[tuple[str, str, int]]:
    imports = (
        f"from .{module} import {of} as {other}\n" for other, (module, of) in other_names.items()
    )
    exported = "".join(f'"{other}", ' for other in other_names)
    return [("__all__ = (", f"{''.join(imports)}\n__all__ = ({exported}", 1)]


def _edited(name: str, text: str, edits: list[tuple[str, str, int]]) -> str:
    for old, new, count in edits:
        if text.count(old) != count:
            what = f"openapi-python-client writes {name} in another way: {old.strip()!r}"
            hint = "adapt scripts/generation/generators/adaptation.py to its output"
            raise PipelineError(what, hint=hint)
        text = text.replace(old, new)
    return text


_UNION = re.compile(r"(?=\bdef _parse_\w+\(data: object\))")
_ALTERNATIVE = re.compile(
    r"if not isinstance\(data, dict\):"
    r"(?P<rest>\n +raise TypeError\(\)\n +\w+ = (?P<name>\w+)\.from_dict\()"
)


def _with_variants(text: str, variants: Mapping[str, Values]) -> str:
    head, *unions = _UNION.split(text)
    return head + "".join(
        _ALTERNATIVE.sub(lambda found: _guarded(found, variants), union)
        if len(_ALTERNATIVE.findall(union)) > 1
        else union
        for union in unions
    )


def _guarded(found: re.Match[str], variants: Mapping[str, Values]) -> str:
    tests = [
        f"data.get({name!r}, {values[0]!r}) not in {tuple(values)!r}"
        for name, values in variants.get(found["name"], {}).items()
    ]
    return f"if {' or '.join(['not isinstance(data, dict)', *tests])}:{found['rest']}"
