"""The attrs client, by openapi-python-client.

The generator ignores unknown keys of its configuration, skips what it cannot generate with no more
than a warning, and formats with whichever ruff is on PATH: here the first two are errors, and
formatting is left to `scripts.generation.package`.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pickle import UnpicklingError
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import attrs
import jinja2

from scripts import light_import
from scripts.contract.operations.contribution import template
from scripts.documents import Document
from scripts.facts import escape
from scripts.failure import PipelineError, Problem, refuse
from scripts.generation.generators import identifiers
from scripts.generation.generators.adaptation import adapted
from scripts.generation.generators.styles import styled
from scripts.generation.generators.worker import serve
from scripts.generation.restatement.profile import OTHER_NAMES
from scripts.generation.restatement.variants import MARK
from scripts.members import Members

if TYPE_CHECKING:
    from jinja2 import BytecodeCache
    from jinja2.bccache import Bucket
    from openapi_python_client.config import Config, ConfigFile
    from openapi_python_client.parser import GeneratorData
    from openapi_python_client.parser.errors import GeneratorError


def render(document: dict[str, Any], config: Document, *, file: str) -> dict[str, str]:
    """Return the files of a profiled contract's client, by path below its package.

    `config` is the generator's configuration; its `post_hooks` are not run. `file` names the
    contract in problems. Raises `PipelineError` for keys of the configuration that the generator
    does not know or whose value it refuses, and for every warning of the generator, since each
    means that something of the contract is missing from the client.
    """
    data, setup = _read(document, config, file)
    with TemporaryDirectory() as folder:
        # A folder of its own: a worker that outlives a killed run must not write into the next one.
        package = Path(folder) / "package"
        _write(data, attrs.evolve(setup, output_path=package), file)
        files = {
            path.relative_to(package).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(package.rglob("*.py"))
        }
    marks = ((model.class_info.name, model.data.model_extra or {}) for model in data.models)
    variants = {str(name): extra[MARK] for name, extra in marks if MARK in extra}
    return adapted(
        files, variants, _styles(data, document, setup), _other_names(data, document, setup)
    )


def _read(document: dict[str, Any], config: Document, file: str) -> tuple[GeneratorData, Config]:
    settings = _settings(config)
    from openapi_python_client.config import Config, MetaType
    from openapi_python_client.parser import GeneratorData
    from openapi_python_client.parser.errors import GeneratorError
    from openapi_python_client.schema import Schema
    from openapi_python_client.schema.untrusted_string import UntrustedString

    for kind, method, own in (
        # In messages they would appear as objects at an address. Not as they are: whatever leaks
        # into generated code must not be code.
        (UntrustedString, "__repr__", _encoded),
        # The generator copies each operation three times with all that it refers to. What is of the
        # contract never changes: to copy that too would be 0.4 of the time of a whole reference.
        (UntrustedString, "__deepcopy__", _itself),
        (Schema, "__deepcopy__", _itself),
    ):
        setattr(kind, method, own)
    setup = Config.from_sources(
        settings.model_copy(update={"post_hooks": []}),
        MetaType.NONE,
        document_source="",
        file_encoding="utf-8",
        overwrite=False,
        output_path=None,
    )
    data = GeneratorData.from_dict(document, config=setup)
    if isinstance(data, GeneratorError):
        raise PipelineError.of([_problem(data, file)])
    identifiers.separate(data, setup)
    return data, setup


def _write(data: GeneratorData, setup: Config, file: str) -> None:
    """Write the client into the folder that `setup` names, which must not exist yet."""
    import openapi_python_client as generator

    project = generator.Project(openapi=data, config=setup)
    project.env.bytecode_cache = _compiled()
    try:
        problems = project.build()
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        what = f"a name is too long for a file: {Path(str(error.filename)).name[:60]}..."
        hint = "give the operation, or the schema that is within others, a shorter name"
        raise PipelineError(what, file=file, hint=hint) from None
    refuse(_problem(problem, file) for problem in problems)


class Templates(jinja2.FileSystemBytecodeCache):
    """Compiled templates in a folder; one that cannot be read or kept is compiled again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read one, if it is there and whole: a machine may have stopped while it was written."""
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one, if the disk has room for it."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _compiled() -> BytecodeCache | None:
    """Return where compiled templates are kept: to compile them is 0.7 of a small contract's time.

    That is where Python keeps its compiled modules. Templates that have changed are compiled again.
    """
    import openapi_python_client

    folder = Path(__file__).with_name("__pycache__")
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    # What a template compiles to depends on how the generator sets up jinja, too.
    versions = f"{jinja2.__version__}-{openapi_python_client.__version__}"
    names = f"jinja-{versions}-%s.{sys.implementation.cache_tag}"
    return Templates(str(folder), names)


def _styles(
    data: GeneratorData, document: dict[str, Any], setup: Config
) -> dict[str, list[tuple[str, str]]]:
    """Return the edits for parameters of other styles, by the operation's file."""
    from openapi_python_client import strings

    # The generator changes the names of a path's parameters.
    paths = {template(path): path for path in document["paths"]}
    found = {}
    for tag, collection in data.endpoint_collections_by_tag.items():
        for endpoint in collection.endpoints:
            path = paths[template(endpoint.path.get_untrusted_value())]
            names = {
                (str(place), one.name.get_untrusted_value()): one.python_name
                for place, one in endpoint.iter_all_parameters()
            }
            edits = [
                one.edit(names[one.place, one.name], strings.in_double_quote_literal(one.name))
                for one in styled(document, path, endpoint.method)
            ]
            if edits:
                module = strings.PythonIdentifier(endpoint.name, setup.field_prefix)
                found[f"api/{tag}/{module}.py"] = edits
    return found


