"""Python names of properties and parameters that the generated code needs for itself.

openapi-python-client lets a property called `d` or `cls` take the place of its own variable, and a
parameter called `params` that of the dict it is put into. Such a name gets an underscore.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openapi_python_client.config import Config
    from openapi_python_client.parser import GeneratorData
    from openapi_python_client.parser.properties import Property

_IN_A_MODEL = frozenset(
    (
        "additional_keys", "additional_properties", "cast", "cls", "d", "datetime", "field_dict",
        "files", "from_dict", "isoparse", "json", "prop", "prop_dict", "prop_name", "src_dict",
        "to_dict", "to_multipart", "types", "Any", "Mapping", "T", "TYPE_CHECKING", "TypeVar",
        "UNSET", "Unset",
    )
)  # fmt: skip
_IN_AN_OPERATION = frozenset(
    (
        "body", "cast", "client", "cookies", "datetime", "errors", "headers", "httpx", "isoparse",
        "joined", "kwargs", "params", "quote", "response", "sync", "asyncio", "sync_detailed",
        "asyncio_detailed", "url",
    )
)  # fmt: skip


def separate(data: GeneratorData, config: Config) -> None:
    """Rename in place whatever would hide a name of the generated code."""
    for model in data.models:
        properties = [*(model.required_properties or ()), *(model.optional_properties or ())]
        _rename(properties, _IN_A_MODEL | {str(model.class_info.module_name)}, config)
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            before = {id(one): one.python_name for one in endpoint.path_parameters}
            parameters = [one for _, one in endpoint.iter_all_parameters()]
            _rename(parameters, _IN_AN_OPERATION, config)
            for one in endpoint.path_parameters:
                path = endpoint.path.get_untrusted_value()
                path = path.replace(f"{{{before[id(one)]}}}", f"{{{one.python_name}}}")
                endpoint.path = type(endpoint.path)(path)


def _rename(properties: Iterable[Property], taken: Iterable[str], config: Config) -> None:
    names = {str(one.python_name) for one in properties}
    for one in properties:
        name = str(one.python_name)
        while name in taken or (name != one.python_name and name in names):
            name += "_"
        if name != one.python_name:
            names.add(name)
            one.set_python_name(type(one.name)(name), config, skip_snake_case=True)
