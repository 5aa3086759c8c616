"""What the attrs client says otherwise than openapi-python-client writes it: a few lines of text.

Where the generator does not write a line any more that is to be changed, that is an error: no
change is ever left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from scripts.failure import PipelineError

__all__ = ["adapted"]

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


def adapted(files: Mapping[str, str]) -> dict[str, str]:
    """Return a client's files in which each operation has its response decoded by the client.

    So a client of another class can hold every answer to its types. Raises `PipelineError` where a
    file is not as the pinned generator writes it.
    """
    changed = dict(files)
    for name in files:
        if name == "client.py":
            changed[name] = _edited(name, files[name], _CLIENT)
        elif name.startswith("api/") and not name.endswith("__init__.py"):
            changed[name] = _edited(name, files[name], _OPERATION)
    return changed


def _edited(name: str, text: str, edits: list[tuple[str, str, int]]) -> str:
    for old, new, count in edits:
        if text.count(old) != count:
            what = f"openapi-python-client writes {name} in another way: {old.strip()!r}"
            hint = "adapt scripts/generation/adaptation.py to its output"
            raise PipelineError(what, hint=hint)
        text = text.replace(old, new)
    return text