def _other_names(
    data: GeneratorData, document: dict[str, Any], setup: Config
) -> dict[str, tuple[str, str]]:
    """Return the module and the class of a model, by each other name that it has."""
    from openapi_python_client import strings

    classes = {
        str(one.class_info.name): str(one.class_info.module_name)
        for one in (*data.models, *data.enums)
    }
    found = {}
    for other, name in document.get(OTHER_NAMES, {}).items():
        alias, of = (str(strings.ClassName(one, setup.field_prefix)) for one in (other, name))
        if of in classes and alias not in classes:
            found[alias] = (classes[of], of)
    return found


def _itself(part: Any, _: Any = None) -> Any:
    return part


def _encoded(text: Any) -> str:
    return f"<text {text.get_untrusted_value().encode().hex()}>"


def _decoded(message: str) -> str:
    return re.sub(r"<text ([0-9a-f]*)>", lambda m: bytes.fromhex(m[1]).decode(), message)


def _settings(config: Document) -> ConfigFile:
    """Return the configuration, held to the keys that the generator knows."""
    _import()
    from openapi_python_client.config import ClassOverride, ConfigFile
    from pydantic import ValidationError

    members = Members(config, extensions=False)
    members.keys("", config.value, set(ConfigFile.model_fields))
    overrides = config.value.get("class_overrides")
    for name, override in overrides.items() if isinstance(overrides, dict) else ():
        if isinstance(override, dict):
            known = set(ClassOverride.model_fields)
            members.keys(f"/class_overrides/{escape(name)}", override, known)
    settings = None
    try:
        settings = ConfigFile(**config.value)
    except ValidationError as error:
        for fault in error.errors():
            key = "/".join(map(escape, fault["loc"]))
            members.problem(f"{key}: {fault['msg']}", f"/{key}")
    members.refuse()
    assert settings is not None, "what is not valid is refused"
    return settings


def _problem(error: GeneratorError, file: str) -> Problem:
    what = _decoded(" ".join(filter(None, [error.header, error.detail])))
    operation = re.search(r"WARNING parsing (\w+) (\S+) within", what)
    component = re.search(r"(/components/\w+/[^\s:]+)", what)
    if operation:
        what += f" (at /paths/{escape(operation[2])}/{operation[1].lower()})"
    elif component:
        what += f" (at {component[1]})"
    about = getattr(error, "data", None)  # of a ParseError: the part it could not read
    text = None if about is None else about.model_dump_json(exclude_unset=True, by_alias=True)
    hint = "the client would lack this: change the contract by an overlay, or the profile"
    return Problem(f"openapi-python-client: {what}", file, text=text, hint=hint)


def _import() -> None:
    """Import the generator without its HTTP client, an eighth of its import: it fetches nothing."""
    with light_import.without("httpcore", "httpx"):
        import_module("openapi_python_client")


def _work(request: dict[str, Any]) -> dict[str, str]:
    return render(request["document"], Document(**request["config"]), file=request["file"])


if __name__ == "__main__":
    serve(_import, _work)
