"""Pydantic v2 models for those who want them, by datamodel-code-generator: one module.

Made from the profiled contract, like the attrs client: they read what the same server sends, and
pydantic would refuse an unknown status or a null even where attrs lets them pass.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from scripts.failure import PipelineError
from scripts.generation.generators.worker import serve
from scripts.generation.restatement.profile import OTHER_NAMES
from scripts.generation.restatement.variants import MARK, UNION
from scripts.generation.restatement.vocabulary import schemas

_HEADER = '''\
"""Pydantic models of the API, for those who prefer them: pip install 'blaxel-jobs[pydantic]'.

Generated from spec/openapi.yaml; never edited.
"""
'''

_IMPORT = """\
try:
    from pydantic import {names}
except ImportError as error:
    raise ImportError(
        "{{__name__}} needs pydantic 2: pip install 'blaxel-jobs[pydantic]'"
    ) from error
""".replace('"{{__name__}}', 'f"{{__name__}}')


def render(document: dict[str, Any], *, file: str) -> str:
    """Return the source of the module, not formatted yet; `document` is changed on the way.

    Models take snake_case names and the API's own, keep keys they do not know, and accept what the
    profile tolerates. `file` names the contract in problems. Raises `PipelineError` if the
    generator fails.
    """
    import datamodel_code_generator as generator
    from datamodel_code_generator.enums import DataModelType, UnionMode

    _fix_variants(document)
    for schema in schemas(document):
        _drop_default(schema)
    try:
        source = generator.generate(
            document,
            input_file_type=generator.InputFileType.OpenAPI,
            output_model_type=DataModelType.PydanticV2BaseModel,
            target_python_version=generator.PythonVersion.PY_311,
            snake_case_field=True,
            allow_population_by_field_name=True,
            allow_extra_fields=True,
            # Left to right: otherwise pydantic takes a known status for the plain string beside it.
            union_mode=UnionMode.left_to_right,
            use_specialized_enum=True,
            capitalise_enum_members=True,
            use_standard_collections=True,
            use_union_operator=True,
            field_constraints=True,
            use_schema_description=True,
            use_field_description=True,
            use_single_line_docstring=True,
            disable_timestamp=True,
            custom_file_header=_HEADER,
            formatters=[],
        )
    except generator.Error as error:
        if str(error) == "Models not found in the input data":
            return _HEADER
        raise PipelineError(f"datamodel-code-generator: {error}", file=file) from error
    if not isinstance(source, str):
        what = "datamodel-code-generator made several modules of the contract, or none"
        raise PipelineError(what, file=file, hint="component names must not contain dots")
    source, count = re.subn(
        r"^from pydantic import ([\w, ]+)\n",
        lambda found: _IMPORT.format(names=found[1]),
        source,
        flags=re.MULTILINE,
    )
    if count > 1 or (not count and "pydantic" in source.removeprefix(_HEADER)):
        what = "datamodel-code-generator did not import pydantic in one line"
        raise PipelineError(what, file=file, hint="adapt pydantic_models.py to its output")
    source = _FIELD.sub(_without_needless_mode, source)
    return source + _other_names(source, document.get(OTHER_NAMES, {}))


def _other_names(source: str, names: dict[str, str]) -> str:
    """Return the lines that give a model its other names."""
    models = set(re.findall(r"^class (\w+)\(", source, re.MULTILINE))
    lines = [
        f"{other} = {name}\n"
        for other, name in names.items()
        if name in models and other not in models and other.isidentifier()
    ]
    return "".join(["\n\n", *lines]) if lines else ""


def _fix_variants(document: dict[str, Any]) -> None:
    """Let an alternative of a union be read only from an object with its values.

    Pydantic takes an object for the first alternative that fits. One that others are made of stays
    open: it is tried after them, and its members are theirs.
    """
    everything = list(schemas(document))
    bases = {one.get("$ref") for schema in everything for one in schema.get("allOf", ())}
    components = document.get("components", {}).get("schemas", {})
    open_ones = [components.get(str(base).rpartition("/")[2]) for base in bases]
    for schema in everything:
        schema.pop(UNION, None)
        marked = schema.pop(MARK, {})
        if any(schema is one for one in open_ones):
            continue
        for name, values in marked.items():
            fixed = {"const": values[0]} if len(values) == 1 else {"enum": values}
            schema["properties"] = {**schema.get("properties", {}), name: fixed}


def _drop_default(schema: dict[str, Any]) -> None:
    """Drop a default that pydantic would not convert: it does not look at defaults.

    Of an enum it would be a plain text, and of a time as well.
    """
    if {"enum", "const", "format", "$ref", "anyOf", "oneOf", "allOf"} & schema.keys():
        schema.pop("default", None)


_FIELD = re.compile(
    r"^    \w+: (?P<type>.+) = Field\(.*(?P<mode>, union_mode='left_to_right')", re.MULTILINE
)


def _without_needless_mode(field: re.Match[str]) -> str:
    """Return a field without the mode of its union, if there is but one alternative to None.

    The generator writes it there as well, and pydantic refuses to build such a model.
    """
    annotation = ast.parse(field["type"], mode="eval").body
    if len([one for one in _alternatives(annotation) if ast.unparse(one) != "None"]) > 1:
        return field[0]
    return field[0].removesuffix(field["mode"])


def _alternatives(annotation: ast.expr) -> list[ast.expr]:
    if isinstance(annotation, ast.BinOp):
        return [*_alternatives(annotation.left), *_alternatives(annotation.right)]
    return [annotation]


def _work(request: dict[str, Any]) -> str:
    return render(request["document"], file=request["file"])


def _warm_up() -> None:
    """Make the least of models: the generator loads most of itself at work, 0.6 of its 1 s."""
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    least = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {}}
    render({**least, "components": {"schemas": {"Least": schema}}}, file="")


if __name__ == "__main__":
    serve(_warm_up, _work)
